"""A survey round: drafted, drawn, called, answered by phone, web and on site, closed, published."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.models import AuditEntry
from campaigns.models import SurveyAnswer, SurveyRound, SurveySample
from campaigns.satisfaction import sampling
from campaigns.satisfaction.reminders import keep_satisfaction
from campaigns.satisfaction.services import answering, surveys
from campaigns.satisfaction.services.severing import sever
from core import clock
from districts.models import Region
from tests import factories as make
from tests.campaigns.survey_cast import SurveyCast, answers

WEB = {"q_service": "satisfied", "q_attitude": "satisfied", "q_visited": "visited"}


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


def desk(cast: SurveyCast) -> Client:
    client = Client()
    client.force_login(cast.surveyor)
    return client


# --- The bureau -----------------------------------------------------------------------------------


def test_one_round_a_quarter_by_the_lead_bureau(cast):
    for nobody in (cast.liaison, cast.supervisor, cast.leader, cast.admin, cast.cadre):
        with pytest.raises(PermissionDenied):
            cast.draft(by=nobody)
    cast.draft()
    with pytest.raises(ValidationError, match="已经有一轮"):
        cast.draft()
    for wrong in ({"quarter": 5}, {"year": 2027}, {"scope": "x"}, {"size": 0}, {"surveyors": (cast.liaison,)},
                  {"last_day": clock.today() - timedelta(days=1)}, {"year": 10**9}):  # fmt: skip
        with pytest.raises(ValidationError):
            cast.draft(**({"quarter": 3} | wrong))


def test_the_draw_can_be_repeated_from_its_seed(cast):
    cast.firms(30)
    cast.firms(10, tier="above_scale", unit="czj")
    round = cast.drawn(size=12)
    drawn = [(sample.number, sample.enterprise_id) for sample in round.samples.all()]
    assert len(drawn) == 12 and round.seed == "tongling"
    frame = sampling.frame(cast.district, "roster", *surveys.quarter_span(2026, 4))
    assert sampling.digest_of(frame, round.strata) == round.frame_digest
    again = sampling.draw(frame, seed=round.seed, size=12, strata=round.strata)
    assert [one.entry.pk for one in again] == [pk for _, pk in drawn]
    assert sum(round.figures["population"].values()) == 40
    sample = round.samples.first()
    assert sample.official is not None and sample.unit is not None and len(sample.token) >= 16
    with pytest.raises(ValidationError):
        surveys.draw_sample(by=cast.dispatcher, round=round, seed="种子")


def test_whoever_draws_until_the_sample_pleases_leaves_the_number_of_draws(cast, client):
    cast.firms(30)
    round = cast.drawn(size=12)
    client.force_login(cast.dispatcher)
    page = f"/campaigns/surveys/{round.pk}/"
    assert "次抽样" not in client.get(page).content.decode()
    for _ in range(2):
        client.post(f"{page}draw/", {"seed": ""})
    assert "第 3 次抽样" in client.get(page).content.decode()


def test_scopes_take_whom_the_quarter_met(cast):
    firm = cast.firms(3)[0]
    cast.visit(firm)
    span = surveys.quarter_span(2026, 4)
    visited = sampling.frame(cast.district, "visits", *span)
    assert [one.entry for one in visited] == [firm] and visited[0].official == cast.official
    assert sampling.frame(cast.district, "visits", *surveys.quarter_span(2026, 3)) == []
    assert sampling.frame(cast.district, "appeals", *span) == []
    with pytest.raises(ValidationError, match="没有可以抽取"):
        surveys.draw_sample(by=cast.dispatcher, round=cast.draft(scope="appeals"))


def test_the_steps_come_in_their_order(cast):
    cast.firms(3)
    round = cast.draft()
    for step in (surveys.start, surveys.close, surveys.publish):
        with pytest.raises(ValidationError):
            step(by=cast.dispatcher, round=round)
    surveys.draw_sample(by=cast.dispatcher, round=round)
    round = surveys.start(by=cast.dispatcher, round=round)
    with pytest.raises(ValidationError):
        surveys.draw_sample(by=cast.dispatcher, round=round)
    surveys.close(by=cast.dispatcher, round=round)
    with pytest.raises(ValidationError, match="匿名化"):
        surveys.publish(by=cast.dispatcher, round=round)
    assert not SurveyRound.objects.visible_to(cast.leader).exists()
    assert sever(round.pk) and not sever(round.pk)
    surveys.publish(by=cast.dispatcher, round=round)
    assert SurveyRound.objects.visible_to(cast.leader).exists()


def test_a_round_whose_last_day_is_over_closes_and_is_cut_off_by_itself(cast, wednesday):
    cast.firms(2)
    round = cast.running()
    keep_satisfaction(cast.district)
    wednesday.move_to("2026-12-09 00:30+08:00")
    for _ in range(2):
        keep_satisfaction(cast.district)
    round.refresh_from_db()
    assert round.state == "closed" and round.severed_at and not SurveySample.objects.exists()


def test_the_pages_of_a_round(cast, client):
    cast.firms(12)
    client.force_login(cast.dispatcher)
    form = {
        "token": "t", "year": 2026, "quarter": 4, "scope": "roster", "size": 10, "last_day": "2026-12-10",
        "agency": "某某咨询公司", "surveyors": [cast.surveyor.pk],
    }  # fmt: skip
    wrong = client.post("/campaigns/surveys/new/", form | {"size": "9" * 30, "last_day": "0001-01-01"})
    assert wrong.status_code == 422 and "某某咨询公司" in wrong.content.decode()
    for _ in range(2):
        made = client.post("/campaigns/surveys/new/", form)
    url = made["Location"]
    assert SurveyRound.objects.count() == 1 and client.get(url).status_code == 200
    assert client.post(f"{url}start/").status_code == 409
    assert client.post(f"{url}draw/", {"seed": "?"}).status_code == 422
    assert client.post(f"{url}draw/", {"seed": ""}).status_code == 302
    assert client.post(f"{url}team/", {"last_day": ""}).status_code == 422
    assert client.post(f"{url}start/").status_code == 302
    page = client.get(url).content.decode()
    assert "公开链接" in page and "/340711/survey/open/" in page
    assert client.get(f"{url}slips/").content.decode().count('code-card"') == 10
    client.force_login(cast.leader)
    assert client.get(url).status_code == 404
    assert client.post(f"{url}close/").status_code == 404
    client.force_login(cast.liaison)
    assert client.get("/campaigns/surveys/").status_code == 403


# --- The third party ------------------------------------------------------------------------------


def test_the_list_shows_no_number_until_it_is_asked_for_and_that_is_logged(cast):
    cast.firms(2, contact_phone="13900002222")
    round = cast.running()
    sample = round.samples.first()
    browser = desk(cast)
    assert str(round) in browser.get("/campaigns/survey-desk/").content.decode()
    for path in (f"/campaigns/survey-desk/{round.pk}/", f"/campaigns/survey-desk/samples/{sample.pk}/"):
        page = browser.get(path).content.decode()
        assert "13900002222" not in page and sample.enterprise.name in page
    shown = browser.post(f"/campaigns/survey-desk/samples/{sample.pk}/phone/").content.decode()
    assert "13900002222" in shown
    entry = AuditEntry.objects.get(action="survey.phone")
    assert (
        entry.user_id == cast.surveyor.pk
        and entry.object_id == str(sample.pk)
        and not entry.data.get("phone")
    )


def test_nobody_but_the_surveyor_and_the_bureau_sees_who_was_drawn(cast, client):
    cast.firms(2)
    round = cast.running()
    sample = round.samples.first()
    paths = (f"/campaigns/survey-desk/{round.pk}/", f"/campaigns/survey-desk/samples/{sample.pk}/")
    for user, status in ((cast.dispatcher, 200), (cast.liaison, 404), (cast.leader, 404), (cast.supervisor, 404),
                         (cast.admin, 404), (cast.cadre, 404)):  # fmt: skip
        client.force_login(user)
        for path in paths:
            assert client.get(path).status_code == status, (user, path)


def test_an_answer_is_entered_once_and_never_shown_again(cast):
    cast.firms(1)
    sample = cast.running().samples.get()
    browser, url = desk(cast), f"/campaigns/survey-desk/samples/{sample.pk}/"
    wrong = browser.post(
        url, WEB | {"channel": "phone", "q_service": "", "q_wishes": "多来看看", "token": "a"}
    )
    assert wrong.status_code == 422 and "请回答这一题" in wrong.content.decode()
    assert "多来看看" in wrong.content.decode()
    for _ in range(2):  # the network went away, and it was sent again
        assert browser.post(url, WEB | {"channel": "on_site", "token": "b"}).status_code == 302
    answer = SurveyAnswer.objects.get()
    assert (answer.channel, answer.level, answer.unit) == ("on_site", "satisfied", cast.unit)
    assert browser.post(url, WEB | {"channel": "phone", "token": "c"}).status_code == 422
    page = browser.get(url).content.decode()
    assert "答卷内容不再显示" in page and "q_service" not in page


def test_three_days_without_an_answer_is_not_reached(cast, wednesday):
    cast.firms(1)
    sample = cast.running().samples.get()
    for day in ("18", "18", "19"):
        wednesday.move_to(f"2026-11-{day} 10:00+08:00")
        answering.record_attempt(by=cast.surveyor, sample=sample, outcome="no_answer")
    sample.refresh_from_db()
    assert sample.state == "waiting"
    wednesday.move_to("2026-11-20 10:00+08:00")
    assert (
        desk(cast)
        .post(f"/campaigns/survey-desk/samples/{sample.pk}/attempt/", {"outcome": "no_answer", "token": "x"})
        .status_code
        == 302
    )
    sample.refresh_from_db()
    assert sample.state == "unreached"
    cast.answer(sample)  # called back after all
    sample.refresh_from_db()
    assert sample.state == "answered"


# --- The firms ------------------------------------------------------------------------------------


def test_a_firm_answers_by_its_own_link_once(cast, client):
    cast.firms(1)
    round = cast.drawn()
    url = f"/340711/survey/{round.samples.get().token}/"
    assert client.get(url).status_code == 404  # not begun
    surveys.start(by=cast.dispatcher, round=round)
    page = client.get(url).content.decode()
    assert "只送督查" in page and round.samples.get().enterprise.name not in page
    wrong = client.post(url, WEB | {"q_visited": "\0", "token": "x"})
    assert wrong.status_code == 422
    assert client.post(url, WEB | {"token": "y"}).status_code == 200
    assert client.post(url, WEB | {"token": "z"}).status_code == 422
    assert "已经填过" in client.get(url).content.decode()
    assert SurveyAnswer.objects.get().channel == "web"
    signed_in = Client()
    signed_in.force_login(cast.liaison)
    assert signed_in.get(f"/340711/survey/open/{round.open_token}/").status_code == 403
    for token in ("x", "9" * 200, "%00"):
        assert client.get(f"/340711/survey/{token}/").status_code == 404


def test_the_open_link_is_no_sample(cast, client):
    cast.firms(1)
    round = cast.running()
    url = f"/340711/survey/open/{round.open_token}/"
    assert client.post(url, WEB | {"unit": cast.unit.pk, "token": "a"}).status_code == 200
    assert client.post(url, WEB | {"unit": "9" * 30, "token": "b"}).status_code == 422
    answer = SurveyAnswer.objects.get()
    assert not answer.sampled and answer.unit == cast.unit
    cast.closed(round)
    assert client.get(url).status_code == 404
    assert not SurveyAnswer.objects.counting().exists()


def test_results_are_told_from_ten_answers_on_and_the_open_link_apart(cast, client):
    cast.firms(12)
    round = cast.running()
    for n, sample in enumerate(round.samples.all()):
        cast.answer(sample, "unsatisfied" if n < 3 else "satisfied", wishes=f"意见{n}")
    answering.answer_openly(round=round, given=answers("very_unsatisfied"))
    cast.closed(round)
    client.force_login(cast.dispatcher)
    page = client.get(f"/campaigns/surveys/{round.pk}/results/").content.decode()
    assert "75.0%（9/12）" in page and "不足10份" in page and "非抽样" in page
    assert "意见3" in page


def test_another_district_sees_no_round(cast, client, district):
    cast.firms(1)
    round = cast.running()
    foreign = make.user(make.unit(make.another_district(district), "kjj"), "dispatcher")
    client.force_login(foreign)
    for path in ("", "results/", "slips/"):
        assert client.get(f"/campaigns/surveys/{round.pk}/{path}").status_code == 404
    assert not SurveyRound.objects.visible_to(foreign).exists()
