"""The burn-down of the list, and its figures: counted from the events alone, as the list stood on each day."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Avg, Count, ExpressionWrapper, F, Min, Q
from django.db.models.fields import DurationField
from django.db.models.functions import TruncDate

from appeals.models import BacklogEvent, BacklogItem
from appeals.querysets import BacklogQuerySet
from core import clock

WEEK = timedelta(days=7)
Classification, Kind, State = BacklogItem.Classification, BacklogEvent.Kind, BacklogItem.State


@dataclass(frozen=True)
class Figures:
    """Removed items were no problems: they stand apart, and in no rate."""

    total: int
    cleared: int
    removed: int
    open: int
    overdue: int
    to_confirm: int
    average_days: int | None
    by_class: dict[str, int]

    @property
    def rate(self) -> float | None:
        return round(self.cleared * 100 / self.total, 1) if self.total else None


def figures(items: BacklogQuerySet) -> Figures:
    """One query."""
    is_open = Q(state=State.OPEN)
    took = ExpressionWrapper(F("cleared_at") - F("opened_at"), output_field=DurationField())
    counted = items.order_by().aggregate(
        cleared=Count("pk", filter=Q(state=State.CLEARED)),
        removed=Count("pk", filter=Q(state=State.REMOVED)),
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(reported_at__isnull=True, due_on__lt=clock.today())),
        to_confirm=Count("pk", filter=is_open & Q(reported_at__isnull=False)),
        took=Avg(took, filter=Q(state=State.CLEARED)),
        **{
            f"of_{code}": Count("pk", filter=is_open & Q(classification=code))
            for code in Classification.values
        },
    )
    average = counted.pop("took")
    by_class = {code: counted.pop(f"of_{code}") for code in Classification.values}
    return Figures(
        total=counted["open"] + counted["cleared"],
        average_days=round(average.total_seconds() / 86_400) if average is not None else None,
        by_class=by_class,
        **counted,
    )


@dataclass(frozen=True)
class Week:
    """What happened in a week, and what was left at its end (of the running one: today)."""

    ends: date
    listed: int
    cleared: int
    removed: int
    left: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.left.values())

    @property
    def by_class(self) -> list[int]:
        return [self.left[code] for code in Classification.values]


def burn_down(items: BacklogQuerySet) -> list[Week]:
    """Week by week, Monday to Sunday, from the first that was listed until today. Two queries."""
    events = BacklogEvent.objects.filter(item__in=items.order_by().values("pk")).counted().order_by()
    began = events.aggregate(began=Min("at"))["began"]
    if began is None:
        return []
    moves = (
        events.annotate(on=TruncDate("at")).values_list("on", "kind", "from_class", "to_class")
        .annotate(number=Count("pk")).order_by("on")
    )  # fmt: skip
    by_week: dict[date, list[tuple[str, str, str, int]]] = {}
    for on, kind, before, after, number in moves:
        by_week.setdefault(_sunday(on), []).append((kind, before, after, number))
    today = clock.today()
    left: Counter[str] = Counter()
    weeks = []
    sunday = _sunday(clock.local_date(began))
    while sunday - WEEK < today:
        happened: Counter[str] = Counter()
        for kind, before, after, number in by_week.get(sunday, ()):
            happened[kind] += number
            left[before] -= number
            left[after] += number
        weeks.append(
            Week(
                ends=min(sunday, today),
                listed=happened[Kind.LISTED] + happened[Kind.RESTORED],
                cleared=happened[Kind.CONFIRMED],
                removed=happened[Kind.REMOVED],
                left={code: left[code] for code in Classification.values},
            )
        )
        sunday += WEEK
    return weeks


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())
