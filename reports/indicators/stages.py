"""Where it is stuck: the clocks that run now, and those that ran out, by the stage they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Aggregate, Min, Q

from appeals.models import Deadline
from core import clock
from reports.indicators.base import Context, Indicator, Longest, Rate, Source
from reports.indicators.handling import CLOCKS
from reports.spans import Span


@dataclass(frozen=True)
class RunningClocks(Source):
    """Clocks that run now, whatever the span: what is stuck is stuck today."""

    def when(self, span: Span) -> Q:
        return Q(verdict="", paused_at__isnull=True) & ~Q(kind=Deadline.Kind.WAITING)


def _earliest(path: str) -> Callable[[Q | None], Aggregate]:
    return lambda condition: Min(path, filter=condition)


def _overdue(context: Context) -> Q:
    return Q(due_at__lt=clock.now())


def _late(context: Context) -> Q:
    """Met too late, or not met at all: the source holds only what ran out."""
    return ~Q(verdict=Deadline.Verdict.ON_TIME)


RUNNING = RunningClocks(Deadline, "owner_id", "due_at", "started_at", appeal="appeal", keys={"stage": "kind"})

STAGE_RUNNING = Indicator(
    "stage_running", "在走环节", "现在正在计时的环节，不论所选时间；暂停计时的、等企业补充的不计。计入责任单位。",
    RUNNING,
)  # fmt: skip
STAGE_OVERDUE = Indicator("stage_overdue", "超期环节", "其中现在已经超过时限的。", RUNNING, matches=_overdue)
STAGE_LONGEST = Longest(
    "stage_longest", "最久超期工作日", "现在超期的环节中，从到期日到今天最长的工作日数。", RUNNING,
    aggregate=_earliest("due_at"), matches=_overdue, since="due_at",
)  # fmt: skip
STAGE_DUE = Indicator(
    "stage_due",
    "到期环节",
    "时限在期内到期的各类环节，超期仍未完成的计入；到期前终止、暂停计时的和等企业补充的不计。计入责任单位。",
    CLOCKS,
)
STAGE_LATE = Indicator(
    "stage_late", "超期完成或未完成环节", "其中没有在时限内完成的。", CLOCKS, matches=_late
)

STAGES = (STAGE_RUNNING, STAGE_OVERDUE, STAGE_LONGEST, STAGE_DUE, STAGE_LATE)

RATES_OF_STAGES = (
    Rate(
        "late_share",
        "超期比例",
        "期内到期的环节中没有按时完成的比例。",
        STAGE_LATE,
        (STAGE_DUE,),
        better="low",
    ),
    Rate(
        "stuck_share",
        "在走环节超期比例",
        "现在正在计时的环节中已经超期的比例。",
        STAGE_OVERDUE,
        (STAGE_RUNNING,),
        better="low",
    ),
)
