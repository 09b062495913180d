"""Working days of the Chinese calendar: legal holidays off, make-up weekends (调休) on. Pure: no clock.

A day that no notice names follows the week. A year without a notice is counted Mon–Fri throughout; results
that touch it are provisional, and whoever stores one stores that too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class WorkCalendar:
    """`days`: the days a notice names, True if worked. `years`: the years a notice covers."""

    def __init__(
        self,
        days: Mapping[date, bool],
        years: Collection[int],
        office_end: time = time(17, 30),
        tz: tzinfo = SHANGHAI,
    ) -> None:
        self.days = days
        self.years = frozenset(years)
        self.office_end = office_end
        self.tz = tz
        # Only days that differ from the plain week change a count; sorted, two bisections count them.
        self._extra = sorted(day for day, works in days.items() if works and not _is_weekday(day))
        self._lost = sorted(day for day, works in days.items() if not works and _is_weekday(day))

    def with_office_end(self, office_end: time) -> WorkCalendar:
        return (
            self
            if office_end == self.office_end
            else WorkCalendar(self.days, self.years, office_end, self.tz)
        )

    def is_workday(self, day: date) -> bool:
        return self.days.get(day, _is_weekday(day))

    def next_workday(self, day: date) -> date:
        """The day itself if it is worked, else the first one after it that is."""
        while not self.is_workday(day):
            day += DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The working day `count` working days after `day` (before it, if negative).

        Nothing to add leaves the day where it is, or moves it off a holiday to the next working day.
        """
        if count == 0:
            return self.next_workday(day)
        step = DAY if count > 0 else -DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def count(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative where `end` lies before `start`."""
        if end < start:
            return -self.count(end, start)
        return self._upto(end) - self._upto(start)

    def _upto(self, day: date) -> int:
        weeks, rest = divmod(day.toordinal(), 7)  # ordinal 1 was a Monday, so the rest counts from Monday
        return weeks * 5 + min(rest, 5) + bisect_right(self._extra, day) - bisect_right(self._lost, day)

    def received_on(self, moment: datetime) -> date:
        """The working day a receipt counts for: after office hours or on a day off, the next one."""
        local = moment.astimezone(self.tz)
        day = local.date()
        return self.next_workday(day if local.time() < self.office_end else day + DAY)

    def due_at(self, moment: datetime, count: int) -> datetime:
        """The end of office hours, `count` working days after the day the receipt counts for."""
        return self.end_of(self.add(self.received_on(moment), count))

    def end_of(self, day: date) -> datetime:
        """When the office closes on that day."""
        return datetime.combine(day, self.office_end, tzinfo=self.tz)

    def is_provisional(self, start: date | datetime, end: date | datetime) -> bool:
        """Whether anything counted between the two days rests on a year without a calendar."""
        first, last = sorted((self._year(start), self._year(end)))
        return any(year not in self.years for year in range(first, last + 1))

    def _year(self, day: date | datetime) -> int:
        return day.astimezone(self.tz).year if isinstance(day, datetime) else day.year


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5
