"""满意度清单 and its indicators: rates with what they rest on, nothing told of too few, each sees the own."""

import io
from datetime import datetime
from decimal import Decimal

import pytest
import time_machine
from openpyxl import load_workbook

from campaigns.models import SurveyAnswer
from campaigns.satisfaction.satisfaction_list import RATINGS, SURVEY, ranks, satisfaction_list
from campaigns.satisfaction.services import low_ratings
from campaigns.satisfaction.services.ratings import Judgement, rate_visit
from districts.models import DistrictProfile, Region
from districts.workdays import SHANGHAI
from liaisons.models import Assignment
from reports.indicators import RATES, REGISTRY
from reports.indicators.counting import context_for, count
from tests import factories as make
from tests.campaigns.survey_cast import SurveyCast


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


def shown(cast: SurveyCast, user=None, **asked):
    rules = DistrictProfile.objects.in_force(cast.district).rules
    given = {"year": 2026, "quarter": 4} | asked
    return satisfaction_list(user=user or cast.dispatcher, district=cast.district, rules=rules, **given)


def surveyed(cast: SurveyCast, satisfied: int, unsatisfied: int) -> None:
    """A closed round of this quarter about 区发改委."""
    cast.firms(satisfied + unsatisfied)
    round = cast.running(size=satisfied + unsatisfied)
    for n, sample in enumerate(round.samples.all()):
        cast.answer(sample, "unsatisfied" if n < unsatisfied else "satisfied")
    cast.closed(round)


def test_sources_stand_side_by_side_with_numerator_and_denominator(cast):
    for level in ("very_satisfied", "basic", "unsatisfied"):
        cast.rating(level)
    surveyed(cast, 9, 3)
    found = shown(cast)
    line = next(line for line in found.lines if line.unit == cast.unit)
    rating, survey = line.cells[RATINGS], line.cells[SURVEY]
    assert (rating.text, rating.fraction, rating.ranked) == ("66.6%", "2/3", False)
    assert dict(rating.distribution)["不满意"] == 1
    assert (survey.text, survey.fraction, survey.ranked) == ("75.0%", "9/12", True)
    assert ranks(found.lines, SURVEY) == {cast.unit.pk: 1} and ranks(found.lines, RATINGS) == {}
    assert found.total.cells[SURVEY].fraction == "9/12"
    assert any("季度调查：12 份" in chart.title for chart in found.charts)


def test_what_was_mistaken_is_kept_apart(cast):
    case = cast.rating("unsatisfied").low
    cast.rating("satisfied")
    low_ratings.dispute(by=cast.liaison, case=case, reason="误评", evidence="记录")
    low_ratings.rule(by=cast.dispatcher, case=case, uphold=True, ruling="成立")
    cell = shown(cast).lines[0].cells[RATINGS]
    assert (cell.text, cell.fraction, cell.note) == ("100.0%", "1/1", "误评不计 1")


def test_who_was_not_reached_stands_apart(cast, wednesday):
    from campaigns.satisfaction.services import answering

    cast.firms(11)
    round = cast.running()
    first, *others = round.samples.all()
    for day in (18, 19, 20):
        wednesday.move_to(f"2026-11-{day} 10:00+08:00")
        answering.record_attempt(by=cast.surveyor, sample=first, outcome="no_answer")
    for sample in others:
        cast.answer(sample)
    cast.closed(round)
    cell = shown(cast).lines[0].cells[SURVEY]
    assert (cell.fraction, cell.note) == ("10/10", "未接通 1")


def test_the_cadres_of_too_few_stand_together_so_that_the_list_tells_what_it_may(cast, client):
    """Twelve firms are one cadre's; six are three others', two each."""
    others = [make.official(cast.unit, name=f"干部{n}") for n in range(5)]
    cast.firms(12)
    for official in others:
        Assignment.objects.filter(enterprise__in=cast.firms(2)).update(official=official)
    round = cast.running()
    for n, sample in enumerate(round.samples.order_by("official")):
        cast.answer(sample, "unsatisfied" if n == 21 else "satisfied")
    cast.closed(round)
    cast.rating("satisfied")  # of the cadre with enough
    found = shown(cast, by="cadre")
    assert found.sources == {RATINGS: "服务评价", SURVEY: "季度调查"}
    assert [(line.name, line.cells[SURVEY].fraction) for line in found.lines] == [
        (f"{cast.official}（{cast.unit}）", "12/12"), (f"{cast.unit}不单列的干部合计", "9/10"),
    ]  # fmt: skip
    assert not SurveyAnswer.objects.filter(official__in=others).exists()
    # A cadre reads of the own line why it shows no figure of the survey; the others' are not the cadre's to read.
    visited = make.user(cast.unit, "cadre", official=others[0])
    visit = cast.visit()
    visit.participants.update(official=others[0])
    rate_visit(visit=visit, given=Judgement("basic"), channel="link")
    line = shown(cast, visited, by="cadre").lines[0]
    assert line.cells[SURVEY].text == "不单列" and line.cells[RATINGS].fraction == "1/1"
    client.force_login(cast.dispatcher)
    page = client.get("/campaigns/satisfaction/?by=cadre").content.decode()
    assert "不单列的干部合计" in page and "认得出是哪家企业" in page and "诉求办理" not in page
    sheet = load_workbook(io.BytesIO(client.get("/campaigns/satisfaction/download/?by=cadre").content)).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert f"{cast.unit}不单列的干部合计" in cells and "9/10" in cells and "诉求办理满意率" not in cells


def test_units_with_too_few_stand_together_for_who_sees_the_district(cast):
    cast.firms(12)
    cast.firms(6, unit="nyj")
    cast.firms(5, unit="czj")
    round = cast.running()
    for sample in round.samples.select_related("unit"):
        cast.answer(sample, "unsatisfied" if sample.unit.code == "czj" else "satisfied")
    cast.closed(round)
    found = shown(cast)
    assert [line.cells[SURVEY].fraction for line in found.of_the_district] == ["18/23", "6/11"]
    assert {line.cells[SURVEY].text for line in found.lines} == {"100.0%", "不足10份"}
    assert shown(cast, cast.liaison).of_the_district == []


def test_a_quarter_without_results_leads_to_the_last_that_has_them(cast, client, wednesday):
    surveyed(cast, 12, 0)
    wednesday.move_to("2027-01-20 10:00+08:00")
    client.force_login(cast.dispatcher)
    page = client.get("/campaigns/satisfaction/?by=cadre").content.decode()
    assert "2027年第1季度的季度调查还没有结果" in page and "?year=2026&amp;quarter=4&amp;by=cadre" in page


def test_too_few_are_not_told_to_anybody_by_unit_or_by_cadre(cast, client):
    surveyed(cast, 5, 1)
    line = shown(cast).lines[0]
    assert line.cells[SURVEY].text == "不足10份" and not line.cells[SURVEY].fraction
    assert not shown(cast, by="cadre").lines
    client.force_login(cast.liaison)
    assert (
        "这个时段没有可以列到干部的评价" in client.get("/campaigns/satisfaction/?by=cadre").content.decode()
    )
    assert shown(cast).total.cells[SURVEY].text == "不足10份"


def test_a_year_does_not_tell_what_a_quarter_hid(cast, wednesday):
    surveyed(cast, 6, 0)
    assert shown(cast, quarter=0).lines[0].cells[SURVEY].text == "不足10份"
    wednesday.move_to("2026-12-28 10:00+08:00")
    cast.firms(6)
    earlier = cast.running(quarter=3, size=12)
    for sample in earlier.samples.all():
        cast.answer(sample)
    cast.closed(earlier)
    # The year is the third quarter's twelve; with the fourth's six it would tell them.
    year = shown(cast, quarter=0)
    assert [line.cells[SURVEY].fraction for line in (year.total, year.lines[0])] == ["12/12", "12/12"]


def test_everybody_sees_the_own(cast):
    cast.rating("satisfied")
    window = make.user(make.unit(cast.district, "datong_window"), "window")
    for user, by, lines in (
        (cast.dispatcher, "unit", 1), (cast.leader, "unit", 1), (cast.supervisor, "cadre", 1), (cast.liaison, "unit", 1),
        (cast.liaison, "cadre", 1), (cast.cadre, "unit", 0), (cast.cadre, "cadre", 1), (cast.other, "unit", 0),
        (cast.other, "cadre", 0), (window, "unit", 0), (cast.admin, "unit", 0),
    ):  # fmt: skip
        found = shown(cast, user, by=by)
        assert len(found.lines) == lines, (user, by)
        assert bool(found.total) == (user in (cast.dispatcher, cast.leader, cast.supervisor))


def test_the_page_and_the_sheet_say_the_same(cast, client):
    cast.rating("unsatisfied", comment="走过场")
    surveyed(cast, 12, 0)
    client.force_login(cast.dispatcher)
    page = client.get("/campaigns/satisfaction/?year=2026&quarter=4").content.decode()
    assert "100.0%" in page and "12/12" in page and "全区合计" in page
    sheet = load_workbook(
        io.BytesIO(client.get("/campaigns/satisfaction/download/?year=2026").content)
    ).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    line = next(row for row in rows if row[1] == str(cast.unit))
    assert "12/12" in line and "0/1" in line
    unit = client.get(f"/campaigns/satisfaction/units/{cast.unit.pk}/").content.decode()
    assert "走过场" in unit
    client.force_login(cast.other)
    assert client.get(f"/campaigns/satisfaction/units/{cast.unit.pk}/").status_code == 403
    for query in ("year=%00&quarter=9&by=x&page=x", "year=99999999999", "year=²"):
        assert client.get(f"/campaigns/satisfaction/?{query}").status_code == 200


def test_the_page_costs_the_same_for_many(cast, client, django_assert_num_queries):
    client.force_login(cast.dispatcher)
    cast.rating("satisfied")
    client.get("/campaigns/satisfaction/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/campaigns/satisfaction/")
    for _ in range(4):
        cast.rating("unsatisfied")
    with django_assert_num_queries(len(few)):
        client.get("/campaigns/satisfaction/")


# --- Indicators -----------------------------------------------------------------------------------


def rates(cast: SurveyCast) -> dict:
    rules = DistrictProfile.objects.in_force(cast.district).rules
    start, end = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (2026, 2027))
    context = context_for(cast.district, rules, start, end)
    names = [
        indicator.name
        for rate in RATES.values()
        if rate.name.endswith(("satisfied_rate", "answered_rate")) and rate.name != "satisfied_rate"
        for indicator in rate.indicators
    ]
    by_unit = count(names, context, "unit")[cast.unit.pk]
    evidence = {name: REGISTRY[name].evidence(context).count() for name in names}
    assert all(evidence[name] == by_unit.get(name, 0) for name in names)
    return {name: RATES[name].of(by_unit) for name in RATES}


def test_rates_with_their_records(cast, wednesday):
    late, disputed = cast.rating("unsatisfied").low, cast.rating("very_unsatisfied").low
    cast.rating("satisfied")
    low_ratings.dispute(by=cast.liaison, case=disputed, reason="误评", evidence="记录")
    low_ratings.rule(by=cast.dispatcher, case=disputed, uphold=True, ruling="成立")
    surveyed(cast, 11, 1)
    wednesday.move_to("2026-12-20 10:00+08:00")
    low_ratings.answer(by=cast.liaison, case=late, answer="改了")
    found = rates(cast)
    assert (found["visit_satisfied_rate"].part, found["visit_satisfied_rate"].whole) == (1, 2)
    assert (found["survey_satisfied_rate"].part, found["survey_satisfied_rate"].whole) == (11, 12)
    # Answered too late, and one of the survey not at all; the mistaken one is due no more.
    low = found["low_rating_answered_rate"]
    assert (low.part, low.whole) == (Decimal(0), Decimal(2))


def test_the_survey_counts_for_a_unit_only_where_enough_answered(cast):
    surveyed(cast, 5, 0)
    cast.rating("satisfied")
    assert SurveyAnswer.objects.count() == 5
    assert rates(cast)["survey_satisfied_rate"].whole == 0


def test_the_yearly_assessment_can_count_the_survey(district):
    from districts.reporting import AssessmentItem, LinearRule

    item = AssessmentItem(
        code="survey",
        label="季度满意度调查",
        weight=30,
        source="survey",
        rule=LinearRule(floor=60, target=95),
    )
    assert item.rate_name == "survey_satisfied_rate" and item.rate_name in RATES


def test_a_profile_says_what_is_wrong_with_its_questions():
    from districts.satisfaction import Ratings, Surveys
    from districts.schema import ProfileError, validated

    for wrong in (
        {"questions": [{"code": "a", "text": "怎么样", "kind": "choice"}]},
        {"questions": [{"code": "a", "text": "说说", "kind": "text"}]},
        {"minimum": 1},
        {"strata": ["colour"]},
        {"colour": 1},
    ):
        with pytest.raises(ProfileError):
            validated(Surveys, wrong)
    with pytest.raises(ProfileError):
        validated(Ratings, {"answer_days": 0})
