"""Many indicators at once, grouped by unit, category, week …: one query a source, whatever the district's size."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, CharField, Count, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate, TruncMonth

from accounts.models import Unit
from appeals.models import Appeal
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from districts.workdays import SHANGHAI
from reports.indicators import RATES, REGISTRY
from reports.indicators.base import Context, Indicator, Ratio, Source, Workdays
from reports.spans import Span

ZERO = Decimal(0)
_ALWAYS = Q(pk__isnull=False)
Values = Mapping[str, Decimal]
"""By the name of the indicator."""
GROUP = "group_key"


def everybody(district: Region, rules: Rules) -> dict[int, int]:
    """Every unit of the district, and the one it counts for: a window for the unit above it."""
    units = Unit.objects.filter(district=district).values_list("pk", "kind", "parent")
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
    counted: dict[Hashable, dict[str, Decimal]] = {}
    for source, indicators in _by_source(names).items():
        marked = _marked(source, indicators, context, by)
        aggregates = {
            indicator.name: indicator.aggregate(Q(**{f"is_{indicator.name}": True}))
            for indicator in indicators
            if not isinstance(indicator, Workdays)
        }
        if aggregates:
            for line in marked.values(GROUP).annotate(**aggregates):
                values = counted.setdefault(line[GROUP], {})
                values.update({name: Decimal(line[name] or 0) for name in aggregates})
        for indicator in indicators:
            if isinstance(indicator, Workdays):
                for key, days in _workdays(indicator, marked, context).items():
                    counted.setdefault(key, {})[indicator.name] = days
    return dict(counted)


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


def _marked(source: Source, indicators: Iterable[Indicator], context: Context, by: str) -> QuerySet:
    """The records of the span, each with its group and with the indicators it counts in."""
    records = source.records(context).filter(source.when(context.span))
    marks: dict[str, Any] = {GROUP: _key(source, by)}
    for indicator in indicators:
        matches = indicator.matches(context) or _ALWAYS
        marks[f"is_{indicator.name}"] = ExpressionWrapper(matches, BooleanField())
    return records.annotate(**marks)


def _key(source: Source, by: str) -> Combinable:
    if not by:
        return Value(None, output_field=CharField(null=True))
    if by == "month":
        return TruncMonth(source.occurred, tzinfo=SHANGHAI)
    return source.key(by)


def _workdays(indicator: Workdays, marked: QuerySet, context: Context) -> dict[Hashable, Decimal]:
    """Grouped by the two days first, so that a year of records makes a few thousand lines at most."""
    calendar = work_calendar(context.rules)
    pairs = (
        marked.filter(**{f"is_{indicator.name}": True})
        .annotate(
            first_day=TruncDate(F(indicator.start), tzinfo=SHANGHAI),
            last_day=TruncDate(F(indicator.end), tzinfo=SHANGHAI),
        )
        .values_list(GROUP, "first_day", "last_day")
        .annotate(records=Count("pk"))
    )
    found: dict[Hashable, Decimal] = {}
    for key, first, last, records in pairs:
        found[key] = found.get(key, ZERO) + Decimal(calendar.count(first, last) * records)
    return found
