"""The manual: by role, by task, and as one page to print."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from appeals.flow_chart import flow_chart
from appeals.workflow import TRANSITIONS
from districts.models import DistrictProfile
from portal.golive.steps import steps_for
from portal.manual import CHAPTERS, PARTS, ROLES
from portal.tours import tour_of


def _facts(user: User) -> dict[str, Any]:
    """What the chapters are filled with: the rules the portal runs on, in the reader's own district."""
    steps = steps_for(for_change=False)
    limits = DistrictProfile.objects.in_force(user.unit.district).rules.limits if user.unit else None
    return {
        "transitions": TRANSITIONS.values(),
        "chart": flow_chart(limits),
        "golive_steps": steps,
        "golive_minutes": sum(step.minutes for step in steps),
    }


@require_GET
def manual(request: HttpRequest) -> HttpResponse:
    """Who does what, and the chapters."""
    return render(
        request, "portal/manual.html", {"roles": ROLES, "parts": PARTS, "tour": tour_of(request.user)}
    )


@require_GET
def chapter(request: HttpRequest, code: str) -> HttpResponse:
    """One chapter, with the way to its neighbours."""
    if code not in CHAPTERS:
        raise Http404
    codes = list(CHAPTERS)
    place = codes.index(code)
    context = {
        "chapter": CHAPTERS[code],
        "before": CHAPTERS[codes[place - 1]] if place else None,
        "after": CHAPTERS[codes[place + 1]] if place + 1 < len(codes) else None,
        "parts": PARTS,
    }
    return render(request, "portal/manual_chapter.html", context | _facts(request.user))


@require_GET
def whole(request: HttpRequest) -> HttpResponse:
    """All chapters on one page: to search in, and to print."""
    context = {"roles": ROLES, "parts": PARTS}
    return render(request, "portal/manual_whole.html", context | _facts(request.user))
