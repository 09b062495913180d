"""Saved filters, batch dispatch and phrases: the aids of the desks."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from accounts.models import Role
from appeals.models import Appeal, Event, Phrase, SavedFilter, Status
from appeals.phrases import phrase_help, phrases_for, save_phrase
from appeals.saved_filters import MOST, save_filter, tidy
from tests import factories
from tests.appeals.test_staff_pages import listed, page, queries, signed_in

LIST_QUERIES = 12
FILTERS = "/appeals/filters/"
BATCH = "/appeals/desk/dispatch/"
PHRASES = "/appeals/phrases/"


# --- Saved filters --------------------------------------------------------------------------------


def test_only_what_the_register_filters_by_is_kept():
    assert (
        tidy("page=3&queue=x&status=handling&q=%20&csrf=1&category=labour")
        == "status=handling&category=labour"
    )
    assert tidy("q=" + "%00") == tidy("") == tidy("&&=") == ""


def test_a_filter_is_saved_used_in_the_register_and_at_the_desk_renamed_and_deleted(cast):
    land = cast.submit(category="land")
    labour = cast.submit(category="labour")
    client = signed_in(cast.dispatcher)
    assert "保存筛选" not in page(client.get("/appeals/")) and "保存筛选" in page(
        client.get("/appeals/?category=land")
    )
    saved = client.post(
        FILTERS, {"name": " 用地 诉求 ", "query": "category=land&page=2", "page": "desk", "queue": "accept"}
    )
    assert saved.status_code == 302 and saved["Location"] == "/appeals/desk/?queue=accept&category=land"
    desk = client.get(saved["Location"])
    assert listed(desk) == {land.number} and 'aria-current="true">用地 诉求' in page(desk)
    everything = client.get("/appeals/desk/?queue=accept")
    assert listed(everything) == {land.number, labour.number}
    assert 'href="?queue=accept&amp;category=land"' in page(everything)
    register = client.get("/appeals/?category=land")
    assert listed(register) == {land.number} and 'href="?category=land" aria-current="true"' in page(register)
    one = SavedFilter.objects.get()
    assert client.post(f"{FILTERS}{one.pk}/rename/", {"name": "土地"}).status_code == 302
    assert "土地" in page(client.get(FILTERS))
    assert client.post(f"{FILTERS}{one.pk}/delete/").status_code == 302
    assert not SavedFilter.objects.exists()


def test_the_units_queue_takes_them_too(cast):
    cast.walk(cast.submit(category="land"), "dispatch")
    labour = cast.walk(cast.submit(category="labour"), "dispatch")
    client = signed_in(cast.liaison)
    assert listed(client.get("/appeals/queue/?queue=sign&category=labour")) == {labour.number}
    assert "没有符合条件的待办" in page(client.get("/appeals/queue/?queue=sign&category=arrears"))
    assert 'name="queue" value="sign"' in re.sub(
        r" id=\S+", "", page(client.get("/appeals/queue/?queue=sign&filter=1"))
    )


def test_a_filter_belongs_to_its_owner(cast):
    own = save_filter(by=cast.dispatcher, name="超期", query="clock=red")
    client = signed_in(cast.second_dispatcher)
    assert "超期</a>" not in page(client.get("/appeals/")) and own.name not in page(client.get(FILTERS))
    for action in ("rename", "delete"):
        assert client.post(f"{FILTERS}{own.pk}/{action}/", {"name": "我的"}).status_code == 404
    own.refresh_from_db()
    assert own.name == "超期"


def test_what_cannot_be_saved_is_said_in_words(cast, monkeypatch):
    client = signed_in(cast.dispatcher)
    save_filter(by=cast.dispatcher, name="超期", query="clock=red")
    for data, words in (
        ({"name": "x", "query": ""}, "请先在台账中设好筛选条件"),
        ({"name": "x", "query": "page=2"}, "请先在台账中设好筛选条件"),
        ({"name": "", "query": "clock=red"}, "没有保存"),
        ({"name": "超期", "query": "clock=blue"}, "您已有同名的筛选"),
        ({"name": "长" * 21, "query": "clock=blue"}, "没有保存"),
        ({"name": "\0", "query": "clock=blue"}, "没有保存"),
        ({"name": "x", "query": "q=" + "长" * 300}, "没有保存"),
    ):
        answer = client.post(FILTERS, data)
        assert answer.status_code == 422 and words in page(answer), data
    monkeypatch.setattr("appeals.saved_filters.MOST", 1)
    assert f"最多保存 {MOST} 个".replace(str(MOST), "1") in page(
        client.post(FILTERS, {"name": "y", "query": "clock=blue"})
    )
    one = save_filter_again(cast, monkeypatch)
    answer = client.post(f"{FILTERS}{one.pk}/rename/", {"name": "超期"})
    assert answer.status_code == 422 and "您已有同名的筛选" in page(answer)


def save_filter_again(cast, monkeypatch) -> SavedFilter:
    monkeypatch.setattr("appeals.saved_filters.MOST", 5)
    return save_filter(by=cast.dispatcher, name="临期", query="clock=blue")


def test_a_filtered_desk_with_hints_costs_no_more_than_a_list_may(cast):
    client = signed_in(cast.dispatcher)
    for number in range(3):
        save_filter(by=cast.dispatcher, name=f"筛选{number}", query="category=labour")
    main = cast.submit()
    for _ in range(4):
        data = {"claimed_name": "某店", "contact_name": "钱", "contact_phone": "13900004444", "category": "labour",
                "content": "另有一事相求。", "channel": "walk_in", "outcome": "register", "repeats": main.number}  # fmt: skip
        assert client.post("/appeals/register/", data).status_code == 302
    for address in (
        "/appeals/desk/?queue=accept",
        "/appeals/desk/?queue=accept&category=labour",
        "/appeals/?category=labour",
    ):
        assert queries(client, address) <= LIST_QUERIES, address
    assert page(client.get("/appeals/desk/?queue=accept&category=labour")).count("疑似重复") == 4


# --- Batch dispatch -------------------------------------------------------------------------------


@pytest.fixture
def waiting(cast) -> list[Appeal]:
    return [cast.do(cast.submit(), "accept") for _ in range(3)]


def form_of(client: Client, appeals: list[Appeal]) -> dict:
    """What the page of the batch sends back, with the fields filled in."""
    text = page(client.get(BATCH, {"number": [appeal.number for appeal in appeals]}))
    hidden = dict(re.findall(r'type="hidden" name="(token|seen-[^"]+)" value="([^"]+)"', text))
    return hidden | {"number": [appeal.number for appeal in appeals], "requirements": "请三日内上门核实。"}


def to_rsj(cast) -> dict:
    return {"lead_unit": factories.unit(cast.district, "rsj").pk}


def test_several_appeals_are_dispatched_in_one_go_and_once(cast, waiting):
    client = signed_in(cast.dispatcher)
    desk = page(client.get("/appeals/desk/?queue=dispatch"))
    assert (
        all(f'name="number" value="{appeal.number}"' in desk for appeal in waiting) and "批量交办所选" in desk
    )
    data = form_of(client, waiting) | to_rsj(cast)
    assert "区人社局（在办 0）" in page(client.get(BATCH, {"number": waiting[0].number}))
    for _ in range(2):
        answer = client.post(BATCH, data)
        assert answer.status_code == 200 and "已交办 3 件，没有交办 0 件" in page(answer)
    assert set(Appeal.objects.values_list("status", "lead_unit__code")) == {(Status.DISPATCHED, "rsj")}
    assert Event.objects.filter(transition="dispatch").count() == 3
    assert {appeal.statements.get().text for appeal in waiting} == {"请三日内上门核实。"}


def test_one_that_is_refused_stops_none_of_the_others(cast, waiting):
    client = signed_in(cast.dispatcher)
    data = form_of(client, waiting) | to_rsj(cast)
    moved, proposed, fine = waiting
    cast.do(moved, "dispatch", lead_unit=factories.unit(cast.district, "czj").pk)
    cast.do(proposed, "propose_decline")
    answer = client.post(BATCH, data)
    text = page(answer)
    assert "已交办 1 件，没有交办 2 件" in text
    assert "待签收" in text and "请三日内上门核实。" in text
    status = dict(Appeal.objects.values_list("number", "status"))
    assert status == {
        moved.number: Status.DISPATCHED,
        proposed.number: Status.ACCEPTED,
        fine.number: Status.DISPATCHED,
    }
    moved.refresh_from_db()
    assert moved.lead_unit.code == "czj"
    # The same batch sent again reports the same and does nothing more.
    assert "已交办 1 件，没有交办 2 件" in page(client.post(BATCH, data))
    assert Event.objects.filter(transition="dispatch").count() == 2


def test_a_batch_with_an_error_does_nothing_and_keeps_what_was_typed(cast, waiting):
    client = signed_in(cast.dispatcher)
    answer = client.post(BATCH, form_of(client, waiting))
    text = page(answer)
    assert answer.status_code == 422 and "请三日内上门核实。</textarea>" in text and waiting[0].number in text
    assert not Appeal.objects.filter(status=Status.DISPATCHED).exists()
    many = [f"JQ20261119-{number:04d}" for number in range(51)]
    for answer in (client.get(BATCH, {"number": many}), client.post(BATCH, {"number": many})):
        assert answer.status_code == 422 and "一次最多交办 50 件" in page(answer)


def test_what_is_not_there_to_dispatch_is_left_out(cast, waiting):
    submitted = cast.submit()
    client = signed_in(cast.dispatcher)
    text = page(client.get(BATCH, {"number": [waiting[0].number, submitted.number, "nonsense", "\0"]}))
    assert waiting[0].number in text and submitted.number not in text and "另有 2 件" in text
    assert "没有选定待交办的诉求" in page(client.get(BATCH))
    other = factories.another_district(cast.district)
    stranger = signed_in(factories.user(factories.unit(other), Role.DISPATCHER))
    assert waiting[0].number not in page(stranger.get(BATCH, {"number": waiting[0].number}))
    answer = stranger.post(
        BATCH, {"number": waiting[0].number, "lead_unit": factories.unit(cast.district, "rsj").pk}
    )
    assert answer.status_code == 422 and not Appeal.objects.filter(status=Status.DISPATCHED).exists()


def test_only_the_dispatcher_may(cast, waiting):
    leader = signed_in(cast.bureau_leader)
    assert "批量交办所选" not in page(leader.get("/appeals/desk/?queue=dispatch"))
    assert leader.get(BATCH).status_code == leader.post(BATCH).status_code == 403


# --- Phrases --------------------------------------------------------------------------------------


def entered(**changes) -> dict:
    return {"purpose": "reply", "title": "已到岗", "text": "已对接到岗＿人。", "active": "on"} | changes


def test_the_districts_first_set_comes_with_its_profile_and_changes_stay(district):
    phrase = Phrase.objects.get(title="用工对接")
    assert (phrase.purpose, phrase.category, phrase.unit) == ("requirement", "labour", None)
    Phrase.objects.filter(pk=phrase.pk).update(text="改过的", active=False)
    before = Phrase.objects.count()
    call_command("load_profile", "340711")
    phrase.refresh_from_db()
    assert (phrase.text, phrase.active, Phrase.objects.count()) == ("改过的", False, before)


def test_a_form_is_offered_the_phrases_that_fit(cast):
    labour = cast.walk(cast.submit(category="labour"), "sign")
    own = save_phrase(by=cast.liaison, phrase=Phrase(purpose="reply", title="本局", text="x"))
    save_phrase(by=cast.other_liaison, phrase=Phrase(purpose="reply", title="别局", text="x"))
    off = save_phrase(
        by=cast.dispatcher, phrase=Phrase(purpose="reply", title="停用", text="x", active=False)
    )

    def titles(transition: str, part: str = "liaison", appeal: Appeal = labour) -> set[str]:
        return {phrase.title for phrase in phrases_for(appeal, transition, getattr(cast, part))}

    assert {"招聘结果", "已解决", own.title} <= titles("feedback")
    assert not {"别局", off.title, "奖补资金进度", "先联系企业"} & titles("feedback")
    assert own.title not in titles("feedback", "dispatcher")
    assert "用工对接" in titles("dispatch", "dispatcher") and "重办要求" not in titles(
        "dispatch", "dispatcher"
    )
    assert "重办要求" in titles("redo", "dispatcher")
    assert "用工对接" not in titles("dispatch", "dispatcher", cast.submit(category="land"))
    assert titles("sign") == set()
    assert phrase_help(labour, "feedback", cast.liaison)["phrase_target"] == "result"
    other = factories.another_district(cast.district)
    stranger = factories.user(factories.unit(other), Role.DISPATCHER)
    assert not phrases_for(labour, "dispatch", stranger)


def test_the_bureau_keeps_the_districts_and_a_unit_its_own(cast):
    bureau, unit, other = (
        signed_in(getattr(cast, part)) for part in ("dispatcher", "liaison", "other_liaison")
    )
    assert bureau.post(f"{PHRASES}new/", entered(token="a")).status_code == 302
    for _ in range(2):
        assert unit.post(f"{PHRASES}new/", entered(token="b")).status_code == 302
    district, own = Phrase.objects.filter(title="已到岗").order_by("pk")
    assert (district.unit, own.unit) == (None, cast.liaison.unit)
    # A unit keeps answers, no requirements; nobody touches what is not his.
    assert unit.post(f"{PHRASES}new/", entered(purpose="requirement", title="要求")).status_code == 422
    assert unit.post(f"{PHRASES}{district.pk}/", entered()).status_code == 403
    assert other.post(f"{PHRASES}{own.pk}/", entered()).status_code == 404
    assert bureau.get(f"{PHRASES}{own.pk}/").status_code == 404
    with pytest.raises(ValidationError):
        save_phrase(by=cast.other_liaison, phrase=own)
    off = {key: value for key, value in entered(text="新的").items() if key != "active"}
    assert unit.post(f"{PHRASES}{own.pk}/", off).status_code == 302
    own.refresh_from_db()
    assert (own.text, own.active) == ("新的", False)
    assert "已停用" in page(unit.get(PHRASES, {"purpose": "reply"}))
    assert "修改" in page(bureau.get(PHRASES)) and "新增常用语" not in page(
        signed_in(cast.supervisor).get(PHRASES)
    )


def test_what_cannot_be_a_phrase_is_said_in_words(cast):
    client = signed_in(cast.dispatcher)
    for changes, words in (
        ({"title": ""}, "必填"),
        ({"title": "已解决"}, "同一用途下已有同名的常用语"),
        ({"text": "a\0b"}, "空"),
        ({"text": "长" * 1001}, "1000"),
        ({"purpose": "nonsense"}, "有效"),
        ({"category": "nonsense"}, "有效"),
        ({"transition": "dispatch"}, "这个环节不用这种用途的常用语"),
        ({"order": "9" * 30}, "999"),
        ({"order": "x"}, "整数"),
    ):
        answer = client.post(f"{PHRASES}new/", entered(**changes))
        assert answer.status_code == 422 and "field-error" in page(answer), changes
        assert words in page(answer), (changes, re.findall(r"field-error.*?</div>", page(answer)))
    assert not Phrase.objects.filter(title="已到岗").exists()
