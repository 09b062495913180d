"""How many sittings each unit owes and held in a month, and the days on which they are held."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from accounts.models import Unit
from campaigns.models import Sitting
from campaigns.rotas.people import units_named
from core import clock
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from liaisons.event_calendar import WEEKDAYS, next_month

WEEKS_AHEAD = 9
State = Sitting.State


@dataclass(frozen=True)
class Standing:
    """One unit in one month."""

    unit: Unit
    planned: int
    held: int
    minimum: int

    @property
    def missing(self) -> int:
        """Still to be held."""
        return max(0, self.minimum - self.held)

    @property
    def to_plan(self) -> int:
        return max(0, self.minimum - self.held - self.planned)


def standings(district: Region, rules: Rules, month: date) -> list[Standing]:
    """The units that owe sittings, whoever is furthest behind first."""
    asked = rules.rotas.sittings
    units = list(units_named(district, asked.unit_kinds, asked.units))
    rows = Sitting.objects.filter(unit__in=units, day__gte=month, day__lt=next_month(month)).order_by()
    counts = rows.values("unit").annotate(
        planned=Count("pk", filter=Q(state=State.PLANNED)), held=Count("pk", filter=Q(state=State.HELD))
    )
    counted: dict[int, tuple[int, int]] = {row["unit"]: (row["planned"], row["held"]) for row in counts}
    found = [Standing(unit, *counted.get(unit.pk, (0, 0)), minimum=asked.minimum) for unit in units]
    return sorted(found, key=lambda one: (-one.missing, -one.to_plan))


def offered_days(rules: Rules) -> list[tuple[date, str]]:
    """The coming Fridays (or whichever day the profile says), each with what the calendar says of it."""
    today, calendar = clock.today(), work_calendar(rules)
    weekday = rules.rotas.sittings.weekday
    first = today + timedelta(days=(weekday - today.weekday()) % 7)
    days = [first + timedelta(days=7 * week) for week in range(WEEKS_AHEAD)]
    return [(day, "" if calendar.is_workday(day) else "节假日") for day in days]


def announce_by(sitting: Sitting, rules: Rules) -> date | None:
    """The last day on which one that nobody has announced yet would be announced in time."""
    if sitting.state != State.PLANNED or sitting.announced_at or sitting.day < clock.today():
        return None
    return sitting.day - timedelta(days=rules.rotas.sittings.announced_days)


def days_left(rules: Rules, month: date) -> int:
    """The usual days of the month that are still to come, today's included."""
    return sum(1 for day, warning in offered_days(rules) if day < next_month(month) and not warning)


def unusual(day: date, half: str, rules: Rules) -> str:
    """Why a sitting is not on the usual day, in words; "" if it is."""
    asked = rules.rotas.sittings
    if day.weekday() == asked.weekday and half == asked.half:
        return ""
    usual = f"每{WEEKDAYS[asked.weekday]}{Sitting.Half(asked.half).label}"
    return f"方案规定{usual}开展"
