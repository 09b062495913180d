"""A roster's way from an uploaded sheet into the database: received, checked, confirmed, applied.

Work is claimed by an update that must change one row, and the claim is renewed with every chunk. A claim
nobody renewed for ten minutes belongs to a worker that is gone, and is taken again. Running any step
twice changes nothing.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.xlsx import SheetError
from districts.models import Region
from enterprises.models import RosterImport, RosterRow
from enterprises.policies import TERRITORIAL, editable_region, places
from enterprises.roster_match import MATCHERS, EnterpriseMatcher, ProjectMatcher, Verdict
from enterprises.roster_rows import Draft, Places, read_row
from enterprises.roster_sheet import open_sheet

CHUNK = 500
CLAIM_HOLDS = timedelta(minutes=10)
SMALL = 300
"""Up to so many rows are done while the uploader waits; more are left to the next tick."""

State = RosterImport.State
Outcome = RosterRow.Outcome


class ClaimLost(Exception):
    """Another worker has taken the import over; this one must stop."""


# --- Steps ----------------------------------------------------------------------------------------


def receive(*, by: User, kind: str, upload: UploadedFile) -> RosterImport:
    """Keep an uploaded sheet for the next tick. Raises ``SheetError`` if its header is not understood."""
    assert by.unit is not None
    layout = open_sheet(upload, kind).layout
    upload.seek(0)
    name = upload.name or "底册.xlsx"
    with transaction.atomic():
        roster_import = RosterImport(
            kind=kind,
            district=by.unit.district,
            uploaded_by=by,
            file_name=name[-200:],
            headers=layout.headers,
            created_at=clock.now(),
        )
        roster_import.file.save(f"{uuid.uuid4().hex}.xlsx", upload, save=False)
        roster_import.save()
        record(by, "roster.upload", roster_import, kind=kind)
    return roster_import


def is_small(roster_import: RosterImport) -> bool:
    """Short enough to be done at once?"""
    if roster_import.rows_total:
        return roster_import.rows_total <= SMALL
    with roster_import.file.open("rb") as file:
        rows = open_sheet(file, roster_import.kind).rows()
        return sum(1 for _ in islice(rows, SMALL + 1)) <= SMALL


def check(roster_import: RosterImport) -> bool:
    """Read and judge every row; nothing is written to the roster yet. False if it was not ours to check."""
    claimed = _claim(roster_import, Q(state=State.WAITING), during=State.CHECKING)
    if not claimed:
        return False
    roster_import.rows.all().delete()
    try:
        _check_rows(roster_import)
    except SheetError as error:
        _progress(roster_import, state=State.FAILED, message=str(error)[:300], finished_at=clock.now())
    return True


def confirm(*, roster_import: RosterImport, by: User) -> bool:
    """Release the good rows to be applied. False if somebody else has done so already."""
    changed = RosterImport.objects.filter(pk=roster_import.pk, state=State.CHECKED).update(
        state=State.APPLYING, confirmed_by=by, claimed_at=None, rows_done=0
    )
    if changed:
        record(by, "roster.confirm", roster_import)
        roster_import.refresh_from_db()
    return bool(changed)


def apply(roster_import: RosterImport) -> bool:
    """Write the good rows to the roster, all or none. False if it was not ours to apply."""
    unclaimed = Q(state=State.APPLYING, claimed_at__isnull=True)
    if not _claim(roster_import, unclaimed, during=State.APPLYING):
        return False
    with transaction.atomic():
        # Forms and other imports of the district wait here, so that nobody adds a code twice.
        Region.objects.select_for_update(no_key=True).get(pk=roster_import.district_id)
        _apply_rows(roster_import)
        record(
            roster_import.confirmed_by or roster_import.uploaded_by,
            "roster.apply",
            roster_import,
            new=roster_import.rows_new,
            changed=roster_import.rows_changed,
            bad=roster_import.rows_bad,
        )
    return True


def due() -> list[RosterImport]:
    """What waits for a worker, the oldest first, abandoned claims included."""
    waiting = Q(state=State.WAITING) | Q(state=State.APPLYING, claimed_at__isnull=True)
    abandoned = Q(state__in=[State.CHECKING, State.APPLYING], claimed_at__lt=clock.now() - CLAIM_HOLDS)
    return list(RosterImport.objects.filter(waiting | abandoned).order_by("id"))


def fail(roster_import: RosterImport) -> None:
    """Give up on an import that the program itself stumbled over, so that its page says so."""
    RosterImport.objects.filter(pk=roster_import.pk, state__in=[State.CHECKING, State.APPLYING]).update(
        state=State.FAILED,
        message="处理时程序出错，底册没有改动。请联系系统管理员，或稍后重新上传。",
        finished_at=clock.now(),
    )


# --- Claims ---------------------------------------------------------------------------------------


def _claim(roster_import: RosterImport, waiting: Q, during: str) -> bool:
    now = clock.now()
    abandoned = Q(state=during, claimed_at__lt=now - CLAIM_HOLDS)
    ours = RosterImport.objects.filter(waiting | abandoned, pk=roster_import.pk).update(
        state=during, claimed_at=now, rows_done=0
    )
    if ours:
        roster_import.refresh_from_db()
    return bool(ours)


def _progress(roster_import: RosterImport, **fields: str | int | datetime | list[str]) -> None:
    """Write how far we are and renew the claim; raises if it is no longer ours."""
    now = clock.now()
    ours = RosterImport.objects.filter(
        pk=roster_import.pk, state=roster_import.state, claimed_at=roster_import.claimed_at
    ).update(claimed_at=now, **fields)
    if not ours:
        raise ClaimLost
    for name, value in {"claimed_at": now, **fields}.items():
        setattr(roster_import, name, value)


# --- Checking -------------------------------------------------------------------------------------


def _check_rows(roster_import: RosterImport) -> None:
    with roster_import.file.open("rb") as file:
        sheet = open_sheet(file, roster_import.kind)
        rows = list(sheet.rows())
    if not rows:
        raise SheetError("表头下面没有数据。")
    layout, known = sheet.layout, _places(roster_import.district)
    _progress(roster_import, rows_total=len(rows), headers=layout.headers)
    matcher = _matcher(roster_import)
    counts = dict.fromkeys(Outcome.values, 0)
    for start in range(0, len(rows), CHUNK):
        drafts = [
            read_row(row, layout.places, roster_import.kind, known, layout.width)
            for row in rows[start : start + CHUNK]
        ]
        judged = [_row_of(roster_import, verdict, matcher) for verdict in matcher.judge(drafts)]
        for row in judged:
            counts[row.outcome] += 1
        with transaction.atomic():
            _progress(roster_import, rows_done=start + len(judged), **_counted(counts))
            RosterRow.objects.bulk_create(judged)
    _progress(roster_import, state=State.CHECKED)


def _row_of(
    roster_import: RosterImport, verdict: Verdict, matcher: EnterpriseMatcher | ProjectMatcher
) -> RosterRow:
    is_change = verdict.outcome == Outcome.CHANGED
    return RosterRow(
        roster_import=roster_import,
        line=verdict.draft.line,
        cells=verdict.draft.cells,
        values=verdict.draft.values,
        errors=verdict.draft.errors,
        changes=matcher.labels(verdict.changed) if is_change else [],
        outcome=verdict.outcome,
    )


def _counted(counts: dict[str, int]) -> dict[str, int]:
    return {f"rows_{outcome}": number for outcome, number in counts.items()}


def _matcher(roster_import: RosterImport) -> EnterpriseMatcher | ProjectMatcher:
    return MATCHERS[roster_import.kind](roster_import.district, editable_region(roster_import.uploaded_by))


def _places(district: Region) -> Places:
    """Townships and parks, also by the names of the offices that run them (经开区, 大通镇政府 …)."""
    offices = Unit.objects.of_district(district).active().filter(region__level__in=TERRITORIAL)
    names = [(name, unit.region_id) for unit in offices for name in (unit.name, unit.short_name)]
    return Places(places(district), names)


# --- Applying -------------------------------------------------------------------------------------


def _apply_rows(roster_import: RosterImport) -> None:
    matcher = _matcher(roster_import)
    counts = dict.fromkeys(Outcome.values, 0)
    counts[Outcome.BAD] = roster_import.rows_bad
    counts[Outcome.SAME] = roster_import.rows_same
    last_line, done = 0, 0
    while rows := list(roster_import.rows.good().filter(line__gt=last_line).order_by("line")[:CHUNK]):
        # The roster may have changed since the check, so each row is judged again.
        drafts = [Draft(row.line, row.cells, dict(row.values)) for row in rows]
        verdicts = matcher.judge(drafts)
        _write(matcher, verdicts)
        _settle(rows, verdicts)
        for verdict in verdicts:
            counts[verdict.outcome] += 1
        last_line, done = rows[-1].line, done + len(rows)
    _progress(roster_import, state=State.APPLIED, rows_done=done, finished_at=clock.now(), **_counted(counts))


def _write(matcher: EnterpriseMatcher | ProjectMatcher, verdicts: Sequence[Verdict]) -> None:
    entries = matcher.model._default_manager
    new, changed, fields = [], [], {"search_text"}
    for verdict in verdicts:
        entry: Any = verdict.entry
        if verdict.outcome == Outcome.NEW:
            entry.created_at = clock.now()
            new.append(entry)
        elif verdict.outcome == Outcome.CHANGED:
            changed.append(entry)
            fields.update(verdict.changed)
    for entry in [*new, *changed]:
        entry.refresh_search_text()
    entries.bulk_create(new)
    if changed:
        entries.bulk_update(changed, sorted(fields))


def _settle(rows: Sequence[RosterRow], verdicts: Sequence[Verdict]) -> None:
    """Mark what went in, and what no longer can."""
    written = [row.pk for row, verdict in zip(rows, verdicts, strict=True) if verdict.outcome != Outcome.BAD]
    RosterRow.objects.filter(pk__in=written).update(applied=True)
    refused = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.outcome == Outcome.BAD:
            row.outcome, row.errors = Outcome.BAD, verdict.draft.errors
            refused.append(row)
    if refused:
        RosterRow.objects.bulk_update(refused, ["outcome", "errors"])
