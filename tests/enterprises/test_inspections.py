"""涉企检查: planned with its warnings, joined, moved to the day the township suggests, held, put right."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core import clock
from enterprises.grade_querysets import rules_for
from enterprises.grades import grading, inspections
from enterprises.grades.inspections import Visit
from enterprises.models import Inspection
from notifications.models import Notice
from tests import factories as make
from tests.enterprises.grading import NOW, firm_of, graded, organs

DAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def who(district):
    return organs(district)


@pytest.fixture
def firm(district):
    return firm_of(district)


def plan(by, firm, **changes) -> Inspection:
    facts = {"planned_on": DAY, "basis": "random", "matter": "危废贮存"} | changes
    return inspections.plan_inspection(by=by, visit=Visit(enterprise=firm, **facts))


def refused(by, firm, **changes) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        plan(by, firm, **changes)
    return error.value.message_dict


def test_a_firm_without_a_grade_is_inspected_as_usual_and_its_township_is_told(who, firm):
    found = plan(who.grader, firm)
    assert (found.unit, found.joint, found.warned) == (who.grader.unit, False, "")
    assert Notice.objects.get(channel="inbox").recipient == who.town


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"basis": "x"}, "basis"), ({"matter": " "}, "matter"), ({"planned_on": date(2026, 11, 18)}, "planned_on"),
     ({"planned_on": date(2028, 1, 1)}, "planned_on"), ({"basis": "complaint"}, "ground")],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(who, firm, changes, field):
    assert field in refused(who.grader, firm, **changes)


@pytest.mark.parametrize("name", ["gatherer", "dispatcher", "supervisor", "stranger", "town"])
def test_the_organs_alone_plan(who, firm, name):
    with pytest.raises(PermissionDenied):
        plan(getattr(who, name), firm)


def test_a_green_firm_is_left_in_peace_without_a_ground(who, firm):
    graded(who.grader, firm, "green")
    said = refused(who.grader, firm)["despite"]
    assert "一般不主动实施现场检查" in said[0]
    assert plan(who.grader, firm, basis="complaint", ground="12345 工单 26-118").warned == ""
    assert plan(who.grader, firm, on_site=False).warned == "", "looking at the monitoring data is no visit"
    despite = plan(who.grader, firm, despite="省级督察点名")
    assert "绿标" in despite.warned and despite.despite == "省级督察点名"


def test_it_is_the_grade_in_the_organs_own_field_that_counts(who, firm):
    graded(who.grader, firm, "green")
    assert plan(who.safety, firm).warned == ""


def test_more_than_the_grade_allows_in_a_year_is_warned_of(who, firm):
    graded(who.grader, firm, "yellow")
    plan(who.grader, firm)
    plan(who.grader, firm, planned_on=DAY + timedelta(days=3))
    plan(who.grader, firm, basis="referred", ground="交办单 3 号")
    said = refused(who.grader, firm)["despite"]
    assert "每年现场检查不超过 2 次，2026年已安排 2 次" in said[0]
    assert plan(who.grader, firm, planned_on=date(2027, 1, 8)).warned == "", "another year"


def test_a_red_firm_may_be_inspected_as_often_as_needed(who, firm):
    grading.confirm(by=who.leader, record=graded(who.grader, firm, "red"), agree=True)
    assert [plan(who.grader, firm).warned for _ in range(4)] == [""] * 4


def test_two_organs_at_one_firm_within_thirty_days_are_told_to_go_together(who, firm):
    first = plan(who.grader, firm)
    said = refused(who.safety, firm, planned_on=DAY + timedelta(days=30))["despite"]
    assert "生态环境分局计划 2026-11-25 检查这家企业，建议并为一次联合检查" in said[0]
    assert plan(who.safety, firm, planned_on=DAY + timedelta(days=31)).warned == ""
    assert plan(who.safety, firm, partners=(first.unit,)).joint
    inspections.join_inspection(by=who.safety, inspection=first)
    first.refresh_from_db()
    assert first.joint and list(first.partners.all()) == [who.safety.unit]
    with pytest.raises(ValidationError, match="已在这次检查中"):
        inspections.join_inspection(by=who.safety, inspection=first)


def test_the_month_shows_what_could_be_one_inspection(who, district, firm):
    other = firm_of(district, "铜陵二厂有限公司")
    plan(who.grader, firm), plan(who.grader, other)
    plan(who.safety, firm, planned_on=DAY + timedelta(days=9), despite="专项时间固定")
    plan(who.safety, other, planned_on=DAY + timedelta(days=60))
    rows = list(Inspection.objects.select_related("enterprise", "unit"))
    (meeting,) = inspections.joint_suggestions(rows, 30)
    assert meeting.enterprise == firm and len(meeting.inspections) == 2


def test_partners_are_organs_of_the_district(who, firm):
    assert "partners" in refused(who.grader, firm, partners=(who.stranger.unit,))
    units = {unit.code for unit in inspections.partners_of(who.grader, rules_for(who.grader))}
    assert units == {"yjj", "scjg", "xfjy"}


def test_the_township_suggests_another_day_and_the_organ_decides(who, firm):
    found = plan(who.grader, firm)
    for name in ("other_town", "safety", "dispatcher"):
        with pytest.raises(PermissionDenied):
            inspections.suggest_day(by=getattr(who, name), inspection=found, day=DAY)
    with pytest.raises(ValidationError):
        inspections.suggest_day(by=who.town, inspection=found, day=date(2026, 11, 1))
    found = inspections.suggest_day(
        by=who.town, inspection=found, day=DAY + timedelta(days=5), note="赶制订单"
    )
    assert (found.planned_on, found.suggested_on) == (DAY, DAY + timedelta(days=5))
    assert inspections.move_inspection(
        by=who.grader, inspection=found, planned_on=found.suggested_on
    ).planned_on == DAY + timedelta(days=5)


def held(who, firm, **changes) -> Inspection:
    facts = {"held_on": NOW.date(), "result": "rectify", "findings": "台账不全", "rectify_by": DAY} | changes
    return inspections.record_result(by=who.grader, inspection=plan(who.grader, firm), **facts)


def test_what_was_found_is_recorded_and_put_right(who, firm):
    found = held(who, firm)
    assert (found.result, found.rectify_by, clock.local_date(found.held_at)) == ("rectify", DAY, NOW.date())
    with pytest.raises(ValidationError, match="已登记结果"):
        inspections.cancel_inspection(by=who.grader, inspection=found, reason="x")
    with pytest.raises(PermissionDenied):
        inspections.record_rectified(by=who.safety, inspection=found, day=NOW.date(), note="已改")
    with pytest.raises(ValidationError):
        inspections.record_rectified(
            by=who.grader, inspection=found, day=NOW.date() - timedelta(1), note="已改"
        )
    found = inspections.record_rectified(by=who.grader, inspection=found, day=NOW.date(), note="已改")
    assert found.rectified_on == NOW.date()
    with pytest.raises(ValidationError, match="没有待完成的整改"):
        inspections.record_rectified(by=who.grader, inspection=found, day=NOW.date(), note="再改")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"held_on": date(2026, 11, 20)}, "held_on"), ({"held_on": date(2026, 6, 1)}, "held_on"), ({"result": "x"}, "result"),
     ({"findings": " "}, "findings"), ({"rectify_by": None}, "rectify_by"), ({"rectify_by": date(2026, 1, 1)}, "rectify_by")],
)  # fmt: skip
def test_a_result_that_makes_no_sense_is_refused(who, firm, changes, field):
    with pytest.raises(ValidationError) as error:
        held(who, firm, **changes)
    assert field in error.value.message_dict


def test_a_cancelled_one_counts_no_more(who, firm):
    graded(who.grader, firm, "yellow")
    found = plan(who.grader, firm)
    with pytest.raises(PermissionDenied):
        inspections.cancel_inspection(by=who.safety, inspection=found, reason="x")
    with pytest.raises(ValidationError):
        inspections.cancel_inspection(by=who.grader, inspection=found, reason=" ")
    inspections.cancel_inspection(by=who.grader, inspection=found, reason="改为网络监测")
    visit = Visit(enterprise=firm, planned_on=DAY, basis="random")
    assert inspections.in_year(who.grader.unit, visit, rules_for(who.grader)) == 0


def test_another_district_plans_nothing_here_and_sees_nothing(who, district, firm):
    other = make.another_district(district)
    foreigner = make.user(make.unit(other, "kjj"), "dispatcher")
    plan(who.grader, firm)
    assert not Inspection.objects.visible_to(foreigner).exists()
    foreign = firm_of(other, "铜官二厂有限公司", region=make.township(other, "西湖镇"))
    assert "enterprise" in refused(who.grader, foreign)
