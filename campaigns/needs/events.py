"""招聘会、银企对接会: events that serve a list, counted with what came of it once somebody recorded that they took place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from districts.models import Region
from liaisons.cadence import start_of
from liaisons.models import ServiceEvent


@dataclass(frozen=True)
class Held:
    """So many events, and so many firms at them: one that came to two counts twice."""

    events: int = 0
    firms: int = 0


def held(district: Region, kinds: Collection[str], spans: Collection[tuple[date, date]]) -> list[Held]:
    """Of each span, first and last day, in one query; none where the district has no such kind of event."""
    if not kinds or not spans:
        return [Held() for _ in spans]
    rows = (
        ServiceEvent.objects.filter(district=district, kind__in=kinds, state=ServiceEvent.State.HELD)
        .filter(starts_at__gte=start_of(min(first for first, _ in spans)))
        .filter(starts_at__lt=start_of(max(last for _, last in spans) + timedelta(days=1)))
        .annotate(firms=Count("attendances"))
        .values_list("starts_at", "firms")
    )
    found = list(rows)
    counted = []
    for first, last in spans:
        start, end = start_of(first), start_of(last + timedelta(days=1))
        firms = [number for at, number in found if start <= at < end]
        counted.append(Held(len(firms), sum(firms)))
    return counted
