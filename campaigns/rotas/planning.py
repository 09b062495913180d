"""A month's days of a rota, what the calendar says of each, and whose turn it is: fairly, in turn."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Official, Unit
from campaigns.models import Duty
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from districts.rotas import RotaKind
from liaisons.event_calendar import next_month, warning_for

LOOKED_BACK = timedelta(days=92)
"""Turns of the last three months count: whoever sat less comes first."""


@dataclass(frozen=True)
class RotaDay:
    day: date
    warning: str = ""
    is_off: bool = False
    """A public holiday, or a working day's rota on a day nobody works: left out unless somebody wants it."""


def days_of(kind: RotaKind, month: date, rules: Rules) -> list[RotaDay]:
    """Every day of the month on which the kind is held."""
    known = work_calendar(rules)
    found = []
    for number in range((next_month(month) - month).days):
        day = month + timedelta(days=number)
        if day.weekday() not in kind.weekdays:
            continue
        on_holiday = known.days.get(day) is False
        is_off = on_holiday or (day.weekday() < 5 and not known.is_workday(day))
        found.append(RotaDay(day, warning_for(day, rules), is_off))
    return found


@dataclass(frozen=True)
class Turn:
    """Who takes turns: an official of a unit, or a unit that sends somebody."""

    unit: Unit
    official: Official | None = None

    @property
    def key(self) -> tuple[int, int | None]:
        return self.unit.pk, self.official.pk if self.official else None


def fair(
    days: Collection[date], turns: Sequence[Turn], before: Iterable[tuple[int, int | None]]
) -> list[tuple[date, Turn]]:
    """Each day to whoever had the fewest turns; among equals, to whoever waited longest, then in their order.

    ``before``: the keys of earlier turns, the oldest first.
    """
    counts: Counter[tuple[int, int | None]] = Counter()
    last: dict[tuple[int, int | None], int] = {}
    for place, key in enumerate(before):
        counts[key] += 1
        last[key] = place
    place = len(last) + sum(counts.values())
    order = {turn.key: number for number, turn in enumerate(turns)}
    found = []
    for day in sorted(days):
        turn = min(turns, key=lambda one: (counts[one.key], last.get(one.key, -1), order[one.key]))
        counts[turn.key] += 1
        last[turn.key] = place
        place += 1
        found.append((day, turn))
    return found


def earlier_turns(district: Region, kind: RotaKind, month: date) -> list[tuple[int, int | None]]:
    """Turns of the months before, the oldest first, and those of this month that stand already."""
    duties = Duty.objects.filter(
        rota__district=district,
        rota__kind=kind.code,
        day__gte=month - LOOKED_BACK,
        day__lt=next_month(month),
    )
    return list(duties.order_by("day", "pk").values_list("unit", "official"))


def told_as(duty: Duty, rules: Rules) -> str:
    """Who sits there as the public reads it: the title alone where the rank group says so, as with events."""
    person = duty.person
    if person is None:
        return duty.unit.short_name
    post = person.post_on(duty.day)
    if post is None:
        return f"{duty.unit.short_name}{duty.title}"
    group = rules.find("rank_groups", post.rank_group)
    if group and group.title_says_all:
        return post.title
    return f"{post.unit.short_name}{post.title} {person.name}"
