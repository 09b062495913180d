"""Who grades in the tests: four organs, the gathering unit, and a firm above scale in 大通镇."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accounts.models import User
from core import clock
from districts.models import Region
from districts.workdays import SHANGHAI
from enterprises.grades import inspections, objections, scoring, subjects
from enterprises.grades.grading import grade_firm
from enterprises.models import Enterprise, GradeObjection, GradeRecord, Inspection
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


@dataclass
class Supervised:
    """A firm with everything that grades bring: for the tests that open every page."""

    record: GradeRecord
    objection: GradeObjection
    inspection: Inspection


def supervised(firm: Enterprise, *, grader: User, leader: User, dispatcher: User) -> Supervised:
    """黄标 with an objection; another firm waits for its leader; a plan, and something to be put right."""
    items = [scoring.Item("行政处罚次数", 60, "每次扣15分"), scoring.Item("整改情况", 40)]
    scoring.set_criteria(
        by=grader, field="environment", year=clock.today().year, text="按上一年度处罚和整改评分。", items=items,
        thresholds={"green": 85, "yellow": 60},
    )  # fmt: skip
    other = firm_of(firm.district, "铜陵第二机械有限公司")
    if firm.tier != "above_scale":
        subjects.name_sample(by=dispatcher, enterprise=firm, reason="省级样本点")
    subjects.open_season(by=grader, field="environment")
    record = graded(grader, firm, "yellow", entered={"item1": 45, "item2": 30}, reason="去年处罚一次，已整改")
    graded(grader, other, "red", reason="去年处罚三次")
    objection = objections.register_objection(
        by=dispatcher, record=record, content="整改已完成。", how="letter", received_on=clock.today()
    )
    visit = inspections.Visit(
        enterprise=firm, planned_on=clock.today() + timedelta(days=3), basis="random", matter="危险废物台账"
    )
    held = inspections.record_result(
        by=grader, inspection=inspections.plan_inspection(by=grader, visit=visit), held_on=clock.today(),
        result="rectify", findings="台账不全。", rectify_by=clock.today() + timedelta(days=10),
    )  # fmt: skip
    assert held.held_at
    return Supervised(record, objection, inspections.plan_inspection(by=grader, visit=visit))


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
