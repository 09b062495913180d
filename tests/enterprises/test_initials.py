"""Firms and projects are found by the initials of their names: the same on SQLite and PostgreSQL."""

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import Role
from enterprises import selectors, services
from enterprises.models import Enterprise, Project
from tests import factories

backfill = import_module("enterprises.migrations.0005_initials_lead_to_the_roster").add_initials


def names(rows) -> list[str]:
    return [row.name for row in rows]


def test_three_characters_or_the_initials_find_the_firm(district):
    dispatcher = factories.user(factories.unit(district), Role.DISPATCHER)
    technology = factories.enterprise(district, name="铜陵科技发展有限公司")
    factories.enterprise(district, name="安徽铜陵科技园区管理有限公司")
    feed = factories.enterprise(district, name="大通饲料厂")
    latin = factories.enterprise(district, name="TLKJ实业")
    project = factories.project(district, name="年产五万吨电解铜箔")

    def found(query: str) -> list[str]:
        return names(selectors.lookup(user=dispatcher, query=query))

    # What begins with the letters comes before what has them in the middle.
    assert found("tlkj") == [latin.name, technology.name, "安徽铜陵科技园区管理有限公司"]
    assert found("TLKJ") == found("ｔｌｋｊ") == found("tlkj")
    assert found("大通饲") == found("dtsl") == [feed.name]
    assert found("djtb") == [project.name]
    assert found("tlkj 管理") == ["安徽铜陵科技园区管理有限公司"]
    assert found("xyz") == []


def test_a_rare_character_does_no_harm(district):
    firm = factories.enterprise(district, name="𠮷祥商行")
    assert names(Enterprise.objects.search("xsh")) == names(Enterprise.objects.search("𠮷祥")) == [firm.name]


def test_a_new_name_has_new_initials(district):
    dispatcher = factories.user(factories.unit(district), Role.DISPATCHER)
    firm = factories.enterprise(district, name="旧名商行")
    services.change_enterprise(by=dispatcher, enterprise=firm, changes={"name": "新名商行"})
    assert names(Enterprise.objects.search("xmsh")) == ["新名商行"]
    assert not Enterprise.objects.search("jmsh").exists()


def test_the_roster_and_the_search_of_the_portal_know_them_too(district):
    dispatcher = factories.user(factories.unit(district), Role.DISPATCHER)
    firm = factories.enterprise(district, name="铜陵科技发展有限公司")
    client = Client()
    client.force_login(dispatcher)
    for address in ("/enterprises/", "/search/"):
        assert firm.name in client.get(address, {"q": "tlkj"}).content.decode(), address
        assert firm.name not in client.get(address, {"q": "zzzz"}).content.decode(), address


def test_rows_of_before_get_their_initials_batch_by_batch(district, monkeypatch):
    monkeypatch.setattr("enterprises.migrations.0005_initials_lead_to_the_roster.BATCH", 2)
    firms = [factories.enterprise(district, name=f"铜陵科技{number}号") for number in "一二三四五"]
    project = factories.project(district, name="铜箔项目")
    for model in (Enterprise, Project):
        for row in model.objects.all():
            text = " ".join(word for word in row.search_text.split() if not word.startswith(("tlkj", "tb")))
            model.objects.filter(pk=row.pk).update(search_text=text)
    assert not Enterprise.objects.search("tlkj").exists()
    for _ in range(2):
        backfill(apps, SimpleNamespace(connection=connection))
        assert set(Enterprise.objects.search("tlkj")) == set(firms)
        assert list(Project.objects.search("tbxm")) == [project]
    assert all(row.search_text.count("tlkj") == 1 for row in Enterprise.objects.all())
