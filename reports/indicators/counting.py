"""Many indicators at once, grouped by unit, category, week …: one query a source, whatever the district's size."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate, TruncMonth

from accounts.models import Unit
from appeals.models import Appeal
from core import clock
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from districts.workdays import SHANGHAI
from liaisons.cadence import start_of
from reports.indicators import RATES, REGISTRY
from reports.indicators.base import Context, Indicator, Longest, Ratio, Source, Workdays
from reports.spans import DAY, Span

ZERO = Decimal(0)
_ALWAYS = Q(pk__isnull=False)
Values = Mapping[str, Decimal]
"""By the name of the indicator."""
Group = tuple[Any, ...]
"""What the records of a tally have in common."""
GROUP = "group_key"


def everybody(district: Region, rules: Rules) -> dict[int, int]:
    """Every unit of the district, and the one it counts for: a window for the unit above it."""
    units = Unit.objects.filter(district=district)
    return units_counted_for(units.values_list("pk", "kind", "parent"), rules)


def units_counted_for(units: Iterable[tuple[int, str, int | None]], rules: Rules) -> dict[int, int]:
    """Of units that are at hand: number, kind, the unit above."""
    return {
        pk: parent if parent and kind not in rules.handling_unit_kinds else pk for pk, kind, parent in units
    }


def context_for(
    district: Region, rules: Rules, start: datetime, end: datetime, appeals: QuerySet[Appeal] | None = None
) -> Context:
    """A whole district from one moment up to (not including) another; ``appeals``: of these alone."""
    if appeals is None:
        appeals = Appeal.objects.filter(district=district)
    return Context(rules, Span(start, end), everybody(district, rules), appeals=appeals)


def count(names: Iterable[str], context: Context, by: str = "") -> dict[Hashable, Values]:
    """The named indicators, by the values of ``by``: "unit", "month", a key of the source or a field of the appeal.

    Without ``by`` all stands under the key None. Indicators that found nothing are left out, and are zero.
    """
    return {key: values for (key,), values in tally(names, context, by).items()}


def tally(names: Iterable[str], context: Context, *by: str) -> dict[Group, Values]:
    """Like :func:`count`, by several things at once: what :func:`fold` then adds up by each of them."""
    counted: dict[Group, dict[str, Decimal]] = {}
    for source, indicators in _by_source(names).items():
        marked = _marked(source, indicators, context, by)
        groups = [f"{GROUP}_{place}" for place in range(len(by))]
        aggregates = {
            indicator.name: indicator.aggregate(Q(**{f"is_{indicator.name}": True}))
            for indicator in indicators
            if not isinstance(indicator, Workdays)
        }
        if aggregates:
            for line in marked.values(*groups).annotate(**aggregates):
                values = counted.setdefault(tuple(line[group] for group in groups), {})
                for indicator in indicators:
                    if indicator.name in aggregates:
                        values[indicator.name] = indicator.figure(line[indicator.name], context)
        for indicator in indicators:
            if isinstance(indicator, Workdays):
                for key, days in _workdays(indicator, marked, groups, context).items():
                    counted.setdefault(key, {})[indicator.name] = days
    return dict(counted)


def fold(counted: Mapping[Group, Values], place: int) -> dict[Hashable, Values]:
    """What was tallied by several things, by the one at that place. Only for records that lie in one group each."""
    folded: dict[Hashable, dict[str, Decimal]] = {}
    for key, values in counted.items():
        together = folded.setdefault(key[place], {})
        for name, value in values.items():
            before = together.get(name, ZERO)
            together[name] = max(before, value) if isinstance(REGISTRY[name], Longest) else before + value
    return dict(folded)


def course(names: Iterable[str], context: Context, spans: Sequence[Span]) -> list[Values]:
    """The named indicators in each of some spans: one query a source, however many spans there are."""
    found: list[dict[str, Decimal]] = [{} for _ in spans]
    for source, indicators in _by_source(names).items():
        marks: dict[str, Any] = {}
        aggregates: dict[str, Aggregate] = {}
        for place, span in enumerate(spans):
            for indicator in indicators:
                name = f"{indicator.name}_{place}"
                matches = source.when(span) & indicator.matches(context.within(span))
                marks[f"is_{name}"] = ExpressionWrapper(matches, BooleanField())
                aggregates[name] = indicator.aggregate(Q(**{f"is_{name}": True}))
        within = reduce(or_, (source.when(span) for span in spans))
        line = source.records(context).filter(within).annotate(**marks).aggregate(**aggregates)
        for place, values in enumerate(found):
            for one in indicators:
                values[one.name] = one.figure(line[f"{one.name}_{place}"], context.within(spans[place]))
    return list(found)


def rates(names: Iterable[str], context: Context, by: str = "") -> dict[Hashable, dict[str, Ratio]]:
    """The named rates, by the values of ``by``."""
    wanted = [RATES[name] for name in names]
    needed = {indicator.name for rate in wanted for indicator in rate.indicators}
    return {
        key: {rate.name: rate.of(values) for rate in wanted}
        for key, values in count(needed, context, by).items()
    }


def _by_source(names: Iterable[str]) -> dict[Source, list[Indicator]]:
    found: dict[Source, list[Indicator]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(REGISTRY[name].source, []).append(REGISTRY[name])
    return found


def _marked(source: Source, indicators: Iterable[Indicator], context: Context, by: Sequence[str]) -> QuerySet:
    """The records of the span, each with its groups and with the indicators it counts in."""
    records = source.records(context).filter(source.when(context.span))
    marks: dict[str, Any] = {f"{GROUP}_{place}": _key(source, name, context) for place, name in enumerate(by)}
    for indicator in indicators:
        matches = indicator.matches(context) or _ALWAYS
        marks[f"is_{indicator.name}"] = ExpressionWrapper(matches, BooleanField())
    return records.annotate(**marks)


def _key(source: Source, by: str, context: Context) -> Combinable:
    if not by:
        return Value(None, output_field=CharField(null=True))
    if by == "month":
        return TruncMonth(source.occurred, tzinfo=SHANGHAI)
    if by == "age":
        return Case(
            *(
                When(**{f"{source.occurred}__gte": came_in(age, context)[0]}, then=Value(age))
                for age in list(AGES)[:-1]
            ),
            default=Value(list(AGES)[-1]),
        )
    return source.key(by)


def _workdays(
    indicator: Workdays, marked: QuerySet, groups: Sequence[str], context: Context
) -> dict[Group, Decimal]:
    """Grouped by the two days first, so that a year of records makes a few thousand lines at most."""
    calendar = work_calendar(context.rules)
    pairs = (
        marked.filter(**{f"is_{indicator.name}": True})
        .annotate(
            first_day=TruncDate(F(indicator.start), tzinfo=SHANGHAI),
            last_day=TruncDate(F(indicator.end), tzinfo=SHANGHAI),
        )
        .values_list(*groups, "first_day", "last_day")
        .annotate(records=Count("pk"))
    )
    found: dict[Group, Decimal] = {}
    for *group, first, last, records in pairs:
        key = tuple(group)
        found[key] = found.get(key, ZERO) + Decimal(calendar.count(first, last) * records)
    return found


# --- How long the open ones have been open --------------------------------------------------------

AGES: Mapping[str, tuple[int, int | None]] = {
    "0-7": (0, 7),
    "8-15": (8, 15),
    "16-30": (16, 30),
    "31-60": (31, 60),
    "61-": (61, None),
}
"""In calendar days from the day it came in, both ends included."""


def came_in(age: str, context: Context) -> tuple[datetime | None, datetime]:
    """When something of that age came in: from (None: ever) up to, not including, the second moment."""
    least, most = AGES[age]
    day = min(context.span.last_day, clock.today())
    return None if most is None else start_of(day - most * DAY), start_of(day - (least - 1) * DAY)


def following_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)
