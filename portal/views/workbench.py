from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.services import end_tour
from appeals import queues
from appeals.models import Appeal
from core.search import normalise
from enterprises.models import Enterprise, Project
from portal.querysets import is_operator
from portal.tours import tour_of
from portal.workbench import workbench as gather

FOUND = 20


@never_cache
@require_GET
def workbench(request: HttpRequest) -> HttpResponse:
    if request.user.unit_id is None and is_operator(request.user):
        return redirect("portal:setups")
    context = {
        "bench": gather(request.user),
        "tour": [] if request.user.toured_at else tour_of(request.user),
    }
    return render(request, "portal/workbench.html", context)


@require_POST
def finish_tour(request: HttpRequest) -> HttpResponse:
    """Seen enough: from now on the steps stand in the manual alone."""
    end_tour(request.user)
    messages.success(request, "以后在“使用手册”里可以随时再看。")
    return redirect("portal:workbench")


@never_cache
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """One box for appeals, enterprises and projects; a number leads straight to its appeal."""
    query = request.GET.get("q", "").strip()[:60]
    found: dict = {"query": query}
    if query and request.user.unit_id:
        user = request.user
        number = normalise(query).upper()
        if Appeal.objects.visible_to(user).filter(number=number).exists():
            return redirect("appeals:detail", number)
        found["appeals"] = list(
            queues.APPEALS_ON_A_DESK.visible_to(user).search(query).order_by("-submitted_at", "-pk")[:FOUND]
        )
        found["enterprises"] = list(
            Enterprise.objects.visible_to(user).search(query).select_related("region")[:FOUND]
        )
        found["projects"] = list(
            Project.objects.visible_to(user).search(query).select_related("region")[:FOUND]
        )
    return render(request, "portal/search.html", found)
