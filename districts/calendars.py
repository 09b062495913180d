"""The working-day calendar of the database as a pure WorkCalendar, and the years it lacks."""

from __future__ import annotations

import logging
import time as clock
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from .models import CalendarDay, CalendarYear
from .profile import Rules
from .workdays import WorkCalendar

logger = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = 60  # seconds: when this process notices a calendar that another one has imported
OFFICE_END = time(17, 30)  # where no district, and so no office hours, is in question


@dataclass
class _Kept:
    stamp: dict[int, datetime]
    looked_at: float
    calendars: dict[time, WorkCalendar]


_kept: _Kept | None = None
_warned: set[int] = set()


def work_calendar(rules: Rules | None = None) -> WorkCalendar:
    """The calendar, with the district's office hours. Read once a process until a calendar changes."""
    global _kept
    now = clock.monotonic()
    kept = _kept  # one look: another thread may forget it meanwhile
    if kept is None or not 0 <= now - kept.looked_at < LOOK_AGAIN_AFTER:
        stamp = dict(CalendarYear.objects.values_list("year", "imported_at"))
        if kept is not None and kept.stamp == stamp:
            kept.looked_at = now
        else:
            days = dict(CalendarDay.objects.values_list("date", "is_workday"))
            kept = _Kept(stamp, now, {OFFICE_END: WorkCalendar(days, stamp, OFFICE_END)})
        _kept = kept
        _warn_of_missing_years(set(stamp))
    office_end = rules.office_hours.end if rules else OFFICE_END
    if office_end not in kept.calendars:
        kept.calendars[office_end] = kept.calendars[OFFICE_END].with_office_end(office_end)
    return kept.calendars[office_end]


def forget(*args: Any, **kwargs: Any) -> None:
    """Read the calendar anew at the next question. Also a receiver of save and delete signals."""
    global _kept
    _kept = None


def missing_years(today: date | None = None) -> list[int]:
    """The years that open deadlines may reach and that have no calendar yet, for the administrator."""
    return _missing(set(work_calendar().years), today or timezone.localdate())


def _missing(known: set[int], today: date) -> list[int]:
    # The longest limit with its extension ends within some ten weeks; the notice comes out in November.
    return [year for year in range(today.year, (today + timedelta(days=75)).year + 1) if year not in known]


def _warn_of_missing_years(known: set[int]) -> None:
    for year in _missing(known, timezone.localdate()):
        if year not in _warned:
            _warned.add(year)
            logger.warning("%s 年的工作日历尚未导入，暂按周一至周五计算，期限为暂定。", year)
