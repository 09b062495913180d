"""存量问题攻坚清零 in the demo: listed over the weeks, worked on, most of the early ones solved by now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from appeals import backlog
from appeals.backlog_rules import Course, Matter, course_of, matter_of_appeal
from appeals.models import Appeal, BacklogItem
from core import clock
from demo.data.backlog import (
    APPEALS,
    CHECKED,
    CONFIRMED,
    DUPLICATE,
    FOLLOWED,
    LATER_PLAN,
    NO_CONDITIONS,
    NOT_YET,
    OLD,
    PROGRESS,
    RECLASSIFIED,
    REMOVED,
    REPORTED,
    SENT_BACK,
    Old,
)
from demo.world import WEEKS, Firm, Story, World
from enterprises.models import Tier


class Backlog:
    def __init__(self, world: World) -> None:
        self.world = world
        self.by = world.people["dispatcher"]
        self.large = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE] or world.firms

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for n, old in enumerate(OLD):
            rng = self.world.rng("backlog", n)
            day = days[min(len(days) - 1, old.week * len(days) // WEEKS + n % 4)]
            yield self.world.in_office(rng, day), self._life(rng, old)
        for n, (week, given) in enumerate(APPEALS):
            rng = self.world.rng("backlog appeal", n)
            yield self.world.in_office(rng, days[week * len(days) // WEEKS]), self._appeal(rng, given)

    def _life(self, rng: Random, old: Old) -> Story:
        world = self.world
        item = backlog.put_on_list(
            by=self.by, matter=self._matter(old, self._firm(rng, old)), course=self._course(old)
        )
        listed, unit = clock.today(), world.liaison(old.unit)
        if old.days > 10:
            yield world.later(rng, 2, 4)
            self._progress(rng, item)
        if old.route:
            yield from self._followed_up(rng, item)  # to the end of the story: none of them is settled yet
        if not old.ends:
            yield world.later(rng, 8, 12)
            self._progress(rng, item)
            return
        yield max(clock.now(), world.in_office(rng, world.calendar.add(listed, old.after)))
        if old.ends == REMOVED:
            backlog.remove_item(by=self.by, item=item, reason=DUPLICATE)
        elif old.ends == RECLASSIFIED:
            due = world.calendar.add(clock.today(), 60)
            backlog.set_course(
                by=self.by, item=item, course=Course("limited", due, plan=LATER_PLAN), reason=NO_CONDITIONS
            )
        else:
            backlog.report_cleared(by=unit, item=item, result=old.result)
        if old.ends in {REMOVED, RECLASSIFIED, REPORTED}:
            return
        yield world.later(rng, 1, 3)
        if old.ends == SENT_BACK:
            backlog.send_back(by=self.by, item=item, reason=NOT_YET)
        elif old.ends == CONFIRMED:
            # The bureau's own are confirmed by a second officer, and so are all the others.
            backlog.confirm_cleared(by=world.people["dispatcher2"], item=item, note=rng.choice(CHECKED))

    def _followed_up(self, rng: Random, item: BacklogItem) -> Story:
        """What is disputed: the unit looks after it before its day, and sets the next one."""
        world = self.world
        while True:
            yield max(clock.now(), world.in_office(rng, world.calendar.add(item.due_on, -1)))
            by = world.liaison(world.code_of(item.unit_id))
            backlog.add_progress(by=by, item=item, text=rng.choice(FOLLOWED), day=clock.today())
            due = world.calendar.add(clock.today(), rng.randint(18, 25))
            course = replace(course_of(item), due_on=due)
            item = backlog.set_course(by=by, item=item, course=course, reason="")

    def _appeal(self, rng: Random, given: int) -> Story:
        """The oldest that a unit still handles."""
        dragging = Appeal.objects.open().filter(lead_unit__isnull=False, backlog_items__isnull=True)
        related = ("lead_unit", "collecting_unit", "region", "enterprise__region", "project__region")
        appeal = dragging.select_related(*related).order_by("submitted_at", "number").first()
        if appeal is None:
            return
        due = self.world.calendar.add(clock.today(), given)
        item = backlog.put_on_list(
            by=self.by,
            matter=matter_of_appeal(appeal),
            course=Course("limited", due, plan="由主办单位负责人包案，每周会商一次，限期办结。"),
        )
        yield self.world.later(rng, 3, 6)
        self._progress(rng, item)

    def _matter(self, old: Old, firm: Firm) -> Matter:
        return Matter(
            source=old.source,
            unit=self.world.units[old.unit],
            title=old.title,
            subject=firm,
            reference=old.reference,
            facts=old.facts,
            amount=Decimal(old.amount) if old.amount else None,
            assisting=tuple(self.world.units[code] for code in old.assisting),
        )

    def _course(self, old: Old) -> Course:
        due = self.world.calendar.add(clock.today(), old.days)
        course = Course(old.classification, due, plan=old.plan)
        return replace(course, route=old.route, next_step=old.next_step) if old.route else course

    def _firm(self, rng: Random, old: Old) -> Firm:
        return rng.choice(self.world.projects) if old.about_project else rng.choice(self.large)

    def _progress(self, rng: Random, item: BacklogItem) -> None:
        by = self.world.liaison(self.world.code_of(item.unit_id))
        backlog.add_progress(by=by, item=item, text=rng.choice(PROGRESS), day=clock.today())
