"""What each transition does to an appeal, beside its status, its clocks and its event.

A step is called by ``perform`` with the row locked and the data validated. It may leave references for the
event; it never sets the status. A ``ValidationError`` it raises is shown on the form, and nothing is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db.models import Sum

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.selectors import unit_of
from appeals import deadlines, numbers
from appeals.forms import FeedbackForm
from appeals.models import (
    Answer,
    Appeal,
    Attachment,
    Audience,
    Deadline,
    Effect,
    Participation,
    PendingRequest,
    Rating,
    Revisit,
    Solved,
    Statement,
)
from core import clock
from core.uploads import digest
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.services import create_enterprise
from enterprises.subjects import subject_key

Part = Participation.Part
UNREACHED_DAYS = 3


@dataclass
class Step:
    """One call of ``perform``: who does what to which appeal, with what data, when."""

    appeal: Appeal
    actor: Actor
    data: dict[str, Any]
    moment: datetime
    rules: Rules
    seq: int
    references: dict[str, Any] = field(default_factory=dict)
    concluded: bool = True
    """False: the attempt is recorded, but status and clocks stay as they are."""

    @property
    def user(self) -> User:
        """The official who acts. The policies let nobody else come this far."""
        if self.actor.user is None:
            raise TypeError("an official is needed")
        return self.actor.user

    @property
    def unit(self) -> Unit:
        """The acting official's unit."""
        if self.user.unit is None:
            raise TypeError("a unit is needed")
        return self.user.unit

    @property
    def lead(self) -> Unit:
        """The unit the appeal was dispatched to."""
        if self.appeal.lead_unit is None:
            raise TypeError("a lead unit is needed")
        return self.appeal.lead_unit

    def _of_event(self) -> dict[str, Any]:
        return {
            "appeal": self.appeal,
            "event_seq": self.seq,
            "round": self.appeal.round,
            "at": self.moment,
        }

    def say(self, text: str, audience: str) -> None:
        if text:
            Statement.objects.create(text=text, audience=audience, **self._of_event())

    def attach(self, files: Iterable[File], audience: str = Audience.FIRM) -> None:
        for upload in files:
            Attachment.objects.create(
                file=upload,
                name=(upload.name or "")[-200:],
                size=upload.size,
                media_type=getattr(upload, "content_type", "") or "image/png",
                sha256=digest(upload),
                audience=audience,
                **self._of_event(),
            )

    def take_part(self, unit: Unit, part: str) -> None:
        Participation.objects.get_or_create(appeal=self.appeal, unit=unit, part=part, round=self.appeal.round)

    def answer(self, unit: Unit, result: str, basis: str, solved: str) -> Answer:
        return Answer.objects.create(
            unit=unit, by=self.actor.user, result=result, basis=basis, solved=solved, **self._of_event()
        )

    def rule_on(self, kind: str, ruling: str) -> PendingRequest | None:
        pending = self.appeal.requests.filter(kind=kind, ruling="").first()
        if pending:
            pending.ruling, pending.ruled_at = ruling, self.moment
            pending.save(update_fields=["ruling", "ruled_at"])
        return pending


# --- Coming in ------------------------------------------------------------------------------------


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
    step.rule_on(PendingRequest.Kind.CONFIRM, PendingRequest.Ruling.LAPSED)
    PendingRequest.objects.create(
        appeal=step.appeal,
        kind=PendingRequest.Kind.CONFIRM,
        round=step.appeal.round,
        asked_by=step.user,
        asked_at=step.moment,
    )


def confirm_solved(step: Step) -> None:
    step.rule_on(PendingRequest.Kind.CONFIRM, PendingRequest.Ruling.AGREED)
    step.references["confirmed_by"] = "code" if step.actor.user else "link"
    step.appeal.answered_at = step.moment


def not_solved(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.appeal.answered_at = None


def supplement(step: Step) -> None:
    step.say(step.data["content"], Audience.FIRM)
    step.attach(step.data["attachments"])


# --- The bureau's desk ----------------------------------------------------------------------------


def accept(step: Step) -> None:
    appeal, data = step.appeal, step.data
    appeal.category, appeal.urgency = data["category"], data["urgency"]
    if data.get("add_to_roster"):
        is_credit_code = len(appeal.claimed_code) == 18
        appeal.enterprise = create_enterprise(
            by=step.actor.user,
            name=appeal.claimed_name,
            region=data["region"],
            tier=data["tier"],
            industry=data["industry"],
            credit_code=appeal.claimed_code if is_credit_code else None,
            registration_number=appeal.claimed_code if appeal.claimed_code and not is_credit_code else None,
            no_code_reason="" if appeal.claimed_code else "诉求登记时未提供",
            contact_name=appeal.contact_name,
            contact_phone=appeal.contact_phone,
        )
    elif data.get("subject"):
        appeal.subject = data["subject"]
    if appeal.subject is not None:
        appeal.region = appeal.subject.region
        step.references["subject"] = subject_key(appeal.subject)


def propose_decline(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)
    PendingRequest.objects.create(
        appeal=step.appeal,
        kind=PendingRequest.Kind.DECLINE,
        round=step.appeal.round,
        asked_by=step.user,
        asked_at=step.moment,
        data={"ground": step.data["ground"], "event": step.seq},
    )
    step.references["ground"] = step.data["ground"]


def decline(step: Step) -> None:
    """The second officer countersigns: the firm reads the reason and the right door."""
    step.say(step.data["opinion"], Audience.INTERNAL)
    pending = step.rule_on(PendingRequest.Kind.DECLINE, PendingRequest.Ruling.AGREED)
    if pending is None:
        raise LookupError("no proposal to countersign")
    ground = step.rules.find("decline_grounds", pending.data["ground"])
    proposal = step.appeal.statements.get(event_seq=pending.data["event"])
    step.references["ground"] = pending.data["ground"]
    if ground:
        step.say(f"{ground.label}。{proposal.text}\n请向{ground.right_door}反映。", Audience.FIRM)
    else:
        step.say(proposal.text, Audience.FIRM)


def refuse_decline(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.DECLINE, PendingRequest.Ruling.REFUSED)


def record_provincial(step: Step) -> None:
    step.appeal.provincial_number = step.data["provincial_number"]
    if step.appeal.provincial_recorded_at is None:
        step.appeal.provincial_recorded_at = step.moment


def dispatch(step: Step) -> None:
    appeal, data = step.appeal, step.data
    appeal.lead_unit, appeal.officer = data["lead_unit"], None
    step.take_part(data["lead_unit"], Part.LEAD)
    step.references |= {"lead": data["lead_unit"].pk, "assisting": [u.pk for u in data["assisting_units"]]}
    step.say(data["requirements"], Audience.INTERNAL)
    deadlines.start(appeal, Deadline.Kind.SIGN, step.moment)
    deadlines.start(appeal, Deadline.Kind.HANDLE, step.moment, due_on=data["due_on"])
    for unit in data["assisting_units"]:
        step.take_part(unit, Part.ASSISTING)
        deadlines.start(appeal, Deadline.Kind.ASSIST, step.moment, owner=unit)


# --- The handling unit ----------------------------------------------------------------------------


def sign(step: Step) -> None:
    step.appeal.officer = step.data["officer"]


def assist(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    deadlines.meet(step.appeal, [Deadline.Kind.ASSIST], step.moment, owner=step.actor.unit)


def feedback(step: Step) -> None:
    appeal, data = step.appeal, step.data
    answer = step.answer(step.lead, data["result"], data["basis"], data["solved"])
    step.references |= {"answer": answer.pk, "solved": answer.solved}
    step.attach(data["attachments"])
    record_effects(step)
    deadlines.void(appeal, step.moment, [Deadline.Kind.ASSIST])
    appeal.answered_at = step.moment


def record_effects(step: Step) -> None:
    """Effects are stated anew with every answer; what is stored is the change against what was stated before."""
    appeal, data = step.appeal, step.data
    stated: dict[str, Decimal] = {
        effect.code: data.get(FeedbackForm.effect_field(effect.code)) or Decimal(0)
        for effect in step.rules.effects
        if effect.code != "supply"
    }
    solved_supply = data["solved"] == Solved.YES and appeal.category in step.rules.supply_categories
    stated["supply"] = Decimal(int(solved_supply))
    before = dict(appeal.effects.values_list("kind").annotate(total=Sum("change")))
    for kind, amount in stated.items():
        if change := amount - before.get(kind, Decimal(0)):
            Effect.objects.create(kind=kind, change=change, unit=step.lead, **step._of_event())


def revisit(step: Step, stage: str = Revisit.Stage.FIRST) -> None:
    """One attempt. Not reached counts as a result after three attempts on three different days."""
    data = step.data
    step.concluded = data["reached"] or _missed_days(step, stage) >= UNREACHED_DAYS
    made = Revisit.objects.create(
        stage=stage,
        unit=step.unit,
        by=step.user,
        method=data["method"],
        reached=data["reached"],
        solved=data["solved"],
        satisfaction=data["satisfaction"],
        note=data["note"],
        concludes=step.concluded,
        **step._of_event(),
    )
    step.references |= {"revisit": made.pk, "reached": made.reached, "satisfaction": made.satisfaction}


def second_revisit(step: Step) -> None:
    revisit(step, Revisit.Stage.SECOND)


def _missed_days(step: Step, stage: str) -> int:
    """On how many different days nobody was reached in this round, this attempt included."""
    earlier = step.appeal.revisits.filter(stage=stage, round=step.appeal.round, reached=False)
    days = {clock.local_date(at) for at in earlier.values_list("at", flat=True)}
    return len(days | {clock.local_date(step.moment)})


# --- Judging and closing --------------------------------------------------------------------------


def rate(step: Step) -> None:
    data = step.data
    Rating.objects.create(
        satisfaction=data["satisfaction"], solved=data["solved"], comment=data["comment"], **step._of_event()
    )
    satisfied = data["satisfaction"] in step.rules.satisfied_levels
    step.references |= {"satisfaction": data["satisfaction"], "satisfied": satisfied}
    waiting = step.appeal.deadlines.running().filter(kind=Deadline.Kind.RULE).exists()
    if satisfied:
        deadlines.void(step.appeal, step.moment, [Deadline.Kind.RULE])
    elif not waiting:
        # A second complaint does not give the bureau a second day.
        deadlines.start(step.appeal, Deadline.Kind.RULE, step.moment)


def uphold(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)


def close(step: Step) -> None:
    step.say(step.data["explanation"], Audience.INTERNAL)
    last = step.appeal.revisits.filter(
        stage=Revisit.Stage.SECOND, round=step.appeal.round, concludes=True
    ).last()
    if last is None:
        raise LookupError("no second revisit to close after")
    step.references["rated"] = last.satisfaction if last.reached else "unrated"
    step.appeal.reopen_until = step.moment + timedelta(days=step.rules.limits.reopen_days)


def redo(step: Step) -> None:
    """A new round: the clocks of the old one end, sign and handle start anew, marked as returned."""
    appeal = step.appeal
    deadlines.void(appeal, step.moment, set(Deadline.Kind) - {Deadline.Kind.RULE})
    appeal.round += 1
    if step.data["lead_unit"]:
        appeal.lead_unit = step.data["lead_unit"]
    appeal.officer = None
    appeal.answered_at = None
    step.take_part(step.lead, Part.LEAD)
    step.references["lead"] = appeal.lead_unit_id
    step.say(step.data["reason"], Audience.INTERNAL)
    deadlines.start(appeal, Deadline.Kind.SIGN, step.moment)
    deadlines.start(appeal, Deadline.Kind.HANDLE, step.moment, behind=True)
