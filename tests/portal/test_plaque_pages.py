"""What a firm sees when it scans its plaque, without an account."""

import re

import pytest
from django.test import Client

from accounts.models import Official
from appeals.models import Appeal
from core import clock
from enterprises.merging import merge
from enterprises.models import ChangeReport, Enterprise
from liaisons.models import Assignment, Plaque, VisitRequest
from liaisons.services.assignments import end_assignment
from liaisons.services.plaques import replace, revoke
from portal.views import plaques
from tests import factories as make
from tests.liaisons.plaque_cast import PlaqueCast


@pytest.fixture
def cast(district) -> PlaqueCast:
    found = PlaqueCast(district)
    Enterprise.objects.filter(pk=found.firm.pk).update(
        address="滨江大道8号", contact_name="钱底册", contact_phone="13900008888", legal_person="孙法人",
        contact_post="办公室主任",
    )  # fmt: skip
    found.firm.refresh_from_db()
    return found


def at(plaque: Plaque, more: str = "") -> str:
    return f"/340711/p/{plaque.token}/{more}"


def page(answer) -> str:
    return answer.content.decode()


def wish(**changes) -> dict:
    return {
        "token": "t" * 32, "wish": "想了解技改奖补。", "contact_name": "赵敏", "contact_phone": "13900002222",
        "website": "",
    } | changes  # fmt: skip


def change(**changes) -> dict:
    return {
        "token": "t" * 32, "reporter_name": "赵敏", "reporter_phone": "13900002222", "website": "",
    } | changes  # fmt: skip


# --- The page -------------------------------------------------------------------------------------


def test_the_page_shows_the_officer_and_the_three_doors(client, cast):
    found = cast.plaque()
    answer = client.get(at(found))
    text = page(answer)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    for shown in (
        "铜陵晨光机械有限公司", "周启明", cast.unit.name, "副主任", 'href="tel:0562-1234567"', "有呼必应，无事不扰",
        f"/340711/submit/?plaque={found.token}", at(found, "visit/"), at(found, "change/"), "/340711/track/",
        "96980", "0562-2896955",
    ):  # fmt: skip
        assert shown in text, shown
    assert client.get(at(found)[:-1])["Location"] == at(found), "typed without the last stroke"
    assert client.head(at(found)).status_code == 200


def test_nothing_that_is_stored_of_the_firm_is_shown_on_any_public_page(client, cast):
    found = cast.plaque()
    appeal = Appeal.objects
    client.post("/340711/submit/", intake(plaque=found.token))
    other = Client()
    for path in (
        at(found),
        at(found, "visit/"),
        at(found, "change/"),
        f"/340711/submit/?plaque={found.token}",
    ):
        text = page(other.get(path))
        for hidden in ("13900008888", "钱底册", "滨江大道", "孙法人", "办公室主任", cast.firm.credit_code):
            assert hidden not in text, (path, hidden)
        assert appeal.get().number not in text and appeal.get().title not in text
    refused = page(other.post(at(found, "change/"), change(name="", reporter_phone="x", note="变了")))
    assert "13900008888" not in refused and "滨江大道" not in refused


def test_an_old_plate_shows_the_officer_of_today(client, cast):
    old = cast.plaque(upto="collected")
    running = Assignment.objects.get(enterprise=cast.firm)
    end_assignment(by=cast.dispatcher, assignment=running, ended=clock.today())
    assert "联企干部正在调整" in page(client.get(at(old)))
    successor = make.official(make.unit(cast.district, "tjj"), name="冯接手", title="局长")
    cast.lead(cast.firm, successor, started=clock.today())
    text = page(client.get(at(old)))
    assert "冯接手" in text and "周启明" not in text
    new = replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    assert "冯接手" in page(client.get(at(old))) and "冯接手" in page(client.get(at(new)))


def test_an_officer_without_a_post_or_number_breaks_nothing(client, cast):
    found = cast.plaque()
    Official.objects.filter(pk=cast.official.pk).update(phone="", office_phone="")
    text = page(client.get(at(found)))
    assert "周启明" in text and "打电话" not in text
    cast.official.posts.update(ended=clock.today())
    assert "联企干部正在调整" in page(client.get(at(found)))


def test_a_code_that_leads_nowhere_gets_one_and_the_same_page(client, cast, district):
    revoked = cast.plaque()
    revoke(by=cast.dispatcher, plaque=revoked, reason="丢失")
    make.another_district(district)
    alive = cast.plaque()
    strip = re.compile(r'csrfmiddlewaretoken" value="[^"]+"')
    answers = set()
    for token in (revoked.token, "nosuchtoken12345", "x", "长长长", "a" * 600, "%00", "a'b\"<script>"):
        for more in ("", "visit/", "change/"):
            answer = client.get(f"/340711/p/{token}/{more}")
            assert answer.status_code == 404, token
            answers.add(strip.sub("", page(answer)))
            assert client.post(f"/340711/p/{token}/{more}", wish()).status_code in {404, 405}
    assert len(answers) == 1
    text = answers.pop()
    assert "这个二维码没有对应的页面" in text and "96980" in text and "晨光" not in text
    # Another district's address is nobody's.
    assert client.get(f"/340705/p/{alive.token}/").status_code == 404
    assert not VisitRequest.objects.exists() and not ChangeReport.objects.exists()


def test_the_plaque_of_a_merged_firm_leads_to_the_kept_one(client, cast):
    kept = cast.new_firm("铜陵晨光智能有限公司", credit_code=None, no_code_reason="正在办理")
    mine, other = cast.plaque(kept), cast.plaque()
    merge(by=cast.dispatcher, kept=kept, duplicate=cast.firm)
    for found in (mine, other):
        assert "<h1>铜陵晨光智能有限公司</h1>" in page(client.get(at(found)))
    client.post(at(other, "visit/"), wish())
    assert VisitRequest.objects.get().enterprise == kept


def test_a_project_has_its_page_too(client, cast, district):
    project = make.project(district, name="铜基新材料项目")
    cast.lead(project, cast.official)
    found = cast.plaque(project)
    assert "铜基新材料项目" in page(client.get(at(found)))
    client.post(at(found, "visit/"), wish())
    client.post(at(found, "change/"), change(name="铜基新材料二期项目"))
    client.post("/340711/submit/", intake(plaque=found.token))
    assert VisitRequest.objects.get().project == project == ChangeReport.objects.get().project
    assert Appeal.objects.get().project == project


# --- Asking for a visit, reporting a change -----------------------------------------------------------


def test_a_visit_is_asked_for_once_however_often_the_form_is_sent(client, cast):
    found = cast.plaque()
    form = page(client.get(at(found, "visit/")))
    assert "data-draft=" in form and re.search(r'name="token" value="[^"]{20,}"', form)
    for _ in range(2):
        answer = client.post(at(found, "visit/"), wish(), follow=True)
        assert answer.redirect_chain == [(at(found), 302)] and "会先打电话与您联系" in page(answer)
        assert 'name="draft-clear"' in page(answer)
    assert VisitRequest.objects.get().entry == cast.firm


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("wish", "", "必填"), ("wish", "长" * 501, "500"), ("contact_name", "", "必填"),
        ("contact_phone", "12345678", "电话号码不正确"), ("contact_phone", "1390\x00", "空"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_beside_its_field_and_what_was_typed_stays(client, cast, field, value, words):
    found = cast.plaque()
    answer = client.post(at(found, "visit/"), wish(**{field: value}))
    text = page(answer)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in text and words in text
    assert ("赵敏" in text or field == "contact_name") and not VisitRequest.objects.exists()


def test_a_change_goes_to_the_bureaus_desk_as_from_the_plaque(client, cast):
    found = cast.plaque()
    answer = client.post(
        at(found, "change/"), change(contact_phone="13900003333", note="换了负责人"), follow=True
    )
    assert "已收到" in page(answer)
    reported = ChangeReport.objects.get()
    assert (reported.source, reported.reported_by, reported.entry) == ("plaque", None, cast.firm)
    assert reported.changes == {"contact_phone": "13900003333"}
    assert (reported.contact_name, reported.contact_phone) == ("赵敏", "13900002222")


def test_the_answer_does_not_tell_whether_a_guess_was_right(client, cast):
    """A stranger who types the stored number reads what anybody else does."""
    found = cast.plaque()
    right = client.post(at(found, "change/"), change(contact_phone="13900008888"), follow=True)
    wrong = client.post(
        at(found, "change/"), change(contact_phone="13900007777", token="u" * 32), follow=True
    )
    again = client.post(
        at(found, "change/"), change(contact_phone="13900007777", token="v" * 32), follow=True
    )
    assert page(right).count("已收到。与登记不同的") == page(wrong).count("已收到。与登记不同的") == 1
    assert right.redirect_chain == wrong.redirect_chain == again.redirect_chain
    assert ChangeReport.objects.get().changes == {"contact_phone": "13900007777"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请填写发生变化的栏目"),
        ({"note": "变了", "reporter_phone": "x"}, "电话号码不正确"),
        ({"note": "变了", "reporter_name": ""}, "必填"),
        ({"contact_phone": "12"}, "电话号码不正确"),
        ({"name": "长" * 121}, "120"),
    ],
)
def test_a_change_that_will_not_do_is_refused_in_words(client, cast, data, words):
    found = cast.plaque()
    answer = client.post(at(found, "change/"), change(**data))
    assert answer.status_code == 422 and words in page(answer)
    assert not ChangeReport.objects.exists()


def test_a_robot_that_fills_in_the_hidden_trap_is_not_heard(client, cast):
    found = cast.plaque()
    for more, data in (("visit/", wish()), ("change/", change(note="变了"))):
        answer = client.post(at(found, more), data | {"website": "https://example.com"})
        assert answer.status_code == 302 and answer["Location"] == at(found)
    assert not VisitRequest.objects.exists() and not ChangeReport.objects.exists()


def test_who_sends_too_often_is_asked_to_call(client, cast, monkeypatch):
    monkeypatch.setattr(plaques, "POSTS_PER_HOUR", "2/h")
    found = cast.plaque()
    for number in range(2):
        client.post(at(found, "visit/"), wish(token=f"{number}" * 32, wish=f"第{number}件事"))
    answer = client.post(at(found, "visit/"), wish(token="x" * 32, wish="再一件事"))
    assert answer.status_code == 429 and "96980" in page(answer)
    # The same form once more is no new one.
    assert client.post(at(found, "visit/"), wish(token="1" * 32)).status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert elsewhere.post(at(found, "visit/"), wish(token="y" * 32)).status_code == 429, "one plaque"
    other = cast.plaque(cast.new_firm())
    assert client.post(at(other, "visit/"), wish(token="z" * 32)).status_code == 429, "one visitor"
    assert VisitRequest.objects.count() == 2


# --- Reporting an appeal with the firm filled in ----------------------------------------------------


def intake(**changes) -> dict:
    return {
        "token": "a" * 32, "category": "labour", "content": "一线操作工缺口约20人，希望帮助对接招聘。",
        "contact_name": "赵敏", "contact_phone": "13900001111", "website": "",
    } | changes  # fmt: skip


def test_the_firm_is_filled_in_and_the_appeal_is_matched(client, cast):
    found = cast.plaque()
    form = page(client.get(f"/340711/submit/?plaque={found.token}"))
    assert (
        "铜陵晨光机械有限公司" in form and 'name="claimed_name"' not in form and 'name="region"' not in form
    )
    assert f'name="plaque" value="{found.token}"' in form
    answer = client.post("/340711/submit/", intake(plaque=found.token, claimed_name="别的公司"))
    assert answer.status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.enterprise, appeal.claimed_name, appeal.channel) == (cast.firm, "", "plaque")
    assert appeal.region == cast.firm.region and appeal.status == "submitted"
    assert appeal.events.get().data["plaque"] == found.pk
    assert "铜陵晨光机械有限公司" in page(client.get(answer["Location"]))


def test_the_township_sees_an_appeal_that_came_by_a_plaque_at_once(client, cast):
    client.post("/340711/submit/", intake(plaque=cast.plaque().token))
    appeal = Appeal.objects.get()
    assert appeal in Appeal.objects.visible_to(cast.user("datong", "liaison"))
    assert appeal not in Appeal.objects.visible_to(cast.user("huihe", "liaison"))


def test_an_old_plate_and_a_merged_firm_lead_to_the_right_firm(client, cast):
    kept = cast.new_firm("铜陵晨光智能有限公司", credit_code=None, no_code_reason="正在办理")
    old = cast.plaque()
    replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    client.post("/340711/submit/", intake(plaque=old.token))
    assert Appeal.objects.get().enterprise == cast.firm
    merge(by=cast.dispatcher, kept=kept, duplicate=cast.firm)
    client.post("/340711/submit/", intake(plaque=old.token, token="b" * 32, content="另一个问题，请解决。"))
    assert Appeal.objects.filter(enterprise=kept).count() == 2


@pytest.mark.parametrize("token", ["", "nosuchtoken12345", "x\0", "长", "a" * 500])
def test_a_code_that_leads_nowhere_is_as_good_as_none(client, cast, token):
    form = page(client.get("/340711/submit/", {"plaque": token}))
    assert 'name="claimed_name"' in form and 'name="plaque"' not in form
    refused = client.post("/340711/submit/", intake(plaque=token))
    assert refused.status_code == 422 and "请填写企业名称" in page(refused)
    client.post("/340711/submit/", intake(plaque=token, claimed_name="铜陵自报有限公司", channel="plaque"))
    appeal = Appeal.objects.get()
    assert (appeal.claimed_name, appeal.enterprise, appeal.channel) == ("铜陵自报有限公司", None, "plaque")


def test_a_code_revoked_while_the_form_was_open_asks_for_the_firm(client, cast):
    found = cast.plaque()
    revoke(by=cast.dispatcher, plaque=found, reason="丢失")
    refused = client.post("/340711/submit/", intake(plaque=found.token))
    assert refused.status_code == 422 and "请填写企业名称" in page(refused)
    assert "一线操作工缺口约20人" in page(refused) and not Appeal.objects.exists()


def test_the_same_words_of_two_firms_are_two_appeals(client, cast):
    """Going back and sending the same words again is the same form; by another plaque it is not."""
    for found in (cast.plaque(), cast.plaque(cast.new_firm())):
        client.post("/340711/submit/", intake(plaque=found.token, token=found.token * 2))
    assert Appeal.objects.count() == 2
