"""通报和年度考核 in the demo: a bulletin for each month that is over, sent and read; drafts on the desk."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from accounts.models import User
from core import clock
from demo.data.bulletins import ADJUSTED, NEXT, PROBLEMS
from demo.world import Story, World, moment_on
from reports.assessments import services as assessments
from reports.bulletins import drafting, services
from reports.bulletins.counted import Month
from reports.models import AssessmentScore, Bulletin

READ = 0.85
"""The share of the units that say they have read it, within a few days."""
EARLY = timedelta(days=4)
"""A month that began so shortly before the story is told as a whole one."""


class Bulletins:
    def __init__(self, world: World) -> None:
        self.world = world
        self.by, self.leader = world.people["dispatcher"], world.people["leader"]

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        month, number = Month.of(world.start), 0
        while (first := month.end.date()) <= world.today:
            if month.start >= world.start - EARLY:
                yield moment_on(world.calendar.next_workday(first), time(9, 5)), self._month(number)
                number += 1
            month = Month.of(first)
        days = world.workdays()
        if len(days) > 3:
            yield moment_on(days[-2], time(15, 20)), self._cases()
            yield moment_on(days[-3], time(16, 10)), self._year()

    def _month(self, number: int) -> Story:
        """Drafted by the tick, finished by the dispatcher, signed by the leader, sent and read."""
        rng = self.world.rng("bulletin", number)
        bulletin = drafting.draft_due(self.world.district)
        if bulletin is None:
            return
        yield self.world.later(rng, 1, 1)
        drafting.refresh(bulletin=bulletin, by=self.by)
        self._write(bulletin, "problems", PROBLEMS[number % len(PROBLEMS)])
        self._write(bulletin, "next", NEXT[number % len(NEXT)])
        self._leave_out_empty(bulletin)
        services.submit(bulletin=bulletin, by=self.by)
        yield self.world.later(rng, 1, 1)
        services.approve(bulletin=bulletin, by=self.leader)
        yield self.world.shortly(rng)
        units = [unit for unit in self.world.units.values() if unit.active]
        kinds = self.world.rules.reporting_unit_kinds
        services.send(bulletin=bulletin, units=[unit for unit in units if unit.kind in kinds], by=self.by)
        for line in bulletin.recipients.select_related("unit").order_by("unit__order", "unit_id"):
            reader = self.world.people.get(line.unit.code)
            if reader is not None and rng.random() < READ:
                self.world.tell(self.world.later(rng, 0, 4), self._read(bulletin, reader))

    def _write(self, bulletin: Bulletin, code: str, text: str) -> None:
        bulletin.refresh_from_db(fields=["sections"])
        section = services.section_of(bulletin, code)
        if section is not None:
            services.edit(
                bulletin=bulletin, code=code, version=section["version"], by=self.by,
                heading=section["heading"], text=text,
            )  # fmt: skip

    def _leave_out_empty(self, bulletin: Bulletin) -> None:
        """A month without an approved case has no part about cases."""
        bulletin.refresh_from_db(fields=["sections"])
        for section in bulletin.sections:
            if section["kind"] == "cases" and not section["cases"] and not section["removed"]:
                services.set_removed(
                    bulletin=bulletin, code=section["code"], version=section["version"], by=self.by, removed=True
                )  # fmt: skip

    def _read(self, bulletin: Bulletin, reader: User) -> Story:
        services.mark_read(bulletin=bulletin, by=reader)
        return
        yield

    def _cases(self) -> Story:
        """A bulletin of good and bad cases, whose demands are still to be written."""
        drafting.draft(
            district=self.world.district, month=Month.of(clock.now()), by=self.by, kind=Bulletin.Kind.CASES
        )
        return
        yield

    def _year(self) -> Story:
        """This year's sheet as it stands, with one score adjusted by hand."""
        assessment = assessments.start(district=self.world.district, year=clock.today().year, by=self.by)
        scores = AssessmentScore.objects.filter(line__assessment=assessment, weight__isnull=False)
        low = scores.select_related("line__assessment").order_by("computed", "pk").first()
        if low is not None and low.computed is not None and low.weight is not None:
            points = min(low.weight, low.computed + Decimal(2))
            assessments.adjust(score=low, points=points, reason=ADJUSTED, by=self.by)
        return
        yield
