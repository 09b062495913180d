"""Kinds of problems in the demo: sorted now and then, one improved and its effect to be seen, one under way, a report."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db.models import Count

from accounts.models import Role
from appeals.clusters import improving, topics
from appeals.clusters.figures import appeals_of
from appeals.clusters.improving import Result, Task
from appeals.clusters.running import cluster_district
from appeals.models import Cluster
from core import clock
from demo.data.clusters import (
    CAUSES,
    CHECKED,
    DOCUMENT,
    GOAL,
    PROGRESS,
    RESULT,
    SECOND_GOAL,
    SECOND_PROGRESS,
)
from demo.world import WEEKS, Story, World, moment_on
from liaisons.models import ServiceEvent
from notifications.models import Notice
from reports.research import writing

FIRST, SECOND = 5, 9
"""The weeks in which the two are taken on."""
NIGHT = time(2, 40)


class Clusters:
    def __init__(self, world: World) -> None:
        self.world = world
        self.by = world.people["dispatcher"]

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        first, second = (days[min(week * len(days) // WEEKS, len(days) - 1)] for week in (FIRST, SECOND))
        yield moment_on(first, NIGHT), self._sorted()
        yield self.world.in_office(self.world.rng("cluster", 1), second), self._under_way()
        yield moment_on(self.world.today, NIGHT), self._sorted()
        yield moment_on(self.world.today, time(8, 10)), self._finished(first)
        yield moment_on(self.world.today, time(8, 20)), self._talked_about()

    def _sorted(self) -> Story:
        cluster_district(self.world.district)
        return
        yield

    def _free(self) -> list[Cluster]:
        """Those nobody took on whose department has a desk, the one with most appeals first."""
        free = Cluster.objects.filter(district=self.world.district, improvements__isnull=True).active()
        rows = free.select_related("district").annotate(size=Count("members")).order_by("-size", "pk")
        return [cluster for cluster in rows if self._desk(cluster)]

    def _desk(self, cluster: Cluster) -> str:
        """The code of the unit that handles most of it and whose liaison works in the demo."""
        codes = (
            appeals_of(cluster).filter(lead_unit__isnull=False).order_by().values_list("lead_unit__code")
            .annotate(number=Count("pk")).order_by("-number", "lead_unit__code")
        )  # fmt: skip
        usual = self.world.rules.find("categories", cluster.category)
        for code in (*(code for code, _ in codes), *(usual.units if usual else ())):
            unit, user = self.world.units.get(code), self.world.people.get(code)
            handles = unit is not None and unit.kind in self.world.rules.handling_unit_kinds
            if handles and user is not None and user.has_role(Role.LIAISON):
                return code
        return ""

    def _task(self, cluster: Cluster, goal: str, kind: str, days: int) -> Task:
        return Task(
            unit=self.world.units[self._desk(cluster)],
            kind=kind,
            goal=goal.format(title=cluster.title),
            due_on=self.world.calendar.add(clock.today(), days),
        )

    def _finished(self, day: date) -> Story:
        """Given to the department weeks ago, which simplified the procedure; the kind that came less often since.

        Which one that is shows at the end alone: it is told then, under the moments at which it happened.
        """
        world = self.world
        rng = world.rng("cluster finished")
        changed = world.calendar.add(day, 10)
        # A short demo has no room for all of it.
        has_room = world.calendar.add(changed, 3) < world.today
        cluster = self._come_less(changed) if has_room else None
        if cluster is None:
            return
        liaison = world.liaison(self._desk(cluster))
        with clock.at(world.in_office(rng, world.calendar.add(day, 1))):
            task = improving.take_on(
                by=self.by, cluster=cluster, task=self._task(cluster, GOAL, "procedure", 15)
            )
        for n, text in enumerate(PROGRESS):
            with clock.at(world.in_office(rng, world.calendar.add(day, 4 + 3 * n))):
                improving.add_progress(by=liaison, improvement=task, text=text)
        with clock.at(world.in_office(rng, world.calendar.add(changed, 1))):
            result = Result(RESULT, changed, document=DOCUMENT)
            improving.report_done(by=liaison, improvement=task, result=result)
        with clock.at(world.in_office(rng, world.calendar.add(changed, 3))):
            improving.confirm(by=world.people["dispatcher2"], improvement=task, note=CHECKED)
        Notice.objects.unread().filter(key__startswith=f"improvement:{task.pk}:").update(read_at=clock.now())
        report = writing.draft(by=self.by, cluster=cluster)
        texts = report.written | {"causes": CAUSES}
        writing.save(by=self.by, report=report, title=report.title, texts=texts, version=report.version)
        return
        yield

    def _come_less(self, changed: date) -> Cluster | None:
        """Of the free ones, the one with the largest fall of appeals a day."""
        turn = moment_on(changed, time(0))
        since = max((self.world.end - turn).days, 1)

        def fall(cluster: Cluster) -> float:
            rows = appeals_of(cluster)
            first = rows.order_by("submitted_at").first()
            days = max((turn - first.submitted_at).days, 1) if first else 1
            before = rows.filter(submitted_at__lt=turn).count()
            return before / days - rows.filter(submitted_at__gte=turn).count() / since

        known = [cluster for cluster in self._free() if cluster.found_at < turn]
        return max(known, key=fall, default=None)

    def _under_way(self) -> Story:
        """A department takes one on by itself."""
        world = self.world
        cluster_district(world.district)
        free = self._free()
        if not free:
            return
        cluster = free[0]
        liaison = world.liaison(self._desk(cluster))
        task = improving.take_on(
            by=liaison, cluster=cluster, task=self._task(cluster, SECOND_GOAL, "changed_policy", 12)
        )
        yield world.later(world.rng("cluster under way"), 5, 7)
        improving.add_progress(by=liaison, improvement=task, text=SECOND_PROGRESS)

    def _talked_about(self) -> Story:
        """The next talk that is planned is about what presses most."""
        kind = topics.talk_kind(self.world.rules)
        ahead = ServiceEvent.objects.filter(
            district=self.world.district,
            kind=kind,
            state__in=["planned", "announced"],
            starts_at__gt=clock.now(),
        )
        event = ahead.select_related("organiser").order_by("starts_at").first()
        found = topics.suggestions(self.by, self.world.rules)
        if event is not None and found:
            topics.choose(by=self.by, event=event, clusters=[one.cluster for one in found[:2]])
        return
        yield
