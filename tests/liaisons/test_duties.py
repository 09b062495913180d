"""Who owes a visit on Thursday 2026-11-19: the quarter is October to December, the one before July to September."""

from datetime import date

import pytest
import time_machine

from districts.models import DistrictProfile
from liaisons.duties import behind, duties, visited
from liaisons.models import Assignment
from liaisons.services.assignments import end_assignment
from tests import factories as make

LONG_AGO = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def a_thursday_in_november():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


def judged(district, assignment: Assignment) -> tuple[bool, bool]:
    """(visited in this period, behind with the one before)."""
    owed = duties(DistrictProfile.objects.in_force(district).rules).values()
    return (
        Assignment.objects.annotate(been=visited(owed), late=behind(owed))
        .values_list("been", "late")
        .get(pk=assignment.pk)
    )


def test_the_profile_says_how_often_each_tier_is_visited(district):
    owed = duties(DistrictProfile.objects.in_force(district).rules)
    assert (owed["above_scale"].period.start, owed["above_scale"].period.end) == (
        date(2026, 10, 1),
        date(2027, 1, 1),
    )
    assert owed["above_scale"].before.label == "上季度"
    assert owed["small"].period.start == date(2026, 7, 1)
    assert owed["small"].kinds == ()
    assert owed["above_scale"].days_left == 43


@pytest.mark.parametrize(
    ("day", "been", "late"),
    [
        (date(2026, 6, 30), False, True),
        (date(2026, 7, 1), False, False),
        (date(2026, 9, 30), False, False),
        (date(2026, 10, 1), True, False),
    ],
)
def test_a_visit_counts_for_the_quarter_it_was_paid_in(network, day, been, late):
    firm = network.firm()
    assignment = network.assigned(firm, started=LONG_AGO)
    network.visit(firm, day)
    assert judged(network.district, assignment) == (been, late)


def test_a_firm_never_visited_is_behind_once_a_whole_quarter_was_missed(network):
    old = network.assigned(network.firm(), started=date(2026, 7, 1))
    young = network.assigned(network.firm(), started=date(2026, 7, 2))
    assert judged(network.district, old) == (False, True)
    assert judged(network.district, young) == (False, False)


def test_a_phone_call_is_no_visit_to_a_firm_above_scale_but_is_one_to_a_small_one(network):
    large, small = network.firm(), network.firm(tier="small")
    of_large = network.assigned(large, started=LONG_AGO)
    of_small = network.assigned(small, started=LONG_AGO)
    for firm in (large, small):
        network.visit(firm, date(2026, 11, 2), kind="phone")
    assert judged(network.district, of_large) == (False, True)
    assert judged(network.district, of_small) == (True, False)


def test_a_visit_by_somebody_who_does_not_look_after_the_firm_does_not_count(network):
    firm = network.firm()
    assignment = network.assigned(firm, started=LONG_AGO)
    network.visit(firm, date(2026, 11, 2), who=network.bob)
    assert judged(network.district, assignment) == (False, True)


def test_a_handover_makes_nobody_late(network):
    firm = network.firm()
    first = network.assigned(firm, started=LONG_AGO)
    network.visit(firm, date(2026, 10, 9))
    end_assignment(by=network.dispatcher, assignment=first, ended=date(2026, 11, 1))
    second = network.assigned(firm, network.bob, started=date(2026, 11, 1))
    assert judged(network.district, second) == (True, False)


def test_a_project_is_owed_a_visit_too(network, district):
    project = make.project(district)
    assignment = network.assigned(project, started=LONG_AGO)
    assert judged(district, assignment) == (False, True)
    network.visit(project, date(2026, 10, 8))
    assert judged(district, assignment) == (True, False)
