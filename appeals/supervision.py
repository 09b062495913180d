"""督办台: the clocks of the district by colour, the ladder in words, and the facts a letter rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, When

from accounts.actors import Actor
from accounts.models import Unit, User
from appeals.deadlines import NOBODYS
from appeals.models import Appeal, Deadline, ListedSupervision, SupervisionLetter
from appeals.querysets import LetterQuerySet, in_colour
from appeals.queues import APPEALS_ON_A_DESK
from appeals.workflow import TRANSITIONS, Transition, allowed
from core import clock
from core.wording import spoken
from districts.calendars import work_calendar
from districts.handling import Reminder
from districts.profile import Rules
from liaisons.cadence import Period
from liaisons.duties import PROJECT
from liaisons.permissions import SUPERVISING
from liaisons.selectors import Owing

COLOURS = {"red": "已超期", "yellow": "滞后", "blue": "临期", "green": "正常"}
ALARMING = ("red", "yellow", "blue")
WHOM = {"officer": "经办人", "unit_leader": "单位负责人", "bureau": spoken("牵头局"), "supervisor": "督查"}
MOST_UNITS = 80


# --- Red, yellow, blue ----------------------------------------------------------------------------


def clocks(user: User) -> QuerySet[Deadline]:
    """Those that count against a unit now, the most urgent first."""
    return (
        Deadline.objects.visible_to(user)
        .running()
        .filter(paused_at__isnull=True, owner__in=Unit.objects.visible_to(user))
        .exclude(kind__in=NOBODYS)
        .order_by("due_at", "pk")
    )


def of_colours(rows: QuerySet[Deadline], colours: Iterable[str] = ALARMING) -> QuerySet[Deadline]:
    now, condition = clock.now(), Q()
    for colour in colours:
        condition |= in_colour(colour, now)
    return rows.filter(condition)


@dataclass(frozen=True)
class Tally:
    """How many clocks of each colour run for a unit."""

    unit_id: int
    name: str
    red: int
    yellow: int
    blue: int
    green: int

    @property
    def alarming(self) -> int:
        return self.red + self.yellow + self.blue


def tallies(rows: QuerySet[Deadline]) -> list[Tally]:
    """By unit, whoever has most that is overdue first. One query."""
    now = clock.now()
    counts = {colour: Count("pk", filter=in_colour(colour, now)) for colour in COLOURS}
    counted: Iterable[dict[str, Any]] = (
        rows.order_by().values("owner", "owner__short_name").annotate(**counts)  # type: ignore[assignment]
    )
    found = [
        Tally(row["owner"], row["owner__short_name"], *(row[colour] for colour in COLOURS)) for row in counted
    ]
    return sorted(found, key=lambda tally: (-tally.red, -tally.yellow, -tally.blue, tally.name))


def with_appeals(rows: QuerySet[Deadline]) -> QuerySet[Deadline]:
    """For a list: with owner, appeal, and whether the appeal is listed."""
    listed = ListedSupervision.objects.in_force().filter(appeal=OuterRef("appeal"))
    return (
        rows.select_related("owner")
        .prefetch_related(Prefetch("appeal", APPEALS_ON_A_DESK))
        .annotate(is_listed=Exists(listed))
    )


def marks(deadline: Deadline, actor: Actor) -> list[Transition]:
    """What the actor may do about a slow appeal from the list; ``deadline`` is one of :func:`with_appeals`."""
    appeal: Appeal = deadline.appeal
    listing = "delist_supervision" if deadline.is_listed else "list_supervision"  # type: ignore[attr-defined]
    rows = [TRANSITIONS[name] for name in ("remind", "supervise", listing)]
    return [row for row in rows if appeal.status in row.sources and allowed(row, actor, appeal)]


# --- Letters and listed cases ---------------------------------------------------------------------


def letters(user: User) -> LetterQuerySet:
    return (
        SupervisionLetter.objects.visible_to(user)
        .select_related("unit", "deadline", "drafted_by", "sent_by", "sender")
        .prefetch_related(Prefetch("appeal", APPEALS_ON_A_DESK))
        .defer("answer")
    )


def letters_to(user: User) -> LetterQuerySet:
    """What the user's unit was sent, what still waits for its answer first."""
    waits = Case(When(state=SupervisionLetter.State.SENT, then=0), default=1)
    return letters(user).to_unit(user.unit_id).order_by(waits, "-sent_at", "-pk")


def letters_on_desk(user: User) -> dict[str, QuerySet[SupervisionLetter]]:
    """Letters the user's unit owes an answer to, those of them that are late, and drafts the user may send."""
    letters = SupervisionLetter.objects.visible_to(user)
    waiting = letters.filter(unit=user.unit_id, state=SupervisionLetter.State.SENT)
    drafts = letters.filter(state=SupervisionLetter.State.DRAFT)
    return {
        "letters": waiting,
        "letters_late": waiting.filter(answer_by__lt=clock.today()),
        "letter_drafts": drafts if user.has_role(*SUPERVISING) else drafts.none(),
    }


def listed(user: User) -> QuerySet[ListedSupervision]:
    """Those in force by target date; below them the delisted ones, the latest first."""
    return (
        ListedSupervision.objects.visible_to(user)
        .select_related("leader", "listed_by")
        .prefetch_related(Prefetch("appeal", APPEALS_ON_A_DESK))
        .order_by(F("delisted_at").desc(nulls_first=True), "target_date", "pk")
    )


@dataclass(frozen=True)
class Fact:
    """One stage of an appeal as it stood when the letter was written."""

    stage: str
    due: date
    days_late: int


def facts_of(letter: SupervisionLetter) -> list[Fact]:
    """The clocks of the unit that ran when the letter was sent (a draft: now), the one that drafted it with them."""
    if letter.appeal is None:
        return []
    moment = letter.sent_at or clock.now()
    ran = Q(owner=letter.unit_id, started_at__lt=moment) & (Q(met_at__isnull=True) | Q(met_at__gt=moment))
    others = [*NOBODYS, Deadline.Kind.SUPERVISION]
    found = letter.appeal.deadlines.filter(ran | Q(pk=letter.deadline_id)).exclude(kind__in=others)
    calendar = work_calendar(letter.appeal.rules)
    facts = []
    for deadline in found.order_by("due_at", "pk"):
        until = min(moment, deadline.met_at or moment, deadline.paused_at or moment)
        due = clock.local_date(deadline.due_at)
        facts.append(
            Fact(deadline.get_kind_display(), due, max(0, calendar.count(due, clock.local_date(until))))
        )
    return facts


def about_visits(owing: Owing) -> str:
    """What a letter about visits says at first: how many firms of which tier are behind, since when."""
    today = clock.today()
    tiers = "；".join(
        f"{duty.label}{number}{'个' if duty.tier == PROJECT else '家'}，{_missed(duty.before)}没有走访"
        for duty, number in owing.tiers
    )
    return (
        f"截至{today.year}年{today.month}月{today.day}日，你单位干部牵头联系的企业、项目中，{tiers}，至今没有补上。"
        "请查明原因，尽快组织走访并登记，并在要求日期前书面回复落实情况。"
    )


def _missed(period: Period) -> str:
    first, last = period.start, period.last_day
    return f"{period.label}（{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日）"


# --- The ladder -----------------------------------------------------------------------------------


def ladder(rules: Rules) -> list[str]:
    """The profile's reminder ladder, rung by rung, in words."""
    return [_rung(reminder) for reminder in rules.reminders]


def _rung(reminder: Reminder) -> str:
    when = {
        "before": f"到期前{reminder.days}个工作日",
        "due": "到期当日",
        "overdue": f"超期{reminder.days}个工作日",
    }[reminder.when]
    letter = "，自动起草督办单" if reminder.drafts_supervision else ""
    return f"{when}：提醒{'、'.join(str(WHOM[whom]) for whom in reminder.to)}{letter}"
