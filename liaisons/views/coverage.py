"""包保联系全覆盖 at a glance: by tier, township and unit, with the gaps by name."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.wording import speak
from enterprises.roster_versions import keepers
from liaisons.coverage import coverage as count
from liaisons.permissions import may_assign, may_see_coverage


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    if not may_see_coverage(request.user):
        raise PermissionDenied(speak("覆盖情况由牵头局、区领导、督查、各单位负责人和联络员查看。"))
    context = {
        "coverage": count(request.user),
        "owing": [keeper for keeper in keepers(request.user) if keeper.owed],
        "may_assign": may_assign(request.user),
    }
    return render(request, "liaisons/coverage.html", context)
