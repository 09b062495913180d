"""指标口径, for people and for machines."""

import json

import pytest
from django.core.management import call_command

from accounts.models import Role
from reports.indicators import GROUPS, RATES, REGISTRY

pytestmark = pytest.mark.django_db


def test_the_page_lists_every_indicator_and_rate_at_its_own_address(work, client):
    client.force_login(work.user("datong", Role.CADRE))
    page = client.get("/reports/indicators/").content.decode()
    for one in (*REGISTRY.values(), *RATES.values()):
        assert f'id="{one.name}"' in page and one.label in page
    assert RATES["on_time_rate"].numerator.definition in page


def test_an_administrator_alone_reads_it_not(work, client):
    client.force_login(work.user("kjj", Role.ADMIN))
    assert client.get("/reports/indicators/").status_code == 403


def test_the_command_prints_the_registry_as_json(capsys):
    call_command("indicators", json=True)
    groups = json.loads(capsys.readouterr().out)
    assert [group["group"] for group in groups] == [label for label, _, _ in GROUPS]
    rates = {rate["name"]: rate for group in groups for rate in group["rates"]}
    names = {one["name"] for group in groups for one in group["indicators"]}
    assert set(rates) == set(RATES) and names == set(REGISTRY)
    for rate in rates.values():
        assert {rate["numerator"], *rate["denominator"]} <= names
    assert rates["on_spot_rate"]["denominator"] == ["solved_on_spot", "provincial_recorded"]


def test_the_command_prints_it_for_people_too(capsys):
    call_command("indicators")
    told = capsys.readouterr().out
    assert "【诉求办理】" in told and "＝ 按时办结件次 ÷ 应办结件次" in told
