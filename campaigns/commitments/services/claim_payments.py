"""Money paid on a claim that is on the list of commitments: one payment, recorded once, counted in both.

The payment is the record (``policies.payments``); the commitment's instalments follow from it, wherever it was entered.
Whoever holds the claim or its payment takes the commitment's lock after it, never the other way round.
"""

from datetime import date

from accounts.models import User
from campaigns.commitments.services.parts import locked, paid_on, running_state, write_event
from campaigns.models import Commitment, CommitmentEvent, Instalment
from core import clock
from policies.models import Payment
from policies.payments import follow_payments

Kind = CommitmentEvent.Kind


@follow_payments
def enter_in_the_list(payment: Payment, by: User) -> None:
    """Also of what is kept already: money that went back is no longer paid."""
    if payment.claim_id is None:
        return
    on_the_list = Commitment.objects.filter(claim=payment.claim_id).exclude(state=Commitment.State.WITHDRAWN)
    # A claim is once among those that run; of those that ended, the last one counts.
    commitment = on_the_list.running().first() or on_the_list.order_by("pk").last()
    if commitment is not None:
        bring_up_to_date(locked(commitment), by)


def bring_up_to_date(commitment: Commitment, by: User) -> None:
    """The instalments of a locked commitment become those of its claim: missing ones are made, reversed ones cancelled."""
    if commitment.claim_id is None:
        return
    mine = Instalment.objects.filter(commitment=commitment)
    for payment in Payment.objects.filter(claim=commitment.claim_id).standing().order_by("occurred_at", "pk"):
        if not mine.filter(payment=payment).exists():
            _enter(commitment, payment, by)
    taken_back = mine.standing().filter(payment__reversal__isnull=False)
    for instalment in taken_back.select_related("payment__reversal"):
        _cancel(instalment, by)
        words = f"{instalment.paid_on:%Y-%m-%d} 的 {instalment.amount} 万元{instalment.cancelled_reason}"
        _write(commitment, Kind.CANCELLED, by, words)


def _enter(commitment: Commitment, payment: Payment, by: User) -> None:
    day = clock.local_date(payment.occurred_at)
    # Before payments were entered once, both sides wrote them down.
    written = Instalment.objects.standing().filter(commitment=commitment, payment=None)
    known = written.filter(amount=payment.amount, paid_on=day).first()
    if known is not None:
        known.payment = payment
        known.save(update_fields=["payment"])
        return
    Instalment.objects.create(
        commitment=commitment, payment=payment, paid_on=day, amount=payment.amount, voucher=payment.basis,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    _write(commitment, Kind.PAID, by, f"兑付 {payment.amount} 万元，依据 {payment.basis}", day)


def _cancel(instalment: Instalment, by: User) -> None:
    assert instalment.payment is not None
    instalment.cancelled_at, instalment.cancelled_by = clock.now(), by
    instalment.cancelled_reason = f"已冲销：{instalment.payment.reversal.basis}"
    instalment.save()


def _write(commitment: Commitment, kind: str, by: User, words: str, day: date | None = None) -> None:
    if commitment.is_running:
        commitment.state = running_state(commitment, paid_on(commitment))
    write_event(commitment, kind, by, text=words, day=day)
