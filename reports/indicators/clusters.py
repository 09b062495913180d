"""回应一个诉求、解决一类问题: kinds of problems found, taken on and improved, and the reports written on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Unit
from appeals.models import Cluster, Improvement
from core import clock
from core.wording import spoken
from districts.workdays import SHANGHAI
from reports.indicators.base import Context, Indicator, Rate, Source, distinct
from reports.models import ClusterReport
from reports.spans import DAY, Span

State = Improvement.State


@dataclass(frozen=True)
class OfTheBureau(Source):
    """Kinds of problems belong to no unit: the lead bureau looks after them all."""

    def records(self, context: Context) -> QuerySet:
        bureau = Unit.objects.filter(district=OuterRef("district"), code=context.rules.lead_bureau)
        given = {"bureau": Subquery(bureau.values("pk")[:1])}
        return Source.records(replace(self, given=given), context)


@dataclass(frozen=True)
class OverdueThen(Source):
    """What was with a unit beyond its day at the end of the span, or is today."""

    def when(self, span: Span) -> Q:
        day = min(span.last_day + DAY, clock.today())
        ended = Q(ended_at__isnull=True) | Q(ended_at__gte=span.end)
        unreported = Q(reported_at__isnull=True) | Q(reported_at__gte=span.end)
        return Q(adopted_at__lt=span.end, due_on__lt=day) & ended & unreported


KINDS = OfTheBureau(Cluster, "bureau", "found_at", "found_at")
TAKEN_ON = Source(Improvement, "unit_id", "adopted_at", "adopted_at")
ENDED = Source(Improvement, "unit_id", "ended_at", "ended_at")
OVERDUE = OverdueThen(Improvement, "unit_id", "due_on", "adopted_at")
REPORTS = Source(ClusterReport, "submitted_by__unit_id", "submitted_at", "submitted_at")


def _listed(context: Context) -> Q:
    return Q(state=Cluster.State.ACTIVE)


def _done(context: Context) -> Q:
    return Q(state=State.DONE)


def _in_time(context: Context) -> Q:
    return Q(state=State.DONE, reported_at__isnull=False) & Q(
        pk__in=Improvement.objects.annotate(reported_on=TruncDate("reported_at", tzinfo=SHANGHAI))
        .filter(reported_on__lte=F("due_on"))
        .values("pk")
    )


ONCE = "同一类问题先后由几个单位牵头改进的，全区只计一类"
KINDS_FOUND = Indicator(
    "kinds_found",
    "新发现共性问题",
    spoken("期内由相似诉求归成的共性问题，一类计一类；后来并入别的一类或不作专题的不计。计入牵头局。"),
    KINDS,
    matches=_listed,
)
KINDS_TAKEN_ON = Indicator(
    "kinds_taken_on", "认领改进的共性问题",
    spoken("期内由单位认领或由牵头局交办、开始改进的共性问题；后来不再推进的也计。计入牵头责任单位。"),
    TAKEN_ON, distinct("cluster"), same_once=ONCE,
)  # fmt: skip
KINDS_IMPROVED = Indicator(
    "kinds_improved", "完成改进的共性问题",
    spoken("期内由牵头局确认完成改进的共性问题。计入牵头责任单位。"),
    ENDED, distinct("cluster"), _done, ONCE,
)  # fmt: skip
IMPROVEMENTS_DONE = Indicator(
    "improvements_done",
    "完成的政策改进",
    spoken("期内由牵头局确认完成的政策改进，一项计一项。"),
    ENDED,
    matches=_done,
)
IMPROVEMENTS_IN_TIME = Indicator(
    "improvements_in_time",
    "按时完成的政策改进",
    "其中牵头责任单位没有超过完成时限就已报送的。",
    ENDED,
    matches=_in_time,
)
IMPROVEMENTS_OVERDUE = Indicator(
    "improvements_overdue",
    "逾期的政策改进",
    "期末已过完成时限，牵头责任单位还没有报送完成的政策改进；不再推进的不计。",
    OVERDUE,
)
RESEARCH_REPORTS = Indicator(
    "research_reports", "报送调研分析报告", "期内报区政府的共性问题调研分析报告。计入报送单位。", REPORTS
)
CLUSTERS = (
    KINDS_FOUND,
    KINDS_TAKEN_ON,
    KINDS_IMPROVED,
    IMPROVEMENTS_DONE,
    IMPROVEMENTS_IN_TIME,
    IMPROVEMENTS_OVERDUE,
    RESEARCH_REPORTS,
)
RATES_OF_CLUSTERS = (
    Rate(
        "improvements_rate",
        "政策改进按时完成率",
        "期内完成的政策改进中按时完成的比例；还没有完成的见“逾期的政策改进”。",
        IMPROVEMENTS_IN_TIME,
        (IMPROVEMENTS_DONE,),
    ),
)
