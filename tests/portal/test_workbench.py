"""今日必办: what each role owes today."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from liaisons.models import Assignment
from tests import factories
from tests.appeals.lives import Cast

QUERIES = 22


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


def bench(user) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get("/workbench/")
    assert answer.status_code == 200
    return answer.content.decode()


def long_ago():
    return clock.at(clock.now() - timedelta(days=30))


def test_a_day_without_work_says_so_to_everybody(cast):
    for part in Cast.PARTS:
        text = bench(getattr(cast, part))
        assert "今天的事都办完了" in text, part


def test_what_is_overdue_stands_on_the_desk_of_whoever_owes_it(cast):
    with long_ago():
        appeal = cast.walk(cast.submit(), "dispatch")
    assert appeal.number in bench(cast.liaison) and "已超期" in bench(cast.liaison)
    assert appeal.number in bench(cast.unit_leader)
    for part in ("dispatcher", "other_liaison", "window", "district_leader", "admin", "cadre"):
        assert appeal.number not in bench(getattr(cast, part)), part


def test_what_is_due_much_later_is_not_asked_for_today(cast):
    appeal = cast.walk(cast.submit(), "dispatch")
    appeal.deadlines.filter(kind="sign").update(
        due_at=clock.now() + timedelta(days=9), blue_at=clock.now() + timedelta(days=8)
    )
    appeal.deadlines.filter(kind="handle").update(
        due_at=clock.now() + timedelta(days=9), blue_at=clock.now() + timedelta(days=8)
    )
    assert appeal.number not in bench(cast.liaison)
    appeal.deadlines.filter(kind="sign").update(blue_at=clock.now() - timedelta(hours=1))
    assert appeal.number in bench(cast.liaison) and "临期" in bench(cast.liaison)


def test_the_bureau_finds_what_waits_for_its_second_look(cast):
    proposed = cast.do(cast.submit(), "propose_decline")
    closable = cast.walk(cast.submit(), "second_revisit")
    text = bench(cast.second_dispatcher)
    assert proposed.number in text and closable.number in text and "待复核" in text
    assert "待复核" not in bench(cast.supervisor)


def test_a_cadre_sees_how_many_firms_to_look_after(cast):
    firm = factories.enterprise(cast.district)
    Assignment.objects.create(
        district=cast.district, region=firm.region, official=cast.cadre.official, unit=cast.cadre.unit,
        enterprise=firm, started=clock.today(), recorded_by=cast.cadre, recorded_at=clock.now(),
    )  # fmt: skip
    assert "我联系的企业" in bench(cast.cadre) and "我联系的企业" not in bench(cast.liaison)


def test_an_account_without_a_unit_is_told_whom_to_ask(db):
    assert "账号还没有所属单位" in bench(User.objects.create(username="bare"))


def test_the_bench_costs_the_same_however_much_lies_on_it(cast):
    client = Client()
    client.force_login(cast.dispatcher)

    def cost() -> int:
        client.get("/workbench/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/workbench/")
        return len(captured)

    def work(times: int) -> None:
        for _ in range(times):
            with long_ago():
                cast.submit()
            cast.do(cast.submit(), "propose_decline", by="second_dispatcher")

    work(2)
    few = cost()
    work(12)
    assert cost() == few <= QUERIES
