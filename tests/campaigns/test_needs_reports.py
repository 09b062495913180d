"""The figures of the needs lists, with the records behind them, and what goes out as a sheet."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from campaigns.models import JobSeeker
from campaigns.needs.services.financing import BankAnswer, answer_dispatch, dispatch_need, report_need
from campaigns.needs.services.openings import cancel_placement, record_placement, report_opening
from campaigns.needs.services.recommendations import advance, recommend
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from reports import evidence, ledgers
from reports.indicators import RATES, REGISTRY
from reports.indicators.counting import context_for, count, rates
from reports.indicators.needs import FINANCE_TALKS, JOB_FAIRS, NEEDS_LISTS
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import (
    NOW,
    TODAY,
    need,
    need_facts,
    opening,
    opening_facts,
    profile,
    seeker,
    yes,
)

NAMES = [one.name for one in NEEDS_LISTS if one not in (JOB_FAIRS, FINANCE_TALKS)]  # see test_needs_desk
START, END = datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2026, 12, 31, tzinfo=SHANGHAI)


@pytest.fixture
def cast(district) -> Cast:
    profile(district, finance_unit="czj", bank_kinds=["federation"], answer_days=5)
    with clock.at(NOW):
        yield Cast(district)


@pytest.fixture
def happened(cast, district):
    """Two openings and one not checked; 3 + 1 placed; two needs, one granted."""
    by, lead = cast.township_liaison, cast.other_liaison
    firm = make.enterprise(district, name="铜陵晨光机械有限公司")
    first, _ = opening(by, firm, wanted=5), opening(cast.liaison, wanted=7, post="质检员")
    report_opening(entry=firm, facts=opening_facts(post="不算", wanted=99))
    batch = record_placement(by=by, opening=first, persons=3, day=TODAY)
    wrong = record_placement(by=by, opening=first, persons=50, day=TODAY)
    cancel_placement(by=by, placement=wrong, reason="记错")
    found = recommend(by=by, opening=first, seeker=seeker(by))
    advance(by=by, recommendation=found, to="placed", day=TODAY)
    granted, refused = need(by, firm), need(by, amount=Decimal("100.50"))
    report_need(entry=firm, facts=need_facts())
    (one,) = dispatch_need(by=lead, need=granted, units=[], names=["甲银行"])
    (two,) = dispatch_need(by=lead, need=refused, units=[], names=["甲银行"])
    answer_dispatch(by=lead, dispatch=one, given=yes("250", "80"))
    with clock.at(NOW + timedelta(days=20)):
        answer_dispatch(by=lead, dispatch=two, given=BankAnswer("refused", reason="行业限制"))
    return batch


def context(district, start=START, end=END):
    return context_for(district, DistrictProfile.objects.in_force(district).rules, start, end)


def test_every_figure_is_what_happened(happened, cast, district):
    with clock.at(NOW + timedelta(days=25)):
        values = count(NAMES, context(district))[None]
    assert {name: float(value) for name, value in values.items()} == {
        "job_openings": 2, "persons_wanted": 12, "job_seekers": 1, "persons_placed": 4,
        "financing_needs": 2, "financing_wanted": 400.5, "financing_granted": 1,
        "financing_credit": 250, "financing_lent": 80,
        "financing_answers_due": 2, "financing_answers_in_time": 1,
    }  # fmt: skip


def test_the_rates_come_with_their_numbers(happened, cast, district):
    with clock.at(NOW + timedelta(days=25)):
        found = rates(["financing_rate", "financing_in_time_rate"], context(district))[None]
    assert {name: (ratio.text, int(ratio.part), int(ratio.whole)) for name, ratio in found.items()} == {
        "financing_rate": ("50.0%", 1, 2),
        "financing_in_time_rate": ("50.0%", 1, 2),
    }
    assert "分母：" in RATES["financing_rate"].full_definition


def test_by_unit_it_is_the_work_of_who_recorded_it(happened, cast, district):
    by_unit = count(["job_openings", "persons_placed"], context(district), "unit")
    assert {pk: int(values.get("job_openings", 0)) for pk, values in by_unit.items()} == {
        cast.township_liaison.unit_id: 1,
        cast.liaison.unit_id: 1,
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_records_behind_a_figure_are_the_figure(happened, cast, district, name):
    with clock.at(NOW + timedelta(days=25)):
        indicator, asked = REGISTRY[name], context(district)
        records = indicator.evidence(asked)
        assert indicator.value(asked) == count([name], asked)[None][name]
        seen = evidence.visible(records, cast.dispatcher)
        lines = evidence.lines(seen, asked.rules)
    assert len(lines) == records.count() > 0
    assert all(line.text and line.url and "13" not in line.text for line in lines)


def test_nothing_counts_outside_its_span_and_none_before_it_is_due(happened, cast, district):
    before = context(district, datetime(2026, 10, 1, tzinfo=SHANGHAI), START)
    assert not any(count(NAMES, before).get(None, {}).values())
    with clock.at(NOW):
        values = count(["financing_answers_due"], context(district)).get(None, {})
    assert not values.get("financing_answers_due", 0)


# --- Ledgers --------------------------------------------------------------------------------------


def written(user, code: str, query: str = "") -> list[tuple]:
    ledger, file = ledgers.find(code), io.BytesIO()
    ledgers.write(ledger, user, query, [one.code for one in ledger.columns_for(user)], file)
    return list(load_workbook(file).worksheets[0].values)


def test_the_ledgers_hold_no_complete_phone_and_what_the_reader_sees(happened, cast):
    for code in ("job_openings", "job_seekers", "financing"):
        text = repr(written(cast.dispatcher, code, "state=all" if code != "financing" else ""))
        assert "13800000001" not in text and "13900001111" not in text, code
        assert "****" in text, code
    assert "王先生" in repr(written(cast.township_liaison, "job_seekers", "state=all"))
    assert "王先生" not in repr(written(cast.assistant, "job_seekers", "state=all"))
    assert "甲银行：授信250.00万元，放款80.00万元" in repr(written(cast.other_liaison, "financing"))
    assert "甲银行" not in repr(written(cast.cadre, "financing"))
    assert JobSeeker.objects.count() == 1
