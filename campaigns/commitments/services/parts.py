"""What every step of a commitment needs: locking it, refusing in words, writing it with its event."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Sum

from accounts.models import User
from campaigns.commitments.services.rules import OLDEST
from campaigns.models import Commitment, CommitmentEvent, Instalment
from core import clock
from districts.models import Region

ENDED = "这件承诺已是“{state}”，不能再改动。"


def refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise ValidationError({name: [text] for name, text in wrong.items()})


def paid_on(commitment: Commitment) -> Decimal:
    total = (
        Instalment.objects.standing().filter(commitment=commitment).aggregate(total=Sum("amount"))["total"]
    )
    return total or Decimal(0)


def running_state(commitment: Commitment, paid: Decimal) -> str:
    """What is disputed is in dispute; else what was paid decides."""
    if commitment.is_disputed:
        return Commitment.State.DISPUTED
    return Commitment.State.PARTLY if paid else Commitment.State.OPEN


def lock_list(district: Region) -> None:
    """Numbers are given one at a time. Sheets lock the same row."""
    Region.objects.select_for_update(no_key=True).get(pk=district.pk)


def locked_commitments(pks: Collection[int]) -> list[Commitment]:
    """To be changed, in the order of their numbers so that nobody waits in a circle."""
    rows = Commitment.objects.select_for_update(of=("self",)).filter(pk__in=pks)
    related = ("district", "unit__region", "debtor_unit", "enterprise__region", "project__region", "appeal",
               "backlog_item", "claim__policy")  # fmt: skip
    return list(rows.select_related(*related).order_by("number"))


def locked(commitment: Commitment) -> Commitment:
    return locked_commitments([commitment.pk])[0]


def refuse_ended(commitment: Commitment) -> None:
    if not commitment.is_running:
        raise ValidationError(ENDED.format(state=commitment.get_state_display()), code="ended")


def refuse_reported(commitment: Commitment) -> None:
    if commitment.reported_at:
        raise ValidationError("已报送兑现，请先确认或退回。", code="reported")


def refuse_day(day: date, commitment: Commitment, name: str) -> None:
    if day > clock.today():
        raise ValidationError({name: ["日期不能晚于今天。"]})
    if day < min(max(commitment.made_on, OLDEST), clock.local_date(commitment.recorded_at)):
        raise ValidationError({name: [f"日期不能早于承诺（签订）的 {commitment.made_on:%Y-%m-%d}。"]})


def said(text: str, name: str, missing: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({name: [missing]})
    if len(text) > most:
        raise ValidationError({name: [f"最多{most}字。"]})
    return text


def write_event(
    commitment: Commitment,
    kind: str,
    by: User,
    *,
    text: str = "",
    day: date | None = None,
    changes: Sequence[dict[str, str]] = (),
    was_running: bool | None = None,
) -> None:
    """Save the commitment with the event that changed it."""
    commitment.version += 1
    commitment.save()
    CommitmentEvent.objects.create(
        commitment=commitment,
        seq=commitment.version,
        kind=kind,
        at=clock.now(),
        by=by,
        unit=by.unit,
        day=day,
        text=text,
        changes=list(changes),
        was_running=commitment.is_running if was_running is None else was_running,
        is_running=commitment.is_running,
    )
