from datetime import date

import pytest

from accounts.models import Official, Unit, User
from districts.models import Region
from tests import factories as make


class Hall:
    """The bureau that runs the hall, 区人社局 with its window, its leader and its people."""

    def __init__(self, district: Region) -> None:
        self.district = district
        self.bureau: Unit = make.unit(district, "kjj")
        self.dispatcher: User = make.user(self.bureau, "dispatcher")
        self.unit: Unit = make.unit(district, "rsj")
        self.window: Unit = make.unit(district, "rsj_window")
        self.head: Official = make.official(self.unit, name="江晚", title="副局长", rank_group="unit_leaders")
        self.clerk_official: Official = make.official(self.unit, name="程立", title="科员")
        self.liaison: User = make.user(self.unit, "liaison")
        self.leader: User = make.user(self.unit, "unit_leader", official=self.head)
        self.clerk: User = make.user(self.window, "window")
        self.other: User = make.user(make.unit(district, "fgw"), "liaison")


@pytest.fixture
def hall(district: Region) -> Hall:
    return Hall(district)


@pytest.fixture
def outsider(district: Region) -> User:
    """A dispatcher of another district."""
    other = make.another_district(district)
    return make.user(make.unit(other), "dispatcher")


FRIDAY = date(2026, 11, 20)
