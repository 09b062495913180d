"""What was done so far towards the figures that tasks promise (“不少于30场次”), and the records behind each count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from appeals.models import Status
from campaigns.models import ReportFigure, Target, Task, TaskLink
from liaisons.models import ServiceEvent

DONE_APPEALS = (Status.CLOSED, Status.SOLVED_ON_SPOT)


@dataclass(frozen=True)
class Counted:
    """A confirmed target, and how far it is."""

    target: Target
    so_far: Decimal

    @property
    def reached(self) -> bool:
        return self.so_far >= self.target.number

    @property
    def percent(self) -> int:
        return min(100, int(self.so_far * 100 / self.target.number)) if self.target.number else 0

    @property
    def words(self) -> str:
        return f"{self.target.text}：目前{self.so_far.normalize():f}"


def counted(tasks: Collection[Task]) -> dict[int, list[Counted]]:
    """Of each task its confirmed targets, by its id. Targets loaded; two queries, however many tasks."""
    confirmed = [
        target for task in tasks for target in task.targets.all() if target.state == Target.State.CONFIRMED
    ]
    figures = ReportFigure.objects.filter(target__in=confirmed).order_by()
    sums = dict(figures.values_list("target").annotate(total=Sum("value")))
    links = [] if all(target.counts == Target.Counts.REPORTS for target in confirmed) else _links_of(tasks)
    linked = Counter(
        (link.task_id, kind) for link in links for kind in Target.Counts.values if is_counted(link, kind)
    )
    found: dict[int, list[Counted]] = {}
    for target in confirmed:
        if target.counts == Target.Counts.REPORTS:
            so_far = sums.get(target.pk, Decimal(0))
        else:
            so_far = Decimal(linked[target.task_id, target.counts])
        found.setdefault(target.task_id, []).append(Counted(target, so_far))
    return found


def _links_of(tasks: Iterable[Task]) -> Iterable[TaskLink]:
    return TaskLink.objects.filter(task__in=list(tasks)).select_related("appeal", "event")


def is_counted(link: TaskLink, kind: str) -> bool:
    """Whether a link is one of what a target of that kind counts: an event that was held, an appeal that is done."""
    match kind:
        case Target.Counts.EVENTS:
            return link.event is not None and link.event.state == ServiceEvent.State.HELD
        case Target.Counts.APPEALS:
            return link.appeal is not None and link.appeal.status in DONE_APPEALS
    return False
