from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.paging import WindowPaginator
from notifications import services
from notifications.models import Notice


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The user's own notices, the newest first."""
    notices = Notice.objects.visible_to(request.user).inbox()
    if request.GET.get("unread"):
        notices = notices.unread()
    page = WindowPaginator(notices, 30).get_page(request.GET.get("page"))
    return render(
        request, "notifications/inbox.html", {"page": page, "only_unread": request.GET.get("unread")}
    )


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user).inbox(), pk=pk)
    services.mark_read(request.user, pk=notice.pk)
    return redirect(notice.url or "notifications:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_read(request.user)
    return redirect("notifications:inbox")
