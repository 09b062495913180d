"""兑现申请: asked for (or found without being asked, 免申即享), approved with a day to pay by, refused, withdrawn.

Money is paid through ``policies.payments``; whether a claim is paid follows from its payments.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.wording import spoken
from enterprises.models import Enterprise, Project
from policies.checks import Errors
from policies.models import Claim, Policy
from policies.permissions import acts_for, may_keep

NOT_YOURS = spoken("兑现申请由兑现单位的联络员、负责人和牵头局调度员办理。")
MOST = Decimal("9999999.99")
"""万元: more than any district pays to one firm is a slip of the finger."""
OLDEST = date(2015, 1, 1)
FURTHEST = timedelta(days=2 * 366)
State = Claim.State


@transaction.atomic
def apply(
    *,
    by: User,
    unit: Unit,
    policy: Policy,
    subject: Enterprise | Project,
    amount: Decimal,
    day: date,
    unasked: bool = False,
) -> Claim:
    """What a firm asks for under a policy, taken down by the unit that decides on it."""
    if not may_keep(by) or not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    errors = Errors()
    if policy.district_id != unit.district_id:
        errors.add("policy", "这项政策不是本区县的。")
    if not type(subject)._default_manager.visible_to(by).filter(pk=subject.pk).exists():
        errors.add("subject", "请从列出的企业或项目中选择一个。")
    _check_amount(errors, "amount", amount)
    if not OLDEST <= day <= clock.today():
        errors.add("day", "申请日期不能晚于今天，请核对年份。")
    errors.raise_any()
    claim = Claim.objects.create(
        district=unit.district,
        region=subject.region,
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        policy=policy,
        unit=unit,
        unasked=unasked,
        applied_on=day,
        applied_amount=amount,
        recorded_at=clock.now(),
        recorded_by=by,
    )
    record(by, "claim.apply", claim, policy=policy.pk, unit=unit.pk)
    return claim


@transaction.atomic
def approve(*, by: User, claim: Claim, amount: Decimal, promised_on: date) -> Claim:
    """So much will be paid, by a day the unit promises. Approving anew corrects it, down to what was paid."""
    claim = _locked(by, claim)
    if claim.state not in (State.APPLIED, State.APPROVED):
        raise ValidationError(f"这笔申请已是“{claim.get_state_display()}”。")
    errors = Errors()
    _check_amount(errors, "amount", amount)
    paid = paid_on(claim)
    if amount < paid:
        errors.add("amount", f"已经兑付 {paid} 万元，核定金额不能更小。")
    if not claim.applied_on <= promised_on <= clock.today() + FURTHEST:
        errors.add("promised_on", "承诺兑付日期不能早于申请日期，请核对年份。")
    errors.raise_any()
    first = claim.state == State.APPLIED
    before = {"amount": str(claim.approved_amount), "promised_on": str(claim.promised_on)}
    claim.state, claim.approved_amount, claim.promised_on = State.APPROVED, amount, promised_on
    claim.approved_on = clock.today() if first else claim.approved_on
    claim.save()
    record(by, "claim.approve", claim, **({} if first else {"before": before}))
    return claim


@transaction.atomic
def refuse(*, by: User, claim: Claim, reason: str) -> Claim:
    """不予兑现, with the reason the firm is told."""
    return _end(by, claim, State.REFUSED, reason)


@transaction.atomic
def withdraw(*, by: User, claim: Claim, reason: str) -> Claim:
    """Taken back by the firm, or recorded by mistake."""
    return _end(by, claim, State.WITHDRAWN, reason)


def _end(by: User, claim: Claim, state: str, reason: str) -> Claim:
    claim = _locked(by, claim)
    if claim.state not in (State.APPLIED, State.APPROVED):
        raise ValidationError(f"这笔申请已是“{claim.get_state_display()}”。")
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": ["请写明原因。"]})
    if len(reason) > 300:
        raise ValidationError({"reason": ["最多 300 字。"]})
    if paid_on(claim):
        raise ValidationError("已经有兑付，不能再改为不予兑现或撤回；填错的兑付请先冲销。")
    claim.state, claim.reason = state, reason
    claim.save()
    record(by, f"claim.{state}", claim)
    return claim


def may_decide(user: User, claim: Claim) -> bool:
    """For a claim the user sees, with its unit loaded."""
    return may_keep(user) and acts_for(user, claim.unit)


def paid_on(claim: Claim) -> Decimal:
    return Claim.objects.with_paid().get(pk=claim.pk).paid  # type: ignore[attr-defined]


def _check_amount(errors: Errors, name: str, amount: Decimal) -> None:
    if not 0 < amount <= MOST:
        errors.add(name, "金额应大于 0，以万元为单位。")
    elif amount != round(amount, 2):
        errors.add(name, "最多两位小数（精确到百元）。")


def _locked(by: User, claim: Claim) -> Claim:
    claim = Claim.objects.select_for_update(of=("self",)).select_related("unit").get(pk=claim.pk)
    if not may_decide(by, claim):
        raise PermissionDenied(NOT_YOURS)
    return claim
