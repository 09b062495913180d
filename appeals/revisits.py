"""The list of revisits (回访名单): whom to call, what to say, what was tried, what the firm said itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from accounts.actors import Actor
from accounts.models import Role, User
from appeals import policies
from appeals.answers import ANSWERS, Answers, answers_of, missed_days
from appeals.forms import RevisitForm
from appeals.models import Answer, Appeal, Deadline, Revisit, Solved, Status
from appeals.querysets import AppealQuerySet
from appeals.queues import APPEALS_ON_A_DESK
from appeals.workflow import TRANSITIONS, Transition
from core import clock, tokens

Stage = Revisit.Stage

CALLERS = frozenset({*policies.UNIT_STAFF, Role.SUPERVISOR, Role.CADRE})
"""Whoever may have revisits to make; a cadre those of the appeals in their charge."""
BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)


@dataclass(frozen=True)
class Heap:
    """A kind of revisit, and the transition that records it."""

    code: str
    label: str
    hint: str
    transition: str
    stage: Stage
    status: Status
    clock: Deadline.Kind | None


HEAPS = (
    Heap(
        "first",
        "回访",
        "本单位答复后回访企业",
        "revisit",
        Stage.FIRST,
        Status.ANSWERED,
        Deadline.Kind.REVISIT,
    ),
    Heap(
        "second",
        "二次回访",
        "独立核实，办理单位的人不能回访",
        "second_revisit",
        Stage.SECOND,
        Status.REVISITED,
        Deadline.Kind.SECOND_REVISIT,
    ),
    Heap(
        "merged",
        "并单企业",
        "主件答复后逐家回访，全部回访后主件才能办结",
        "revisit_merged",
        Stage.MERGED,
        Status.MERGED,
        None,
    ),
)
BY_TRANSITION = {heap.transition: heap for heap in HEAPS}


def heaps_of(user: User) -> list[Heap]:
    """The heaps the user can have something on."""
    return [heap for heap in HEAPS if heap.code != "second" or user.has_role(*BUREAU, Role.SUPERVISOR)]


def owed(user: User, heap: Heap) -> AppealQuerySet:
    """Whom the user's unit owes a revisit, the most urgent first."""
    if user.unit_id is None or not user.has_role(*CALLERS) or heap not in heaps_of(user):
        return Appeal.objects.none()
    appeals = _with_all().filter(status=heap.status)
    if heap.clock is None:  # no clock runs for a merged appeal
        return _merged_to_ask(user, appeals)
    running = Deadline.objects.running().owned_by(user.unit).filter(kind=heap.clock)
    due = running.filter(appeal=OuterRef("pk")).values("due_at")[:1]
    appeals = appeals.filter(pk__in=running.values("appeal"))
    if heap.code == "first" and not user.has_role(*policies.UNIT_STAFF):
        appeals = appeals.filter(officer=user)
    return appeals.annotate(due_at=Subquery(due)).order_by("due_at", "pk")


def _merged_to_ask(user: User, appeals: AppealQuerySet) -> AppealQuerySet:
    """Firms of merged appeals that were not asked since the main one was answered."""
    asked = Revisit.objects.filter(
        appeal=OuterRef("pk"),
        round=OuterRef("round"),
        stage=Stage.MERGED,
        concludes=True,
        at__gte=OuterRef("merged_into__answered_at"),
    )
    mine = Q(merged_into__lead_unit=user.unit_id)
    if not user.has_role(*policies.UNIT_STAFF):
        mine &= Q(merged_into__officer=user)
    if user.unit and user.has_role(*BUREAU):
        mine |= Q(district=user.unit.district_id)
    waiting = appeals.visible_to(user).filter(mine, merged_into__answered_at__isnull=False)
    return waiting.exclude(Exists(asked)).order_by("merged_into__answered_at", "pk")


def _with_all() -> AppealQuerySet:
    answered = Answer.objects.filter(appeal=OuterRef("pk"), round=OuterRef("round")).order_by("-event_seq")
    clocks = Deadline.objects.running().filter(kind__in=[heap.clock for heap in HEAPS if heap.clock])
    return (
        APPEALS_ON_A_DESK.select_related("district", "merged_into")
        .defer("profile__data", "content", "search_text", "merged_into__content", "merged_into__search_text")
        .annotate(
            answered_by=Subquery(answered.values("by")[:1]), result=Subquery(answered.values("result")[:1])
        )
        .prefetch_related(*ANSWERS, Prefetch("deadlines", clocks, to_attr="revisit_clocks"))
    )


def again(appeal: Appeal) -> Appeal:
    """The same appeal as the list shows it, fresh from the database."""
    return _with_all().get(pk=appeal.pk)


@dataclass
class Call:
    """One line of the list."""

    appeal: Appeal
    heap: Heap
    transition: Transition
    script: list[str]
    missed: list[date]
    days_left: int
    """On how many more different days it must fail before it counts as 未接通."""
    answers: Answers
    outcomes: list[tuple[str, dict[str, str]]]
    """The results of one click: the words of the button, the data it sends."""
    form: RevisitForm
    token: str
    theirs: str = ""
    """Why somebody else must call; empty where the user may."""
    following: str = ""
    """The number of the next line, where the list goes on once this one is done."""

    @property
    def deadline(self) -> Deadline | None:
        return next(iter(self.appeal.revisit_clocks), None)  # type: ignore[attr-defined]

    @property
    def called_today(self) -> bool:
        return clock.today() in self.missed

    @property
    def takes_link(self) -> bool:
        """A merged firm follows the main appeal: it has no judgement of its own to give."""
        return self.heap.stage != Stage.MERGED and not self.theirs


def calls(appeals: Iterable[Appeal], heap: Heap, user: User) -> list[Call]:
    """The lines of a page of the list; asks the database nothing."""
    lines = [call_of(appeal, heap, user) for appeal in appeals]
    for line, following in pairwise(lines):
        line.following = following.appeal.number
    return lines


def call_of(
    appeal: Appeal, heap: Heap, user: User, *, form: RevisitForm | None = None, token: str = ""
) -> Call:
    """One line; ``form`` and ``token`` are those of a form that was sent and did not do."""
    rules = appeal.rules
    transition = TRANSITIONS[heap.transition]
    missed = missed_days(
        [visit for visit in appeal.revisits.all() if (visit.round, visit.stage) == (appeal.round, heap.stage)]
    )
    form = form or RevisitForm(
        initial={"method": Revisit.Method.PHONE},
        appeal=appeal,
        actor=Actor.of_user(user),
        district=appeal.district,
        rules=rules,
    )
    # Many of these forms stand on one page: each field needs an id of its own.
    form.auto_id = f"id_{appeal.number}_%s"
    return Call(
        appeal=appeal,
        heap=heap,
        transition=transition,
        script=_script(appeal, user),
        missed=missed,
        days_left=max(rules.handling.unreached_days - len(missed), 0),
        answers=answers_of(appeal),
        outcomes=_outcomes(appeal),
        form=form,
        token=token or tokens.new_token(),
        theirs=_theirs(appeal, heap, user),
    )


def _theirs(appeal: Appeal, heap: Heap, user: User) -> str:
    """The line of what the bureau handled itself, as whoever answered it sees it (see ``policies.revisitor``)."""
    if heap.stage != Stage.FIRST or not policies.bureau_is_lead(appeal):
        return ""
    answered_by = appeal.answered_by  # type: ignore[attr-defined]
    return "本件由您答复，须由本单位另一名工作人员回访。" if answered_by == user.pk else ""


def _script(appeal: Appeal, user: User) -> list[str]:
    words = {
        "unit": user.unit.name if user.unit else "",
        "title": appeal.title,
        "number": appeal.number,
        "firm": appeal.subject_name,
    }
    return [line.format(**words) for line in appeal.rules.handling.revisit_script]


def _outcomes(appeal: Appeal) -> list[tuple[str, dict[str, str]]]:
    rules = appeal.rules
    phone = {"method": str(Revisit.Method.PHONE)}
    reached = [
        (
            f"接通·{Solved(outcome.solved).label}·{rules.label('satisfaction', outcome.satisfaction)}",
            phone | {"reached": "yes", "solved": outcome.solved, "satisfaction": outcome.satisfaction},
        )
        for outcome in rules.handling.revisit_outcomes
    ]
    return [*reached, ("未接通", phone | {"reached": "no"})]
