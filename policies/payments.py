"""政策兑现: recording what was paid to a firm, and taking a mistaken record back (row 13 of the weekly table)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.wording import speak, spoken
from enterprises.models import Enterprise, Project
from policies.checks import Errors, day_of_the_action, one_line
from policies.claims import paid_on
from policies.models import Claim, Payment, Policy
from policies.permissions import acts_for, may_keep

NOT_YOURS = spoken("政策兑现由兑现单位的联络员、负责人和牵头局调度员登记。")
MOST_PAID = Decimal("9999999.99")
"""万元: more than any district pays to one firm is a slip of the finger."""
MOST_BASIS = 200
Follower = Callable[[Payment, User], None]
_FOLLOWERS: list[Follower] = []


def follow_payments(follower: Follower) -> Follower:
    """A room above keeps its books by these: called with each payment and each reversal, in their transaction."""
    _FOLLOWERS.append(follower)
    return follower


@transaction.atomic
def record_payment(
    *,
    by: User,
    unit: Unit,
    policy: Policy,
    subject: Enterprise | Project,
    amount: Decimal,
    basis: str,
    day: date,
    claim: Claim | None = None,
) -> Payment:
    """So many 万元 paid by ``unit`` to a firm or project, with the document that shows it.

    With ``claim``: on what was approved there, of the same policy and firm, and not more than that.
    """
    if not may_keep(by) or not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    errors, basis, occurred_at = Errors(), one_line(basis), clock.now()
    if policy.district_id != unit.district_id:
        errors.add("policy", "这项政策不是本区县的。")
    if not type(subject)._default_manager.visible_to(by).filter(pk=subject.pk).exists():
        errors.add("subject", "请从列出的企业或项目中选择一个。")
    if not 0 < amount <= MOST_PAID:
        errors.add("amount", "兑现金额应大于 0，以万元为单位。")
    elif amount != round(amount, 2):
        errors.add("amount", "最多两位小数（精确到百元）。")
    try:
        basis = _basis(basis)
    except ValidationError as error:
        errors.take("basis", error)
    try:
        occurred_at = day_of_the_action(day, unit.district, "拨付日期")
    except ValidationError as error:
        errors.take("day", error)
    if claim is not None:
        _check_claim(errors, claim, policy, subject, amount)
    errors.raise_any()
    payment = Payment.objects.create(
        district=unit.district,
        region=subject.region,
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        policy=policy,
        unit=unit,
        amount=amount,
        basis=basis,
        claim=claim,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        recorded_by=by,
    )
    record(by, "payment.record", payment, policy=policy.pk, unit=unit.pk)
    for follow in _FOLLOWERS:
        follow(payment, by)
    return payment


@transaction.atomic
def reverse_payment(*, by: User, payment: Payment, reason: str) -> Payment:
    """Take a mistaken record back by a second row of the same amount below zero; both stay to be seen.

    See :class:`policies.models.Payment` for the week it counts in.
    """
    payment = Payment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=payment.pk)
    if not may_reverse(by, payment):
        raise PermissionDenied(speak("只有兑现单位的联络员、负责人和牵头局调度员可以冲销。"))
    if payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        raise ValidationError("这笔兑现已经冲销过了。")
    try:
        reason = _basis(one_line(reason), "冲销原因")
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from None
    reversal = Payment.objects.create(
        district_id=payment.district_id,
        region_id=payment.region_id,
        enterprise_id=payment.enterprise_id,
        project_id=payment.project_id,
        claimed_name=payment.claimed_name,
        claimed_code=payment.claimed_code,
        policy_id=payment.policy_id,
        claim_id=payment.claim_id,
        unit=payment.unit,
        amount=-payment.amount,
        basis=reason,
        reverses=payment,
        occurred_at=payment.occurred_at,
        recorded_at=clock.now(),
        recorded_by=by,
    )
    record(by, "payment.reverse", payment, reversal=reversal.pk)
    for follow in _FOLLOWERS:
        follow(reversal, by)
    return reversal


def _check_claim(
    errors: Errors, claim: Claim, policy: Policy, subject: Enterprise | Project, amount: Decimal
) -> None:
    # The claim's row is the lock: two payments at once do not exceed it together.
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    left = (claim.approved_amount or Decimal(0)) - paid_on(claim)
    if claim.state != Claim.State.APPROVED:
        errors.add("claim", "这笔兑现申请还没有核定，先核定再兑付。")
    elif claim.policy_id != policy.pk or claim.subject != subject:
        errors.add("claim", "政策和企业应与兑现申请一致。")
    elif amount > left:
        errors.add("amount", f"核定的只剩 {left} 万元未付；核定金额有变的，请先重新核定。")


def may_reverse(user: User, payment: Payment) -> bool:
    """For a payment the user sees, with its unit loaded."""
    return may_keep(user) and acts_for(user, payment.unit)


def _basis(text: str, what: str = "依据") -> str:
    if not text:
        raise ValidationError(f"请填写{what}。")
    if len(text) > MOST_BASIS:
        raise ValidationError(f"{what}最多 {MOST_BASIS} 字。")
    return text
