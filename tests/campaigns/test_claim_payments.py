"""A claim that is on the list of commitments: one payment, recorded once, counts in both."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from campaigns.commitments.services.commitments import (
    cancel_instalment,
    confirm_kept,
    pay_instalment,
    report_kept,
    restore,
    withdraw,
)
from campaigns.models import Commitment, Instalment
from core import clock
from core.tokens import new_token
from policies import claims
from policies.models import Claim, Payment, Policy
from policies.payments import record_payment, reverse_payment
from tests.campaigns.commitment_cast import CommitmentCast

URL = "/campaigns/commitments/"


@pytest.fixture
def cast(district) -> CommitmentCast:
    return CommitmentCast(district)


@pytest.fixture
def claim(cast) -> Claim:
    unit = cast.liaison.unit
    policy = Policy.objects.create(district=cast.district, title="稳岗补贴", unit=unit)
    day = clock.today()
    found = claims.apply(
        by=cast.liaison, unit=unit, policy=policy, subject=cast.firm, amount=Decimal(6), day=day
    )
    return claims.approve(by=cast.liaison, claim=found, amount=Decimal(5), promised_on=day)


def listed(cast, claim) -> Commitment:
    promise = cast.promise(
        kind="policy", title="兑付《稳岗补贴》", subject=cast.firm, amount=Decimal(5), claim=claim
    )
    return cast.kept_list(promise=promise)


def paid(cast, claim, amount="2", basis="财企〔2026〕8号") -> Payment:
    return record_payment(
        by=cast.liaison, unit=claim.unit, policy=claim.policy, subject=cast.firm, amount=Decimal(amount),
        basis=basis, day=clock.today(), claim=claim,
    )  # fmt: skip


def sums(commitment) -> tuple[str, Decimal, Decimal]:
    """The state, what the list counts as paid, what the claim does."""
    found = Commitment.objects.with_money().get(pk=commitment.pk)
    return found.state, found.paid, Claim.objects.with_paid().get(pk=found.claim_id).paid


def test_what_is_paid_on_the_claim_is_paid_on_the_commitment(cast, claim):
    commitment = listed(cast, claim)
    payment = paid(cast, claim, basis="依" * 200)
    assert sums(commitment) == ("partly", 2, 2)
    instalment = commitment.instalments.get()
    assert (instalment.paid_on, instalment.voucher, instalment.payment) == (
        clock.today(),
        "依" * 200,
        payment,
    )
    assert commitment.events.last().kind == "paid"
    reverse_payment(by=cast.liaison, payment=payment, reason="金额填错")
    assert sums(commitment) == ("open", 0, 0)
    assert commitment.instalments.get().cancelled_reason == "已冲销：金额填错"


def test_what_is_paid_on_the_commitment_is_paid_on_the_claim(cast, claim):
    commitment = listed(cast, claim)
    instalment = pay_instalment(
        by=cast.liaison,
        commitment=commitment,
        amount=Decimal(3),
        day=clock.today(),
        voucher="回单7号",
        received=True,
    )
    assert instalment.received and Payment.objects.get().basis == "回单7号"
    assert sums(commitment) == ("partly", 3, 3)
    cancel_instalment(by=cast.liaison, instalment=instalment, reason="记错")
    assert sums(commitment) == ("open", 0, 0) and Payment.objects.count() == 2
    assert Instalment.objects.get().cancelled_by == cast.liaison


def test_what_was_paid_before_it_came_onto_the_list_counts(cast, claim):
    taken_back = paid(cast, claim, "1")
    reverse_payment(by=cast.liaison, payment=taken_back, reason="重复")
    paid(cast, claim)
    commitment = listed(cast, claim)
    assert sums(commitment) == ("partly", 2, 2) and commitment.instalments.count() == 1


def test_a_payment_while_it_was_off_the_list_is_made_up_for(cast, claim):
    commitment = listed(cast, claim)
    withdraw(by=cast.dispatcher, commitment=commitment, reason="误登")
    paid(cast, claim)
    assert sums(commitment) == ("withdrawn", 0, 2)
    restore(by=cast.dispatcher, commitment=commitment, reason="恢复")
    assert sums(commitment) == ("partly", 2, 2)
    withdraw(by=cast.dispatcher, commitment=commitment, reason="再撤")
    assert sums(listed(cast, claim)) == ("partly", 2, 2)


def test_money_that_went_back_is_no_longer_paid_on_what_is_kept(cast, claim):
    commitment = listed(cast, claim)
    payment = paid(cast, claim, "5")
    report_kept(by=cast.liaison, commitment=commitment, result="已付清", evidence="回单")
    confirm_kept(by=cast.dispatcher, commitment=commitment)
    reverse_payment(by=cast.liaison, payment=payment, reason="退票")
    assert sums(commitment) == ("kept", 0, 0)


def test_more_than_was_approved_is_refused_in_words_on_both_sides(cast, claim):
    commitment = listed(cast, claim)
    with pytest.raises(ValidationError, match="万元未付；核定金额有变的"):
        pay_instalment(
            by=cast.liaison, commitment=commitment, amount=Decimal(6), day=clock.today(), voucher="回单"
        )
    with pytest.raises(ValidationError) as refused:
        pay_instalment(
            by=cast.liaison, commitment=commitment, amount=Decimal(1), day=clock.today(), voucher=" "
        )
    assert "voucher" in refused.value.message_dict
    assert not Payment.objects.exists()


def test_only_the_unit_that_pays_records_it(cast, claim):
    commitment = listed(cast, claim)
    with pytest.raises(PermissionDenied):
        pay_instalment(
            by=cast.assistant, commitment=commitment, amount=Decimal(1), day=clock.today(), voucher="回单"
        )
    assert not Instalment.objects.exists()


def test_the_page_pays_once_and_leads_back_to_the_list(cast, claim):
    commitment = listed(cast, claim)
    client = Client()
    client.force_login(cast.liaison)
    text = client.get(f"{URL}{commitment.pk}/").content.decode()
    assert "同时记入兑现申请" in text
    data = {"token": new_token(), "amount": "１.５", "day": clock.today().isoformat(), "voucher": "回单9号"}
    for _ in range(2):
        assert client.post(f"{URL}{commitment.pk}/pay/", data).status_code == 302
    assert sums(commitment) == ("partly", Decimal("1.5"), Decimal("1.5"))
    assert "1.50" in client.get(f"/policies/claims/{claim.pk}/").content.decode()
    bad = client.post(f"{URL}{commitment.pk}/pay/", data | {"token": new_token(), "amount": "99"})
    assert bad.status_code == 422 and "核定的只剩 3.50 万元" in bad.content.decode()
    again = client.get(f"{URL}new/?claim={claim.pk}")
    assert (again.status_code, again.url) == (302, f"{URL}{commitment.pk}/")
    row = commitment.instalments.get()
    gone = client.post(f"{URL}payments/{row.pk}/cancel/", {"token": new_token(), "reason": "记错"})
    assert gone.status_code == 302 and sums(commitment) == ("open", 0, 0)


def test_a_claim_not_approved_is_paid_nowhere(cast, claim):
    commitment = listed(cast, claim)
    Claim.objects.filter(pk=claim.pk).update(state="applied")
    with pytest.raises(ValidationError, match="还没有核定"), clock.at(clock.now() + timedelta(hours=1)):
        pay_instalment(
            by=cast.liaison, commitment=commitment, amount=Decimal(1), day=clock.today(), voucher="回单"
        )


def test_what_both_sides_wrote_down_before_is_not_counted_twice(cast, claim):
    commitment = listed(cast, claim)
    Instalment.objects.create(
        commitment=commitment, paid_on=clock.today(), amount=Decimal(2), voucher="回单",
        recorded_at=clock.now(), recorded_by=cast.liaison,
    )  # fmt: skip
    payment = paid(cast, claim)
    assert sums(commitment)[1:] == (2, 2) and Instalment.objects.get().payment == payment
