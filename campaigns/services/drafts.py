"""A list that came in is read, shown as understood, and imported once somebody has said yes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import Campaign, ListDraft
from campaigns.services.plans import (
    WHO_LEADS,
    WHO_MANAGES,
    Loaded,
    name_units,
    reader_for,
    write_tasks,
)
from campaigns.task_lists.reading import Entry, Item, Problem, Reading
from campaigns.task_permissions import may_lead_all, may_manage
from core import clock
from districts.campaign_plans import ItemSpec, TaskSpec
from districts.models import Region

_QUOTED = re.compile(r"[“\"「]([^”\"」]{1,40})[”\"」]")


def make_draft(
    *,
    by: User,
    district: Region,
    reading: Reading,
    source_name: str,
    campaign: Campaign | None = None,
    heading: dict[str, Any] | None = None,
) -> ListDraft:
    if campaign is None and not may_lead_all(by, district):
        raise PermissionDenied(WHO_LEADS)
    if campaign is not None and not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
    return ListDraft.objects.create(
        district=district,
        campaign=campaign,
        heading=heading or {},
        reading=asdict(reading),
        source_name=source_name[:200],
        made_by=by,
        made_at=clock.now(),
    )


def reading_of(draft: ListDraft) -> Reading:
    """The list as it was read."""
    data = draft.reading
    entries = [
        Entry(
            **entry
            | {
                "items": [Item(**item) for item in entry["items"]],
                "problems": [Problem(**problem) for problem in entry["problems"]],
            }
        )
        for entry in data["entries"]
    ]
    skipped = [(int(line), str(text)) for line, text in data["skipped"]]
    return Reading(data["title"], entries, data["notes"], skipped)


def name_in(title: str, otherwise: str) -> str:
    """What the campaign is called: “履约践诺” of its list's title."""
    found = _QUOTED.search(title)
    return (found[1] if found else otherwise)[:60].strip()


@transaction.atomic
def take_over(*, by: User, draft: ListDraft) -> tuple[Campaign, Loaded]:
    """Import a draft; what was wrong in it is refused as a whole."""
    draft = (
        ListDraft.objects.select_for_update(of=("self",))
        .select_related("district", "campaign")
        .get(pk=draft.pk)
    )
    reading = reading_of(draft)
    if not reading.entries:
        raise ValidationError("没有读出任务，无法导入。")
    if reading.is_wrong:
        raise ValidationError("还有标红的错误，请改正来源后重新读取。")
    heading = draft.heading
    campaign = draft.campaign
    complete = bool(heading.get("complete")) or campaign is None
    if campaign is None:
        if not may_lead_all(by, draft.district):
            raise PermissionDenied(WHO_LEADS)
        campaign = _new_campaign(by, draft, reading)
    elif not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
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
    )
    name_units(campaign, reader, loaded)
    audit.record(by, "campaign.imported", campaign, new=loaded.new, changed=loaded.changed, gone=loaded.gone)
    draft.delete()
    return campaign, loaded


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
