"""The first day: a few steps for each role, each to a page that opens."""

import pytest

from accounts.models import IN_OFFICE, Role
from portal.tours import LONGEST, TOURS, tour_of
from tests import factories


def test_every_role_in_office_has_its_own_of_at_most_five_steps():
    assert set(TOURS) == set(IN_OFFICE)
    for role, steps in TOURS.items():
        assert 3 <= len(steps) <= LONGEST, role
        assert len({step.url_name for step in steps}) == len(steps)


@pytest.mark.parametrize("role", list(TOURS))
def test_each_step_is_in_the_navigation_and_opens(client, district, role):
    user = factories.user(factories.unit(district, "jwdc" if role == Role.SUPERVISOR else "kjj"), role)
    client.force_login(user)
    page = client.get("/workbench/").content.decode()
    assert "步熟悉这里" in page
    shown = page.split('class="tour"')[1].split("</ol>")[0]
    for step in TOURS[role]:
        place = next(place for place, text in tour_of(user) if place.url_name == step.url_name)
        assert f'href="{place.url}"' in shown and step.text in shown
        assert client.get(place.url, follow=True).status_code == 200


def test_it_is_shown_until_its_reader_has_seen_enough(client, district):
    user = factories.user(factories.unit(district), Role.DISPATCHER)
    client.force_login(user)
    assert client.get("/workbench/tour/finish/").status_code == 405
    answer = client.post("/workbench/tour/finish/", follow=True)
    assert "步熟悉这里" not in answer.content.decode()
    assert "使用手册" in answer.content.decode()
    user.refresh_from_db()
    seen = user.toured_at
    client.post("/workbench/tour/finish/")
    user.refresh_from_db()
    assert user.toured_at == seen
    assert 'class="tour"' in client.get("/manual/").content.decode()


def test_whoever_has_several_roles_sees_one_tour(client, district):
    user = factories.user(factories.unit(district), Role.CADRE, Role.LIAISON)
    assert [place.url_name for place, _ in tour_of(user)] == [step.url_name for step in TOURS[Role.LIAISON]]
