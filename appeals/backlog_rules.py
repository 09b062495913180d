"""存量问题: what an entry of the list is, what it must be like, and who may do what with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from accounts.models import Role, Unit, User
from appeals.models import Appeal, BacklogItem
from appeals.querysets import UNIT_ROLES
from core import clock
from core.wording import speak
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project

Source, Classification, Route = BacklogItem.Source, BacklogItem.Classification, BacklogItem.Route

BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)
FURTHEST = timedelta(days=5 * 366)
MOST_AMOUNT = Decimal("9999999.99")
"""万元."""
MOST_TEXT = 3000
MOST_REASON = 300


# --- What is written ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matter:
    """What the problem is and who is to solve it. With an appeal, title and firm are the appeal's."""

    source: str
    unit: Unit
    title: str = ""
    subject: Enterprise | Project | None = None
    claimed_name: str = ""
    appeal: Appeal | None = None
    reference: str = ""
    facts: str = ""
    amount: Decimal | None = None
    assisting: Sequence[Unit] = ()
    found_on: date = field(default_factory=clock.today)


@dataclass(frozen=True)
class Course:
    """How it is to be solved: at once, by a day, or on the legal way. ``due_on`` of what is disputed: followed up."""

    classification: str
    due_on: date
    plan: str = ""
    route: str = ""
    next_step: str = ""


COLUMNS = {
    "source": "来源", "reference": "文号、案号或编号", "subject": "企业、项目", "title": "问题", "facts": "具体情况",
    "amount": "涉及金额（万元）", "unit": "牵头责任单位", "assisting": "协同责任单位", "found_on": "发现日期",
    "classification": "分类", "plan": "化解方案", "due_on": "完成时限", "route": "法律途径", "next_step": "下一步",
}  # fmt: skip
"""What people call each part of a matter and a course."""
CHOICES = {"source": Source, "classification": Classification, "route": Route}


def matter_of(item: BacklogItem) -> Matter:
    """As it stands now, with unit, subject and assisting units loaded."""
    return Matter(
        source=item.source,
        unit=item.unit,
        title=item.title,
        subject=item.subject,
        claimed_name=item.claimed_name,
        appeal=item.appeal,
        reference=item.reference,
        facts=item.facts,
        amount=item.amount,
        assisting=tuple(item.assisting.all()),
        found_on=item.found_on,
    )


def course_of(item: BacklogItem) -> Course:
    return Course(**{one.name: getattr(item, one.name) for one in fields(Course)})


def matter_of_appeal(appeal: Appeal) -> Matter:
    """What an appeal says about itself."""
    return Matter(
        source=Source.APPEAL,
        unit=appeal.lead_unit or appeal.collecting_unit,
        appeal=appeal,
        facts=appeal.content,
        found_on=clock.local_date(appeal.submitted_at),
    )


def tidy(matter: Matter) -> Matter:
    words: dict[str, Any] = {
        name: " ".join(getattr(matter, name).split()) for name in ("title", "claimed_name", "reference")
    }
    return replace(matter, **words, facts=matter.facts.strip(), assisting=tuple(matter.assisting))


def tidy_course(course: Course) -> Course:
    return replace(course, plan=course.plan.strip(), next_step=" ".join(course.next_step.split()))


def differences(was: Matter, matter: Matter, was_course: Course, course: Course) -> list[dict[str, str]]:
    """What is no longer the same, in words."""
    changes = []
    for name, title in COLUMNS.items():
        old, new = (was, matter) if hasattr(was, name) else (was_course, course)
        before, after = (_in_words(one, name) for one in (old, new))
        if before != after:
            changes.append({"title": title, "before": before, "after": after})
    return changes


def _in_words(of: Any, name: str) -> str:
    value = getattr(of, name)
    if name == "subject":
        return value.name if value else of.claimed_name
    if name == "assisting":
        return "、".join(sorted(str(unit) for unit in value))
    if name in CHOICES:
        return str(CHOICES[name](value).label) if value else ""
    if name == "reference" and of.appeal:
        return of.appeal.number
    return "" if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


# --- Who ------------------------------------------------------------------------------------------


def may_manage(user: User) -> bool:
    """Puts problems on the list, classifies, confirms, removes."""
    return user.unit_id is not None and user.has_role(*BUREAU)


def has_a_part(user: User) -> bool:
    """Whose work has to do with the list at all."""
    watching = (*BUREAU, Role.SUPERVISOR, Role.DISTRICT_LEADER)
    return user.unit_id is not None and user.has_role(*watching, *UNIT_ROLES)


def may_manage_item(user: User, item: BacklogItem) -> bool:
    return may_manage(user) and user.unit is not None and user.unit.district_id == item.district_id


def _leads(user: User, item: BacklogItem) -> bool:
    return user.unit_id == item.unit_id and user.has_role(*UNIT_ROLES, *BUREAU)


def may_plan(user: User, item: BacklogItem) -> bool:
    """The plan, and the legal way of what is disputed; classes and days are the bureau's."""
    return may_manage_item(user, item) or _leads(user, item)


def may_work(user: User, item: BacklogItem) -> bool:
    """Write down what was done, for an item with its assisting units loaded."""
    if may_plan(user, item):
        return True
    return user.has_role(*UNIT_ROLES) and user.unit_id in {unit.pk for unit in item.assisting.all()}


def may_report(user: User, item: BacklogItem) -> bool:
    return _leads(user, item) and not item.reported_at


def may_confirm(user: User, item: BacklogItem) -> bool:
    """Nobody confirms what they reported themselves."""
    return may_manage_item(user, item) and item.awaits_confirmation and item.reported_by_id != user.pk


# --- The rules of an entry ------------------------------------------------------------------------


class Rulebook:
    """What a matter and a course must be like in a district; for many rows of a sheet as for one form."""

    def __init__(self, district: Region) -> None:
        self.district = district
        self.rules: Rules = DistrictProfile.objects.in_force(district).rules

    @cached_property
    def units(self) -> dict[int, Unit]:
        """Who can be given something to solve."""
        units = (
            Unit.objects.of_district(self.district).active().filter(kind__in=self.rules.handling_unit_kinds)
        )
        return {unit.pk: unit for unit in units.order_by("order", "pk")}

    def last_day(self, since: date) -> date:
        """Until when what was classified as 立即 on a day has to be solved."""
        return work_calendar(self.rules).add(since, self.rules.backlog.immediate_days)

    def of_matter(self, matter: Matter, was: Matter | None = None) -> dict[str, str]:
        """What is wrong, by field. What stood there before may stay."""
        wrong: dict[str, str] = {}
        if matter.source not in Source.values:
            wrong["source"] = "请选择来源。"
        if (matter.source == Source.APPEAL) != (matter.appeal is not None):
            wrong["reference" if matter.appeal is None else "source"] = (
                "请填写诉求编号。" if matter.appeal is None else "来自诉求的，来源应为“未办结诉求”。"
            )
        if matter.appeal is None:
            if not matter.title:
                wrong["title"] = "请写明是什么问题。"
            if matter.subject is None and not matter.claimed_name:
                wrong["subject"] = speak("请选择企业、项目，不在底册的填写名称。")
        elif was is None and (matter.appeal.is_final or matter.appeal.district_id != self.district.pk):
            wrong["reference"] = "这件诉求已经终结，不必列入清单。"
        for name, most in (("title", 80), ("claimed_name", 120), ("reference", 80), ("facts", MOST_TEXT)):
            if len(getattr(matter, name)) > most:
                wrong[name] = f"最多{most}字。"
        if matter.amount is not None and not 0 < matter.amount <= MOST_AMOUNT:
            wrong["amount"] = "金额应大于 0，以万元为单位。"
        elif matter.amount is not None and matter.amount != round(matter.amount, 2):
            wrong["amount"] = "最多两位小数（精确到百元）。"
        if matter.unit.pk not in self.units and (was is None or was.unit != matter.unit):
            wrong["unit"] = "请选择本区县办理诉求的单位。"
        before = set(was.assisting) if was else set()
        if any(unit.pk not in self.units for unit in set(matter.assisting) - before):
            wrong["assisting"] = "请选择本区县办理诉求的单位。"
        elif matter.unit in matter.assisting:
            wrong["assisting"] = "牵头责任单位不能同时是协同责任单位。"
        if matter.found_on > clock.today():
            wrong["found_on"] = "发现日期不能晚于今天。"
        return wrong

    def of_course(
        self, course: Course, was: Course | None = None, since: date | None = None
    ) -> dict[str, str]:
        """``since``: the day it was classified as it is; a day that stood there before may stay."""
        wrong: dict[str, str] = {}
        if course.classification not in Classification.values:
            return {"classification": "请选择分类。"}
        if len(course.plan) > MOST_TEXT:
            wrong["plan"] = f"最多{MOST_TEXT}字。"
        same_class = was is not None and was.classification == course.classification
        if course.classification == Classification.DISPUTED:
            if course.route not in Route.values:
                wrong["route"] = "争议类请选择法律途径。"
            if not course.next_step:
                wrong["next_step"] = "争议类请写明下一步。"
        elif course.route or course.next_step:
            wrong["route"] = "只有争议类才填法律途径和下一步。"
        if len(course.next_step) > MOST_REASON:
            wrong["next_step"] = f"最多{MOST_REASON}字。"
        if course.classification == Classification.LIMITED and not course.plan:
            wrong["plan"] = "限期类请写明化解方案。"
        if same_class and was is not None and was.due_on == course.due_on:
            return wrong
        if course.due_on < clock.today():
            wrong["due_on"] = "日期不能早于今天。"
        elif course.due_on > clock.today() + FURTHEST:
            wrong["due_on"] = "日期过远，请核对年份。"
        elif course.classification == Classification.IMMEDIATE:
            last = self.last_day(since if same_class and since else clock.today())
            if course.due_on > last:
                wrong["due_on"] = (
                    f"立即类应在{self.rules.backlog.immediate_days}个工作日内（{last:%Y-%m-%d}前）化解；"
                    "暂不具备条件的，请改为限期类。"
                )
        return wrong
