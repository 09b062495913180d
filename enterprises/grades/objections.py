"""异议: what a firm says against its grade, ruled on by the organ that gave it, never by who gave or confirmed it.

Registered by staff on the firm's behalf: a grade is not shown on any page that the firm reaches by itself, since
whoever scans the plaque at its wall would see it too. An objection cannot make things worse for the firm.
"""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import User
from accounts.selectors import unit_of
from core import clock
from districts.calendars import work_calendar
from districts.profile import Rules
from enterprises.grade_querysets import rules_for
from enterprises.grades.grading import desk
from enterprises.grades.permissions import (
    GRADING,
    WHO_OBJECTS,
    WHO_RULES,
    may_register_objection,
    may_rule,
)
from enterprises.models import Enterprise, GradeObjection, GradeRecord
from notifications.services import notify

MOST_TEXT = 2000
LONGEST_AGO = timedelta(days=366)


@transaction.atomic
def register_objection(
    *, by: User, record: GradeRecord, content: str, how: str, received_on: date
) -> GradeObjection:
    """Against a grade that holds; late ones are taken too, and marked."""
    rows = GradeRecord.objects.select_for_update(of=("self",)).select_related(
        "enterprise", "unit", "district"
    )
    record = rows.get(pk=record.pk)
    rules = rules_for(by)
    if rules is None or not may_register_objection(by, rules, record):
        raise PermissionDenied(WHO_OBJECTS)
    if not holds(record):
        raise ValidationError("这个等级已被后来的评定取代，请对现行等级提出异议。")
    if record.objections.open().exists():
        raise ValidationError("对这个等级已有一件异议正在裁定。")
    errors: dict[str, list[str]] = {}
    if not content.strip():
        errors["content"] = ["请填写企业的异议。"]
    elif len(content) > MOST_TEXT:
        errors["content"] = [f"异议内容最多{MOST_TEXT}字。"]
    if how not in GradeObjection.How.values:
        errors["how"] = ["请选择提出方式。"]
    today = clock.today()
    if received_on > today:
        errors["received_on"] = ["提出日期不能晚于今天。"]
    elif received_on < max(clock.local_date(record.recorded_at), today - LONGEST_AGO):
        errors["received_on"] = ["提出日期不能早于评定日期。"]
    if errors:
        raise ValidationError(errors)
    calendar = work_calendar(rules)
    objection = GradeObjection.objects.create(
        district=record.district,
        record=record,
        unit=record.unit,
        received_on=received_on,
        how=how,
        content=content.strip(),
        is_late=is_late(record, received_on, rules),
        due_on=calendar.add(received_on, rules.grades.objection_days),
        registered_by=by,
        registered_at=clock.now(),
    )
    audit.record(by, "grade.objection_registered", objection, record=record.pk)
    notify(
        [user for user in rulers(objection, rules) if user.pk != by.pk],
        key=f"grade:objection:{objection.pk}",
        title=f"{record.enterprise}对{rules.grades.field_label(record.field)}等级提出异议",
        body=f"请在 {objection.due_on:%Y-%m-%d} 前裁定，评定人、审定人回避。",
        url=reverse("enterprises:grade_objection", args=[objection.pk]),
    )
    return objection


def rulers(objection: GradeObjection, rules: Rules) -> list[User]:
    """Who is to rule on it: those of the organ who may, and where there is nobody, those of the unit that gathers."""
    gathering = unit_of(objection.district_id, str(rules.grades.gathering_unit))
    for unit in (objection.unit, gathering):
        if found := [user for user in desk(unit, *GRADING) if may_rule(user, rules, objection)]:
            return found
    return []


def holds(record: GradeRecord) -> bool:
    """Nothing that took effect later has replaced it."""
    if not record.is_in_force:
        return False
    same = GradeRecord.objects.in_force().filter(enterprise=record.enterprise_id, field=record.field)
    last = same.order_by("-effective_from", "-pk").first()
    return last is not None and last.pk == record.pk


def is_late(record: GradeRecord, received_on: date, rules: Rules) -> bool:
    """After the days counted from when the firm was told; before that nothing is late."""
    if record.told_at is None:
        return False
    last = last_day_to_object(record, rules)
    return last is not None and received_on > last


def last_day_to_object(record: GradeRecord, rules: Rules) -> date | None:
    if record.told_at is None:
        return None
    told = clock.local_date(record.told_at)
    return work_calendar(rules).add(told, rules.grades.object_within_days)


@transaction.atomic
def rule(*, by: User, objection: GradeObjection, result: str, ruling: str, grade: str = "") -> GradeObjection:
    """Upheld, rejected, or changed to a milder grade, which is a record of its own."""
    rows = GradeObjection.objects.select_for_update(of=("self",)).select_related("record__enterprise")
    objection = rows.get(pk=objection.pk)
    record, rules = objection.record, rules_for(by)
    if objection.ruled_at:
        raise ValidationError("这件异议已经裁定过了。")
    if rules is None or not may_rule(by, rules, objection):
        raise PermissionDenied(WHO_RULES)
    errors: dict[str, list[str]] = {}
    if result not in GradeObjection.Result.values:
        errors["result"] = ["请选择裁定结果。"]
    if not ruling.strip():
        errors["ruling"] = ["请写明裁定意见。"]
    elif len(ruling) > MOST_TEXT:
        errors["ruling"] = [f"裁定意见最多{MOST_TEXT}字。"]
    changes = result == GradeObjection.Result.CHANGED
    if changes and (wrong := _wrong_grade(rules, record, grade)):
        errors["grade"] = [wrong]
    if errors:
        raise ValidationError(errors)
    if changes:
        Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=record.enterprise_id)
        objection.changed_to = _changed(by, record, grade, ruling)
    objection.result, objection.ruling = result, ruling.strip()
    objection.ruled_by, objection.ruled_at = by, clock.now()
    objection.save()
    audit.record(by, "grade.objection_ruled", objection, result=result)
    told = {objection.registered_by, record.graded_by} - {by}
    notify(
        [user for user in told if user.is_active and not user.is_system],
        key=f"grade:objection:{objection.pk}:ruled",
        title=f"{record.enterprise}的分级异议：{objection.get_result_display()}",
        body="请告知企业裁定结果。",
        url=reverse("enterprises:grade_objection", args=[objection.pk]),
    )
    return objection


def _wrong_grade(rules: Rules, record: GradeRecord, grade: str) -> str:
    if not holds(record):
        return "这个等级已被后来的评定取代，不能再变更，请维持或不予受理。"
    if rules.grades.grade(grade) is None:
        return "请选择变更后的等级。"
    if rules.grades.order_of(grade) >= rules.grades.order_of(record.grade):
        return "变更后的等级须比原等级宽：不因企业提出异议而加重。"
    return ""


def _changed(by: User, record: GradeRecord, grade: str, ruling: str) -> GradeRecord:
    return GradeRecord.objects.create(
        district=record.district,
        enterprise=record.enterprise,
        field=record.field,
        year=clock.today().year,
        kind=GradeRecord.Kind.OBJECTION,
        grade=grade,
        before=record.grade,
        reason=ruling.strip(),
        unit=record.unit,
        graded_by=by,
        recorded_at=clock.now(),
        effective_from=max(clock.today(), record.effective_from),
        state=GradeRecord.State.IN_FORCE,
    )
