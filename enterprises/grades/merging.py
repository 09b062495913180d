"""What becomes of grades when two firms turn out to be one: history stays, and the stricter grade goes on.

A firm does not get rid of a 红标 by being merged into its own double.
"""

from collections.abc import Callable

from django.db.models import Q

from core import clock
from districts.models import DistrictProfile
from enterprises.merging import mover
from enterprises.models import Enterprise, GradeDuty, GradeRecord, SamplePoint

State, Kind = GradeRecord.State, GradeRecord.Kind


@mover("enterprises.graderecord")
def join_grades(kept: Enterprise, duplicate: Enterprise) -> None:
    """Of two annual grades of a year, of two waiting ones and of two that hold, the milder is set aside."""
    rules = DistrictProfile.objects.in_force(kept.district, clock.today()).rules
    order = rules.grades.order_of
    rows = GradeRecord.objects.filter(state__in=[State.IN_FORCE, State.PENDING])
    mine = list(rows.filter(enterprise=kept).order_by("pk"))
    for other in rows.filter(enterprise=duplicate).order_by("pk"):
        for record in mine:
            if record.state != State.SET_ASIDE and _clash(record, other):
                milder = record if order(record.grade) < order(other.grade) else other
                _set_aside(milder)
                if milder is other:
                    break
    while _stricter_holds(kept, duplicate, order):
        pass
    _tick_off(kept, duplicate)


def _clash(record: GradeRecord, other: GradeRecord) -> bool:
    if record.field != other.field or record.state != other.state:
        return False
    if record.state == State.PENDING:
        return True
    return record.kind == other.kind == Kind.ANNUAL and record.year == other.year


def _stricter_holds(kept: Enterprise, duplicate: Enterprise, order: Callable[[str], int]) -> bool:
    """Where the milder of two grades that hold took effect later, it would win: it is set aside.

    True if there was one; an earlier one may come to light behind it.
    """
    holding = GradeRecord.objects.holding().filter(Q(enterprise=kept) | Q(enterprise=duplicate))
    by_field: dict[str, list[GradeRecord]] = {}
    for record in holding:
        by_field.setdefault(record.field, []).append(record)
    for records in by_field.values():
        if len(records) < 2:
            continue
        milder, stricter = sorted(records, key=lambda one: order(one.grade))
        later = (milder.effective_from, milder.pk) > (stricter.effective_from, stricter.pk)
        if later and order(milder.grade) < order(stricter.grade):
            _set_aside(milder)
            return True
    return False


def _set_aside(record: GradeRecord) -> None:
    GradeDuty.objects.filter(record=record).update(record=None)
    record.state = State.SET_ASIDE
    record.save(update_fields=["state"])


def _tick_off(kept: Enterprise, duplicate: Enterprise) -> None:
    """An annual grade that goes on stands on the organ's list."""
    both = Q(enterprise=kept) | Q(enterprise=duplicate)
    for record in GradeRecord.objects.in_force().filter(both, kind=Kind.ANNUAL, duty__isnull=True):
        duty = GradeDuty.objects.filter(
            both, field=record.field, year=record.year, record__isnull=True
        ).first()
        if duty is not None:
            duty.record = record
            duty.save(update_fields=["record"])


@mover("enterprises.gradeduty")
def join_duties(kept: Enterprise, duplicate: Enterprise) -> None:
    """A firm stands on an organ's list once; the line takes the annual grade that goes on."""
    mine = {(duty.field, duty.year): duty for duty in GradeDuty.objects.filter(enterprise=kept)}
    for other in GradeDuty.objects.filter(enterprise=duplicate):
        duty = mine.get((other.field, other.year))
        if duty is None:
            continue
        record = duty.record or other.record
        other.delete()
        duty.record = record
        duty.save(update_fields=["record"])


@mover("enterprises.samplepoint")
def join_samples(kept: Enterprise, duplicate: Enterprise) -> None:
    if SamplePoint.objects.running().filter(enterprise=kept).exists():
        SamplePoint.objects.running().filter(enterprise=duplicate).update(ended_at=clock.now())
