"""Coverage against figures counted by hand in SQL, which knows no code of ours."""

from datetime import date

import pytest
import time_machine
from django.db import connection

from accounts.models import Post
from districts.models import DistrictProfile
from enterprises.models import Enterprise
from liaisons.coverage import coverage
from liaisons.models import Assignment
from liaisons.selectors import owed_visits
from tests import factories as make

STARTED = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def a_thursday_in_november():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


@pytest.fixture
def populated(network, district):
    """Covered, not covered, ended, not yet begun, off the roster, supported only; in two townships."""
    huihe = make.township(district, "灰河乡")
    for number in range(4):
        firm = network.firm(tier="small" if number % 2 else "above_scale")
        network.assigned(firm, started=STARTED)
        if number < 2:
            network.visit(firm, date(2026, 11, 3))
    network.firm(region=huihe)
    network.firm(region=huihe, tier="small")
    ended = network.assigned(network.firm(), started=STARTED)
    Assignment.objects.filter(pk=ended.pk).update(ended=date(2026, 11, 19))
    network.assigned(network.firm(), started=date(2026, 12, 1))
    gone = network.firm()
    network.assigned(gone, started=STARTED)
    Enterprise.objects.filter(pk=gone.pk).update(active=False)
    network.assigned(network.firm(), network.bob, started=STARTED, part="support")
    network.assigned(make.project(district), network.bob, started=STARTED)
    make.project(district)
    return network


def sql(question: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


IN_FORCE = "a.started <= '2026-11-19' and (a.ended is null or a.ended > '2026-11-19')"


def test_the_tiers_add_up_to_what_sql_counts(populated):
    found = {share.tier: share for share in coverage(populated.dispatcher).tiers}
    counted = sql(
        f"""select e.tier, count(*), sum(case when exists (select 1 from liaisons_assignment a
            where a.enterprise_id = e.id and {IN_FORCE}) then 1 else 0 end)
            from enterprises_enterprise e where e.active group by e.tier"""
    )
    assert {(tier, total, covered) for tier, total, covered in counted} == {
        (share.tier, share.total, share.covered) for share in found.values() if share.tier != "project"
    }
    assert sql(
        f"""select count(*), sum(case when exists (select 1 from liaisons_assignment a
            where a.project_id = p.id and {IN_FORCE}) then 1 else 0 end) from enterprises_project p where p.active"""
    ) == [(found["project"].total, found["project"].covered)]
    assert (found["above_scale"].total, found["above_scale"].covered, found["above_scale"].gaps) == (6, 3, 3)


def test_townships_and_units_are_what_sql_counts(populated):
    found = coverage(populated.dispatcher)
    by_place = sql(
        f"""select r.name, count(*), sum(case when exists (select 1 from liaisons_assignment a
            where a.enterprise_id = e.id and {IN_FORCE}) then 1 else 0 end)
            from enterprises_enterprise e join districts_region r on r.id = e.region_id
            where e.active group by r.name"""
    )
    firms_only = {
        (
            place.region.name,
            sum(share.total for share in place.tiers if share.tier != "project"),
            sum(share.covered for share in place.tiers if share.tier != "project"),
        )
        for place in found.townships
    }
    assert set(by_place) == firms_only
    by_unit = sql(
        f"""select u.short_name, count(distinct a.official_id), count(distinct a.enterprise_id),
            count(distinct a.project_id) from liaisons_assignment a join accounts_unit u on u.id = a.unit_id
            where {IN_FORCE} group by u.short_name"""
    )
    assert set(by_unit) == {
        (line.unit.short_name, line.cadres, line.enterprises, line.projects) for line in found.units
    }


def test_visits_of_the_running_period_are_counted(populated):
    shares = {share.tier: share.visited for share in coverage(populated.dispatcher).tiers}
    assert shares == {"above_scale": 1, "small": 1, "project": 0}


def test_a_firm_with_supporting_cadres_alone_is_pointed_out(populated):
    assert coverage(populated.dispatcher).without_lead == 1


def test_each_gap_leads_to_the_very_list_it_counts(client, populated):
    client.force_login(populated.dispatcher)
    for share in coverage(populated.dispatcher).tiers:
        answer = client.get(share.gaps_url)
        assert answer.context["page"].paginator.count == share.gaps, share.label
    for place in coverage(populated.dispatcher).townships:
        for share in place.tiers:
            assert client.get(share.gaps_url).context["page"].paginator.count == share.gaps


def test_full_coverage_is_said_only_when_nothing_is_missing(network):
    for _ in range(199):
        Enterprise.objects.create(
            name="x", district=network.district, region=network.datong.region, tier="small",
            no_code_reason="正在办理", created_at="2026-01-01T00:00Z",
        )  # fmt: skip
    firm = network.firm(tier="small")
    Assignment.objects.bulk_create(
        Assignment(
            district=network.district, region=one.region, official=network.ann, unit=network.datong, enterprise=one,
            started=STARTED, recorded_by=network.dispatcher, recorded_at="2026-01-05T00:00Z",
        )
        for one in Enterprise.objects.exclude(pk=firm.pk).select_related("region")
    )  # fmt: skip
    small = next(share for share in coverage(network.dispatcher).tiers if share.tier == "small")
    assert (small.percent, small.bar) == ("99.5%", 99)
    network.assigned(firm, started=STARTED)
    assert coverage(network.dispatcher).all.percent == "100.0%"


def test_cadres_with_too_many_firms_and_those_who_left_are_named(network, district):
    rules = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json")
    rules["visits"]["most_per_cadre"] = 5
    DistrictProfile.objects.create(district=district, effective_from=date(2026, 11, 1), data=rules)
    for _ in range(6):
        network.assigned(network.firm(tier="small"), started=STARTED)
    network.assigned(network.firm(), network.bob, started=STARTED)
    network.bob.posts.update(ended=date(2026, 11, 1))
    # To another unit: the firms were his as a cadre of 大通镇.
    Post.objects.create(
        official=network.bob,
        unit=make.unit(district, "tjj"),
        title="科员",
        rank_group="staff",
        started=date(2026, 11, 1),
    )
    found = coverage(network.dispatcher)
    assert [(person.official, person.firms) for person in found.overloaded] == [(network.ann, 6)]
    assert [(person.official, person.firms) for person in found.left] == [(network.bob, 1)]


def test_a_township_counts_its_own_region(populated, district):
    other = make.user(make.unit(district, "huihe"), "liaison")
    found = coverage(other)
    assert [place.region.name for place in found.townships] == ["灰河乡"]
    assert (found.all.total, found.all.covered) == (2, 0)


def test_it_costs_the_same_for_few_and_for_many(network, django_assert_max_num_queries):
    for _ in range(30):
        network.assigned(network.firm(), started=STARTED)
    with django_assert_max_num_queries(16):
        coverage(network.dispatcher)


def test_who_may_see_it(client, network, district):
    for unit, role, status in [
        ("kjj", "dispatcher", 200), ("kjj", "bureau_leader", 200), ("datong", "liaison", 200),
        ("datong", "unit_leader", 200), ("jwdc", "supervisor", 200), ("datong", "cadre", 403),
        ("datong_window", "window", 403),
    ]:  # fmt: skip
        client.force_login(make.user(make.unit(district, unit), role))
        assert client.get("/liaisons/coverage/").status_code == status, (unit, role)


# --- Who is behind --------------------------------------------------------------------------------


def test_the_behind_list_is_what_sql_finds(populated):
    behind = sql(
        """select a.id from liaisons_assignment a join enterprises_enterprise e on e.id = a.enterprise_id
           where a.part = 'lead' and a.started <= '2026-07-01' and a.ended is null and e.tier = 'above_scale'
           and not exists (select 1 from liaisons_visit v where v.enterprise_id = e.id and v.kind in ('visit', 'onsite')
               and v.occurred_at >= '2026-06-30 16:00:00+00:00')"""
    )
    found = owed_visits(populated.dispatcher).filter(enterprise__isnull=False)
    above = found.filter(enterprise__tier="above_scale")
    assert {pk for (pk,) in behind} == set(above.values_list("pk", flat=True))
    assert above.exists()


def test_the_behind_list_says_who_and_when_last(client, network):
    firm = network.firm(name="铜陵久未走访机械有限公司")
    network.assigned(firm, started=STARTED)
    network.visit(firm, date(2026, 5, 6))
    client.force_login(network.dispatcher)
    page = client.get("/liaisons/behind/").content.decode()
    assert "铜陵久未走访机械有限公司" in page and "上季度未走访" in page and "2026-05-06" in page
    assert "没有欠访" in client.get("/liaisons/behind/?official=没有这个人").content.decode()
    sheet = client.get("/liaisons/behind/download/")
    assert sheet["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_liaison_of_another_unit_does_not_see_it(client, network, district):
    network.assigned(network.firm(), started=STARTED)
    client.force_login(make.user(make.unit(district, "huihe"), "liaison"))
    assert "没有欠访" in client.get("/liaisons/behind/").content.decode()
