"""Marks on a slow case: reminded, supervised by letter, listed until it is done."""

from appeals.letters import send_letter
from appeals.models import Audience, Deadline, ListedSupervision, SupervisionLetter
from appeals.steps.base import Step


def remind(step: Step) -> None:
    step.say(step.data["text"], Audience.INTERNAL)


def supervise(step: Step) -> None:
    """The letter a rung drafted is the one that is sent; else it is written now."""
    data = step.data
    letter = send_letter(
        by=step.user,
        unit=data["unit"],
        text=data["text"],
        answer_by=data["answer_by"],
        appeal=step.appeal,
        moment=step.moment,
    )
    step.say(data["text"], Audience.INTERNAL, letter.number)
    step.references |= {"letter": letter.pk, "unit": letter.unit_id}
    step.start(Deadline.Kind.SUPERVISION, owner=letter.unit, due_on=data["answer_by"])


def answer_supervision(step: Step) -> None:
    letter = step.appeal.letters.get(unit=step.unit, state=SupervisionLetter.State.SENT)
    letter.state = SupervisionLetter.State.ANSWERED
    letter.answer, letter.answered_at, letter.answered_by = step.data["answer"], step.moment, step.user
    letter.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    step.say(step.data["answer"], Audience.INTERNAL, letter.number)
    step.references["letter"] = letter.pk


def list_supervision(step: Step) -> None:
    data = step.data
    listing = ListedSupervision.objects.create(
        appeal=step.appeal,
        leader=data["leader"],
        target_date=data["target_date"],
        condition=data["condition"],
        listed_at=step.moment,
        listed_by=step.user,
    )
    step.say(data["condition"], Audience.INTERNAL, "摘牌条件")
    step.references["listing"] = listing.pk


def delist_supervision(step: Step) -> None:
    listing = step.appeal.listings.get(delisted_at__isnull=True)
    listing.delisted_at, listing.delisted_by, listing.result = step.moment, step.user, step.data["result"]
    listing.save(update_fields=["delisted_at", "delisted_by", "result"])
    step.say(step.data["result"], Audience.INTERNAL)
    step.references["listing"] = listing.pk


def end_supervision(step: Step, how: str) -> None:
    """The appeal has ended: nothing of it waits to be sent, answered or delisted any more."""
    State = SupervisionLetter.State
    step.appeal.letters.filter(state=State.DRAFT).update(state=State.SET_ASIDE)
    step.appeal.letters.filter(state=State.SENT).update(state=State.ENDED)
    step.appeal.listings.filter(delisted_at__isnull=True).update(
        delisted_at=step.moment, delisted_by=step.actor.user, result=how
    )
