"""Several who grade, confirm, rule or open the same list at the same moment: it is done once."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError

from core import clock
from enterprises.grades import grading, objections, subjects
from enterprises.models import GradeDuty, GradeObjection, GradeRecord
from tests.appeals.test_races import at_once
from tests.enterprises.grading import Organs, firm_of, graded, organs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who(transactional_db: None, district) -> Organs:
    return organs(district)


@pytest.fixture
def firm(who, district):
    return firm_of(district)


def outcomes(results: list[object]) -> Counter:
    return Counter(type(result) for result in results)


def test_six_who_give_the_same_grade_give_one(who, firm):
    results = at_once(*[lambda: graded(who.grader, firm, "green")] * 6)
    assert outcomes(results) == {GradeRecord: 1, ValidationError: 5}
    assert GradeDuty.objects.get().record == GradeRecord.objects.get()


def test_six_batches_grade_every_firm_once(who, district, firm):
    firms = [firm, *(firm_of(district, f"铜陵第{number}厂有限公司") for number in range(3))]
    at_once(
        *[
            lambda: grading.grade_many(
                by=who.grader, enterprises=firms, field="environment", grade="green", reason="x"
            )
        ]
        * 6
    )
    assert GradeRecord.objects.count() == GradeDuty.objects.count() == 4


def test_six_reds_wait_once_and_are_confirmed_once(who, firm):
    results = at_once(*[lambda: graded(who.grader, firm, "red")] * 6)
    assert outcomes(results) == {GradeRecord: 1, ValidationError: 5}
    record = GradeRecord.objects.get()
    confirmed = at_once(*[lambda: grading.confirm(by=who.leader, record=record, agree=True)] * 6)
    assert outcomes(confirmed) == {GradeRecord: 1, ValidationError: 5}


def test_six_lists_of_the_season_are_one(who, district, firm):
    firm_of(district, "铜陵第二机械有限公司")
    results = at_once(*[lambda: subjects.open_season(by=who.grader, field="environment")] * 6)
    assert outcomes(results) == {subjects.Opened: 6}
    assert GradeDuty.objects.count() == 2 == sum(result.added for result in results)


def test_six_objections_are_one_and_are_ruled_on_once(who, firm):
    record = graded(who.grader, firm, "yellow")
    facts = {"record": record, "content": "请复核", "how": "letter", "received_on": clock.today()}
    results = at_once(*[lambda: objections.register_objection(by=who.gatherer, **facts)] * 6)
    assert outcomes(results) == {GradeObjection: 1, ValidationError: 5}
    found = GradeObjection.objects.get()
    ruled = at_once(
        *[
            lambda: objections.rule(
                by=who.leader, objection=found, result="changed", ruling="属实", grade="green"
            )
        ]
        * 6
    )
    assert outcomes(ruled) == {GradeObjection: 1, ValidationError: 5}
    assert GradeRecord.objects.count() == 2
