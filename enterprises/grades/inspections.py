"""差异化执法: the plan of inspections, what it is warned of, and what came of each.

Warnings, after “差异化分类服务” and “合理高效执法”: no on-site inspection of a 绿标 firm without a ground; no more than the
grade's number a year; and two organs that plan the same firm are told to go together. A warning does not forbid:
whoever plans all the same writes down why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts import audit
from accounts.models import Unit, User
from core import clock
from districts.profile import Rules
from districts.workdays import SHANGHAI
from enterprises.grade_querysets import TOWNSHIP_DESK, rules_for
from enterprises.grades.grading import desk
from enterprises.grades.permissions import (
    GRADING,
    WHO_ADVISES,
    WHO_PLANS,
    may_advise,
    may_change_inspection,
    may_plan_inspections,
)
from enterprises.models import Enterprise, GradeRecord, Inspection
from notifications.services import notify

FARTHEST = timedelta(days=366)
LONGEST_AGO = timedelta(days=92)
MOST_FINDINGS = 2000
NOON = time(12)
"""Only the day of an inspection is known."""


@dataclass(frozen=True)
class Visit:
    """What somebody means to plan."""

    enterprise: Enterprise
    planned_on: date
    basis: str
    on_site: bool = True
    partners: tuple[Unit, ...] = ()
    matter: str = ""
    ground: str = ""
    despite: str = ""


@dataclass
class Advice:
    """What speaks against a plan, and which other plan it could be joined with."""

    warnings: list[str] = slot(default_factory=list)
    joint_with: list[Inspection] = slot(default_factory=list)


def partners_of(user: User, rules: Rules) -> list[Unit]:
    """The other organs of the district that can come along."""
    codes = {field.unit for field in rules.grades.fields} - {user.unit.code if user.unit else ""}
    if user.unit is None:
        return []
    units = Unit.objects.of_district(user.unit.district_id).active().filter(code__in=codes)
    return list(units.order_by("order", "pk"))


def advice(unit: Unit, visit: Visit, rules: Rules, *, but: Inspection | None = None) -> Advice:
    """What is said before this plan is made; ``but`` is the inspection that would be moved."""
    found = Advice()
    basis = rules.grades.basis(visit.basis)
    with_ground = basis is not None and basis.ground
    fields = [field.code for field in rules.grades.fields_of(unit.code)]
    if visit.on_site and not with_ground:
        holding = GradeRecord.objects.holding(visit.planned_on).filter(
            enterprise=visit.enterprise, field__in=fields
        )
        for record in holding:
            grade = rules.grades.grade(record.grade)
            if grade is None:
                continue
            label = f"{rules.grades.field_label(record.field)}{grade.label}"
            if grade.needs_ground:
                found.warnings.append(
                    f"{label}企业一般不主动实施现场检查，依据“{rules.grades.basis_label(visit.basis)}”不在例外之列。"
                )
            if grade.per_year is not None:
                others = in_year(unit, visit, rules, but)
                if others >= grade.per_year:
                    found.warnings.append(
                        f"{label}企业每年现场检查不超过 {grade.per_year} 次，{visit.planned_on.year}年已安排 {others} 次。"
                    )
    within = timedelta(days=rules.grades.joint_within_days)
    near = Inspection.objects.standing().filter(
        enterprise=visit.enterprise,
        held_at__isnull=True,
        planned_on__gte=max(visit.planned_on - within, clock.today()),
        planned_on__lte=visit.planned_on + within,
    )
    near = near.exclude(unit=unit).exclude(partners=unit)
    if but is not None:
        near = near.exclude(pk=but.pk)
    found.joint_with = list(near.select_related("unit").order_by("planned_on")[:5])
    coming = {partner.pk for partner in visit.partners}
    for other in found.joint_with:
        if other.unit_id not in coming:
            found.warnings.append(
                f"{other.unit}计划 {other.planned_on:%Y-%m-%d} 检查这家企业，建议并为一次联合检查。"
            )
    return found


def in_year(unit: Unit, visit: Visit, rules: Rules, but: Inspection | None = None) -> int:
    """On-site inspections of the firm by the organ in that year, without those that had a ground."""
    rows = (
        Inspection.objects.standing()
        .by_unit(unit)
        .filter(enterprise=visit.enterprise, on_site=True, planned_on__year=visit.planned_on.year)
    )
    rows = rows.exclude(basis__in=[basis.code for basis in rules.grades.bases if basis.ground])
    return (rows.exclude(pk=but.pk) if but else rows).count()


@transaction.atomic
def plan_inspection(*, by: User, visit: Visit) -> Inspection:
    """A warning is a ``ValidationError`` of ``despite`` until a reason stands there."""
    rules = rules_for(by)
    if rules is None or by.unit is None or not may_plan_inspections(by, rules):
        raise PermissionDenied(WHO_PLANS)
    enterprise = Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=visit.enterprise.pk)
    errors: dict[str, list[str]] = {}
    if enterprise.district_id != by.unit.district_id or enterprise.merged_into_id or not enterprise.active:
        errors["enterprise"] = ["请选择本区在册的企业。"]
    basis = rules.grades.basis(visit.basis)
    if basis is None:
        errors["basis"] = ["请选择检查依据。"]
    elif basis.ground and not visit.ground.strip():
        errors["ground"] = [f"依据“{basis.label}”的，请写明线索编号、文号或法条。"]
    if not visit.matter.strip():
        errors["matter"] = ["请填写检查事项。"]
    if wrong := _wrong_day(visit.planned_on):
        errors["planned_on"] = [wrong]
    known = {unit.pk for unit in partners_of(by, rules)}
    if any(unit.pk not in known for unit in visit.partners):
        errors["partners"] = ["联合检查单位须是本区的执法单位。"]
    if errors:
        raise ValidationError(errors)
    said = advice(by.unit, visit, rules).warnings
    if said and not visit.despite.strip():
        raise ValidationError({"despite": [*said, "仍需检查的，请在这里写明理由。"]})
    inspection = Inspection(
        district=enterprise.district,
        enterprise=enterprise,
        unit=by.unit,
        joint=bool(visit.partners),
        basis=visit.basis,
        on_site=visit.on_site,
        planned_on=visit.planned_on,
        matter=visit.matter.strip(),
        ground=visit.ground.strip(),
        warned="\n".join(said),
        despite=visit.despite.strip() if said else "",
        planned_by=by,
        planned_at=clock.now(),
    )
    inspection.full_clean(exclude=["enterprise"])
    inspection.save()
    inspection.partners.set(visit.partners)
    audit.record(by, "inspection.planned", inspection, enterprise=enterprise.pk, warned=len(said))
    label = f"{visit.planned_on:%Y-%m-%d} 检查 {enterprise}"
    for unit in visit.partners:
        _tell(by, desk(unit, *GRADING), inspection, "joint", f"{by.unit}邀请联合检查：{label}")
    towns = Unit.objects.of_district(enterprise.district_id).active().filter(region=enterprise.region_id)
    for unit in towns.filter(parent__isnull=True):
        people = desk(unit, *TOWNSHIP_DESK)
        _tell(by, people, inspection, "town", f"{by.unit}计划 {label}，可以建议检查时间")
    return inspection


def _wrong_day(day: date) -> str:
    today = clock.today()
    if day < today:
        return "计划日期不能早于今天。"
    return "计划日期最多在一年以内。" if day > today + FARTHEST else ""


def _tell(by: User, people: Iterable[User], inspection: Inspection, what: str, title: str) -> None:
    notify(
        [user for user in people if user.pk != by.pk],
        key=f"inspection:{inspection.pk}:{what}",
        title=title,
        body=inspection.matter,
        url=reverse("enterprises:inspection", args=[inspection.pk]),
    )


def _locked(inspection: Inspection) -> Inspection:
    rows = Inspection.objects.select_for_update(of=("self",))
    return rows.select_related("unit", "enterprise__region", "district", "planned_by").get(pk=inspection.pk)


def _open(by: User, inspection: Inspection) -> tuple[Inspection, Rules]:
    inspection, rules = _locked(inspection), rules_for(by)
    if rules is None or not may_change_inspection(by, rules, inspection):
        raise PermissionDenied("这次检查由牵头检查单位办理。")
    if not inspection.is_open:
        raise ValidationError("这次检查已登记结果或已取消。")
    return inspection, rules


@transaction.atomic
def move_inspection(*, by: User, inspection: Inspection, planned_on: date) -> Inspection:
    """To another day, for instance the one the township suggested."""
    inspection, _ = _open(by, inspection)
    if wrong := _wrong_day(planned_on):
        raise ValidationError({"planned_on": [wrong]})
    before = inspection.planned_on
    inspection.planned_on = planned_on
    inspection.save(update_fields=["planned_on"])
    audit.record(by, "inspection.moved", inspection, before=before.isoformat(), to=planned_on.isoformat())
    return inspection


@transaction.atomic
def join_inspection(*, by: User, inspection: Inspection) -> Inspection:
    """The organ goes along instead of coming by itself: one inspection, done by both."""
    inspection, rules = _locked(inspection), rules_for(by)
    if rules is None or by.unit is None or not may_plan_inspections(by, rules):
        raise PermissionDenied(WHO_PLANS)
    if inspection.district_id != by.unit.district_id or not inspection.is_open:
        raise ValidationError("这次检查已登记结果或已取消。")
    if inspection.unit_id == by.unit_id or inspection.partners.filter(pk=by.unit.pk).exists():
        raise ValidationError("本单位已在这次检查中。")
    inspection.partners.add(by.unit)
    inspection.joint = True
    inspection.save(update_fields=["joint"])
    audit.record(by, "inspection.joined", inspection)
    _tell(
        by,
        desk(inspection.unit, *GRADING),
        inspection,
        f"joined:{by.unit_id}",
        f"{by.unit}参加对 {inspection.enterprise} 的联合检查",
    )
    return inspection


@transaction.atomic
def cancel_inspection(*, by: User, inspection: Inspection, reason: str) -> Inspection:
    inspection, _ = _open(by, inspection)
    if not reason.strip():
        raise ValidationError({"reason": ["请写明取消原因。"]})
    inspection.cancelled_at, inspection.cancel_reason = clock.now(), reason.strip()[:200]
    inspection.save(update_fields=["cancelled_at", "cancel_reason"])
    audit.record(by, "inspection.cancelled", inspection)
    return inspection


@transaction.atomic
def suggest_day(*, by: User, inspection: Inspection, day: date, note: str = "") -> Inspection:
    """By the township: another day would be better for the firm. The organ decides."""
    inspection = _locked(inspection)
    if not may_advise(by, inspection):
        raise PermissionDenied(WHO_ADVISES)
    if wrong := _wrong_day(day):
        raise ValidationError({"day": [wrong]})
    inspection.suggested_on, inspection.suggested_note, inspection.suggested_by = day, note.strip()[:200], by
    inspection.save(update_fields=["suggested_on", "suggested_note", "suggested_by"])
    audit.record(by, "inspection.day_suggested", inspection, day=day.isoformat())
    people = desk(inspection.unit, *GRADING)
    _tell(
        by,
        people,
        inspection,
        f"suggested:{day}",
        f"{by.unit}建议改在 {day:%Y-%m-%d} 检查 {inspection.enterprise}",
    )
    return inspection


@transaction.atomic
def record_result(
    *,
    by: User,
    inspection: Inspection,
    held_on: date,
    result: str,
    findings: str,
    rectify_by: date | None = None,
) -> Inspection:
    inspection, _ = _open(by, inspection)
    today = clock.today()
    errors: dict[str, list[str]] = {}
    if not today - LONGEST_AGO <= held_on <= today:
        errors["held_on"] = ["检查日期须在最近三个月内，不能晚于今天。"]
    if result not in Inspection.Result.values:
        errors["result"] = ["请选择检查结果。"]
    if not findings.strip():
        errors["findings"] = ["请填写检查情况。"]
    elif len(findings) > MOST_FINDINGS:
        errors["findings"] = [f"检查情况最多{MOST_FINDINGS}字。"]
    if result == Inspection.Result.RECTIFY and rectify_by is None:
        errors["rectify_by"] = ["责令整改的，请填写整改期限。"]
    elif rectify_by is not None and not held_on <= rectify_by <= held_on + FARTHEST:
        errors["rectify_by"] = ["整改期限须在检查日期之后一年以内。"]
    if errors:
        raise ValidationError(errors)
    inspection.held_at = datetime.combine(held_on, NOON, tzinfo=SHANGHAI)
    inspection.result, inspection.findings = result, findings.strip()
    inspection.rectify_by = rectify_by if result != Inspection.Result.CLEAN else None
    inspection.recorded_by, inspection.recorded_at = by, clock.now()
    inspection.save()
    audit.record(by, "inspection.recorded", inspection, result=result)
    return inspection


@transaction.atomic
def record_rectified(*, by: User, inspection: Inspection, day: date, note: str) -> Inspection:
    """Put right; the organ may now think of another grade (“根据检查和问题整改情况，动态调整”)."""
    inspection, rules = _locked(inspection), rules_for(by)
    if rules is None or not may_change_inspection(by, rules, inspection):
        raise PermissionDenied("整改由牵头检查单位登记。")
    if inspection.rectify_by is None or inspection.rectified_on is not None or inspection.held_at is None:
        raise ValidationError("这次检查没有待完成的整改。")
    if not clock.local_date(inspection.held_at) <= day <= clock.today():
        raise ValidationError({"day": ["完成日期须在检查之后，不能晚于今天。"]})
    if not note.strip():
        raise ValidationError({"note": ["请填写整改情况。"]})
    inspection.rectified_on, inspection.rectified_note = day, note.strip()[:300]
    inspection.save(update_fields=["rectified_on", "rectified_note"])
    audit.record(by, "inspection.rectified", inspection)
    return inspection


# --- Going together -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """Inspections of one firm that lie so close that one would do."""

    enterprise: Enterprise
    inspections: tuple[Inspection, ...]


def joint_suggestions(inspections: Sequence[Inspection], days: int) -> list[Meeting]:
    """Firms that two organs mean to go to within so many days, from the planned ones given (with their units)."""
    by_firm: dict[int, list[Inspection]] = {}
    for inspection in sorted(inspections, key=lambda one: (one.planned_on, one.pk)):
        if inspection.is_open:
            by_firm.setdefault(inspection.enterprise_id, []).append(inspection)
    found = []
    for group in by_firm.values():
        near: list[Inspection] = []
        for first in group:
            for other in group:
                close = abs((first.planned_on - other.planned_on).days) <= days
                if first.unit_id != other.unit_id and close and first not in near:
                    near.append(first)
        if near:
            found.append(Meeting(near[0].enterprise, tuple(near)))
    return found


def planned_between(district: int, first: date, last: date, days: int) -> Q:
    """Also a little before and after, so that a firm at the turn of the month is not gone to twice."""
    margin = timedelta(days=days)
    return Q(district=district, planned_on__gte=first - margin, planned_on__lte=last + margin)
