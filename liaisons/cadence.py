"""How often an assigned firm is to be visited (按季度、每月 …): the period a day falls into."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

# cadence of the profile -> months of a period, what people call the running one and the one before it
CADENCES = {
    "monthly": (1, "本月", "上月"),
    "quarterly": (3, "本季度", "上季度"),
    "half_yearly": (6, "本半年", "上半年度"),
    "yearly": (12, "本年度", "上年度"),
}


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
    months, label, _ = CADENCES[cadence]
    first = (day.month - 1) // months * months + 1
    following = first + months
    end = date(day.year, following, 1) if following <= 12 else date(day.year + 1, 1, 1)
    return Period(date(day.year, first, 1), end, label)


def period_before(cadence: str, day: date) -> Period:
    """The period before the one around ``day``."""
    running = period_of(cadence, day)
    before = period_of(cadence, running.start - timedelta(days=1))
    return Period(before.start, before.end, CADENCES[cadence][2])
