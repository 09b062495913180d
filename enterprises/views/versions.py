"""The half-yearly versions of the roster: who handed one in, and who owes one."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.halves import first_day, following, half_label, half_of
from core.wording import speak
from enterprises.policies import importable_region
from enterprises.querysets import DISTRICT_WIDE
from enterprises.roster_versions import keepers
from imports.models import SheetImport


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    if importable_region(request.user) is None and not request.user.has_role(*DISTRICT_WIDE):
        raise PermissionDenied(speak("底册更新情况由维护底册的单位、牵头局和督查查看。"))
    found = keepers(request.user)
    seen = SheetImport.objects.visible_to(request.user).filter(
        pk__in=[keeper.last.pk for keeper in found if keeper.last]
    )
    context = {
        "keepers": found,
        "opens": set(seen.values_list("pk", flat=True)),
        "due": first_day(following(half_of(clock.today()))) - timedelta(days=1),
        "owing": sum(bool(keeper.owed) for keeper in found),
        "late": sum(keeper.is_late for keeper in found),
        "half": half_label(half_of(clock.today())),
        "may_import": importable_region(request.user) is not None,
    }
    return render(request, "enterprises/versions.html", context)
