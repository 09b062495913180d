"""Who grades in the tests: four organs, the gathering unit, and a firm above scale in 大通镇."""

from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.models import User
from core import clock
from districts.models import Region
from districts.workdays import SHANGHAI
from enterprises.grades.grading import grade_firm
from enterprises.models import Enterprise, GradeRecord
from liaisons.models import Assignment
from tests import factories as make

SPRING = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)
REASON = "去年行政处罚两次未整改到位-机密理由"


@dataclass
class Organs:
    district: Region
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


def organs(district: Region) -> Organs:
    found = Organs(district)
    for name, code, role in (
        ("grader", "sthj", "liaison"),
        ("leader", "sthj", "unit_leader"),
        ("deputy", "sthj", "deputy_leader"),
        ("safety", "yjj", "liaison"),
        ("safety_leader", "yjj", "unit_leader"),
        ("gatherer", "sfj", "liaison"),
        ("dispatcher", "kjj", "dispatcher"),
        ("supervisor", "jwdc", "supervisor"),
        ("district_leader", "qzfb", "district_leader"),
        ("stranger", "rsj", "liaison"),
        ("town", "datong", "liaison"),
        ("other_town", "tongshan", "liaison"),
        ("window", "datong_window", "window"),
        ("admin", "kjj", "admin"),
    ):
        found.people[name] = make.user(make.unit(district, code), role)
    for name in ("cadre", "other_cadre"):
        fgw = make.unit(district, "fgw")
        found.people[name] = make.user(fgw, "cadre", official=make.official(fgw))
    return found


def firm_of(district: Region, name: str = "铜陵晨光机械有限公司", **fields) -> Enterprise:
    return make.enterprise(district, name=name, tier="above_scale", **fields)


def looked_after(firm: Enterprise, cadre: User, by: User) -> Assignment:
    return Assignment.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, official=cadre.official, unit=cadre.unit,
        started=date(2026, 1, 5), recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip


def graded(
    by: User, firm: Enterprise, grade: str = "green", code: str = "environment", **more
) -> GradeRecord:
    return grade_firm(
        by=by, enterprise=firm, field=code, grade=grade, reason=more.pop("reason", REASON), **more
    )
