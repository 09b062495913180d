"""Quiet hours: when what goes out of house may be sent at the earliest. Pure: no clock, no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from districts.workdays import SHANGHAI

DAY = timedelta(days=1)
# Holidays with their weekends last nine days; whatever a calendar says, nobody waits longer than this.
LONGEST = 15


@dataclass(frozen=True)
class Quiet:
    """From one time of day up to, not including, another, over midnight where the second is earlier."""

    start: time | None
    end: time | None
    days_off: bool = False


def earliest(moment: datetime, quiet: Quiet, is_workday: Callable[[date], bool]) -> datetime:
    """The moment itself, or the end of the quiet time it lies in."""
    local = moment.astimezone(SHANGHAI)
    for _ in range(LONGEST):
        if quiet.days_off and not is_workday(local.date()):
            local = _at(local.date() + DAY, time(0))
        elif (end := _end_of(local, quiet)) is not None:
            local = end
        else:
            break
    return local


def _end_of(local: datetime, quiet: Quiet) -> datetime | None:
    start, end, now = quiet.start, quiet.end, local.time()
    if start is None or end is None:
        return None
    if start < end:
        return _at(local.date(), end) if start <= now < end else None
    if now >= start:
        return _at(local.date() + DAY, end)
    return _at(local.date(), end) if now < end else None


def _at(day: date, when: time) -> datetime:
    return datetime.combine(day, when, tzinfo=SHANGHAI)
