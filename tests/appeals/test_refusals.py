"""Saying “no” in figures: counted from cases made by hand, and out of the database."""

import re
from datetime import timedelta

import pytest

from accounts.models import Role, Unit
from appeals import refusal_figures
from appeals.models import Appeal
from appeals.refusal_figures import Period, Row, Share, count, funnel, ranking
from core import clock
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_staff_pages import page, queries, signed_in

PAGE = "/appeals/refusals/"
LABELS = ["首问承办人", "科室负责人", "分管负责人", "主要负责人"]
MOST_QUERIES = 13  # the session's own write is one of them


# --- Counted by hand ------------------------------------------------------------------------------


def test_where_proposals_stand_and_stopped():
    figures = count(
        [
            Row(1, 4, "", 3),  # wait for the section
            Row(1, 4, "turned_back", 4),  # the section said 办
            Row(3, 4, "turned_back", 1),  # the principal said 办
            Row(2, 4, "lapsed", 1),  # withdrawn before the deputy signed
            Row(4, 4, "", 1),  # in consultation
            Row(4, 4, "unreasonable", 2),
            Row(4, 4, "reasonable", 1),
            Row(4, 4, "reported_up", 1),
            Row(4, 4, "lapsed", 1),
        ],
        LABELS,
    )
    table = [(s.label, s.reached, s.waiting, s.turned_back, s.lapsed) for s in figures.stages]
    assert table == [
        ("首问承办人", 15, 0, 0, 0),
        ("科室负责人", 8, 3, 4, 0),
        ("分管负责人", 7, 0, 0, 1),
        ("主要负责人", 6, 0, 1, 0),
        ("会商", 6, 1, 0, 1),
    ]
    assert (figures.proposed, figures.turned_back, figures.waiting) == (15, 5, 4)
    assert (figures.unreasonable, figures.reasonable, figures.reported_up, figures.lapsed) == (2, 1, 1, 2)


def test_nothing_proposed_is_all_noughts():
    figures = count([], LABELS)
    assert figures.proposed == 0 and [stage.reached for stage in figures.stages] == [0] * 5
    assert [band.figure for band in funnel(figures)] == [0] * 5


def test_a_district_may_have_had_more_or_fewer_levels():
    figures = count([Row(2, 2, "unreasonable", 1), Row(5, 5, "", 1)], LABELS)
    assert [(s.label, s.reached) for s in figures.stages] == [
        ("首问承办人", 2), ("科室负责人", 2), ("分管负责人", 1), ("主要负责人", 1), ("第5级", 1), ("会商", 2),
    ]  # fmt: skip


def test_the_funnel_is_as_wide_as_what_came_through():
    bands = funnel(count([Row(1, 2, "turned_back", 3), Row(2, 2, "", 1)], ["提出", "签字"]))

    def widths(points: str) -> tuple[float, float]:
        x = [float(corner.split(",")[0]) for corner in points.split()]
        return x[1] - x[0], x[2] - x[3]

    whole = refusal_figures.WIDTH
    found = [widths(band.points) for band in bands]
    assert found[0] == pytest.approx((whole, whole / 4), abs=0.2)
    assert found[1] == pytest.approx((whole / 4, whole / 4), abs=0.2)


def test_a_share_says_what_it_is_a_share_of():
    assert Share(1, 8).percent == "12.5%"
    assert Share(0, 0).percent == "—"


def test_units_with_few_cases_are_not_ranked():
    one, two, three, four = (Unit(pk=n, order=n, name=f"单位{n}") for n in range(1, 5))
    lines = ranking(
        [
            (one, Share(9, 9), 9),
            (two, Share(1, 10), 1),
            (three, Share(6, 20), 6),
            (four, Share(2, 20), 2),
        ]
    )
    assert [(line.unit, line.rank) for line in lines] == [(three, 1), (two, 2), (four, 2), (one, None)]


# --- Out of the database --------------------------------------------------------------------------


def refused(cast: Cast, *steps: str, days_ago: int = 0) -> Appeal:
    with clock.at(clock.now() - timedelta(days=days_ago)):
        appeal = cast.do(cast.walk(cast.submit(), "sign"), "propose_refusal")
    return cast.through(appeal, *steps)


def this_month() -> Period:
    return Period(clock.today() - timedelta(days=20), clock.today())


def test_the_report_counts_the_period_and_shows_its_denominator(cast):
    refused(cast)
    refused(cast, "turn_back")
    refused(cast, "sign_refusal", "sign_refusal", "sign_refusal_last", "find_unreasonable")
    refused(cast, days_ago=40)
    cast.walk(cast.submit(), "sign")
    # Dispatched before the period, refused within it: proposed, but no part of the share.
    with clock.at(clock.now() - timedelta(days=40)):
        old = cast.walk(cast.submit(), "sign")
    cast.do(old, "propose_refusal")
    found = refusal_figures.report(cast.dispatcher, this_month(), None, LABELS)
    assert (found.figures.proposed, found.figures.turned_back, found.figures.unreasonable) == (4, 1, 1)
    assert found.share == Share(refused=3, dispatched=4)
    line = found.units[0]
    assert (line.unit.code, line.share, line.proposed, line.rank) == ("rsj", Share(3, 4), 4, None)


def test_a_case_dispatched_on_to_another_unit_after_consultation_counts_for_each_as_it_was(cast):
    appeal = refused(cast, "sign_refusal", "sign_refusal", "sign_refusal_last", "find_reasonable")
    cast.do(appeal, "dispatch", lead_unit=cast.unit("czj"))
    found = refusal_figures.report(cast.dispatcher, this_month(), None, LABELS)
    assert {line.unit.code: line.share for line in found.units} == {"rsj": Share(1, 1), "czj": Share(0, 1)}
    assert found.share == Share(1, 2) and found.figures.reasonable == 1
    of_czj = refusal_figures.report(
        cast.dispatcher, this_month(), factories.unit(cast.district, "czj"), LABELS
    )
    assert of_czj.share == Share(0, 1) and of_czj.figures.proposed == 0 and of_czj.units == []


def test_a_withdrawn_appeal_lapses(cast):
    refused(cast, "withdraw", "confirm_withdrawal")
    figures = refusal_figures.report(cast.dispatcher, this_month(), None, LABELS).figures
    assert (figures.lapsed, figures.levels[1].lapsed, figures.waiting) == (1, 1, 0)


# --- The page -------------------------------------------------------------------------------------


def listed(answer) -> set[str]:
    return set(re.findall(r'href="/appeals/([A-Z]+\d{8}-\d{4})/"', page(answer)))


def test_each_reads_the_district_or_the_own_unit(cast):
    appeal = refused(cast)
    for part, sees in (
        ("dispatcher", True),
        ("bureau_leader", True),
        ("district_leader", True),
        ("supervisor", True),
        ("liaison", True),
        ("unit_leader", True),
        ("other_liaison", False),
        # The firm lies in the township, but the “no” is another unit's.
        ("township_liaison", False),
    ):
        answer = signed_in(getattr(cast, part)).get(PAGE)
        assert answer.status_code == 200, part
        assert (listed(answer) == {appeal.number}) is sees, part
    assert "本期交办 1 件次，其中 1 件次" in page(signed_in(cast.liaison).get(PAGE))
    assert "本期交办 0 件次，其中 0 件次" in page(signed_in(cast.other_liaison).get(PAGE))
    for part in ("section_head", "cadre", "window", "admin"):
        assert signed_in(getattr(cast, part)).get(PAGE).status_code == 403, part
    assert signed_in(factories.user(None, Role.LIAISON)).get(PAGE).status_code == 403
    foreigner = factories.user(factories.unit(factories.another_district(cast.district)), Role.DISPATCHER)
    assert listed(signed_in(foreigner).get(PAGE)) == set()


def test_the_period_and_the_unit_are_in_the_address(cast):
    now, before = refused(cast, "turn_back"), refused(cast, days_ago=20)
    client = signed_in(cast.dispatcher)
    week = (clock.today() - timedelta(days=6)).isoformat()
    both = {now.number, before.number}
    rsj, czj = cast.unit("rsj"), cast.unit("czj")
    for query, expected in (
        ({}, both),
        ({"since": week}, {now.number}),
        ({"until": week}, {before.number}),
        ({"unit": rsj}, both),
        ({"unit": czj}, set()),
        ({"outcome": "turned_back"}, {now.number}),
        ({"outcome": "open"}, {before.number}),
    ):
        assert listed(client.get(PAGE, query)) == expected, query
    # A unit's own people cannot look at another unit by its address.
    assert listed(signed_in(cast.other_liaison).get(PAGE, {"unit": rsj})) == set()


def test_an_address_that_makes_no_sense_breaks_no_page(cast):
    refused(cast)
    client = signed_in(cast.dispatcher)
    today = clock.today()
    for query, words in (
        ({"since": "x", "until": "\0"}, "输入"),
        (
            {"since": today.isoformat(), "until": (today - timedelta(days=1)).isoformat()},
            "结束日期早于开始日期",
        ),
        ({"since": "0001-01-01"}, ""),
        ({"until": "9999-12-31"}, ""),
        ({"unit": "9" * 40, "outcome": "x", "page": "x"}, ""),
    ):
        answer = client.get(PAGE, query)
        assert answer.status_code == 200 and words in page(answer), query


def test_the_page_costs_the_same_for_two_cases_and_for_eight(cast):
    client = signed_in(cast.dispatcher)
    refused(cast), refused(cast, "turn_back")
    few = queries(client, PAGE)
    for _ in range(3):
        refused(cast), refused(cast, "turn_back")
    assert queries(client, PAGE) == few <= MOST_QUERIES
