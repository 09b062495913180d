"""The indicators of grading and inspections, against counts made by hand; nothing of them is ever published."""

from datetime import date, datetime, timedelta

import pytest

from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from enterprises.grades import grading, inspections, subjects
from enterprises.grades.inspections import Visit
from reports import evidence
from reports.indicators import RATES, REGISTRY
from reports.indicators.counting import context_for
from reports.indicators.grades import GRADING, INTERNAL, RATES_OF_GRADING
from reports.public_figures import unknown_names
from tests.enterprises.grading import NOW, SPRING, firm_of, graded, organs


@pytest.fixture
def who(district):
    return organs(district)


def over(district, first: date, last: date):
    """The district from the beginning of a day to the end of another."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (first, last))
    rules = DistrictProfile.objects.in_force(district).rules
    return context_for(district, rules, start, end + timedelta(days=1))


def values(district, first: date, last: date) -> dict[str, int]:
    context = over(district, first, last)
    return {one.name: int(one.value(context)) for one in GRADING}


def test_what_was_due_and_given_and_inspected_together(district, who):
    firms = [firm_of(district, f"铜陵第{number}厂有限公司") for number in range(4)]
    with clock.at(SPRING):
        subjects.open_season(by=who.grader, field="environment")
        subjects.open_season(by=who.safety, field="safety")
        (
            graded(who.grader, firms[0]),
            graded(who.grader, firms[1], "yellow"),
            graded(who.grader, firms[2], "red"),
        )
    with clock.at(NOW):
        for number, firm in enumerate(firms[:3]):
            partners = (who.safety.unit,) if number == 0 else ()
            visit = Visit(firm, clock.today(), "law", partners=partners, matter="检查", ground="条例")
            found = inspections.plan_inspection(by=who.grader, visit=visit)
            if number < 2:
                inspections.record_result(
                    by=who.grader, inspection=found, held_on=clock.today(), result="clean", findings="正常"
                )
        year = values(district, date(2026, 1, 1), date(2026, 12, 31))
        # Eight lines fell due on 31 March; a red one that waits for its leader is not given.
        assert year == {"grades_due": 8, "grades_given": 2, "inspections": 2, "inspections_joint": 1}
        assert values(district, date(2026, 4, 1), date(2026, 10, 31)) == dict.fromkeys(year, 0)
        assert RATES["grading_rate"].of(year).text == "25.0%" and RATES["joint_rate"].of(year).text == "50.0%"
        records = REGISTRY["grades_due"].evidence(over(district, date(2026, 3, 1), date(2026, 3, 31)))
        rules = DistrictProfile.objects.in_force(district).rules
        lines = evidence.lines(evidence.visible(records, who.gatherer), rules)
        assert len(lines) == 8 and {line.counts for line in lines} == {"已评定", "未评定"}
        assert not any("标" in line.text + line.counts for line in lines), "whether it was graded, never how"
        assert not evidence.visible(records, who.stranger).exists()
        held = REGISTRY["inspections"].evidence(over(district, date(2026, 11, 1), date(2026, 11, 30)))
        assert {line.counts for line in evidence.lines(evidence.visible(held, who.town), rules)} == {
            "联合检查", "单独检查",
        }  # fmt: skip


def test_confirmed_it_counts_as_given(district, who):
    firm = firm_of(district)
    with clock.at(SPRING):
        subjects.open_season(by=who.grader, field="environment")
        grading.confirm(by=who.leader, record=graded(who.grader, firm, "red"), agree=True)
    with clock.at(NOW):
        found = values(district, date(2026, 1, 1), date(2026, 12, 31))
    assert (found["grades_due"], found["grades_given"]) == (1, 1)


def test_nothing_of_it_can_be_published(district):
    rules = DistrictProfile.objects.in_force(district).rules
    names = tuple(sorted(INTERNAL))
    published = rules.model_copy(
        update={"public_figures": rules.public_figures.model_copy(update={"names": names})}
    )
    assert set(unknown_names(published)) == INTERNAL
    assert {one.name for one in (*GRADING, *RATES_OF_GRADING)} == INTERNAL
