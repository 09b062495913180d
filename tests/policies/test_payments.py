"""政策兑现: what is recorded, what is refused, and how a mistake is taken back."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from core import clock
from policies.models import Payment, Policy
from policies.payments import record_payment, reverse_payment
from tests import factories as make


@pytest.fixture
def pay(liaison, unit, policy, firm):
    def pay(**changes):
        told = {
            "by": liaison,
            "unit": unit,
            "policy": policy,
            "subject": firm,
            "amount": Decimal("5.80"),
            "basis": "国库支付凭证 12 号",
            "day": clock.today(),
        }
        return record_payment(**(told | changes))

    return pay


def test_a_payment_is_recorded_with_its_basis_and_day(pay, firm, unit, liaison):
    payment = pay()
    assert (payment.enterprise, payment.unit, payment.region) == (firm, unit, firm.region)
    assert (payment.amount, payment.basis) == (Decimal("5.80"), "国库支付凭证 12 号")
    assert clock.local_date(payment.occurred_at) == clock.today()
    assert AuditEntry.objects.get(action="payment.record").user_id == liaison.pk


def test_a_project_is_paid_too(pay, district):
    project = make.project(district)
    assert pay(subject=project).project == project


def test_the_dispatcher_records_for_every_unit(pay, dispatcher):
    assert pay(by=dispatcher).unit.code == "rsj"


@pytest.mark.parametrize(
    ("code", "role"), [("czj", "liaison"), ("rsj", "cadre"), ("jwdc", "supervisor"), ("kjj", "bureau_leader")]
)
def test_nobody_else_records_it(pay, district, code, role):
    with pytest.raises(PermissionDenied, match="兑现单位"):
        pay(by=make.user(make.unit(district, code), role))
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"amount": Decimal(0)}, "amount", "大于 0"),
        ({"amount": Decimal("-5")}, "amount", "大于 0"),
        ({"amount": Decimal("0.005")}, "amount", "两位小数"),
        ({"amount": Decimal(10_000_000)}, "amount", "大于 0"),
        ({"basis": "  "}, "basis", "请填写依据"),
        ({"basis": "长" * 201}, "basis", "200 字"),
    ],
)
def test_bad_facts_are_refused_beside_their_field(pay, changes, field, words):
    with pytest.raises(ValidationError) as error:
        pay(**changes)
    assert words in "".join(error.value.message_dict[field])
    assert not Payment.objects.exists()


def test_nothing_was_paid_tomorrow_or_before_the_action(pay, tomorrow):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        pay(day=tomorrow)
    with pytest.raises(ValidationError, match="不能早于专项行动开始的 2024-02-01"):
        pay(day=tomorrow.replace(year=2016))


def test_another_districts_policy_and_firm_are_refused(pay, district):
    other = make.another_district(district)
    theirs = Policy.objects.create(district=other, title="别处补贴", unit=make.unit(other, "rsj"))
    firm = make.enterprise(other, region=make.township(other, "西湖镇"))
    with pytest.raises(ValidationError) as error:
        pay(policy=theirs, subject=firm)
    assert set(error.value.message_dict) == {"policy", "subject"}


def test_a_mistake_is_taken_back_by_a_second_row(pay, liaison):
    payment = pay()
    with clock.at(clock.now()):
        reversal = reverse_payment(by=liaison, payment=payment, reason="金额填错，应为 58 元")
    assert (reversal.amount, reversal.reverses, reversal.basis) == (
        Decimal("-5.80"),
        payment,
        "金额填错，应为 58 元",
    )
    assert (reversal.enterprise, reversal.policy, reversal.unit) == (
        payment.enterprise,
        payment.policy,
        payment.unit,
    )
    # Counted in the week in which it was paid, as long as that table is open.
    assert reversal.occurred_at == payment.occurred_at
    assert reversal.recorded_at > payment.recorded_at
    assert not Payment.objects.standing().exists()
    entry = AuditEntry.objects.get(action="payment.reverse")
    assert (entry.object_id, entry.data) == (str(payment.pk), {"reversal": reversal.pk})


def test_what_was_taken_back_is_not_taken_back_again(pay, liaison):
    payment = pay()
    reversal = reverse_payment(by=liaison, payment=payment, reason="重复")
    for one in (payment, reversal):
        with pytest.raises(ValidationError, match="已经冲销过"):
            reverse_payment(by=liaison, payment=one, reason="再来一次")
    assert Payment.objects.count() == 2


def test_a_reversal_needs_its_reason(pay, liaison):
    with pytest.raises(ValidationError) as error:
        reverse_payment(by=liaison, payment=pay(), reason=" ")
    assert error.value.message_dict == {"reason": ["请填写冲销原因。"]}


def test_another_unit_takes_nothing_back(pay, district):
    with pytest.raises(PermissionDenied):
        reverse_payment(by=make.user(make.unit(district, "czj"), "liaison"), payment=pay(), reason="x")
    assert Payment.objects.standing().count() == 1


def test_the_database_itself_knows_no_payment_below_zero(pay):
    payment = pay()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(amount=-1)
