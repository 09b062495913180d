"""作风意见, for 督查 alone. To everybody else these pages do not exist."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.models import Role
from campaigns.models import ConductRemark
from campaigns.satisfaction.forms import ConductForm
from campaigns.satisfaction.services import conduct as services
from core.paging import WindowPaginator

PER_PAGE = 20
State = ConductRemark.State


def _check(request: HttpRequest) -> None:
    user = request.user
    if user.unit_id is None or not user.has_role(Role.SUPERVISOR) or user.has_role(Role.ADMIN):
        raise Http404


@never_cache
@require_safe
def remark_list(request: HttpRequest) -> HttpResponse:
    """What waits first. The words stand on each one's own page."""
    _check(request)
    rows = ConductRemark.objects.visible_to(request.user).select_related("unit", "official")
    state = request.GET.get("state", "")
    if state in State.values:
        rows = rows.filter(state=state)
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {"label": label, "url": f"?state={code}" if code else "?", "current": code == state}
        for code, label in [("", "全部"), *State.choices]
    ]
    return render(request, "campaigns/satisfaction/conduct.html", {"page": page, "tabs": tabs})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remark_page(request: HttpRequest, pk: object) -> HttpResponse:
    _check(request)
    rows = ConductRemark.objects.visible_to(request.user).select_related("unit", "official", "handled_by")
    remark = get_object_or_404(rows, pk=pk)
    form = None
    if remark.state != State.CLOSED:
        form = ConductForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.handle(by=request.user, remark=remark, **form.cleaned_data)
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "处理情况已保存。")
            return redirect("campaigns:conduct_remark", remark.pk)
    if request.method != "POST":
        audit.record(request.user, "conduct.read", remark)
    status = 422 if request.method == "POST" else 200
    context = {"remark": remark, "form": form}
    return render(request, "campaigns/satisfaction/conduct_remark.html", context, status=status)
