"""The clocks, against the calendar of 2026, and the ladder of their reminders."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appeals import deadlines
from appeals.models import Appeal, Deadline, DeadlineReminder
from appeals.perform import Invalid
from appeals.reminders import remind_due
from core import clock
from notifications.models import Notice
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")
Kind = Deadline.Kind


def at(text: str) -> datetime:
    """A moment of 2026, e.g. "11-20 17:31"."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def submitted(cast, moment: datetime) -> Deadline:
    with clock.at(moment):
        return cast.submit().deadlines.get()


def handled(cast, moment: datetime, upto: str = "sign", **dispatch) -> Appeal:
    """Dispatched and signed at one moment."""
    with clock.at(moment):
        appeal = cast.do(cast.submit(), "accept", urgency=dispatch.pop("urgency", "normal"))
        appeal = cast.do(appeal, "dispatch", **dispatch)
        return cast.do(appeal, "sign") if upto == "sign" else appeal


# --- Start ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted_at", "due"),
    [
        ("11-18 10:00", "11-19 17:30"),  # Wednesday → Thursday
        ("11-20 17:29", "11-23 17:30"),  # Friday, just in office hours → Monday
        ("11-20 17:30", "11-24 17:30"),  # at closing time it counts for Monday → Tuesday
        ("11-20 17:31", "11-24 17:30"),
        ("11-21 10:00", "11-24 17:30"),  # a Saturday counts for Monday
        ("10-09 10:00", "10-10 17:30"),  # the Saturday after National Day is worked
        ("10-10 09:00", "10-12 17:30"),
        ("09-30 10:00", "10-08 17:30"),  # over National Day
        ("09-30 18:00", "10-09 17:30"),
        ("10-03 12:00", "10-09 17:30"),
        ("02-14 10:00", "02-24 17:30"),  # a worked Saturday, then Spring Festival until the 23rd
    ],
)
def test_one_working_day_to_accept(cast, submitted_at, due):
    deadline = submitted(cast, at(submitted_at))
    assert (local(deadline.due_at), deadline.workdays, deadline.provisional) == (due, 1, False)


@pytest.mark.parametrize(
    ("urgency", "due"), [("urgent", "10-10 17:30"), ("normal", "10-13 17:30"), ("complex", "10-23 17:30")]
)
def test_handling_skips_national_day_and_counts_the_made_up_saturday(cast, urgency, due):
    appeal = handled(cast, at("09-28 09:00"), urgency=urgency)
    handle = appeal.deadlines.get(kind=Kind.HANDLE)
    assert (local(handle.due_at), handle.owner.code) == (due, "rsj")


def test_the_dispatcher_may_set_the_last_day(cast):
    appeal = handled(cast, at("11-02 09:00"), due_on="2026-11-06")
    handle = appeal.deadlines.get(kind=Kind.HANDLE)
    assert (local(handle.due_at), handle.workdays) == ("11-06 17:30", 4)


@pytest.mark.parametrize("due_on", ["2026-11-02", "2026-10-30", "2026-11-07", "2026-13-01"])
def test_the_last_day_is_a_working_day_to_come(cast, due_on):
    with pytest.raises(Invalid) as refused:
        handled(cast, at("11-02 09:00"), due_on=due_on)
    assert set(refused.value.form.errors) == {"due_on"}


def test_a_year_without_a_calendar_is_counted_provisionally(cast):
    appeal = handled(cast, at("12-21 09:00"), urgency="complex")
    sign, handle = (appeal.deadlines.get(kind=kind) for kind in (Kind.SIGN, Kind.HANDLE))
    assert not sign.provisional and handle.provisional
    assert handle.due_at.astimezone(SHANGHAI).date() == date(2027, 1, 11)


def test_a_redo_has_its_own_limit_and_starts_yellow(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.walk(cast.submit(), "feedback"), "redo")
        sign, handle = (appeal.deadlines.running().get(kind=kind) for kind in (Kind.SIGN, Kind.HANDLE))
        assert (handle.round, handle.workdays, local(handle.due_at)) == (2, 5, "11-09 17:30")
        assert (handle.colour, handle.colour_label, sign.colour) == ("yellow", "滞后", "green")


def test_a_redo_ends_the_clocks_of_its_round(cast):
    with clock.at(at("11-02 09:00")):
        appeal = cast.walk(cast.submit(), "feedback")
    with clock.at(at("11-06 09:00")):
        appeal = cast.do(appeal, "redo")
    assert appeal.deadlines.get(kind=Kind.REVISIT).verdict == "late"
    assert set(appeal.deadlines.running().values_list("round", flat=True)) == {2}


# --- Colours --------------------------------------------------------------------------------------


def test_blue_begins_a_working_day_before_or_when_a_fifth_is_left_whichever_is_earlier(cast):
    assert local(submitted(cast, at("11-18 10:00")).blue_at) == "11-18 17:30"
    handle = handled(cast, at("11-02 09:00")).deadlines.get(kind=Kind.HANDLE)
    assert (local(handle.due_at), local(handle.blue_at)) == ("11-11 17:30", "11-09 20:36")


def test_a_clock_is_never_blue_before_it_started(cast):
    deadline = submitted(cast, at("11-18 17:29"))
    assert deadline.started_at <= deadline.blue_at <= deadline.due_at


@pytest.mark.parametrize(
    ("moment", "colour", "word"),
    [
        ("11-02 09:00", "green", "正常"),
        ("11-09 20:35", "green", "正常"),
        ("11-09 20:36", "blue", "临期"),
        ("11-11 17:30", "blue", "临期"),
        ("11-11 17:31", "red", "已超期"),
    ],
)
def test_the_colours_change_at_their_moments_and_always_have_a_word(cast, moment, colour, word):
    handle = handled(cast, at("11-02 09:00")).deadlines.get(kind=Kind.HANDLE)
    with clock.at(at(moment)):
        assert (handle.colour, handle.colour_label) == (colour, word)
        assert Deadline.objects.overdue().filter(pk=handle.pk).exists() == (colour == "red")


def test_what_stands_or_has_ended_has_no_colour_but_a_word(cast):
    appeal = handled(cast, at("11-02 09:00"))
    deadlines.pause(appeal, [Kind.HANDLE], at("11-04 10:00"), transition="test")
    handle = appeal.deadlines.get(kind=Kind.HANDLE)
    sign = appeal.deadlines.get(kind=Kind.SIGN)
    assert (handle.colour, handle.colour_label) == ("none", "暂停计时")
    assert (sign.colour, sign.colour_label) == ("none", "按时")


# --- Verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted_at", "verdict"), [("11-19 17:30", "on_time"), ("11-19 17:31", "late"), ("11-24 09:00", "late")]
)
def test_a_stage_is_judged_by_the_moment_it_was_done(cast, accepted_at, verdict):
    deadline = submitted(cast, at("11-18 10:00"))
    with clock.at(at(accepted_at)):
        cast.do(deadline.appeal, "accept")
    deadline.refresh_from_db()
    assert (deadline.verdict, local(deadline.met_at)) == (verdict, accepted_at)


def test_a_verdict_is_not_rewritten(cast):
    deadline = submitted(cast, at("11-18 10:00"))
    with clock.at(at("11-20 09:00")):
        appeal = cast.do(deadline.appeal, "accept")
    deadlines.meet(appeal, [Kind.ACCEPT], at("11-18 11:00"))
    deadlines.void(appeal, at("11-25 11:00"))
    deadlines.resume(appeal, ["test"], at("11-25 11:00"), at_least=9)
    deadline.refresh_from_db()
    assert (deadline.verdict, local(deadline.met_at), local(deadline.due_at)) == (
        "late",
        "11-20 09:00",
        "11-19 17:30",
    )


@pytest.mark.parametrize(("declined_at", "verdict"), [("11-19 10:00", "void"), ("11-20 10:00", "late")])
def test_a_stage_that_will_not_come_is_void_unless_it_was_overdue(cast, declined_at, verdict):
    with clock.at(at("11-18 10:00")):
        appeal = cast.do(cast.submit(), "accept")
    with clock.at(at(declined_at)):
        cast.do(cast.do(appeal, "propose_decline"), "decline")
    assert appeal.deadlines.get(kind=Kind.DISPATCH).verdict == verdict


def test_a_late_signature_turns_the_handling_yellow(cast):
    appeal = handled(cast, at("11-02 09:00"), upto="dispatch")
    with clock.at(at("11-04 08:00")):
        appeal = cast.do(appeal, "sign")
        handle = appeal.deadlines.get(kind=Kind.HANDLE)
        assert (handle.colour, local(handle.behind_since)) == ("yellow", "11-04 08:00")
    with clock.at(at("11-12 08:00")):
        assert handle.colour == "red"


# --- Pauses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paused", "resumed", "at_least", "due"),
    [
        ("11-04 10:00", "11-06 10:00", 0, "11-13 17:30"),
        ("11-06 18:00", "11-07 10:00", 0, "11-11 17:30"),  # nothing but a weekend
        ("11-06 10:00", "11-09 10:00", 0, "11-12 17:30"),
        ("11-10 10:00", "11-12 10:00", 2, "11-16 17:30"),  # 1 day was left, 2 are promised
        ("11-04 10:00", "11-06 10:00", 2, "11-13 17:30"),
    ],
)
def test_a_pause_gives_back_its_working_days(cast, paused, resumed, at_least, due):
    appeal = handled(cast, at("11-02 09:00"))
    deadlines.pause(appeal, [Kind.HANDLE], at(paused), transition="test")
    deadlines.pause(appeal, [Kind.HANDLE], at(paused) + timedelta(minutes=5), transition="test")
    deadlines.resume(appeal, ["test"], at(resumed), at_least=at_least)
    handle = appeal.deadlines.get(kind=Kind.HANDLE)
    assert (local(handle.due_at), handle.paused_at) == (due, None)
    pause = handle.pauses.get()
    assert (local(pause.started_at), local(pause.ended_at)) == (paused, resumed)
    assert handle.blue_at < handle.due_at


def test_a_clock_that_stands_is_judged_by_when_it_was_stopped(cast):
    appeal = handled(cast, at("11-02 09:00"))
    deadlines.pause(appeal, [Kind.HANDLE], at("11-11 17:00"), transition="test")
    with clock.at(at("11-20 10:00")):
        cast.do(appeal, "feedback")
    assert appeal.deadlines.get(kind=Kind.HANDLE).verdict == "on_time"


def test_a_clock_stopped_too_late_was_overdue(cast):
    appeal = handled(cast, at("11-02 09:00"))
    deadlines.pause(appeal, [Kind.HANDLE], at("11-12 09:00"), transition="test")
    deadlines.void(appeal, at("11-20 10:00"))
    assert appeal.deadlines.get(kind=Kind.HANDLE).verdict == "late"


def test_a_clock_that_stands_reminds_nobody(cast):
    appeal = handled(cast, at("11-02 09:00"))
    deadlines.pause(appeal, [Kind.HANDLE], at("11-04 10:00"), transition="test")
    assert tick("11-18 09:00") == 0


# --- Reminders ------------------------------------------------------------------------------------


def tick(moment: str) -> int:
    with clock.at(at(moment)):
        return remind_due()


def told() -> list[str]:
    """Who found which reminder in the inbox, in order."""
    notices = Notice.objects.filter(channel="inbox", key__startswith="deadline:").order_by("id")
    return [f"{notice.recipient.username}: {notice.key.split(':')[2]}" for notice in notices]


def test_each_rung_of_the_ladder_goes_to_whom_the_rules_say_and_once(cast):
    cast.unit_leader, cast.bureau_leader, cast.supervisor, cast.district_leader  # noqa: B018
    handled(cast, at("11-02 09:00"))
    ladder = []
    for moment in ("11-10 08:29", "11-10 08:30", "11-11 08:30", "11-12 08:30", "11-13 08:30", "11-16 08:30",
                   "11-17 08:30", "11-18 08:30", "11-19 08:30", "12-01 08:30"):  # fmt: skip
        tick(moment)
        tick(moment)
        ladder.append((moment[:5], sorted(told())))
        Notice.objects.all().delete()
    assert [(day, found) for day, found in ladder if found] == [
        ("11-10", ["liaison: 0"]),
        ("11-11", ["liaison: 1", "unit_leader: 1"]),
        ("11-12", ["dispatcher: 2"]),
        ("11-16", ["dispatcher: 3"]),
        ("11-18", ["supervisor: 4"]),
    ]
    assert list(DeadlineReminder.objects.order_by("rung").values_list("rung", flat=True)) == [0, 1, 2, 3, 4]
    assert Deadline.objects.get(kind=Kind.HANDLE).remind_at is None


def test_a_late_tick_tells_everybody_it_missed_once_in_the_latest_words(cast):
    cast.unit_leader, cast.supervisor  # noqa: B018
    handled(cast, at("11-02 09:00"))
    assert tick("11-17 10:00") == 1
    missed = ["dispatcher: 3", "liaison: 3", "unit_leader: 3"]
    assert sorted(told()) == missed
    for notice in Notice.objects.filter(key__startswith="deadline:"):
        assert "已逾期 4 个工作日" in notice.title
    tick("11-18 08:30")
    assert sorted(told()) == sorted([*missed, "supervisor: 4"])


def test_rungs_that_lie_before_the_start_are_passed_over(cast):
    deadline = submitted(cast, at("11-18 10:00"))
    assert local(deadline.remind_at) == "11-19 08:30"  # a day before would be earlier than the start
    assert deadline.next_rung == 1


def test_what_was_done_reminds_nobody_any_more(cast):
    appeal = handled(cast, at("11-02 09:00"))
    with clock.at(at("11-09 10:00")):
        cast.do(appeal, "feedback")
    Notice.objects.all().delete()
    tick("11-10 09:00")
    assert told() == []


def test_an_officer_who_left_is_not_reminded_but_the_desk_is(cast):
    cast.unit_leader  # noqa: B018
    appeal = handled(cast, at("11-02 09:00"))
    cast.liaison.is_active = False
    cast.liaison.save()
    tick("11-10 09:00")
    assert told() == ["unit_leader: 0"]
    assert appeal.officer == cast.liaison


@pytest.mark.parametrize("number", [10, 11])
def test_more_than_ten_reminders_at_once_become_one_digest(cast, number):
    cast.dispatcher  # noqa: B018
    for _ in range(number):
        submitted(cast, at("11-18 10:00"))
    Notice.objects.all().delete()
    assert tick("11-19 09:00") == number
    tick("11-19 09:01")
    notices = Notice.objects.filter(recipient=cast.dispatcher)
    if number == 10:
        assert notices.count() == 10
    else:
        digest = notices.get()
        assert digest.title == "您有11项办理时限需要关注"
        assert digest.body.count("JQ20261118-") == 11
    assert DeadlineReminder.objects.count() == number


def test_an_unsigned_appeal_turns_yellow_with_its_first_overdue_reminder(cast):
    appeal = handled(cast, at("11-02 09:00"), upto="dispatch")
    tick("11-03 09:00")
    assert appeal.deadlines.get(kind=Kind.HANDLE).behind_since is None
    tick("11-04 08:30")
    handle = appeal.deadlines.get(kind=Kind.HANDLE)
    assert local(handle.behind_since) == "11-04 08:30"


def test_a_reminder_names_no_person_of_the_firm(cast):
    handled(cast, at("11-02 09:00"))
    tick("11-12 08:30")
    for notice in Notice.objects.filter(key__startswith="deadline:"):
        assert "赵敏" not in notice.title + notice.body and "1390000" not in notice.title + notice.body


def test_an_appeal_keeps_the_rules_it_began_under(cast):
    appeal = handled(cast, at("11-02 09:00"))
    rules = appeal.profile.rules
    limits = rules.limits.model_copy(update={"revisit": 9})
    data = rules.model_copy(update={"limits": limits}).model_dump(mode="json")
    type(appeal.profile).objects.create(district=cast.district, effective_from=date(2026, 11, 3), data=data)
    with clock.at(at("11-04 09:00")):
        old = cast.do(appeal, "feedback").deadlines.get(kind=Kind.REVISIT)
        new = cast.walk(cast.submit(), "feedback").deadlines.get(kind=Kind.REVISIT)
    assert (old.workdays, new.workdays) == (3, 9)


def test_the_owner_of_a_clock_is_the_unit_whose_turn_it_is(cast):
    units = [factories.unit(cast.district, "nyj").pk]
    with clock.at(at("11-02 09:00")):
        appeal = cast.do(cast.do(cast.submit(), "accept"), "dispatch", assisting_units=units)
        appeal = cast.do(cast.do(cast.do(appeal, "sign"), "feedback"), "revisit")
    owners = dict(appeal.deadlines.values_list("kind", "owner__code"))
    assert owners == {
        "accept": "kjj", "dispatch": "kjj", "sign": "rsj", "handle": "rsj", "assist": "nyj",
        "revisit": "rsj", "second_revisit": "kjj",
    }  # fmt: skip
