"""助企服务日 for everybody: what was announced, as pages and as a calendar to subscribe to.

S0 二（二）: announced in advance, with how an appeal is registered (挂号), what is held where, and whom to call
about how it is handled. Nothing internal goes out: no notes, no minutes, nobody who came.
"""

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from campaigns.satisfaction.services.ratings import is_rateable
from core import clock
from core.paging import WindowPaginator
from districts.models import Region
from districts.profile import Rules
from liaisons.event_calendar import first_of, month_of, within_month
from liaisons.event_feed import CONTENT_TYPE, FEED_BACK, calendar_file, leader_of
from liaisons.models import ServiceEvent
from liaisons.services.event_rules import when_and_where

MOST_COMING = 50
PER_PAGE = 10
MOST_IN_FEED = 500


def announced(district: Region) -> QuerySet[ServiceEvent]:
    """With everything the public is told of each."""
    return (
        ServiceEvent.objects.public()
        .filter(district=district)
        .select_related("organiser", "leader", "district")
        .prefetch_related("units", "leader__posts__unit")
    )


@login_not_required
@require_safe
def events(request: HttpRequest, code: str) -> HttpResponse:
    """What is to come, the month as a grid, and what was."""
    district, profile = district_or_404(code)
    now = clock.now()
    coming = list(announced(district).filter(ends_at__gte=now).order_by("starts_at", "pk")[:MOST_COMING])
    past = announced(district).filter(ends_at__lt=now).order_by("-starts_at", "-pk")
    page = WindowPaginator(past, PER_PAGE).get_page(request.GET.get("page"))
    first = first_of(request.GET.get("month", "")) or clock.today().replace(day=1)
    of_month = ServiceEvent.objects.public().filter(district=district)
    for event in (*coming, *page):
        _tell(event, profile.rules)
    context = {
        "district": district,
        "rules": profile.rules,
        "coming": coming,
        "to_come": sum(event.state != ServiceEvent.State.CANCELLED for event in coming),
        "page": page,
        "month": month_of(first, within_month(of_month, first)),
        "feed_url": request.build_absolute_uri(reverse("public:event_calendar", args=[code])),
    }
    return render(request, "public/events.html", context)


@login_not_required
@require_safe
def event(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    district, profile = district_or_404(code)
    found = get_object_or_404(announced(district), pk=pk)
    _tell(found, profile.rules)
    found.when = when_and_where(found)
    found.is_over = found.ends_at < clock.now()
    found.is_rateable = is_rateable(found, profile.rules)
    context = {"district": district, "rules": profile.rules, "event": found}
    return render(request, "public/event.html", context)


@login_not_required
@require_safe
def event_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The feed calendars subscribe to: what is to come, and what was not long ago."""
    district, profile = district_or_404(code)
    lately = announced(district).filter(starts_at__gte=clock.now() - FEED_BACK)
    found = list(lately.order_by("-starts_at", "-pk")[:MOST_IN_FEED])
    return _file(request, district, profile.rules, found, "助企活动.ics")


@login_not_required
@require_safe
def event_file(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One event, to be put into one's own calendar."""
    district, profile = district_or_404(code)
    found = get_object_or_404(announced(district), pk=pk)
    day = clock.local_date(found.starts_at)
    return _file(request, district, profile.rules, [found], f"助企活动{day:%Y%m%d}.ics")


def _file(
    request: HttpRequest, district: Region, rules: Rules, found: list[ServiceEvent], name: str
) -> HttpResponse:
    links = {
        event.pk: request.build_absolute_uri(reverse("public:event", args=[district.code, event.pk]))
        for event in found
    }
    content = calendar_file(district=district, rules=rules, events=found, links=links)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _tell(event: ServiceEvent, rules: Rules) -> None:
    event.kind_label = rules.label("event_kinds", event.kind)
    event.leader_text = leader_of(event, rules)
