"""Conditions a clerk enters; a firm held against them in words, and the whole roster asked the same in SQL."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core import clock
from districts.workdays import SHANGHAI
from enterprises.models import Enterprise, EnterpriseTitle, YearlyFacts
from enterprises.titles import set_titles
from policies.condition_entry import add_condition, remove_condition
from policies.models import Policy
from policies.selectors import all_fits, firms_for, firms_out, firms_unsure, projects_for
from tests import factories as make


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


def asks(liaison, policy, field, **given):
    for name in ("low", "high"):
        if name in given:
            given[name] = Decimal(given[name])
    return add_condition(by=liaison, policy=policy, field=field, **given)


def year(firm, by, number=2025, **facts):
    YearlyFacts.objects.create(enterprise=firm, year=number, recorded_by=by, recorded_at=clock.now(), **facts)


def verdict(firm, policy) -> str:
    return next(fit for fit in all_fits(firm, [policy])).state


# --- Entering -------------------------------------------------------------------------------------


def test_each_condition_is_a_row_with_a_sentence(liaison, policy, district):
    place = make.township(district)
    said = [
        asks(liaison, policy, "sales", low="2000").sentence,
        asks(liaison, policy, "employees", low="10", high="300").sentence,
        asks(liaison, policy, "founded", high="3").sentence,
        asks(liaison, policy, "title", values=["high_tech", "specialised"]).sentence,
        asks(liaison, policy, "above_scale_kind", values=["building"], none_of=True).sentence,
        asks(liaison, policy, "place", values=[str(place.pk)]).sentence,
        asks(liaison, policy, "by_hand", text="设备投资 300 万元以上").sentence,
    ]
    assert said == [
        "年销售额不少于 2000 万元",
        "从业人数在 10 到 300 人之间",
        "成立年限不超过 3 年",
        "资质称号是高新技术企业、专精特新中小企业之一",
        "四上类别不是有资质的建筑业",
        "所在乡镇办、园区是大通镇",
        "设备投资 300 万元以上（人工核对）",
    ]


@pytest.mark.parametrize(
    ("field", "given", "wrong"),
    [
        ("sales", {}, "low"),
        ("sales", {"low": "-1"}, "low"),
        ("sales", {"low": "9", "high": "1"}, "high"),
        ("title", {"values": []}, "values"),
        ("title", {"values": ["nobel_prize"]}, "values"),
        ("by_hand", {"text": " "}, "text"),
        ("shoe_size", {}, "field"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(liaison, policy, field, given, wrong):
    with pytest.raises(ValidationError) as error:
        asks(liaison, policy, field, **given)
    assert set(error.value.message_dict) == {wrong}


def test_only_the_keeper_of_the_policy_enters_conditions_and_none_twice(liaison, policy, district):
    stranger = make.user(make.unit(district, "czj"), "liaison")
    with pytest.raises(PermissionDenied):
        asks(stranger, policy, "sales", low="1")
    condition = asks(liaison, policy, "sales", low="1")
    with pytest.raises(ValidationError):
        asks(liaison, policy, "sales", low="1")
    with pytest.raises(PermissionDenied):
        remove_condition(by=stranger, condition=condition)
    remove_condition(by=liaison, condition=condition)
    assert not policy.conditions.exists()


# --- One firm and all of them ---------------------------------------------------------------------


def test_the_roster_asked_in_sql_says_the_same_as_each_firm_in_words(liaison, dispatcher, policy, district):
    """Firms with every mixture of known and unknown, against every kind of condition."""
    firms = []
    for sales, founded, titles, kind in [
        (None, None, None, ""), (5000, date(2010, 5, 1), {"high_tech"}, "industry"),
        (100, date(2024, 11, 20), set(), "building"), (None, date(2023, 11, 19), {"exporter"}, "building"),
        (2000, date(2023, 11, 20), None, "industry"), (1999, None, {"exporter", "high_tech"}, ""),
    ]:  # fmt: skip
        firm = make.enterprise(district, founded_on=founded, above_scale_kind=kind)
        if titles is not None:
            set_titles(by=dispatcher, enterprise=firm, titles=dict.fromkeys(titles))
        if sales is not None:
            year(firm, dispatcher, sales=sales)
        firms.append(firm.pk)
    unchecked = make.enterprise(district)
    EnterpriseTitle.objects.create(
        enterprise=unchecked, code="exporter", recorded_by=dispatcher, recorded_at=clock.now()
    )
    wanted = [
        [("sales", {"low": "2000"})],
        [("sales", {"low": "100", "high": "1999"})],
        [("founded", {"low": "3"})],
        [("founded", {"high": "2"})],
        [("title", {"values": ["high_tech"]})],
        [("title", {"values": ["exporter"], "none_of": True})],
        [("above_scale_kind", {"values": ["building"]})],
        [("above_scale_kind", {"values": ["building"], "none_of": True})],
        [("sales", {"low": "2000"}), ("title", {"values": ["high_tech"]}), ("founded", {"low": "3"})],
        [("sales", {"low": "2000"}), ("by_hand", {"text": "看发票"})],
    ]
    for conditions in wanted:
        policy.conditions.all().delete()
        for field, given in conditions:
            asks(liaison, policy, field, **given)
        fresh = Policy.objects.get(pk=policy.pk)
        counted = {
            "met": set(firms_for(fresh, dispatcher).values_list("pk", flat=True)),
            "open": set(firms_unsure(fresh, dispatcher).values_list("pk", flat=True)),
            "failed": set(firms_out(fresh, dispatcher).values_list("pk", flat=True)),
        }
        said: dict[str, set[int]] = {"met": set(), "open": set(), "failed": set()}
        for firm in Enterprise.objects.select_related("region", "district"):
            said[verdict(firm, fresh)].add(firm.pk)
        assert counted == said, conditions


def test_industry_and_size_go_together_with_the_other_conditions(liaison, dispatcher, district, unit):
    policy = Policy.objects.create(district=district, title="制造业", unit=unit, industries=["C"])
    asks(liaison, policy, "sales", low="1")
    blank = make.enterprise(district, industry="")
    year(blank, dispatcher, sales=5)
    fits = make.enterprise(district, industry="C")
    year(fits, dispatcher, sales=5)
    other = make.enterprise(district, industry="E")
    assert list(firms_for(policy, dispatcher)) == [fits]
    assert list(firms_unsure(policy, dispatcher)) == [blank]
    assert list(firms_out(policy, dispatcher)) == [other]


def test_the_reason_says_what_is_missing_and_where_to_fill_it_in(liaison, policy, district):
    firm = make.enterprise(district)
    asks(liaison, policy, "sales", low="2000")
    asks(liaison, policy, "title", values=["high_tech"])
    (fit,) = all_fits(firm, [policy])
    assert [(check.words, check.fill_in) for check in fit.unsure] == [
        ("没有登记年销售额，要求：年销售额不少于 2000 万元", "years"),
        ("没有登记资质称号，要求：资质称号是高新技术企业", "titles"),
    ]


def test_the_latest_figure_that_is_filled_in_counts_unless_it_is_too_old(
    liaison, policy, district, dispatcher
):
    asks(liaison, policy, "sales", low="2000")
    firm = make.enterprise(district)
    year(firm, dispatcher, 2023, sales=9999)
    assert verdict(firm, policy) == "open"
    year(firm, dispatcher, 2024, sales=3000)
    year(firm, dispatcher, 2025, tax=1)
    (fit,) = all_fits(firm, [policy])
    assert fit.reasons == ["2024年销售额 3000 万元，符合不少于 2000 万元"]
    YearlyFacts.objects.filter(year=2025).update(sales=1)
    (fit,) = all_fits(firm, [policy])
    assert fit.reason == "2025年销售额 1 万元，要求不少于 2000 万元"


def test_a_title_that_has_run_out_is_none(liaison, policy, district, dispatcher):
    asks(liaison, policy, "title", values=["high_tech"])
    firm = make.enterprise(district)
    set_titles(by=dispatcher, enterprise=firm, titles={"high_tech": date(2026, 11, 18)})
    assert verdict(Enterprise.objects.get(pk=firm.pk), policy) == "failed"
    set_titles(by=dispatcher, enterprise=firm, titles={"high_tech": date(2026, 11, 19)})
    assert verdict(Enterprise.objects.get(pk=firm.pk), policy) == "met"


def test_behind_a_plaque_nothing_is_compared_that_is_nobody_elses_business(
    liaison, policy, district, dispatcher
):
    asks(liaison, policy, "sales", low="2000")
    rich, poor = make.enterprise(district), make.enterprise(district)
    year(rich, dispatcher, sales=99999)
    year(poor, dispatcher, sales=1)
    for firm in (rich, poor):
        (fit,) = all_fits(firm, [policy], in_public=True)
        assert (fit.state, fit.reason) == ("open", "请企业自行核对：年销售额不少于 2000 万元")


def test_projects_have_no_years_and_no_titles(liaison, policy, district, dispatcher):
    project = make.project(district)
    assert list(projects_for(policy, dispatcher)) == [project]
    asks(liaison, policy, "place", values=[str(project.region_id)])
    assert list(projects_for(policy, dispatcher)) == [project]
    asks(liaison, policy, "sales", low="1")
    assert list(projects_for(policy, dispatcher)) == []
    (fit,) = all_fits(project, [Policy.objects.get(pk=policy.pk)])
    assert fit.state == "open"


# --- Titles ---------------------------------------------------------------------------------------


def test_titles_are_kept_by_who_keeps_the_roster(district, dispatcher, liaison):
    firm = make.enterprise(district)
    with pytest.raises(PermissionDenied):
        set_titles(by=liaison, enterprise=firm, titles={})
    with pytest.raises(ValidationError):
        set_titles(by=dispatcher, enterprise=firm, titles={"nobel_prize": None})
    set_titles(by=dispatcher, enterprise=firm, titles={"high_tech": None, "exporter": date(2027, 1, 1)})
    set_titles(by=dispatcher, enterprise=firm, titles={"exporter": date(2028, 1, 1)})
    firm.refresh_from_db()
    assert list(firm.titles.values_list("code", "valid_until")) == [("exporter", date(2028, 1, 1))]
    assert firm.titles_checked_on == clock.today()


def test_what_no_firm_can_meet_is_refused_with_what_stands_there_already(liaison, policy, district):
    one, other = make.township(district), make.township(district, "灰河乡")
    asks(liaison, policy, "employees", low="100")
    asks(liaison, policy, "place", values=[str(one.pk)])
    asks(liaison, policy, "title", values=["high_tech"])
    for field, given in (
        ("employees", {"high": "50"}),
        ("place", {"values": [str(other.pk)]}),
        ("place", {"values": [str(one.pk)], "none_of": True}),
        ("title", {"values": ["high_tech", "specialised"], "none_of": True}),
    ):
        with pytest.raises(ValidationError, match="与已有的条件矛盾"):
            asks(liaison, policy, field, **given)
    # A firm may have several titles, and be of any size between the two.
    asks(liaison, policy, "title", values=["specialised"])
    asks(liaison, policy, "title", values=["exporter"], none_of=True)
    asks(liaison, policy, "employees", high="300")
    assert policy.conditions.count() == 6
