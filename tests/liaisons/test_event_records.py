"""What happened at an event: attendance, presence, papers, opinions, decisions and their tasks."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from liaisons.merging import join_attendances
from liaisons.models import Attendance, EventTask, Opinion
from liaisons.services.event_records import Came, Decision, Heard, Papers, record_held, remove_attendance
from liaisons.services.event_tasks import add_task, change_task, complete_task, reopen_task
from liaisons.services.events import cancel, set_duties
from notifications.models import Notice
from policies.models import HandOut, Outreach, Policy
from tests import factories as make
from tests.liaisons.happenings import SATURDAY, WEDNESDAY, at, planned


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(WEDNESDAY, tick=False) as moving:
        yield moving


@pytest.fixture
def rsj(district):
    return make.user(make.unit(district, "rsj"), "liaison")


@pytest.fixture
def firm(district):
    return make.enterprise(district)


@pytest.fixture
def policy(district):
    return Policy.objects.create(district=district, title="稳岗返还", unit=make.unit(district, "rsj"))


@pytest.fixture
def talk(liaison, moment):
    """A meeting this morning, not yet recorded; it is Saturday, a little later."""
    event = planned(liaison, kind="talk", notes="请三家缺工企业")
    moment.move_to("2026-11-21 10:30+08:00")
    return event


@pytest.fixture
def service_day(liaison, moment):
    event = planned(liaison)
    moment.move_to("2026-11-21 10:30+08:00")
    return event


def words(error) -> str:
    return "；".join(error.value.messages)


# --- Recording ------------------------------------------------------------------------------------


def test_nothing_is_recorded_before_it_began_or_after_it_was_called_off(liaison, moment):
    event = planned(liaison)
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=event)
    assert "还没有开始" in words(error)
    cancel(by=liaison, event=event, reason="防汛")
    moment.move_to("2026-11-21 10:30+08:00")
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=event)
    assert "已取消" in words(error)


def test_whoever_came_to_a_meeting_was_told_about_policies(liaison, talk, firm, district):
    project = make.project(district)
    came = [
        Came(enterprise=firm, attendee="赵敏", title="总经理"),
        Came(project=project),
        Came(claimed_name="铜陵新办企业"),
    ]
    event = record_held(by=liaison, event=talk, minutes="谈用工。", came=came)
    assert (event.state, event.held_at) == ("held", clock.now())
    assert [one.subject_name for one in event.attendances.all()] == [firm.name, project.name, "铜陵新办企业"]
    told = Outreach.objects.filter(way=Outreach.Way.MEETING)
    assert {(one.enterprise, one.project, one.claimed_name) for one in told} == {
        (firm, None, ""), (None, project, ""), (None, None, "铜陵新办企业"),
    }  # fmt: skip
    assert {(one.unit, one.occurred_at) for one in told} == {(event.organiser, event.starts_at)}
    assert Attendance.objects.get(enterprise=firm).outreach.enterprise == firm


def test_who_comes_to_the_service_day_is_listed_and_no_more(liaison, service_day, firm):
    record_held(by=liaison, event=service_day, came=[Came(enterprise=firm)])
    assert service_day.attendances.get().outreach is None and not Outreach.objects.exists()


def test_a_firm_is_taken_down_once(liaison, talk, firm):
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=talk, came=[Came(enterprise=firm), Came(enterprise=firm)])
    assert firm.name in words(error) and not Attendance.objects.exists()
    talk.refresh_from_db()
    assert talk.state == "planned"
    record_held(by=liaison, event=talk, came=[Came(claimed_name="新企业")])
    with pytest.raises(ValidationError):
        record_held(by=liaison, event=talk, came=[Came(claimed_name=" 新企业")])


def test_a_firm_out_of_sight_is_not_taken_down(liaison, talk, district):
    elsewhere = make.enterprise(district, region=make.township(district, "灰河乡"))
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=talk, came=[Came(enterprise=elsewhere)])
    assert "范围内" in words(error)


def test_more_is_added_later_and_nothing_lost(liaison, talk, firm, district):
    record_held(by=liaison, event=talk, minutes="初稿", came=[Came(enterprise=firm)])
    first = clock.now()
    with time_machine.travel("2026-11-23 09:00+08:00"):
        other = make.enterprise(district)
        event = record_held(by=liaison, event=talk, minutes="定稿", came=[Came(enterprise=other)])
    assert (event.minutes, event.held_at) == ("定稿", first)
    assert event.attendances.count() == 2
    assert AuditEntry.objects.filter(action="event.record_added").count() == 1


def test_presence_is_noted_of_the_rota_alone(liaison, service_day, unit):
    here, away = make.official(unit, name="周启明"), make.official(unit, name="吴迪")
    stranger = make.official(unit, name="李文")
    set_duties(by=liaison, event=service_day, officials=[here, away])
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=service_day, present=[stranger])
    assert "值守安排" in words(error)
    record_held(by=liaison, event=service_day, present=[here])
    assert dict(service_day.duties.values_list("official__name", "present")) == {
        "周启明": True, "吴迪": False,
    }  # fmt: skip


def test_papers_go_to_each_firm_once_or_are_taken_away(liaison, talk, firm, policy):
    came = [Came(enterprise=firm), Came(claimed_name="新企业")]
    each = Papers(policy=policy, copies=2, to_each=True)
    letter = Papers(policy=None, copies=30, to_each=False)
    event = record_held(by=liaison, event=talk, came=came, papers=[each, letter])
    given = {(one.subject_name, one.paper, one.copies) for one in event.hand_outs.all()}
    assert given == {(firm.name, "policy", 2), ("新企业", "policy", 2), ("现场取阅", "letter", 30)}
    event = record_held(by=liaison, event=talk, papers=[each])
    assert event.hand_outs.count() == 3
    assert HandOut.objects.filter(unit=event.organiser, occurred_at=event.starts_at).count() == 3


def test_papers_for_firms_need_firms(liaison, talk, policy):
    with pytest.raises(ValidationError) as error:
        record_held(by=liaison, event=talk, papers=[Papers(policy=policy, copies=1, to_each=True)])
    assert "先登记" in words(error)


def test_opinions_and_decisions_carry_the_event(liaison, talk, rsj):
    heard = Heard(content="简化验收", handling=Opinion.Handling.PASSED_ON, passed_to=rsj.unit)
    decision = Decision(content="组织专场招聘", unit=rsj.unit, due=date(2026, 12, 4))
    record_held(by=liaison, event=talk, opinions=[heard], decisions=[decision])
    opinion = Opinion.objects.get(event=talk)
    assert (opinion.unit, opinion.occurred_at, opinion.passed_to) == (talk.organiser, SATURDAY, rsj.unit)
    task = EventTask.objects.get(event=talk)
    assert (task.content, task.unit, task.due) == ("组织专场招聘", rsj.unit, date(2026, 12, 4))
    assert Notice.objects.filter(recipient=rsj, title__contains="组织专场招聘").exists()


def test_a_firm_that_did_not_come_is_taken_off_with_what_it_counted(liaison, talk, firm, district):
    record_held(by=liaison, event=talk, came=[Came(enterprise=firm)])
    with pytest.raises(PermissionDenied):
        stranger = make.user(make.unit(district, "huihe"), "liaison")
        remove_attendance(by=stranger, attendance=Attendance.objects.get())
    remove_attendance(by=liaison, attendance=Attendance.objects.get())
    assert not Attendance.objects.exists() and not Outreach.objects.exists()
    entry = AuditEntry.objects.get(action="event.attendance_removed")
    assert entry.data == {"enterprise": firm.pk, "project": None}


def test_two_firms_that_turn_out_to_be_one_came_once(liaison, talk, firm, district):
    twin = make.enterprise(district)
    record_held(by=liaison, event=talk, came=[Came(enterprise=firm), Came(enterprise=twin, attendee="赵敏")])
    join_attendances(firm, twin)
    assert talk.attendances.get().attendee == "赵敏" and Outreach.objects.count() == 1


@pytest.mark.parametrize("role", ["cadre", "window", "supervisor", "district_leader"])
def test_others_record_nothing(district, talk, role):
    with pytest.raises(PermissionDenied):
        record_held(by=make.user(make.unit(district, "datong"), role), event=talk)


# --- Tasks ----------------------------------------------------------------------------------------


@pytest.fixture
def task(liaison, talk, rsj):
    record_held(by=liaison, event=talk)
    return add_task(by=liaison, event=talk, content="组织专场招聘", unit=rsj.unit, due=date(2026, 12, 4))


def test_nothing_is_decided_before_it_was_held(liaison, talk, rsj):
    with pytest.raises(ValidationError) as error:
        add_task(by=liaison, event=talk, content="x", unit=rsj.unit, due=date(2026, 12, 4))
    assert "举办情况" in words(error)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"content": " "}, "content"), ({"due": date(2026, 11, 20)}, "due"), ({"due": date(2036, 1, 1)}, "due")],
)
def test_a_decision_needs_words_and_a_day_that_can_be(liaison, task, rsj, changes, field):
    given = {"content": "新事项", "unit": rsj.unit, "due": date(2026, 11, 21)} | changes
    with pytest.raises(ValidationError) as error:
        add_task(by=liaison, event=task.event, **given)
    assert field in error.value.message_dict


def test_the_unit_carries_it_out_and_the_organiser_hears_of_it(liaison, task, rsj):
    with pytest.raises(PermissionDenied):
        complete_task(by=liaison, task=task, result="办了")
    with pytest.raises(ValidationError):
        complete_task(by=rsj, task=task, result="  ")
    done = complete_task(by=rsj, task=task, result="到岗18人。")
    assert (done.done_by, done.result) == (rsj, "到岗18人。")
    assert Notice.objects.filter(recipient=liaison, title__contains="已完成").exists()
    with pytest.raises(ValidationError):
        complete_task(by=rsj, task=task, result="再报一次")


def test_what_is_not_done_goes_back_with_the_reason_and_keeps_its_words(liaison, task, rsj, district):
    with pytest.raises(ValidationError):
        reopen_task(by=liaison, task=task, reason="还没报")
    complete_task(by=rsj, task=task, result="已发布信息。")
    with pytest.raises(PermissionDenied):
        reopen_task(by=rsj, task=task, reason="自己退回")
    bureau = make.user(make.unit(district), "dispatcher")
    again = reopen_task(by=bureau, task=task, reason="没有人到岗")
    assert again.done_at is None and again.done_by is None
    assert again.result == "已发布信息。\n\n【2026-11-21 退回】没有人到岗"
    assert Notice.objects.filter(recipient=rsj, title__contains="被退回").exists()
    assert complete_task(by=rsj, task=task, result="到岗18人。").result.endswith("到岗18人。")


def test_an_open_task_is_put_right_and_its_new_unit_told(liaison, task, district):
    czj = make.user(make.unit(district, "czj"), "liaison")
    changed = change_task(by=liaison, task=task, content="落实贴息", unit=czj.unit, due=date(2026, 12, 11))
    assert (changed.content, changed.unit, changed.due) == ("落实贴息", czj.unit, date(2026, 12, 11))
    assert Notice.objects.filter(recipient=czj, title="议定事项交办：落实贴息").exists()
    complete_task(by=czj, task=task, result="已落实。")
    with pytest.raises(ValidationError):
        change_task(by=liaison, task=task, content="x", unit=czj.unit, due=date(2026, 12, 11))


def test_tasks_stand_in_the_order_of_their_urgency(liaison, task, rsj, moment):
    common = {"by": liaison, "event": task.event, "unit": rsj.unit}
    sooner = add_task(content="先办", due=date(2026, 11, 22), **common)
    done = add_task(content="已办", due=date(2026, 11, 21), **common)
    complete_task(by=rsj, task=done, result="办好了")
    assert list(EventTask.objects.in_order()) == [sooner, task, done]
    moment.move_to(at("2026-11-25 09:00"))
    assert list(EventTask.objects.overdue()) == [sooner]
    assert [one.colour for one in EventTask.objects.in_order()] == ["red", "green", "none"]
