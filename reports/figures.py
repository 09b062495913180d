"""The figures of a week's tables: counted from the records, corrected by hand, added up by formulas.

A whole district costs one query for each source of records, not one for each unit or row: the same
querysets that show a figure's evidence are grouped by unit here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    Aggregate,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import Unit
from districts.profile import FormRow, Rules, WeeklyForm
from districts.workdays import SHANGHAI
from reports.indicators import REGISTRY, Context, Indicator, Source, StateSource
from reports.models import FrozenFigure, HandEntry, ReportingPeriod, SituationTable
from reports.spans import COUNTED_FOR, Span

ZERO = Decimal(0)
ZERO_VALUE = Value(ZERO)
_ALWAYS = Q(pk__isnull=False)


class Said(NamedTuple):
    """What the records say of a row."""

    week: Decimal = ZERO
    cumulative: Decimal = ZERO
    carried: int = 0
    """So many records of the week happened before it, and were recorded too late for their own table."""


Counted = dict[int, Said]
"""By row."""


@dataclass(frozen=True)
class Figure:
    """``counted`` is what the records say; ``week`` what is reported, after a correction by hand."""

    week: Decimal = ZERO
    cumulative: Decimal = ZERO
    counted: Decimal | None = None
    carried: int = 0
    """So many of the records behind it happened in earlier weeks and were recorded too late for these."""

    @property
    def is_corrected(self) -> bool:
        return self.counted is not None and self.counted != self.week


def shown(value: Decimal) -> str:
    """1,234 or 12.5: no point where there is nothing behind it."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


Figures = dict[int, Figure]
"""By row."""


# --- What is asked --------------------------------------------------------------------------------


def beginning(period: ReportingPeriod) -> datetime:
    """Where cumulative figures begin: with the action, or with the first week that is reported."""
    started = datetime.combine(period.rules.action_started, time(), tzinfo=SHANGHAI)
    return min(started, period.start)


def week_of(period: ReportingPeriod) -> Span:
    return Span.of_week(period, beginning(period))


def up_to(period: ReportingPeriod) -> Span:
    return Span.up_to(period, beginning(period))


def context_of(period: ReportingPeriod) -> Context:
    """The whole district's week."""
    rules = period.rules
    units = {
        unit.pk: unit
        for unit in Unit.objects.filter(district=period.district_id).only("kind", "parent", "merged_into")
    }
    before = _reporting_units(units, rules)
    if not period.has_merged_units:
        return Context(rules, week_of(period), before)
    # A merged unit counts for its successor from the first week on in which it hands in no table any more.
    reporting = set(period.tables.in_force().values_list("unit", flat=True))
    gone = {pk for pk, unit in units.items() if unit.merged_into_id and pk not in reporting}
    counts_for = _reporting_units(units, rules, gone)
    formerly = {unit: before[unit] for unit in counts_for if before.get(unit, counts_for[unit]) in gone}
    return Context(rules, week_of(period), counts_for, formerly=formerly)


def _reporting_units(units: Mapping[int, Unit], rules: Rules, gone: Container[int] = ()) -> dict[int, int]:
    """The reporting unit each unit's work counts for: its own, its successor, or else the nearest above it."""
    found: dict[int, int] = {}
    for unit in units.values():
        whose: Unit | None = unit
        while whose is not None and (whose.pk in gone or whose.kind not in rules.reporting_unit_kinds):
            following = whose.merged_into_id if whose.pk in gone else whose.parent_id
            whose = units.get(following) if following else None
        if whose is not None:
            found[unit.pk] = whose.pk
    return found


# --- Counting -------------------------------------------------------------------------------------


class Mark(ExpressionWrapper):
    """A condition that each record is marked with, for many aggregates to ask.

    Django would copy all its subqueries and write them into SQL anew for each of some sixty aggregates, which took
    longer than the query. A mark is resolved once, and written once for a query.
    """

    is_resolved = False
    written: tuple[SQLCompiler, str, tuple[Any, ...]] | None = None

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, BooleanField())

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_resolved:
            return self
        mark = super().resolve_expression(*args, **kwargs)
        mark.is_resolved = True
        return mark

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        if self.written is None or self.written[0] is not compiler:
            sql, params = super().as_sql(compiler, connection)
            self.written = compiler, sql, tuple(params)
        return self.written[1], list(self.written[2])


def count_by_unit(form: WeeklyForm, period: ReportingPeriod, context: Context) -> dict[int, Counted]:
    """What the records say, for each reporting unit, in one query a source."""
    counted: dict[int, Counted] = {}
    for source, rows in _rows_by_source(form).items():
        grouped = _marked(source, rows, period, context).values(COUNTED_FOR)
        for line in grouped.annotate(**_aggregates(rows)):
            counted.setdefault(line[COUNTED_FOR], {}).update(_read(line, rows))
    return counted


def count_once(form: WeeklyForm, period: ReportingPeriod, context: Context) -> Counted:
    """What the records of all the units say together: nobody and no firm is counted twice."""
    counted: Counted = {}
    for source, rows in _rows_by_source(form).items():
        line = _marked(source, rows, period, context).aggregate(**_aggregates(rows))
        counted.update(_read(line, rows))
    return counted


def _rows_by_source(form: WeeklyForm) -> dict[Source, list[FormRow]]:
    found: dict[Source, list[FormRow]] = {}
    for row in form.rows:
        if row.indicator:
            found.setdefault(REGISTRY[row.indicator].source, []).append(row)
    return found


def _marked(source: Source, rows: Iterable[FormRow], period: ReportingPeriod, context: Context) -> QuerySet:
    """The records up to the cut-off, each marked with the rows it counts in and whether it is the week's."""
    is_state = isinstance(source, StateSource)
    marks = {
        "this_week": _ALWAYS if is_state else source.when(week_of(period)),
        "is_carried": ~_ALWAYS if is_state else Q(**{f"{source.occurred}__lt": period.start}),
    }
    for row in rows:
        matches = REGISTRY[row.indicator].matches(context.with_params(row.params))
        marks[f"matches_{row.no}"] = matches or _ALWAYS
    records = source.records(context).filter(source.when(up_to(period)))
    return records.annotate(**{name: Mark(condition) for name, condition in marks.items()})


def _aggregates(rows: Iterable[FormRow]) -> dict[str, Aggregate]:
    """For each row its indicator's aggregate over the records of the week, and over all up to its end."""
    found: dict[str, Aggregate] = {}
    for row in rows:
        aggregate, matches = REGISTRY[row.indicator].aggregate, Q(**{f"matches_{row.no}": True})
        found[f"week_{row.no}"] = aggregate(matches & Q(this_week=True))
        found[f"cumulative_{row.no}"] = aggregate(matches)
        found[f"carried_{row.no}"] = Count(
            "pk", distinct=True, filter=matches & Q(this_week=True, is_carried=True)
        )
    return found


def _read(line: Mapping[str, Any], rows: Iterable[FormRow]) -> Counted:
    return {
        row.no: Said(
            Decimal(line[f"week_{row.no}"] or 0),
            Decimal(line[f"cumulative_{row.no}"] or 0),
            line[f"carried_{row.no}"],
        )
        for row in rows
    }


def indicator_of(row: FormRow) -> Indicator | None:
    return REGISTRY[row.indicator] if row.indicator else None


# --- Tables ---------------------------------------------------------------------------------------


def figures(period: ReportingPeriod, tables: Iterable[SituationTable]) -> dict[int, Figures]:
    """The figures of some tables of one week, by unit: frozen ones as frozen, open ones as they stand."""
    tables = list(tables)
    found = _frozen([table for table in tables if not table.is_open])
    running = [table for table in tables if table.is_open]
    if running:
        found |= computed(period, running)
    return found


def computed(period: ReportingPeriod, tables: Iterable[SituationTable]) -> dict[int, Figures]:
    """The figures as the records and hand entries make them now, whatever is frozen."""
    tables = list(tables)
    form = period.rules.form
    context = context_of(period).for_units(*(table.unit_id for table in tables))
    counted = count_by_unit(form, period, context)
    by_hand = latest_entries(tables)
    corrections = _corrections_before(period, context)
    return {
        table.unit_id: _filled(
            form,
            counted.get(table.unit_id, {}),
            by_hand.get(table.pk, {}),
            corrections.get(table.unit_id, {}),
        )
        for table in tables
    }


def _filled(
    form: WeeklyForm, counted: Counted, by_hand: Mapping[int, HandEntry], before: Mapping[int, Decimal]
) -> Figures:
    filled: Figures = {}
    for row in form.rows:
        if row.source == "formula":
            continue
        says, so_far, carried = counted.get(row.no, Said())
        entry = by_hand.get(row.no)
        value = entry.value if entry and entry.value is not None else None
        week = says if value is None else value
        # What was entered by hand adds up over the weeks, on top of what the records say.
        added = so_far + (week - says) + before.get(row.no, ZERO)
        cumulative = week if row.kind == "state" else added
        filled[row.no] = Figure(week, cumulative, says if row.source == "indicator" else None, carried)
    return add_formulas(form, filled)


def add_formulas(form: WeeklyForm, filled: Figures) -> Figures:
    for row in form.rows:
        if row.source == "formula":
            parts = [filled[no] for no in row.formula]
            filled[row.no] = Figure(
                sum((part.week for part in parts), ZERO), sum((part.cumulative for part in parts), ZERO)
            )
    return {row.no: filled[row.no] for row in form.rows}


def _frozen(tables: Iterable[SituationTable]) -> dict[int, Figures]:
    found: dict[int, Figures] = {table.unit_id: {} for table in tables}
    for figure in FrozenFigure.objects.filter(table__in=tables).select_related("table").defer("evidence"):
        found[figure.table.unit_id][figure.row] = Figure(
            figure.week, figure.cumulative, figure.counted, figure.carried
        )
    return found


def latest_entries(tables: Iterable[SituationTable]) -> dict[int, dict[int, HandEntry]]:
    """The hand entry in force, by table and row; one that restores the system's figure has no value."""
    found: dict[int, dict[int, HandEntry]] = {}
    for entry in HandEntry.objects.filter(table__in=tables).select_related("by").order_by("id"):
        found.setdefault(entry.table_id, {})[entry.row] = entry
    return found


def _corrections_before(period: ReportingPeriod, context: Context) -> dict[int, dict[int, Decimal]]:
    """What was entered by hand in the units' earlier weeks, beyond what the records said then."""
    earlier = Q(
        table__superseded=False,
        table__unit__in=list(context.counts_for),
        table__period__end__lt=period.end,
        table__period__end__gt=beginning(period),
    )
    later = HandEntry.objects.filter(table=OuterRef("table"), row=OuterRef("row"), pk__gt=OuterRef("pk"))
    found: dict[int, dict[int, Decimal]] = {}

    def add(unit: int, row: int, change: Decimal) -> None:
        rows = found.setdefault(context.counts_for[unit], {})
        rows[row] = rows.get(row, ZERO) + change

    frozen = FrozenFigure.objects.filter(earlier).annotate(change=F("week") - Coalesce("counted", ZERO_VALUE))
    for unit, row, change in frozen.values_list("table__unit", "row").order_by().annotate(sum=Sum("change")):
        add(unit, row, change)
    running = HandEntry.objects.filter(
        earlier, ~Exists(later), value__isnull=False, table__state__in=SituationTable.OPEN_STATES
    ).select_related("table__period__profile", "table__period__district")
    of_period: dict[ReportingPeriod, list[HandEntry]] = {}
    for entry in running:
        of_period.setdefault(entry.table.period, []).append(entry)
    for week, entries in of_period.items():
        # What the records say of it now, not what they said when it was typed.
        units = {entry.table.unit_id for entry in entries}
        counted = count_by_unit(week.rules.form, week, context_of(week).for_units(*units))
        for entry in entries:
            says = counted.get(entry.table.unit_id, {}).get(entry.row, Said()).week
            add(entry.table.unit_id, entry.row, (entry.value or ZERO) - says)
    return found


# --- The district ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class SummaryLine:
    """A row for the whole district: everybody once, the plain sum beside it, and why they differ."""

    row: FormRow
    once: Figure
    added: Figure
    why: str = ""


def summary(
    period: ReportingPeriod,
    tables: Iterable[SituationTable],
    of_units: Mapping[int, Figures] | None = None,
) -> list[SummaryLine]:
    """The district's 27 rows. What was entered by hand adds up over the units.

    ``of_units``: the units' figures, where they are known already.
    """
    tables = list(tables)
    form = period.rules.form
    of_units = of_units or figures(period, tables)
    kept = {
        figure.row: Figure(figure.week, figure.cumulative, figure.counted, figure.carried)
        for figure in period.summary.all()
    }
    once = kept or _counted_once(period, tables, of_units)
    return [
        _summary_line(row, once[row.no], [of_unit[row.no] for of_unit in of_units.values()])
        for row in form.rows
    ]


def _counted_once(
    period: ReportingPeriod, tables: Iterable[SituationTable], of_units: Mapping[int, Figures]
) -> Figures:
    form = period.rules.form
    context = context_of(period).for_units(*(table.unit_id for table in tables))
    counted = count_once(form, period, context)
    by_unit_before = _corrections_before(period, context)
    once: Figures = {}
    for row in form.rows:
        if row.source == "formula":
            continue
        says, so_far, carried = counted.get(row.no, Said())
        corrected = sum(
            (of_unit[row.no].week - (of_unit[row.no].counted or ZERO) for of_unit in of_units.values()), ZERO
        )
        before = sum((rows.get(row.no, ZERO) for rows in by_unit_before.values()), ZERO)
        week = says + corrected
        cumulative = week if row.kind == "state" else so_far + corrected + before
        once[row.no] = Figure(week, cumulative, says if row.source == "indicator" else None, carried)
    return add_formulas(form, once)


def _summary_line(row: FormRow, once: Figure, of_units: list[Figure]) -> SummaryLine:
    added = Figure(
        sum((figure.week for figure in of_units), ZERO), sum((figure.cumulative for figure in of_units), ZERO)
    )
    indicator = indicator_of(row)
    differ = (once.week, once.cumulative) != (added.week, added.cumulative)
    why = indicator.same_once if indicator else ""
    if once.week == added.week and why:
        why = f"累计：{why}"
    smaller = once.week <= added.week and once.cumulative <= added.cumulative
    if not why or not smaller:
        why = "报送以后有更正、补登或企业合并，两数取数的时刻不同"
    return SummaryLine(row, once, added, why if differ else "")
