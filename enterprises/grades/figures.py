"""Figures of the grades: how many firms of each grade, by field and year; who moved up or down; who is 红标.

Counted from the records: what held at the end of a year, or today. Firms that left the roster are not counted.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, QuerySet, Subquery

from core import clock
from core.charts import BarChart, bar_chart
from districts.grades import Grade, GradeField
from districts.models import Region
from districts.profile import Rules
from enterprises.grades.subjects import subjects
from enterprises.models import GradeDuty, GradeRecord

YEARS = 3
UNGRADED = "未评定"


@dataclass(frozen=True)
class Row:
    """One field at one moment: how many of each grade, in the order of the grades."""

    year: int
    field: GradeField
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Progress:
    """How far an organ is with its list of the year."""

    field: GradeField
    due: int
    done: int

    @property
    def share(self) -> int:
        return self.done * 100 // self.due if self.due else 0

    @property
    def note(self) -> str:
        return f"应评 {self.due} 家，{self.share}%"


@dataclass(frozen=True)
class Moves:
    """From the end of last year to now, in one field."""

    field: GradeField
    up: int
    down: int
    same: int


@dataclass(frozen=True)
class Figures:
    year: int
    grades: list[Grade]
    subjects: int
    rows: list[Row]
    """Of the year, by field."""
    history: list[Row]
    charts: list[BarChart]
    moves: list[Moves]
    progress: list[Progress]

    def ungraded(self, row: Row) -> int:
        return max(0, self.subjects - row.total)


def figures(district: Region, rules: Rules, year: int | None = None) -> Figures:
    """A bounded number of queries: one a year, one for the moves, two for the list of the year."""
    today = clock.today()
    year = year or today.year
    grades = rules.grades.ordered
    history = [row for each in range(year, year - YEARS, -1) for row in _distribution(district, rules, each)]
    rows = [row for row in history if row.year == year]
    number = subjects(district, rules).count()
    return Figures(
        year=year,
        grades=grades,
        subjects=number,
        rows=rows,
        history=[row for row in history if row.year != year and row.total],
        charts=[_chart(row, grades, max(0, number - row.total)) for row in rows],
        moves=_moves(district, rules, year),
        progress=progress(district, rules, year),
    )


def _at(year: int) -> date:
    return min(date(year, 12, 31), clock.today())


def _holding(district: Region, rules: Rules, day: date) -> QuerySet[GradeRecord]:
    fields = [field.code for field in rules.grades.fields]
    rows = GradeRecord.objects.filter(district=district, field__in=fields, enterprise__active=True)
    return rows.holding(day).order_by()


def _distribution(district: Region, rules: Rules, year: int) -> list[Row]:
    counted = _holding(district, rules, _at(year)).values_list("field", "grade").annotate(number=Count("pk"))
    found = {(field, grade): number for field, grade, number in counted}
    return [
        Row(year, field, [found.get((field.code, grade.code), 0) for grade in rules.grades.ordered])
        for field in rules.grades.fields
    ]


def _chart(row: Row, grades: list[Grade], ungraded: int) -> BarChart:
    bars = [(grade.label, number, number) for grade, number in zip(grades, row.counts, strict=True)]
    if ungraded:
        bars.append((UNGRADED, ungraded, 0))
    return bar_chart(f"{row.field.label}（家）", bars)


def _moves(district: Region, rules: Rules, year: int) -> list[Moves]:
    """A lower order is a better grade: up means better."""
    earlier = GradeRecord.objects.in_force().filter(
        enterprise=OuterRef("enterprise"), field=OuterRef("field"), effective_from__lte=date(year - 1, 12, 31)
    )
    before = Subquery(earlier.order_by("-effective_from", "-pk").values("grade")[:1])
    rows = _holding(district, rules, _at(year)).annotate(earlier=before).exclude(earlier=None)
    counted = rows.values_list("field", "earlier", "grade").annotate(number=Count("pk"))
    found = {field.code: [0, 0, 0] for field in rules.grades.fields}
    for field, old, new, number in counted:
        step = rules.grades.order_of(new) - rules.grades.order_of(old)
        found[field][0 if step < 0 else 1 if step > 0 else 2] += number
    return [Moves(field, *found[field.code]) for field in rules.grades.fields]


def progress(district: Region, rules: Rules, year: int) -> list[Progress]:
    """Of each organ's list; nothing is due where none was opened."""
    rows = GradeDuty.objects.filter(district=district, year=year).order_by()
    counted = rows.values_list("field").annotate(due=Count("pk"), done=Count("record"))
    found = {field: (due, done) for field, due, done in counted}
    return [Progress(field, *found.get(field.code, (0, 0))) for field in rules.grades.fields]


def strictest(district: Region, rules: Rules) -> QuerySet[GradeRecord]:
    """红标 today, by field."""
    grade = rules.grades.ordered[-1].code
    rows = _holding(district, rules, clock.today()).filter(grade=grade)
    return rows.select_related("enterprise__region", "unit").order_by("field", "effective_from", "pk")


def sheet_rows(found: Figures) -> list[list[str | int]]:
    """The figures as the sheet writes them: year by year, field by field."""
    return [
        [
            row.year,
            row.field.label,
            *row.counts,
            row.total,
            found.ungraded(row) if row.year == found.year else "",
        ]
        for row in [*found.rows, *found.history]
    ]
