"""What an indicator is: a queryset and an aggregate over it; a rate is two of them.

``Indicator.evidence(context)`` is the list of records behind a figure, ``Indicator.value(context)`` the
aggregate over that very queryset. Whole districts are counted by grouping the same querysets, see
``reports.figures`` for weekly tables and ``reports.indicators.counting`` for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal

from django.db.models import Aggregate, BigIntegerField, Case, Count, F, Model, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable

from appeals.models import Appeal
from appeals.refusal_figures import RANKED_FROM
from core import clock
from districts.calendars import work_calendar
from districts.profile import Rules
from reports.spans import COUNTED_FOR, REPORTED_BY, Span


@dataclass(frozen=True)
class Context:
    """What is asked: whose work, in which span, under which rules, with which parameters of a row.

    ``counts_for`` maps every unit whose records count to the unit they count for: a service window hands in
    no table, its work counts for the unit above it. With ``appeals``, what is about appeals counts for these
    alone, whichever units have a part in them.
    """

    rules: Rules
    span: Span
    counts_for: Mapping[int, int]
    params: Mapping[str, Any] = field(default_factory=dict)
    appeals: QuerySet[Appeal] | None = None
    formerly: Mapping[int, int] = field(default_factory=dict)
    """Units whose work counts for a successor now, and which unit it counted for before."""
    narrowed: bool = False
    """Only some of the units are asked for."""

    def for_units(self, *units: int) -> Context:
        kept = {unit: target for unit, target in self.counts_for.items() if target in units}
        return replace(self, counts_for=kept, narrowed=True)

    def with_params(self, params: Mapping[str, Any]) -> Context:
        return replace(self, params=params)

    def within(self, span: Span) -> Context:
        return replace(self, span=span)


@dataclass(frozen=True)
class Source:
    """Where records come from: one kind of row, whose work it is, when it happened and was recorded."""

    model: type[Model]
    unit: str
    occurred: str = "occurred_at"
    recorded: str = "recorded_at"
    prepare: Callable[[QuerySet, Context], QuerySet] = lambda records, context: records
    appeal: str | None = None
    """The path to the appeal it is about: "pk" where it is one itself, None where it is about none."""
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Expressions that the other names may point to."""
    keys: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What else it can be grouped by: name -> path."""
    manager: str = "_default_manager"
    """Where the model's default manager leaves something out that counts here."""

    def records(self, context: Context) -> QuerySet:
        """All rows asked for, each with the unit it counts for; no time yet."""
        elsewhere = {unit: target for unit, target in context.counts_for.items() if unit != target}
        whose = self._lifted(elsewhere, F(self.unit))
        manager: Any = getattr(
            self.model, self.manager
        )  # order_by(): a grouped query must not group by the order too
        about_appeals = context.appeals is not None and self.appeal is not None
        rows = manager.all()
        if about_appeals:
            assert context.appeals is not None
            rows = (
                context.appeals.all()
                if self.appeal == "pk"
                else rows.filter(**{f"{self.appeal}__in": context.appeals.order_by().values("pk")})
            )
        rows = rows.annotate(**self.given)
        if context.narrowed or not about_appeals:
            rows = rows.filter(**{f"{self.unit}__in": list(context.counts_for)})
        rows = rows.order_by().annotate(**{COUNTED_FOR: whose})
        if context.span.has_merged_units:
            rows = rows.annotate(**{REPORTED_BY: self._lifted(context.formerly, F(COUNTED_FOR))})
        return self.prepare(rows, context)

    def _lifted(self, targets: Mapping[int, int], otherwise: F) -> Case:
        """The unit that a record's unit stands for."""
        units_of: dict[int, list[int]] = {}
        for unit, target in targets.items():
            units_of.setdefault(target, []).append(unit)
        return Case(
            *(When(**{f"{self.unit}__in": units}, then=Value(target)) for target, units in units_of.items()),
            default=otherwise,
            output_field=BigIntegerField(),
        )

    def when(self, span: Span) -> Q:
        return span.holds(self.occurred, self.recorded)

    def key(self, by: str) -> Combinable:
        """What its records are grouped by: "unit", or a property of the appeal such as "category"."""
        if by == "unit":
            return F(COUNTED_FOR)
        if by in self.keys:
            return F(self.keys[by])
        if self.appeal is None:
            raise ValueError(f"{self.model.__name__} is not about an appeal and has no {by}")
        return F(by if self.appeal == "pk" else f"{self.appeal}__{by}")


@dataclass(frozen=True)
class StateSource(Source):
    """Rows that hold at a moment, the end of the span, instead of happening within it."""

    def when(self, span: Span) -> Q:
        # A cut-off is looked at by its day, as assignments begin and end by days.
        day = span.last_day
        running = Q(**{f"{self.occurred}__lte": day}) & (Q(ended__isnull=True) | Q(ended__gt=day))
        return running & span.known(self.recorded)


@dataclass(frozen=True)
class Indicator:
    name: str
    label: str
    definition: str
    source: Source
    aggregate: Callable[[Q | None], Aggregate] = lambda condition: Count(
        "pk", distinct=True, filter=condition
    )
    matches: Callable[[Context], Q] = lambda context: Q()
    same_once: str = ""
    """Why the district's figure can be smaller than the sum of its units' figures."""
    parameter: str = ""
    """What a row of a table must name before anything can be counted, e.g. "rank_group"."""

    def evidence(self, context: Context) -> QuerySet:
        """The records behind the figure."""
        counted = self.source.records(context).filter(self.source.when(context.span))
        return counted.filter(self.matches(context))

    def value(self, context: Context) -> Decimal:
        found = self.evidence(context).aggregate(value=self.aggregate(None))["value"]
        return self.figure(found, context)

    def figure(self, found: Any, context: Context) -> Decimal:
        """What the aggregate found, as a figure."""
        return Decimal(found or 0)


@dataclass(frozen=True)
class Workdays(Indicator):
    """Working days between two moments of each record, added up: only the calendar can tell, not SQL."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Longest(Indicator):
    """Working days since the earliest ``since`` of the records, up to now or the end of a span that is over.

    Its aggregate finds that moment; groups of it are put together by the larger one.
    """

    since: str = ""

    def figure(self, found: Any, context: Context) -> Decimal:
        if found is None:
            return Decimal(0)
        end = min(context.span.end, clock.now())
        days = work_calendar(context.rules).count(clock.local_date(found), clock.local_date(end))
        return Decimal(max(0, days))


@dataclass(frozen=True)
class Ratio:
    """A share with what it is a share of: nobody reads one without the other."""

    part: Decimal
    whole: Decimal
    measure: Literal["%", "天"] = "%"

    @property
    def text(self) -> str:
        """Cut, not rounded: 100 % is said only when nothing is missing. A dash where there is nothing to share."""
        if not self.whole:
            return "—"
        value = self.part / self.whole * (100 if self.measure == "%" else 1)
        cut = value.quantize(Decimal("0.1"), rounding=ROUND_DOWN)
        return f"{cut}%" if self.measure == "%" else f"{cut}"

    @property
    def share(self) -> Decimal | None:
        return self.part / self.whole if self.whole else None

    @property
    def is_small(self) -> bool:
        """Too few cases to be ranked: one more or less would turn the order round."""
        return self.whole < RANKED_FROM


@dataclass(frozen=True)
class Rate:
    """A share of records: numerator and denominator are indicators, each with its own evidence."""

    name: str
    label: str
    definition: str
    numerator: Indicator
    denominator: tuple[Indicator, ...]
    """Added up."""
    measure: Literal["%", "天"] = "%"
    better: Literal["high", "low"] = "high"

    @property
    def denominator_label(self) -> str:
        return "＋".join(str(indicator.label) for indicator in self.denominator)

    @property
    def full_definition(self) -> str:
        """With numerator and denominator, as it stands under tables and on hover."""
        whole = "".join(str(indicator.definition) for indicator in self.denominator)
        return f"{self.definition}分子：{self.numerator.definition}分母：{whole}"

    def of(self, values: Mapping[str, Decimal]) -> Ratio:
        """The share, from counted indicators by name."""
        whole = sum((values.get(indicator.name, Decimal(0)) for indicator in self.denominator), Decimal(0))
        return Ratio(values.get(self.numerator.name, Decimal(0)), whole, self.measure)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return (self.numerator, *self.denominator)


def distinct(path: str) -> Callable[[Q | None], Aggregate]:
    return lambda condition: Count(path, distinct=True, filter=condition)


def total(path: str) -> Callable[[Q | None], Aggregate]:
    return lambda condition: Sum(path, filter=condition)
