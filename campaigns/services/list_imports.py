"""A draft becomes the list of a campaign, and is taken back as one as long as nothing was done on its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.deletion import ProtectedError

from accounts import audit
from accounts.models import User
from campaigns.models import Campaign, InspectionLine, ListDraft, ProgressReport, Task, TaskLink
from campaigns.permissions import may_lead_all, may_manage
from campaigns.services.drafts import reading_of
from campaigns.services.plans import (
    WHO_LEADS,
    WHO_MANAGES,
    Loaded,
    name_units,
    reader_for,
    write_task,
    write_tasks,
)
from campaigns.states import standing_items
from campaigns.task_lists.reading import Entry, Reading
from core import clock
from districts.campaign_plans import ItemSpec, TaskSpec

HANGS_ON = "清单已与其他记录关联，不能撤销。"


@transaction.atomic
def take_over(*, by: User, draft: ListDraft) -> tuple[Campaign, Loaded]:
    """Import a draft; what was wrong in it is refused as a whole."""
    draft = _locked(draft)
    if draft.imported_at:
        raise ValidationError("这张清单已经导入。")
    reading = reading_of(draft)
    if not reading.entries:
        raise ValidationError("没有读出任务，无法导入。")
    if reading.is_wrong:
        raise ValidationError("还有标红的错误，请改正后再导入。")
    heading = draft.heading
    campaign = draft.campaign
    complete = bool(heading.get("complete")) or campaign is None
    if campaign is None:
        if not may_lead_all(by, draft.district):
            raise PermissionDenied(WHO_LEADS)
        campaign = _new_campaign(by, draft, reading)
    elif not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
    else:
        draft.before = _state_of(campaign)
    if reading.title:
        campaign.list_title = reading.title[:150]
    if reading.notes:
        campaign.notes = "\n".join(reading.notes)
    campaign.save()
    reader = reader_for(draft.district)
    loaded = write_tasks(
        campaign=campaign,
        specs=[spec_of(entry) for entry in reading.entries],
        reader=reader,
        loaded=Loaded(),
        complete=complete,
        forget=False,
    )
    name_units(campaign, reader, loaded)
    audit.record(by, "campaign.imported", campaign, new=loaded.new, changed=loaded.changed, gone=loaded.gone)
    draft.campaign, draft.imported_at, draft.imported_by = campaign, clock.now(), by
    draft.after = _state_of(campaign)
    draft.save()
    return campaign, loaded


def _locked(draft: ListDraft) -> ListDraft:
    drafts = ListDraft.objects.select_for_update(of=("self",))
    return drafts.select_related("district", "campaign__district").get(pk=draft.pk)


def _new_campaign(by: User, draft: ListDraft, reading: Reading) -> Campaign:
    heading = draft.heading
    year, name = int(heading["year"]), str(heading["name"])
    if Campaign.objects.filter(district=draft.district, year=year, name=name).exists():
        raise ValidationError(f"{year}年已有“{name}”专项行动：请改为导入到已有的行动。")
    return Campaign.objects.create(
        district=draft.district,
        year=year,
        no=int(heading.get("no") or 0),
        name=name,
        leader=(heading.get("leader") or _commonest(entry.leader for entry in reading.entries))[:200],
        lead_text=(heading.get("lead_text") or _commonest(entry.lead for entry in reading.entries))[:200],
        source=Campaign.Source.IMPORTED,
        recorded_at=clock.now(),
        recorded_by=by,
    )


def _commonest(words: Iterable[str]) -> str:
    counted = Counter(word for word in words if word)
    return counted.most_common(1)[0][0] if counted else ""


# --- Taken back -----------------------------------------------------------------------------------


def last_import(campaign: Campaign) -> ListDraft | None:
    drafts = ListDraft.objects.imported().select_related("imported_by")
    return drafts.filter(campaign=campaign).first()


def may_undo(user: User, draft: ListDraft) -> bool:
    """Whoever could import it: a campaign that the import made goes with it."""
    campaign = draft.campaign
    assert campaign is not None
    return may_lead_all(user, campaign.district) if draft.before is None else may_manage(user, campaign)


def why_kept(draft: ListDraft) -> list[str]:
    """What was done since on the tasks, so that the import is not taken back. A fixed number of queries."""
    campaign, since = draft.campaign, draft.imported_at
    assert campaign is not None and since is not None and draft.after is not None
    found = []
    reports = ProgressReport.objects.filter(Q(reported_at__gt=since) | Q(changed_at__gt=since))
    if number := reports.filter(task__campaign=campaign).count():
        found.append(f"已有{number}份进展填报")
    if number := TaskLink.objects.filter(task__campaign=campaign, added_at__gt=since).count():
        found.append(f"已关联{number}件诉求、活动或指标")
    if number := _inspected(draft).count():
        found.append(f"有{number}项已写督查意见或列入定稿的督查")
    state = _state_of(campaign)
    after = {row["pk"]: row for row in draft.after["tasks"]}
    if number := sum(after.get(row["pk"]) != row for row in state["tasks"]):
        found.append(f"有{number}项任务的文字、日期或量化目标已经改过")
    if draft.before is None and (campaign.copies.exists() or _waiting_for(campaign).exists()):
        found.append("行动已复制到别的年度，或另有清单待并入")
    return found


@transaction.atomic
def undo(*, by: User, draft: ListDraft) -> Campaign | None:
    """As it was before; the list waits again to be put right. The campaign, unless the import had made it."""
    draft = _locked(draft)
    campaign = draft.campaign
    if draft.imported_at is None or campaign is None:
        raise ValidationError("这次导入已经撤销。")
    if not may_undo(by, draft):
        raise PermissionDenied(WHO_MANAGES if draft.before else WHO_LEADS)
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    if last_import(campaign) != draft:
        raise ValidationError("之后又导入过清单，请先撤销后一次导入。")
    if reasons := why_kept(draft):
        raise ValidationError(f"{'；'.join(reasons)}，不能整批撤销。请逐项修改或移出清单。")
    audit.record(by, "campaign.import_undone", campaign, draft=draft.pk)
    before = draft.before
    _new_tasks_lines(draft).delete()
    draft.imported_at = draft.imported_by = draft.before = draft.after = None
    if before is not None:
        draft.save()
        _restore(campaign, before)
        return campaign
    draft.campaign = None
    draft.save()
    try:
        campaign.delete()
    except ProtectedError as error:
        raise ValidationError(HANGS_ON) from error
    return None


def _new_tasks_lines(draft: ListDraft) -> QuerySet[InspectionLine]:
    """What inspections say about tasks that the import added."""
    before = draft.before or {"tasks": []}
    known = [row["pk"] for row in before["tasks"]]
    return InspectionLine.objects.filter(campaign=draft.campaign).exclude(task__in=known)


def _inspected(draft: ListDraft) -> QuerySet[InspectionLine]:
    return _new_tasks_lines(draft).filter(~Q(finding="") | Q(inspection__closed_at__isnull=False))


def _waiting_for(campaign: Campaign) -> QuerySet[ListDraft]:
    return ListDraft.objects.waiting().filter(campaign=campaign)


def _state_of(campaign: Campaign) -> dict[str, Any]:
    """All that an import writes, and what people decide beside it, to compare and to put back."""
    tasks = campaign.tasks.order_by("pk").prefetch_related("items", "targets")
    return {
        "list_title": campaign.list_title,
        "notes": campaign.notes,
        "tasks": [
            {
                "pk": task.pk,
                "order": task.order,
                "withdrawn": task.withdrawn,
                "by_hand": _written(task.due_by_hand),
                "spec": _spec_of_task(task).model_dump(mode="json"),
                "items_by_hand": [_written(item.due_by_hand) for item in standing_items(task)],
                "targets": [[target.pk, target.state] for target in task.targets.all()],
            }
            for task in tasks
        ],
    }


def _restore(campaign: Campaign, state: dict[str, Any]) -> None:
    campaign.list_title, campaign.notes = state["list_title"], state["notes"]
    campaign.save(update_fields=["list_title", "notes"])
    reader = reader_for(campaign.district)
    rows = {row["pk"]: row for row in state["tasks"]}
    for task in campaign.tasks.all():
        row = rows.get(task.pk)
        if row is None:
            task.delete()
            continue
        spec = TaskSpec.model_validate(row["spec"])
        task.number = spec.number
        write_task(task, spec, row["order"], reader, Loaded())
        task.withdrawn, task.due_by_hand = row["withdrawn"], _read(row["by_hand"])
        task.save(update_fields=["withdrawn", "due_by_hand"])
        for item, day in zip(standing_items(task), row["items_by_hand"], strict=True):
            item.due_by_hand = _read(day)
            item.save(update_fields=["due_by_hand"])
        task.targets.exclude(pk__in=[pk for pk, _ in row["targets"]]).delete()


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _read(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# --- Rows as specifications -----------------------------------------------------------------------


def _spec_of_task(task: Task) -> TaskSpec:
    """With items loaded."""
    return TaskSpec(
        number=task.number,
        section=task.section,
        title=task.title,
        measure=task.measure,
        leader=task.leader,
        lead=task.lead_text,
        assisting=task.assisting_text,
        deadline=task.deadline_text,
        status=task.status_text,
        items=tuple(
            ItemSpec(
                text=item.text,
                deadline=item.deadline_text,
                status=item.status_text,
                assisting=item.assisting_text,
            )
            for item in standing_items(task)
        ),
    )


def spec_of(entry: Entry) -> TaskSpec:
    return TaskSpec(
        number=entry.number,
        section=entry.section,
        title=entry.title,
        measure=entry.measure,
        leader=entry.leader,
        lead=entry.lead,
        assisting=entry.assisting,
        deadline=entry.deadline,
        status=entry.status,
        items=tuple(
            ItemSpec(
                text=item.text or item.deadline,
                deadline=item.deadline,
                status=item.status,
                assisting=item.assisting,
            )
            for item in entry.items
        ),
    )
