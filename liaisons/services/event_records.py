"""What happened at an event: who came, who of the rota was there, what was said, handed out and decided.

Firms that came to a meeting (恳谈会、茶叙、座谈会) were told about policies and count in row 12 of the weekly
table; policy lists handed out count in rows 10 and 12, opinions in rows 21–23, all for the organiser.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Official, Unit, User
from core import clock
from core.search import normalise
from enterprises.models import Enterprise, Project
from liaisons.models import Attendance, Opinion, ServiceEvent
from liaisons.services.event_rules import State, add_error, rules_in
from liaisons.services.event_tasks import add_task
from liaisons.services.events import event_to_run
from liaisons.services.opinions import record_opinion
from policies.models import Policy
from policies.services import hand_out, reach_at_meeting

MOST_MINUTES = 10_000
TAKEN_AWAY = "现场取阅"
"""To whom copies went that anybody could take."""


@dataclass(frozen=True, kw_only=True)
class Came:
    """An enterprise or project of the roster that came, or a firm by the name it gave."""

    enterprise: Enterprise | None = None
    project: Project | None = None
    claimed_name: str = ""
    claimed_code: str = ""
    attendee: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        found = self.enterprise or self.project
        return found.name if found else self.claimed_name

    @property
    def key(self) -> tuple[str, object]:
        """The same for the same firm."""
        if self.enterprise:
            return "enterprise", self.enterprise.pk
        return ("project", self.project.pk) if self.project else ("claimed", normalise(self.claimed_name))


@dataclass(frozen=True, kw_only=True)
class Papers:
    """Copies of a policy list, or of the letter (no policy): so many to each firm that came, or to take away."""

    policy: Policy | None
    copies: int
    to_each: bool


@dataclass(frozen=True, kw_only=True)
class Heard:
    content: str
    handling: str
    passed_to: Unit | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    content: str
    unit: Unit
    due: date


@transaction.atomic
def record_held(
    *,
    by: User,
    event: ServiceEvent,
    minutes: str = "",
    came: Sequence[Came] = (),
    present: Collection[Official] = (),
    papers: Sequence[Papers] = (),
    opinions: Sequence[Heard] = (),
    decisions: Sequence[Decision] = (),
) -> ServiceEvent:
    """Record an event that has begun, all or nothing.

    Once recorded, more may be added: firms, papers, opinions and decisions are added to what is there,
    minutes and presence are stated anew.
    """
    event = event_to_run(by, event)
    if event.state == State.CANCELLED:
        raise ValidationError("活动已取消，不能登记举办情况。")
    now = clock.now()
    if event.starts_at > now:
        raise ValidationError("活动还没有开始，开始以后才能登记举办情况。")
    if len(minutes) > MOST_MINUTES:
        raise ValidationError({"minutes": f"纪要最多{MOST_MINUTES}字。"})
    first_time = event.state != State.HELD
    event.state = State.HELD
    event.held_at = event.held_at or now
    event.minutes = minutes.strip()
    event.save(update_fields=["state", "held_at", "minutes"])
    _note_presence(event, present)
    new = _let_come(by, event, came)
    for paper in papers:
        _give(by, event, paper)
    for heard in opinions:
        record_opinion(
            by=by,
            event=event,
            content=heard.content,
            handling=heard.handling,
            passed_to=heard.passed_to if heard.handling == Opinion.Handling.PASSED_ON else None,
        )
    for decision in decisions:
        add_task(by=by, event=event, content=decision.content, unit=decision.unit, due=decision.due)
    audit.record(
        by,
        "event.recorded" if first_time else "event.record_added",
        event,
        came=len(new),
        papers=len(papers),
        opinions=len(opinions),
        tasks=len(decisions),
    )
    return event


@transaction.atomic
def remove_attendance(*, by: User, attendance: Attendance) -> None:
    """A firm entered by mistake: it did not come, and was told about no policy."""
    event = event_to_run(by, attendance.event)
    attendance = Attendance.objects.select_for_update(of=("self",)).get(pk=attendance.pk)
    audit.record(
        by,
        "event.attendance_removed",
        event,
        enterprise=attendance.enterprise_id,
        project=attendance.project_id,
    )
    outreach = attendance.outreach
    attendance.delete()
    if outreach is not None:
        outreach.delete()


def _note_presence(event: ServiceEvent, present: Collection[Official]) -> None:
    there = {official.pk for official in present}
    duties = event.duties.all()
    if stranger := there - set(duties.values_list("official", flat=True)):
        raise ValidationError({"present": f"{len(stranger)}人不在值守安排中，请先调整值守安排。"})
    duties.filter(official__in=there).update(present=True)
    duties.exclude(official__in=there).update(present=False)


def _let_come(by: User, event: ServiceEvent, came: Sequence[Came]) -> list[Attendance]:
    errors: dict[str, list[str]] = {}
    known = {_key_of(attendance) for attendance in event.attendances.all()}
    for one in came:
        if not one.name:
            add_error(errors, "came", "请填写参加企业的名称。")
        elif one.key in known:
            add_error(errors, "came", f"“{one.name}”已登记参加这次活动，同一家只登记一次。")
        known.add(one.key)
    for model, found in (
        (Enterprise, [one.enterprise for one in came if one.enterprise]),
        (Project, [one.project for one in came if one.project]),
    ):
        visible = model.objects.visible_to(by).filter(pk__in=[entry.pk for entry in found])
        within = set(visible.values_list("pk", flat=True))
        for entry in found:
            if entry.pk not in within:
                add_error(errors, "came", f"“{entry.name}”不在您可以登记的范围内。")
    if errors:
        raise ValidationError(errors)
    kind = rules_in(event.district).find("event_kinds", event.kind)
    is_meeting = kind is not None and kind.meeting
    return [_one_came(by, event, one, is_meeting) for one in came]


def _one_came(by: User, event: ServiceEvent, one: Came, is_meeting: bool) -> Attendance:
    subject: dict[str, Any] = {
        "enterprise": one.enterprise,
        "project": one.project,
        "claimed_name": one.claimed_name,
        "claimed_code": one.claimed_code,
    }
    entry = one.enterprise or one.project
    outreach = None
    if is_meeting:
        outreach = reach_at_meeting(
            by=by,
            unit=event.organiser,
            region=entry.region if entry else event.region,
            occurred_at=event.starts_at,
            **subject,
        )
    return Attendance.objects.create(
        event=event,
        attendee=one.attendee,
        title=one.title,
        outreach=outreach,
        recorded_by=by,
        recorded_at=clock.now(),
        **subject,
    )


def _key_of(attendance: Attendance) -> tuple[str, object]:
    if attendance.enterprise_id:
        return "enterprise", attendance.enterprise_id
    if attendance.project_id:
        return "project", attendance.project_id
    return "claimed", normalise(attendance.claimed_name)


def _give(by: User, event: ServiceEvent, paper: Papers) -> None:
    """To each firm that has not been given this paper here yet, or to whoever took one."""
    common: dict[str, Any] = {
        "by": by,
        "policy": paper.policy,
        "copies": paper.copies,
        "unit": event.organiser,
        "occurred_at": event.starts_at,
    }
    if not paper.to_each:
        given = hand_out(region=event.region, claimed_name=TAKEN_AWAY, **common)
        event.hand_outs.add(given)
        return
    attendances = list(event.attendances.select_related("enterprise__region", "project__region"))
    if not attendances:
        raise ValidationError({"papers": "还没有登记参加企业，请先登记，或选“现场取阅”。"})
    had = {
        (given.enterprise_id, given.project_id, given.claimed_name)
        for given in event.hand_outs.filter(policy=paper.policy)
    }
    for attendance in attendances:
        if (attendance.enterprise_id, attendance.project_id, attendance.claimed_name) in had:
            continue
        entry = attendance.subject
        given = hand_out(
            region=entry.region if entry else event.region,
            enterprise=attendance.enterprise,
            project=attendance.project,
            claimed_name=attendance.claimed_name,
            claimed_code=attendance.claimed_code,
            **common,
        )
        event.hand_outs.add(given)
