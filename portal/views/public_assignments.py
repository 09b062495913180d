"""警企包保公示: which unit looks after which firm, for kinds of assignments the profile publishes. No names."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from core import clock
from core.paging import WindowPaginator
from districts.rotas import AssignmentKind
from liaisons.other_kinds import published

PER_PAGE = 30


@login_not_required
@require_safe
def assignments(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    district, profile = district_or_404(code)
    found: AssignmentKind | None = profile.rules.find("assignment_kinds", kind)
    if found is None or not found.public:
        raise Http404
    page = WindowPaginator(published(found, district), PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        post = one.official.post_on(clock.today())
        one.post_title = post.title if post and post.unit_id == one.unit_id else ""
    context = {"district": district, "rules": profile.rules, "kind": found, "page": page}
    return render(request, "public/assignments.html", context)
