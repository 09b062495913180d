from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEntry, Post
from core import clock
from enterprises.models import Enterprise
from liaisons.models import Assignment, Opinion
from liaisons.services.assignments import assign, end_assignment
from liaisons.services.opinions import record_opinion
from liaisons.services.visits import Guest, record_visit
from tests import factories as make


@pytest.fixture
def cadre(district):
    return make.official(make.unit(district, "datong"), title="副镇长", rank_group="unit_leaders")


@pytest.fixture
def firm(district):
    return make.enterprise(district)


def messages(error) -> str:
    return "；".join(error.value.messages)


# --- Assignments ----------------------------------------------------------------------------------


def test_an_assignment_counts_for_the_unit_of_the_cadres_main_post(dispatcher, cadre, firm, district):
    Post.objects.create(
        official=cadre,
        unit=make.unit(district, "kjj"),
        title="兼职",
        rank_group="staff",
        order=1,
        started=date(2020, 1, 1),
    )
    assignment = assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 1, 5))
    assert assignment.unit.code == "datong"
    assert assignment.region == firm.region
    entry = AuditEntry.objects.get(action="assignment.started")
    assert entry.object_id == str(assignment.pk) and entry.user_id == dispatcher.pk


def test_a_project_can_be_looked_after_too(dispatcher, cadre, district):
    project = make.project(district)
    assignment = assign(by=dispatcher, official=cadre, subject=project, started=clock.today())
    assert assignment.project == project and assignment.enterprise is None


def test_the_same_pair_is_not_assigned_twice_at_a_time(dispatcher, cadre, firm):
    first = assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 1, 5))
    with pytest.raises(ValidationError) as error:
        assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 2, 1))
    assert "已在联系" in messages(error)
    end_assignment(by=dispatcher, assignment=first, ended=date(2026, 3, 1))
    with pytest.raises(ValidationError):
        assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 2, 1))
    assert assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 3, 1)).pk


def test_a_cadre_without_a_post_on_the_first_day_is_refused(dispatcher, cadre, firm):
    with pytest.raises(ValidationError) as error:
        assign(by=dispatcher, official=cadre, subject=firm, started=date(2019, 12, 31))
    assert "任职" in messages(error)


def test_a_firm_that_left_the_roster_is_refused(dispatcher, cadre, firm):
    Enterprise.objects.filter(pk=firm.pk).update(active=False)
    with pytest.raises(ValidationError):
        assign(by=dispatcher, official=cadre, subject=firm, started=clock.today())


def test_a_date_far_ahead_is_refused(dispatcher, cadre, firm):
    with pytest.raises(ValidationError):
        assign(by=dispatcher, official=cadre, subject=firm, started=clock.today() + timedelta(days=400))


def test_a_liaison_assigns_the_own_unit_only(district, cadre, firm):
    own = make.user(make.unit(district, "datong"), "liaison")
    foreign = make.user(make.unit(district, "huihe"), "liaison")
    with pytest.raises(ValidationError):
        assign(by=foreign, official=cadre, subject=firm, started=clock.today())
    in_huihe = make.enterprise(district, region=make.township(district, "灰河乡"))
    with pytest.raises(ValidationError):
        assign(by=own, official=cadre, subject=in_huihe, started=clock.today())
    department = make.user(make.unit(district, "zjj"), "liaison")
    with pytest.raises(ValidationError) as error:
        assign(by=department, official=cadre, subject=firm, started=clock.today())
    assert "本单位" in messages(error)
    assert assign(by=own, official=cadre, subject=firm, started=clock.today()).unit.code == "datong"


@pytest.mark.parametrize("role", ["cadre", "window", "unit_leader", "supervisor", "district_leader", "admin"])
def test_others_assign_nobody(district, cadre, firm, role):
    with pytest.raises(PermissionDenied):
        assign(by=make.user(make.unit(district), role), official=cadre, subject=firm, started=clock.today())


def test_an_assignment_holds_up_to_but_not_including_its_last_date(dispatcher, cadre, firm):
    assignment = assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 1, 5))
    end_assignment(by=dispatcher, assignment=assignment, ended=date(2026, 4, 1))
    in_force = [
        Assignment.objects.in_force(day).exists()
        for day in (date(2026, 1, 4), date(2026, 1, 5), date(2026, 3, 31), date(2026, 4, 1))
    ]
    assert in_force == [False, True, True, False]
    assert AuditEntry.objects.filter(action="assignment.ended").count() == 1


def test_an_assignment_ends_once_and_after_its_start(dispatcher, cadre, firm):
    assignment = assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 1, 5))
    with pytest.raises(ValidationError):
        end_assignment(by=dispatcher, assignment=assignment, ended=date(2026, 1, 5))
    end_assignment(by=dispatcher, assignment=assignment, ended=date(2026, 4, 1))
    with pytest.raises(ValidationError):
        end_assignment(by=dispatcher, assignment=assignment, ended=date(2026, 5, 1))
    assignment.refresh_from_db()
    assert assignment.ended == date(2026, 4, 1)


def test_a_liaison_of_another_unit_does_not_end_it(dispatcher, cadre, firm, district):
    assignment = assign(by=dispatcher, official=cadre, subject=firm, started=date(2026, 1, 5))
    with pytest.raises(PermissionDenied):
        end_assignment(
            by=make.user(make.unit(district, "huihe"), "liaison"), assignment=assignment, ended=clock.today()
        )


# --- Visits ---------------------------------------------------------------------------------------


@pytest.fixture
def visit_of(district, cadre, firm):
    def record(**changes):
        unit = make.unit(district, "datong")
        given = {
            "by": make.user(unit, "cadre", official=None),
            "reporting_unit": unit,
            "kind": "visit",
            "occurred_at": timezone.make_aware(datetime(2026, 11, 17, 10, 0)),
            "region": firm.region,
            "officials": [cadre],
            "enterprise": firm,
            "findings": "订单充足，缺操作工",
        }
        with clock.at(timezone.make_aware(datetime(2026, 11, 18, 9, 0))):
            return record_visit(**(given | changes))

    return record


def test_a_participant_keeps_the_group_held_on_the_day_of_the_visit(visit_of, cadre, district):
    Post.objects.filter(official=cadre).update(ended=date(2026, 11, 1))
    Post.objects.create(
        official=cadre,
        unit=make.unit(district, "qzfb"),
        title="副区长",
        rank_group="district_leaders",
        started=date(2026, 11, 1),
    )
    before = visit_of(occurred_at=timezone.make_aware(datetime(2026, 10, 31, 23, 59)))
    after = visit_of()
    assert [p.rank_group for p in before.participants.all()] == ["unit_leaders"]
    assert [(p.rank_group, p.title) for p in after.participants.all()] == [("district_leaders", "副区长")]
    Post.objects.filter(official=cadre).update(rank_group="staff")
    assert after.participants.get().rank_group == "district_leaders"


def test_nobody_is_counted_twice_in_a_visit(visit_of, cadre):
    guest = Guest(name="李处长", unit_name="市工信局", title="处长", rank_group="city_leaders")
    visit = visit_of(officials=[cadre, cadre], guests=[guest, guest])
    assert visit.participants.count() == 2


def test_a_visit_needs_somebody_who_went(visit_of):
    with pytest.raises(ValidationError):
        visit_of(officials=[])


def test_a_visit_lies_neither_ahead_nor_before_the_action(visit_of):
    for moment in (datetime(2026, 11, 18, 9, 1), datetime(2024, 1, 31, 23, 59), datetime(1, 1, 1)):
        with pytest.raises(ValidationError):
            visit_of(occurred_at=timezone.make_aware(moment))
    assert visit_of(occurred_at=timezone.make_aware(datetime(2024, 2, 1))).pk


def test_unknown_kinds_and_groups_are_refused(visit_of):
    with pytest.raises(ValidationError):
        visit_of(kind="nonsense")
    with pytest.raises(ValidationError):
        visit_of(guests=[Guest(name="李处长", unit_name="市工信局", rank_group="nonsense")])


def test_a_visit_is_found_by_firm_and_findings(visit_of, firm):
    visit = visit_of()
    assert list(type(visit).objects.search("操作工")) == [visit]
    assert list(type(visit).objects.search(firm.name[:6])) == [visit]


def test_an_opinion_counts_for_the_visits_unit_and_day(visit_of, district):
    visit = visit_of()
    opinion = record_opinion(
        by=visit.recorded_by, visit=visit, content="简化验收", handling=Opinion.Handling.HEARD
    )
    assert (opinion.unit, opinion.occurred_at) == (visit.reporting_unit, visit.occurred_at)
    with pytest.raises(ValidationError):
        record_opinion(
            by=visit.recorded_by, visit=visit, content="简化验收", handling=Opinion.Handling.PASSED_ON
        )


def test_whoever_recorded_a_visit_for_another_unit_sees_it(visit_of, district):
    visit = visit_of(by=make.user(make.unit(district, "zjj"), "cadre"))
    assert type(visit).objects.visible_to(visit.recorded_by).filter(pk=visit.pk).exists()
    stranger = make.user(make.unit(district, "zjj"), "cadre")
    assert not type(visit).objects.visible_to(stranger).filter(pk=visit.pk).exists()
