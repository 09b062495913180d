"""Events before they are held: planned, announced, moved, called off, with a rota."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, Post
from liaisons.models import ServiceEvent
from liaisons.services.events import (
    RotaLine,
    RotaRefused,
    announce,
    cancel,
    change_event,
    plan_event,
    plan_rota,
    set_duties,
)
from notifications.models import Notice
from tests import factories as make
from tests.liaisons.happenings import SATURDAY, WEDNESDAY, announced, at, plan_of, planned


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


def refusal(error) -> dict[str, list[str]]:
    return error.value.message_dict


# --- Planning -------------------------------------------------------------------------------------


def test_a_planned_event_takes_its_name_from_its_kind_and_is_on_record(liaison, unit):
    event = planned(liaison)
    assert (event.title, event.state) == ("“亲清有约”周六助企服务日", "planned")
    assert (event.organiser, event.region, event.district) == (unit, unit.region, unit.district)
    assert AuditEntry.objects.get(action="event.planned").object_id == str(event.pk)


def test_an_event_without_organiser_is_refused_in_words(liaison):
    with pytest.raises(ValidationError) as error:
        plan_event(by=liaison, plan=plan_of(None))
    assert refusal(error) == {"organiser": ["请选择承办单位，没有承办单位的活动不能安排。"]}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"ends_at": SATURDAY}, "ends_at", "晚于开始"),
        ({"ends_at": SATURDAY - timedelta(hours=1)}, "ends_at", "晚于开始"),
        ({"ends_at": SATURDAY + timedelta(days=8)}, "ends_at", "最长7天"),
        ({"starts_at": at("2026-11-18 10:00")}, "starts_at", "已过"),
        ({"starts_at": at("2026-11-14 09:00")}, "starts_at", "补记"),
        ({"starts_at": at("2027-11-20 09:00")}, "starts_at", "一年"),
        ({"kind": "nonsense"}, "kind", "类别"),
        ({"phone": "12"}, "phone", "电话"),
        ({"topic": "议" * 201}, "topic", "200"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(liaison, changes, field, words):
    with pytest.raises(ValidationError) as error:
        planned(liaison, **changes)
    assert words in "".join(refusal(error)[field])
    assert not ServiceEvent.objects.exists()


def test_an_event_that_was_held_is_entered_afterwards_but_not_ahead(liaison):
    last_saturday = plan_of(liaison.unit, starts_at=at("2026-11-14 09:00"))
    assert plan_event(by=liaison, plan=last_saturday, afterwards=True).state == "planned"
    with pytest.raises(ValidationError) as error:
        plan_event(by=liaison, plan=plan_of(liaison.unit), afterwards=True)
    assert "不能晚于今天" in refusal(error)["starts_at"][0]
    with pytest.raises(ValidationError) as error:
        plan_event(by=liaison, plan=plan_of(liaison.unit, starts_at=at("2024-01-31 09:00")), afterwards=True)
    assert "专项行动开始" in refusal(error)["starts_at"][0]


def test_the_same_kind_place_and_time_is_planned_once(liaison, dispatcher):
    first = planned(liaison)
    with pytest.raises(ValidationError) as error:
        planned(dispatcher, organiser=liaison.unit, place=" 大通镇便民服务中心一楼 ")
    assert first.title in refusal(error)["starts_at"][0]
    assert planned(dispatcher, place="区政务服务中心").pk
    cancel(by=liaison, event=first, reason="场地维修")
    assert planned(liaison).pk


def test_a_leader_must_hold_a_post_that_day_and_be_in_one_place(liaison, leader):
    Post.objects.filter(official=leader).update(ended=date(2026, 11, 21))
    with pytest.raises(ValidationError) as error:
        planned(liaison, leader=leader)
    assert "没有任职记录" in refusal(error)["leader"][0]
    Post.objects.filter(official=leader).update(ended=None)
    planned(liaison, leader=leader)
    with pytest.raises(ValidationError) as error:
        planned(liaison, leader=leader, place="别处", starts_at=at("2026-11-21 11:00"))
    assert "时间冲突" in refusal(error)["leader"][0]
    assert planned(liaison, leader=leader, place="别处", starts_at=at("2026-11-21 11:30")).leader == leader


def test_units_of_another_district_do_not_take_part(liaison, district):
    other = make.another_district(district)
    with pytest.raises(ValidationError) as error:
        planned(liaison, units=[make.unit(other, "kjj")])
    assert "本区县" in refusal(error)["units"][0]


@pytest.mark.parametrize(
    ("code", "role", "may"),
    [
        ("kjj", "dispatcher", True), ("kjj", "bureau_leader", True), ("datong", "unit_leader", True),
        ("datong", "cadre", False), ("datong_window", "window", False), ("qzfb", "district_leader", False),
        ("jwdc", "supervisor", False), ("kjj", "admin", False),
    ],
)  # fmt: skip
def test_the_bureau_and_the_units_own_desk_plan(district, unit, code, role, may):
    user = make.user(make.unit(district, code), role)
    if may:
        assert planned(user, organiser=unit).organiser == unit
    else:
        with pytest.raises(PermissionDenied):
            planned(user, organiser=unit)


def test_a_liaison_plans_for_the_own_unit_and_its_window_alone(liaison, district):
    assert planned(liaison, organiser=make.unit(district, "datong_window")).pk
    with pytest.raises(ValidationError) as error:
        planned(liaison, organiser=make.unit(district, "huihe"), place="灰河乡政府")
    assert "本单位" in refusal(error)["organiser"][0]


# --- Announcing, changing, calling off ------------------------------------------------------------


def test_an_announcement_needs_place_and_leader_or_units(liaison, leader, district):
    event = planned(liaison, place="")
    with pytest.raises(ValidationError) as error:
        announce(by=liaison, event=event)
    assert set(refusal(error)) == {"place", "leader"}
    change_event(by=liaison, event=event, plan=plan_of(liaison.unit, units=[make.unit(district, "rsj")]))
    assert announce(by=liaison, event=event).announced_at is not None


def test_only_public_kinds_are_announced_and_only_ahead(liaison, leader, wednesday):
    symposium = planned(liaison, kind="symposium", leader=leader)
    with pytest.raises(ValidationError) as error:
        announce(by=liaison, event=symposium)
    assert "不对外公示" in refusal(error)["kind"][0]
    late = planned(liaison, leader=leader, place="别处", starts_at=at("2026-11-19 09:00"))
    wednesday.move_to("2026-11-19 09:00+08:00")
    with pytest.raises(ValidationError):
        announce(by=liaison, event=late)


def test_whoever_takes_part_is_told_of_the_announcement(liaison, leader, dispatcher, district):
    signs_in = make.user(make.unit(district, "qzfb"), "district_leader", official=leader)
    takes_part = make.user(make.unit(district, "rsj"), "liaison")
    stranger = make.user(make.unit(district, "czj"), "liaison")
    announced(dispatcher, organiser=liaison.unit, leader=leader, units=[takes_part.unit])
    told = set(Notice.objects.values_list("recipient", flat=True))
    assert told == {signs_in.pk, takes_part.pk, liaison.pk} and stranger.pk not in told


def test_a_moved_event_says_so_and_what_it_was(liaison, leader):
    event = announced(liaison, leader=leader)
    same = plan_of(liaison.unit, leader=leader, notes="带好公章")
    event = change_event(by=liaison, event=event, plan=same)
    assert (event.revision, event.changed_at, event.changed_from) == (0, None, "")
    moved = plan_of(liaison.unit, leader=leader, starts_at=at("2026-11-21 14:00"))
    event = change_event(by=liaison, event=event, plan=moved)
    assert event.revision == 1 and event.changed_at is not None
    assert event.changed_from == "2026年11月21日（星期六）09:00—11:30，大通镇便民服务中心一楼"
    other_topic = plan_of(liaison.unit, leader=leader, starts_at=at("2026-11-21 14:00"), topic="用工")
    event = change_event(by=liaison, event=event, plan=other_topic)
    assert event.revision == 2 and "09:00" in event.changed_from


def test_an_announced_event_keeps_what_it_was_announced_with(liaison, leader):
    event = announced(liaison, leader=leader)
    with pytest.raises(ValidationError) as error:
        change_event(by=liaison, event=event, plan=plan_of(liaison.unit, place=""))
    assert set(refusal(error)) == {"place", "leader"}
    with pytest.raises(ValidationError) as error:
        past = plan_of(liaison.unit, leader=leader, starts_at=at("2026-11-17 09:00"))
        change_event(by=liaison, event=event, plan=past)
    assert "已过" in refusal(error)["starts_at"][0]


def test_a_planned_event_moves_without_the_public_hearing_of_it(liaison):
    event = planned(liaison)
    event = change_event(by=liaison, event=event, plan=plan_of(liaison.unit, place="新址"))
    assert (event.place, event.revision, event.changed_at) == ("新址", 0, None)


def test_an_event_called_off_stays_with_its_reason(liaison, leader):
    event = announced(liaison, leader=leader)
    for reason in ("", "  "):
        with pytest.raises(ValidationError) as error:
            cancel(by=liaison, event=event, reason=reason)
        assert "取消原因" in refusal(error)["reason"][0]
    event = cancel(by=liaison, event=event, reason="防汛值班")
    assert (event.state, event.cancel_reason, event.revision) == ("cancelled", "防汛值班", 1)
    assert ServiceEvent.objects.public().filter(pk=event.pk).exists()
    with pytest.raises(ValidationError):
        cancel(by=liaison, event=event, reason="再取消")
    with pytest.raises(ValidationError):
        change_event(by=liaison, event=event, plan=plan_of(liaison.unit))
    with pytest.raises(ValidationError):
        announce(by=liaison, event=event)


def test_another_units_liaison_touches_nothing(liaison, district):
    event = planned(liaison)
    stranger = make.user(make.unit(district, "huihe"), "liaison")
    for act in (
        lambda: announce(by=stranger, event=event),
        lambda: cancel(by=stranger, event=event, reason="x"),
        lambda: set_duties(by=stranger, event=event, officials=[]),
        lambda: change_event(by=stranger, event=event, plan=plan_of(liaison.unit)),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- The rota -------------------------------------------------------------------------------------


def test_whoever_is_on_duty_is_told_once(liaison, unit):
    official = make.official(unit, name="周启明")
    account = make.user(unit, "cadre", official=official)
    event = planned(liaison)
    for _ in range(2):
        duties = set_duties(by=liaison, event=event, officials=[official])
    assert [(duty.official, duty.unit) for duty in duties] == [(official, unit)]
    assert Notice.objects.filter(recipient=account).count() == 1
    assert set_duties(by=liaison, event=event, officials=[]) == []


def test_nobody_is_on_duty_in_two_places_at_once(liaison, dispatcher, unit, leader):
    official = make.official(unit, name="周启明")
    set_duties(by=liaison, event=planned(liaison), officials=[official])
    same_time = planned(dispatcher, place="区政务服务中心", starts_at=at("2026-11-21 10:00"))
    with pytest.raises(ValidationError) as error:
        set_duties(by=dispatcher, event=same_time, officials=[official])
    assert "周启明11月21日 09:00 已安排在" in refusal(error)["officials"][0]
    afternoon = planned(dispatcher, place="区政务服务中心", starts_at=at("2026-11-21 14:00"))
    set_duties(by=dispatcher, event=afternoon, officials=[official])
    with pytest.raises(ValidationError) as error:
        earlier = plan_of(dispatcher.unit, place="区政务服务中心", starts_at=at("2026-11-21 11:00"))
        change_event(by=dispatcher, event=afternoon, plan=earlier)
    assert "时间冲突" in refusal(error)["starts_at"][0]
    leads = planned(dispatcher, leader=leader, place="开发区", starts_at=at("2026-11-21 08:00"))
    with pytest.raises(ValidationError):
        set_duties(by=liaison, event=ServiceEvent.objects.get(organiser=unit), officials=[leader])
    cancel(by=dispatcher, event=leads, reason="改期")
    set_duties(by=liaison, event=ServiceEvent.objects.get(organiser=unit), officials=[leader])


def test_who_has_left_is_not_on_duty(liaison, unit):
    official = make.official(unit, name="周启明")
    Post.objects.filter(official=official).update(ended=date(2026, 11, 20))
    with pytest.raises(ValidationError) as error:
        set_duties(by=liaison, event=planned(liaison), officials=[official])
    assert "周启明在活动当天（2026-11-21）没有任职记录" in refusal(error)["officials"][0]


def test_a_rota_is_planned_as_a_whole_and_only_what_is_missing(dispatcher, unit, district):
    official = make.official(unit, name="周启明")
    huihe = make.unit(district, "huihe")
    lines = [
        RotaLine(plan=plan_of(unit), officials=[official]),
        RotaLine(plan=plan_of(huihe, starts_at=at("2026-11-28 09:00"), place="")),
    ]
    assert [event.organiser.code for event in plan_rota(by=dispatcher, lines=lines)] == ["datong", "huihe"]
    assert plan_rota(by=dispatcher, lines=lines) == []
    assert ServiceEvent.objects.count() == 2
    assert ServiceEvent.objects.get(organiser=unit).duties.get().official == official


def test_a_rota_with_a_wrong_line_plans_nothing(dispatcher, unit):
    lines = [RotaLine(plan=plan_of(unit)), RotaLine(plan=plan_of(None, starts_at=at("2026-11-28 09:00")))]
    with pytest.raises(RotaRefused) as refused:
        plan_rota(by=dispatcher, lines=lines)
    assert refused.value.index == 1 and "承办单位" in str(refused.value)
    assert not ServiceEvent.objects.exists()
