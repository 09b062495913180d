"""Reading an appeal: its timeline for officials and for the firm, its tracker, its files."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from appeals import policies
from appeals.models import Appeal, Attachment, Audience, Deadline, Event, Status
from appeals.querysets import AppealQuerySet
from appeals.workflow import TRANSITIONS
from core import clock


@dataclass
class Entry:
    """One line of a timeline."""

    label: str
    at: datetime
    by: str
    text: str = ""
    tone: str = ""
    attachments: list["File"] = field(default_factory=list)


@dataclass(frozen=True)
class File:
    name: str
    url: str
    size: int


def find(number: str) -> Appeal | None:
    return _with_all().filter(number=number).first()


def _with_all() -> AppealQuerySet:
    return Appeal.objects.select_related(
        "profile",
        "district",
        "region",
        "enterprise",
        "project",
        "lead_unit",
        "collecting_unit",
        "merged_into__lead_unit",
        "officer",
        "registered_by__unit",
        "visit",
        "service_event",
    ).defer("profile__data", "merged_into__content", "merged_into__search_text")


def visible(user: User, number: str) -> Appeal | None:
    """The appeal with this number if the user may see it."""
    return _with_all().visible_to(user).filter(number=number).first()


def _texts(appeal: Appeal, *, for_firm: bool) -> dict[int, list[str]]:
    """The words of each event, by its number."""
    texts: dict[int, list[str]] = defaultdict(list)
    statements = appeal.statements.all()
    if for_firm:
        statements = statements.filter(audience=Audience.FIRM)
    for statement in statements:
        heading = f"【{statement.heading}】" if statement.heading and not for_firm else ""
        texts[statement.event_seq].append(f"{heading}{statement.text}")
    for answer in appeal.answers.all():
        texts[answer.event_seq].append(f"【{answer.get_solved_display()}】{answer.result}")
        if answer.basis:
            texts[answer.event_seq].append(f"依据：{answer.basis}")
    rules = appeal.rules
    for rating in appeal.ratings.all():
        label = rules.label("satisfaction", rating.satisfaction)
        texts[rating.event_seq].append(f"{label}，{rating.get_solved_display()}。{rating.comment}")
    if not for_firm:
        for revisit in appeal.revisits.all():
            if revisit.reached:
                label = rules.label("satisfaction", revisit.satisfaction)
                result = f"{revisit.get_method_display()}接通：{revisit.get_solved_display()}，{label}。"
            else:
                result = f"{revisit.get_method_display()}未接通。"
            texts[revisit.event_seq].append(f"{result}{revisit.note}")
    return texts


def _files(appeal: Appeal, *, for_firm: bool) -> dict[int, list[File]]:
    files: dict[int, list[File]] = defaultdict(list)
    attachments = appeal.attachments.all()
    if for_firm:
        attachments = attachments.filter(audience=Audience.FIRM)
    for attachment in attachments:
        url = (
            reverse("public:file", args=[appeal.district.code, attachment.pk])
            if for_firm
            else reverse("appeals:file", args=[attachment.pk])
        )
        files[attachment.event_seq].append(File(attachment.name, url, attachment.size))
    return files


def event_label(event: Event) -> str:
    row = TRANSITIONS.get(event.transition)
    return row.label if row else event.transition


def event_by(event: Event) -> str:
    """Who did it, for officials."""
    if event.user is None:
        return "企业"
    return f"{event.unit} {event.user}" if event.unit else str(event.user)


def timeline(appeal: Appeal) -> list[Entry]:
    """Everything that happened, for officials."""
    texts, files = _texts(appeal, for_firm=False), _files(appeal, for_firm=False)
    return [
        Entry(
            label=event_label(event),
            at=event.occurred_at,
            by=event_by(event),
            text="\n".join(texts[event.seq]),
            tone="now" if event.seq == appeal.version else "done",
            attachments=files[event.seq],
        )
        for event in appeal.facts.events
    ]


def meanwhile(events: list[Event]) -> list[Entry]:
    """What happened since a page was drawn, for the one whose click came too late."""
    return [Entry(label=event_label(event), at=event.occurred_at, by=event_by(event)) for event in events]


def firm_timeline(appeal: Appeal) -> list[Entry]:
    """What the firm reads: in plain words, with units but without officers' names and internal notes."""
    return _public_entries(
        appeal, _texts(appeal, for_firm=True), _files(appeal, for_firm=True), told_to=appeal.version
    )


# What a firm does or is asked for is told to that firm alone.
BETWEEN_BUREAU_AND_FIRM = {
    row.name for row in TRANSITIONS.values() if policies.enterprise in row.who or row.resumes == ("ask_firm",)
} | {"ask_firm", "confirm_withdrawal", "refuse_withdrawal", "overturn_decline", "uphold_decline"}


def main_timeline(main: Appeal) -> list[Entry]:
    """What the firm of a merged appeal reads of the main one: its way and the units' answers.

    What the other firm wrote, rated or attached stays with that firm.
    """
    answers: dict[int, list[str]] = defaultdict(list)
    for answer in main.answers.all():
        answers[answer.event_seq].append(answer.result)
    return _public_entries(
        main, answers, defaultdict(list), told_to=main.version, skip=BETWEEN_BUREAU_AND_FIRM
    )


def _public_entries(
    appeal: Appeal,
    texts: dict[int, list[str]],
    files: dict[int, list[File]],
    *,
    told_to: int,
    skip: Collection[str] = (),
) -> list[Entry]:
    lead = _lead_names(appeal)
    entries = []
    for event in appeal.facts.events:
        row = TRANSITIONS.get(event.transition)
        if row is None or not row.public or event.transition in skip:
            continue
        unit = event.unit.name if event.unit else ""
        words = row.public.format(unit=unit, lead=lead.get(event.data.get("lead"), ""))
        if event.data.get("reached") is False:
            words = f"{unit}曾联系您，没有接通"
        entries.append(
            Entry(
                label=words,
                at=event.occurred_at,
                by="",
                text="\n".join(texts[event.seq]),
                tone="now" if event.seq == told_to else "done",
                attachments=files[event.seq],
            )
        )
    return entries


@dataclass(frozen=True)
class Question:
    """What the firm is asked to hand in, and until when."""

    text: str
    until: datetime | None


def question_to_firm(appeal: Appeal) -> Question | None:
    """What the appeal waits for, in the words the firm reads."""
    if appeal.status != Status.WAITING:
        return None
    asked = [event.seq for event in appeal.facts.events if event.transition == "ask_firm"]
    words = appeal.statements.filter(event_seq=asked[-1], audience=Audience.FIRM).last()
    waiting = appeal.facts.running(Deadline.Kind.WAITING)
    return Question(words.text if words else "", waiting.due_at if waiting else None)


def _lead_names(appeal: Appeal) -> dict[int, str]:
    return {part.unit_id: part.unit.name for part in appeal.facts.parts}


@dataclass(frozen=True)
class Stage:
    """A station of the tracker the firm sees, like a parcel's."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""


# The stations after 提交, and the states in which an appeal waits at each.
STATIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("受理", frozenset({Status.SUBMITTED})),
    ("交办", frozenset({Status.ACCEPTED})),
    ("签收", frozenset({Status.DISPATCHED})),
    (
        "办理答复",
        frozenset(
            {
                Status.HANDLING,
                Status.REFUSING,
                Status.CONSULTING,
                Status.EXPLAINING,
                Status.REPORTED_UP,
                Status.ON_FILE,
            }
        ),
    ),
    ("单位回访", frozenset({Status.ANSWERED})),
    ("二次回访", frozenset({Status.REVISITED})),
)


def tracker(appeal: Appeal) -> list[Stage]:
    """Where it is: stations passed and when, the one it waits at, and those to come."""
    submitted = Stage("提交", "done", appeal.submitted_at)
    if appeal.is_final and appeal.status != Status.CLOSED:
        return [submitted, Stage(appeal.get_status_display(), "done", appeal.ended_at)]
    passed: dict[str, datetime] = {}
    for event in appeal.facts.events:
        for label, states in STATIONS:
            if event.from_status in states and event.to_status not in {*states, Status.WAITING}:
                passed[label] = event.occurred_at
    stages, ahead = [submitted], False
    # While the firm is waited for, the appeal is where it will go on.
    where = appeal.returns_to or appeal.status
    for label, states in STATIONS:
        if where in states:
            stages.append(Stage(label, "current", note=_waits_for(appeal)))
            ahead = True
        elif ahead:
            stages.append(Stage(label, "todo"))
        else:
            stages.append(Stage(label, "done", passed.get(label)))
    stages.append(Stage("办结", "todo" if ahead else "done", appeal.ended_at))
    return stages


# How the firm reads a clock. The others run between officials: a “no” is none before everybody has signed.
K = Deadline.Kind
PUBLIC_STAGES = {
    K.ACCEPT: "受理", K.DISPATCH: "交办", K.SIGN: "签收", K.HANDLE: "答复", K.OWN_HANDLING: "答复",
    K.CONSULT: "会商研究", K.EXPLAIN: "向您说明", K.FOLLOW_UP: "跟进", K.REVISIT: "回访您",
    K.SECOND_REVISIT: "二次回访您", K.RULE: "核实您的评价", K.WITHDRAWAL: "与您核实撤回", K.OBJECTION: "答复您的复核申请",
}  # fmt: skip
PUBLIC_STATUS = {Status.REFUSING: "办理中", Status.EXPLAINING: "办理中", Status.CONSULTING: "会商研究"}


def public_status(appeal: Appeal) -> str:
    """The state in words for the firm: what is only a proposal among officials is still being handled."""
    return str(PUBLIC_STATUS.get(Status(appeal.status), appeal.get_status_display()))


def _waits_for(appeal: Appeal) -> str:
    """Who has it, until when: the most urgent clock that the firm may know of."""
    waiting = appeal.facts.running(K.WAITING)
    if waiting is not None:
        return f"请您在{_day_of(waiting)}前补充材料"
    for deadline in appeal.facts.clocks:
        stage = PUBLIC_STAGES.get(K(deadline.kind))
        if stage and deadline.paused_at is None:
            return f"{deadline.owner.name}，{_day_of(deadline)}前{stage}"
    lead = f"{appeal.lead_unit.name}，" if appeal.lead_unit else ""
    return f"{lead}{public_status(appeal)}"


def asked_by_firm(appeal: Appeal) -> list[str]:
    """What the firm asked for and waits for: who answers until when."""
    told = []
    for kind, stage in ((K.OBJECTION, "已申请复核"), (K.WITHDRAWAL, "已申请撤回")):
        deadline = appeal.facts.running(kind)
        if deadline is not None:
            told.append(f"{stage}，{deadline.owner.name}将于{_day_of(deadline)}前{PUBLIC_STAGES[kind]}。")
    return told


def _day_of(deadline: Deadline) -> str:
    due = clock.local_date(deadline.due_at)
    return f"{due.month}月{due.day}日"


def attachment_for(user: User, pk: int) -> Attachment | None:
    return Attachment.objects.visible_to(user).filter(pk=pk).first()
