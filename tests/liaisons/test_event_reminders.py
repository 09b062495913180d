"""The tick of the events: who is told what, and that nobody is told twice."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liaisons import event_reminders
from liaisons.services.event_records import record_held
from liaisons.services.event_tasks import add_task, complete_task
from liaisons.services.events import cancel, change_event, set_duties
from liaisons.tasks import remind_of_events
from notifications.models import Notice
from tests import factories as make
from tests.liaisons.happenings import WEDNESDAY, at, plan_of, planned


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(WEDNESDAY, tick=False) as moving:
        yield moving


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


@pytest.fixture
def bureau(district):
    return make.user(make.unit(district), "dispatcher")


@pytest.fixture
def rsj(district):
    return make.user(make.unit(district, "rsj"), "liaison")


def told(clock, moment: str, district) -> dict[str, set]:
    """Run the tick twice at ``moment``; the new notices by title."""
    clock.move_to(at(moment))
    before = set(Notice.objects.values_list("pk", flat=True))
    event_reminders.remind(district)
    new = Notice.objects.exclude(pk__in=before)
    found: dict[str, set] = {}
    for notice in new.select_related("recipient"):
        found.setdefault(notice.title, set()).add(notice.recipient)
    count = Notice.objects.count()
    event_reminders.remind(district)
    assert Notice.objects.count() == count
    return found


# --- Before and after an event --------------------------------------------------------------------


def test_the_evening_before_everybody_on_duty_and_the_organiser_are_told(clock, district, liaison):
    official = make.official(liaison.unit, name="周启明")
    on_duty = make.user(liaison.unit, "cadre", official=official)
    leader = make.official(make.unit(district, "qzfb"), name="常思远", title="副区长")
    leads = make.user(make.unit(district, "qzfb"), "district_leader", official=leader)
    event = planned(liaison, leader=leader)
    set_duties(by=liaison, event=event, officials=[official])
    assert told(clock, "2026-11-19 17:00", district) == {}
    assert told(clock, "2026-11-20 08:29", district) == {}
    title = "11月21日 09:00 “亲清有约”周六助企服务日"
    assert told(clock, "2026-11-20 08:30", district) == {title: {liaison, on_duty, leads}}
    assert told(clock, "2026-11-20 17:00", district) == {}


def test_a_tick_that_comes_late_still_tells_in_the_morning(clock, district, liaison):
    planned(liaison)
    assert len(told(clock, "2026-11-21 08:40", district)) == 1


def test_an_event_that_is_moved_is_told_anew_and_one_called_off_not(clock, district, liaison):
    event = planned(liaison)
    assert len(told(clock, "2026-11-20 09:00", district)) == 1
    change_event(by=liaison, event=event, plan=plan_of(liaison.unit, starts_at=at("2026-11-21 14:00")))
    assert list(told(clock, "2026-11-20 09:10", district)) == ["11月21日 14:00 “亲清有约”周六助企服务日"]
    other = planned(liaison, place="别处")
    cancel(by=liaison, event=other, reason="改期")
    assert told(clock, "2026-11-20 09:20", district) == {}


def test_an_organiser_that_recorded_nothing_is_told_on_the_next_working_day(clock, district, liaison):
    event = planned(liaison)
    assert told(clock, "2026-11-22 10:00", district) == {}
    (title,) = told(clock, "2026-11-23 08:30", district)
    assert title.startswith("请登记举办情况：")
    record_held(by=liaison, event=event)
    assert told(clock, "2026-11-24 08:30", district) == {}


def test_an_event_that_was_recorded_in_time_is_left_in_peace(clock, district, liaison):
    event = planned(liaison)
    clock.move_to(at("2026-11-21 12:00"))
    record_held(by=liaison, event=event)
    assert told(clock, "2026-11-23 08:30", district) == {}


def test_long_gone_events_are_not_brought_up(clock, district, liaison):
    planned(liaison)
    assert told(clock, "2027-03-01 09:00", district) == {}


# --- Decisions ------------------------------------------------------------------------------------


@pytest.fixture
def task(clock, district, liaison, rsj):
    event = planned(liaison, kind="talk")
    clock.move_to(at("2026-11-21 12:00"))
    record_held(by=liaison, event=event)
    return add_task(by=liaison, event=event, content="组织专场招聘", unit=rsj.unit, due=date(2026, 12, 4))


def test_a_unit_is_told_before_and_on_the_day_the_bureau_after(clock, district, task, rsj, bureau):
    assert told(clock, "2026-11-30 09:00", district) == {}
    assert told(clock, "2026-12-01 09:00", district) == {"议定事项将于12月4日到期：组织专场招聘": {rsj}}
    assert told(clock, "2026-12-03 09:00", district) == {}
    assert told(clock, "2026-12-04 09:00", district) == {"议定事项今日（12月4日）到期：组织专场招聘": {rsj}}
    late = told(clock, "2026-12-05 09:00", district)
    assert late == {"区人社局的议定事项已逾期：组织专场招聘": {rsj, bureau}}
    assert told(clock, "2026-12-20 09:00", district) == {}


def test_what_is_done_is_not_brought_up(clock, district, task, rsj):
    complete_task(by=rsj, task=task, result="到岗18人。")
    assert told(clock, "2026-12-05 09:00", district) == {}


# --- The tick -------------------------------------------------------------------------------------


def test_the_tick_serves_every_district(clock, district, liaison):
    other = make.another_district(district)
    elsewhere = make.user(make.unit(other, "rsj"), "liaison")
    planned(liaison)
    planned(elsewhere, place="铜官区政务服务中心")
    clock.move_to(at("2026-11-20 09:00"))
    remind_of_events()
    recipients = set(Notice.objects.values_list("recipient", flat=True))
    assert {liaison.pk, elsewhere.pk} <= recipients


def test_the_tick_asks_the_same_questions_for_one_event_and_for_many(clock, district, liaison):
    """For each event one more notice is written, and nothing else is asked."""

    def plan(number: int) -> None:
        event = planned(liaison, kind="talk", place=f"会议室{number}", starts_at=at("2026-11-19 09:00"))
        set_duties(by=liaison, event=event, officials=[make.official(liaison.unit, name=f"干部{number}")])

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            event_reminders.remind(district)
        return len([query for query in captured if query["sql"].startswith("SELECT")])

    plan(0)
    asked()  # the working-day calendar is read once
    one = asked()
    for number in range(1, 7):
        plan(number)
    assert asked() == one <= 12
