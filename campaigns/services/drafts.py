"""A list that came in waits, shown as understood, and is put right before it is imported (``list_imports``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from campaigns.models import Campaign, ListDraft
from campaigns.permissions import may_lead_all, may_manage
from campaigns.services.plans import WHO_LEADS, WHO_MANAGES
from campaigns.task_lists.columns import KEYS
from campaigns.task_lists.reading import Entry, Item, Problem, Reading, check_again
from core import clock
from districts.models import Region

GONE = "这张清单已经导入或放弃。"

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


# --- Put right ------------------------------------------------------------------------------------


@transaction.atomic
def correct_row(
    *, by: User, draft: ListDraft, place: int, cells: dict[str, str], section: str, items: Sequence[Item]
) -> None:
    """The cells of a row as its reader wants them. Items say what the measure and the deadline are."""
    draft, reading = _open(by, draft)
    entry = _entry(reading, place)
    for key in KEYS:
        setattr(entry, key, cells[key])
    entry.section, entry.items = section, list(items)
    if any(item.text != item.deadline for item in items):
        entry.measure = "\n".join(item.text for item in items)
        entry.deadline = "\n".join(item.deadline for item in items)
    entry.problems = []
    check_again(reading, entry)
    _keep(draft, reading)


@transaction.atomic
def drop_row(*, by: User, draft: ListDraft, place: int) -> None:
    """Not a task: what the reading took for one. It stands among the rows that were left out."""
    draft, reading = _open(by, draft)
    entry = _entry(reading, place)
    reading.entries.remove(entry)
    reading.skipped.append((entry.line, " ".join(filter(None, (getattr(entry, key) for key in KEYS)))))
    check_again(reading)
    _keep(draft, reading)


@transaction.atomic
def correct_heading(
    *,
    by: User,
    draft: ListDraft,
    title: str,
    campaign: Campaign | None,
    heading: dict[str, Any],
    complete: bool,
) -> None:
    """Into which campaign the list goes, and what a new one is called. ``heading``: year, no and name of a new one."""
    draft, reading = _open(by, draft)
    if campaign is None and not may_lead_all(by, draft.district):
        raise PermissionDenied(WHO_LEADS)
    if campaign is not None and not may_manage(by, campaign):
        raise PermissionDenied(WHO_MANAGES)
    reading.title = title
    draft.campaign = campaign
    draft.heading |= {"complete": complete} | (heading if campaign is None else {})
    _keep(draft, reading)


def _open(by: User, draft: ListDraft) -> tuple[ListDraft, Reading]:
    drafts = ListDraft.objects.visible_to(by).select_for_update(of=("self",))
    found = drafts.select_related("district").filter(pk=draft.pk).first()
    if found is None:
        raise ValidationError(GONE)
    return found, reading_of(found)


def _entry(reading: Reading, place: int) -> Entry:
    if not 0 <= place < len(reading.entries):
        raise ValidationError("这一行已经不在清单中。")
    return reading.entries[place]


def _keep(draft: ListDraft, reading: Reading) -> None:
    draft.reading = asdict(reading)
    draft.save(update_fields=["reading", "heading", "campaign"])
