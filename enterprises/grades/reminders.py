"""Notices about grades: objections to rule on, the season that ends with firms ungraded, what is to be put right.

A poll of the database's truth: run by a tick, as often as it likes; the key of a notice makes each happen once.
"""

from datetime import timedelta

from django.urls import reverse

from accounts.selectors import unit_of
from core import clock
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.grades.figures import progress
from enterprises.grades.grading import desk
from enterprises.grades.objections import rulers
from enterprises.grades.permissions import GRADING
from enterprises.models import GradeObjection, Inspection
from notifications.services import notify

SEASON_WARNING = timedelta(days=14)
RECTIFY_WARNING = timedelta(days=3)
NEWS = timedelta(days=10)
"""A missed tick is made up for within so many days; nobody is told about what is long over."""


def remind_of_grades(district: Region) -> None:
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    if not rules.grades.enabled:
        return
    _objections(district, rules)
    _season(district, rules)
    _rectifications(district)


def _objections(district: Region, rules: Rules) -> None:
    """The working day before the end, and once it is overdue."""
    today = clock.today()
    soon = work_calendar(rules).add(today, 1)
    waiting = GradeObjection.objects.open().filter(district=district, due_on__lte=soon)
    for objection in waiting.select_related("record__enterprise", "unit"):
        late = objection.due_on < today
        firm = objection.record.enterprise
        notify(
            rulers(objection, rules),
            key=f"grade:objection:{objection.pk}:{'late' if late else 'soon'}",
            tone="red" if late else "blue",
            title=f"{firm}的分级异议{'已超过裁定期限' if late else '即将到裁定期限'}",
            body=f"裁定期限 {objection.due_on:%Y-%m-%d}，评定人、审定人回避。",
            url=reverse("enterprises:grade_objection", args=[objection.pk]),
        )


def _season(district: Region, rules: Rules) -> None:
    """To the organ whose list is not done: when the season begins, two weeks before its end, and after it."""
    today = clock.today()
    first, last = rules.grades.season(today.year)
    if not first <= today <= last + NEWS:
        return
    stage = "over" if today > last else "ending" if today >= last - SEASON_WARNING else "begun"
    if stage == "begun" and today > first + NEWS:
        return
    for one in progress(district, rules, today.year):
        left = one.due - one.done
        if one.due and not left:
            continue
        said = f"还有 {left} 家企业没有评定" if one.due else "还没有列出应评企业"
        unit = unit_of(district, one.field.unit)
        notify(
            desk(unit, *GRADING),
            key=f"grade:season:{today.year}:{one.field.code}:{stage}",
            title=f"{today.year}年{one.field.label}分级{'已过评定期' if stage == 'over' else '评定期'}：{said}",
            body=f"评定期 {first:%m月%d日} 至 {last:%m月%d日}，按上一年度数据评定。",
            url=reverse("enterprises:grade_season", args=[one.field.code]),
        )


def _rectifications(district: Region) -> None:
    """What was to be put right: a little before the day and after it, to the unit that led the inspection."""
    today = clock.today()
    open_ones = Inspection.objects.filter(
        district=district, rectified_on__isnull=True, rectify_by__lte=today + RECTIFY_WARNING,
        rectify_by__gte=today - NEWS,
    )  # fmt: skip
    for inspection in open_ones.select_related("enterprise", "unit"):
        late = inspection.rectify_by is not None and inspection.rectify_by < today
        notify(
            desk(inspection.unit, *GRADING),
            key=f"inspection:{inspection.pk}:rectify:{'late' if late else 'soon'}",
            title=f"{inspection.enterprise}的整改{'已过期限' if late else '即将到期'}",
            body=f"整改期限 {inspection.rectify_by:%Y-%m-%d}，请复查并登记。",
            url=reverse("enterprises:inspection", args=[inspection.pk]),
        )
