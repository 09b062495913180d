from datetime import date, datetime

import pytest
from django.utils import timezone

from accounts.models import Official, Unit, User
from districts.models import Region
from enterprises.models import Enterprise, Project
from liaisons.models import Assignment, Visit
from liaisons.services.assignments import assign
from liaisons.services.visits import record_visit
from tests import factories as make


def moment(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


class Network:
    """A dispatcher, two cadres of 大通镇 and what they do."""

    def __init__(self, district: Region) -> None:
        self.district = district
        self.dispatcher: User = make.user(make.unit(district), "dispatcher")
        self.datong: Unit = make.unit(district, "datong")
        self.liaison: User = make.user(self.datong, "liaison")
        self.ann: Official = make.official(
            self.datong, name="方圆", title="副镇长", rank_group="unit_leaders"
        )
        self.bob: Official = make.official(self.datong, name="安宁", title="科员")

    def firm(self, name: str = "", **fields) -> Enterprise:
        return make.enterprise(self.district, name=name, **({"tier": "above_scale"} | fields))

    def assigned(
        self,
        firm: Enterprise | Project,
        official: Official | None = None,
        *,
        started: date,
        part: str = "lead",
    ) -> Assignment:
        return assign(
            by=self.dispatcher, official=official or self.ann, subject=firm, started=started, part=part
        )

    def visit(
        self, firm: Enterprise | Project, day: date, *, who: Official | None = None, kind: str = "visit"
    ) -> Visit:
        return record_visit(
            by=self.liaison,
            reporting_unit=self.datong,
            kind=kind,
            occurred_at=moment(day),
            region=firm.region,
            officials=[who or self.ann],
            **{"enterprise" if isinstance(firm, Enterprise) else "project": firm},
        )


@pytest.fixture
def unit(district):
    return make.unit(district, "datong")


@pytest.fixture
def liaison(unit):
    return make.user(unit, "liaison")


@pytest.fixture
def dispatcher(district):
    return make.user(make.unit(district), "dispatcher")


@pytest.fixture
def leader(district):
    return make.official(
        make.unit(district, "qzfb"), name="常思远", title="副区长", rank_group="district_leaders"
    )


@pytest.fixture
def network(district: Region) -> Network:
    return Network(district)
