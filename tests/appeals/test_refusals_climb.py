"""“No” is a proposal until every level has signed and the bureau has consulted; any level may say “办”."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from appeals import selectors
from appeals.models import Refusal, Status
from appeals.perform import Invalid, NotAllowed, NotYet, perform
from appeals.queues import awaiting_my_signature
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests import factories
from tests.appeals.lives import Cast

UP = ("sign_refusal", "sign_refusal", "sign_refusal_last")


def at(text: str) -> datetime:
    """Of November 2026, in Shanghai."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def proposed(cast: Cast):
    with clock.at(at("11-02 09:00")):
        return cast.do(cast.walk(cast.submit(), "sign"), "propose_refusal")


def due(appeal, kind: str) -> str:
    return f"{appeal.deadlines.running().get(kind=kind).due_at.astimezone(SHANGHAI):%m-%d %H:%M}"


def test_four_levels_sign_before_the_bureau_consults(cast):
    appeal = proposed(cast)
    assert (appeal.status, appeal.refusal_level, due(appeal, "refusal_level")) == (
        Status.REFUSING, 1, "11-04 17:30",
    )  # fmt: skip
    with clock.at(at("11-03 09:00")):
        for level, step in enumerate(UP, start=2):
            appeal = cast.do(appeal, step)
            assert appeal.refusals.get().level == level
    assert appeal.status == Status.CONSULTING
    refusal = appeal.refusals.get()
    assert [(s.level, s.by.username, s.agrees) for s in refusal.signatures.all()] == [
        (1, "liaison", True), (2, "section_head", True), (3, "deputy_leader", True), (4, "unit_leader", True),
    ]  # fmt: skip
    assert {c.kind for c in appeal.deadlines.running() if not c.paused_at} == {"consult"}


@pytest.mark.parametrize("missing", ["reason", "rule", "tried", "others"])
def test_a_no_says_why_by_which_rule_what_was_tried_and_who_else_could(cast, missing):
    appeal = cast.walk(cast.submit(), "sign")
    with pytest.raises(Invalid) as refused:
        cast.do(appeal, "propose_refusal", **{missing: " "})
    assert list(refused.value.form.errors) == [missing]


def test_each_level_writes_its_own_opinion(cast):
    with pytest.raises(Invalid):
        cast.do(proposed(cast), "sign_refusal", opinion=" ")


def test_one_person_signs_one_level(cast):
    """Whoever holds two posts still signs once."""

    appeal = proposed(cast)
    both = factories.user(
        factories.unit(cast.district, "rsj"), "section_head", "deputy_leader", username="both"
    )
    cast.people["both"] = both
    cast.PARTS["both"] = ("rsj", "section_head")
    try:
        appeal = cast.do(appeal, "sign_refusal", by="both")
        with pytest.raises(NotAllowed):
            cast.do(appeal, "sign_refusal", by="both")
        with pytest.raises(NotAllowed):
            cast.do(appeal, "turn_back", by="both")
    finally:
        del cast.PARTS["both"]
    assert cast.do(appeal, "sign_refusal", by="deputy_leader").refusal_level == 3


@pytest.mark.parametrize("level", [1, 2, 3])
def test_any_level_turns_it_back_and_the_clock_goes_on_with_what_was_left(cast, level):
    appeal = proposed(cast)
    with clock.at(at("11-04 09:00")):
        appeal = cast.through(appeal, *UP[: level - 1], "turn_back")
    assert (appeal.status, appeal.refusal_level) == (Status.HANDLING, 0)
    refusal = appeal.refusals.get()
    assert (refusal.outcome, refusal.level, refusal.signatures.last().agrees) == ("turned_back", level, False)
    # Seven working days, of which two were spent on the signatures.
    assert due(appeal, "handle") == "11-13 17:30"
    with pytest.raises(NotYet, match="本轮已经提出过"):
        cast.do(appeal, "propose_refusal")


def test_found_unreasonable_the_unit_explains_and_both_revisits_follow(cast):
    with clock.at(at("11-03 09:00")):
        appeal = cast.through(proposed(cast), *UP)
        assert due(appeal, "consult") == "11-06 17:30"
        appeal = cast.do(appeal, "find_unreasonable")
        assert (appeal.status, due(appeal, "explain")) == (Status.EXPLAINING, "11-06 17:30")
        assert {c.kind for c in appeal.deadlines.running()} == {"explain"}
        appeal = cast.do(appeal, "explained")
    answer = appeal.answers.get()
    assert (appeal.status, answer.solved, answer.basis) == (Status.ANSWERED, "no", "《稳岗补贴办法》第五条")
    assert appeal.refusals.get().outcome == Refusal.Outcome.UNREASONABLE
    unhappy = {"satisfaction": "unsatisfied", "solved": "no"}
    appeal = cast.do(appeal, "revisit", **unhappy)
    appeal = cast.do(appeal, "second_revisit", **unhappy)
    with pytest.raises(NotYet, match="负责人"):
        cast.do(appeal, "close", explanation="已解释。")
    appeal = cast.do(appeal, "close", by="bureau_leader", explanation="已当面解释，企业保留意见。")
    assert appeal.status == Status.CLOSED


@pytest.mark.parametrize(
    ("day", "fits"), [("2026-11-03", True), ("2026-11-04", False), ("2026-11-01", False)]
)
def test_an_explanation_lies_between_the_appeal_and_today(cast, day, fits):
    with clock.at(at("11-03 09:00")):
        appeal = cast.do(cast.through(proposed(cast), *UP), "find_unreasonable")
        if fits:
            assert cast.do(appeal, "explained", explained_on=day).status == Status.ANSWERED
        else:
            with pytest.raises(Invalid):
                cast.do(appeal, "explained", explained_on=day)


def test_found_reasonable_it_is_dispatched_again_and_cannot_be_refused_again(cast):
    appeal = cast.through(proposed(cast), *UP, "find_reasonable")
    assert (appeal.status, appeal.lead_unit, appeal.refusal_level) == (Status.ACCEPTED, None, 0)
    assert {c.kind for c in appeal.deadlines.running()} == {"dispatch"}
    appeal = cast.through(appeal, "dispatch", "sign")
    with pytest.raises(NotYet):
        cast.do(appeal, "propose_refusal")
    assert cast.do(appeal, "feedback").status == Status.ANSWERED


def test_the_next_level_is_told_and_finds_it_on_the_workbench(cast):
    people = [getattr(cast, part) for part in ("section_head", "deputy_leader", "unit_leader")]
    Notice.objects.all().delete()
    appeal = proposed(cast)
    assert {n.recipient for n in Notice.objects.filter(channel="inbox", title__startswith="拟说")} == {
        people[0]
    }
    assert [list(awaiting_my_signature(user)) for user in people] == [[appeal], [], []]
    appeal = cast.do(appeal, "sign_refusal")
    assert [list(awaiting_my_signature(user)) for user in people] == [[], [appeal], []]


def test_a_district_with_three_levels_needs_three(cast, district):
    data = DistrictProfile.objects.in_force(district).data
    levels = [
        {"code": "first", "label": "承办人", "roles": ["liaison"]},
        {"code": "deputy", "label": "分管领导", "roles": ["deputy_leader"]},
        {"code": "head", "label": "一把手", "roles": ["unit_leader"]},
    ]
    changed = data | {"handling": {"signing_levels": levels}, "limits": data["limits"] | {"refusal_level": 1}}
    DistrictProfile.objects.create(district=district, effective_from=clock.today(), data=changed)
    appeal = cast.do(cast.walk(cast.submit(), "sign"), "propose_refusal")
    with pytest.raises(NotAllowed):
        cast.do(appeal, "sign_refusal", by="section_head")
    appeal = cast.do(appeal, "sign_refusal", by="deputy_leader")
    appeal = cast.do(appeal, "sign_refusal_last", by="unit_leader")
    assert appeal.status == Status.CONSULTING and appeal.refusals.get().levels == 3


# --- A redo's signature, and the third redo -------------------------------------------------------


def test_each_redo_needs_the_next_higher_signature(cast):
    appeal = cast.through(cast.walk(cast.submit(), "feedback"), "redo", "sign")
    with pytest.raises(NotYet, match="科室负责人"):
        cast.do(appeal, "feedback", by="liaison")
    appeal = cast.do(appeal, "draft_feedback")
    assert list(awaiting_my_signature(cast.section_head)) == [appeal]
    appeal = cast.do(appeal, "return_draft")
    appeal = cast.do(appeal, "draft_feedback")
    appeal = cast.do(appeal, "feedback", by="section_head")
    assert appeal.answers.last().by == cast.section_head
    appeal = cast.through(appeal, "redo", "sign")
    with pytest.raises(NotYet, match="分管负责人"):
        cast.do(appeal, "feedback", by="section_head")
    # On the workbench it waits for whoever can sign it, not for the level below.
    appeal = cast.do(appeal, "draft_feedback")
    assert not awaiting_my_signature(cast.section_head)
    assert list(awaiting_my_signature(cast.deputy_leader)) == [appeal]
    assert cast.do(appeal, "feedback", by="deputy_leader").status == Status.ANSWERED


def test_the_third_redo_goes_to_consultation(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    for _ in range(2):
        with pytest.raises(NotYet):
            cast.do(appeal, "redo_to_consulting")
        appeal = cast.through(appeal, "redo", "sign", "feedback")
    with pytest.raises(NotYet, match="会商"):
        cast.do(appeal, "redo")
    appeal = cast.do(appeal, "redo_to_consulting")
    assert (appeal.status, appeal.round) == (Status.CONSULTING, 4)
    assert {c.kind for c in appeal.deadlines.running()} == {"consult"}
    appeal = cast.through(appeal, "find_reasonable", "dispatch", "sign")
    # It counts as done again: the leader signs the answer.
    with pytest.raises(NotYet):
        cast.do(appeal, "feedback", by="deputy_leader")
    appeal = cast.through(appeal, "feedback", "revisit", "second_revisit", "close")
    assert appeal.status == Status.CLOSED


def test_a_profile_may_want_the_leaders_signature_at_once(cast, district):
    data = DistrictProfile.objects.in_force(district).data
    changed = data | {"gates": {"leader_signs_feedback": True}}
    DistrictProfile.objects.create(district=district, effective_from=clock.today(), data=changed)
    appeal = cast.walk(cast.submit(), "sign")
    for part in ("liaison", "section_head", "deputy_leader"):
        with pytest.raises(NotYet, match="主要负责人"):
            cast.do(appeal, "feedback", by=part)
    assert cast.do(appeal, "feedback", by="unit_leader").status == Status.ANSWERED


def test_files_that_came_with_the_draft_go_out_with_the_answer(cast):
    appeal = cast.through(cast.walk(cast.submit(), "feedback"), "redo", "sign")
    files = MultiValueDict({"attachments": [SimpleUploadedFile("通知.pdf", b"%PDF-1.7 x")]})
    appeal = perform(
        appeal, "draft_feedback", cast.actor("liaison"), cast.data_for("draft_feedback", appeal), files=files
    )
    assert not appeal.attachments.filter(audience="firm").exists()
    appeal = cast.do(appeal, "feedback")
    kept = appeal.attachments.get()
    assert (kept.audience, kept.event_seq) == ("firm", appeal.version)


def test_an_answer_that_solves_nothing_is_not_given_by_one_officer_alone(cast):
    appeal = cast.walk(cast.submit(), "sign")
    for part in ("liaison", "section_head", "deputy_leader"):
        with pytest.raises(Invalid) as refused:
            cast.do(appeal, "feedback", by=part, solved="no", basis="《办法》第五条")
        assert "拟说" in str(refused.value.form.errors["solved"])
    with pytest.raises(Invalid) as refused:
        cast.do(appeal, "feedback", by="unit_leader", solved="no", basis="")
    assert list(refused.value.form.errors) == ["basis"]
    appeal = cast.do(appeal, "feedback", by="unit_leader", solved="no", basis="《办法》第五条")
    assert appeal.status == Status.ANSWERED


def test_until_everybody_has_signed_the_firm_reads_that_it_is_being_handled(cast):
    appeal = proposed(cast)
    for step in ("", "ask_firm", "supply", *UP[:2]):
        appeal = cast.do(appeal, step) if step else appeal
        told = [selectors.public_status(appeal), *(stage.note for stage in selectors.tracker(appeal))]
        assert not any("不" in line for line in told), (step, told)
    assert selectors.public_status(appeal) == "办理中"


def test_whoever_rules_reads_what_was_asked_and_finds_the_day_filled_in(cast, client):
    with clock.at(at("11-03 09:00")):
        appeal = cast.do(cast.walk(cast.submit(), "sign"), "request_extension", until="2026-11-20")
        client.force_login(cast.dispatcher)
        text = client.get(f"/appeals/{appeal.number}/do/agree_extension/").content.decode()
    assert 'value="2026-11-20"' in text and "对接院校需时。" in text
    declined = cast.do(cast.submit(), "propose_decline")
    client.force_login(cast.second_dispatcher)
    text = client.get(f"/appeals/{declined.number}/do/decline/").content.decode()
    assert "已进入或应通过诉讼解决" in text and "该纠纷已在法院审理。" in text
