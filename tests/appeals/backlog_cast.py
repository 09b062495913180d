"""The people of an appeal's life with a list of what was left undone."""

from dataclasses import replace
from datetime import date, timedelta

from accounts.models import Role, User
from appeals.backlog import put_on_list
from appeals.backlog_rules import Course, Matter
from appeals.models import BacklogItem
from core import clock
from tests import factories
from tests.appeals.lives import Cast

REASON = "条件有变化"


def limited(days: int = 30, **fields) -> Course:
    return replace(
        Course("limited", clock.today() + timedelta(days=days), plan="分两批兑现，年内付清。"), **fields
    )


def disputed(days: int = 14, **fields) -> Course:
    course = Course(
        "disputed", clock.today() + timedelta(days=days), route="mediation", next_step="组织双方调解"
    )
    return replace(course, **fields)


def immediate(due_on: date | None = None, **fields) -> Course:
    return replace(Course("immediate", due_on or clock.today() + timedelta(days=7)), **fields)


class BacklogCast(Cast):
    """区人社局 leads, 区农业农村局 assists; the firm lies in 大通镇."""

    def matter(self, **fields) -> Matter:
        matter = Matter(
            source="policy",
            unit=self.liaison.unit,
            title="2023年稳岗返还没有兑现",
            subject=fields.pop("subject", None) or self.firm,
            reference="郊政〔2023〕5号",
            facts="企业多次申报，因资金没有到位至今没有拨付。",
            assisting=(self.assistant.unit,),
            found_on=clock.today(),
        )
        return replace(matter, **fields)

    @property
    def firm(self):
        if not hasattr(self, "_firm"):
            self._firm = factories.enterprise(self.district, name="铜陵存量机械有限公司")
        return self._firm

    @property
    def section_head(self) -> User:
        if "section_head" not in self.people:
            unit = factories.unit(self.district, "rsj")
            self.people["section_head"] = factories.user(unit, Role.SECTION_HEAD, username="section_head")
        return self.people["section_head"]

    def item(self, course: Course | None = None, by: User | None = None, **fields) -> BacklogItem:
        return put_on_list(by=by or self.dispatcher, matter=self.matter(**fields), course=course or limited())
