"""The clocks of an appeal: started, paused, resumed, met and judged.

Counted in working days of the calendar under the rules the appeal began with. The moment at which a clock
turns blue and the one at which it is due are stored; the verdict is frozen when the stage ends.
"""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.models import Unit
from accounts.selectors import unit_of
from appeals.models import Appeal, Deadline, DeadlinePause
from districts.calendars import work_calendar
from districts.profile import Rules

Kind = Deadline.Kind
Verdict = Deadline.Verdict


def workdays_for(appeal: Appeal, kind: str) -> int:
    """The limit of a stage under the appeal's rules, in working days."""
    limits = appeal.rules.limits
    if kind == Kind.HANDLE:
        return limits.redo if appeal.round > 1 else getattr(limits.handle, appeal.urgency)
    return getattr(limits, kind)


def owner_of(appeal: Appeal, kind: str) -> Unit:
    """Whose clock it is. A unit never judges itself: 督查 revisits what the bureau handled."""
    if kind in {Kind.SIGN, Kind.HANDLE, Kind.REVISIT}:
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
    behind: bool = False,
) -> Deadline:
    """Start a clock, due after the stage's limit or at the end of ``due_on``."""
    rules = appeal.rules
    calendar = work_calendar(rules)
    workdays = workdays_for(appeal, kind)
    due_at = calendar.end_of(due_on) if due_on else calendar.due_at(moment, workdays)
    deadline = Deadline(
        appeal=appeal,
        round=appeal.round,
        kind=kind,
        owner=owner or owner_of(appeal, kind),
        started_at=moment,
        workdays=calendar.count(calendar.received_on(moment), due_on) if due_on else workdays,
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
    while deadline.next_rung < len(rules.reminders):
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


def void(appeal: Appeal, moment: datetime, kinds: Iterable[str] | None = None) -> None:
    """The stage will not come any more. What was overdue already stays judged as late."""
    for deadline in _running(appeal, kinds):
        deadline.verdict = Verdict.LATE if _is_late(deadline, moment) else Verdict.VOID
        deadline.met_at = moment
        deadline.save(update_fields=["met_at", "verdict"])


def mark_behind(appeal: Appeal, moment: datetime) -> None:
    """Yellow: a milestone of the handling was missed."""
    appeal.deadlines.running().filter(kind=Kind.HANDLE, behind_since__isnull=True).update(behind_since=moment)


def pause(appeal: Appeal, kinds: Iterable[str], moment: datetime, *, transition: str) -> None:
    """Let clocks stand still until :func:`resume`."""
    for deadline in _running(appeal, kinds):
        if deadline.paused_at is None:
            deadline.paused_at = moment
            deadline.save(update_fields=["paused_at"])
            DeadlinePause.objects.create(deadline=deadline, started_at=moment, transition=transition)


def resume(appeal: Appeal, kinds: Iterable[str], moment: datetime, *, at_least: int = 0) -> None:
    """Go on with what was left: the due day moves by the working days of the pause.

    ``at_least``: working days that remain in any case.
    """
    calendar = work_calendar(appeal.rules)
    today = calendar.received_on(moment)
    for deadline in _running(appeal, kinds):
        if deadline.paused_at is None:
            continue
        due_day = deadline.due_at.astimezone(calendar.tz).date()
        moved = calendar.add(due_day, calendar.count(calendar.received_on(deadline.paused_at), today))
        deadline.pauses.filter(ended_at__isnull=True).update(ended_at=moment)
        deadline.paused_at = None
        _set_due(deadline, calendar.end_of(max(moved, calendar.add(today, at_least))), appeal.rules)
        deadline.save()
