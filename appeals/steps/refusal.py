"""Saying “no”: proposed, signed level by level, or turned back to “办” by any of them."""

from appeals.models import Audience, Refusal, RefusalSignature
from appeals.signing import levels
from appeals.steps.base import Step


def propose_refusal(step: Step) -> None:
    """The proposer signs the first level."""
    step.say_all(
        Audience.INTERNAL, reason="办不了的原因", rule="依据的条款", tried="已做的努力", others="还有谁能办"
    )
    refusal = Refusal.objects.create(
        appeal=step.appeal,
        round=step.appeal.round,
        unit=step.lead,
        event_seq=step.seq,
        at=step.moment,
        levels=len(levels(step.rules)),
    )
    _sign(step, refusal, agrees=True)


def sign_refusal(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL, _level(step))
    _sign(step, _open(step), agrees=True)


def turn_back(step: Step) -> None:
    step.say(step.data["direction"], Audience.INTERNAL, _level(step))
    _sign(step, _open(step), agrees=False)
    step.end_refusal(Refusal.Outcome.TURNED_BACK)


def _level(step: Step) -> str:
    return levels(step.rules)[step.appeal.refusal_level].label


def _open(step: Step) -> Refusal:
    return step.appeal.refusals.get(round=step.appeal.round, outcome="")


def _sign(step: Step, refusal: Refusal, *, agrees: bool) -> None:
    level = refusal.level + 1
    RefusalSignature.objects.create(
        refusal=refusal, level=level, by=step.user, event_seq=step.seq, at=step.moment, agrees=agrees
    )
    step.references["level"] = level
    if agrees:
        refusal.level = step.appeal.refusal_level = level
        refusal.save(update_fields=["level"])
