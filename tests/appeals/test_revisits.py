"""The list of revisits: who owes whom a call, what is recorded with one click, and what the firm says itself."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Role
from appeals.answers import CONTRARY, DIFFERS, answers_of
from appeals.models import Appeal, Deadline, Revisit, Status
from core import clock
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_staff_pages import page, queries, signed_in

MOST_QUERIES = 12
LIST = "/appeals/revisits/"
PHONE = {"method": "phone"}
SOLVED = PHONE | {"reached": "yes", "solved": "yes", "satisfaction": "satisfied"}
MISSED = PHONE | {"reached": "no"}


def record(appeal: Appeal, transition: str = "revisit") -> str:
    return reverse("appeals:record_revisit", args=[appeal.number, transition])


def listed(client: Client, queue: str = "first") -> list[str]:
    return re.findall(r'id="call-([A-Z]+\d{8}-\d{4})"', page(client.get(LIST, {"queue": queue})))


def post(client: Client, appeal: Appeal, transition: str = "revisit", htmx: bool = False, **data):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(record(appeal, transition), {"seen": appeal.version} | data, headers=headers)


def handled_by_the_bureau(cast: Cast) -> Appeal:
    """The bureau itself was lead, and its dispatcher answered."""
    appeal = cast.do(cast.submit(), "accept")
    appeal = cast.do(appeal, "dispatch", lead_unit=cast.unit("kjj"))
    appeal = cast.do(appeal, "sign", by="dispatcher")
    return cast.do(appeal, "feedback", by="dispatcher")


# --- Who is on the list ---------------------------------------------------------------------------


def test_each_unit_sees_whom_it_owes_a_call_the_most_urgent_first(cast):
    with clock.at(clock.now() - timedelta(days=9)):
        late = cast.walk(cast.submit(), "feedback")
    early = cast.walk(cast.submit(), "feedback")
    revisited = cast.walk(cast.submit(), "revisit")
    liaison, dispatcher = signed_in(cast.liaison), signed_in(cast.dispatcher)
    assert listed(liaison) == [late.number, early.number]
    assert "已超期" in page(liaison.get(LIST))
    assert listed(dispatcher) == [] and listed(dispatcher, "second") == [revisited.number]
    assert listed(signed_in(cast.other_liaison)) == []
    # Without the role there is no second heap to choose.
    assert listed(liaison, "second") == [late.number, early.number]


def test_a_cadre_sees_the_appeals_in_their_charge_alone(cast):
    mine = cast.do(cast.do(cast.submit(), "accept"), "dispatch")
    mine = cast.do(mine, "sign", officer=cast.lead_cadre.pk)
    mine = cast.do(mine, "feedback")
    cast.walk(cast.submit(), "feedback")
    assert listed(signed_in(cast.lead_cadre)) == [mine.number]


def test_what_the_bureau_handled_is_revisited_by_another_officer_and_then_by_the_supervisor(cast):
    appeal = handled_by_the_bureau(cast)
    own = page(signed_in(cast.dispatcher).get(LIST))
    assert appeal.number in own and "须由本单位另一名工作人员回访" in own
    assert record(appeal) not in own
    assert record(appeal) in page(signed_in(cast.second_dispatcher).get(LIST))
    assert post(signed_in(cast.dispatcher), appeal, **SOLVED).status_code == 403
    assert post(signed_in(cast.second_dispatcher), appeal, **SOLVED).status_code == 302
    appeal.refresh_from_db()
    supervisor = signed_in(cast.supervisor)
    assert listed(supervisor, "second") == [appeal.number]
    assert listed(signed_in(cast.second_dispatcher), "second") == []
    # Nobody of the handling unit records the second one, the bureau's own leader included.
    for part in ("dispatcher", "second_dispatcher", "bureau_leader"):
        answer = post(signed_in(getattr(cast, part)), appeal, "second_revisit", **SOLVED)
        assert answer.status_code == 403, part
    assert post(supervisor, appeal, "second_revisit", **SOLVED).status_code == 302
    assert appeal.revisits.filter(stage=Revisit.Stage.SECOND).get().by == cast.supervisor


def test_nobody_of_the_handling_unit_records_the_second_revisit(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    for part in ("liaison", "section_head", "deputy_leader", "unit_leader", "supervisor"):
        assert post(signed_in(getattr(cast, part)), appeal, "second_revisit", **SOLVED).status_code == 403
    assert not appeal.revisits.filter(stage=Revisit.Stage.SECOND).exists()
    assert post(signed_in(cast.bureau_leader), appeal, "second_revisit", **SOLVED).status_code == 302


def test_firms_of_merged_appeals_are_asked_once_the_main_one_is_answered(cast):
    cast.main = cast.do(cast.submit(), "accept")
    merged = cast.do(cast.submit(), "merge")
    main = cast.do(cast.main, "dispatch")
    dispatcher, liaison = signed_in(cast.dispatcher), signed_in(cast.liaison)
    assert listed(dispatcher, "merged") == []
    main = cast.through(main, "sign", "feedback")
    merged.refresh_from_db()
    assert listed(dispatcher, "merged") == [merged.number]
    # Whoever handles the main one may ask, and so sees the merged one; another unit does not.
    assert listed(liaison, "merged") == [merged.number]
    assert main.number in page(liaison.get(LIST, {"queue": "merged"}))
    assert listed(signed_in(cast.other_liaison), "merged") == []
    assert post(signed_in(cast.other_liaison), merged, "revisit_merged", **SOLVED).status_code == 404
    assert post(liaison, merged, "revisit_merged", **SOLVED).status_code == 302
    assert listed(dispatcher, "merged") == []
    assert Appeal.objects.get(pk=merged.pk).status == Status.MERGED


def test_what_waits_for_the_firms_material_is_not_called(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    cast.do(appeal, "ask_firm")
    assert listed(signed_in(cast.liaison)) == []


def test_the_list_is_for_those_who_call(cast):
    for part, status in (
        ("liaison", 200),
        ("dispatcher", 200),
        ("supervisor", 200),
        ("cadre", 200),
        ("window", 403),
        ("district_leader", 403),
        ("admin", 403),
    ):
        assert signed_in(getattr(cast, part)).get(LIST).status_code == status, part
    assert signed_in(factories.user(None, Role.LIAISON)).get(LIST).status_code == 403


def test_the_list_costs_the_same_for_two_lines_and_for_twelve(cast):
    clients = [
        (signed_in(cast.liaison), f"{LIST}?queue=first"),
        (signed_in(cast.dispatcher), f"{LIST}?queue=second"),
    ]

    def more(times: int) -> None:
        for _ in range(times):
            rated = cast.walk(cast.submit(), "feedback")
            cast.do(rated, "rate")
            cast.do(rated, "revisit", reached="no", solved="", satisfaction="")
            revisited = cast.walk(cast.submit(), "revisit")
            cast.do(revisited, "rate", solved="partly")

    more(2)
    few = [queries(*client) for client in clients]
    more(10)
    assert [queries(*client) for client in clients] == few
    assert max(few) <= MOST_QUERIES, few


# --- What the line says ---------------------------------------------------------------------------


def test_the_line_has_the_script_the_answer_and_a_masked_phone(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    client = signed_in(cast.liaison)
    text = page(client.get(LIST))
    assert f"您好，我是{cast.liaison.unit.name}的工作人员。" in text
    assert f"“{appeal.title}”（编号{appeal.number}）已经答复" in text
    assert "已组织专场招聘" in text
    assert "139****1111" in text and "13900001111" not in text
    shown = client.post(reverse("appeals:reveal_phone", args=[appeal.number]), headers={"HX-Request": "true"})
    assert 'class="phone" href="tel:13900001111"' in page(shown)
    assert AuditEntry.objects.filter(action="appeal.reveal_phone", object_id=str(appeal.pk)).count() == 1


def test_the_outcomes_of_one_click_are_those_of_the_profile(cast):
    cast.walk(cast.submit(), "feedback")
    text = page(signed_in(cast.liaison).get(LIST))
    for label in ("接通·已解决·满意", "接通·部分解决·基本满意", "未接通"):
        assert f">{label}<" in text


# --- Recording ------------------------------------------------------------------------------------


def test_one_click_records_and_leads_back_to_the_same_place(cast):
    appeal, following = (cast.walk(cast.submit(), "feedback") for _ in range(2))
    client = signed_in(cast.liaison)
    answer = post(client, appeal, token="t1", page="1", following=following.number, **SOLVED)
    assert answer["Location"] == f"{LIST}?queue=first&page=1#call-{following.number}"
    appeal.refresh_from_db()
    assert appeal.status == Status.REVISITED
    assert f"已登记回访：{appeal.number}，已解决，满意。" in page(client.get(answer["Location"]))
    # The same click again, slow answer or double: nothing new.
    again = client.post(record(appeal), SOLVED | {"seen": appeal.version - 1, "token": "t1"})
    assert again.status_code == 302 and appeal.revisits.count() == 1
    cast.do(appeal, "redo")
    again = client.post(record(appeal), SOLVED | {"seen": appeal.version - 1, "token": "t1"})
    assert again.status_code == 302 and appeal.revisits.count() == 1


def test_what_comes_with_the_form_cannot_lead_elsewhere(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    answer = post(
        signed_in(cast.liaison),
        appeal,
        page="9" * 40,
        following="x\r\n//evil.example/",
        queue="//x",
        **SOLVED,
    )
    assert answer["Location"] == f"{LIST}?queue=first"


def test_three_failed_calls_on_three_days_make_it_unreached(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    first = clock.now()

    def miss(day: int) -> str:
        """The list as it is after a call in vain."""
        with time_machine.travel(first + timedelta(days=day), tick=False):
            client = signed_in(cast.liaison)
            answer = post(client, appeal, **MISSED)
            appeal.refresh_from_db()
            return page(client.get(answer["Location"]))

    for day, left in ((0, 2), (0, 2), (1, 1)):
        text = miss(day)
        assert f"已记录未接通：{appeal.number}，还差{left}个不同日期。" in text
        assert f"，还差{left}个不同日期" in text and "今天已打过" in text
        assert appeal.status == Status.ANSWERED
    with time_machine.travel(first + timedelta(days=2), tick=False):
        assert "今天已打过" not in page(signed_in(cast.liaison).get(LIST))
    assert "已在3个不同日期未接通" in miss(2)
    assert appeal.status == Status.REVISITED
    assert listed(signed_in(cast.dispatcher), "second") == [appeal.number]


def test_htmx_replaces_the_line(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    client = signed_in(cast.liaison)
    missed = page(post(client, appeal, htmx=True, **MISSED))
    assert "<html" not in missed and "还差2个不同日期" in missed and record(appeal) in missed
    appeal.refresh_from_db()
    assert f'name="seen" value="{appeal.version}"' in missed
    done = page(post(client, appeal, htmx=True, **SOLVED))
    assert "<html" not in done and "已登记回访" in done and record(appeal) not in done


@pytest.mark.parametrize("htmx", [False, True])
def test_a_form_that_does_not_do_comes_back_with_what_was_typed(cast, htmx):
    appeal = cast.walk(cast.submit(), "feedback")
    client = signed_in(cast.liaison)
    answer = post(client, appeal, htmx=htmx, token="t", reached="yes", method="phone", note="很忙，改日再谈")
    text = page(answer)
    assert answer.status_code == 422 and ("<html" in text) is not htmx
    assert "接通的，请记录企业认为是否解决。" in text and "很忙，改日再谈" in text
    assert f'href="#id_{appeal.number}_solved_0"' in text and f'id="id_{appeal.number}_solved_0"' in text
    assert 'name="token" value="t"' in text
    for nonsense in ({}, {"method": "\0", "reached": "x" * 9999}, {"note": "x" * 5000} | SOLVED):
        assert post(client, appeal, htmx=htmx, **nonsense).status_code == 422
    assert not appeal.revisits.exists()


@pytest.mark.parametrize("htmx", [False, True])
def test_whoever_comes_too_late_reads_what_happened_and_keeps_the_words(cast, htmx):
    seen = cast.walk(cast.submit(), "feedback")
    cast.do(seen, "revisit")
    answer = post(signed_in(cast.unit_leader), seen, htmx=htmx, note="已经打过电话", **SOLVED)
    assert answer.status_code == 409
    assert "没有登记" in page(answer) and "已经打过电话" in page(answer)
    assert record(seen) not in page(answer)
    assert seen.revisits.count() == 1


def test_only_revisits_are_recorded_here(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    client = signed_in(cast.liaison)
    assert client.post(record(appeal, "close")).status_code == 404
    assert client.post(record(appeal, "nonsense")).status_code == 404
    assert signed_in(cast.other_liaison).post(record(appeal), SOLVED).status_code == 404
    assert client.get(record(appeal)).status_code == 405


def test_a_second_revisit_that_contradicts_the_firm_goes_back_to_the_bureau(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    cast.do(appeal, "rate", satisfaction="satisfied", solved="yes")
    appeal.refresh_from_db()
    client = signed_in(cast.dispatcher)
    answer = post(client, appeal, "second_revisit", **(SOLVED | {"solved": "no"}))
    assert "已提请牵头局裁定" in page(client.get(answer["Location"]))
    assert appeal.deadlines.running().filter(kind=Deadline.Kind.RULE).exists()
    assert "本人评价与二次回访不一致" in page(
        signed_in(cast.second_dispatcher).post(record(appeal, "second_revisit"), {"reached": "yes"})
    )


# --- Side by side ---------------------------------------------------------------------------------


def test_the_answers_stand_side_by_side_and_differences_have_a_word(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    cast.do(appeal, "rate", satisfaction="unsatisfied", solved="no", comment="还没有解决。")
    cast.do(appeal, "rate", satisfaction="satisfied", solved="yes")
    cast.do(appeal, "revisit", satisfaction="basic", solved="partly")
    appeal = cast.do(appeal, "second_revisit", satisfaction="unsatisfied", solved="no")
    answers = answers_of(appeal)
    own, first, second = answers.columns
    assert (own.satisfaction, own.solved) == ("满意", "已解决") and "不满意" in own.earlier[0]
    assert (first.satisfaction, first.satisfaction_mark) == ("基本满意", DIFFERS)
    assert (first.solved, first.solved_mark) == ("部分解决", DIFFERS)
    assert (second.satisfaction_mark, second.solved_mark) == (CONTRARY, CONTRARY)
    assert answers.contradict


def test_without_the_firms_own_words_the_second_is_compared_with_the_first(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    own, first, second = answers_of(appeal).columns
    assert own.at is None and own.nothing == "企业尚未评价"
    assert first.satisfaction == "满意" and first.satisfaction_mark == ""
    assert second.at is None and second.nothing == "尚未二次回访"
    appeal = cast.do(appeal, "second_revisit", solved="no")
    second = answers_of(appeal).columns[2]
    assert (second.satisfaction_mark, second.solved_mark) == ("", CONTRARY)
    assert not answers_of(appeal).contradict


def test_answers_of_an_earlier_round_are_past(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    cast.do(appeal, "rate")
    appeal = cast.do(appeal, "redo")
    answers = answers_of(appeal)
    assert not answers.any and all(column.at is None for column in answers.columns)


def test_a_revisit_nobody_picked_up_shows_its_days(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    cast.do(appeal, "revisit", reached="no", solved="", satisfaction="", note="无人接听")
    first = answers_of(Appeal.objects.get(pk=appeal.pk)).columns[1]
    assert first.missed == [clock.today()] and first.nothing == "未接通" and first.note == "无人接听"
