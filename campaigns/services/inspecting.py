"""督查调度: a month's list drawn up, kept up to date until it is closed, and what the bureau finds.

In the list stands what was open at any time in the month: due in it, behind from before, or running, with what the
leading unit reported. What a unit does at its discretion (适时) is listed once it reports. Drawing it up again changes
what the reports say, never what was found; a closed list is never drawn up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch

from accounts import audit
from accounts.models import Unit, User
from campaigns.models import (
    Campaign,
    Inspection,
    InspectionLine,
    ProgressReport,
    Task,
    TaskItem,
    TaskUnit,
)
from campaigns.permissions import leading_units, may_lead_all
from campaigns.states import DAY, first_of_month, last_of_month, pieces_of, turns
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region

WHO_INSPECTS = spoken("月度督查由牵头局办理。")
CLOSED = "这个月的督查已经定稿，不再改动。"
MOST_FINDING, MOST_SUMMARY = 500, 3000
State = InspectionLine.State
Key = tuple[int, int | None, int]


@dataclass
class Found:
    """What a line says, before anybody comments on it."""

    campaign: int
    due: date | None = None
    is_due: bool = False
    owes_report: bool = True
    reported: bool = False
    progress: str = ""
    state: str = State.SILENT


_FACTS = ("due", "is_due", "owes_report", "reported", "progress", "state")


@transaction.atomic
def draw_up(*, district: Region, month: date) -> Inspection | None:
    """The month's list as it stands now; None where the district has no tasks then. A closed one stays."""
    month = first_of_month(month)
    if not Task.objects.filter(campaign__district=district).running_in(month).exists():
        return Inspection.objects.filter(district=district, month=month).first()
    inspection, _ = Inspection.objects.get_or_create(
        district=district, month=month, defaults={"refreshed_at": clock.now()}
    )
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if inspection.closed_at:
        return inspection
    wanted = dict(_lines(district, month))
    kept: list[InspectionLine] = []
    gone: list[int] = []
    for line in inspection.lines.all():
        found = wanted.pop((line.task_id, line.item_id, line.unit_id), None)
        if found is None and not line.finding:
            gone.append(line.pk)
        elif found is not None and any(getattr(line, name) != getattr(found, name) for name in _FACTS):
            for name in _FACTS:
                setattr(line, name, getattr(found, name))
            kept.append(line)
    inspection.lines.filter(pk__in=gone).delete()
    InspectionLine.objects.bulk_update(kept, _FACTS, batch_size=200)
    InspectionLine.objects.bulk_create(
        [
            InspectionLine(
                inspection=inspection,
                campaign_id=found.campaign,
                task_id=task,
                item_id=item,
                unit_id=unit,
                **{name: getattr(found, name) for name in _FACTS},
            )
            for (task, item, unit), found in wanted.items()
        ],
        batch_size=500,
    )
    inspection.refreshed_at = clock.now()
    inspection.save(update_fields=["refreshed_at"])
    return inspection


def _lines(district: Region, month: date) -> Iterator[tuple[Key, Found]]:
    """One query each for tasks, items, units and reports."""
    tasks = (
        Task.objects.in_force()
        .filter(campaign__district=district)
        .running_in(month)
        .prefetch_related(
            Prefetch("campaign", Campaign.objects.prefetch_related("lead_units")),
            "items",
            Prefetch("named_units", TaskUnit.objects.select_related("unit")),
        )
    )
    reports = {
        (report.task_id, report.item_id, report.unit_id): report
        for report in ProgressReport.objects.filter(task__campaign__district=district, month=month)
    }
    bureau = _bureau(district)
    for task in tasks:
        units = leading_units(task) or ([bureau] if bureau else [])
        for work, item in pieces_of(task):
            for unit in units:
                key = (task.pk, item.pk if item else None, unit.pk)
                found = _found(task, work, month, reports.get(key))
                if found is not None:
                    yield key, found


def _bureau(district: Region) -> Unit | None:
    code = DistrictProfile.objects.in_force(district).rules.lead_bureau
    return Unit.objects.of_district(district).filter(code=code).first()


def _found(task: Task, work: Task | TaskItem, month: date, report: ProgressReport | None) -> Found | None:
    """What the month's list says about a piece of work under one unit; None where it does not belong there."""
    last = last_of_month(month)
    found = Found(task.campaign_id)
    if report is not None:
        found.reported, found.progress = True, report.text
    if work.comes_again:
        due = next((turn.due for turn in turns(work) if month <= turn.due <= last), None)
        if due is None and report is None:
            return None
        found.due, found.is_due, found.owes_report = due, due is not None, due is not None
        found.state = State.DONE if report else State.OVERDUE if due and due < clock.today() else State.SILENT
        return found
    due = found.due = work.deadline
    found.is_due = due is not None and month <= due <= last
    if (work.done_on and work.done_on < month) or work.is_said_done:
        if not found.is_due and report is None:
            return None
        found.owes_report = False
        found.state = State.DONE
        return found
    if work.start and work.start > last and report is None:
        return None
    if work.kind == "when_fit" and due is None:
        if report is None:
            return None
        found.owes_report = False
    if work.done_on and work.done_on <= last:
        found.state = State.LATE if due and work.done_on > due else State.DONE
    elif due and due < min(clock.today(), last + DAY):
        found.state = State.OVERDUE
    elif report:
        found.state = State.UNDER_WAY
    return found


@transaction.atomic
def note_findings(
    *, by: User, inspection: Inspection, findings: dict[int, str], summary: str | None = None
) -> int:
    """What the bureau found about lines, by their id, and in general; how many changed."""
    inspection = _open(by, inspection)
    wrong = [pk for pk, text in findings.items() if len(text) > MOST_FINDING]
    if wrong:
        raise ValidationError({"findings": [f"督查意见最多{MOST_FINDING}字。"]})
    if summary is not None and len(summary) > MOST_SUMMARY:
        raise ValidationError({"summary": [f"总体情况最多{MOST_SUMMARY}字。"]})
    changed = []
    for line in inspection.lines.filter(pk__in=findings):
        text = findings[line.pk].strip()
        if text != line.finding:
            line.finding, line.found_by, line.found_at = text, by, clock.now()
            changed.append(line)
    InspectionLine.objects.bulk_update(changed, ["finding", "found_by", "found_at"])
    if summary is not None:
        inspection.summary = summary.strip()
        inspection.save(update_fields=["summary"])
    audit.record(by, "inspection.noted", inspection, lines=len(changed))
    return len(changed)


def close(*, by: User, inspection: Inspection) -> Inspection:
    """Once the month is over: drawn up a last time, then frozen, with the units' reports of that month."""
    with transaction.atomic():
        inspection = _open(by, inspection)
        if clock.today() <= last_of_month(inspection.month):
            raise ValidationError("这个月还没有过完，请到下月再定稿。")
        draw_up(district=inspection.district, month=inspection.month)
        inspection.closed_at, inspection.closed_by = clock.now(), by
        inspection.save(update_fields=["closed_at", "closed_by"])
        audit.record(by, "inspection.closed", inspection)
    return inspection


def _open(by: User, inspection: Inspection) -> Inspection:
    inspection = (
        Inspection.objects.select_for_update(of=("self",)).select_related("district").get(pk=inspection.pk)
    )
    if not may_lead_all(by, inspection.district):
        raise PermissionDenied(WHO_INSPECTS)
    if inspection.closed_at:
        raise ValidationError(CLOSED, code="closed")
    return inspection


def keep_up(district: Region) -> None:
    """This month's list and, until it is closed, last month's."""
    today = clock.today()
    for month in (first_of_month(today), first_of_month(first_of_month(today) - DAY)):
        draw_up(district=district, month=month)
