"""The left navigation shows what a role can open, and nothing else."""

import re

import pytest
from django.test import Client

from accounts.models import IN_OFFICE, Role, User
from portal.navigation import GROUPS, Item, navigation
from tests import factories
from tests.appeals.lives import Cast


def items_of(user: User, path: str) -> list[Item]:
    return [item for section in navigation(user, path) for item in section.items]


@pytest.mark.parametrize("roles", [(role,) for role in sorted(IN_OFFICE)], ids=lambda roles: roles[0])
def test_every_place_offered_to_a_role_opens_for_it(district, roles):
    units = {
        Role.SUPERVISOR: "jwdc",
        Role.DISPATCHER: "kjj",
        Role.BUREAU_LEADER: "kjj",
        Role.WINDOW: "datong_window",
    }
    unit = factories.unit(district, units.get(roles[0], "rsj"))
    official = factories.official(unit) if roles[0] == Role.CADRE else None
    client = Client()
    user = factories.user(unit, *roles, official=official)
    client.force_login(user)
    places = items_of(user, "/workbench/")
    assert places[0].url == "/workbench/" and places[0].current and places[-1].label == "使用手册"
    for place in places:
        answer = client.get(place.url, follow=True)
        assert answer.status_code == 200, place.label
        sidebar = answer.content.decode().split('id="sidebar"')
        if len(sidebar) > 1:
            shown = re.findall(r'<li><a href="([^"]+)"', sidebar[1].split("</nav>")[0])
            assert shown == [other.url for other in places]


def test_the_longest_address_is_the_current_place(district):
    cast = Cast(district)
    current = [item.label for item in items_of(cast.dispatcher, "/appeals/desk/") if item.current]
    assert current == ["受理交办台"]
    current = [item.label for item in items_of(cast.dispatcher, "/appeals/JQ20261119-0001/") if item.current]
    assert current == ["诉求台账"]


def test_places_are_told_apart(db):
    places = [place for group in GROUPS for place in group.places]
    assert len({place.url for place in places}) == len(places) == len({place.label for place in places})
