"""An organ's criteria of a year (penalties of the year before, put right or not, with what effect), and the sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from core import clock
from districts.grades import Grades
from districts.models import Region
from enterprises.grade_querysets import rules_for
from enterprises.grades.permissions import WHO_GRADES, may_grade
from enterprises.models import GradeCriteria

MOST_ITEMS = 10
MOST_POINTS = 1000
MOST_TEXT = 5000


@dataclass(frozen=True)
class Item:
    """What is scored, and the most it can bring."""

    label: str
    points: int
    hint: str = ""


@dataclass(frozen=True)
class Scored:
    scores: list[dict[str, Any]]
    total: int | None
    suggested: str
    """The grade by the thresholds; "" where the criteria name none."""


@transaction.atomic
def set_criteria(
    *, by: User, field: str, year: int, text: str, items: Sequence[Item], thresholds: Mapping[str, int]
) -> GradeCriteria:
    """A new version of the field's criteria of this year or the next; earlier ones stay with what they scored."""
    rules = rules_for(by)
    if rules is None or by.unit is None or not may_grade(by, rules, field):
        raise PermissionDenied(WHO_GRADES)
    errors: dict[str, list[str]] = {}
    if year not in {clock.today().year, clock.today().year + 1}:
        errors["year"] = ["只能制定今年或明年的标准。"]
    if not text.strip():
        errors["text"] = ["请填写分级分类标准。"]
    elif len(text) > MOST_TEXT:
        errors["text"] = [f"最多{MOST_TEXT}字。"]
    if wrong := _wrong_items(items):
        errors["items"] = [wrong]
    elif wrong := _wrong_thresholds(rules.grades, items, thresholds):
        errors["thresholds"] = [wrong]
    if errors:
        raise ValidationError(errors)
    Region.objects.select_for_update(no_key=True).get(pk=by.unit.district_id)
    earlier = (
        GradeCriteria.objects.filter(district=by.unit.district_id, field=field, year=year).newest().first()
    )
    criteria = GradeCriteria.objects.create(
        district=by.unit.district,
        field=field,
        year=year,
        version=earlier.version + 1 if earlier else 1,
        text=text.strip(),
        items=[
            {
                "code": f"item{no}",
                "label": item.label.strip(),
                "points": item.points,
                "hint": item.hint.strip(),
            }
            for no, item in enumerate(items, 1)
        ],
        thresholds=dict(thresholds) if items else {},
        unit=by.unit,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    audit.record(by, "grade.criteria_set", criteria, field=field, year=year, version=criteria.version)
    return criteria


def _wrong_items(items: Sequence[Item]) -> str:
    if len(items) > MOST_ITEMS:
        return f"最多{MOST_ITEMS}个评分项。"
    labels = [item.label.strip() for item in items]
    if not all(labels):
        return "每个评分项都要有名称。"
    if len(set(labels)) < len(labels):
        return "评分项的名称重复。"
    if any(not 1 <= item.points <= MOST_POINTS for item in items):
        return f"每个评分项的满分在 1 到 {MOST_POINTS} 之间。"
    return ""


def _wrong_thresholds(grades: Grades, items: Sequence[Item], thresholds: Mapping[str, int]) -> str:
    """Descending, within the sum; all but the strictest grade have one."""
    if not items:
        return ""
    most = sum(item.points for item in items)
    needed = grades.ordered[:-1]
    lines = [thresholds.get(grade.code) for grade in needed]
    if any(line is None for line in lines):
        return f"请填写{'、'.join(grade.label for grade in needed)}的分数线。"
    numbers = [line for line in lines if line is not None]
    if any(not 0 < number <= most for number in numbers):
        return f"分数线须在 1 到满分 {most} 之间。"
    if any(first <= second for first, second in pairwise(numbers)):
        return "等级越好，分数线须越高。"
    return ""


def criteria_of(district: Region | int, field: str, year: int) -> GradeCriteria | None:
    return GradeCriteria.objects.filter(district=district, field=field, year=year).newest().first()


def scored(criteria: GradeCriteria | None, entered: Mapping[str, int | None], grades: Grades) -> Scored:
    """The points as they are kept, their sum, and the grade it suggests. All items, or none at all."""
    if criteria is None or not criteria.items or all(value is None for value in entered.values()):
        return Scored([], None, "")
    scores, errors = [], {}
    for item in criteria.items:
        points = entered.get(item["code"])
        if points is None:
            errors[item["code"]] = [f"请填写“{item['label']}”的得分，或全部留空。"]
        elif not 0 <= points <= item["points"]:
            errors[item["code"]] = [f"“{item['label']}”的得分在 0 到 {item['points']} 之间。"]
        else:
            scores.append(
                {"code": item["code"], "label": item["label"], "points": points, "most": item["points"]}
            )
    if errors:
        raise ValidationError(errors)
    total = sum(score["points"] for score in scores)
    return Scored(scores, total, suggestion(criteria, total, grades))


def suggestion(criteria: GradeCriteria, total: int, grades: Grades) -> str:
    ordered = grades.ordered
    for grade in ordered[:-1]:
        line = criteria.thresholds.get(grade.code)
        if line is not None and total >= line:
            return grade.code
    return ordered[-1].code
