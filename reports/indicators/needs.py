"""用工和融资: what firms asked for in the needs lists, and what came of it.

Its own figures, apart from the effects of appeals (rows 14 to 20 of the weekly table): people who took up work through
the lists are not counted as an effect of an appeal as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import DateField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate

from campaigns.models import FinancingDispatch, FinancingNeed, JobOpening, JobPlacement, JobSeeker
from core import clock
from districts.workdays import SHANGHAI
from liaisons.cadence import start_of
from reports.indicators.base import Context, Indicator, Rate, Source, distinct, total
from reports.indicators.weekly import MEETINGS
from reports.spans import Span


@dataclass(frozen=True)
class AnswersDue(Source):
    """Financing needs handed to a bank whose day to answer fell within the span, and does so no more in the future."""

    def when(self, span: Span) -> Q:
        end = min(span.end, start_of(clock.today()))
        return Q(due__gte=clock.local_date(span.start), due__lt=clock.local_date(end))


OPENINGS_SOURCE = Source(JobOpening, "unit_id", "recorded_at", "recorded_at")
SEEKERS_SOURCE = Source(JobSeeker, "unit_id", "recorded_at", "recorded_at")
PLACEMENTS_SOURCE = Source(JobPlacement, "unit_id", "occurred_at", "recorded_at")
NEEDS_SOURCE = Source(FinancingNeed, "unit_id", "recorded_at", "recorded_at")
LENT_SOURCE = Source(FinancingDispatch, "need__unit_id", "lent_at", "lent_at")
CREDITED_SOURCE = Source(FinancingDispatch, "need__unit_id", "answered_at", "answered_at")
ANSWERS_SOURCE = AnswersDue(
    FinancingDispatch,
    "need__unit_id",
    "due",
    "dispatched_at",
    given={
        "answered_on": ExpressionWrapper(TruncDate("answered_at", tzinfo=SHANGHAI), output_field=DateField())
    },
)


def _checked(context: Context) -> Q:
    """What a firm reported itself counts once somebody has looked into it."""
    return ~Q(state=JobOpening.State.PENDING)


def _standing(context: Context) -> Q:
    return Q(cancelled_at__isnull=True)


def _need_checked(context: Context) -> Q:
    return ~Q(state=FinancingNeed.State.PENDING)


def _granted(context: Context) -> Q:
    return Q(answer=FinancingDispatch.Answer.CREDIT)


def _need_granted(context: Context) -> Q:
    """Of which some bank granted something by now."""
    yes = FinancingDispatch.objects.filter(answer=FinancingDispatch.Answer.CREDIT)
    return _need_checked(context) & Q(pk__in=yes.order_by().values("need"))


def _of_job_kinds(context: Context) -> Q:
    return Q(kind__in=context.rules.needs.job_events)


def _of_finance_kinds(context: Context) -> Q:
    return Q(kind__in=context.rules.needs.finance_events)


def _answered_in_time(context: Context) -> Q:
    return Q(answered_on__lte=F("due"))


OPENINGS = Indicator(
    "job_openings",
    "用工需求",
    "期内登记并核实的企业用工需求，一个岗位计一条，撤回的也计。计入填报单位。",
    OPENINGS_SOURCE,
    matches=_checked,
)
PERSONS_WANTED = Indicator(
    "persons_wanted",
    "招聘人数",
    "期内登记并核实的用工需求的招聘人数之和。",
    OPENINGS_SOURCE,
    total("wanted"),
    _checked,
)
SEEKERS = Indicator(
    "job_seekers",
    "求职人员",
    "期内登记的求职人员，本人同意后登记；要求删除且没有推荐过的不计。计入登记单位。",
    SEEKERS_SOURCE,
)
PERSONS_PLACED = Indicator(
    "persons_placed",
    "送工上岗人数",
    "期内通过需求清单上岗的人数，含送工进企的批次和推荐上岗，作废的不计；不含企业诉求的解决成效。计入送工单位。",
    PLACEMENTS_SOURCE,
    total("persons"),
    _standing,
)
NEEDS = Indicator(
    "financing_needs",
    "融资需求",
    "期内登记并核实的企业融资需求，撤回的也计。计入摸排单位。",
    NEEDS_SOURCE,
    matches=_need_checked,
)
AMOUNT_WANTED = Indicator(
    "financing_wanted",
    "融资需求金额（万元）",
    "期内登记并核实的融资需求金额之和。",
    NEEDS_SOURCE,
    total("amount"),
    _need_checked,
)
NEEDS_GRANTED = Indicator(
    "financing_granted",
    "获得授信的融资需求",
    "其中到现在至少有一家金融机构授信的。",
    NEEDS_SOURCE,
    distinct("pk"),
    _need_granted,
)
CREDIT = Indicator(
    "financing_credit",
    "授信额（万元）",
    "期内金融机构第一次答复授信的，其授信额之和。计入摸排单位。",
    CREDITED_SOURCE,
    total("credit"),
    _granted,
)
LENT = Indicator(
    "financing_lent",
    "放款额（万元）",
    "期内首次放款的，其累计放款额之和。计入摸排单位。",
    LENT_SOURCE,
    total("lent"),
)
ANSWERS_DUE = Indicator(
    "financing_answers_due",
    "应答复的融资交办",
    "答复时限在期内、已经过去的融资交办，没有答复的计入。",
    ANSWERS_SOURCE,
)
ANSWERS_IN_TIME = Indicator(
    "financing_answers_in_time",
    "按时答复的融资交办",
    "其中没有超过时限答复的。",
    ANSWERS_SOURCE,
    matches=_answered_in_time,
)

JOB_FAIRS = Indicator(
    "job_fairs",
    "招聘会（场）",
    "期内举办、已登记情况的招聘会；哪些类别的活动是招聘会，在区县配置中写明。计入承办单位。",
    MEETINGS,
    matches=_of_job_kinds,
)
FINANCE_TALKS = Indicator(
    "finance_talks",
    "银企对接会（场）",
    "期内举办、已登记情况的银企对接会；哪些类别的活动是银企对接会，在区县配置中写明。计入承办单位。",
    MEETINGS,
    matches=_of_finance_kinds,
)

NEEDS_LISTS = (
    OPENINGS,
    PERSONS_WANTED,
    SEEKERS,
    PERSONS_PLACED,
    NEEDS,
    AMOUNT_WANTED,
    NEEDS_GRANTED,
    CREDIT,
    LENT,
    ANSWERS_DUE,
    ANSWERS_IN_TIME,
    JOB_FAIRS,
    FINANCE_TALKS,
)
RATES_OF_NEEDS = (
    Rate("financing_rate", "融资需求授信率", "登记的融资需求中获得授信的比例。", NEEDS_GRANTED, (NEEDS,)),
    Rate(
        "financing_in_time_rate",
        "融资交办按时答复率",
        "应答复的融资交办中按时答复的比例。",
        ANSWERS_IN_TIME,
        (ANSWERS_DUE,),
    ),
)
