"""公开数据: what a district publishes about itself."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from reports.models import PublishedFigures

QUARTERS_SHOWN = 8


@login_not_required
@require_safe
def figures(request: HttpRequest, code: str) -> HttpResponse:
    """The last quarters, each as it was published."""
    district, profile = district_or_404(code)
    quarters = list(PublishedFigures.objects.filter(district=district)[:QUARTERS_SHOWN])
    context = {"district": district, "rules": profile.rules, "quarters": quarters}
    return render(request, "public/figures.html", context)
