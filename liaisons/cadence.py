"""How often an assigned firm is to be visited (按季度、每月 …): the period a day falls into."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

# cadence of the profile -> its name, what people call the running period and the one before it
CADENCES = {
    "weekly": ("每周", "本周", "上周"),
    "fortnightly": ("每两周", "本双周", "上个双周"),
    "half_monthly": ("每半月", "本半月", "上一个半月"),
    "monthly": ("每月", "本月", "上月"),
    "quarterly": ("每季度", "本季度", "上季度"),
    "half_yearly": ("每半年", "本半年", "上半年度"),
    "yearly": ("每年", "本年度", "上年度"),
}
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
DAYS = {"weekly": 7, "fortnightly": 14}
FIRST_MONDAY = date(2024, 1, 1)
"""Weeks begin on Mondays; from this one they go in twos, so that everybody means the same two weeks."""
MIDDLE = 16
"""On this day of a month its second half begins."""


def start_of(day: date) -> datetime:
    """Local midnight, where the day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Period:
    start: date
    end: date
    label: str

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.end.toordinal() - 1)


def period_of(cadence: str, day: date) -> Period:
    """The period around ``day``, up to (not including) its end."""
    start, end = _ends(cadence, day)
    return Period(start, end, CADENCES[cadence][1])


def _ends(cadence: str, day: date) -> tuple[date, date]:
    if days := DAYS.get(cadence):
        start = day - timedelta(days=(day - FIRST_MONDAY).days % days)
        return start, start + timedelta(days=days)
    if cadence == "half_monthly":
        middle, (first, following) = day.replace(day=MIDDLE), _ends("monthly", day)
        return (first, middle) if day < middle else (middle, following)
    months = MONTHS[cadence]
    first_month = (day.month - 1) // months * months + 1
    after = first_month + months
    end = date(day.year, after, 1) if after <= 12 else date(day.year + 1, 1, 1)
    return date(day.year, first_month, 1), end


def period_before(cadence: str, day: date) -> Period:
    """The period before the one around ``day``."""
    running = period_of(cadence, day)
    before = period_of(cadence, running.start - timedelta(days=1))
    return Period(before.start, before.end, CADENCES[cadence][2])
