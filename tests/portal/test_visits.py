"""The list of visits and the page of one."""

from datetime import timedelta

import pytest

from accounts.actors import Actor
from appeals.models import Appeal
from appeals.perform import perform
from core import clock
from liaisons.services.opinions import record_opinion
from liaisons.services.visits import Guest, record_visit
from policies.models import Policy
from policies.services import hand_out
from tests import factories as make


@pytest.fixture
def unit(district):
    return make.unit(district, "datong")


@pytest.fixture
def cadre(unit):
    person = make.official(unit, name="周启明", title="副镇长", rank_group="unit_leaders")
    return make.user(unit, "cadre", official=person)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def pay_a_visit(cadre, unit, firm):
    def visit(**changes):
        given = {
            "by": cadre,
            "reporting_unit": unit,
            "kind": "visit",
            "occurred_at": clock.now() - timedelta(hours=2),
            "region": firm.region,
            "officials": [cadre.official],
            "findings": "订单充足，缺操作工",
            "enterprise": firm,
        }
        return record_visit(**(given | changes))

    return visit


def hand_in(visit) -> Appeal:
    return perform(
        None,
        "register",
        Actor.of_user(visit.recorded_by),
        {
            "subject": f"enterprise-{visit.enterprise_id}",
            "visit": visit.pk,
            "contact_name": "孙洁",
            "contact_phone": "13900002222",
            "category": "labour",
            "content": "一线操作工缺口三十人",
            "channel": "assignment_visit",
        },
    )


def page(answer) -> str:
    return answer.content.decode()


def test_the_page_of_a_visit_shows_everything_that_came_of_it(client, pay_a_visit, unit, district, firm):
    guest = Guest(name="李青", unit_name="市经信局", title="副局长", rank_group="city_leaders")
    visit = pay_a_visit(guests=[guest])
    appeal = hand_in(visit)
    record_opinion(
        by=visit.recorded_by,
        visit=visit,
        content="希望扩大补贴范围",
        handling="passed_on",
        passed_to=make.unit(district, "rsj"),
    )
    policy = Policy.objects.create(district=district, title="稳岗补贴", unit=unit)
    visit.hand_outs.add(
        hand_out(
            by=visit.recorded_by,
            policy=policy,
            copies=3,
            unit=unit,
            occurred_at=visit.occurred_at,
            region=firm.region,
            enterprise=firm,
        )
    )
    client.force_login(visit.recorded_by)
    shown = page(client.get(f"/visits/{visit.pk}/"))
    for words in (
        firm.name,
        "走访调研",
        "周启明",
        "区其他单位领导班子",
        "李青",
        "市有关单位领导班子",
        "订单充足，缺操作工",
        appeal.number,
        "待受理",
        "希望扩大补贴范围",
        "区人社局",
        "稳岗补贴",
        "3 份",
        f"/enterprises/{firm.pk}/",
    ):
        assert words in shown, words


@pytest.mark.parametrize(
    ("code", "role", "sees"),
    [
        ("datong", "cadre", True),
        ("datong", "liaison", True),
        ("datong", "unit_leader", True),
        ("datong_window", "window", False),
        ("kjj", "dispatcher", True),
        ("kjj", "bureau_leader", True),
        ("qzfb", "district_leader", True),
        ("jwdc", "supervisor", True),
        ("huihe", "liaison", False),
        ("huihe", "cadre", False),
        ("zjj", "unit_leader", False),
        ("zjj", "admin", False),
    ],
)
def test_who_sees_a_visit(client, pay_a_visit, district, code, role, sees):
    visit = pay_a_visit()
    client.force_login(make.user(make.unit(district, code), role))
    assert client.get(f"/visits/{visit.pk}/").status_code == (200 if sees else 404)
    assert ("晨光机械" in page(client.get("/visits/"))) == sees
    assert client.get(f"/visits/{visit.pk}/saved/").status_code == 404


def test_who_took_part_sees_the_visit_but_not_the_foreign_firm(client, pay_a_visit, district):
    huihe = make.unit(district, "huihe")
    guest = make.official(huihe, name="郑远")
    visit = pay_a_visit(officials=[guest])
    client.force_login(make.user(huihe, "cadre", official=guest))
    answer = client.get(f"/visits/{visit.pk}/")
    assert answer.status_code == 200
    assert f"/enterprises/{visit.enterprise_id}/" not in page(answer)


def test_an_appeal_out_of_sight_is_not_on_the_page(client, pay_a_visit, district):
    visit = pay_a_visit()
    appeal = hand_in(visit)
    huihe = make.unit(district, "huihe")
    other = make.official(huihe, name="郑远")
    visit.participants.create(official=other, unit_name=huihe.name, rank_group="staff")
    client.force_login(make.user(huihe, "cadre", official=other))
    assert appeal.number not in page(client.get(f"/visits/{visit.pk}/"))


def test_the_list_is_narrowed_by_its_filters(client, pay_a_visit, district, unit, cadre):
    pay_a_visit()
    client.force_login(cadre)
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    for name, fits, fits_not in (
        ("q", "操作工", "朝阳"),
        ("unit", unit.pk, make.unit(district, "huihe").pk),
        ("region", make.township(district).pk, make.township(district, "灰河乡").pk),
        ("kind", "visit", "phone"),
        ("rank_group", "unit_leaders", "district_leaders"),
        ("since", today - timedelta(days=1), tomorrow),
        ("until", tomorrow, today - timedelta(days=2)),
    ):
        assert "晨光机械" in page(client.get("/visits/", {name: fits})), name
        assert "晨光机械" not in page(client.get("/visits/", {name: fits_not})), name
    assert "晨光机械" in page(client.get("/visits/", {"mine": "yes"}))
    client.force_login(make.user(unit, "liaison"))
    assert "晨光机械" not in page(client.get("/visits/", {"mine": "yes"}))


def test_the_list_costs_the_same_queries_for_one_visit_and_for_thirty(
    client, pay_a_visit, cadre, django_assert_max_num_queries
):
    hand_in(pay_a_visit())
    client.force_login(cadre)
    client.get("/visits/")
    with django_assert_max_num_queries(17) as one:
        client.get("/visits/")
    for _ in range(29):
        pay_a_visit()
    with django_assert_max_num_queries(len(one)):
        answer = client.get("/visits/")
    assert "共 30 条" in page(answer)


def test_a_visit_page_costs_the_same_queries_with_many_problems(
    client, pay_a_visit, cadre, django_assert_max_num_queries
):
    visit = pay_a_visit()
    hand_in(visit)
    client.force_login(cadre)
    client.get(f"/visits/{visit.pk}/")
    with django_assert_max_num_queries(16) as one:
        client.get(f"/visits/{visit.pk}/")
    hand_in(visit)
    hand_in(visit)
    with django_assert_max_num_queries(len(one)):
        client.get(f"/visits/{visit.pk}/")
