"""How appeals are handled, in figures: each rule with appeals that are walked through their lives."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from districts.models import DistrictProfile
from enterprises.subjects import subject_key
from reports.indicators import GROUPS, RATES, REGISTRY, Ratio
from reports.indicators.counting import context_for, count, rates
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

START, END = moment("2026-11-01 00:00"), moment("2026-12-01 00:00")
ABOUT_APPEALS = [
    name for name, rate in RATES.items() if all(indicator.source.appeal for indicator in rate.indicators)
]


@pytest.fixture
def ask(district):
    """The named rate as it stands at a moment, as (numerator, denominator)."""
    rules = DistrictProfile.objects.in_force(district).rules

    def rate(name: str, at: str = "2026-11-30 23:00", start=START, end=END) -> tuple[int, int]:
        with clock.at(moment(at)):
            found = rates([name], context_for(district, rules, start, end)).get(None, {})
        ratio = found.get(name) or Ratio(0, 0)
        return int(ratio.part), int(ratio.whole)

    return rate


def dispatched(work, day: str = "2026-11-02"):
    appeal = work.registered("datong", f"{day} 09:00")
    subject = subject_key(work.firm())
    appeal = work.do(appeal, "accept", f"{day} 09:30", category="labour", urgency="normal", subject=subject)
    return work.do(appeal, "dispatch", f"{day} 10:00")


def answered(work, day: str = "2026-11-02", at: str = "2026-11-04 10:00", **data):
    appeal = work.do(dispatched(work, day), "sign", f"{day} 11:00")
    return work.do(appeal, "feedback", at, **({"result": "已办理。", "solved": "yes"} | data))


def revisited(work, appeal, transition: str, at: str, satisfaction: str = "satisfied", solved: str = "yes"):
    data = {"method": "phone", "reached": "yes", "solved": solved, "satisfaction": satisfaction, "note": ""}
    return work.do(appeal, transition, at, **data)


def closed(work):
    appeal = answered(work)
    appeal = revisited(work, appeal, "revisit", "2026-11-05 10:00")
    appeal = revisited(work, appeal, "second_revisit", "2026-11-06 10:00")
    return work.do(appeal, "close", "2026-11-06 11:00")


def test_the_overdue_and_the_open_stay_in_the_denominator(work, ask):
    answered(work)
    dispatched(work)  # never signed, never answered
    assert ask("on_time_rate", "2026-11-10 09:00") == (0, 0)
    assert ask("on_time_rate") == (1, 2)
    assert ask("sign_rate") == (1, 2)
    answered(work, "2026-11-03", at="2026-11-20 10:00")  # a week too late
    assert ask("on_time_rate") == (1, 3)


def test_what_is_not_due_yet_is_neither_in_time_nor_late(work, ask):
    dispatched(work, "2026-11-27")
    assert ask("on_time_rate") == (0, 0)


def test_what_was_done_again_was_not_done_in_time(work, ask):
    appeal = answered(work)
    assert ask("on_time_rate") == (1, 1)
    appeal = revisited(work, appeal, "revisit", "2026-11-05 10:00", "unsatisfied", "no")
    work.do(appeal, "redo", "2026-11-06 09:00")
    assert ask("on_time_rate")[0] == 0
    assert ask("redo_rate") == (1, 1)
    assert ask("satisfied_rate") == (0, 1)
    assert ask("solved_rate") == (0, 1)


def test_solved_at_once_is_closed_without_return_or_redo_and_the_firm_satisfied(work, ask):
    appeal = closed(work)
    assert ask("first_time_rate") == (1, 1)
    assert ask("done_share") == (1, 1)
    assert ask("mean_days") == (4, 1)
    work.do(appeal, "reopen", "2026-11-20 09:00", reason="又出现了")
    assert ask("done_share") == (0, 1), "reopened is not resolved"
    assert ask("first_time_rate") == (0, 1)
    assert ask("redo_rate") == (1, 1)
    assert ask("on_time_rate")[0] == 0


def test_a_returned_appeal_is_not_solved_at_once(work, ask):
    appeal = work.do(dispatched(work), "request_return", "2026-11-02 11:00")
    appeal = work.do(appeal, "agree_return", "2026-11-02 12:00")
    appeal = work.do(appeal, "dispatch", "2026-11-02 13:00")
    assert ask("return_rate") == (1, 2)
    appeal = work.do(appeal, "sign", "2026-11-02 14:00")
    appeal = work.do(appeal, "feedback", "2026-11-04 10:00", result="已办理。", solved="yes")
    appeal = revisited(work, appeal, "revisit", "2026-11-05 10:00")
    appeal = revisited(work, appeal, "second_revisit", "2026-11-06 10:00")
    work.do(appeal, "close", "2026-11-06 11:00")
    assert ask("first_time_rate") == (0, 1)


def test_satisfied_and_solved_are_two_questions_and_the_firms_own_word_comes_first(work, ask):
    appeal = answered(work)
    revisited(work, appeal, "revisit", "2026-11-05 10:00", "basic", "no")
    assert ask("satisfied_rate") == (1, 1)
    assert ask("solved_rate") == (0, 1)
    second = answered(work, "2026-11-03")
    work.do(second, "rate", "2026-11-04 11:00", satisfaction="unsatisfied", solved="no", comment="没人来")
    assert ask("satisfied_rate") == (1, 2)


def test_nobody_reached_is_shown_apart_and_in_no_rate(work, ask, district):
    appeal = answered(work)
    for day in (5, 6, 9):
        work.do(appeal, "revisit", f"2026-11-{day:02d} 10:00", method="phone", reached="no", note="无人接听")
    assert ask("satisfied_rate") == (0, 0)
    rules = DistrictProfile.objects.in_force(district).rules
    assert count(["not_reached"], context_for(district, rules, START, END))[None]["not_reached"] == 1
    assert ask("revisit_rate") == (1, 1)
    assert ask("second_revisit_rate") == (0, 1)


def test_solved_on_the_spot_is_a_share_of_what_was_collected(work, ask):
    work.solved("datong", "2026-11-03 09:00")
    work.registered("datong", "2026-11-03 10:00", provincial_number="AH1")
    work.registered("datong", "2026-11-03 11:00")
    assert ask("on_spot_rate") == (1, 2)
    assert ask("response_rate") == (1, 3)


def test_a_no_counts_once_a_unit(work, ask):
    appeal = work.do(dispatched(work), "sign", "2026-11-02 11:00")
    work.do(appeal, "propose_refusal", "2026-11-03 09:00")
    dispatched(work)
    assert ask("refusal_rate") == (1, 2)


def test_the_edges_of_a_span_are_half_open(work, ask):
    for at in ("2026-10-31 23:59", "2026-11-01 00:00", "2026-11-30 23:59"):
        work.registered("datong", at)
    with clock.at(moment("2026-12-01 00:00")):
        work.registered("datong", "2026-12-01 00:00")
    assert ask("done_share", "2026-12-02 09:00") == (0, 2)


def test_tables_and_visits_are_owed(work, ask, district):
    table = work.table("datong")
    assert ask("tables_rate", "2026-11-19 11:00") == (0, 0)
    owed = ask("tables_rate")
    assert owed[0] == 0 and owed[1] == table.period.tables.count()
    head, firm = work.leader("datong"), work.firm()
    work.assign("datong", head, "2026-10-01", firm=firm)
    work.assign("datong", head, "2026-10-01", firm=work.firm())
    assert ask("visit_rate") == (0, 2)
    work.visit("datong", "2026-11-10 09:00", head, firm=firm)
    assert ask("visit_rate") == (1, 2)
    october = {"start": START - timedelta(days=31), "end": START}
    assert ask("visit_rate", **october) == (0, 2), "as it stood at the end of October"


@pytest.mark.parametrize("by", ["unit", "lead_unit", "category", "channel", "region", "month"])
def test_groups_add_up_to_the_whole(work, district, by):
    closed(work)
    dispatched(work, "2026-11-09")
    work.solved("datong", "2026-11-03 09:00")
    rules = DistrictProfile.objects.in_force(district).rules
    context = context_for(district, rules, START, END)
    names = [name for rate in ABOUT_APPEALS for name in (i.name for i in RATES[rate].indicators)]
    with clock.at(moment("2026-11-30 23:00")):
        whole = count(names, context)[None]
        groups = count(names, context, by)
    for name in set(names):
        assert sum(values.get(name, 0) for values in groups.values()) == whole.get(name, 0), name


def test_every_figure_equals_its_evidence(work, district):
    closed(work)
    dispatched(work, "2026-11-09")
    rules = DistrictProfile.objects.in_force(district).rules
    context = context_for(district, rules, START, END)
    with clock.at(moment("2026-11-30 23:00")):
        names = [name for name, one in REGISTRY.items() if one.source.appeal and not needs_params(one)]
        values = count(names, context)[None]
        for name in names:
            if name != "closed_days":
                assert REGISTRY[name].value(context) == values.get(name, 0), name
    assert values["closed"] == 1


def needs_params(indicator) -> bool:
    return indicator.name in {"visit_problems", "effect", "opinions"}


def test_all_rates_cost_the_same_few_queries_however_many_units(work, district):
    closed(work)
    rules = DistrictProfile.objects.in_force(district).rules
    context = context_for(district, rules, START, END)
    with CaptureQueriesContext(connection) as whole:
        rates(ABOUT_APPEALS, context)
    with CaptureQueriesContext(connection) as grouped:
        rates(ABOUT_APPEALS, context, "lead_unit")
    assert len(whole) == len(grouped) <= 12


def test_every_rate_says_what_is_divided_by_what():
    for rate in RATES.values():
        assert "分子：" in rate.full_definition and "分母：" in rate.full_definition
        assert all(indicator.definition.endswith("。") for indicator in rate.indicators), rate.name
    listed = {one.name for _, indicators, rates_ in GROUPS for one in (*indicators, *rates_)}
    assert listed == {*REGISTRY, *RATES}


@pytest.mark.parametrize(
    ("part", "whole", "measure", "text"),
    [
        (999, 1000, "%", "99.9%"),
        (9999, 10000, "%", "99.9%"),
        (3, 3, "%", "100.0%"),
        (0, 0, "%", "—"),
        (10, 4, "天", "2.5"),
    ],
)
def test_a_share_is_cut_and_not_rounded_up(part, whole, measure, text):
    ratio = Ratio(Decimal(part), Decimal(whole), measure)
    assert ratio.text == text
    assert ratio.is_small is (whole < 10)
