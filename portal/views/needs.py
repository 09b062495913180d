"""The public side of the needs lists: the published list, and what a firm reports of itself behind its plaque."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appeals.views.access import district_or_404
from campaigns.models import PublishedNeeds
from campaigns.needs.forms.financing import FirmNeedForm
from campaigns.needs.forms.jobs import FirmOpeningForm
from campaigns.needs.public_lists import still_sought
from campaigns.needs.services.financing import report_need
from campaigns.needs.services.openings import report_opening
from core import tokens
from portal.views.plaques import answered, scanned

LIMIT = "plaque-needs"
"""Counted apart from visits and changes: who reports five openings can still ask for a visit."""


@login_not_required
@require_safe
def jobs(request: HttpRequest, code: str) -> HttpResponse:
    """本月岗位和求职清单, of what was published what still holds; the month before as long as there is none yet."""
    district, profile = district_or_404(code)
    published = PublishedNeeds.objects.public().filter(district=district).first()
    openings = still_sought(published) if published else []
    context = {
        "district": district,
        "rules": profile.rules,
        "published": published,
        "openings": openings,
        "wanted": sum(row["wanted"] for row in openings),
    }
    return render(request, "public/jobs.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_an_opening(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """填报用工需求."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    data = request.POST if request.method == "POST" else None
    form = FirmOpeningForm(data, rules=found.rules, initial={"token": tokens.new_token()})

    def tell(data: dict[str, Any]) -> int:
        return report_opening(entry=found.entry, facts=form.facts()).pk

    said = "已收到，工作人员核实后列入用工需求清单。"
    draft = f"plaque-opening-{found.plaque.pk}"
    context = found.context | {"form": form, "draft": draft}
    return answered(request, found, form, tell, said, draft, LIMIT) or render(
        request, "public/plaque_opening.html", context, status=422 if form.errors else 200
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_a_financing_need(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """填报融资需求."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    data = request.POST if request.method == "POST" else None
    form = FirmNeedForm(data, rules=found.rules, initial={"token": tokens.new_token()})

    def tell(data: dict[str, Any]) -> int:
        return report_need(entry=found.entry, facts=form.facts()).pk

    said = "已收到，工作人员会与您联系核实，再交金融机构对接。"
    draft = f"plaque-financing-{found.plaque.pk}"
    context = found.context | {"form": form, "draft": draft}
    return answered(request, found, form, tell, said, draft, LIMIT) or render(
        request, "public/plaque_financing.html", context, status=422 if form.errors else 200
    )
