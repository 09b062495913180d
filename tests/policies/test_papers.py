"""Papers to many firms at once: who is meant by pasted lines, and what is recorded."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from policies.models import HandOut, Outreach
from policies.papers import give, recipients
from tests import factories as make


@pytest.fixture
def township_liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


def names(found) -> list[str]:
    return [entry.name for entry in found.entries]


def test_lines_of_a_sheet_or_a_chat_are_understood(dispatcher, district):
    make.enterprise(district, name="铜陵甲材料（集团）有限公司")
    second = make.enterprise(district, name="铜陵乙商贸有限公司")
    make.project(district, name="丙产业园二期")
    text = f"1. 铜陵甲材料(集团)有限公司\n\n2、{second.credit_code.lower()}\n（3）丙产业园二期  \n铜陵乙商贸有限公司"
    found = recipients(user=dispatcher, text=text)
    assert names(found) == ["铜陵甲材料（集团）有限公司", "铜陵乙商贸有限公司", "丙产业园二期"]
    assert found.unknown == []


def test_what_is_not_found_is_told_by_its_line(dispatcher, district):
    make.enterprise(district, name="同名商行")
    make.enterprise(district, name="同名商行", region=make.township(district, "陈瑶湖镇"))
    make.enterprise(district, name="已退出的厂", active=False)
    found = recipients(user=dispatcher, text="查无此店\n同名商行\n已退出的厂")
    assert found.unknown == [(1, "查无此店"), (2, "同名商行"), (3, "已退出的厂")]


def test_a_firm_one_may_not_see_is_not_found(township_liaison, district):
    make.enterprise(district, name="湖边加工厂", region=make.township(district, "陈瑶湖镇"))
    assert recipients(user=township_liaison, text="湖边加工厂").unknown == [(1, "湖边加工厂")]


def test_many_lines_cost_two_queries(dispatcher, district, django_assert_num_queries):
    lines = "\n".join(make.enterprise(district).name for _ in range(8))
    dispatcher.roles  # noqa: B018
    with django_assert_num_queries(2):
        assert len(recipients(user=dispatcher, text=lines).entries) == 8


def told(by, firm, policy, **changes):
    given = {
        "by": by,
        "unit": by.unit,
        "policies": [policy],
        "letter": True,
        "copies": 2,
        "day": clock.today(),
        "way": HandOut.Way.WECHAT,
        "entries": [firm],
    }
    return give(**(given | changes))


def test_each_firm_gets_every_paper(township_liaison, firm, policy, district):
    second = make.enterprise(district)
    given = told(township_liaison, firm, policy, entries=[firm, second], claimed_names=["老街面馆"])
    assert len(given) == 6
    assert HandOut.objects.filter(paper="letter").count() == 3
    assert {paper.copies for paper in given} == {2}
    assert {paper.way for paper in given} == {"wechat"}
    assert {paper.unit.code for paper in given} == {"datong"}
    # Of the policy list alone, and by the firms on the roster, row 12 counts two enterprises.
    assert set(Outreach.objects.values_list("enterprise", flat=True)) == {firm.pk, second.pk, None}
    entry = AuditEntry.objects.get(action="papers.give")
    assert entry.data == {"policies": [policy.pk], "letter": True, "firms": 3}


def test_the_letter_alone_tells_about_no_policy(township_liaison, firm, policy):
    told(township_liaison, firm, policy, policies=[])
    assert HandOut.objects.get().paper == "letter"
    assert not Outreach.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"policies": [], "letter": False}, "papers", "至少选择一种"),
        ({"entries": []}, "firms", "每行一家"),
        ({"claimed_names": [f"店{n}" for n in range(200)]}, "firms", "最多登记 200 家"),
        ({"claimed_names": ["长" * 121]}, "firms", "120 字"),
        ({"way": "pigeon"}, "way", "发放方式"),
        ({"copies": 0}, "copies", "1 到 9999"),
    ],
)
def test_bad_facts_are_refused_beside_their_field(township_liaison, firm, policy, changes, field, words):
    with pytest.raises(ValidationError) as error:
        told(township_liaison, firm, policy, **changes)
    assert words in "".join(error.value.message_dict[field])
    assert not HandOut.objects.exists()


def test_nothing_is_given_tomorrow(township_liaison, firm, policy, tomorrow):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        told(township_liaison, firm, policy, day=tomorrow)


@pytest.mark.parametrize("role", ["supervisor", "district_leader", "bureau_leader", "admin"])
def test_who_only_oversees_hands_nothing_out(district, firm, policy, role):
    with pytest.raises(PermissionDenied):
        told(make.user(make.unit(district, "datong"), role), firm, policy)


def test_nobody_hands_out_in_another_units_name(township_liaison, firm, policy, district):
    with pytest.raises(PermissionDenied):
        told(township_liaison, firm, policy, unit=make.unit(district, "czj"))
