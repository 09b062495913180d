"""The clocks of an appeal: started, paused, resumed, met and judged.

Counted in working days of the calendar under the rules the appeal began with. The moment at which a clock
turns blue and the one at which it is due are stored; the verdict is frozen when the stage ends.
"""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.models import Unit
from accounts.selectors import unit_of
from appeals.models import Appeal, Deadline, DeadlinePause, PendingRequest
from appeals.signing import redos
from districts.calendars import work_calendar
from districts.profile import Rules

Kind = Deadline.Kind
Verdict = Deadline.Verdict
Request = PendingRequest.Kind

LEAD_UNITS = frozenset(
    {Kind.SIGN, Kind.HANDLE, Kind.OWN_HANDLING, Kind.REVISIT, Kind.REFUSAL_LEVEL, Kind.EXPLAIN}
)
"""Clocks of the unit that handles; the others are the bureau's, unless whoever starts one says otherwise."""
CLOCK_OF_REQUEST = {
    Request.OBJECTION: Kind.OBJECTION,
    Request.WITHDRAWAL: Kind.WITHDRAWAL,
    Request.INSTRUCTION: Kind.INSTRUCTION,
    Request.RETURN: Kind.RETURN_RULING,
    Request.EXTENSION: Kind.EXTENSION_RULING,
    Request.ON_FILE: Kind.ON_FILE_RULING,
    Request.ASSIST_WITHDRAWAL: Kind.ASSIST_RULING,
}
"""The clock that runs until a request is ruled on."""
NOBODYS = frozenset({Kind.WAITING})
"""Clocks for the firm: no unit is late, nobody is reminded."""


def workdays_for(appeal: Appeal, kind: str) -> int:
    """The limit of a stage under the appeal's rules, in working days."""
    limits = appeal.rules.limits
    if kind == Kind.HANDLE:
        return limits.redo if redos(appeal) else getattr(limits.handle, appeal.urgency)
    return getattr(limits, "return_ruling" if kind == Kind.ASSIST_RULING else kind)


def owner_of(appeal: Appeal, kind: str) -> Unit:
    """Whose clock it is. A unit never judges itself: 督查 revisits what the bureau handled."""
    if kind in LEAD_UNITS:
        if appeal.lead_unit is None:
            raise ValueError(f"{kind} needs a lead unit")
        return appeal.lead_unit
    bureau = unit_of(appeal.district, appeal.rules.lead_bureau)
    if kind == Kind.SECOND_REVISIT and appeal.lead_unit_id == bureau.pk:
        return unit_of(appeal.district, appeal.rules.supervisor)
    return bureau


def start(
    appeal: Appeal,
    kind: str,
    moment: datetime,
    *,
    owner: Unit | None = None,
    due_on: date | None = None,
    workdays: int | None = None,
    behind: bool = False,
) -> Deadline:
    """Start a clock, due at the end of ``due_on``, or after ``workdays`` (default: the stage's limit)."""
    rules = appeal.rules
    calendar = work_calendar(rules)
    if due_on:
        due_at, workdays = calendar.end_of(due_on), calendar.count(calendar.received_on(moment), due_on)
    else:
        workdays = workdays_for(appeal, kind) if workdays is None else workdays
        due_at = calendar.due_at(moment, workdays)
    deadline = Deadline(
        appeal=appeal,
        round=appeal.round,
        kind=kind,
        owner=owner or owner_of(appeal, kind),
        started_at=moment,
        workdays=workdays,
        fixed=due_on is not None,
        behind_since=moment if behind else None,
    )
    _set_due(deadline, due_at, rules)
    deadline.save()
    return deadline


def _set_due(deadline: Deadline, due_at: datetime, rules: Rules) -> None:
    """Store the due time and what follows from it: the blue mark, the next reminder, whether provisional."""
    calendar = work_calendar(rules)
    due_day = due_at.astimezone(calendar.tz).date()
    near = calendar.end_of(calendar.add(due_day, -rules.colours.blue_within_workdays))
    share = due_at - (due_at - deadline.started_at) * rules.colours.blue_share
    deadline.due_at = due_at
    deadline.blue_at = max(deadline.started_at, min(near, share))
    deadline.provisional = calendar.is_provisional(deadline.started_at, due_at)
    set_next_reminder(deadline, rules)


def rung_at(deadline: Deadline, rung: int, rules: Rules) -> datetime:
    """When a rung of the reminder ladder is reached: at the start of office hours of its day."""
    reminder = rules.reminders[rung]
    days = {"before": -reminder.days, "due": 0, "overdue": reminder.days}[reminder.when]
    calendar = work_calendar(rules)
    day = deadline.due_at.astimezone(calendar.tz).date()
    day = calendar.add(day, days) if days else day
    return datetime.combine(day, rules.office_hours.start, tzinfo=calendar.tz)


def set_next_reminder(deadline: Deadline, rules: Rules) -> None:
    """Point ``remind_at`` at the rung to climb next; rungs before the clock's start are passed over."""
    while deadline.next_rung < len(rules.reminders) and deadline.kind not in NOBODYS:
        at = rung_at(deadline, deadline.next_rung, rules)
        if at > deadline.started_at:
            deadline.remind_at = at
            return
        deadline.next_rung += 1
    deadline.remind_at = None


def _running(appeal: Appeal, kinds: Iterable[str] | None = None, owner: Unit | None = None) -> list[Deadline]:
    running = appeal.deadlines.running()
    if kinds is not None:
        running = running.filter(kind__in=list(kinds))
    if owner is not None:
        running = running.owned_by(owner)
    return list(running)


def _is_late(deadline: Deadline, moment: datetime) -> bool:
    """A clock that stands is judged by the moment it was stopped at."""
    if deadline.kind in NOBODYS:
        return False
    return (deadline.paused_at or moment) > deadline.due_at


def meet(
    appeal: Appeal, kinds: Iterable[str], moment: datetime, *, owner: Unit | None = None
) -> list[Deadline]:
    """The stage is done: freeze the verdict. Returns the clocks that ended."""
    met = _running(appeal, kinds, owner)
    for deadline in met:
        deadline.met_at = moment
        deadline.verdict = Verdict.LATE if _is_late(deadline, moment) else Verdict.ON_TIME
        deadline.save(update_fields=["met_at", "verdict"])
        if deadline.kind == Kind.SIGN and deadline.verdict == Verdict.LATE:
            mark_behind(appeal, moment)
    return met


def void(
    appeal: Appeal,
    moment: datetime,
    kinds: Iterable[str] | None = None,
    *,
    owner: Unit | None = None,
) -> None:
    """The stage will not come any more. What was overdue already stays judged as late."""
    for deadline in _running(appeal, kinds, owner):
        deadline.verdict = Verdict.LATE if _is_late(deadline, moment) else Verdict.VOID
        deadline.met_at = moment
        deadline.save(update_fields=["met_at", "verdict"])


def mark_behind(appeal: Appeal, moment: datetime) -> None:
    """Yellow: a milestone of the handling was missed."""
    appeal.deadlines.running().filter(kind=Kind.HANDLE, behind_since__isnull=True).update(behind_since=moment)


def end_unruled(appeal: Appeal, kinds: Iterable[str], moment: datetime) -> None:
    """Requests nobody can rule on any more lapse, and their clocks end with them."""
    pending = appeal.requests.filter(ruling="", kind__in=list(kinds))
    asked = set(pending.values_list("kind", flat=True))
    void(appeal, moment, [clock for kind, clock in CLOCK_OF_REQUEST.items() if kind in asked])
    pending.update(ruling=PendingRequest.Ruling.LAPSED, ruled_at=moment)


def pause(appeal: Appeal, kinds: Iterable[str], moment: datetime, *, transition: str) -> None:
    """Let clocks stand still until the transition that stopped them is over: see :func:`resume`."""
    for deadline in _running(appeal, kinds):
        if deadline.paused_at is None:
            deadline.paused_at = moment
            deadline.save(update_fields=["paused_at"])
            DeadlinePause.objects.create(deadline=deadline, started_at=moment, transition=transition)


def resume(appeal: Appeal, stopped_by: Iterable[str], moment: datetime, *, at_least: int = 0) -> None:
    """Let the clocks that these transitions stopped go on with what was left.

    The due day moves by the working days of the pause. ``at_least``: working days that remain in any case.
    """
    calendar = work_calendar(appeal.rules)
    today = calendar.received_on(moment)
    stopped = DeadlinePause.objects.filter(
        deadline__appeal=appeal, deadline__verdict="", ended_at__isnull=True, transition__in=list(stopped_by)
    )
    for stop in stopped.select_related("deadline"):
        deadline = stop.deadline
        due_day = deadline.due_at.astimezone(calendar.tz).date()
        moved = calendar.add(due_day, calendar.count(calendar.received_on(stop.started_at), today))
        stop.ended_at = moment
        stop.save(update_fields=["ended_at"])
        deadline.paused_at = None
        _set_due(deadline, calendar.end_of(max(moved, calendar.add(today, at_least))), appeal.rules)
        deadline.save()


def replace(deadline: Deadline, moment: datetime, *, owner: Unit | None = None, due_on: date) -> Deadline:
    """End a clock and start another in its stead, with a reminder ladder of its own.

    What was overdue already stays judged as late.
    """
    appeal = deadline.appeal
    void(appeal, moment, [deadline.kind])
    started = deadline.started_at if owner is None else moment
    return start(
        appeal,
        deadline.kind,
        started,
        owner=owner or deadline.owner,
        due_on=due_on,
        behind=deadline.behind_since is not None,
    )


def recount(appeal: Appeal) -> list[Deadline]:
    """Count the provisional clocks again, now that their year's calendar is known; returns those that were."""
    calendar = work_calendar(appeal.rules)
    counted = []
    for deadline in _running(appeal):
        if not deadline.provisional or calendar.is_provisional(deadline.started_at, deadline.due_at):
            continue
        due_at = deadline.due_at
        if not deadline.fixed:
            due_at = calendar.due_at(deadline.started_at, deadline.workdays)
            for stop in deadline.pauses.all():
                if stop.ended_at is None:
                    continue
                stood = calendar.count(
                    calendar.received_on(stop.started_at), calendar.received_on(stop.ended_at)
                )
                due_at = calendar.end_of(calendar.add(due_at.astimezone(calendar.tz).date(), stood))
        deadline.next_rung = 0
        _set_due(deadline, due_at, appeal.rules)
        deadline.save()
        counted.append(deadline)
    return counted


def to_recount(limit: int) -> list[int]:
    """Appeals with provisional clocks that can be counted now: the calendar of their years has come."""
    calendar = work_calendar()
    if not calendar.years:
        return []
    known_until = datetime(max(calendar.years) + 1, 1, 1, tzinfo=calendar.tz)
    provisional = Deadline.objects.running().filter(provisional=True, due_at__lt=known_until)
    counted_now = [
        deadline.appeal_id
        for deadline in provisional.order_by("pk")[:limit]
        if not calendar.is_provisional(deadline.started_at, deadline.due_at)
    ]
    return list(dict.fromkeys(counted_now))
