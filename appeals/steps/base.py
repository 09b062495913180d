"""One call of ``perform``, as its step sees it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File

from accounts.actors import Actor
from accounts.models import Unit, User
from appeals.models import (
    Answer,
    Appeal,
    Attachment,
    Audience,
    Effect,
    Participation,
    PendingRequest,
    Statement,
)
from districts.profile import Rules

Ruling = PendingRequest.Ruling


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
    former_lead: Unit | None = None
    """The lead unit before the step."""
    clocks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Clocks to start that are not everybody's: of another owner, or another length."""
    decided: set[str] = field(default_factory=set)
    """Kinds of clocks the step decided on; ``perform`` starts the others of its row."""

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

    def say(self, text: str, audience: str, heading: str = "") -> None:
        if text:
            Statement.objects.create(text=text, audience=audience, heading=heading, **self._of_event())

    def say_all(self, audience: str, **fields: str) -> None:
        """Some fields of the form, each under its label."""
        for name, heading in fields.items():
            self.say(self.data[name], audience, heading)

    def attach(self, files: Iterable[File], audience: str = Audience.FIRM) -> None:
        for upload in files:
            Attachment.objects.create(audience=audience, **Attachment.fields_of(upload), **self._of_event())

    def take_part(self, unit: Unit, part: str) -> None:
        Participation.objects.get_or_create(appeal=self.appeal, unit=unit, part=part, round=self.appeal.round)

    def answer(self, unit: Unit, result: str, basis: str, solved: str) -> Answer:
        return Answer.objects.create(
            unit=unit, by=self.actor.user, result=result, basis=basis, solved=solved, **self._of_event()
        )

    def ask(self, kind: str, *, until: date | None = None, **data: Any) -> PendingRequest:
        """Put something before whoever rules on it."""
        return PendingRequest.objects.create(
            appeal=self.appeal,
            kind=kind,
            round=self.appeal.round,
            asked_by=self.actor.user,
            unit=self.actor.unit,
            asked_at=self.moment,
            event_seq=self.seq,
            until=until,
            data=data,
        )

    def rule_on(self, kind: str, ruling: str) -> PendingRequest | None:
        """Rule on what was asked, if anything was."""
        pending = self.appeal.requests.filter(kind=kind, ruling="").first()
        if pending:
            pending.ruling, pending.ruled_at, pending.ruled_by = ruling, self.moment, self.actor.user
            pending.save(update_fields=["ruling", "ruled_at", "ruled_by"])
            self.references["request"] = pending.pk
        return pending

    def start(self, kind: str, **how: Any) -> None:
        """Have a clock started whose owner or length depends on the data."""
        self.clocks.append((kind, how))
        self.decided.add(kind)

    def leave_out(self, kind: str) -> None:
        """This time the clock is not started, unless :meth:`start` says so."""
        self.decided.add(kind)

    def release(self) -> None:
        """No unit handles it any more."""
        self.appeal.lead_unit = self.appeal.officer = None

    def record_effect(self, kind: str, change: Decimal, unit: Unit) -> None:
        """A change of what was achieved, in the week it becomes known."""
        Effect.objects.create(kind=kind, change=change, unit=unit, **self._of_event())

    def end_refusal(self, outcome: str) -> None:
        """The “no” of this round has come to its end, if one was proposed."""
        self.appeal.refusal_level = 0
        self.appeal.refusals.filter(round=self.appeal.round, outcome="").update(
            outcome=outcome, ended_at=self.moment
        )
