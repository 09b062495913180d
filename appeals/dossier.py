"""What the page of an appeal tells beside its facts: what waits to be ruled on, and how far a “no” has come."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.models import User
from appeals import signing
from appeals.deadlines import CLOCK_OF_REQUEST
from appeals.models import Appeal, Deadline, PendingRequest, Refusal, Statement, Status
from appeals.workflow import Transition


@dataclass(frozen=True)
class Words:
    heading: str
    text: str


def words_of(appeal: Appeal, seqs: list[int]) -> dict[int, list[Words]]:
    """The words of some events, by event."""
    found: dict[int, list[Words]] = defaultdict(list)
    for statement in Statement.objects.filter(appeal=appeal, event_seq__in=seqs).order_by("pk"):
        found[statement.event_seq].append(Words(statement.heading, statement.text))
    return found


@dataclass(frozen=True)
class Waiting:
    """A request that somebody must rule on."""

    kind: str
    label: str
    by: str
    at: datetime
    until: date | None
    clock: Deadline | None
    words: list[Words]
    answers: list[Transition]
    """The rulings that are open to the reader."""


def waiting(appeal: Appeal, actions: list[Transition]) -> list[Waiting]:
    """What was asked and is not ruled on, the oldest first."""
    asked = [request for request in appeal.facts.requests if not request.ruling]
    words = words_of(appeal, [request.event_seq for request in asked]) if asked else {}
    return [
        Waiting(
            kind=request.kind,
            label=request.get_kind_display(),
            by=f"{request.unit} {request.asked_by}" if request.asked_by else "企业",
            at=request.asked_at,
            until=request.until,
            clock=_clock_of(appeal, request),
            words=[*_ground(appeal, request), *words.get(request.event_seq, [])],
            answers=[row for row in actions if row.rules_on == request.kind],
        )
        for request in asked
    ]


def _ground(appeal: Appeal, request: PendingRequest) -> list[Words]:
    """The ground chosen from the closed list, for whoever countersigns."""
    ground = request.data.get("ground", "")
    return [Words("不予受理的情形", appeal.rules.label("decline_grounds", ground))] if ground else []


def _clock_of(appeal: Appeal, request: PendingRequest) -> Deadline | None:
    clock = CLOCK_OF_REQUEST.get(PendingRequest.Kind(request.kind))
    return appeal.facts.running(clock) if clock else None


# --- Saying “no” ----------------------------------------------------------------------------------


@dataclass
class Level:
    """A level of the unit that signs a “no”."""

    label: str
    state: str
    """done, back (turned to “办”), now, todo."""
    by: str = ""
    at: datetime | None = None
    words: list[Words] = field(default_factory=list)
    may_sign: list[User] = field(default_factory=list)
    """Whose turn it is; empty in ``now`` is a gap that an administrator must close."""


@dataclass(frozen=True)
class Ladder:
    refusal: Refusal
    levels: list[Level]

    @property
    def is_running(self) -> bool:
        return not self.refusal.outcome


def ladder(appeal: Appeal) -> Ladder | None:
    """The levels of this round's “no”: who signed with which words, whose turn it is."""
    refusal = appeal.facts.refusal
    if refusal is None:
        return None
    signatures = {signed.level: signed for signed in refusal.signatures.all()}
    words = words_of(appeal, [signed.event_seq for signed in signatures.values()])
    levels = []
    for number, level in enumerate(signing.levels(appeal.rules), start=1):
        signed = signatures.get(number)
        if signed:
            state = "done" if signed.agrees else "back"
            levels.append(
                Level(level.label, state, str(signed.by), signed.at, words.get(signed.event_seq, []))
            )
        elif appeal.status == Status.REFUSING and number == appeal.refusal_level + 1 and not refusal.outcome:
            turn = signing.signers(refusal.unit, appeal.rules, number - 1)
            signers = [user for user in turn if all(user != other.by for other in signatures.values())]
            levels.append(Level(level.label, "now", may_sign=signers))
        else:
            levels.append(Level(level.label, "todo"))
    return Ladder(refusal, levels)
