"""督办台: what is late, reminding several at once, letters and listed cases, and who may do what there."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from appeals import supervision
from appeals.letters import draft_letter
from appeals.models import Appeal, Deadline, ListedSupervision, SupervisionLetter
from appeals.querysets import in_colour
from core import clock
from notifications.models import Notice
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_staff_pages import page, queries, signed_in, step

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = "/appeals/supervision/"
DESK_QUERIES = 14
NOON = "2026-11-25 12:00+08:00"


@pytest.fixture(autouse=True)
def wednesday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def at(moment: str) -> datetime:
    return datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def begun(cast: Cast, moment: str, upto: str = "sign", **more) -> Appeal:
    """An appeal dispatched and signed for at that moment."""
    with clock.at(at(moment)):
        return cast.walk(cast.submit(**more), upto)


@pytest.fixture
def slow(cast) -> Appeal:
    """Handling was due on 11 November."""
    return begun(cast, "11-02 09:00")


@pytest.fixture
def draft(slow) -> SupervisionLetter:
    handle = slow.deadlines.get(kind="handle")
    return draft_letter(handle, "区人社局：办理已逾期，请督办。", at("11-16 08:30"))


def rows(text: str) -> list[str]:
    """The numbers of the appeals in the list, from the top."""
    table = text.split("<tbody>")[-1]
    return list(dict.fromkeys(re.findall(r'class="mono nowrap">([A-Z]+\d{8}-\d{4})<', table)))


# --- Red, yellow, blue ----------------------------------------------------------------------------


def test_the_query_and_the_chip_agree_on_every_colour(cast):
    begun(cast, "11-02 09:00")
    begun(cast, "11-24 09:00", upto="dispatch")
    begun(cast, "11-16 09:00")
    behind = begun(cast, "11-24 10:00").deadlines.get(kind="handle")
    behind.behind_since = clock.now()
    behind.save()
    begun(cast, "11-24 11:00")
    cast.do(begun(cast, "11-02 10:00"), "ask_firm")
    found = set()
    for colour in supervision.COLOURS:
        running = Deadline.objects.running().filter(in_colour(colour, clock.now()), paused_at=None)
        for deadline in running:
            assert deadline.colour == colour
            found.add(deadline.pk)
    assert found == set(Deadline.objects.running().filter(paused_at=None).values_list("pk", flat=True))
    seen = {deadline.colour for deadline in Deadline.objects.filter(pk__in=found)}
    assert seen == set(supervision.COLOURS)


def test_the_desk_lists_what_is_late_or_nearly_with_the_most_urgent_first(cast, slow):
    nearly = begun(cast, "11-17 09:00")  # due on 26 November: blue
    fine = begun(cast, "11-24 09:00")
    text = page(signed_in(cast.supervisor).get(DESK))
    assert rows(text) == [slow.number, nearly.number]
    assert "已超期" in text and "临期" in text and fine.number not in text
    assert rows(page(signed_in(cast.supervisor).get(DESK, {"colour": "green"}))) == [fine.number]
    assert rows(page(signed_in(cast.supervisor).get(DESK, {"colour": "blue"}))) == [nearly.number]


def test_unit_and_stage_narrow_the_list_and_the_counts(cast, slow):
    waiting = begun(cast, "11-10 09:00", upto="accept")  # the bureau has not dispatched it
    bureau = waiting.deadlines.get(kind="dispatch").owner_id
    client = signed_in(cast.bureau_leader)
    assert rows(page(client.get(DESK, {"unit": bureau}))) == [waiting.number]
    assert rows(page(client.get(DESK, {"stage": "handle"}))) == [slow.number]
    found = client.get(DESK, {"stage": "handle"}).context
    assert [(tally.name, tally.red) for tally in found["tallies"]] == [(slow.lead_unit.short_name, 1)]
    assert [total["number"] for total in found["totals"] if total["colour"] == "red"] == [1]
    assert "stage=handle&amp;colour=red" in page(client.get(DESK, {"stage": "handle"}))


def test_a_clock_that_stands_or_is_the_firms_accuses_nobody(cast):
    asked = cast.do(begun(cast, "11-02 09:00"), "ask_firm")
    Deadline.objects.filter(appeal=asked, kind="waiting").update(due_at=at("11-20 09:00"))
    assert rows(page(signed_in(cast.supervisor).get(DESK))) == []


def test_only_who_may_supervise_is_offered_to(cast, slow):
    offers = [
        reverse("appeals:act", args=[slow.number, name])
        for name in ("remind", "supervise", "list_supervision")
    ]
    for part in ("dispatcher", "bureau_leader", "supervisor"):
        text = page(signed_in(getattr(cast, part)).get(DESK))
        assert all(offer in text for offer in offers), part
    read = page(signed_in(cast.district_leader).get(DESK))
    assert slow.number in read and "/do/" not in read and 'name="chosen"' not in read
    assert signed_in(cast.district_leader).post(DESK, {}).status_code == 403
    assert signed_in(cast.liaison).get(DESK).status_code == 403


def test_a_listed_case_is_marked_and_offered_to_be_delisted(cast, slow):
    cast.do(slow, "list_supervision", by="supervisor")
    text = page(signed_in(cast.supervisor).get(DESK))
    assert 'class="tag">挂牌督办' in text
    assert "/do/delist_supervision/" in text and "/do/list_supervision/" not in text


def test_another_district_is_not_on_the_desk(cast, slow):
    other = factories.another_district(cast.district)
    stranger = factories.user(factories.unit(other, "jwdc"), "supervisor")
    text = page(signed_in(stranger).get(DESK))
    assert slow.number not in text and rows(text) == []


# --- Several reminded at once ---------------------------------------------------------------------


def remind(client, *appeals: Appeal, words: str = "请抓紧办理。", token: str = "t" * 20):
    return client.post(DESK, {"chosen": [appeal.pk for appeal in appeals], "text": words, "token": token})


def test_several_are_reminded_in_one_go_each_with_its_result(cast, slow):
    other = begun(cast, "11-03 09:00")
    client = signed_in(cast.supervisor)
    answer = remind(client, slow, other)
    assert answer.status_code == 200 and "已催办 2 件" in page(answer)
    for appeal in (slow, other):
        assert appeal.events.last().transition == "remind"
        assert Notice.objects.filter(recipient=cast.liaison, title__contains=appeal.number).exists()


def test_the_same_form_twice_reminds_once(cast, slow):
    client = signed_in(cast.dispatcher)
    remind(client, slow)
    again = remind(client, slow)
    assert "已催办 1 件" in page(again)
    assert slow.events.filter(transition="remind").count() == 1


def test_one_that_has_ended_meanwhile_holds_up_no_other(cast, slow):
    gone = begun(cast, "11-03 09:00")
    cast.do(cast.do(gone, "withdraw"), "confirm_withdrawal")
    answer = remind(signed_in(cast.dispatcher), slow, gone)
    assert "已催办 1 件，1 件没有执行" in page(answer)
    assert slow.events.last().transition == "remind" and gone.events.last().transition != "remind"


@pytest.mark.parametrize(
    ("chosen", "words", "said"),
    [
        ("slow", "", "催办内容"),
        ("", "请抓紧。", "请先勾选要催办的诉求。"),
        ("x", "请抓紧。", "chosen"),
        ("9" * 30, "请抓紧。", "chosen"),
        ("\0", "请抓\0紧。", "chosen"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(cast, slow, chosen, words, said):
    data = {"chosen": slow.pk if chosen == "slow" else chosen, "text": words, "token": "t"}
    answer = signed_in(cast.supervisor).post(DESK, data if chosen else data | {"chosen": []})
    assert answer.status_code == 422 and said in page(answer) and "data-error-summary" in page(answer)
    if chosen == "slow":
        assert f'value="{slow.pk}" checked' in page(answer)
    if words == "请抓紧。":
        assert words in page(answer)
    assert not slow.events.filter(transition="remind").exists()


def test_what_is_not_visible_cannot_be_reminded(cast, slow):
    other = factories.another_district(cast.district)
    stranger = factories.user(factories.unit(other), "dispatcher")
    assert remind(signed_in(stranger), slow).status_code == 422
    assert not slow.events.filter(transition="remind").exists()


# --- Letters --------------------------------------------------------------------------------------


def test_a_draft_says_what_drafted_it_and_leads_to_the_form_that_sends_it(cast, slow, draft):
    text = page(signed_in(cast.supervisor).get(DESK, {"tab": "drafts"}))
    assert "“办理”11月11日到期，逐级提醒自动起草" in text
    assert f"{step(slow, 'supervise')}?unit={draft.unit_id}" in text
    with clock.at(at("11-25 10:00")):
        cast.do(slow, "feedback")
    text = page(signed_in(cast.supervisor).get(DESK, {"tab": "drafts"}))
    assert "该环节已结束（超期）" in text


def test_a_draft_is_set_aside_once_and_that_is_on_record(cast, draft):
    client = signed_in(cast.supervisor)
    url = reverse("appeals:set_letter_aside", args=[draft.pk])
    assert "data-confirm" in page(client.get(DESK, {"tab": "drafts"}))
    assert "不予发出" in page(client.post(url, follow=True))
    assert "没有改动" in page(client.post(url, follow=True))
    draft.refresh_from_db()
    assert draft.state == "set_aside"
    assert AuditEntry.objects.filter(action="letter.set_aside").count() == 1


def test_letters_move_through_the_tabs_and_late_ones_are_red_with_the_word(cast, slow, draft):
    client = signed_in(cast.dispatcher)

    def tab(name: str) -> str:
        return page(client.get(DESK, {"tab": name})).split("<tbody>")[-1].split("</main>")[0]

    with clock.at(at("11-17 10:00")):
        slow = cast.do(slow, "supervise", by="supervisor")
    letter = slow.letters.get()
    assert letter.pk == draft.pk and letter.sender == cast.supervisor.unit
    assert letter.number not in tab("drafts") and letter.number in tab("waiting")
    assert "chip-red" in tab("waiting") and "逾期未回复" in tab("waiting")
    cast.do(slow, "answer_supervision")
    assert letter.number not in tab("waiting") and letter.number in tab("answered")


def test_listed_cases_show_leader_target_and_what_is_left(cast, slow):
    chief = cast.chief()
    late = begun(cast, "11-03 09:00")
    with clock.at(at("11-05 10:00")):
        cast.do(late, "list_supervision", by="supervisor", target_date="2026-11-20")
    slow = cast.do(slow, "list_supervision", by="supervisor", target_date="2026-12-02")
    gone = cast.through(begun(cast, "11-04 09:00"), "list_supervision", "delist_supervision")
    text = page(signed_in(cast.supervisor).get(DESK, {"tab": "listed"}))
    body = text.split("<tbody>")[-1]
    order = [body.index(appeal.number) for appeal in (late, slow, gone)]
    assert order == sorted(order)
    assert "已超期5天" in body and "还剩7天" in body and "已摘牌" in body and chief.name in body
    assert body.count("/do/delist_supervision/") == 2
    assert '挂牌督办 <span class="count">2</span>' in text


def test_the_sheet_names_the_facts_as_they_stood_when_it_was_sent(cast, slow, draft):
    with clock.at(at("11-17 10:00")):
        cast.do(slow, "supervise", by="supervisor", text="请说明为什么超期。")
    letter = slow.letters.get()
    url = reverse("appeals:letter", args=[letter.pk])
    for reader in (cast.supervisor, cast.dispatcher, cast.liaison, cast.lead_cadre):
        text = page(signed_in(reader).get(url))
        assert letter.number in text and "请说明为什么超期。" in text and slow.number in text
        assert "2026年11月11日到期" in text and "超期 4 个工作日" in text
        assert cast.supervisor.unit.name in text and slow.lead_unit.name in text
    assert step(slow, "answer_supervision") in page(signed_in(cast.liaison).get(url))
    assert step(slow, "answer_supervision") not in page(signed_in(cast.supervisor).get(url))
    assert slow.contact_phone not in text and slow.contact_name not in text
    cast.do(slow, "answer_supervision", answer="本周内办结，原因已查明。")
    text = page(signed_in(cast.supervisor).get(url))
    assert "本周内办结，原因已查明。" in text and "2026年11月25日" in text


def test_a_unit_sees_what_it_was_sent_and_no_draft(cast, slow, draft):
    url = reverse("appeals:letter", args=[draft.pk])
    assert signed_in(cast.liaison).get(url).status_code == 404
    cast.do(slow, "supervise", by="supervisor")
    assert signed_in(cast.liaison).get(url).status_code == 200
    assert signed_in(cast.other_liaison).get(url).status_code == 404
    assert signed_in(cast.admin).get(url).status_code == 404
    other = factories.another_district(cast.district)
    stranger = factories.user(factories.unit(other, "jwdc"), "supervisor")
    assert signed_in(stranger).get(url).status_code == 404


def test_a_letter_stands_on_the_units_queue_and_counts_on_its_bench(cast, slow, draft):
    assert "督办单待发出" in page(signed_in(cast.supervisor).get("/workbench/"))
    assert "督办单待发出" not in page(signed_in(cast.district_leader).get("/workbench/"))
    with clock.at(at("11-17 10:00")):
        slow = cast.do(slow, "supervise", by="supervisor")
    letter = slow.letters.get()
    queue, bench = (page(signed_in(cast.liaison).get(url)) for url in ("/appeals/queue/", "/workbench/"))
    assert reverse("appeals:letter", args=[letter.pk]) in queue and "逾期未回复" in queue
    assert "督办单待回复" in bench and "有逾期的" in bench
    assert "督办单待回复" not in page(signed_in(cast.other_liaison).get("/workbench/"))
    cast.do(slow, "answer_supervision")
    assert "督办单待回复" not in page(signed_in(cast.liaison).get("/workbench/"))
    assert "已回复" in page(signed_in(cast.liaison).get("/appeals/queue/"))


# --- What it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["clocks", "drafts", "waiting", "listed"])
def test_a_tab_costs_the_same_however_long_it_is(cast, tab):
    def more(number: int) -> None:
        for _ in range(number):
            drafted, waiting = begun(cast, "11-02 09:00"), begun(cast, "11-02 10:00")
            draft_letter(drafted.deadlines.get(kind="handle"), "请督办。", clock.now())
            cast.through(waiting, "supervise", "list_supervision")

    client = signed_in(cast.supervisor)
    more(1)
    few = queries(client, f"{DESK}?tab={tab}")
    more(4)
    assert queries(client, f"{DESK}?tab={tab}") == few <= DESK_QUERIES
    assert ListedSupervision.objects.count() == SupervisionLetter.objects.waiting().count() == 5


def test_long_lists_are_paged(cast, slow):
    handle = slow.deadlines.get(kind="handle")
    SupervisionLetter.objects.bulk_create(
        SupervisionLetter(
            district=cast.district, appeal=slow, unit=handle.owner, state="answered", number=f"督{number}号",
            text="请办。", drafted_at=clock.now() - timedelta(minutes=number), drafted_by=cast.supervisor,
            sent_at=clock.now(), sent_by=cast.supervisor, sender=cast.supervisor.unit, answered_at=clock.now(),
        )
        for number in range(27)
    )  # fmt: skip
    client = signed_in(cast.supervisor)
    first, second = (page(client.get(DESK, {"tab": "answered", "page": number})) for number in (1, 2))
    assert "督24号" in first and "督25号" not in first and "督26号" in second and 'rel="next"' in first
