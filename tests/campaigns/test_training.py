"""Training subsidies: filed before it is held, approved by another, half of the fee to the 分, counted once."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from campaigns.models import TrainingPlan
from campaigns.rotas.services import training as services
from districts.rotas import Training
from policies.models import Payment, Policy
from policies.payments import reverse_payment
from tests import factories as make

DAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


@pytest.fixture
def union(hall, district):
    """区工商联 decides; a policy to pay under."""
    make.with_rules(district, rotas={"training": {"unit": "gsl"}})
    hall.union = make.unit(district, "gsl")
    hall.approver = make.user(hall.union, "unit_leader")
    hall.firm = make.enterprise(district, region=district)
    hall.policy = Policy.objects.create(district=district, title="企业培训补贴办法", unit=hall.union)
    return hall


def filed(union, by=None, **fields) -> TrainingPlan:
    given = {"enterprise": union.firm, "title": "班组长管理", "starts": DAY, "ends": DAY, "participants": 30,
             "provider": "某管理学院", "fee": Decimal("10001.01")}  # fmt: skip
    return services.file_plan(by=by or union.dispatcher, **(given | fields))


def held(union, amount="10001.01", number="F001", **fields) -> TrainingPlan:
    plan = filed(union, **fields)
    services.decide(by=union.approver, plan=plan, approved=True)
    with time_machine.travel("2026-11-26 10:00+08:00"):
        return services.hold(
            by=union.dispatcher, plan=plan, attended=28, invoice_number=number, invoice_amount=Decimal(amount)
        )


def test_half_to_the_cent_and_up_to_the_limit():
    half = Training()
    assert services.subsidy_of(Decimal("10001.01"), half) == Decimal("5000.51")
    assert services.subsidy_of(Decimal("0.01"), half) == Decimal("0.01")
    assert services.subsidy_of(Decimal(100_000), Training(most=20_000)) == Decimal(20_000)


def test_filed_before_it_is_held(union):
    for wrong, field in (
        ({"starts": date(2026, 11, 19)}, "starts"),
        ({"ends": date(2026, 11, 24)}, "ends"),
        ({"fee": Decimal(0)}, "fee"),
        ({"fee": Decimal("1.001")}, "fee"),
        ({"participants": 0}, "participants"),
        ({"title": " "}, "title"),
    ):
        with pytest.raises(ValidationError) as error:
            filed(union, **wrong)
        assert field in error.value.message_dict
    assert filed(union).deciding_unit == union.union


def test_whoever_filed_does_not_approve_and_others_have_no_say(union):
    plan = filed(union)
    with pytest.raises(PermissionDenied):
        services.decide(by=union.liaison, plan=plan, approved=True)
    with pytest.raises(ValidationError):
        services.decide(by=union.approver, plan=plan, approved=False)
    services.decide(by=union.approver, plan=plan, approved=False, note="不属补贴范围")
    with pytest.raises(ValidationError):
        services.decide(by=union.approver, plan=plan, approved=True)
    near = make.enterprise(union.district, region=union.union.region)
    own = filed(union, by=union.approver, enterprise=near)
    with pytest.raises(ValidationError) as error:
        services.decide(by=union.approver, plan=own, approved=True)
    assert "不能审批自己" in "".join(error.value.messages)


def test_no_step_is_skipped(union):
    plan = filed(union)
    for step in (
        lambda: services.settle(by=union.approver, plan=plan),
        lambda: services.pay(by=union.approver, plan=plan, policy=union.policy, basis="一号", day=DAY),
        lambda: services.hold(
            by=union.dispatcher, plan=plan, attended=1, invoice_number="1", invoice_amount=Decimal(1)
        ),
    ):
        with pytest.raises(ValidationError):
            step()


def test_held_with_an_invoice_that_is_used_once(union):
    held(union)
    with pytest.raises(ValidationError) as error:
        held(union, title="另一次")
    assert "发票" in error.value.message_dict["invoice_number"][0]


def test_more_than_was_approved_is_not_subsidised(union):
    plan = services.settle(by=union.approver, plan=held(union, amount="20000"))
    assert (plan.base, plan.subsidy, plan.share) == (Decimal("10001.01"), Decimal("5000.51"), Decimal("0.5"))


def test_paid_it_is_in_the_payments_once_and_again_after_a_reversal(union):
    plan = services.settle(by=union.approver, plan=held(union))
    with time_machine.travel("2026-12-01 10:00+08:00"):
        paid = {"policy": union.policy, "basis": "财企 12 号", "day": date(2026, 12, 1)}
        with pytest.raises(PermissionDenied):
            services.pay(by=union.liaison, plan=plan, **paid)
        plan = services.pay(by=union.approver, plan=plan, **paid)
        payment = Payment.objects.get()
        assert payment.amount == Decimal("0.50") and payment.unit == union.union and plan.payment == payment
        assert "5000.51 元" in payment.basis
        with pytest.raises(ValidationError):
            services.pay(by=union.approver, plan=plan, **paid)
        reverse_payment(by=union.approver, payment=payment, reason="账号错误")
        plan = services.pay(by=union.approver, plan=plan, **paid)
    assert Payment.objects.standing().get() == plan.payment


def test_a_wrong_day_of_payment_stands_beside_its_field(union):
    plan = services.settle(by=union.approver, plan=held(union))
    for day in (date(2027, 1, 1), date(2026, 11, 1)):
        with pytest.raises(ValidationError) as error:
            services.pay(by=union.approver, plan=plan, policy=union.policy, basis="号", day=day)
        assert "day" in error.value.message_dict


def test_a_few_yuan_are_paid_without_a_line_in_the_payments(union):
    plan = services.settle(by=union.approver, plan=held(union, fee=Decimal(80), amount="80"))
    plan = services.pay(by=union.approver, plan=plan, policy=union.policy, basis="号", day=date(2026, 11, 20))
    assert plan.state == "paid" and plan.payment is None and not Payment.objects.exists()


def test_withdrawn_by_whoever_filed(union):
    plan = filed(union)
    with pytest.raises(PermissionDenied):
        services.withdraw(by=union.approver, plan=plan)
    assert services.withdraw(by=union.dispatcher, plan=plan).state == "withdrawn"


# --- Pages ----------------------------------------------------------------------------------------


def test_the_whole_way_through_the_pages(client, union):
    client.force_login(union.dispatcher)
    data = {
        "token": "a", "subject": f"enterprise-{union.firm.pk}", "title": "班组长管理", "provider": "某学院",
        "starts": "2026-11-25", "ends": "2026-11-25", "participants": 30, "fee": "1万",
    }  # fmt: skip
    address = reverse("campaigns:file_training")
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"fee": "１０，０００".replace("，", ",")}).status_code == 302
    plan = TrainingPlan.objects.get()

    def step(name: str, **given):
        return client.post(reverse(f"campaigns:{name}", args=[plan.pk]), given)

    client.force_login(union.approver)
    assert step("decide_training", token="b", approved="no").status_code == 422
    assert step("decide_training", token="c", approved="yes").status_code == 302
    with time_machine.travel("2026-11-26 10:00+08:00"):
        client.force_login(union.approver)
        wrong = step("hold_training", token="d", attended=1, invoice_number="F1", invoice_amount="-1")
        assert wrong.status_code == 422
        held_ = step("hold_training", token="e", attended=25, invoice_number="F1", invoice_amount="9000")
        assert held_.status_code == 302
        assert step("settle_training").status_code == 302
        paid = step("pay_training", token="f", policy=union.policy.pk, day="2026-11-26", basis="一号")
        assert paid.status_code == 302
        page = client.get(reverse("campaigns:training_plan", args=[plan.pk])).content.decode()
        assert "4500.00 元" in page and "已计入" in page
        listed = client.get(reverse("campaigns:training"), {"year": 2026})
        assert listed.context["totals"]["paid"] == Decimal(4500)
        assert client.get(reverse("campaigns:training"), {"year": "9" * 30}).status_code == 200


def test_who_sees_it(client, union, outsider):
    plan = filed(union)
    for user, status in ((union.approver, 200), (union.dispatcher, 200), (outsider, 404)):
        client.force_login(user)
        assert client.get(reverse("campaigns:training_plan", args=[plan.pk])).status_code == status
