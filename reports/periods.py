"""Reporting weeks (in other districts: two weeks, half-months, months) as pure arithmetic: no clock, no database.

A week is a half-open interval of local time that ends at the profile's cut-off (Thursday noon in 铜陵郊区)
and starts at the previous one. A cut-off on a holiday still bounds the week; handing in then falls due at
the same hour of the next working day.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from districts.profile import Week
from districts.workdays import WorkCalendar

DAY = timedelta(days=1)
WEEKS = {"week": 1, "two_weeks": 2}
HALF = 15
"""The last day of a month's first half."""


@dataclass(frozen=True)
class ReportingWeek:
    """``start`` <= moment < ``end``; known by the day it ends on."""

    ending: date
    start: datetime
    end: datetime
    due_at: datetime


def is_cut_off_day(day: date, week: Week) -> bool:
    return day == _cut_off_day_from(day, week)


def following(ending: date, week: Week) -> date:
    """The cut-off day after that one."""
    return _cut_off_day_from(ending + DAY, week)


def previous(ending: date, week: Week) -> date:
    """The cut-off day before that one."""
    return nearest_cut_off_day(ending - DAY, week)


def is_on_duty(ending: date, week: Week) -> bool:
    """Whether a table is owed for the week that ends on that day."""
    return week.starts <= ending and (week.ends is None or ending <= week.ends)


def week_ending(ending: date, week: Week, calendar: WorkCalendar) -> ReportingWeek:
    """The week that ends on a cut-off day."""
    if not is_cut_off_day(ending, week):
        raise ValueError(f"{ending} is no cut-off day")
    return ReportingWeek(
        ending=ending,
        start=_cut_off(previous(ending, week), week, calendar),
        end=_cut_off(ending, week, calendar),
        due_at=_cut_off(calendar.next_workday(ending), week, calendar),
    )


def week_of(moment: datetime, week: Week, calendar: WorkCalendar) -> ReportingWeek:
    """The week a moment lies in. The very moment of a cut-off belongs to the week that starts there."""
    today = moment.astimezone(calendar.tz).date()
    ending = _cut_off_day_from(today, week)
    if moment >= _cut_off(ending, week, calendar):
        ending = following(ending, week)
    return week_ending(ending, week, calendar)


def nearest_cut_off_day(day: date, week: Week) -> date:
    """The last cut-off day up to and including ``day``, to suggest where another day was asked for."""
    if week.every in WEEKS:
        return day - DAY * ((day - _first_cut_off_day(week)).days % (7 * WEEKS[week.every]))
    in_months = [*_days_in_month(day.replace(day=1) - DAY, week), *_days_in_month(day, week)]
    return max(cut_off for cut_off in in_months if cut_off <= day)


def _cut_off_day_from(day: date, week: Week) -> date:
    """The first cut-off day from ``day`` on."""
    if week.every in WEEKS:
        return day + DAY * ((_first_cut_off_day(week) - day).days % (7 * WEEKS[week.every]))
    in_months = [*_days_in_month(day, week), *_days_in_month(_last_day(day) + DAY, week)]
    return min(cut_off for cut_off in in_months if cut_off >= day)


def _first_cut_off_day(week: Week) -> date:
    """The first one of the duty; those of two weeks are counted from it, also backwards."""
    return week.starts + DAY * ((week.cut_off_weekday - week.starts.weekday()) % 7)


def _days_in_month(day: date, week: Week) -> tuple[date, ...]:
    """The cut-off days of the month ``day`` lies in."""
    last = _last_day(day)
    if week.every == "half_month":
        return day.replace(day=HALF), last
    return (day.replace(day=min(week.cut_off_day, last.day)),)


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _cut_off(day: date, week: Week, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, week.cut_off_time, tzinfo=calendar.tz)
