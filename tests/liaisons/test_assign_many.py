from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from liaisons.models import Assignment
from liaisons.services.assignments import assign, assign_many
from tests import factories as make

STARTED = date(2026, 1, 5)


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


@pytest.fixture
def cadre(district):
    return make.official(make.unit(district, "datong"))


@pytest.fixture
def firms(district):
    return [make.enterprise(district) for _ in range(3)]


def test_a_township_shares_out_its_firms_at_once(liaison, cadre, firms, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        made = assign_many(by=liaison, official=cadre, subjects=firms, started=STARTED)
    assert {one.enterprise for one in made} == set(firms)
    assert {one.unit.code for one in made} == {"datong"}
    assert AuditEntry.objects.get(action="assignment.started").data["assignments"] == [one.pk for one in made]


def test_one_firm_out_of_reach_refuses_all(liaison, cadre, firms, district):
    elsewhere = make.enterprise(district, region=make.township(district, "周潭镇"))
    with pytest.raises(ValidationError, match="不在您可以安排的范围内"):
        assign_many(by=liaison, official=cadre, subjects=[*firms, elsewhere], started=STARTED)
    assert not Assignment.objects.exists()


def test_one_firm_assigned_already_refuses_all(liaison, cadre, firms):
    assign(by=liaison, official=cadre, subject=firms[1], started=STARTED)
    with pytest.raises(ValidationError, match="已在联系"):
        assign_many(by=liaison, official=cadre, subjects=firms, started=STARTED)
    assert Assignment.objects.count() == 1


def test_only_dispatchers_and_liaisons_may(district, cadre, firms):
    window = make.user(make.unit(district, "datong_window"), "window")
    with pytest.raises(PermissionDenied):
        assign_many(by=window, official=cadre, subjects=firms, started=STARTED)
