"""指标口径: what every figure counts, and what every rate divides by what."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Role
from reports.indicators import GROUPS


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """For every official: whoever is measured may read by what."""
    if not request.user.roles - {Role.ADMIN}:
        raise PermissionDenied("指标口径供各单位工作人员查看。")
    return render(request, "reports/indicators.html", {"groups": GROUPS})
