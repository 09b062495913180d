"""The one door: whole lives, refusals, stale pages, once-only forms."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.datastructures import MultiValueDict

from accounts.actors import Actor
from appeals import numbers
from appeals.models import Appeal, Deadline, Effect, Event, PendingRequest, Status
from appeals.perform import Invalid, NotAllowed, NotYet, Stale, perform
from appeals.workflow import TRANSITIONS
from core import clock
from core.search import normalise
from enterprises.models import Enterprise
from enterprises.subjects import subject_key
from liaisons.models import Visit
from notifications.models import Notice
from tests import factories
from tests.appeals.lives import INTAKE, PNG, SIGNATURE

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNREACHED = {"reached": "no", "solved": "", "satisfaction": ""}


def at(day: int, hour: int = 10, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def led_by_the_bureau(cast, upto: str = "sign") -> Appeal:
    """An appeal that the lead bureau handles itself."""
    appeal = cast.do(cast.submit(), "accept")
    appeal = cast.do(appeal, "dispatch", lead_unit=factories.unit(cast.district).pk)
    appeal = cast.do(appeal, "sign", by="dispatcher")
    return cast.do(appeal, "feedback", by="dispatcher") if upto == "feedback" else appeal


# --- Whole lives ----------------------------------------------------------------------------------


def test_an_appeal_lives_from_submission_to_closing(cast):
    appeal = cast.walk(cast.submit(), "close")

    assert appeal.status == Status.CLOSED
    assert list(appeal.events.order_by("seq").values_list("transition", flat=True)) == [
        "submit", "accept", "dispatch", "sign", "feedback", "revisit", "second_revisit", "close",
    ]  # fmt: skip
    assert not appeal.deadlines.running().exists()
    assert appeal.ended_at is not None
    assert appeal.reopen_until == appeal.ended_at + timedelta(days=30)


def test_every_call_leaves_one_event_that_says_from_where_to_where_and_who(cast):
    appeal = cast.walk(cast.submit(), "close")
    events = list(appeal.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, appeal.version + 1))
    assert [(event.from_status, event.to_status) for event in events] == [
        ("", "submitted"),
        ("submitted", "accepted"),
        ("accepted", "dispatched"),
        ("dispatched", "handling"),
        ("handling", "answered"),
        ("answered", "revisited"),
        ("revisited", "revisited"),
        ("revisited", "closed"),
    ]
    assert (events[0].actor_kind, events[0].user) == ("holder", None)
    assert events[3].user == cast.liaison and events[3].unit.code == "rsj"


WITH_WORDS = "请联系赵敏 13900001111。"


def many_lives(cast) -> None:
    """Lives that take every way the workflow has, with words in every field."""
    cast.walk(cast.submit(attachments=""), "close")
    visited = cast.solve_on_spot("window")
    cast.do(visited, "not_solved")
    declined = cast.do(cast.register("window"), "supplement")
    declined = cast.through(declined, "propose_decline", "refuse_decline", "propose_decline", "decline")
    declined = cast.through(declined, "object", "uphold_decline")
    cast.do(declined, "reopen")
    cast.through(cast.submit(), "propose_decline", "decline", "object", "overturn_decline")
    confirmed = cast.do(cast.register("window"), "offer_answer")
    cast.do(confirmed, "confirm_solved")
    long = cast.do(cast.register("cadre"), "accept")
    long = cast.through(long, "record_provincial", "ask_instruction", "instruct")
    long = cast.do(
        long, "dispatch", assisting_units=[cast.unit("nyj"), cast.unit("fgw")], requirements=WITH_WORDS
    )
    long = cast.through(long, "request_return", "refuse_return", "sign", "assist")
    long = cast.through(long, "request_assist_withdrawal", "agree_assist_withdrawal")
    long = cast.through(long, "request_extension", "agree_extension", "withdraw", "refuse_withdrawal")
    long = cast.through(long, "remind", "supervise", "answer_supervision", "list_supervision")
    long = cast.through(long, "delist_supervision", "ask_firm", "supply", "ask_firm", "stop_waiting")
    long = cast.through(long, "report_up", "follow_up", "city_answered", "request_on_file", "refuse_on_file")
    long = cast.through(long, "request_on_file", "put_on_file", "renew_file", "resume_file")
    long = cast.through(long, "propose_refusal", "turn_back", "feedback")
    long = cast.do(long, "rate", satisfaction="unsatisfied", comment=WITH_WORDS)
    long = cast.do(long, "uphold")
    long = cast.do(long, "rate", satisfaction="very_unsatisfied", comment=WITH_WORDS)
    long = cast.through(long, "redo", "sign", "draft_feedback", "return_draft", "draft_feedback", "feedback")
    long = cast.through(long, "redo", "sign", "feedback", "redo_to_consulting", "find_reasonable")
    long = cast.through(long, "dispatch", "sign", "propose_refusal", "sign_refusal", "sign_refusal")
    long = cast.through(long, "sign_refusal_last", "find_unreasonable", "explained")
    merged = cast.do(cast.submit(), "merge", main=cast.do(cast.submit(), "accept").number)
    cast.through(merged, "unmerge")
    long = cast.do(long, "revisit", note=WITH_WORDS)
    follows = cast.submit()
    follows = cast.do(follows, "merge", main=cast.submit().number)
    main = cast.through(follows.merged_into, "accept", "dispatch", "sign", "feedback")
    cast.do(follows, "revisit_merged")
    cast.through(main, "revisit", "second_revisit", "close")
    long = cast.do(long, "second_revisit", note=WITH_WORDS)
    cast.do(long, "close", explanation=WITH_WORDS)
    other = cast.walk(cast.submit(), "sign")
    other = cast.through(other, "reassign")
    other = cast.do(other, "sign", by="other_liaison")
    other = cast.do(other, "request_return", by="other_liaison")
    cast.through(other, "agree_return", "withdraw", "confirm_withdrawal")
    own = cast.through(cast.register("township_liaison"), "handle_oneself", "hand_up", "dispatch", "sign")
    cast.through(own, "request_extension", "refuse_extension")
    out = cast.do(cast.do(cast.submit(), "accept"), "dispatch", assisting_units=[cast.unit("nyj")])
    cast.through(out, "request_assist_withdrawal", "refuse_assist_withdrawal")


def test_events_hold_no_personal_text(cast):
    many_lives(cast)
    assert set(Event.objects.values_list("transition", flat=True)) == set(TRANSITIONS) - {"recount"}
    for data in Event.objects.values_list("data", flat=True):
        text = json.dumps(data, ensure_ascii=False)
        assert text.isascii(), f"words in an event: {text}"
        assert "1390000" not in text


def test_whoever_is_concerned_is_told_but_not_the_one_who_acts(cast):
    cast.second_dispatcher, cast.liaison  # noqa: B018 - they exist before the appeal does
    appeal = cast.do(cast.submit(), "accept", by="dispatcher")
    Notice.objects.all().delete()
    cast.do(appeal, "dispatch")
    assert {notice.recipient for notice in Notice.objects.all()} == {cast.liaison}
    assert INTAKE["contact_phone"] not in Notice.objects.get().body


# --- The status is nobody else's ------------------------------------------------------------------


def test_a_status_cannot_be_assigned_beside_the_one_door(cast):
    appeal = cast.submit()
    with pytest.raises(AttributeError):
        appeal.status = Status.CLOSED
    with pytest.raises(TypeError):
        Appeal.objects.update(status=Status.CLOSED)
    with pytest.raises(TypeError):
        Appeal.objects.filter(pk=appeal.pk).update(status=Status.CLOSED)
    with pytest.raises(TypeError), transaction.atomic():
        Appeal.objects.bulk_update([appeal], ["status"])
    assert Appeal.objects.get().status == Status.SUBMITTED


def test_events_are_written_once_and_stay(cast):
    appeal = cast.submit()
    event = appeal.events.get()
    event.data = {"changed": True}
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    with pytest.raises(TypeError):
        Event.objects.update(transition="x")
    with pytest.raises(TypeError):
        appeal.events.all().delete()
    with pytest.raises(TypeError), transaction.atomic():
        Event.objects.bulk_update([event], ["data"])
    with pytest.raises(ProtectedError):
        appeal.delete()
    assert appeal.events.get().data == {}


# --- Coming in ------------------------------------------------------------------------------------


def test_a_submitted_appeal_gets_a_number_a_code_and_its_first_clock(cast):
    with clock.at(at(19)):
        first, second = cast.submit(), cast.submit()
    assert (first.number, second.number) == ("JQ20261119-0001", "JQ20261119-0002")
    assert numbers.matches(first.secret_code, first.secret_digest)
    assert numbers.matches(numbers.spaced(first.secret_code).lower(), first.secret_digest)
    assert first.secret_code not in first.secret_digest and first.secret_code != second.secret_code
    assert first.collecting_unit.code == "kjj" and first.registered_by is None
    assert [(d.kind, d.owner.code) for d in first.deadlines.all()] == [("accept", "kjj")]


def test_the_one_who_registers_collects(cast):
    appeal = cast.register("window")
    assert appeal.collecting_unit == cast.window.unit and appeal.registered_by == cast.window
    assert [(p.part, p.unit) for p in appeal.participations.all()] == [("collecting", cast.window.unit)]


def test_a_registered_appeal_may_name_a_firm_or_project_of_the_roster(cast):
    project = factories.project(cast.district)
    appeal = cast.register("window", subject=subject_key(project), claimed_name="")
    assert appeal.project == project and appeal.region == project.region
    assert appeal.search_text and project.name.casefold() in appeal.search_text


def test_solved_on_the_spot_needs_the_firms_signature(cast):
    solved = cast.solve_on_spot("window")
    assert solved.status == Status.SOLVED_ON_SPOT and solved.ended_at == solved.answered_at
    assert not solved.deadlines.exists()
    signature = solved.attachments.get()
    assert signature.audience == "internal" and signature.file.read() == PNG
    assert solved.events.get().data == {"confirmed_by": "signature"}
    for wrong in ("", "on", "data:image/png;base64,AAAA", "data:text/html;base64,PGI+", SIGNATURE[:-9] + "!"):
        with pytest.raises(Invalid) as refused:
            cast.solve_on_spot("window", signature=wrong)
        assert set(refused.value.form.errors) == {"signature"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("claimed_name", ""),
        ("contact_name", ""),
        ("contact_phone", "1234"),
        ("category", "nonsense"),
        ("content", "缺人"),
        ("content", "长" * 3001),
        ("claimed_code", "91340711MA0000001A"),
        ("region", "999999"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(cast, field, value):
    before = row_counts()
    with pytest.raises(Invalid) as refused:
        cast.submit(**{field: value})
    form = refused.value.form
    assert list(form.errors) == [field]
    assert form.data["content"] == (value if field == "content" else INTAKE["content"])
    assert row_counts() == before


def test_a_rare_character_and_an_emoji_are_kept(cast):
    appeal = cast.submit(claimed_name="铜陵𠮷祥商行", content="缺人手😀，请帮忙招聘。")
    appeal.refresh_from_db()
    assert appeal.claimed_name == "铜陵𠮷祥商行" and "😀" in appeal.content
    assert list(Appeal.objects.search("𠮷祥")) == [appeal]


def test_attachments_are_stored_with_their_digest(cast):
    upload = SimpleUploadedFile("营业执照.png", PNG, "text/html")
    appeal = perform(None, "submit", Actor.holder(), INTAKE, district=cast.district,
                     files=MultiValueDict({"attachments": [upload]}))  # fmt: skip
    stored = appeal.attachments.get()
    assert (stored.name, stored.media_type, stored.size) == ("营业执照.png", "image/png", len(PNG))
    assert len(stored.sha256) == 64 and stored.audience == "firm"


def test_the_same_form_sent_twice_is_one_appeal_with_the_same_code(cast):
    once = {"district": cast.district, "key": "a-token-of-the-form"}
    first = perform(None, "submit", Actor.holder(), INTAKE, **once)
    second = perform(None, "submit", Actor.holder(), INTAKE, **once)
    assert second == first and second.secret_code == first.secret_code
    assert Appeal.objects.count() == Event.objects.count() == 1


def test_the_same_step_sent_twice_is_done_once(cast):
    appeal = cast.do(cast.submit(), "accept")
    once = {"key": "another-token", "seen": appeal.version}
    dispatch = cast.data_for("dispatch", appeal)
    perform(appeal, "dispatch", cast.actor("dispatcher"), dispatch, **once)
    again = perform(appeal, "dispatch", cast.actor("dispatcher"), dispatch, **once)
    assert again.status == Status.DISPATCHED and again.version == 3
    assert again.events.filter(transition="dispatch").count() == 1


# --- Refused --------------------------------------------------------------------------------------


def test_nothing_is_changed_when_it_is_refused(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    cast.liaison, cast.window, cast.other_liaison  # noqa: B018 - made before the rows are counted
    before, version = row_counts(), appeal.version
    dispatcher = cast.actor("dispatcher")
    refused = [
        ("accept", dispatcher, {}, Stale),
        ("close", dispatcher, {}, NotYet),
        ("close", cast.actor("window"), {}, NotAllowed),
        ("sign", cast.actor("other_liaison"), {}, NotAllowed),
        ("redo", dispatcher, {"reason": ""}, Invalid),
        ("second_revisit", dispatcher, {"method": "phone", "reached": "yes"}, Invalid),
        ("rate", Actor.holder(appeal.pk), {"satisfaction": "unsatisfied", "solved": "no"}, Invalid),
        ("rate", Actor.holder(appeal.pk + 1), {"satisfaction": "satisfied", "solved": "yes"}, NotAllowed),
    ]
    for transition, actor, data, error in refused:
        with pytest.raises(error) as raised:
            perform(appeal, transition, actor, data)
        assert raised.type is error
    appeal.refresh_from_db()
    assert row_counts() == before and appeal.version == version


def test_a_stale_page_learns_what_has_happened_meanwhile(cast):
    appeal = cast.submit()
    seen = appeal.version
    cast.do(appeal, "supplement")
    cast.do(appeal, "propose_decline")
    with pytest.raises(Stale) as refused:
        perform(appeal, "accept", cast.actor("dispatcher"), cast.data_for("accept", appeal), seen=seen)
    assert [event.transition for event in refused.value.meanwhile] == ["supplement", "propose_decline"]
    assert "待受理" in refused.value.message


def test_only_imports_say_when_it_happened(cast):
    moment = at(3)
    appeal = perform(None, "submit", Actor.holder(), INTAKE, district=cast.district, occurred_at=moment)
    event = appeal.events.get()
    assert (appeal.submitted_at, event.occurred_at) == (moment, moment)
    assert event.recorded_at > moment
    appeal = perform(appeal, "accept", cast.actor("dispatcher"), cast.data_for("accept", appeal))
    event = appeal.events.last()
    assert abs(event.recorded_at - event.occurred_at) < timedelta(seconds=5)


# --- Accepting ------------------------------------------------------------------------------------


def test_a_claimed_firm_is_added_to_the_roster_on_acceptance(cast):
    code = factories.credit_code(777)
    appeal = cast.submit(claimed_name="铜陵新办商行", claimed_code=code)
    region = factories.township(cast.district)
    appeal = perform(appeal, "accept", cast.actor("dispatcher"),
                     {"category": "labour", "urgency": "urgent", "add_to_roster": "on", "region": region.pk})  # fmt: skip
    firm = Enterprise.objects.get(name="铜陵新办商行")
    assert appeal.enterprise == firm and appeal.region == region
    assert (firm.credit_code, firm.tier, firm.contact_phone) == (code, "small", INTAKE["contact_phone"])
    assert appeal.events.last().data == {"subject": subject_key(firm)}


@pytest.mark.parametrize("claimed_code", ["340711600000015", "３４０７１１６０００００１６ 3", ""])
def test_a_claimed_firm_without_a_credit_code_is_added_too(cast, claimed_code):
    appeal = cast.submit(claimed_code=claimed_code)
    data = {"category": "labour", "urgency": "normal", "add_to_roster": "on",
            "region": factories.township(cast.district).pk}  # fmt: skip
    firm = perform(appeal, "accept", cast.actor("dispatcher"), data).enterprise
    assert (
        firm.registration_number == (normalise(claimed_code).replace(" ", "") or None)
        and firm.credit_code is None
    )


def test_a_claimed_code_that_the_roster_has_already_is_said_and_nothing_is_done(cast):
    known = factories.enterprise(cast.district, name="老牌机械有限公司")
    appeal = cast.submit(claimed_code=known.credit_code)
    data = {"category": "labour", "urgency": "normal", "add_to_roster": "on",
            "region": factories.township(cast.district).pk}  # fmt: skip
    before = row_counts()
    cast.dispatcher  # noqa: B018
    with pytest.raises(Invalid) as refused:
        perform(appeal, "accept", cast.actor("dispatcher"), data)
    assert "老牌机械有限公司" in str(refused.value.form.errors)
    assert row_counts()["enterprises.Enterprise"] == before["enterprises.Enterprise"]
    assert Appeal.objects.get().status == Status.SUBMITTED


def test_a_firm_is_matched_or_added_but_not_both_and_not_neither(cast):
    appeal = cast.submit()
    base = {"category": "labour", "urgency": "normal"}
    both = {"add_to_roster": "on", "subject": subject_key(factories.enterprise(cast.district))}
    for data in (base, base | both, base | {"subject": "enterprise-999999"}, base | {"subject": "不存在的"}):
        with pytest.raises(Invalid):
            perform(appeal, "accept", cast.actor("dispatcher"), data)
    appeal.refresh_from_db()
    assert appeal.status == Status.SUBMITTED and not appeal.is_matched


# --- Not accepting --------------------------------------------------------------------------------


def test_declining_needs_a_second_officer_and_tells_the_firm_the_right_door(cast):
    appeal = cast.do(cast.submit(), "propose_decline", by="dispatcher")
    assert appeal.status == Status.SUBMITTED
    with pytest.raises(NotAllowed):
        cast.do(appeal, "decline", by="dispatcher")
    appeal = cast.do(appeal, "decline", by="second_dispatcher")
    assert appeal.status == Status.DECLINED and appeal.ended_at is not None
    words = appeal.statements.filter(audience="firm").get().text
    assert "该纠纷已在法院审理。" in words and "人民法院" in words
    assert appeal.statements.filter(audience="internal").count() == 2
    assert appeal.requests.get().ruling == PendingRequest.Ruling.AGREED


def test_a_refused_proposal_leaves_the_appeal_where_it_is(cast):
    appeal = cast.do(cast.submit(), "accept")
    appeal = cast.do(appeal, "propose_decline")
    with pytest.raises(NotYet):
        cast.do(appeal, "dispatch")
    appeal = cast.do(appeal, "refuse_decline", by="bureau_leader")
    assert appeal.status == Status.ACCEPTED
    assert cast.do(appeal, "dispatch").status == Status.DISPATCHED


def test_pending_requests_lapse_when_the_appeal_moves_on(cast):
    appeal = cast.do(cast.register("window"), "offer_answer")
    appeal = cast.do(appeal, "accept")
    assert appeal.requests.get().ruling == PendingRequest.Ruling.LAPSED
    with pytest.raises(Stale):
        cast.do(appeal, "confirm_solved")


# --- On the spot ----------------------------------------------------------------------------------


def test_the_firm_confirms_an_answer_on_the_spot_by_its_own_page(cast):
    appeal = cast.do(cast.register("window"), "offer_answer")
    appeal = cast.do(appeal, "confirm_solved", by="enterprise")
    assert appeal.status == Status.SOLVED_ON_SPOT
    assert appeal.events.last().data["confirmed_by"] == "link"
    assert appeal.deadlines.get().verdict == "on_time"
    assert appeal.requests.get().ruling == "agreed"


def test_the_official_needs_the_firms_code_to_confirm(cast):
    appeal = cast.register("window")
    code = appeal.secret_code
    appeal = cast.do(appeal, "offer_answer")
    for wrong in ("", "22222222"):
        with pytest.raises(Invalid) as refused:
            cast.do(appeal, "confirm_solved", by="window", code=wrong)
        assert "code" in refused.value.form.errors
    appeal = cast.do(appeal, "confirm_solved", by="window", code=numbers.spaced(code).lower())
    assert appeal.status == Status.SOLVED_ON_SPOT and appeal.events.last().data["confirmed_by"] == "code"


def test_what_was_not_solved_after_all_is_taken_up_again(cast):
    appeal = cast.do(cast.solve_on_spot("window"), "not_solved")
    assert appeal.status == Status.SUBMITTED and appeal.ended_at is None and appeal.answered_at is None
    assert [d.kind for d in appeal.deadlines.running()] == ["accept"]
    assert cast.walk(appeal, "close").status == Status.CLOSED


def test_a_new_offer_takes_the_place_of_the_old_one(cast):
    appeal = cast.do(cast.do(cast.register("window"), "offer_answer"), "offer_answer")
    assert sorted(appeal.requests.values_list("ruling", flat=True)) == ["", "lapsed"]


# --- Revisits -------------------------------------------------------------------------------------


def attempt(cast, appeal: Appeal, transition: str, moment: datetime, **data) -> Appeal:
    with clock.at(moment):
        return cast.do(appeal, transition, **(UNREACHED | data))


def test_a_revisit_that_reaches_nobody_counts_after_three_different_days(cast):
    with clock.at(at(2)):
        appeal = cast.walk(cast.submit(), "feedback")
    for moment in (at(3, 9), at(3, 15), at(3, 23, 50), at(4)):
        appeal = attempt(cast, appeal, "revisit", moment)
        assert appeal.status == Status.ANSWERED, moment
        assert appeal.deadlines.running().filter(kind="revisit").exists()
    appeal = attempt(cast, appeal, "revisit", at(5))
    assert appeal.status == Status.REVISITED
    assert appeal.revisits.filter(concludes=True).count() == 1
    assert appeal.events.filter(transition="revisit").count() == 5


def test_after_three_days_of_no_answer_a_second_officer_closes_as_unrated(cast):
    with clock.at(at(2)):
        appeal = cast.walk(cast.submit(), "revisit")
    for moment in (at(3), at(4), at(4, 16), at(5)):
        with pytest.raises(NotYet):
            cast.do(appeal, "close")
        appeal = attempt(cast, appeal, "second_revisit", moment)
    assert not appeal.deadlines.running().exists()
    with clock.at(at(5, 11)):
        with pytest.raises(NotYet) as refused:
            cast.do(appeal, "close", by="dispatcher")
        assert "另一名" in refused.value.message
        with pytest.raises(NotYet):
            cast.do(appeal, "second_revisit", by="second_dispatcher")
        appeal = cast.do(appeal, "close", by="second_dispatcher")
    assert appeal.events.last().data["rated"] == "unrated"


def test_the_second_revisit_stays_open_to_the_day_the_firm_answers(cast):
    with clock.at(at(2)):
        appeal = cast.walk(cast.submit(), "revisit")
    appeal = attempt(cast, appeal, "second_revisit", at(3))
    with clock.at(at(4)):
        appeal = cast.do(appeal, "second_revisit", satisfaction="basic")
        appeal = cast.do(appeal, "close", by="dispatcher")
    assert appeal.events.last().data["rated"] == "basic"


def test_a_firm_dissatisfied_at_the_second_revisit_is_closed_by_the_leader_with_an_explanation_only(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    appeal = cast.do(appeal, "second_revisit", satisfaction="unsatisfied", solved="partly")
    with pytest.raises(NotYet):
        cast.do(appeal, "close", by="second_dispatcher", explanation="已解释。")
    with pytest.raises(Invalid) as refused:
        cast.do(appeal, "close", by="bureau_leader")
    assert "explanation" in refused.value.form.errors
    appeal = cast.do(appeal, "close", by="bureau_leader", explanation="已当面解释政策。")
    assert appeal.status == Status.CLOSED and appeal.events.last().data["rated"] == "unsatisfied"


def test_what_the_bureau_handled_is_revisited_by_another_officer_and_then_by_the_supervisor(cast):
    appeal = led_by_the_bureau(cast, "feedback")
    with pytest.raises(NotAllowed):
        cast.do(appeal, "revisit", by="dispatcher")
    appeal = cast.do(appeal, "revisit", by="second_dispatcher")
    assert appeal.deadlines.running().get().owner.code == "jwdc"
    for somebody in ("dispatcher", "second_dispatcher", "bureau_leader", "liaison"):
        with pytest.raises(NotAllowed):
            cast.do(appeal, "second_revisit", by=somebody)
    appeal = cast.do(appeal, "second_revisit", by="supervisor")
    assert cast.do(appeal, "close").status == Status.CLOSED


def test_the_supervisor_does_not_revisit_what_another_unit_handled(cast):
    appeal = cast.walk(cast.submit(), "revisit")
    with pytest.raises(NotAllowed):
        cast.do(appeal, "second_revisit", by="supervisor")


# --- Ratings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ruling", ["uphold", "redo"])
def test_a_dissatisfied_rating_must_be_ruled_on_before_anything_is_closed(cast, ruling):
    appeal = cast.walk(cast.submit(), "second_revisit")
    appeal = cast.do(appeal, "rate", satisfaction="unsatisfied", comment="没解决。")
    rule = appeal.deadlines.running().get()
    assert (rule.kind, rule.owner.code, rule.workdays) == ("rule", "kjj", 1)
    with pytest.raises(NotYet) as refused:
        cast.do(appeal, "close")
    assert "不满意" in refused.value.message
    appeal = cast.do(appeal, ruling)
    rule.refresh_from_db()
    assert rule.verdict == "on_time"
    if ruling == "uphold":
        closed = cast.do(appeal, "close", by="bureau_leader", explanation="已向企业解释。")
        assert closed.status == Status.CLOSED
    else:
        assert (appeal.status, appeal.round) == (Status.DISPATCHED, 2)


def test_a_firm_that_changes_its_mind_need_not_be_ruled_on(cast):
    appeal = cast.walk(cast.submit(), "second_revisit")
    appeal = cast.do(appeal, "rate", satisfaction="unsatisfied", comment="没解决。")
    appeal = cast.do(appeal, "rate", satisfaction="satisfied")
    with pytest.raises(NotYet):
        cast.do(appeal, "uphold")
    assert cast.do(appeal, "close").status == Status.CLOSED


def test_a_second_complaint_does_not_give_the_bureau_a_second_day(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    appeal = cast.do(appeal, "rate", satisfaction="unsatisfied", comment="没解决。")
    first = appeal.deadlines.running().get(kind="rule")
    appeal = cast.do(appeal, "rate", satisfaction="very_unsatisfied", comment="还是没解决。")
    assert appeal.deadlines.running().get(kind="rule") == first


def test_a_token_used_for_something_else_is_refused(cast):
    first, second = cast.submit(), cast.submit()
    perform(first, "accept", cast.actor("dispatcher"), cast.data_for("accept", first), key="used")
    with pytest.raises(NotAllowed):
        perform(second, "accept", cast.actor("dispatcher"), cast.data_for("accept", second), key="used")
    second.refresh_from_db()
    assert second.status == Status.SUBMITTED


def test_a_rating_does_not_replace_a_revisit(cast):
    appeal = cast.do(cast.walk(cast.submit(), "feedback"), "rate")
    assert appeal.status == Status.ANSWERED
    with pytest.raises(Stale):
        cast.do(appeal, "close")


# --- Rounds ---------------------------------------------------------------------------------------


def test_a_redo_is_a_new_round_that_needs_both_revisits_again(cast):
    appeal = cast.do(cast.walk(cast.submit(), "second_revisit"), "redo")
    assert (appeal.status, appeal.round, appeal.officer, appeal.answered_at) == ("dispatched", 2, None, None)
    assert {d.kind for d in appeal.deadlines.running()} == {"sign", "handle"}
    appeal = cast.do(cast.do(appeal, "sign"), "feedback")
    appeal = cast.do(appeal, "revisit")
    with pytest.raises(NotYet):
        cast.do(appeal, "close")
    appeal = cast.do(cast.do(appeal, "second_revisit"), "close")
    assert appeal.status == Status.CLOSED


def test_a_redo_may_go_to_another_unit(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    appeal = cast.do(appeal, "redo", lead_unit=factories.unit(cast.district, "czj").pk)
    with pytest.raises(NotAllowed):
        cast.do(appeal, "sign", by="liaison")
    appeal = cast.do(appeal, "sign", by="other_liaison")
    parts = set(appeal.participations.values_list("unit__code", "part", "round"))
    assert parts == {("kjj", "collecting", 1), ("rsj", "lead", 1), ("czj", "lead", 2)}


def test_effects_are_stated_anew_and_stored_as_changes(cast):
    appeal = cast.walk(cast.submit(category="materials"), "sign")
    appeal = cast.do(appeal, "feedback", effect_jobs="18", effect_finance="120.50", solved="yes")
    appeal = cast.do(cast.do(appeal, "redo"), "sign")
    appeal = cast.do(appeal, "feedback", effect_jobs="25", effect_finance="", solved="partly")
    changes = list(Effect.objects.filter(appeal=appeal).values_list("round", "kind", "change").order_by("id"))
    assert [(round_, kind, float(change)) for round_, kind, change in changes] == [
        (1, "jobs", 18.0),
        (1, "finance", 120.5),
        (1, "supply", 1.0),
        (2, "jobs", 7.0),
        (2, "finance", -120.5),
        (2, "supply", -1.0),
    ]


def test_assistants_give_their_opinion_and_do_not_hold_the_lead_up(cast):
    units = [factories.unit(cast.district, code).pk for code in ("nyj", "czj")]
    appeal = cast.do(cast.do(cast.submit(), "accept"), "dispatch", assisting_units=units)
    appeal = cast.do(appeal, "sign")
    appeal = cast.do(appeal, "assist", by="assistant")
    assist = {d.owner.code: d.verdict for d in appeal.deadlines.filter(kind="assist")}
    assert assist == {"nyj": "on_time", "czj": ""}
    appeal = cast.do(appeal, "feedback")
    assist = {d.owner.code: d.verdict for d in appeal.deadlines.filter(kind="assist")}
    assert appeal.status == Status.ANSWERED and assist == {"nyj": "on_time", "czj": "void"}


def test_the_lead_unit_cannot_assist_itself_and_a_window_cannot_handle(cast):
    appeal = cast.do(cast.submit(), "accept")
    lead = factories.unit(cast.district, "rsj").pk
    for data in (
        {"assisting_units": [lead]},
        {"lead_unit": factories.unit(cast.district, "datong_window").pk},
    ):
        with pytest.raises(Invalid):
            cast.do(appeal, "dispatch", **data)


def test_an_officer_of_another_unit_is_not_put_in_charge(cast):
    appeal = cast.walk(cast.submit(), "dispatch")
    with pytest.raises(Invalid):
        cast.do(appeal, "sign", officer=cast.other_liaison.pk)
    assert cast.do(appeal, "sign", officer=cast.unit_leader.pk).officer == cast.unit_leader


# --- The province's number ------------------------------------------------------------------------


def test_the_provincial_number_is_recorded_once_and_may_be_corrected(cast):
    with clock.at(at(10)):
        appeal = cast.do(cast.submit(), "record_provincial", provincial_number="AH2026A1")
    with clock.at(at(12)):
        appeal = cast.do(appeal, "record_provincial", provincial_number="AH2026A2")
    assert (appeal.provincial_number, appeal.provincial_recorded_at) == ("AH2026A2", at(10))
    assert list(Appeal.objects.search("ah2026a2")) == [appeal]


def test_a_provincial_number_given_at_registration_counts_from_then(cast):
    with clock.at(at(10)):
        appeal = cast.register("window", provincial_number="AH2026A1")
    assert appeal.provincial_recorded_at == at(10)


def test_a_visit_that_is_not_visible_cannot_be_named(cast):
    elsewhere = Visit.objects.create(
        district=cast.district, region=factories.township(cast.district, "铜山镇"), claimed_name="某商行",
        reporting_unit=factories.unit(cast.district, "tongshan"), kind="visit", occurred_at=clock.now(),
        recorded_at=clock.now(), recorded_by=cast.dispatcher,
    )  # fmt: skip
    with pytest.raises(Invalid):
        cast.register("window", visit=elsewhere.pk)
    assert cast.register("township_liaison", channel="walk_in").visit is None


def test_a_clock_never_runs_twice_for_one_stage(cast):
    many_lives(cast)
    running = Deadline.objects.running().values_list("appeal", "kind", "owner")
    assert len(running) == len(set(running))
