"""Coming in: submitted, registered, solved on the spot; what the firm adds and takes back."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.selectors import unit_of
from appeals import numbers
from appeals.models import Appeal, Audience, Participation, PendingRequest, Solved
from appeals.steps.base import Ruling, Step
from districts.models import DistrictProfile, Region

Part = Participation.Part


def new_appeal(
    *,
    profile: DistrictProfile,
    district: Region,
    actor: Actor,
    data: dict[str, Any],
    moment: datetime,
    token: str | None,
) -> Appeal:
    """The row of a new appeal, with its number and, for this once, its secret code in plain."""
    rules = profile.rules
    collecting = actor.unit or unit_of(district, rules.lead_bureau)
    code = numbers.secret_code(token)
    provincial_number = data.get("provincial_number", "")
    appeal = Appeal(
        number=numbers.next_number(district, rules.number_prefix),
        secret_digest=numbers.digest(code),
        district=district,
        region=data["region"],
        profile=profile,
        claimed_name=data.get("claimed_name", ""),
        claimed_code=data.get("claimed_code", ""),
        contact_name=data["contact_name"],
        contact_phone=data["contact_phone"],
        title=data["title"],
        content=data["content"],
        category=data["category"],
        channel=data["channel"],
        urgency=data.get("urgency") or Appeal._meta.get_field("urgency").default,
        visit=data.get("visit"),
        service_event=data.get("service_event"),
        collecting_unit=collecting,
        registered_by=actor.user,
        provincial_number=provincial_number,
        provincial_recorded_at=moment if provincial_number else None,
        submitted_at=moment,
    )
    if data.get("subject"):
        appeal.subject = data["subject"]
    appeal.save()
    appeal.secret_code = code
    return appeal


def take_in(step: Step) -> None:
    step.take_part(step.appeal.collecting_unit, Part.COLLECTING)
    step.attach(step.data.get("attachments", []))
    if plaque := step.data.get("plaque"):
        step.references["plaque"] = plaque.pk


def solve_on_spot(step: Step) -> None:
    take_in(step)
    step.answer(step.appeal.collecting_unit, step.data["answer"], step.data["basis"], Solved.YES)
    step.attach([step.data["signature"]], Audience.INTERNAL)
    step.references["confirmed_by"] = "signature"
    step.appeal.answered_at = step.moment


def offer_answer(step: Step) -> None:
    """The words of the answer reach the firm now; they count once it confirms."""
    step.answer(step.appeal.collecting_unit, step.data["answer"], step.data["basis"], Solved.YES)
    step.rule_on(PendingRequest.Kind.CONFIRM, Ruling.LAPSED)
    step.ask(PendingRequest.Kind.CONFIRM)


def confirm_solved(step: Step) -> None:
    step.rule_on(PendingRequest.Kind.CONFIRM, Ruling.AGREED)
    step.references["confirmed_by"] = "code" if step.actor.user else "link"
    step.appeal.answered_at = step.moment


def not_solved(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.appeal.answered_at = None


def supplement(step: Step) -> None:
    step.say(step.data["content"], Audience.FIRM)
    step.attach(step.data["attachments"])


def reopen(step: Step) -> None:
    """A new round. What counted as solved without a figure of its own (row 20) does not any more."""
    appeal = step.appeal
    step.say(step.data["reason"], Audience.FIRM)
    step.references["from"] = appeal.status
    counted = appeal.effects.filter(kind="supply").order_by("pk").last()
    total = sum(effect.change for effect in appeal.effects.filter(kind="supply"))
    appeal.round += 1
    if counted and total:
        step.record_effect("supply", -total, counted.unit)
    step.release()
    appeal.merged_into = None
    appeal.answered_at = appeal.reopen_until = None


def withdraw(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.ask(PendingRequest.Kind.WITHDRAWAL)


def confirm_withdrawal(step: Step) -> None:
    """The bureau has asked the firm: it was its free will."""
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.WITHDRAWAL, Ruling.AGREED)
    step.end_refusal("lapsed")


def refuse_withdrawal(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.WITHDRAWAL, Ruling.REFUSED)


def object(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.ask(PendingRequest.Kind.OBJECTION)
