"""What becomes of assignments, plans, plaques and attendances when two firms turn out to be one.

These cannot simply be pointed at the other firm, because it may have its own of the same.
"""

from datetime import date

from django.db.models import Q

from core import clock
from core.wording import speak
from enterprises.merging import mover
from enterprises.models import Enterprise
from liaisons.models import Assignment, Attendance, Plaque, VisitPlan

LEAD = Assignment.Part.LEAD


@mover("liaisons.assignment")
def join_assignments(kept: Enterprise, duplicate: Enterprise) -> None:
    """Nobody looks after the firm twice, and one cadre leads, in each kind of assignment by itself.

    The same cadre with both: the one that lasts longest goes on, the other ends where it is covered. Two leads: the
    kept firm's goes on leading, the other supports from today; the past of both stays as it was.
    """
    today = clock.today()
    running = Assignment.every_kind.filter(Q(ended__isnull=True) | Q(ended__gt=today))
    of_kept = list(running.filter(enterprise=kept).select_for_update().order_by("pk"))
    for other in running.filter(enterprise=duplicate).select_for_update().order_by("pk"):
        mine = [one for one in of_kept if one.kind == other.kind]
        same = next((one for one in mine if one.official_id == other.official_id), None)
        if same is not None:
            _join_two(same, other, others=[one for one in mine if one is not same])
        elif other.part == LEAD and any(one.part == LEAD for one in mine):
            _let_support(other)


def _join_two(mine: Assignment, other: Assignment, others: list[Assignment]) -> None:
    stays, goes = sorted(
        [mine, other],
        key=lambda one: (one.ended is not None, -(one.ended or date.max).toordinal(), one.started, one.pk),
    )
    leads = LEAD in {mine.part, other.part} and not any(one.part == LEAD for one in others)
    covered_from = max(clock.today(), stays.started)
    if goes.started < covered_from:
        goes.ended = min(goes.ended or covered_from, covered_from)
        goes.save(update_fields=["ended"])
    else:
        goes.delete()
    stays.part = LEAD if leads else Assignment.Part.SUPPORT
    stays.save(update_fields=["part"])


def _let_support(other: Assignment) -> None:
    today = clock.today()
    if other.started < today:
        until = other.ended
        other.ended = today
        other.save(update_fields=["ended"])
        other.pk, other.started, other.ended, other.recorded_at = None, today, until, clock.now()
        other._state.adding = True
    other.part = Assignment.Part.SUPPORT
    other.save()


@mover("liaisons.visitplan")
def join_plans(kept: Enterprise, duplicate: Enterprise) -> None:
    """A cadre means to go there once: the earlier day holds."""
    for other in VisitPlan.objects.open().filter(enterprise=duplicate):
        same = VisitPlan.objects.open().filter(enterprise=kept, official=other.official_id).first()
        if same is not None:
            later = max(same, other, key=lambda plan: (plan.day, plan.pk))
            later.dropped_at = clock.now()
            later.save(update_fields=["dropped_at"])


@mover("liaisons.plaque")
def join_plaques(kept: Enterprise, duplicate: Enterprise) -> None:
    """One plaque in force: the kept firm's. The other is replaced; its code still leads to the firm."""
    mine = Plaque.objects.in_force().filter(enterprise=kept).first()
    if mine is None:
        return
    for other in Plaque.objects.in_force().filter(enterprise=duplicate):
        other.state = Plaque.State.REPLACED
        other.ended_at = clock.now()
        other.end_reason = f"重复企业合并，以“{kept.name}”的{speak('公示牌')}为准"[:200]
        other.save(update_fields=["state", "ended_at", "end_reason"])


@mover("liaisons.attendance")
def join_attendances(kept: Enterprise, duplicate: Enterprise) -> None:
    """A firm came to an event once: the kept firm's line stays and is filled from the other."""
    mine = {row.event_id: row for row in Attendance.objects.filter(enterprise=kept)}
    for other in Attendance.objects.filter(enterprise=duplicate, event__in=mine).select_related("outreach"):
        row = mine[other.event_id]
        row.attendee = row.attendee or other.attendee
        row.title = row.title or other.title
        outreach, other.outreach = other.outreach, None
        other.delete()
        if outreach and row.outreach_id is None:
            row.outreach = outreach
        elif outreach:
            outreach.delete()  # the firm was told once, at one meeting
        row.save()
