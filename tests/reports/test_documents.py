"""Official documents: made from an appeal under the next number, frozen, withdrawn, seen by whom they concern."""

import io
from datetime import timedelta

import docx
import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import AuditEntry
from appeals.letters import send_visit_letter
from core import clock
from reports.documents import issuing, templates
from reports.models import Document
from tests.reports.work import moment

PLACE = {
    "会商日期": "2026年11月20日",
    "地点": "区政府三楼会议室",
    "主持人": "区科经局局长王某",
    "参加人员": "区人社局",
    "记录人": "李某",
}


@pytest.fixture
def cast(work):
    with time_machine.travel(moment("2026-11-18 09:30"), tick=True):
        yield work.cast


def given_out(cast, kind, appeal, by="dispatcher", **asked):
    return issuing.issue(by=getattr(cast, by), kind=kind, appeal=appeal, asked=asked)


def text_of(document):
    """Everything Word shows, tables too."""
    with document.file.open("rb") as stored:
        opened = docx.Document(io.BytesIO(stored.read()))
    words = [paragraph.text for paragraph in opened.paragraphs]
    words += [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    words += [found.text for found in opened.sections[0].first_page_header.paragraphs]
    return "\n".join(words)


def dispatched(cast, **data):
    appeal = cast.do(cast.submit(), "accept")
    return cast.do(appeal, "dispatch", **data)


def refused(cast):
    """Said “no” to by four levels, and explained after the consultation."""
    appeal = cast.through(dispatched(cast), "sign", "propose_refusal")
    while appeal.status == "refusing":
        last = appeal.refusal_level == 3
        appeal = cast.do(appeal, "sign_refusal_last" if last else "sign_refusal")
    return cast.do(appeal, "find_unreasonable")


# --- Numbers --------------------------------------------------------------------------------------


def test_each_kind_counts_by_itself_from_one(cast):
    first, second = (given_out(cast, "dispatch", dispatched(cast)) for _ in range(2))
    answered = cast.walk(cast.submit(), "feedback")
    reply = given_out(cast, "reply", answered, by="liaison")
    assert [first.number_text, second.number_text] == ["郊亲清交〔2026〕1号", "郊亲清交〔2026〕2号"]
    assert reply.number_text == "JQ复〔2026〕1号"


def test_a_new_year_begins_at_one(cast):
    appeal = dispatched(cast)
    given_out(cast, "dispatch", dispatched(cast))
    with time_machine.travel(moment("2027-01-04 09:30"), tick=True):
        assert given_out(cast, "dispatch", appeal).number_text == "郊亲清交〔2027〕1号"


def test_a_preview_takes_no_number(cast):
    appeal = dispatched(cast)
    draft = issuing.draft_of_appeal(by=cast.dispatcher, kind="dispatch", appeal=appeal)
    assert issuing.NO_NUMBER_YET in draft.paper().as_text()
    assert given_out(cast, "dispatch", appeal).number == 1


def test_what_comes_to_nothing_leaves_no_gap(cast):
    appeal = dispatched(cast)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        given_out(cast, "dispatch", appeal)
        raise ZeroDivisionError
    assert given_out(cast, "dispatch", appeal).number == 1


def test_made_twice_it_is_one_document(cast):
    appeal = dispatched(cast)
    once, again = (given_out(cast, "dispatch", appeal) for _ in range(2))
    assert once == again
    assert Document.objects.count() == 1


def test_a_new_dispatch_has_a_document_of_its_own(cast):
    appeal = dispatched(cast)
    first = given_out(cast, "dispatch", appeal)
    appeal = cast.do(cast.do(appeal, "sign"), "reassign")
    second = given_out(cast, "dispatch", appeal)
    assert (first.number, second.number) == (1, 2)
    assert "铜陵市郊区财政局" in text_of(second)


def test_a_withdrawn_number_is_not_given_out_again(cast):
    appeal = dispatched(cast)
    wrong = given_out(cast, "dispatch", appeal)
    issuing.withdraw(by=cast.second_dispatcher, document=wrong, reason="办结期限写错。")
    right = given_out(cast, "dispatch", appeal)
    assert (wrong.number, right.number) == (1, 2)
    wrong.refresh_from_db()
    assert wrong.withdrawn_reason == "办结期限写错。"
    with pytest.raises(ValidationError, match="已经作废"):
        issuing.withdraw(by=cast.dispatcher, document=wrong, reason="再作废一次。")


def test_withdrawing_needs_a_reason(cast):
    document = given_out(cast, "dispatch", dispatched(cast))
    with pytest.raises(ValidationError, match="作废原因"):
        issuing.withdraw(by=cast.dispatcher, document=document, reason=" ")


def test_a_slip_bears_the_number_of_the_appeal(cast):
    appeal = cast.register()
    slip = given_out(cast, "slip", appeal, by="window")
    assert slip.number_text == appeal.number
    assert slip.number is None


# --- What stands in them --------------------------------------------------------------------------


def test_the_dispatch_letter_says_who_does_what_until_when(cast):
    appeal = cast.do(cast.submit(), "accept")
    appeal = cast.do(appeal, "ask_instruction")
    appeal = cast.do(appeal, "instruct")
    appeal = cast.do(
        appeal,
        "dispatch",
        assisting_units=[cast.unit("nyj")],
        due_on=cast.workday(6),
        requirements="三天内上门。",
    )
    document = given_out(cast, "dispatch", appeal, 交办联系="调度室 0562-1234567")
    text = text_of(document)
    for words in (
        "郊亲清交〔2026〕1号", appeal.number, "铜陵市郊区人力资源和社会保障局", "三天内上门。",
        "请区人社局抓紧办理。", "2026年11月26日", "0562-1234567", "13900001111", "赵敏",
    ):  # fmt: skip
        assert words in text
    assert "{" not in text


def test_the_reply_is_a_letter_of_the_unit_to_the_firm(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    document = given_out(cast, "reply", appeal, by="liaison")
    text = text_of(document)
    assert document.unit.code == "rsj"
    assert "已组织专场招聘，到岗18人。" in text
    assert "办理结论：已解决。" in text
    # No basis was given, nobody to ask was named: these lines are not there.
    assert "政策依据" not in text and "联系人及电话" not in text
    assert "铜陵市郊区人力资源和社会保障局" in text


def test_an_answer_given_on_the_spot_has_a_reply_of_the_unit_asked_first(cast):
    appeal = cast.solve_on_spot()
    assert "已当面协助办理。" in text_of(given_out(cast, "reply", appeal, by="window"))


def test_a_redo_waits_for_its_own_answer(cast):
    appeal = cast.do(cast.walk(cast.submit(), "feedback"), "redo")
    with pytest.raises(ValidationError, match="还没有办到这一步"):
        given_out(cast, "reply", appeal, by="liaison")


def test_a_declined_firm_is_told_the_ground_and_the_right_door(cast):
    appeal = cast.through(cast.submit(), "propose_decline", "decline")
    document = given_out(cast, "decline", appeal)
    ground = appeal.rules.find("decline_grounds", "litigation")
    text = text_of(document)
    assert ground.label in text and ground.right_door in text
    assert "该纠纷已在法院审理。" in text
    assert "同意。" not in text  # the second officer's opinion is internal


def test_the_explanation_says_what_was_told_but_not_how_the_firm_took_it(cast):
    appeal = cast.do(refused(cast), "explained")
    text = text_of(given_out(cast, "explain", appeal, by="liaison"))
    assert "该项补贴政策已到期。" in text
    assert "《稳岗补贴办法》第五条" in text
    assert "2026年11月18日，分管副局长已就上述情况" in text
    assert "表示理解" not in text


def test_the_minutes_need_place_and_chair(cast):
    appeal = refused(cast)
    with pytest.raises(ValidationError) as wrong:
        given_out(cast, "minutes", appeal, 地点="会议室")
    assert set(wrong.value.message_dict) == {"会商日期", "主持人", "参加人员", "记录人"}
    text = text_of(issuing.issue(by=cast.dispatcher, kind="minutes", appeal=appeal, asked=PLACE))
    for words in ("区政府三楼会议室", "经研究，意见如下。", "会商认定诉求不合理", "记录：李某"):
        assert words in text


def test_a_supervision_letter_keeps_the_number_it_was_sent_under(cast):
    appeal = cast.do(dispatched(cast), "supervise")
    letter = appeal.letters.get()
    document = issuing.issue_letter(by=cast.dispatcher, letter=letter)
    assert document.number_text == letter.number
    assert issuing.issue_letter(by=cast.dispatcher, letter=letter) == document
    assert "请抓紧办理。" in text_of(document)


def test_so_does_one_about_visits(cast):
    unit = cast.liaison.unit
    letter = send_visit_letter(
        by=cast.dispatcher, unit=unit, text="三家企业没有走访。", answer_by=clock.today() + timedelta(days=5)
    )
    document = issuing.issue_letter(by=cast.dispatcher, letter=letter)
    assert (document.kind, document.number_text, document.appeal) == ("visits", letter.number, None)
    assert "三家企业没有走访。" in text_of(document)
    assert document in Document.objects.visible_to(cast.liaison)
    assert document not in Document.objects.visible_to(cast.other_liaison)


def test_a_letter_not_sent_has_no_document(cast):
    appeal = cast.do(dispatched(cast), "supervise")
    letter = appeal.letters.get()
    letter.state = "draft"
    letter.save()
    with pytest.raises(ValidationError, match="还没有发出"):
        issuing.issue_letter(by=cast.dispatcher, letter=letter)


# --- Frozen ---------------------------------------------------------------------------------------


def test_what_was_given_out_keeps_its_words(cast):
    appeal = dispatched(cast)
    document = given_out(cast, "dispatch", appeal)
    before = issuing.paper_of(document).blocks
    data = templates.words_in_force(appeal.district, "dispatch", appeal.rules).model_dump()
    templates.save_words(
        by=cast.bureau_leader, kind="dispatch", data=data | {"title": "新式交办单"}, note="改标题"
    )
    appeal.title, appeal.contact_name = "后来改的标题", "后来的人"
    appeal.save(update_fields=["title", "contact_name"])
    document.refresh_from_db()
    assert issuing.paper_of(document).blocks == before
    assert "新式交办单" in text_of(given_out(cast, "dispatch", dispatched(cast)))


def test_the_page_masks_the_firms_person_and_the_file_does_not(cast):
    document = given_out(cast, "dispatch", dispatched(cast))
    page = issuing.paper_of(document).as_text()
    assert "13900001111" not in page and "赵敏" not in page
    assert "139****1111" in page
    assert "13900001111" in text_of(document)


def test_making_and_withdrawing_are_logged(cast):
    document = given_out(cast, "dispatch", dispatched(cast))
    issuing.withdraw(by=cast.dispatcher, document=document, reason="写错。")
    entries = AuditEntry.objects.filter(object_type="reports.document").order_by("pk")
    assert [entry.action for entry in entries] == ["document.issue", "document.withdraw"]
    assert entries[0].data == {"kind": "dispatch", "number": document.number_text, "phone": True}


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "may", "may_not"),
    [
        ("slip", {"dispatcher", "bureau_leader", "window"}, {"liaison", "cadre", "supervisor", "admin"}),
        ("dispatch", {"dispatcher", "bureau_leader"}, {"liaison", "window", "supervisor", "district_leader"}),
        ("reply", {"liaison", "unit_leader"}, {"dispatcher", "assistant", "other_liaison", "window"}),
    ],
)
def test_who_makes_which(cast, kind, may, may_not):
    appeal = cast.register()
    for step in ("accept", "dispatch", "sign", "feedback"):
        appeal = cast.do(appeal, step)
    for part in may_not:
        with pytest.raises(PermissionDenied):
            issuing.draft_of_appeal(by=getattr(cast, part), kind=kind, appeal=appeal)
    for part in may:
        assert issuing.draft_of_appeal(by=getattr(cast, part), kind=kind, appeal=appeal).kind == kind


def test_a_document_is_seen_by_whoever_sees_its_appeal(cast):
    document = given_out(cast, "dispatch", dispatched(cast))
    seen = {part for part in cast.PARTS if document in Document.objects.visible_to(getattr(cast, part))}
    assert {"dispatcher", "bureau_leader", "supervisor", "district_leader", "liaison", "unit_leader"} <= seen
    assert seen.isdisjoint({"other_liaison", "window", "admin"})


def test_a_unit_does_not_withdraw_anothers_document(cast):
    document = given_out(cast, "dispatch", dispatched(cast))
    for part in ("liaison", "supervisor", "district_leader"):
        with pytest.raises(PermissionDenied):
            issuing.withdraw(by=getattr(cast, part), document=document, reason="不对。")
