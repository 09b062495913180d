"""警企包保 and other kinds of assignments: who looks after which firm, and who was there in the running period."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.paging import WindowPaginator
from districts.rotas import AssignmentKind
from enterprises.subjects import pages_of
from liaisons.filters import KindFilter
from liaisons.models import Assignment
from liaisons.other_kinds import LEAD, running_period, with_duty
from liaisons.permissions import may_assign, may_end, may_record_visit
from liaisons.selectors import rules_of

PER_PAGE = 25


@require_safe
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever was not there yet comes first."""
    found = _kind(request, code)
    rows = Assignment.every_kind.visible_to(request.user).in_force().filter(kind=found.code)
    rows = with_duty(rows, found)
    filterset = KindFilter(request.GET, queryset=rows, request=request)
    leads = filterset.qs.filter(part=LEAD).order_by()
    listed = filterset.qs.select_related("official", "unit", "region", "enterprise", "project")
    page = WindowPaginator(listed.order_by("is_visited", "unit__order", "unit_id", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    pages = pages_of((one.subject for one in page), request.user)
    for one in page:
        one.page = pages.get(one.subject, "")
        one.may_end = one.ended is None and may_end(request.user, one)
        one.is_mine = one.official_id == request.user.official_id
    context = {
        "kind": found,
        "period": running_period(found),
        "filterset": filterset,
        "page": page,
        "total": leads.count(),
        "visited": leads.filter(is_visited=True).count(),
        "behind": leads.filter(is_behind=True).count(),
        "district": request.user.unit.district if request.user.unit else None,
        "may_assign": may_assign(request.user),
        "may_record_visit": may_record_visit(request.user),
    }
    return render(request, "liaisons/kind.html", context)


def _kind(request: HttpRequest, code: str) -> AssignmentKind:
    rules = rules_of(request.user)
    found: AssignmentKind | None = rules.find("assignment_kinds", code) if rules else None
    if found is None:
        raise Http404
    return found
