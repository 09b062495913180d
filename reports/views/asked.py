"""What the pages of the district's tables share: who reads them, and which week is asked for."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from core.wording import speak
from enterprises.querysets import DISTRICT_WIDE
from reports.models import ReportingPeriod


def overseers_only(request: HttpRequest) -> None:
    if not request.user.has_role(*DISTRICT_WIDE):
        raise PermissionDenied(speak("全区的工作情况表由牵头局、区领导和督查查看。"))


def asked_period(request: HttpRequest) -> ReportingPeriod | None:
    """The week asked for by its cut-off day, else the newest; 404 for a day on which none ends."""
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("profile", "district")
    asked = request.GET.get("ending", "")
    if not asked:
        return periods.first()
    try:
        found = periods.filter(ending=date.fromisoformat(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found
