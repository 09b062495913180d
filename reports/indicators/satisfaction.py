"""What firms think of visits, cadres, events, windows and payments, what the survey found, and what was put right.

Of the survey only what may be told of a unit is counted (``SurveyAnswer.shown``): enough answers in the round. A
rating that was found to be mistaken is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q

from campaigns.models import LowRating, ServiceRating, SurveyAnswer
from core import clock
from core.wording import spoken
from reports.indicators.base import Context, Indicator, Rate, Source
from reports.spans import Span

UPHELD = LowRating.State.UPHELD


@dataclass(frozen=True)
class LowDue(Source):
    """Low ratings whose time to be answered ran out within the span; an appeal that is open stops the clock."""

    def when(self, span: Span) -> Q:
        due = Q(due_at__gte=span.start, due_at__lt=min(span.end, clock.now()))
        return due & ~Q(state__in=[LowRating.State.DISPUTED, UPHELD])


RATED = Source(ServiceRating, "unit_id", "at", "at", keys={"satisfaction": "level"})
SURVEYED = Source(
    SurveyAnswer, "unit_id", "round__closed_at", "round__closed_at", keys={"satisfaction": "level"}
)
LOW_DUE = LowDue(LowRating, "unit_id", "due_at", "opened_at")


def _visits(context: Context) -> Q:
    kinds = [ServiceRating.Kind.VISIT, ServiceRating.Kind.CADRE]
    return Q(kind__in=kinds) & (Q(low__isnull=True) | ~Q(low__state=UPHELD))


def _visits_satisfied(context: Context) -> Q:
    return _visits(context) & Q(level__in=context.rules.satisfied_levels)


def _services(context: Context) -> Q:
    kinds = [ServiceRating.Kind.EVENT, ServiceRating.Kind.WINDOW, ServiceRating.Kind.PAYMENT]
    return Q(kind__in=kinds) & (Q(low__isnull=True) | ~Q(low__state=UPHELD))


def _services_satisfied(context: Context) -> Q:
    return _services(context) & Q(level__in=context.rules.satisfied_levels)


def _surveyed(context: Context) -> Q:
    told = Q(sampled=True, shown=True, round__severed_at__isnull=False)
    return told & (Q(low__isnull=True) | ~Q(low__state=UPHELD))


def _survey_satisfied(context: Context) -> Q:
    return _surveyed(context) & Q(level__in=context.rules.satisfied_levels)


def _answered_in_time(context: Context) -> Q:
    return Q(state=LowRating.State.ANSWERED, late=False, answered_at__lte=F("due_at"))


VISITS_RATED = Indicator(
    "visits_rated", spoken("走访和包保服务评价"),
    spoken("期内企业对走访、联企干部平时服务的评价，误评成立的不计。计入走访（包保）单位。"), RATED, matches=_visits,
)  # fmt: skip
VISITS_SATISFIED = Indicator(
    "visits_satisfied",
    spoken("走访和包保服务满意评价"),
    "其中基本满意及以上的。",
    RATED,
    matches=_visits_satisfied,
)
SERVICES_RATED = Indicator(
    "services_rated",
    "活动、窗口和政策兑现评价",
    "期内对助企活动、服务窗口、政策兑现的评价，误评成立的不计。",
    RATED,
    matches=_services,
)
SERVICES_SATISFIED = Indicator(
    "services_satisfied",
    "活动、窗口和政策兑现满意评价",
    "其中基本满意及以上的。",
    RATED,
    matches=_services_satisfied,
)
SURVEY_ANSWERS = Indicator(
    "survey_answers",
    "季度调查有效答卷",
    "期内结束的季度调查中，抽样企业对本单位的有效答卷；一轮中份数不足的单位不计，误评成立的不计，公开链接的不计。",
    SURVEYED,
    matches=_surveyed,
)
SURVEY_SATISFIED = Indicator(
    "survey_satisfied",
    "季度调查满意答卷",
    "其中总体评价基本满意及以上的。",
    SURVEYED,
    matches=_survey_satisfied,
)
LOW_RATINGS_DUE = Indicator(
    "low_ratings_due",
    "应答复低分评价",
    "答复时限在期内的低分评价，没有答复的计入；误评申诉中和误评成立的不计。",
    LOW_DUE,
)
LOW_RATINGS_ANSWERED = Indicator(
    "low_ratings_answered",
    "按时答复低分评价",
    "其中在时限内写明整改情况的。",
    LOW_DUE,
    matches=_answered_in_time,
)

SATISFACTION = (
    VISITS_RATED, VISITS_SATISFIED, SERVICES_RATED, SERVICES_SATISFIED, SURVEY_ANSWERS, SURVEY_SATISFIED,
    LOW_RATINGS_DUE, LOW_RATINGS_ANSWERED,
)  # fmt: skip

RATES_OF_SATISFACTION = (
    Rate(
        "visit_satisfied_rate", "走访满意率", spoken("企业对走访和包保服务基本满意及以上的比例。"),
        VISITS_SATISFIED, (VISITS_RATED,),
    ),
    Rate(
        "service_satisfied_rate", "活动、窗口和政策兑现满意率",
        "对助企活动、服务窗口和政策兑现基本满意及以上的比例。",
        SERVICES_SATISFIED, (SERVICES_RATED,),
    ),
    Rate(
        "survey_satisfied_rate", "季度调查满意率", "第三方季度调查中企业总体评价基本满意及以上的比例；未接通的单列。",
        SURVEY_SATISFIED, (SURVEY_ANSWERS,),
    ),
    Rate(
        "low_rating_answered_rate", "低分评价按时答复率", "应答复的低分评价中按时答复的比例。",
        LOW_RATINGS_ANSWERED, (LOW_RATINGS_DUE,),
    ),
)  # fmt: skip
