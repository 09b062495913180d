"""Giving a grade: once a year by the season's list, in between by an adjustment; a red one needs a second person.

Every grade is a record of its own, with its reason. The firm is told, with how to object. Notices to staff say that
something waits, never which grade: they also leave the house by e-mail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Unit, User
from core import clock
from districts.grades import Grade
from districts.profile import Rules
from enterprises.grade_querysets import rules_for
from enterprises.grades.permissions import (
    CONFIRMING,
    WHO_CONFIRMS,
    WHO_GRADES,
    may_confirm,
    may_grade,
    may_tell,
)
from enterprises.grades.scoring import Scored, criteria_of, scored
from enterprises.grades.subjects import subjects, why_not
from enterprises.models import Enterprise, GradeDuty, GradeRecord
from imports.models import SheetImport
from notifications.services import notify

MOST_REASON = 1000
MOST_BASIS = 100
MOST_AT_ONCE = 200
State, RecordKind = GradeRecord.State, GradeRecord.Kind


@dataclass
class Batch:
    """What became of the firms that were graded together."""

    graded: list[GradeRecord] = slot(default_factory=list)
    skipped: list[Enterprise] = slot(default_factory=list)
    """Graded meanwhile, or no longer to be graded."""


@transaction.atomic
def grade_firm(
    *,
    by: User,
    enterprise: Enterprise,
    field: str,
    grade: str,
    reason: str,
    entered: Mapping[str, int | None] | None = None,
    total: int | None = None,
    basis: str = "",
    effective_from: date | None = None,
    sheet_import: SheetImport | None = None,
) -> GradeRecord:
    """The annual grade as long as this year has none, an adjustment after that. ``ValidationError`` by field.

    ``entered`` are the points of the criteria's items; ``total`` is a sum that was worked out elsewhere.
    """
    rules, wanted = _checked(by, field, grade, reason, basis)
    enterprise = _locked([enterprise.pk])[0]
    if by.unit is None or enterprise.district_id != by.unit.district_id:
        raise PermissionDenied(WHO_GRADES)
    day = effective_from or clock.today()
    errors: dict[str, list[str]] = {}
    if said := why_not(enterprise, rules):
        raise ValidationError(said)
    now = _holding([enterprise.pk], field).get(enterprise.pk)
    duty = GradeDuty.objects.filter(enterprise=enterprise, field=field, year=clock.today().year).first()
    annual = duty is None or duty.record_id is None
    pending = GradeRecord.objects.pending().filter(enterprise=enterprise, field=field)
    if pending.exists():
        raise ValidationError("这家企业在本领域有一个等级正等待审定，请先审定。")
    if not annual and now is not None and now.grade == grade:
        errors["grade"] = [f"现在就是{wanted.label}，没有变化。"]
    if wrong := _wrong_day(day, now):
        errors["effective_from"] = [wrong]
    criteria = criteria_of(enterprise.district_id, field, clock.today().year)
    try:
        points = scored(criteria, entered or {}, rules.grades)
    except ValidationError as error:
        errors |= error.message_dict
        points = Scored([], None, "")
    if errors:
        raise ValidationError(errors)
    record = _record(by, enterprise, wanted, field, reason, basis, day, annual, now, sheet_import)
    record.scores = points.scores
    record.score = points.total if points.scores else total
    record.criteria = criteria if points.scores else None
    record.save()
    _settle(by, rules, [record], {enterprise.pk: duty} if duty else {})
    return record


@transaction.atomic
def grade_many(
    *, by: User, enterprises: Sequence[Enterprise], field: str, grade: str, reason: str, basis: str = ""
) -> Batch:
    """The annual grade of several firms in one go; who has one already is left as it is."""
    rules, wanted = _checked(by, field, grade, reason, basis)
    if not enterprises:
        raise ValidationError({"firms": ["请先勾选企业。"]})
    if len(enterprises) > MOST_AT_ONCE:
        raise ValidationError({"firms": [f"一次最多评定{MOST_AT_ONCE}家。"]})
    year = clock.today().year
    firms = _locked([firm.pk for firm in enterprises])
    pks = [firm.pk for firm in firms]
    graded = set(subjects(firms[0].district, rules).filter(pk__in=pks).values_list("pk", flat=True))
    duties = {
        duty.enterprise_id: duty
        for duty in GradeDuty.objects.filter(enterprise__in=pks, field=field, year=year)
    }
    done = {pk for pk, duty in duties.items() if duty.record_id}
    done |= set(
        GradeRecord.objects.pending()
        .filter(enterprise__in=pks, field=field)
        .values_list("enterprise", flat=True)
    )
    now = _holding(pks, field)
    batch = Batch()
    for firm in firms:
        if firm.pk in done or firm.pk not in graded or firm.district_id != by.unit.district_id:  # type: ignore[union-attr]
            batch.skipped.append(firm)
            continue
        day = clock.today()
        batch.graded.append(
            _record(by, firm, wanted, field, reason, basis, day, True, now.get(firm.pk), None)
        )
    GradeRecord.objects.bulk_create(batch.graded)
    _settle(by, rules, batch.graded, duties)
    return batch


def _checked(by: User, field: str, grade: str, reason: str, basis: str) -> tuple[Rules, Grade]:
    rules = rules_for(by)
    if rules is None or not may_grade(by, rules, field):
        raise PermissionDenied(WHO_GRADES)
    errors: dict[str, list[str]] = {}
    wanted = rules.grades.grade(grade)
    if wanted is None:
        errors["grade"] = ["请选择等级。"]
    if not reason.strip():
        errors["reason"] = ["请写明评定理由。"]
    elif len(reason) > MOST_REASON:
        errors["reason"] = [f"理由最多{MOST_REASON}字。"]
    if len(basis) > MOST_BASIS:
        errors["basis"] = [f"依据文号最多{MOST_BASIS}字。"]
    if errors or wanted is None:
        raise ValidationError(errors)
    return rules, wanted


def _locked(pks: Iterable[int]) -> list[Enterprise]:
    """The firms' rows are the lock: two graders at once make one grade."""
    rows = Enterprise.objects.select_for_update(of=("self",), no_key=True).select_related(
        "district", "region"
    )
    return list(rows.filter(pk__in=list(pks)).order_by("pk"))


def _holding(pks: Iterable[int], field: str) -> dict[int, GradeRecord]:
    """What took effect last, also a grade that begins in the future."""
    rows = GradeRecord.objects.in_force().filter(enterprise__in=list(pks), field=field)
    return {record.enterprise_id: record for record in rows.order_by("effective_from", "pk")}


def _wrong_day(day: date, now: GradeRecord | None) -> str:
    today = clock.today()
    if day.year != today.year:
        return "生效日期须在今年内。"
    if now is not None and day < now.effective_from:
        return f"生效日期不能早于现行等级的 {now.effective_from:%Y-%m-%d}。"
    return ""


def _record(
    by: User, firm: Enterprise, grade: Grade, field: str, reason: str, basis: str, day: date, annual: bool,
    now: GradeRecord | None, sheet_import: SheetImport | None,
) -> GradeRecord:  # fmt: skip
    assert by.unit is not None
    return GradeRecord(
        district=firm.district,
        enterprise=firm,
        field=field,
        year=clock.today().year,
        kind=RecordKind.ANNUAL if annual else RecordKind.ADJUSTMENT,
        grade=grade.code,
        before=now.grade if now else "",
        reason=reason.strip(),
        basis=basis.strip(),
        unit=by.unit,
        graded_by=by,
        recorded_at=clock.now(),
        effective_from=day,
        state=State.PENDING if grade.confirmed else State.IN_FORCE,
        sheet_import=sheet_import,
    )


def _settle(by: User, rules: Rules, records: Sequence[GradeRecord], duties: Mapping[int, GradeDuty]) -> None:
    """Tick off the season's list, tell who has to confirm, and leave a trace."""
    year = clock.today().year
    _, last = rules.grades.season(year)
    fresh, known = [], []
    for record in records:
        audit.record(by, "grade.given", record, field=record.field, year=record.year, kind=record.kind)
        if record.kind != RecordKind.ANNUAL:
            continue
        duty = duties.get(record.enterprise_id)
        if duty is None:
            duty = GradeDuty(
                district=record.district, enterprise=record.enterprise, field=record.field, year=year,
                unit=record.unit, due_on=max(last, clock.today()), opened_at=clock.now(),
            )  # fmt: skip
            fresh.append(duty)
        else:
            known.append(duty)
        duty.record = record if record.is_in_force else None
    GradeDuty.objects.bulk_create(fresh)
    GradeDuty.objects.bulk_update(known, ["record"])
    waiting = [record for record in records if record.state == State.PENDING]
    if waiting:
        first = waiting[0]
        notify(
            [user for user in desk(first.unit, *CONFIRMING) if user.pk != by.pk],
            key=f"grade:pending:{first.pk}:{len(waiting)}",
            title=f"有 {len(waiting)} 家企业的等级待您审定",
            body=f"{rules.grades.field_label(first.field)}领域，由{by}评定，审定后生效。",
            url=reverse("enterprises:grade_confirmations"),
        )


def desk(unit: Unit | int, *roles: str) -> list[User]:
    """The accounts of a unit that hold one of these roles."""
    return list(User.objects.filter(unit=unit).with_role(*roles))


# --- The second person ----------------------------------------------------------------------------


@transaction.atomic
def confirm(*, by: User, record: GradeRecord, agree: bool, note: str = "") -> GradeRecord:
    """In force from today at the earliest, or refused with a reason; the grader is told."""
    _locked([record.enterprise_id])
    rows = GradeRecord.objects.select_for_update(of=("self",)).select_related("graded_by", "enterprise")
    record = rows.get(pk=record.pk)
    rules = rules_for(by)
    if record.state != State.PENDING:
        raise ValidationError("这个等级已经审定过了。")
    if rules is None or not may_confirm(by, record):
        raise PermissionDenied(WHO_CONFIRMS)
    if not agree and not note.strip():
        raise ValidationError({"note": ["不同意的，请写明理由。"]})
    record.confirmed_by, record.confirmed_at, record.confirm_note = by, clock.now(), note.strip()[:300]
    record.state = State.IN_FORCE if agree else State.REFUSED
    if agree:
        record.effective_from = max(record.effective_from, clock.today())
    record.save()
    if agree and record.kind == RecordKind.ANNUAL:
        GradeDuty.objects.filter(
            enterprise=record.enterprise_id, field=record.field, year=record.year
        ).update(record=record)
    audit.record(by, "grade.confirmed" if agree else "grade.refused", record)
    notify(
        [record.graded_by] if record.graded_by.is_active and not record.graded_by.is_system else [],
        key=f"grade:confirmed:{record.pk}",
        title=f"{record.enterprise}的等级{'已审定，请告知企业' if agree else '未同意，请重新评定'}",
        url=reverse("enterprises:firm_grades", args=[record.enterprise_id]),
    )
    return record


# --- Telling the firm -----------------------------------------------------------------------------


@transaction.atomic
def tell(*, by: User, record: GradeRecord, how: str) -> GradeRecord:
    """The firm knows its grade, its consequence and how to object; the days to object run from now."""
    rows = GradeRecord.objects.select_for_update(of=("self",))
    record = rows.get(pk=record.pk)
    if not may_tell(by, rules_for(by), record):
        raise PermissionDenied("由评定的执法单位告知企业。")
    if how not in GradeRecord.Told.values:
        raise ValidationError({"how": ["请选择告知方式。"]})
    if record.told_at is not None:
        raise ValidationError("已经登记过告知。")
    record.told_at, record.told_how, record.told_by = clock.now(), how, by
    record.save(update_fields=["told_at", "told_how", "told_by"])
    audit.record(by, "grade.told", record, how=how)
    return record
