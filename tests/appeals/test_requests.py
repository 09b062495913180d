"""What somebody asks and somebody else rules on: return, extension, on file, withdrawal, objection."""

from datetime import date, datetime, timedelta

import pytest

from appeals import defaults
from appeals.models import Appeal, Deadline, PendingRequest, Status
from appeals.perform import Invalid, NotAllowed, NotYet, Stale, perform
from appeals.queues import awaiting_my_instruction
from core import clock
from districts import calendars
from districts.models import CalendarDay, CalendarYear, DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests.appeals.lives import Cast


def at(text: str) -> datetime:
    """Of November 2026, in Shanghai."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def due(appeal, kind: str) -> str:
    clock_ = appeal.deadlines.running().get(kind=kind)
    return f"{clock_.due_at.astimezone(SHANGHAI):%m-%d %H:%M}"


def handled(cast: Cast, **data):
    """Dispatched and signed on Monday 2 November: due on Wednesday 11 November."""
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.do(cast.submit(), "accept"), "dispatch", **data)
        return cast.do(appeal, "sign")


# --- Return ---------------------------------------------------------------------------------------


def test_an_agreed_return_goes_back_to_the_bureau_and_the_next_unit_begins_yellow(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.do(cast.submit(), "accept"), "dispatch")
        appeal = cast.do(appeal, "request_return", proposed_unit=cast.unit("czj"))
        assert due(appeal, "return_ruling") == "11-03 17:30"
        appeal = cast.do(appeal, "agree_return")
        assert (appeal.status, appeal.lead_unit, appeal.round) == (Status.ACCEPTED, None, 1)
        assert {c.kind for c in appeal.deadlines.running()} == {"dispatch"}
        appeal = cast.do(appeal, "dispatch", lead_unit=cast.unit("czj"))
    handle = appeal.deadlines.running().get(kind="handle")
    assert handle.owner.code == "czj" and handle.behind_since is not None
    # The unit that had it keeps seeing what became of it.
    assert appeal.participations.filter(unit__code="rsj").exists()


def test_a_ruling_on_a_return_is_final(cast):
    appeal = cast.through(handled(cast), "request_return", "refuse_return")
    with pytest.raises(NotYet, match="最终结果"):
        cast.do(appeal, "request_return")
    # Another unit may still ask.
    appeal = cast.do(appeal, "reassign")
    appeal = cast.do(appeal, "request_return", by="other_liaison")
    assert appeal.facts.pending("return").unit.code == "czj"


def test_a_return_nobody_rules_on_counts_as_refused_and_the_bureau_as_late(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.through(handled(cast), "request_return")
    with clock.at(at("11-03 17:29")):
        assert defaults.apply_due() == 0
    with clock.at(at("11-03 17:31")):
        assert defaults.apply_due() == 1
        assert defaults.apply_due() == 0
    appeal.refresh_from_db()
    asked = appeal.requests.get()
    event = appeal.events.last()
    assert (asked.ruling, event.transition, event.actor_kind) == ("refused", "refuse_return", "system")
    assert appeal.status == Status.HANDLING
    assert appeal.deadlines.get(kind="return_ruling").verdict == "late"


def test_what_was_asked_lapses_where_nobody_can_rule_on_it_any_more(cast):
    appeal = cast.through(handled(cast), "request_return", "feedback")
    asked = appeal.requests.get()
    assert asked.ruling == PendingRequest.Ruling.LAPSED and asked.ruled_at is not None
    assert not appeal.deadlines.running().filter(kind="return_ruling").exists()


# --- Another unit ---------------------------------------------------------------------------------


def test_a_reassigned_appeal_is_signed_anew_while_its_clock_goes_on(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "reassign")
    assert (appeal.status, appeal.lead_unit.code, appeal.officer) == (Status.DISPATCHED, "czj", None)
    assert (due(appeal, "handle"), due(appeal, "sign")) == ("11-11 17:30", "11-06 17:30")
    assert appeal.deadlines.running().get(kind="handle").owner.code == "czj"


def test_what_is_overdue_stays_with_the_unit_that_was_late(cast):
    appeal = handled(cast)
    with clock.at(at("11-12 10:00")):
        appeal = cast.do(appeal, "reassign")
    verdicts = {(c.owner.code, c.verdict) for c in appeal.deadlines.filter(kind="handle")}
    assert verdicts == {("rsj", "late"), ("czj", "")}
    assert due(appeal, "handle") == "11-19 17:30"  # the limit of a redo: 5 working days


# --- Extension ------------------------------------------------------------------------------------


def test_an_extension_moves_the_clock_to_the_day_that_was_agreed(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "request_extension", until="2026-11-20")
        assert due(appeal, "extension_ruling") == due(appeal, "handle") == "11-11 17:30"
        appeal = cast.do(appeal, "agree_extension", until="2026-11-18")
    assert due(appeal, "handle") == "11-18 17:30"
    handle = appeal.deadlines.running().get(kind="handle")
    assert handle.started_at == at("11-02 09:00") and handle.next_rung == 0 and handle.remind_at
    with clock.at(at("11-18 17:00")):
        appeal = cast.do(appeal, "feedback")
    assert appeal.deadlines.filter(kind="handle").latest("pk").verdict == "on_time"


@pytest.mark.parametrize(
    ("asked_at", "until", "why"),
    [
        ("11-11 09:00", "2026-11-20", NotYet),  # on the last day: too late to ask
        ("11-12 09:00", "2026-11-20", NotYet),  # overdue
        ("11-05 09:00", "2026-11-11", Invalid),  # not later than now
        ("11-05 09:00", "2026-11-21", Invalid),  # a Saturday
        ("11-05 09:00", "2026-12-15", Invalid),  # 31 working days in all
    ],
)
def test_an_extension_must_be_asked_in_time_and_within_the_limit(cast, asked_at, until, why):
    appeal = handled(cast)
    with clock.at(at(asked_at)), pytest.raises(why):
        cast.do(appeal, "request_extension", until=until)


def test_the_longest_extension_ends_thirty_working_days_after_the_start(cast):
    appeal = handled(cast)
    with clock.at(at("11-10 09:00")):
        appeal = cast.do(appeal, "request_extension", until="2026-12-14")
    assert appeal.facts.pending("extension").until.isoformat() == "2026-12-14"


def test_an_extension_is_asked_once_a_round(cast):
    with clock.at(at("11-05 10:00")):
        appeal = cast.through(handled(cast), "request_extension", "refuse_extension")
        with pytest.raises(NotYet, match="申请过延期"):
            cast.do(appeal, "request_extension")


def test_an_extension_nobody_rules_on_is_refused_when_the_clock_is_due(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "request_extension")
    with clock.at(at("11-11 17:31")):
        assert defaults.apply_due() == 1
    appeal.refresh_from_db()
    assert appeal.requests.get().ruling == "refused"
    assert appeal.deadlines.running().get(kind="handle").colour != "none"
    with clock.at(at("11-12 10:00")):
        assert appeal.deadlines.running().get(kind="handle").colour == "red"


# --- Own handling 自办 ------------------------------------------------------------------------------


def test_a_township_handles_what_it_collected_without_dispatch(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.register("township_liaison"), "handle_oneself")
        assert (appeal.lead_unit.code, appeal.status) == ("datong", Status.HANDLING)
        assert due(appeal, "own_handling") == "11-09 17:30"
        assert appeal.deadlines.get(kind="accept").verdict == "on_time"
        appeal = cast.do(appeal, "feedback", by="township_liaison")
        appeal = cast.do(appeal, "revisit", by="township_liaison")
    assert appeal.deadlines.get(kind="own_handling").verdict == "on_time"
    assert cast.through(appeal, "second_revisit", "close").status == Status.CLOSED


def test_past_its_limit_own_handling_is_handed_up_by_itself(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.register("township_liaison"), "handle_oneself")
    with clock.at(at("11-09 17:31")):
        assert defaults.apply_due() == 1
        appeal.refresh_from_db()
        assert (appeal.status, appeal.lead_unit) == (Status.ACCEPTED, None)
        assert due(appeal, "dispatch") == "11-11 17:30"  # after hours counts from the next day
    assert appeal.deadlines.get(kind="own_handling").verdict == "late"


def test_a_window_only_receives(cast):
    with pytest.raises(NotAllowed):
        cast.do(cast.register("window"), "handle_oneself", by="window")


# --- The firm is waited for 待补充 -------------------------------------------------------------------


def test_the_clock_stands_while_the_firm_is_waited_for(cast):
    appeal = handled(cast)
    with clock.at(at("11-04 10:00")):
        appeal = cast.do(appeal, "ask_firm", by="liaison")
        assert (appeal.status, appeal.returns_to) == (Status.WAITING, "handling")
        assert appeal.deadlines.get(kind="handle").colour_label == "暂停计时"
        assert due(appeal, "waiting") == "11-11 17:30"
    with clock.at(at("11-06 10:00")):
        appeal = cast.do(appeal, "supply")
    assert (appeal.status, appeal.returns_to) == (Status.HANDLING, "")
    assert due(appeal, "handle") == "11-13 17:30"
    assert appeal.deadlines.get(kind="waiting").verdict == "on_time"


def test_after_the_limit_it_goes_on_without_and_nobody_is_late(cast):
    appeal = handled(cast)
    with clock.at(at("11-04 10:00")):
        appeal = cast.do(appeal, "ask_firm")
    with clock.at(at("11-11 17:31")):
        assert defaults.apply_due() == 1
    appeal.refresh_from_db()
    assert appeal.status == Status.HANDLING and appeal.events.last().actor_kind == "system"
    assert appeal.deadlines.get(kind="waiting").verdict == "on_time"
    assert not Deadline.objects.filter(kind="waiting", remind_at__isnull=False).exists()


@pytest.mark.parametrize("until", ["2026-11-03", "2026-11-07", "2026-11-12"])
def test_the_firm_cannot_be_waited_for_longer_than_the_profile_allows(cast, until):
    appeal = handled(cast)
    with clock.at(at("11-04 10:00")), pytest.raises(Invalid):
        cast.do(appeal, "ask_firm", until=until)


def test_a_wait_within_a_refusal_stops_the_level_and_lets_the_handling_stand(cast):
    appeal = handled(cast)
    with clock.at(at("11-04 10:00")):
        appeal = cast.through(appeal, "propose_refusal", "ask_firm")
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "supply")
        assert appeal.status == Status.REFUSING and appeal.refusal_level == 1
        assert appeal.deadlines.get(kind="handle").paused_at is not None
        assert appeal.deadlines.running().get(kind="refusal_level").paused_at is None
        assert due(appeal, "refusal_level") == "11-09 17:30"


# --- On file 挂账, the city 上报 ---------------------------------------------------------------------


def test_on_file_the_clock_stands_and_the_follow_up_recurs(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "request_on_file", until="2026-11-20")
        appeal = cast.do(appeal, "put_on_file")
        assert (appeal.status, due(appeal, "follow_up")) == (Status.ON_FILE, "11-20 17:30")
        assert appeal.answered_at is None  # not solved, not answered
    with clock.at(at("11-20 10:00")):
        appeal = cast.do(appeal, "renew_file", until="2026-12-04")
    assert due(appeal, "follow_up") == "12-04 17:30"
    assert appeal.deadlines.filter(kind="follow_up", verdict="on_time").count() == 1
    with clock.at(at("12-04 10:00")):
        appeal = cast.do(appeal, "resume_file")
    # Four working days were left on 5 November.
    assert (appeal.status, due(appeal, "handle")) == (Status.HANDLING, "12-10 17:30")


def test_the_firm_reads_why_it_is_on_file(cast):
    appeal = cast.through(handled(cast), "request_on_file", "put_on_file")
    told = appeal.statements.filter(audience="firm").values_list("text", flat=True)
    assert list(told) == ["尚缺指标。"]


def test_reported_up_everything_stands_but_the_weekly_follow_up(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "report_up")
        assert due(appeal, "follow_up") == "11-12 17:30"
        assert appeal.deadlines.get(kind="handle").paused_at is not None
    with clock.at(at("11-12 10:00")):
        appeal = cast.do(appeal, "follow_up")
    follow_up = appeal.deadlines.running().get(kind="follow_up")
    assert (due(appeal, "follow_up"), follow_up.owner.code) == ("11-19 17:30", "yshj")
    with clock.at(at("11-18 10:00")):
        appeal = cast.do(appeal, "city_answered")
    assert (appeal.status, due(appeal, "handle")) == (Status.HANDLING, "11-24 17:30")
    assert not appeal.deadlines.running().filter(kind="follow_up").exists()


def test_at_least_two_working_days_are_left_when_the_city_answers(cast):
    appeal = handled(cast)
    with clock.at(at("11-11 17:00")):
        appeal = cast.do(appeal, "report_up")
    with clock.at(at("11-18 10:00")):
        appeal = cast.do(appeal, "city_answered")
    assert due(appeal, "handle") == "11-20 17:30"


def test_reported_up_before_dispatch_the_answer_names_the_unit(cast):
    appeal = cast.through(cast.submit(), "accept", "report_up", "city_answered")
    assert (appeal.status, appeal.lead_unit.code) == (Status.HANDLING, "rsj")
    assert {c.kind for c in appeal.deadlines.running()} == {"handle"}


def test_the_unit_that_speaks_to_the_city_sees_what_was_reported_up(cast):
    appeal = handled(cast)
    assert not Appeal.objects.visible_to(cast.city_liaison).filter(pk=appeal.pk).exists()
    appeal = cast.do(appeal, "report_up")
    assert Appeal.objects.visible_to(cast.city_liaison).filter(pk=appeal.pk).exists()


# --- Withdrawal, objection, reopening -------------------------------------------------------------


def test_a_withdrawal_counts_once_the_bureau_knows_it_is_the_firms_free_will(cast):
    appeal = cast.do(handled(cast), "withdraw")
    assert appeal.status == Status.HANDLING and due_kinds(appeal) == {"handle", "withdrawal"}
    refused = cast.do(appeal, "refuse_withdrawal")
    assert refused.status == Status.HANDLING
    appeal = cast.through(refused, "withdraw", "confirm_withdrawal")
    assert appeal.status == Status.WITHDRAWN and not due_kinds(appeal)
    with pytest.raises(Stale):
        cast.do(appeal, "supplement")


def due_kinds(appeal) -> set[str]:
    return {c.kind for c in appeal.deadlines.running()}


def test_a_request_outlives_a_change_of_state_in_which_it_can_still_be_ruled_on(cast):
    appeal = cast.through(handled(cast), "withdraw", "feedback")
    assert appeal.status == Status.ANSWERED and appeal.facts.pending("withdrawal")


def test_a_decline_may_be_objected_to_once(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.through(cast.submit(), "propose_decline", "decline", "object")
        assert due(appeal, "objection") == "11-04 17:30"
        appeal = cast.do(appeal, "uphold_decline")
        assert appeal.status == Status.DECLINED
        with pytest.raises(NotYet, match="最终结果"):
            cast.do(appeal, "object")


def test_an_objection_that_is_right_has_it_accepted(cast):
    appeal = cast.through(cast.submit(), "propose_decline", "decline", "object", "overturn_decline")
    assert (appeal.status, appeal.ended_at, due_kinds(appeal)) == (Status.ACCEPTED, None, {"dispatch"})


def test_a_closed_appeal_is_reopened_within_the_window_stored_on_it(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.walk(cast.submit(category="materials"), "close")
        assert appeal.reopen_until == at("12-02 09:00")
    with clock.at(at("12-02 09:00")), pytest.raises(NotYet, match="期限已过"):
        cast.do(appeal, "reopen")
    with clock.at(at("12-02 08:59")):
        appeal = cast.do(appeal, "reopen")
    assert (appeal.status, appeal.round, appeal.lead_unit) == (Status.ACCEPTED, 2, None)
    assert (appeal.ended_at, appeal.answered_at, due_kinds(appeal)) == (None, None, {"dispatch"})
    # What counted as solved does not any more; places filled were filled.
    effects = {
        kind: float(change) for kind, change in appeal.effects.filter(round=2).values_list("kind", "change")
    }
    assert effects == {"supply": -1.0}


def test_a_reopened_appeal_needs_no_higher_signature_than_a_new_one(cast):
    appeal = cast.do(cast.walk(cast.submit(), "feedback"), "redo")
    appeal = cast.through(appeal, "sign", "feedback", "revisit", "second_revisit", "close", "reopen")
    appeal = cast.through(appeal, "dispatch", "sign")
    appeal = cast.do(appeal, "feedback", by="liaison")
    assert appeal.status == Status.ANSWERED


def test_a_declined_appeal_is_reopened_once(cast):
    appeal = cast.through(cast.submit(), "propose_decline", "decline", "reopen", "propose_decline", "decline")
    with pytest.raises(NotYet, match="一次"):
        cast.do(appeal, "reopen")


# --- Instruction 签批 -------------------------------------------------------------------------------


def test_an_instruction_gates_dispatch_only_where_the_profile_says_so(cast, district):
    free = cast.do(cast.submit(), "accept")
    assert cast.do(free, "dispatch").status == Status.DISPATCHED
    profile = DistrictProfile.objects.in_force(district)
    gated = profile.data | {"gates": {"instruction_before_dispatch": True}}
    DistrictProfile.objects.create(district=district, effective_from=clock.today(), data=gated)
    appeal = cast.do(cast.submit(), "accept")
    with pytest.raises(NotYet, match="签批"):
        cast.do(appeal, "dispatch")
    appeal = cast.through(appeal, "ask_instruction", "instruct", "dispatch")
    assert appeal.status == Status.DISPATCHED


def test_only_the_leader_asked_is_told_and_finds_it_on_the_workbench(cast):
    cast.bureau_leader, cast.district_leader  # noqa: B018 - they exist before
    appeal = cast.do(cast.submit(), "accept")
    Notice.objects.all().delete()
    appeal = cast.do(appeal, "ask_instruction")
    assert {notice.recipient for notice in Notice.objects.all()} == {cast.district_leader}
    assert list(awaiting_my_instruction(cast.district_leader)) == [appeal]
    assert not awaiting_my_instruction(cast.bureau_leader)
    cast.do(appeal, "instruct")
    assert not awaiting_my_instruction(cast.district_leader)


def test_make_up_sunday_of_new_year_2026_counts(cast):
    """4 January 2026 is a Sunday that is worked; 1 to 3 January are off."""
    with clock.at(datetime(2025, 12, 31, 10, tzinfo=SHANGHAI)):
        appeal = cast.submit()
        assert due(appeal, "accept") == "01-04 17:30"
        appeal = cast.through(appeal, "accept", "dispatch", "sign")
        assert (due(appeal, "handle"),) == ("01-12 17:30",)
    with clock.at(datetime(2026, 1, 3, 10, tzinfo=SHANGHAI)):
        appeal = cast.do(appeal, "request_return")
        assert due(appeal, "return_ruling") == "01-05 17:30"
    with clock.at(datetime(2026, 1, 5, 17, 31, tzinfo=SHANGHAI)):
        assert defaults.apply_due() == 1


def the_calendar_of_2027_comes() -> None:
    """New Year's Day, a Friday, is off."""
    CalendarYear.objects.create(year=2027, source="test", imported_at=clock.now())
    CalendarDay.objects.create(date=date(2027, 1, 1), is_workday=False)
    calendars.forget()


def test_clocks_of_a_year_without_a_calendar_are_counted_again_when_it_comes(cast):
    with clock.at(datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)):
        appeal = cast.through(cast.submit(), "accept", "dispatch", "sign")
        handle = appeal.deadlines.running().get(kind="handle")
        assert handle.provisional and due(appeal, "handle") == "01-08 17:30"
        assert defaults.recount_provisional() == 0
        the_calendar_of_2027_comes()
        assert defaults.recount_provisional() == 1
        assert defaults.recount_provisional() == 0
    appeal.refresh_from_db()
    assert due(appeal, "handle") == "01-11 17:30"
    assert not appeal.deadlines.running().filter(provisional=True).exists()
    assert appeal.events.last().transition == "recount"


def test_a_day_that_was_chosen_stays_when_the_calendar_comes(cast):
    with clock.at(datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)):
        appeal = cast.do(cast.submit(), "accept")
        appeal = cast.do(appeal, "dispatch", due_on="2027-01-08")
        the_calendar_of_2027_comes()
        defaults.recount_provisional()
    assert due(appeal, "handle") == "01-08 17:30"


def test_a_default_that_meets_a_person_who_was_quicker_does_nothing(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.through(handled(cast), "request_return")
    with clock.at(at("11-03 17:31")):
        agreed = cast.do(appeal, "agree_return")
        assert defaults.apply_due() == 0
    assert agreed.status == Status.ACCEPTED
    assert agreed.submitted_at + timedelta(days=1) < at("11-04 17:31")


def test_nobody_agrees_to_an_extension_after_the_clock_is_due(cast):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")):
        appeal = cast.do(appeal, "request_extension")
    with clock.at(at("11-11 17:30")), pytest.raises(NotYet, match="视为不同意"):
        cast.do(appeal, "agree_extension", until="2026-11-20")


def test_a_unit_tries_itself_once(cast):
    appeal = cast.through(cast.register("township_liaison"), "handle_oneself", "hand_up")
    with pytest.raises(NotYet, match="牵头局交办"):
        cast.do(appeal, "handle_oneself")


@pytest.mark.parametrize("until", ["9999-12-31", "2029-11-05"])
def test_no_clock_runs_longer_than_two_years(cast, until):
    appeal = handled(cast)
    with clock.at(at("11-05 10:00")), pytest.raises(Invalid):
        cast.do(appeal, "request_on_file", until=until)


def test_a_firm_that_says_it_is_not_satisfied_is_heard_whatever_was_noted(cast):
    appeal = cast.walk(cast.submit(), "feedback")
    appeal = cast.do(appeal, "rate", satisfaction="very_unsatisfied", solved="no", comment="没解决")
    appeal = cast.through(appeal, "revisit", "uphold", "second_revisit")
    with pytest.raises(NotYet, match="负责人"):
        cast.do(appeal, "close", explanation="已解释。")
    with pytest.raises(Invalid):
        cast.do(appeal, "close", by="bureau_leader", explanation="")
    assert cast.do(appeal, "close", by="bureau_leader", explanation="已解释。").status == Status.CLOSED


def test_a_used_token_reports_nothing_that_was_not_done(cast):
    appeal = cast.walk(cast.submit(), "sign")
    data = cast.data_for("feedback", appeal)
    for _ in range(2):
        perform(appeal, "feedback", cast.actor("liaison"), data, key="once")
    for part, transition in (("dispatcher", "close"), ("liaison", "revisit"), ("section_head", "feedback")):
        with pytest.raises(NotAllowed, match="已经用过"):
            perform(appeal, transition, cast.actor(part), data, key="once")
