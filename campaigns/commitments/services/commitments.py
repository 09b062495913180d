"""履约践诺: recorded, planned, paid, reported as kept, confirmed or sent back, found broken, withdrawn, published.

The unit reports that it kept its word, somebody who keeps the list confirms it. Every change is one transaction
with one event.
"""

from dataclasses import fields
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from appeals.backlog_rules import MOST_REASON, MOST_TEXT, tidy_course
from campaigns.commitments.services.claim_payments import bring_up_to_date
from campaigns.commitments.services.notices import tell_keepers, tell_unit
from campaigns.commitments.services.parts import (
    lock_list,
    locked,
    paid_on,
    refuse,
    refuse_day,
    refuse_ended,
    refuse_reported,
    running_state,
    said,
    write_event,
)
from campaigns.commitments.services.rules import (
    Course,
    Promise,
    Register,
    course_of,
    differences,
    may_confirm,
    may_manage,
    may_manage_one,
    may_record,
    may_report,
    may_work,
    promise_of,
    tidy,
)
from campaigns.models import Commitment, CommitmentEvent, Instalment
from core import clock
from core.wording import spoken
from districts.models import Region
from enterprises.models import Enterprise, Project
from imports.models import SheetImport
from policies.models import Claim
from policies.payments import MOST_BASIS, record_payment, reverse_payment

State, Kind = Commitment.State, CommitmentEvent.Kind

WHO_RECORDS = "承诺由责任单位登记本单位的，或由牵头单位登记。"
WHO_MANAGES = spoken("履约清单由牵头局和区县指定的牵头、确认单位管理。")
WHO_WORKS = "进展和付款由责任单位和牵头单位填报。"
WHO_REPORTS = "兑现情况由责任单位报送。"
WHO_CONFIRMS = spoken("兑现情况由确认单位或牵头局核实确认，不能由报送人自己确认。")


# --- Onto the list --------------------------------------------------------------------------------


@transaction.atomic
def record_commitment(*, by: User, promise: Promise, course: Course) -> Commitment:
    """One promise or debt; the responsible unit is told."""
    if not may_record(by) or (not may_manage(by) and promise.unit.pk != by.unit_id):
        raise PermissionDenied(WHO_RECORDS)
    assert by.unit is not None
    book = Register(by.unit.district)
    promise, course = tidy(promise), tidy_course(course)
    refuse(book.of_promise(promise) | book.of_course(course))
    commitment = write_commitment(by=by, district=book.district, promise=promise, course=course)
    tell_unit(by, commitment, "新的履约承诺由本单位兑现")
    return commitment


def write_commitment(
    *, by: User, district: Region, promise: Promise, course: Course, sheet_import: SheetImport | None = None
) -> Commitment:
    """Give a checked entry its number and write it. For this module and the sheet; needs a transaction."""
    lock_list(district)
    last = Commitment.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0
    commitment = Commitment(
        district=district,
        number=last + 1,
        recorded_at=clock.now(),
        recorded_by=by,
        sheet_import=sheet_import,
    )
    _take(commitment, promise, course)
    commitment.state = running_state(commitment, Decimal(0))
    write_event(commitment, Kind.RECORDED, by, was_running=False)
    audit.record(by, "commitment.recorded", commitment, unit=commitment.unit_id, kind=commitment.kind)
    bring_up_to_date(commitment, by)
    return commitment


def _take(commitment: Commitment, promise: Promise, course: Course) -> None:
    for one in fields(Promise):
        if one.name != "subject":
            setattr(commitment, one.name, getattr(promise, one.name))
    subject = promise.subject
    commitment.enterprise = subject if isinstance(subject, Enterprise) else None
    commitment.project = subject if isinstance(subject, Project) else None
    commitment.region = subject.region if subject else promise.unit.region
    for part in fields(Course):
        setattr(commitment, part.name, getattr(course, part.name))


# --- Put right ------------------------------------------------------------------------------------


@transaction.atomic
def change_commitment(*, by: User, commitment: Commitment, promise: Promise) -> Commitment:
    """Another title, unit, amount …; the kind stays."""
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    refuse_ended(commitment)
    was, course, promise = promise_of(commitment), course_of(commitment), tidy(promise)
    wrong = Register(commitment.district).of_promise(promise, was)
    if promise.kind != was.kind:
        wrong["kind"] = "类别登记后不能改：请撤销后另行登记。"
    paid = paid_on(commitment)
    counted = promise.acknowledged if promise.acknowledged is not None else promise.amount
    if paid and (counted is None or counted < paid):
        wrong["acknowledged" if promise.acknowledged is not None else "amount"] = (
            f"已经付了 {paid} 万元，金额不能更小。"
        )
    refuse(wrong)
    changes = differences(was, promise, course, course)
    if changes:
        _take(commitment, promise, course)
        write_event(commitment, Kind.CHANGED, by, changes=changes)
        audit.record(by, "commitment.changed", commitment, fields=[one["title"] for one in changes])
        if promise.unit != was.unit:
            tell_unit(by, commitment, "履约承诺改由本单位兑现")
    return commitment


@transaction.atomic
def set_course(*, by: User, commitment: Commitment, course: Course, reason: str = "") -> Commitment:
    """Classify or plan anew. The unit writes plan and legal way, and the next day of what is disputed.

    Another class or day needs a reason and is for those who keep the list.
    """
    commitment = locked(commitment)
    if not may_work(by, commitment):
        raise PermissionDenied(WHO_WORKS)
    refuse_ended(commitment)
    refuse_reported(commitment)
    was, course = course_of(commitment), tidy_course(course)
    disputed = Commitment.Classification.DISPUTED
    moved = course.due_on != was.due_on and course.classification != disputed
    wrong = Register(commitment.district).of_course(course, was, clock.local_date(commitment.recorded_at))
    if not may_manage_one(by, commitment):
        if course.classification != was.classification:
            wrong["classification"] = "分类由牵头单位调整。"
        elif moved:
            wrong["due_on"] = "兑现时限由牵头单位调整。"
    if course.classification != was.classification or moved:
        reason = said(reason, "reason", "请写明为什么调整分类或时限。", MOST_REASON)
    refuse(wrong)
    promise = promise_of(commitment)
    changes = differences(promise, promise, was, course)
    if changes:
        _take(commitment, promise, course)
        commitment.state = running_state(commitment, paid_on(commitment))
        write_event(commitment, Kind.PLANNED, by, text=reason, changes=changes)
        audit.record(by, "commitment.planned", commitment, fields=[one["title"] for one in changes])
    return commitment


# --- Working on it --------------------------------------------------------------------------------


@transaction.atomic
def add_progress(*, by: User, commitment: Commitment, text: str, day: date) -> Commitment:
    commitment = locked(commitment)
    if not may_work(by, commitment):
        raise PermissionDenied(WHO_WORKS)
    refuse_ended(commitment)
    text = said(text, "text", "请写明做了什么。", MOST_TEXT)
    refuse_day(day, commitment, "day")
    write_event(commitment, Kind.PROGRESS, by, text=text, day=day)
    audit.record(by, "commitment.progress", commitment)
    return commitment


@transaction.atomic
def pay_instalment(
    *, by: User, commitment: Commitment, amount: Decimal, day: date, voucher: str, received: bool = False
) -> Instalment:
    """So much paid; what is left becomes less. More than is owed is a slip of the finger."""
    if commitment.claim is not None:
        return _pay_claim(by, commitment, commitment.claim, amount, day, voucher, received)
    commitment = locked(commitment)
    _refuse_payment(by, commitment)
    assert commitment.owed is not None
    voucher = said(voucher, "voucher", "请填写支付凭证号或回单号。", 100)
    refuse_day(day, commitment, "day")
    left = commitment.owed - paid_on(commitment)
    if amount <= 0 or amount != round(amount, 2):
        raise ValidationError({"amount": ["金额应大于 0，最多两位小数，以万元为单位。"]})
    if amount > left:
        raise ValidationError({"amount": [f"只剩 {left} 万元未付，请核对金额；确认金额有变的，请先修改。"]})
    instalment = Instalment.objects.create(
        commitment=commitment,
        paid_on=day,
        amount=amount,
        voucher=voucher,
        received=received,
        recorded_at=clock.now(),
        recorded_by=by,
    )
    commitment.state = running_state(commitment, paid_on(commitment))
    words = f"付款 {amount} 万元，凭证 {voucher}，还剩 {left - amount} 万元"
    write_event(commitment, Kind.PAID, by, text=words, day=day)
    audit.record(by, "commitment.paid", commitment, instalment=instalment.pk)
    return instalment


def _refuse_payment(by: User, commitment: Commitment) -> None:
    if not may_work(by, commitment):
        raise PermissionDenied(WHO_WORKS)
    refuse_ended(commitment)
    refuse_reported(commitment)
    if commitment.owed is None:
        raise ValidationError("这件承诺没有金额，请先由牵头单位补填金额。")


def _pay_claim(
    by: User, commitment: Commitment, claim: Claim, amount: Decimal, day: date, voucher: str, received: bool
) -> Instalment:
    """Recorded where claims are paid; the instalment follows from it."""
    _refuse_payment(by, commitment)
    subject = claim.enterprise or claim.project
    assert subject is not None
    try:
        payment = record_payment(
            by=by, unit=claim.unit, policy=claim.policy, subject=subject, amount=amount, basis=voucher, day=day, claim=claim,
        )  # fmt: skip
    except ValidationError as error:
        if hasattr(error, "error_dict") and "basis" in error.error_dict:
            error.error_dict["voucher"] = error.error_dict.pop("basis")
        raise
    instalment = Instalment.objects.get(payment=payment, commitment=commitment)
    instalment.received = received
    instalment.save(update_fields=["received"])
    return instalment


@transaction.atomic
def cancel_instalment(*, by: User, instalment: Instalment, reason: str) -> Instalment:
    """A payment recorded by mistake: it stays to be seen and counts no more. One on a claim is reversed there."""
    if instalment.payment is not None:
        _refuse_payment(by, instalment.commitment)
        reason = said(reason, "reason", "请写明作废的原因。", MOST_BASIS)
        reverse_payment(by=by, payment=instalment.payment, reason=reason)
        instalment.refresh_from_db()
        return instalment
    commitment = locked(instalment.commitment)
    instalment = Instalment.objects.select_for_update().get(pk=instalment.pk)
    if not may_work(by, commitment):
        raise PermissionDenied(WHO_WORKS)
    refuse_ended(commitment)
    refuse_reported(commitment)
    if instalment.cancelled_at:
        raise ValidationError("这笔付款已经作废。")
    instalment.cancelled_reason = said(reason, "reason", "请写明作废的原因。", MOST_REASON)
    instalment.cancelled_at, instalment.cancelled_by = clock.now(), by
    instalment.save()
    commitment.state = running_state(commitment, paid_on(commitment))
    words = f"{instalment.paid_on:%Y-%m-%d} 的 {instalment.amount} 万元作废：{instalment.cancelled_reason}"
    write_event(commitment, Kind.CANCELLED, by, text=words)
    audit.record(by, "commitment.cancelled", commitment, instalment=instalment.pk)
    return instalment


# --- Kept or not ----------------------------------------------------------------------------------


@transaction.atomic
def report_kept(*, by: User, commitment: Commitment, result: str, evidence: str) -> Commitment:
    """The unit says that it kept its word, and what shows it. A debt has to be paid whole first."""
    commitment = locked(commitment)
    refuse_ended(commitment)
    refuse_reported(commitment)
    if not may_report(by, commitment):
        raise PermissionDenied(WHO_REPORTS)
    result = said(result, "result", "请写明怎样兑现的。", MOST_TEXT)
    evidence = said(evidence, "evidence", "请写明兑现的依据：凭证号、文号或网址。", 300)
    left = (commitment.owed or Decimal(0)) - paid_on(commitment)
    if commitment.is_debt and left > 0:
        raise ValidationError({"result": [f"还有 {left} 万元没有登记付款，付清以后再报送。"]})
    commitment.result, commitment.evidence = result, evidence
    commitment.reported_at, commitment.reported_by = clock.now(), by
    write_event(commitment, Kind.REPORTED, by, text=f"{result}\n依据：{evidence}")
    audit.record(by, "commitment.reported", commitment)
    tell_keepers(by, commitment, "承诺已兑现，请核实确认")
    return commitment


@transaction.atomic
def confirm_kept(*, by: User, commitment: Commitment, note: str = "") -> Commitment:
    commitment = locked(commitment)
    refuse_ended(commitment)
    if not commitment.awaits_confirmation:
        raise ValidationError("责任单位还没有报送兑现情况。")
    if not may_confirm(by, commitment):
        raise PermissionDenied(WHO_CONFIRMS)
    if len(note) > MOST_REASON:
        raise ValidationError({"note": [f"最多{MOST_REASON}字。"]})
    commitment.state, commitment.ended_at = State.KEPT, clock.now()
    write_event(commitment, Kind.CONFIRMED, by, text=note.strip(), was_running=True)
    audit.record(by, "commitment.confirmed", commitment)
    tell_unit(by, commitment, "承诺已确认兑现")
    return commitment


@transaction.atomic
def send_back(*, by: User, commitment: Commitment, reason: str) -> Commitment:
    commitment = locked(commitment)
    refuse_ended(commitment)
    if not commitment.awaits_confirmation:
        raise ValidationError("责任单位还没有报送兑现情况，不用退回。")
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_CONFIRMS)
    reason = said(reason, "reason", "请写明还差什么。", MOST_REASON)
    commitment.result, commitment.evidence = "", ""
    commitment.reported_at, commitment.reported_by = None, None
    write_event(commitment, Kind.SENT_BACK, by, text=reason)
    audit.record(by, "commitment.sent_back", commitment)
    tell_unit(by, commitment, "兑现情况被退回，请继续兑现")
    return commitment


@transaction.atomic
def find_broken(*, by: User, commitment: Commitment, reason: str) -> Commitment:
    """失信: its day has passed and it will not be kept; why, and what follows (失信问责), is put down."""
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    refuse_ended(commitment)
    refuse_reported(commitment)
    if commitment.is_disputed:
        raise ValidationError("有争议的走法律途径，不认定为未兑现。")
    if commitment.due_on >= clock.today():
        raise ValidationError("还没有到兑现时限。")
    reason = said(reason, "reason", "请写明未兑现的原因和处理意见。", MOST_REASON)
    commitment.state, commitment.ended_at = State.BROKEN, clock.now()
    write_event(commitment, Kind.BROKEN, by, text=reason, was_running=True)
    audit.record(by, "commitment.broken", commitment)
    tell_unit(by, commitment, "承诺被认定为未兑现")
    return commitment


@transaction.atomic
def withdraw(*, by: User, commitment: Commitment, reason: str) -> Commitment:
    """What does not belong on the list, or is no longer owed; it is kept and counted apart."""
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    refuse_ended(commitment)
    reason = said(reason, "reason", "请写明撤销的原因。", MOST_REASON)
    commitment.state, commitment.ended_at, commitment.published_at = State.WITHDRAWN, clock.now(), None
    write_event(commitment, Kind.WITHDRAWN, by, text=reason, was_running=True)
    audit.record(by, "commitment.withdrawn", commitment)
    tell_unit(by, commitment, "承诺已撤销")
    return commitment


@transaction.atomic
def restore(*, by: User, commitment: Commitment, reason: str) -> Commitment:
    """Ended by mistake, or not kept after all: it counts again."""
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    if commitment.is_running:
        raise ValidationError("这件承诺没有结束，不用恢复。")
    lock_list(commitment.district)
    running = Commitment.objects.running().filter(district=commitment.district)
    for name in ("appeal", "claim"):
        linked = getattr(commitment, f"{name}_id")
        if linked and running.filter(**{name: linked}).exists():
            raise ValidationError("同一件诉求或兑现申请已经另行登记。")
    reason = said(reason, "reason", "请写明恢复的原因。", MOST_REASON)
    commitment.ended_at, commitment.result, commitment.evidence = None, "", ""
    commitment.reported_at, commitment.reported_by = None, None
    commitment.state = running_state(commitment, paid_on(commitment))
    write_event(commitment, Kind.RESTORED, by, text=reason, was_running=False)
    bring_up_to_date(commitment, by)
    audit.record(by, "commitment.restored", commitment)
    tell_unit(by, commitment, "承诺恢复，请继续兑现")
    return commitment


# --- In public ------------------------------------------------------------------------------------


@transaction.atomic
def publish(*, by: User, commitment: Commitment) -> Commitment:
    """社会监督: on the public page from now on, with whether it is kept. Promises alone, never a debt."""
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    if commitment.kind != Commitment.Kind.PROMISE:
        raise ValidationError("只有公开承诺可以对外公开。")
    if commitment.state == State.WITHDRAWN:
        raise ValidationError("已撤销的承诺不能公开。")
    if commitment.published_at is None:
        commitment.published_at = clock.now()
        write_event(commitment, Kind.PUBLISHED, by)
        audit.record(by, "commitment.published", commitment)
    return commitment


@transaction.atomic
def hide(*, by: User, commitment: Commitment) -> Commitment:
    commitment = locked(commitment)
    if not may_manage_one(by, commitment):
        raise PermissionDenied(WHO_MANAGES)
    if commitment.published_at is not None:
        commitment.published_at = None
        write_event(commitment, Kind.HIDDEN, by)
        audit.record(by, "commitment.hidden", commitment)
    return commitment
