"""A letter about visits a unit owes: its facts, sending it, the unit's answer, and who is told."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from appeals.letters import answer_letter, send_visit_letter
from appeals.models import SupervisionLetter
from liaisons.selectors import owed_by_unit
from notifications.models import Notice
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_races import at_once
from tests.appeals.test_staff_pages import page, queries, signed_in
from tests.liaisons.conftest import Network

STARTED = date(2026, 1, 5)
DESK = "/appeals/supervision/"
NEW = "/appeals/supervision/visits/"


@pytest.fixture(autouse=True)
def a_thursday_in_november():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


@pytest.fixture
def network(cast: Cast) -> Network:
    """大通镇 owes two firms above scale and one project their visit of the last quarter."""
    network = Network(cast.district)
    for firm in (network.firm(), network.firm(), factories.project(cast.district)):
        network.assigned(firm, started=STARTED)
    visited = network.firm()
    network.assigned(visited, started=STARTED)
    network.visit(visited, date(2026, 10, 15))
    return network


def form(owing, **more) -> dict:
    return {"token": "t" * 20, "unit": owing.pk, "text": "请尽快补走访。", "answer_by": "2026-11-25"} | more


def sent(cast: Cast, unit, by: str = "supervisor") -> SupervisionLetter:
    return send_visit_letter(
        by=getattr(cast, by), unit=unit, text="请尽快补走访。", answer_by=date(2026, 11, 25)
    )


# --- Who owes -------------------------------------------------------------------------------------


def test_the_desk_counts_what_each_unit_owes_by_tier(cast, network):
    text = page(signed_in(cast.supervisor).get(DESK, {"tab": "visits"}))
    assert "四上企业 2（上季度）" in text and "重点项目 1（上季度）" in text
    assert f"{NEW}?unit={network.datong.pk}" in text
    owing = owed_by_unit(cast.supervisor)
    assert [(one.unit, one.total) for one in owing] == [(network.datong, 3)]
    read = page(signed_in(cast.district_leader).get(DESK, {"tab": "visits"}))
    assert "四上企业 2" in read and NEW not in read


def test_both_lists_of_owed_visits_lead_to_the_letter_for_who_may_send_it(cast, network):
    link = f"{NEW}?unit={network.datong.pk}"
    assert link in page(signed_in(cast.dispatcher).get("/liaisons/behind/"))
    assert link not in page(signed_in(network.liaison).get("/liaisons/behind/"))


def test_the_tab_costs_the_same_for_more_units(cast, network):
    def behind(code: str) -> None:
        official = factories.official(factories.unit(cast.district, code))
        network.assigned(network.firm(), official, started=STARTED)

    behind("rsj")
    client = signed_in(cast.supervisor)
    few = queries(client, f"{DESK}?tab=visits")
    for code in ("czj", "nyj", "fgw"):
        behind(code)
    assert queries(client, f"{DESK}?tab=visits") == few <= 15


# --- Writing it -----------------------------------------------------------------------------------


def test_the_facts_stand_in_the_letter_already(cast, network):
    text = page(signed_in(cast.supervisor).get(NEW, {"unit": network.datong.pk}))
    assert "截至2026年11月19日" in text and "四上企业2家，上季度（2026年7月1日至9月30日）没有走访" in text
    assert "重点项目1个" in text and f'value="{network.datong.pk}" selected' in text


def test_sending_tells_the_units_desk_once_and_shows_the_sheet(cast, network):
    leader = factories.user(network.datong, "unit_leader")
    client = signed_in(cast.supervisor)
    answer = client.post(NEW, form(network.datong), follow=True)
    letter = SupervisionLetter.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("appeals:letter", args=[letter.pk])
    assert letter.number == "JQ督〔2026〕1号" and letter.state == "sent" and letter.appeal is None
    text = page(answer)
    assert letter.number in text and "请尽快补走访。" in text and "2026年11月25日前书面回复" in text
    told = Notice.objects.filter(key__startswith=f"letter:{letter.pk}:sent", channel="inbox")
    assert {notice.recipient for notice in told} == {network.liaison, leader}
    client.post(NEW, form(network.datong))
    assert SupervisionLetter.objects.count() == 1 and told.count() == 2
    assert AuditEntry.objects.filter(action="letter.sent").count() == 1
    waiting = page(client.get(DESK, {"tab": "waiting"}))
    assert letter.number in waiting and "走访欠账" in waiting


def test_without_a_day_the_profiles_limit_holds(cast, network):
    signed_in(cast.dispatcher).post(NEW, form(network.datong, answer_by=""))
    assert SupervisionLetter.objects.get().answer_by == date(2026, 11, 24)  # 3 working days


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, 'href="#id_text"'),
        ({"text": "字" * 3001}, 'href="#id_text"'),
        ({"text": "请\0办"}, 'href="#id_text"'),
        ({"answer_by": "2026-11-19"}, "应晚于今天"),
        ({"answer_by": "2026-11-21"}, "不是工作日"),
        ({"answer_by": "x"}, 'href="#id_answer_by"'),
        ({"unit": "9" * 30}, 'href="#id_unit"'),
        ({"unit": "\0"}, 'href="#id_unit"'),
        ({"token": ""}, "请刷新页面"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(cast, network, wrong, said):
    answer = signed_in(cast.supervisor).post(NEW, form(network.datong, **wrong))
    assert answer.status_code == 422 and said in page(answer)
    assert "text" in wrong or "请尽快补走访。" in page(answer)
    assert not SupervisionLetter.objects.exists()


def test_a_unit_whose_cadres_look_after_no_firm_gets_no_letter(cast, network):
    answer = signed_in(cast.supervisor).post(NEW, form(factories.unit(cast.district, "czj")))
    assert answer.status_code == 422 and not SupervisionLetter.objects.exists()


def test_a_unit_that_has_not_answered_gets_no_second_letter(cast, network):
    letter = sent(cast, network.datong)
    answer = signed_in(cast.dispatcher).post(NEW, form(network.datong))
    assert answer.status_code == 422 and "还有一份走访督办单没有回复" in page(answer)
    answer_letter(by=network.liaison, letter=letter, answer="已补。")
    assert sent(cast, network.datong).number == "JQ督〔2026〕2号"


def test_only_the_bureau_and_the_supervisor_write_and_only_in_their_district(cast, network):
    for part in ("district_leader", "liaison", "unit_leader", "admin", "cadre"):
        with pytest.raises(PermissionDenied):
            sent(cast, network.datong, by=part)
        assert signed_in(getattr(cast, part)).post(NEW, form(network.datong)).status_code == 403
    other = factories.another_district(cast.district)
    cast.people["supervisor"] = factories.user(factories.unit(other, "jwdc"), "supervisor")
    with pytest.raises(PermissionDenied):
        sent(cast, network.datong)
    # A dispatcher of a unit that is not the lead bureau is none for the district.
    cast.people["dispatcher"] = factories.user(factories.unit(cast.district, "czj"), "dispatcher")
    assert signed_in(cast.dispatcher).get(NEW).status_code == 403


# --- Answering it ---------------------------------------------------------------------------------


def test_the_unit_answers_on_the_letters_page_and_the_sender_is_told(cast, network):
    letter = sent(cast, network.datong)
    url = reverse("appeals:letter", args=[letter.pk])
    client = signed_in(network.liaison)
    assert 'id="answer"' in page(client.get(url)) and 'id="answer"' not in page(
        signed_in(cast.supervisor).get(url)
    )
    assert letter.number in page(client.get("/appeals/queue/"))
    answer = client.post(
        reverse("appeals:answer_letter", args=[letter.pk]), {"answer": "已补走访2家。"}, follow=True
    )
    text = page(answer)
    assert "已补走访2家。" in text and "2026年11月19日" in text and 'id="answer"' not in text
    told = Notice.objects.get(key__startswith=f"letter:{letter.pk}:answered", channel="inbox")
    assert told.recipient == cast.supervisor and told.url == url
    assert letter.number in page(signed_in(cast.supervisor).get(DESK, {"tab": "answered"}))


@pytest.mark.parametrize("words", ["", "  ", "字" * 3001, "已\0补"])
def test_an_answer_that_does_not_do_is_shown_again(cast, network, words):
    letter = sent(cast, network.datong)
    answer = signed_in(network.liaison).post(
        reverse("appeals:answer_letter", args=[letter.pk]), {"answer": words}
    )
    assert answer.status_code == 422 and 'href="#id_answer"' in page(answer)
    letter.refresh_from_db()
    assert letter.state == "sent"


def test_it_is_answered_once(cast, network):
    letter = sent(cast, network.datong)
    url = reverse("appeals:answer_letter", args=[letter.pk])
    client = signed_in(network.liaison)
    client.post(url, {"answer": "已补走访2家。"})
    again = client.post(url, {"answer": "没有补。"})
    assert again.status_code == 422 and "已经回复过了" in page(again) and "没有补。" in page(again)
    letter.refresh_from_db()
    assert letter.answer == "已补走访2家。"
    assert Notice.objects.filter(key__contains=":answered", channel="inbox").count() == 1


def test_nobody_else_answers(cast, network):
    letter = sent(cast, network.datong)
    url = reverse("appeals:answer_letter", args=[letter.pk])
    cadre = factories.user(network.datong, "cadre", official=network.ann)
    codes = {part: signed_in(getattr(cast, part)).post(url, {"answer": "x"}).status_code
             for part in ("supervisor", "dispatcher", "district_leader", "liaison")}  # fmt: skip
    assert codes == {"supervisor": 403, "dispatcher": 403, "district_leader": 403, "liaison": 404}
    assert signed_in(cadre).post(url, {"answer": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        answer_letter(by=cast.liaison, letter=letter, answer="x")


def test_a_letter_about_an_appeal_is_answered_on_the_appeal(cast):
    appeal = cast.do(cast.walk(cast.submit(), "sign"), "supervise")
    letter = appeal.letters.get()
    answer = signed_in(cast.liaison).post(
        reverse("appeals:answer_letter", args=[letter.pk]), {"answer": "办了。"}
    )
    assert answer.status_code == 403 and "督办回复" in page(answer)
    with pytest.raises(SupervisionLetter.DoesNotExist):
        answer_letter(by=cast.liaison, letter=letter, answer="办了。")


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_stands(cast):
    network = Network(cast.district)
    letter = sent(cast, network.datong)
    results = at_once(*[lambda: answer_letter(by=network.liaison, letter=letter, answer="已补走访。")] * 4)
    assert sum(isinstance(result, SupervisionLetter) for result in results) == 1
    assert sum(isinstance(result, ValidationError) for result in results) == 3
