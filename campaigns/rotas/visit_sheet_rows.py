"""What stands on a unit's 走访联系表 of a month, gathered from its visits; who owes one, and since when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Unit
from appeals.models import Appeal
from campaigns.models import VisitSheet
from campaigns.states import last_of_month
from core import clock
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from liaisons.cadence import start_of
from liaisons.duties import been_there
from liaisons.event_calendar import first_of, next_month
from liaisons.models import Assignment, Opinion, Visit, VisitParticipant

MOST_LINES = 2_000


@dataclass(frozen=True)
class Row:
    """One visit, in the words of today."""

    number: int
    day: date
    firm: str
    place: str
    cadres: str
    kind: str
    findings: str
    asked: str
    result: str


def due_on(month: date, rules: Rules) -> date:
    """The profile's day of the following month, or the first working day after it."""
    day = next_month(month).replace(day=rules.rotas.visit_sheets.due_day)
    return work_calendar(rules).next_workday(day)


def is_owed(month: date, rules: Rules) -> bool:
    """Months before the duty began are not."""
    first = first_of(rules.rotas.visit_sheets.starts) if rules.rotas.visit_sheets.starts else None
    return first is not None and month >= first


def visits_of(unit: Unit, month: date) -> QuerySet[Visit]:
    """Reported for the unit or a unit below it, in the month."""
    return Visit.objects.filter(
        Q(reporting_unit=unit) | Q(reporting_unit__parent=unit),
        occurred_at__gte=start_of(month),
        occurred_at__lt=start_of(next_month(month)),
    )


def rows_of(unit: Unit, month: date, rules: Rules) -> list[Row]:
    """The oldest first; a constant number of queries."""
    visits = (
        visits_of(unit, month)
        .select_related("enterprise", "project", "region")
        .prefetch_related(
            Prefetch("participants", VisitParticipant.objects.select_related("official").order_by("pk"))
        )
        .order_by("occurred_at", "pk")[:MOST_LINES]
    )
    found = list(visits)
    appeals: dict[int, list[Appeal]] = defaultdict(list)
    for appeal in Appeal.objects.filter(visit__in=[visit.pk for visit in found]).order_by("pk"):
        appeals[appeal.visit_id or 0].append(appeal)
    opinions: dict[int, list[Opinion]] = defaultdict(list)
    for opinion in Opinion.objects.filter(visit__in=[visit.pk for visit in found]).order_by("pk"):
        opinions[opinion.visit_id or 0].append(opinion)
    return [_row(visit, rules, appeals[visit.pk], opinions[visit.pk]) for visit in found]


def _row(visit: Visit, rules: Rules, appeals: list[Appeal], opinions: list[Opinion]) -> Row:
    asked = [f"{appeal.number or '诉求'} {appeal.title}" for appeal in appeals]
    asked += [f"意见建议：{opinion.content}" for opinion in opinions]
    result = [f"{appeal.number or '诉求'} {appeal.get_status_display()}" for appeal in appeals]
    result += ["意见建议已答复" if opinion.answered_at else "意见建议待答复" for opinion in opinions]
    return Row(
        number=visit.pk,
        day=clock.local_date(visit.occurred_at),
        firm=visit.subject_name[:200],
        place=visit.region.name,
        cadres="、".join(one.name for one in visit.participants.all())[:400],
        kind=rules.label("visit_kinds", visit.kind),
        findings=visit.findings,
        asked="\n".join(asked),
        result="\n".join(result),
    )


def coverage_of(unit: Unit, month: date, rules: Rules) -> tuple[int, int]:
    """The firms its lead cadres look after at the end of the month (or today), and those visited in the month."""
    led = led_in(month).filter(Q(unit=unit) | Q(unit__parent=unit))
    before = start_of(next_month(month))
    there = Q(been_there("enterprise", "", month, (), before)) | Q(
        been_there("project", "", month, (), before)
    )
    return led.count(), led.filter(there).count()


def led_in(month: date) -> QuerySet[Assignment]:
    """Who is looked after on the last day of the month (or today)."""
    day = min(last_of_month(month), clock.today())
    on_roster = Q(enterprise__active=True) | Q(project__active=True)
    return Assignment.objects.in_force(day).filter(on_roster, part=Assignment.Part.LEAD).order_by()


def owing_units(district: Region, month: date) -> list[Unit]:
    """Units whose cadres led somebody then; a window counts for its unit."""
    led = led_in(month).filter(district=district)
    pks = {parent or pk for pk, parent in led.values_list("unit", "unit__parent").distinct()}
    return list(Unit.objects.filter(pk__in=pks, active=True).order_by("order", "pk"))


@dataclass(frozen=True)
class SheetStanding:
    unit: Unit
    sheet: VisitSheet | None
    visits: int
    is_late: bool

    @property
    def is_missing(self) -> bool:
        return self.sheet is None or self.sheet.state == VisitSheet.State.GIVEN_BACK


def sheet_standings(
    district: Region, month: date, rules: Rules, units: list[Unit] | None = None
) -> list[SheetStanding]:
    """Who handed in, of those that owe a sheet or did so without owing one."""
    sheets = {
        sheet.unit_id: sheet
        for sheet in VisitSheet.objects.filter(district=district, month=month).select_related("unit")
    }
    asked = owing_units(district, month) if units is None else units
    known = {unit.pk for unit in asked}
    if units is None:
        asked = [*asked, *(sheet.unit for sheet in sheets.values() if sheet.unit_id not in known)]
    visits = Visit.objects.filter(
        district=district, occurred_at__gte=start_of(month), occurred_at__lt=start_of(next_month(month))
    ).order_by()
    counts: dict[int, int] = defaultdict(int)
    for unit, parent, number in visits.values_list("reporting_unit", "reporting_unit__parent").annotate(
        Count("pk")
    ):
        counts[unit] += number
        if parent:
            counts[parent] += number
    over = is_owed(month, rules) and clock.today() > due_on(month, rules)
    return [
        SheetStanding(
            unit,
            sheet := sheets.get(unit.pk),
            counts[unit.pk],
            sheet.late if sheet else over,
        )
        for unit in asked
    ]
