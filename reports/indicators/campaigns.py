"""What the monthly inspection of the campaigns finds: tasks due and done, and progress that units owed and reported.

The records are the lines of the month's inspection list (campaigns.services.inspecting), which is drawn up by itself
and kept up to date until it is closed: a bulletin says what the inspection says.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Aggregate, Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from campaigns.models import InspectionLine
from districts.workdays import SHANGHAI
from reports.indicators.base import Context, Indicator, Rate, Source
from reports.spans import Span

State = InspectionLine.State


@dataclass(frozen=True)
class Inspected(Source):
    """Lines of the inspections of the months that begin within the span."""

    def when(self, span: Span) -> Q:
        first = localtime(span.start, SHANGHAI).date()
        return Q(inspection__month__gte=first, inspection__month__lte=span.last_day)


LINES = Inspected(InspectionLine, "unit_id", "inspection__month", "inspection__refreshed_at")


def _pieces(condition: Q | None) -> Aggregate:
    """A task or item once, however many units lead it."""
    return Count(Coalesce(F("item_id"), Value(0) - F("task_id")), distinct=True, filter=condition)


def _due(context: Context) -> Q:
    return Q(is_due=True)


def _done(context: Context) -> Q:
    return Q(is_due=True, state=State.DONE)


def _overdue(context: Context) -> Q:
    return Q(state=State.OVERDUE)


def _owed(context: Context) -> Q:
    return Q(owes_report=True)


def _reported(context: Context) -> Q:
    return Q(owes_report=True, reported=True)


TWICE = "几个单位共同牵头的任务，全区只计一次"
TASKS_DUE = Indicator(
    "campaign_tasks_due", "专项行动到期任务",
    "当月督查清单中本月到期的任务（各有时限的分项各计一项）。计入牵头责任单位。",
    LINES, _pieces, _due, TWICE,
)  # fmt: skip
TASKS_DONE = Indicator(
    "campaign_tasks_done",
    "专项行动按期完成任务",
    "其中没有超过时限就已完成的。",
    LINES,
    _pieces,
    _done,
    TWICE,
)
TASKS_OVERDUE = Indicator(
    "campaign_tasks_overdue", "专项行动逾期任务",
    "当月督查清单中时限已过、还没有完成的任务，以前月份到期的也在内。", LINES, _pieces, _overdue, TWICE,
)  # fmt: skip
REPORTS_DUE = Indicator(
    "campaign_reports_due", "应报任务进展",
    "当月督查清单中应填报进展的，一项任务一个牵头单位计一份；适时开展的不要求填报。", LINES, matches=_owed,
)  # fmt: skip
REPORTS_MADE = Indicator(
    "campaign_reports_made", "已报任务进展", "其中已经填报的。", LINES, matches=_reported
)

CAMPAIGNS = (TASKS_DUE, TASKS_DONE, TASKS_OVERDUE, REPORTS_DUE, REPORTS_MADE)
RATES_OF_CAMPAIGNS = (
    Rate(
        "campaign_rate",
        "专项行动任务按期完成率",
        "本月到期的任务中按期完成的比例。",
        TASKS_DONE,
        (TASKS_DUE,),
    ),
    Rate(
        "campaign_report_rate",
        "任务进展填报率",
        "应报的任务进展中已经填报的比例。",
        REPORTS_MADE,
        (REPORTS_DUE,),
    ),
)
