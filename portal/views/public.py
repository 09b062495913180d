"""Where visitors arrive: the portal, and a district's home page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from appeals.flow_chart import flow_chart
from appeals.selectors import STATIONS
from appeals.views.access import district_or_404
from districts.models import Region
from liaisons.models import ServiceEvent
from policies.models import Policy
from reports.models import PublishedFigures

POLICIES_SHOWN = 4


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """One district: its home page. Several: choose one."""
    districts = list(Region.objects.real())
    if len(districts) == 1:
        return redirect("public:home", districts[0].code)
    return render(request, "portal/districts.html", {"districts": districts})


@login_not_required
@require_GET
def district_home(request: HttpRequest, code: str) -> HttpResponse:
    """Three doors, the promise, the letter, channels, hotlines and how it goes."""
    district, profile = district_or_404(code)
    return render(
        request,
        "public/home.html",
        {
            "district": district,
            "rules": profile.rules,
            "published": PublishedFigures.objects.filter(district=district).first(),
            "stations": [label for label, _ in STATIONS],
            "next_event": ServiceEvent.objects.filter(district=district).next_announced(),
            "policies": Policy.objects.filter(district=district)
            .public()
            .still_open()
            .select_related("unit")
            .closing_soon_first()[:POLICIES_SHOWN],
        },
    )


@login_not_required
@require_GET
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """附件4: the letter to the entrepreneurs, verbatim."""
    district, profile = district_or_404(code)
    return render(request, "public/letter.html", {"district": district, "rules": profile.rules})


@login_not_required
@require_GET
def flow(request: HttpRequest, code: str) -> HttpResponse:
    """附件1: how an appeal is dealt with, drawn and told, with this district's limits."""
    district, profile = district_or_404(code)
    chart = flow_chart(profile.rules.limits)
    return render(request, "public/flow.html", {"district": district, "rules": profile.rules, "chart": chart})
