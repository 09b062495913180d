"""A firm's own training: filed, approved or refused, held, subsidised, paid. Each step by whom it belongs to."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Role, User
from accounts.selectors import unit_of
from campaigns.models import TrainingPlan
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile
from districts.rotas import Training
from enterprises.models import Enterprise
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify
from policies.models import Policy
from policies.payments import record_payment

FILING = (Role.CADRE, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
DECIDING = (Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
WHO_FILES = spoken("培训备案由联企干部、单位联络员、单位负责人和牵头局调度员为企业登记。")
WHO_DECIDES = "培训的审批、核定和兑现由审批单位办理。"
CENT, WAN = Decimal("0.01"), Decimal(10_000)
AHEAD = timedelta(days=366)
LONGEST = timedelta(days=92)
MOST_FEE = Decimal("9999999.99")
MOST_PEOPLE = 9_999

State = TrainingPlan.State


def may_file(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*FILING)


def decides(user: User, plan: TrainingPlan) -> bool:
    """区工商联, or whichever unit the profile names."""
    return user.unit_id == plan.deciding_unit_id and user.has_role(*DECIDING)


def subsidy_of(base: Decimal, rules: Training) -> Decimal:
    """The share of the fee, to the 分, up to the limit."""
    amount = (base * rules.share).quantize(CENT, ROUND_HALF_UP)
    return min(amount, Decimal(rules.most)) if rules.most else amount


@transaction.atomic
def file_plan(
    *,
    by: User,
    enterprise: Enterprise,
    title: str,
    starts: date,
    ends: date,
    participants: int,
    provider: str,
    fee: Decimal,
    place: str = "",
) -> TrainingPlan:
    """Before it is held: what was not filed is not subsidised (“经备案审批后”)."""
    if not may_file(by):
        raise PermissionDenied(WHO_FILES)
    assert by.unit is not None
    errors: dict[str, list[str]] = {}
    if not Enterprise.objects.visible_to(by).active().filter(pk=enterprise.pk).exists():
        errors["subject"] = ["请从列出的企业中选择一家。"]
    if not title.strip():
        errors["title"] = ["请填写培训名称。"]
    if starts < clock.today():
        errors["starts"] = ["须在培训开始前备案，开始日期不能早于今天。"]
    elif starts > clock.today() + AHEAD:
        errors["starts"] = ["最多提前一年备案。"]
    if ends < starts:
        errors["ends"] = ["结束日期不能早于开始日期。"]
    elif ends - starts > LONGEST:
        errors["ends"] = ["一次培训最长三个月，请核对日期。"]
    if not 1 <= participants <= MOST_PEOPLE:
        errors["participants"] = [f"请填 1 至 {MOST_PEOPLE}。"]
    if wrong := _wrong_money(fee):
        errors["fee"] = [wrong]
    if errors:
        raise ValidationError(errors)
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    plan = TrainingPlan(
        district=by.unit.district,
        region=enterprise.region,
        enterprise=enterprise,
        title=title.strip(),
        starts=starts,
        ends=ends,
        participants=participants,
        provider=provider.strip(),
        place=place.strip(),
        fee=fee,
        filed_unit=by.unit,
        filed_by=by,
        filed_at=clock.now(),
        deciding_unit=unit_of(by.unit.district, rules.rotas.training.unit or rules.lead_bureau),
    )
    plan.save()
    audit.record(by, "training.filed", plan)
    _tell(plan, plan.deciding_unit_id, "filed", f"企业培训待审批：{plan.title}", by)
    return plan


def _wrong_money(amount: Decimal) -> str:
    if not 0 < amount <= MOST_FEE:
        return "金额应大于 0，以元为单位。"
    return "" if amount == amount.quantize(CENT) else "最多两位小数（精确到分）。"


@transaction.atomic
def decide(*, by: User, plan: TrainingPlan, approved: bool, note: str = "") -> TrainingPlan:
    plan = _locked(plan, State.FILED, "已经审批或撤回。")
    if not decides(by, plan):
        raise PermissionDenied(WHO_DECIDES)
    if by.pk == plan.filed_by_id:
        raise ValidationError("备案登记人不能审批自己登记的培训，请由本单位其他同志审批。")
    if not approved and not note.strip():
        raise ValidationError({"note": ["不同意的，请写明理由。"]})
    plan.state = State.APPROVED if approved else State.REFUSED
    plan.decided_by, plan.decided_at, plan.decision_note = by, clock.now(), note.strip()[:200]
    plan.save()
    audit.record(by, "training.decided", plan, approved=approved)
    said = "已同意" if approved else "不同意"
    _tell(plan, plan.filed_unit_id, "decided", f"企业培训备案{said}：{plan.title}", by)
    return plan


@transaction.atomic
def withdraw(*, by: User, plan: TrainingPlan) -> TrainingPlan:
    """By whoever filed it, as long as it was not held."""
    plan = _locked(plan, None, "")
    if by.pk != plan.filed_by_id:
        raise PermissionDenied("备案由登记人撤回。")
    if plan.state not in {State.FILED, State.APPROVED}:
        raise ValidationError("已经开展或办完的备案不能撤回。")
    plan.state = State.WITHDRAWN
    plan.save()
    audit.record(by, "training.withdrawn", plan)
    return plan


@transaction.atomic
def hold(
    *,
    by: User,
    plan: TrainingPlan,
    attended: int,
    invoice_number: str,
    invoice_amount: Decimal,
    note: str = "",
) -> TrainingPlan:
    """It took place: how many came, and the invoice."""
    plan = _locked(plan, State.APPROVED, "只有审批同意、还没有登记开展的培训才能登记。")
    if not (by.unit_id == plan.filed_unit_id and may_file(by)) and not decides(by, plan):
        raise PermissionDenied("培训开展情况由备案单位或审批单位登记。")
    errors: dict[str, list[str]] = {}
    if clock.today() < plan.ends:
        raise ValidationError(f"培训 {plan.ends:%Y-%m-%d} 才结束，结束当天起可以登记。")
    if not 1 <= attended <= MOST_PEOPLE:
        errors["attended"] = [f"请填 1 至 {MOST_PEOPLE}。"]
    if not invoice_number.strip():
        errors["invoice_number"] = ["请填写发票号码。"]
    elif _invoice_used(plan, invoice_number.strip()):
        errors["invoice_number"] = ["这张发票已经用于另一次培训补贴。"]
    if wrong := _wrong_money(invoice_amount):
        errors["invoice_amount"] = [wrong]
    if errors:
        raise ValidationError(errors)
    plan.attended, plan.invoice_number, plan.invoice_amount = attended, invoice_number.strip(), invoice_amount
    plan.held_note, plan.held_at, plan.state = note.strip()[:300], clock.now(), State.HELD
    plan.save()
    audit.record(by, "training.held", plan)
    _tell(plan, plan.deciding_unit_id, "held", f"企业培训待核定补贴：{plan.title}", by)
    return plan


def _invoice_used(plan: TrainingPlan, number: str) -> bool:
    """One invoice is subsidised once in the district."""
    others = TrainingPlan.objects.filter(district=plan.district_id, invoice_number=number)
    return others.exclude(pk=plan.pk).exists()


@transaction.atomic
def settle(*, by: User, plan: TrainingPlan) -> TrainingPlan:
    """Compute the subsidy, by the share of the profile in force when the training was filed."""
    plan = _locked(plan, State.HELD, "只有已开展的培训才能核定补贴。")
    if not decides(by, plan):
        raise PermissionDenied(WHO_DECIDES)
    rules = rules_of_plan(plan)
    plan.share, plan.subsidy = rules.share, subsidy_of(plan.base, rules)
    plan.settled_by, plan.settled_at, plan.state = by, clock.now(), State.SETTLED
    plan.save()
    audit.record(by, "training.settled", plan, subsidy=str(plan.subsidy))
    return plan


def rules_of_plan(plan: TrainingPlan) -> Training:
    filed_on = clock.local_date(plan.filed_at)
    return DistrictProfile.objects.in_force(plan.district, filed_on).rules.rotas.training


@transaction.atomic
def pay(*, by: User, plan: TrainingPlan, policy: Policy, basis: str, day: date) -> TrainingPlan:
    """Paid by the deciding unit, and recorded as 政策兑现, so that row 13 counts it, once.

    That list is kept in 万元 with two decimals: the subsidy is rounded there to the nearest 百元, and one of less
    than fifty yuan does not appear in it. A payment that was reversed can be recorded again.
    """
    plan = _locked(plan, None, "")
    if not decides(by, plan):
        raise PermissionDenied(WHO_DECIDES)
    is_again = plan.state == State.PAID and plan.payment is not None and not plan.payment.is_standing
    if plan.state != State.SETTLED and not is_again:
        raise ValidationError("只有已核定、还没有兑现的补贴才能登记兑现。")
    assert plan.subsidy is not None
    if day < clock.local_date(plan.settled_at or plan.filed_at):
        raise ValidationError({"day": ["拨付日期不能早于核定补贴的日期。"]})
    amount = (plan.subsidy / WAN).quantize(CENT, ROUND_HALF_UP)
    plan.payment = None
    if amount > 0:
        told = f"企业培训补贴 {plan.subsidy} 元；{basis.strip()}"
        try:
            plan.payment = record_payment(
                by=by,
                unit=plan.deciding_unit,
                policy=policy,
                subject=plan.enterprise,
                amount=amount,
                basis=told,
                day=day,
            )
        except ValidationError as error:
            known = {"policy", "basis", "day"}
            raise ValidationError(
                {name if name in known else "basis": said for name, said in error.message_dict.items()}
            ) from None
    plan.paid_on, plan.state = day, State.PAID
    plan.save()
    audit.record(by, "training.paid", plan, payment=plan.payment_id)
    return plan


def _locked(plan: TrainingPlan, state: str | None, refusal: str) -> TrainingPlan:
    rows = TrainingPlan.objects.select_for_update(of=("self",))
    plan = rows.select_related("enterprise", "district", "deciding_unit", "payment").get(pk=plan.pk)
    if state is not None and plan.state != state:
        raise ValidationError(refusal)
    return plan


def _tell(plan: TrainingPlan, unit: int, step: str, title: str, by: User) -> None:
    notify(
        [user for user in recipients(unit, *UNIT_DESK, Role.DISPATCHER) if user != by],
        key=f"training:{plan.pk}:{step}",
        title=title,
        body=f"{plan.enterprise}，{plan.starts:%Y-%m-%d} 开始。",
        url=reverse("campaigns:training_plan", args=[plan.pk]),
    )
