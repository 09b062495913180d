"""Months of events as a grid, days that are not what they seem, and the topics the plan sets for a month."""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core import clock
from districts.calendars import work_calendar
from districts.models import CalendarDay
from districts.profile import EventKind, EventTopic, Rules
from liaisons.cadence import start_of
from liaisons.models import ServiceEvent

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
WEEKS_AHEAD = 8
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass
class Day:
    date: date
    in_month: bool
    is_today: bool
    note: str = ""
    events: list[ServiceEvent] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """``weeks`` of seven days from Monday on; ``previous`` and ``following`` as an address names them."""

    first: date
    weeks: list[list[Day]]

    @property
    def previous(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following(self) -> str:
        return f"{self._next_first:%Y-%m}"

    @property
    def _next_first(self) -> date:
        return next_month(self.first)

    @property
    def weekdays(self) -> Sequence[str]:
        return WEEKDAYS


def first_of(text: str) -> date | None:
    """The first day of the month that an address names ("2026-11"), or None."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def within_month(events, first: date):
    """Those of the queryset ``events`` that begin in the month of ``first``."""
    return events.filter(starts_at__gte=start_of(first), starts_at__lt=start_of(next_month(first)))


def month_of(first: date, events: Iterable[ServiceEvent]) -> Month:
    """The month's grid with its events, and what the State Council's calendar says of its days."""
    rows = calendar.Calendar().monthdatescalendar(first.year, first.month)
    notes = {
        row.date: "调休上班" if row.is_workday else f"{row.label or '节假日'}放假"
        for row in CalendarDay.objects.filter(date__range=(rows[0][0], rows[-1][-1]))
    }
    by_day: dict[date, list[ServiceEvent]] = {}
    for event in sorted(events, key=lambda event: (event.starts_at, event.pk)):
        by_day.setdefault(clock.local_date(event.starts_at), []).append(event)
    today = clock.today()
    weeks = [
        [
            Day(
                date=day,
                in_month=day.month == first.month,
                is_today=day == today,
                note=notes.get(day, "") if day.month == first.month else "",
                events=by_day.get(day, []) if day.month == first.month else [],
            )
            for day in week
        ]
        for week in rows
    ]
    return Month(first, weeks)


def warning_for(day: date, rules: Rules) -> str:
    """Why a service day should be thought over: firms and windows work then, or nobody does."""
    known = work_calendar(rules)
    works = known.days.get(day)
    if works and day.weekday() >= 5:
        return f"{WEEKDAYS[day.weekday()]}调休上班，企业和窗口都是工作日，请核对是否照常安排"
    if works is False:
        return "法定节假日放假，请核对是否照常安排"
    if day.year not in known.years:
        return f"{day.year}年放假安排还没有录入，调休情况待核对"
    return ""


def coming_days(kind: EventKind, today: date, weeks: int = WEEKS_AHEAD) -> list[date]:
    """The days of the next weeks on which such an event is held, today not among them."""
    if kind.weekday is None:
        return []
    ahead = (kind.weekday - today.weekday() - 1) % 7 + 1
    return [today + timedelta(days=ahead + 7 * week) for week in range(weeks)]


def topics_of(rules: Rules, month: int, kind: str = "") -> list[EventTopic]:
    """What the plan sets for a month, of one kind of event or of all."""
    return [
        topic for topic in rules.events.topics if topic.month == month and (not kind or topic.kind == kind)
    ]
