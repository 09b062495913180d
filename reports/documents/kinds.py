"""The documents there are about an appeal or a 督办单: who makes which, from when on, and what must be asked first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.models import Unit
from appeals import policies
from appeals.models import Appeal, Status, SupervisionLetter
from core.wording import spoken
from districts.documents import LABELS, NUMBERED_ELSEWHERE
from liaisons.permissions import may_supervise

DISPATCHING = ("dispatch", "reassign", "redo")
ANSWERING = ("feedback", "solve_on_spot")
CONSULTING = ("find_unreasonable", "find_reasonable")
AT_WORK = frozenset(Status) - {Status.SUBMITTED, Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN}


@dataclass(frozen=True)
class Ask:
    """Something the portal does not know, asked for before the document is made."""

    placeholder: str
    required: bool = False
    is_day: bool = False
    long: bool = False
    help_text: str = ""


@dataclass(frozen=True, kw_only=True)
class DocumentKind:
    code: str
    who_label: str
    who: Callable[[Actor, Appeal], bool]
    ready: Callable[[Appeal], int | None]
    """The event it rests on, once there is one: a document is made once for each."""
    asks: tuple[Ask, ...] = ()
    for_firm: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.code]

    @property
    def counts(self) -> bool:
        """It takes the next number of its own series."""
        return self.code not in NUMBERED_ELSEWHERE


def last_event(appeal: Appeal, *transitions: str, of_this_round: bool = True) -> int | None:
    found = [
        event.seq
        for event in appeal.facts.events
        if event.transition in transitions and (event.round == appeal.round or not of_this_round)
    ]
    return found[-1] if found else None


def _registered(appeal: Appeal) -> int | None:
    return 1


def _dispatched(appeal: Appeal) -> int | None:
    if appeal.lead_unit_id is None or appeal.status not in AT_WORK:
        return None
    return last_event(appeal, *DISPATCHING)


def _answered(appeal: Appeal) -> int | None:
    """After the feedback; where the answer was given on the spot, after the firm confirmed it."""
    if appeal.answered_at is None:
        return None
    if appeal.facts.happened("confirm_solved", appeal.round):
        return last_event(appeal, "offer_answer", *ANSWERING)
    answered = last_event(appeal, *ANSWERING)
    redone = last_event(appeal, "redo", "redo_to_consulting") or 0
    return answered if answered and answered > redone else None


def _explained(appeal: Appeal) -> int | None:
    return last_event(appeal, "explained")


def _declined(appeal: Appeal) -> int | None:
    return last_event(appeal, "decline") if appeal.status == Status.DECLINED else None


def _consulted(appeal: Appeal) -> int | None:
    # A “reasonable” begins no round of its own, but what follows may.
    return last_event(appeal, *CONSULTING, of_this_round=False)


def bureau_or_first_asked(actor: Actor, appeal: Appeal) -> bool:
    return policies.bureau(actor, appeal) or policies.collecting_unit(actor, appeal)


def who_answered(actor: Actor, appeal: Appeal) -> bool:
    """The unit whose answer it is."""
    if policies.lead_unit(actor, appeal):
        return True
    seq = _answered(appeal) or _explained(appeal)
    answered = next((event for event in appeal.facts.events if event.seq == seq), None)
    may_answer = actor.has_role(*policies.UNIT_STAFF, *policies.RECORDERS)
    return may_answer and answered is not None and actor.serves(answered.unit_id)


CONTACT = Ask("经办联系", help_text="写进公文，如：就业股 0562-1234567。不填就不写。")

KINDS: dict[str, DocumentKind] = {
    kind.code: kind
    for kind in (
        DocumentKind(
            code="slip",
            who_label=spoken("首问单位、牵头局"),
            who=bureau_or_first_asked,
            ready=_registered,
            for_firm=True,
        ),
        DocumentKind(
            code="dispatch",
            who_label=spoken("牵头局"),
            who=policies.bureau,
            ready=_dispatched,
            asks=(Ask("交办联系", help_text="写在表下，如：王科长 0562-1234567。不填就不写。"),),
        ),
        DocumentKind(
            code="minutes",
            who_label=spoken("牵头局"),
            who=policies.bureau,
            ready=_consulted,
            asks=(
                Ask("会商日期", required=True, is_day=True),
                Ask("地点", required=True),
                Ask("主持人", required=True, help_text="写单位、职务和姓名。"),
                Ask("参加人员", required=True, long=True),
                Ask("记录人", required=True),
            ),
        ),
        DocumentKind(
            code="decline",
            who_label=spoken("牵头局"),
            who=policies.bureau,
            ready=_declined,
            for_firm=True,
        ),
        DocumentKind(
            code="reply",
            who_label="答复单位",
            who=who_answered,
            ready=_answered,
            asks=(CONTACT,),
            for_firm=True,
        ),
        DocumentKind(
            code="explain",
            who_label="解释单位",
            who=who_answered,
            ready=_explained,
            asks=(CONTACT,),
            for_firm=True,
        ),
    )
}
OF_LETTERS = ("supervision", "visits")


def kind_of_letter(letter: SupervisionLetter) -> str:
    return "supervision" if letter.appeal_id else "visits"


def is_sent(letter: SupervisionLetter) -> bool:
    return letter.state not in {SupervisionLetter.State.DRAFT, SupervisionLetter.State.SET_ASIDE}


def may_withdraw_of_letter(actor: Actor, letter: SupervisionLetter) -> bool:
    """Whoever writes such letters, of the unit that sent this one."""
    user = actor.user
    return user is not None and actor.serves(letter.sender_id) and may_supervise(user)


def may_make_of_letter(actor: Actor, letter: SupervisionLetter) -> bool:
    """Also the unit it was sent to: everything in it was settled when it was sent."""
    to_us = actor.serves(letter.unit_id) and actor.has_role(*policies.UNIT_STAFF)
    return letter.sender_id is not None and (to_us or may_withdraw_of_letter(actor, letter))


def issuing_unit(kind: str, actor: Actor, appeal: Appeal) -> Unit | None:
    """A slip is the collecting unit's even where the bureau writes it; all others are the maker's unit's."""
    return appeal.collecting_unit if kind == "slip" else actor.unit
