"""After the round nothing in the database leads from an answer to the firm that gave it."""

import json
from collections import Counter

import pytest
import time_machine
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder

from campaigns.models import ConductRemark, LowRating, SurveyAnswer, SurveyAttempt, SurveySample
from campaigns.satisfaction.services import answering
from core.models import FormToken
from districts.models import Region
from tests.campaigns.survey_cast import SurveyCast
from tests.campaigns.test_surveys import WEB, desk

NAME = "铜陵晨光机械有限公司"


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00"):
        yield


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


def rows_that_hold(*words: str) -> list[str]:
    """Every row of every table of ours in which one of the words stands."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values():
            text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, default=str)
            found += [model._meta.label for word in words if word in text]
    return found


def test_nothing_leads_back(cast, client):
    firm = cast.firms(1, name=NAME, contact_name="赵敏", contact_phone="13900003333")[0]
    cast.firms(11)
    round = cast.running()
    samples = list(round.samples.all())
    one = next(sample for sample in samples if sample.enterprise == firm)
    browser = desk(cast)
    browser.post(f"/campaigns/survey-desk/samples/{one.pk}/phone/")
    browser.post(f"/campaigns/survey-desk/samples/{one.pk}/attempt/", {"outcome": "later", "token": "tok1"})
    sent = WEB | {
        "q_service": "very_unsatisfied", "q_wishes": "晨光机械等了三个月，找赵总13900003333", "channel": "phone", "token": "tok2",
    }  # fmt: skip
    assert browser.post(f"/campaigns/survey-desk/samples/{one.pk}/", sent).status_code == 302
    web = next(sample for sample in samples if sample != one)
    assert client.post(f"/340711/survey/{web.token}/", WEB | {"token": "tok3"}).status_code == 200
    for sample in samples:
        if sample not in (one, web):
            cast.answer(sample)
    before = set(SurveyAnswer.objects.values_list("pk", flat=True))
    mine = SurveyAnswer.objects.get(sample=one).pk
    assert rows_that_hold("tok2")  # as long as the round runs, a form sent twice is known again

    cast.closed(round)

    assert not SurveySample.objects.exists() and not SurveyAttempt.objects.exists()
    after = {answer.pk: answer for answer in SurveyAnswer.objects.all()}
    assert len(after) == 12 and not before & set(after), "new numbers"
    assert not rows_that_hold(str(mine), one.token, web.token, "tok1", "tok2", "tok3")
    assert not FormToken.objects.filter(key__startswith="survey-").exists()
    # Whoever knows the firm finds it nowhere beside an answer: no key, no name, no phone, no time.
    for answer in after.values():
        assert answer.sample_id is None
        assert {"enterprise", "project", "at"}.isdisjoint(field.name for field in answer._meta.fields)
    worst = next(answer for answer in after.values() if answer.level == "very_unsatisfied")
    said = worst.answers["wishes"]
    assert "等了三个月" in said and not any(word in said for word in ("晨光", "赵", "139"))
    case = LowRating.objects.get()
    assert case.survey_answer == worst and case.words == said and case.official is None
    assert NAME not in f"{case.about}{case.words}"
    # The calls are counted, not kept.
    round.refresh_from_db()
    assert sum(row["answered"] for row in round.figures["strata"].values()) == 12


def test_answers_do_not_lie_in_the_order_they_came_in(cast):
    cast.firms(30)
    round = cast.running(size=30)
    levels = []
    for n, sample in enumerate(round.samples.all()):
        level = "satisfied" if n < 15 else "basic"
        cast.answer(sample, level)
        levels.append(level)
    cast.closed(round)
    orders = {
        tuple(SurveyAnswer.objects.order_by().values_list("level", flat=True)),
        tuple(SurveyAnswer.objects.order_by("pk").values_list("level", flat=True)),
    }
    assert tuple(levels) not in orders  # by chance: 1 in 155 million


def test_place_and_class_are_kept_only_where_enough_share_them(cast, district):
    from tests import factories as make

    cast.firms(10)
    cast.firms(10, region=make.township(district, "铜山镇"))
    cast.firms(11, tier="above_scale")
    cast.firms(2, tier="above_scale", region=make.township(district, "老洲乡"))
    round = cast.running()
    for sample in round.samples.all():
        cast.answer(sample)
    cast.closed(round)
    kept = sorted((answer.tier, str(answer.region or "")) for answer in SurveyAnswer.objects.all())
    # 老洲乡 alone would be what is missing: 大通镇 stays out of the class, too.
    assert kept == [("above_scale", "")] * 13 + [("small", "大通镇")] * 10 + [("small", "铜山镇")] * 10


def test_whoever_draws_the_sample_again_finds_many_firms_for_every_answer(cast, district):
    """The seed is public and the assignments are known: what is kept on an answer must fit no single firm."""
    from tests import factories as make

    cast.firms(13)
    cast.firms(11, region=make.township(district, "铜山镇"))
    cast.firms(1, tier="above_scale")
    cast.firms(3, unit="czj")
    cast.firms(12, unit="nyj")
    make.enterprise(district)  # nobody looks after it
    round = cast.running()
    firms = []
    for n, sample in enumerate(round.samples.select_related("enterprise")):
        answering.answer_sample(
            sample=sample, channel="on_site" if n == 5 else "phone", given=answers_of(n), by=cast.surveyor
        )
        firms.append(
            (sample.unit_id, sample.official_id, sample.enterprise.tier, sample.enterprise.region_id)
        )
    cast.closed(round)
    round.refresh_from_db()
    assert round.figures["channels"] == {"phone": 40, "on_site": 1}
    left = Counter()
    for answer in SurveyAnswer.objects.all():
        assert answer.channel == "", "who was called stands in the log"
        traits = (answer.unit_id, answer.official_id, answer.tier or None, answer.region_id)
        fitting = [
            firm
            for firm in firms
            if all(mine in (None, theirs) for mine, theirs in zip(traits, firm, strict=True))
        ]
        assert len(fitting) >= 10, (traits, len(fitting))
        left[traits] += 1
    # Nor does what is left when the others are taken away.
    assert min(left.values()) >= 10, left
    assert set(SurveyAnswer.objects.filter(shown=True).values_list("unit__code", flat=True)) == {"fgw"}


def answers_of(n: int) -> dict[str, str]:
    return {"service": "unsatisfied" if n == 5 else "satisfied", "attitude": "basic", "visited": "visited"}


def test_a_small_unit_is_not_told_and_learns_of_no_low_one(cast, client):
    """Of its two firms it would know which one it was."""
    cast.firms(12)
    cast.firms(10, unit="nyj")
    cast.firms(2, unit="czj")
    round = cast.running()
    for sample in round.samples.select_related("unit"):
        cast.answer(sample, "unsatisfied" if sample.unit.code == "czj" else "satisfied")
    cast.closed(round)
    shown = set(SurveyAnswer.objects.filter(shown=True).values_list("unit__code", flat=True))
    assert shown == {"fgw"}  # 区农业农村局 stays out too: less it, the sum would tell of 区财政局
    assert not LowRating.objects.exists()
    assert not SurveyAnswer.objects.visible_to(cast.other).exists()
    assert SurveyAnswer.objects.visible_to(cast.liaison).count() == 12
    client.force_login(cast.dispatcher)
    assert "有 2 份低分答卷没有转" in client.get(f"/campaigns/surveys/{round.pk}/results/").content.decode()


def test_a_remark_on_conduct_is_tied_to_no_answer(cast):
    cast.firms(1)
    round = cast.running()
    answering.answer_sample(
        sample=round.samples.get(), channel="phone", given={"service": "satisfied", "attitude": "basic", "visited": "visited"},
        remark="收了烟", by=cast.surveyor,
    )  # fmt: skip
    remark = ConductRemark.objects.get()
    links = {field.name for field in ConductRemark._meta.fields}
    assert remark.unit == cast.unit and not links & {
        "sample",
        "answer",
        "round",
        "enterprise",
        "rating",
        "at",
    }


def test_firms_that_turn_out_to_be_one_are_asked_once(cast):
    from enterprises.merging import merge

    kept = cast.firms(1)[0]
    duplicate = cast.firms(1, credit_code=None, no_code_reason="登记时没有")[0]
    round = cast.running()
    merge(by=cast.dispatcher, kept=kept, duplicate=duplicate)
    assert round.samples.get().enterprise == kept
