"""What the pages of satisfaction show in the tests that walk over every page."""

from datetime import timedelta

from django.core.files.base import ContentFile

from campaigns.models import ConductRemark, LowRatingEvidence, SurveyRound
from campaigns.satisfaction.links import window_token
from campaigns.satisfaction.services import answering, surveys
from campaigns.satisfaction.services.ratings import Judgement, rate_at_plaque
from campaigns.satisfaction.services.severing import sever
from campaigns.satisfaction.services.surveys import Plan
from core import clock
from enterprises.models import Enterprise
from tests import factories
from tests.appeals.lives import Cast
from tests.campaigns.survey_cast import answers


def satisfaction_arguments(cast: Cast, firm: Enterprise, *, with_results: bool = False) -> dict[str, list]:
    """The cadre who looks after the firm was rated low, with a remark on conduct; a survey runs.

    ``with_results``: last quarter's is over, with enough answers to be told.
    """
    code, supervisor = cast.district.code, cast.supervisor
    given = Judgement("unsatisfied", "没有下文", conduct="吃拿卡要")
    rating = rate_at_plaque(entry=firm, kind="cadre", given=given)
    upload = ContentFile(b"%PDF-1.7", name="a.pdf")
    evidence = LowRatingEvidence.objects.create(case=rating.low, **LowRatingEvidence.fields_of(upload))
    remark = ConductRemark.objects.visible_to(supervisor).get()
    today = clock.today()
    quarter = (today.month - 1) // 3 + 1
    earlier = (today.year, quarter - 1) if quarter > 1 else (today.year - 1, 4)
    finished = _finished(cast, *earlier) if with_results else None
    round = _running(cast, today.year, quarter, 10)
    sample = round.samples.first()
    token = window_token(factories.unit(cast.district, "datong_window"))
    return {
        "public:rate": [code, token],
        "public:survey": [code, sample.token],
        "public:survey_open": [code, round.open_token],
        "campaigns:satisfaction_unit": [rating.unit_id],
        **{f"campaigns:{name}low_rating": [rating.low.pk] for name in ("", "answer_", "dispute_", "rule_")},
        "campaigns:low_rating_file": [evidence.pk],
        **{f"campaigns:{name}": [round.pk] for name in (
            "survey", "survey_team", "draw_survey", "start_survey", "close_survey", "publish_survey", "survey_slips",
            "survey_list")},
        "campaigns:survey_results": [(finished or round).pk],
        **{f"campaigns:survey_{name}": [sample.pk] for name in ("sample", "phone", "attempt")},
        "campaigns:conduct_remark": [remark.pk],
    }  # fmt: skip


def _running(cast: Cast, year: int, quarter: int, size: int) -> SurveyRound:
    plan = Plan(year, quarter, clock.today() + timedelta(days=20), "roster", size)
    round = surveys.draft(by=cast.dispatcher, plan=plan)
    round = surveys.draw_sample(by=cast.dispatcher, round=round)
    return surveys.start(by=cast.dispatcher, round=round)


def _finished(cast: Cast, year: int, quarter: int) -> SurveyRound:
    for _ in range(12):
        factories.enterprise(cast.district)
    round = _running(cast, year, quarter, 12)
    for sample in round.samples.all():
        given = answers("basic", wishes="希望多来看看。")
        answering.answer_sample(sample=sample, channel="phone", given=given, by=cast.dispatcher)
    surveys.close(by=cast.dispatcher, round=round)
    sever(round.pk)
    return round
