"""The portal's clock.

Everything that stores or compares a moment asks :func:`now`, so that demo data and imports can let
whole stories happen in the past, with one clock for records, deadlines and notices alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The aware current moment, or the one set by :func:`at`."""
    return _moment.get() or timezone.now()


def today() -> date:
    """The local calendar day of :func:`now`."""
    return timezone.localdate(now())


def local_date(moment: datetime) -> date:
    """The local calendar day of a stored moment."""
    return timezone.localdate(moment)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the block happen at ``moment`` (aware). For demo data, imports and tests only."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
