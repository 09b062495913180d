"""活动: the list and the month, and the page of one event."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.paging import WindowPaginator
from core.qr import qr_svg
from liaisons.event_calendar import first_of, month_of, topics_of, within_month
from liaisons.filters import EventFilter
from liaisons.models import ServiceEvent
from liaisons.permissions import may_organise, may_plan_events
from liaisons.services import events as services
from portal.event_file import event_file

PER_PAGE = 25


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come first, then what is over; filtered by the URL."""
    filterset = EventFilter(request.GET, queryset=visible(request).coming_first(), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    for event in page:
        _label(event, filterset.rules)
        event.is_unrecorded = event.state in services.OPEN and event.ends_at < now
    context = _looking(request, filterset) | {"page": page}
    return render(request, "portal/events.html", context)


@require_safe
def event_month(request: HttpRequest) -> HttpResponse:
    """The same as a month's grid, with the topics the plan sets for it."""
    filterset = EventFilter(request.GET, queryset=visible(request), request=request)
    first = first_of(request.GET.get("month", "")) or clock.today().replace(day=1)
    events = list(within_month(filterset.qs, first).order_by("starts_at", "pk"))
    for event in events:
        _label(event, filterset.rules)
    month = month_of(first, events)
    context = _looking(request, filterset) | {
        "month": month,
        "previous": _with_month(request, month.previous),
        "following": _with_month(request, month.following),
        "topics": topics_for(filterset.rules, first.month),
        "count": len(events),
    }
    return render(request, "portal/events_month.html", context)


def visible(request: HttpRequest) -> QuerySet[ServiceEvent]:
    return ServiceEvent.objects.visible_to(request.user).select_related("organiser", "leader", "district")


def _label(event: ServiceEvent, rules) -> None:
    event.kind_label = rules.label("event_kinds", event.kind) if rules else event.kind


def _looking(request: HttpRequest, filterset: EventFilter) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("page", None)
    suffix = f"?{query.urlencode()}" if query else ""
    here = request.resolver_match.url_name
    tabs = [
        {"label": label, "url": reverse(f"portal:{name}") + suffix, "current": here == name}
        for label, name in (("列表", "events"), ("月历", "events_month"))
    ]
    rules = filterset.rules
    return {
        "filterset": filterset,
        "tabs": tabs,
        "may_plan": may_plan_events(request.user),
        "has_weekly": bool(rules and any(kind.weekday is not None for kind in rules.events.kinds)),
    }


def _with_month(request: HttpRequest, month: str) -> str:
    query = request.GET.copy()
    query["month"] = month
    return f"?{query.urlencode()}"


def topics_for(rules, month: int, kind: str = "") -> list[dict[str, Any]]:
    if rules is None:
        return []
    return [
        {"topic": topic, "kind_label": rules.label("event_kinds", topic.kind)}
        for topic in topics_of(rules, month, kind)
    ]


@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "portal/event.html", event_file(request.user, event_or_404(request, pk)))


@require_safe
def event_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The announcement on one A4, to be put up at the door; its code leads to the public page."""
    event = event_or_404(request, pk)
    if event.announced_at is None:
        return instead(request, event, "还没有公示，公示后才能打印。")
    url = request.build_absolute_uri(reverse("public:event", args=[event.district.code, event.pk]))
    context = event_file(request.user, event) | {"qr": qr_svg(url), "public_url": url}
    return render(request, "portal/event_notice.html", context)


def event_or_404(request: HttpRequest, pk: int) -> ServiceEvent:
    events = visible(request).select_related("organiser", "leader", "district", "recorded_by")
    return get_object_or_404(events.prefetch_related("leader__posts__unit"), pk=pk)


def to_run(request: HttpRequest, pk: int) -> ServiceEvent:
    event = event_or_404(request, pk)
    if not may_organise(request.user, event):
        raise PermissionDenied(services.NOT_YOURS)
    return event


def instead(request: HttpRequest, event: ServiceEvent, why: str) -> HttpResponse:
    """Back to the event with the reason: nobody is at fault, the moment is not right."""
    messages.error(request, why)
    return redirect("portal:event", event.pk)
