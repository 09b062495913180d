"""How a unit's rows went over the weeks, and who handed in on time: from what was frozen when it was handed in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Subquery, Sum

from accounts.models import Unit
from core import clock
from core.charts import Sparkline, sparkline
from districts.profile import FormRow
from reports.figures import shown
from reports.models import FrozenFigure, ReportingPeriod, SituationTable
from reports.models.tables import SituationTableQuerySet

WEEKS = 26
SHOWN = 6
PUNCTUAL_WEEKS = 12


@dataclass(frozen=True)
class Course:
    """One row of the form over the weeks; None where nothing was handed in."""

    row: FormRow
    values: list[Decimal | None]
    line: Sparkline

    @property
    def last(self) -> list[str]:
        """The newest figures as people write them; empty where nothing was handed in."""
        return ["" if value is None else shown(value) for value in self.values[-SHOWN:]]


@dataclass(frozen=True)
class Weeks:
    periods: list[ReportingPeriod]
    courses: list[Course]
    tables: dict[int, int]
    """The unit's table of each period, to be opened; none for the whole district."""

    @property
    def last_periods(self) -> list[ReportingPeriod]:
        return self.periods[-SHOWN:]


def of(tables: SituationTableQuerySet, unit: Unit | None) -> Weeks | None:
    """The last half-year of a unit, or of all units added up; None before the first table was handed in.

    Only weeks with the rows of the newest form: what another form counted in row 5 is something else.
    """
    tables = tables.filter(unit=unit) if unit else tables.all()
    # While one is being corrected, what was handed in stands.
    handed_in = SituationTable.objects.filter(
        period=OuterRef("period"), unit=OuterRef("unit"), figures__isnull=False
    ).order_by("-version")
    tables = tables.filter(pk=Subquery(handed_in.values("pk")[:1]))
    frozen = FrozenFigure.objects.filter(table__in=tables)
    ids = tables.order_by("-period__end").values_list("period", flat=True)
    found = ReportingPeriod.objects.filter(pk__in=ids.distinct()).select_related("profile")
    periods = list(reversed(found.order_by("-end")[:WEEKS]))
    if not periods:
        return None
    form = periods[-1].rules.form
    periods = [period for period in periods if period.rules.form.rows == form.rows]
    sums = (
        frozen.filter(table__period__in=periods)
        .order_by()
        .values_list("table__period", "row")
        .annotate(sum=Sum("week"))
    )
    values = {(period, row): value for period, row, value in sums}
    courses = []
    for row in form.rows:
        course = [values.get((period.pk, row.no)) for period in periods]
        courses.append(Course(row, course, sparkline(course)))
    opened = dict(tables.filter(period__in=periods).values_list("period", "pk")) if unit else {}
    return Weeks(periods, courses, opened)


@dataclass(frozen=True)
class Punctuality:
    """One unit's last weeks: in time, late, missing, in the order of the periods."""

    unit: Unit
    marks: list[str]
    """"in_time", "late", "missing", or "" where the unit owed no table."""

    @property
    def late(self) -> int:
        return self.marks.count("late")

    @property
    def missing(self) -> int:
        return self.marks.count("missing")


@dataclass(frozen=True)
class PunctualityOfAll:
    periods: list[ReportingPeriod]
    units: list[Punctuality]
    """Those that were late or missing, the worst first."""
    others: int
    """How many units were always in time."""


def punctuality(tables: SituationTableQuerySet) -> PunctualityOfAll:
    """Who was late or missing over the last weeks that have fallen due."""
    due = ReportingPeriod.objects.filter(due_at__lte=clock.now(), pk__in=tables.values("period"))
    periods = list(reversed(due.order_by("-end").defer("profile")[:PUNCTUAL_WEEKS]))
    rows = tables.in_force().filter(period__in=periods).select_related("unit")
    marks: dict[Unit, dict[int, str]] = {}
    for table in rows.order_by("unit__order", "unit"):
        mark = "missing" if table.is_missing else "late" if table.late else "in_time"
        marks.setdefault(table.unit, {})[table.period_id] = mark
    units = [
        Punctuality(unit, [found.get(period.pk, "") for period in periods]) for unit, found in marks.items()
    ]
    behind = [unit for unit in units if unit.late or unit.missing]
    behind.sort(key=lambda unit: (-unit.missing, -unit.late))
    return PunctualityOfAll(periods, behind, len(units) - len(behind))
