"""Campaigns and their task lists written: from a profile, from an import, by hand, from last year's.

A task is known again by its number. Writing a list again changes what the plan says now and leaves alone what was
done: reports, links, targets and days set by hand. A task that the list no longer holds is deleted if nothing hangs
on it, else it stays, marked as withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import Campaign, Target, Task, TaskItem, TaskUnit
from campaigns.permissions import may_lead_all, may_manage
from campaigns.task_lists.targets import suggestions
from campaigns.task_lists.unit_names import UnitReader
from core import clock
from core.wording import spoken
from districts.campaign_plans import CampaignSpec, ItemSpec, TaskSpec
from districts.models import DistrictProfile, Region

WHO_MANAGES = spoken("专项行动由牵头局和该行动的牵头单位维护。")
WHO_LEADS = spoken("新建专项行动由牵头局办理。")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)

_CAMPAIGN = {
    "no": "no", "list_title": "list_title", "document": "document", "issued": "issued", "leader": "leader",
    "lead_text": "lead", "assisting_text": "assisting", "goal": "goal",
}  # fmt: skip
_TASK = {
    "section": "section", "title": "title", "measure": "measure", "leader": "leader", "lead_text": "lead",
    "assisting_text": "assisting", "deadline_text": "deadline", "status_text": "status",
}  # fmt: skip


@dataclass
class Loaded:
    """What writing a list changed, and the words that name no unit."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    unknown: list[str] = field(default_factory=list)

    def note(self, words: Iterable[str]) -> None:
        self.unknown += [word for word in words if word not in self.unknown]


@transaction.atomic
def load_campaigns(*, district: Region, specs: Sequence[CampaignSpec]) -> Loaded:
    """The campaigns of a profile folder; loading again is harmless."""
    loaded = Loaded()
    if not specs:
        return loaded
    reader = reader_for(district)
    for spec in specs:
        campaign = Campaign.objects.filter(district=district, year=spec.year, name=spec.name).first()
        campaign = campaign or Campaign(
            district=district,
            year=spec.year,
            name=spec.name,
            source=Campaign.Source.PROFILE,
            recorded_at=clock.now(),
        )
        for name, key in _CAMPAIGN.items():
            setattr(campaign, name, getattr(spec, key))
        campaign.content, campaign.notes = "\n".join(spec.content), "\n".join(spec.notes)
        campaign.force_head, campaign.force_members = spec.force.head, spec.force.members
        campaign.force_office, campaign.force_text = spec.force.office, spec.force.text
        campaign.save()
        name_units(campaign, reader, loaded)
        write_tasks(campaign=campaign, specs=spec.tasks, reader=reader, loaded=loaded)
    return loaded


def reader_for(district: Region) -> UnitReader:
    return UnitReader(district, DistrictProfile.objects.in_force(district).rules.campaigns)


def name_units(campaign: Campaign, reader: UnitReader, loaded: Loaded | None = None) -> None:
    """The units behind 牵头单位 and 配合单位."""
    lead, assisting = reader.read(campaign.lead_text), reader.read(campaign.assisting_text)
    campaign.lead_units.set(lead.units)
    campaign.assisting_units.set([unit for unit in assisting.units if unit not in lead.units])
    if loaded:
        loaded.note([*lead.unknown, *assisting.unknown])


@transaction.atomic
def write_tasks(
    *,
    campaign: Campaign,
    specs: Sequence[TaskSpec],
    reader: UnitReader,
    loaded: Loaded,
    complete: bool = True,
    forget: bool = True,
) -> Loaded:
    """The rows of a list; with ``complete`` the campaign holds no others afterwards.

    ``forget``: a row that the list no longer holds is deleted if nothing hangs on it; else it only stands aside.
    """
    known: dict[str, list[Task]] = {}
    for task in campaign.tasks.order_by("order", "pk"):
        known.setdefault(task.number, []).append(task)
    kept: set[int] = set()
    last = max((task.order for tasks in known.values() for task in tasks), default=0)
    for place, spec in enumerate(specs, start=1):
        same_number = known.get(spec.number, [])
        task = same_number.pop(0) if same_number else Task(campaign=campaign, number=spec.number, order=0)
        order = place if complete else task.order or last + place
        is_new, is_changed = write_task(task, spec, order, reader, loaded)
        kept.add(task.pk)
        loaded.new += is_new
        loaded.changed += is_changed and not is_new
        loaded.same += not is_changed and not is_new
    if complete:
        for task in campaign.tasks.exclude(pk__in=kept):
            loaded.gone += not task.withdrawn
            if forget:
                take_out(task)
            else:
                _set_aside(task)
    return loaded


def write_task(
    task: Task, spec: TaskSpec, order: int, reader: UnitReader, loaded: Loaded
) -> tuple[bool, bool]:
    """Whether the task is new, and whether anything about it is."""
    is_new = task.pk is None
    wanted = {name: getattr(spec, key) for name, key in _TASK.items()} | {"order": order, "withdrawn": False}
    is_changed = any(getattr(task, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(task, name, value)
    task.save()
    is_changed |= _write_items(task, spec.items)
    read_deadlines(task)
    name_task_units(task, reader, loaded)
    suggest_targets(task)
    return is_new, is_changed


def _write_items(task: Task, specs: Sequence[ItemSpec]) -> bool:
    known = list(task.items.order_by("order", "pk"))
    changed = False
    for order, spec in enumerate(specs, start=1):
        item = known.pop(0) if known else TaskItem(task=task)
        wanted = {
            "order": order, "text": spec.text, "deadline_text": spec.deadline, "status_text": spec.status,
            "assisting_text": spec.assisting, "withdrawn": False,
        }  # fmt: skip
        changed |= item.pk is None or any(getattr(item, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(item, name, value)
        item.save()
    for item in known:
        changed |= not item.withdrawn
        if item.reports.exists():
            TaskItem.objects.filter(pk=item.pk).update(withdrawn=True)
        else:
            item.delete()
    return changed


def read_deadlines(task: Task) -> None:
    """Understand what the task and its items say, in the campaign's year; the task is due with its last item."""
    task.understand(task.campaign.year)
    items = [item for item in task.items.all() if not item.withdrawn]
    for item in items:
        item.understand(task.campaign.year, alone=True)
        item.save()
    if items:
        task.kind, task.start, task.recurs, task.day, task.continues = "several", None, "", None, False
        task.due = max((item.due for item in items if item.due), default=None)
    task.save()


def name_task_units(task: Task, reader: UnitReader, loaded: Loaded | None = None) -> None:
    """The units behind 牵头责任单位 and 协同责任单位; whoever leads does not assist too."""
    lead, assisting = reader.read(task.lead_text), reader.read(task.assisting_text)
    wanted = dict.fromkeys((unit.pk for unit in assisting.units), TaskUnit.Part.ASSIST)
    wanted |= dict.fromkeys((unit.pk for unit in lead.units), TaskUnit.Part.LEAD)
    known = {line.unit_id: line for line in task.named_units.all()}
    if {pk: line.part for pk, line in known.items()} != wanted:
        task.named_units.all().delete()
        TaskUnit.objects.bulk_create(
            TaskUnit(task=task, unit_id=pk, part=part) for pk, part in wanted.items()
        )
    if loaded:
        loaded.note([*lead.unknown, *assisting.unknown])


def suggest_targets(task: Task) -> None:
    """What the words promise and nobody has decided about yet."""
    known = set(task.targets.values_list("text", flat=True))
    Target.objects.bulk_create(
        Target(task=task, text=found.text, number=found.number, measure=found.measure)
        for found in suggestions(task.title, task.measure, task.deadline_text)
        if found.text not in known
    )


def take_out(task: Task) -> None:
    """A row that is no longer in the list."""
    if task.reports.exists() or task.links.exists() or task.inspected.exists():
        _set_aside(task)
    else:
        task.delete()


def _set_aside(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(withdrawn=True)


# --- By hand --------------------------------------------------------------------------------------


@transaction.atomic
def save_campaign(
    *, by: User, district: Region, data: dict[str, Any], campaign: Campaign | None = None
) -> Campaign:
    """A new campaign, or one put right. ``data``: fields of the model."""
    if campaign is None:
        if not may_lead_all(by, district):
            raise PermissionDenied(WHO_LEADS)
        campaign = Campaign(district=district, recorded_at=clock.now(), recorded_by=by)
    elif not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
    is_new, old_year = campaign.pk is None, campaign.year
    for name, value in data.items():
        setattr(campaign, name, value)
    twins = Campaign.objects.filter(district=district, year=campaign.year, name=campaign.name)
    if twins.exclude(pk=campaign.pk).exists():
        raise ValidationError({"name": [f"{campaign.year}年已有“{campaign.name}”专项行动。"]})
    campaign.save()
    name_units(campaign, reader_for(district))
    if not is_new and campaign.year != old_year:
        _understand_again(campaign)
    audit.record(by, "campaign.created" if is_new else "campaign.changed", campaign)
    return campaign


def _understand_again(campaign: Campaign) -> None:
    for task in campaign.tasks.prefetch_related("items"):
        task.campaign = campaign
        read_deadlines(task)


@transaction.atomic
def save_task(*, by: User, campaign: Campaign, spec: TaskSpec, task: Task | None = None) -> Task:
    """A row added by hand, or put right. A number is given once in a list."""
    if not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
    others = campaign.tasks.in_force().exclude(pk=task.pk if task else 0)
    if spec.number and others.filter(number=spec.number).exists():
        raise ValidationError({"number": [f"清单中已有序号{spec.number}。"]})
    is_new = task is None
    if task is None:
        last = campaign.tasks.order_by("-order").values_list("order", flat=True).first() or 0
        task = Task(campaign=campaign, order=last + 1)
    task.number = spec.number
    write_task(task, spec, task.order, reader_for(campaign.district), Loaded())
    audit.record(by, "campaign.task_added" if is_new else "campaign.task_changed", task)
    return task


@transaction.atomic
def remove_task(*, by: User, task: Task) -> bool:
    """Out of the list; True if it is gone for good, False if it stays, withdrawn, with what hangs on it."""
    if not may_manage(by, task.campaign):
        raise PermissionDenied(WHO_MANAGES)
    audit.record(by, "campaign.task_removed", task, number=task.number)
    pk = task.pk
    take_out(task)
    return not Task.objects.filter(pk=pk).exists()


@transaction.atomic
def set_day(*, by: User, work: Task | TaskItem, day: date | None) -> None:
    """A deadline nobody can read, or one that was moved: a day beside the plan's own words."""
    task = work if isinstance(work, Task) else work.task
    if not may_manage(by, task.campaign):
        raise PermissionDenied(WHO_MANAGES)
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError({"day": ["请填写2000年至2100年间的日期。"]})
    work.due_by_hand = day
    work.save(update_fields=["due_by_hand"])
    audit.record(by, "campaign.day_set", work, day=day.isoformat() if day else "")


# --- Next year's ----------------------------------------------------------------------------------


def copy_to_year(*, campaigns: Iterable[Campaign], year: int, by: User | None = None) -> list[Campaign]:
    """“对2024年‘十大’行动进行谋划”: the lists as a start for another year, their deadlines read in that year.

    What was done, reported, linked and printed under 完成情况 belongs to the old year and is left there; confirmed
    targets come along. A campaign that the year has already is left alone.
    """
    copies = []
    with transaction.atomic():
        for campaign in campaigns:
            if by is not None and not may_lead_all(by, campaign.district):
                raise PermissionDenied(WHO_LEADS)
            if Campaign.objects.filter(district=campaign.district_id, year=year, name=campaign.name).exists():
                continue
            copies.append(_copy(campaign, year, by))
    return copies


def _copy(campaign: Campaign, year: int, by: User | None) -> Campaign:
    copy = Campaign.objects.get(pk=campaign.pk)
    copy.pk, copy._state.adding = None, True
    copy.year, copy.copied_from, copy.source = year, campaign, Campaign.Source.COPIED
    copy.document, copy.issued, copy.recorded_at, copy.recorded_by = "", None, clock.now(), by
    copy.save()
    copy.lead_units.set(campaign.lead_units.all())
    copy.assisting_units.set(campaign.assisting_units.all())
    tasks = campaign.tasks.in_force().order_by("order", "pk")
    for task in tasks.prefetch_related("items", "named_units", "targets"):
        items, named, targets = list(task.items.all()), list(task.named_units.all()), list(task.targets.all())
        _start_again(task)
        task.campaign = copy
        task.save()
        for item in items:
            if not item.withdrawn:
                _start_again(item)
                item.task = task
                item.save()
        read_deadlines(Task.objects.select_related("campaign").get(pk=task.pk))
        TaskUnit.objects.bulk_create(
            TaskUnit(task=task, unit_id=line.unit_id, part=line.part) for line in named
        )
        Target.objects.bulk_create(
            Target(
                task=task, text=target.text, number=target.number, measure=target.measure,
                counts=target.counts, state=target.state,
            )
            for target in targets
        )  # fmt: skip
    if by is not None:
        audit.record(by, "campaign.copied", copy, year=year)
    return copy


def _start_again(work: Task | TaskItem) -> None:
    work.pk, work._state.adding = None, True
    work.status_text, work.done_on, work.last_report, work.due_by_hand = "", None, None, None
