"""What becomes of assignments, plaques and attendances when two firms turn out to be one.

These cannot simply be pointed at the other firm, because it may have its own of the same.
"""

from core import clock
from enterprises.merging import mover
from enterprises.models import Enterprise
from liaisons.models import Assignment, Attendance, Plaque


@mover("liaisons.assignment")
def join_assignments(kept: Enterprise, duplicate: Enterprise) -> None:
    """The same cadre with both: the earlier running assignment goes on, the later one ends today.

    One that had not begun before today is covered by the other and goes; the lead stays the lead.
    """
    today = clock.today()
    running = Assignment.objects.filter(ended__isnull=True)
    for other in running.filter(enterprise=duplicate).select_for_update():
        mine = running.filter(enterprise=kept, official=other.official_id).first()
        if mine is None:
            continue
        stays, goes = sorted([mine, other], key=lambda assignment: (assignment.started, assignment.pk))
        if goes.part == Assignment.Part.LEAD and stays.part != Assignment.Part.LEAD:
            stays.part = Assignment.Part.LEAD
            stays.save(update_fields=["part"])
        if goes.started < today:
            goes.ended = today
            goes.save(update_fields=["ended"])
        else:
            goes.delete()


@mover("liaisons.plaque")
def join_plaques(kept: Enterprise, duplicate: Enterprise) -> None:
    """One plaque in force: the kept firm's. The other is replaced; its code still leads to the firm."""
    mine = Plaque.objects.in_force().filter(enterprise=kept).first()
    if mine is None:
        return
    for other in Plaque.objects.in_force().filter(enterprise=duplicate):
        other.state = Plaque.State.REPLACED
        other.ended_at = clock.now()
        other.end_reason = f"重复企业合并，以“{kept.name}”的公示牌为准"[:200]
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
