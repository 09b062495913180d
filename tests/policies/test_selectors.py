"""Which policies a firm may qualify for, and why."""

from datetime import timedelta

import pytest

from core import clock
from policies.models import Policy
from policies.selectors import names_industry, open_policies, policies_for
from tests import factories


@pytest.fixture
def firm(district):
    return factories.enterprise(district, tier="small", industry="C", size_class="micro")


def policy(district, title, **fields) -> Policy:
    return Policy.objects.create(district=district, title=title, unit=factories.unit(district), **fields)


def titles(entry) -> list[str]:
    return [fit.policy.title for fit in policies_for(entry)]


def test_every_condition_that_is_set_must_hold(district, firm):
    policy(district, "人人可申")
    policy(district, "制造业小微", industries=["C"], size_classes=["micro", "small"], tiers=["small"])
    policy(district, "四上专享", tiers=["above_scale"])
    policy(district, "建筑业", industries=["E"])
    policy(district, "大中型", size_classes=["large", "medium"])
    assert titles(firm) == ["制造业小微", "人人可申"]
    special, general = policies_for(firm)
    assert general.reason == "不限层级、行业和规模"
    assert special.reason == "适用层级：中小微企业；适用行业：制造业；适用规模：微型"


def test_what_the_roster_does_not_tell_is_said_and_comes_last(district):
    firm = factories.enterprise(district, industry="", size_class="")
    policy(district, "制造业", industries=["C"])
    policy(district, "人人可申")
    assert titles(firm) == ["人人可申", "制造业"]
    assert policies_for(firm)[1].reason == "底册未填写行业，请核对"


def test_a_project_qualifies_as_a_project(district):
    project = factories.project(district)
    policy(district, "项目用地", tiers=["project"])
    policy(district, "四上专享", tiers=["above_scale"])
    assert titles(project) == ["项目用地"]
    assert policies_for(project)[0].reason == "适用层级：重点项目"


def test_the_next_to_close_comes_first_and_what_is_over_not_at_all(district, firm):
    today = clock.today()
    policy(district, "长期")
    policy(district, "下月止", apply_until=today + timedelta(30))
    policy(district, "今天止", apply_until=today)
    policy(district, "昨天止", apply_until=today - timedelta(1))
    policy(district, "已失效", active=False)
    assert titles(firm) == ["今天止", "下月止", "长期"]
    assert [fit.days_left for fit in policies_for(firm)] == [0, 30, None]


def test_another_districts_policies_are_not_offered(district, firm):
    other = factories.another_district(district)
    Policy.objects.create(district=other, title="外区政策", unit=factories.unit(other))
    assert titles(firm) == []


def test_it_costs_two_queries(district, firm, django_assert_num_queries):
    for number in range(5):
        policy(district, f"政策{number}", industries=["C"])
    with django_assert_num_queries(2):  # the policies and their conditions
        assert [fit.policy.unit.name for fit in policies_for(firm)]
    loaded = open_policies(district)
    with django_assert_num_queries(0):
        assert len(policies_for(firm, loaded)) == 5


def test_a_policy_for_the_industry_names_it(district):
    assert names_industry(policy(district, "甲", industries=["C"]), "C")
    assert not names_industry(policy(district, "乙"), "C")
    assert not names_industry(policy(district, "丙", industries=["C"]), "")
