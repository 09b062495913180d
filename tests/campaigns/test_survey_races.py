"""Firms that answer in the moment in which the round is closed and cut off: taken in whole, or told that it is over."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.models import SurveyAnswer
from campaigns.satisfaction.services import answering, surveys
from campaigns.satisfaction.services.severing import sever
from tests.appeals.test_races import at_once
from tests.campaigns.survey_cast import SurveyCast, answers

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_answer_is_lost_or_left_with_its_firm_when_the_round_ends(transactional_db, district):
    cast = SurveyCast(district)
    cast.firms(8)
    round = cast.running()

    def end() -> str:
        surveys.close(by=cast.dispatcher, round=round)
        sever(round.pk)
        return "closed"

    web = answering.Channel.WEB
    calls = [
        lambda sample=sample: answering.answer_sample(sample=sample, channel=web, given=answers())
        for sample in round.samples.all()
    ]
    openly = [lambda: answering.answer_openly(round=round, given=answers()) for _ in range(4)]
    results = at_once(*calls[:4], *openly[:2], end, *openly[2:], *calls[4:])
    taken = results.count(None)
    assert (
        taken + sum(isinstance(result, ValidationError) for result in results) == 12 and "closed" in results
    )
    sever(round.pk)
    round.refresh_from_db()
    assert SurveyAnswer.objects.count() == taken and not SurveyAnswer.objects.exclude(sample=None).exists()
    answered = sum(row["answered"] for row in round.figures["strata"].values())
    assert answered == SurveyAnswer.objects.filter(sampled=True).count()
