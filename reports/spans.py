"""Which records count in a stretch of time.

A weekly table counts what happened in its week and was recorded before the table was frozen. What is
recorded later counts in the next table of the same unit that is still open to it. So a frozen table
comes out the same whenever it is computed again, and nothing is lost or counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from districts.workdays import SHANGHAI
from reports.models import ReportingPeriod, SituationTable

DAY = timedelta(days=1)
COUNTED_FOR = "counted_for"
"""The annotation that says for which reporting unit a record counts."""

REPORTED_BY = "reported_by"
"""Where units were merged: the annotation that says for which unit a record counted before that."""

RECENT = timedelta(days=62)
"""A table is frozen after its period began, so what is late for the last one was recorded after that. This
spares looking up the tables of all older records; twice the length of a month, the longest period there is."""


@dataclass(frozen=True)
class Span:
    """``start`` <= moment < ``end``; with ``period``, as the tables of that week count it.

    ``since`` is where the whole reported time begins: late records from before it count nowhere.
    """

    start: datetime
    end: datetime
    period: ReportingPeriod | None = None
    since: datetime | None = None

    @classmethod
    def of_week(cls, period: ReportingPeriod, since: datetime) -> Span:
        return cls(period.start, period.end, period, since)

    @classmethod
    def up_to(cls, period: ReportingPeriod, since: datetime) -> Span:
        """From the beginning to the cut-off: for cumulative figures."""
        return cls(since, period.end, period, since)

    @property
    def has_merged_units(self) -> bool:
        return self.period is not None and self.period.has_merged_units

    @property
    def last_day(self) -> date:
        """The day it ends on; where it ends at midnight, the day before."""
        if self.period:
            return self.period.ending
        return (self.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()

    def holds(self, occurred: str, recorded: str) -> Q:
        """Records that count in this span, told by their fields for when it happened and was recorded."""
        within = Q(**{f"{occurred}__gte": self.start, f"{occurred}__lt": self.end})
        if self.period is None:
            return within
        in_time = self.known(recorded)
        if self.start != self.period.start:
            # Up to the cut-off: late for this table, but an earlier one took it.
            return within & (
                in_time | ~self._was_late(occurred, recorded) | self._taken_before(occurred, recorded)
            )
        carried = (
            Q(**{f"{occurred}__gte": self.since or self.start, f"{occurred}__lt": self.start})
            & Q(**{f"{recorded}__gte": self.start - RECENT})
            & self._was_late(occurred, recorded)
            & ~self._taken_before(occurred, recorded)
        )
        return (within | carried) & in_time

    def known(self, recorded: str, unit: OuterRef | None = None) -> Q:
        """What was recorded before the unit's table of this week was frozen."""
        if self.period is None:
            return Q()
        return ~Q(Exists(self._tables(unit).filter(period=self.period, frozen_at__lt=OuterRef(recorded))))

    def _was_late(self, occurred: str, recorded: str) -> Q:
        """The table of the week in which it happened was frozen before it was recorded."""

        def own_week(unit: str) -> QuerySet[SituationTable]:
            return self._tables(OuterRef(unit)).filter(
                period__start__lte=OuterRef(occurred), period__end__gt=OuterRef(occurred)
            )

        def late(unit: str) -> Q:
            return Q(Exists(own_week(unit).filter(frozen_at__lt=OuterRef(recorded))))

        if not self.has_merged_units:
            return late(COUNTED_FOR)
        # As long as the unit handed in tables of its own, those of its successor say nothing about it.
        return late(REPORTED_BY) | (~Q(Exists(own_week(REPORTED_BY))) & late(COUNTED_FOR))

    def _taken_before(self, occurred: str, recorded: str) -> Q:
        """A table from the own week up to the one before this was still open when it was recorded."""
        assert self.period is not None
        before = {"period__end__gt": OuterRef(occurred), "period__end__lt": self.period.end}
        open_then = Q(frozen_at__isnull=True) | Q(frozen_at__gte=OuterRef(recorded))

        def taken(unit: str) -> QuerySet[SituationTable]:
            return self._tables(OuterRef(unit)).filter(open_then, **before)

        if not self.has_merged_units:
            return Q(Exists(taken(COUNTED_FOR)))
        own = self._tables(OuterRef(OuterRef(REPORTED_BY))).filter(period=OuterRef("period"))
        return Q(Exists(taken(REPORTED_BY))) | Q(Exists(taken(COUNTED_FOR).filter(~Exists(own))))

    @staticmethod
    def _tables(unit: OuterRef | None = None) -> QuerySet[SituationTable]:
        return SituationTable.objects.in_force().filter(unit=unit or OuterRef(COUNTED_FOR))
