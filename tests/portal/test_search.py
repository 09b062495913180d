"""One box for appeals, enterprises and projects: each finds what its reader may see."""

import pytest
from django.test import Client

from tests import factories
from tests.appeals.lives import Cast


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


def found(user, query: str):
    client = Client()
    client.force_login(user)
    return client.get("/search/", {"q": query})


def text(user, query: str) -> str:
    answer = found(user, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_number_leads_straight_to_its_appeal_for_whoever_sees_it(cast):
    appeal = cast.submit()
    for typed in (appeal.number, appeal.number.lower(), f" {appeal.number} "):
        assert found(cast.dispatcher, typed)["Location"] == f"/appeals/{appeal.number}/"
    assert "没有找到" in text(cast.other_liaison, appeal.number)


def test_words_find_appeals_firms_and_projects(cast):
    appeal = cast.submit(content="厂区门口积水严重，货车进不来。")
    firm = factories.enterprise(cast.district, name="铜陵晨光机械有限公司")
    project = factories.project(cast.district, name="晨光二期扩建")
    assert appeal.number in text(cast.dispatcher, "积水")
    both = text(cast.dispatcher, "晨光")
    assert f"/enterprises/{firm.pk}/" in both and f"/enterprises/projects/{project.pk}/" in both
    assert "没有找到" in text(cast.dispatcher, "没有这样的词")


def test_nobody_finds_what_is_not_theirs_to_see(cast):
    other = factories.another_district(cast.district)
    factories.enterprise(other, region=factories.township(other, "西湖镇"), name="铜官晨光别家公司")
    stranger = factories.user(factories.unit(other), "dispatcher")
    appeal = cast.submit(content="厂区门口积水严重，货车进不来。")
    own = factories.enterprise(cast.district, name="铜陵晨光机械有限公司")
    assert "铜官晨光别家公司" not in text(cast.dispatcher, "晨光")
    theirs = text(stranger, "晨光")
    assert own.name not in theirs and "铜官晨光别家公司" in theirs
    for user in (stranger, cast.other_liaison, cast.admin, cast.window):
        assert appeal.number not in text(user, "积水")


def test_odd_queries_break_nothing_and_are_shown_as_typed(cast):
    for query in ("", "%", "_", "\\", "'", "<script>alert(1)</script>", "𠮷😀", "\0", "a" * 5000, " " * 50):
        assert "<script>alert" not in text(cast.dispatcher, query)
