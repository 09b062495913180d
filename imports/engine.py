"""A sheet's way from the upload into the database: received, checked, confirmed, applied, undone as one.

Work is claimed by an update that must change one row, and the claim is renewed with every chunk. A claim
nobody renewed for ten minutes belongs to a worker that is gone, and is taken again. Running any step
twice changes nothing.

Applying and undoing are one transaction each, which nobody can look into: how far they are stands in the
cache, for whoever shares it with the worker.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.sheets import Column, open_sheet
from core.xlsx import SheetError
from districts.models import Region
from districts.words import speaking_for
from imports.kinds import Draft, Job, Kind, Verdict, kind_of
from imports.models import SheetImport, SheetRow
from imports.querysets import SheetRowQuerySet

CHUNK = 500
CLAIM_HOLDS = timedelta(minutes=10)
SMALL = 300
"""Up to so many rows are done while the uploader waits; more are left to the next tick."""

State = SheetImport.State
Outcome = SheetRow.Outcome

log = logging.getLogger(__name__)


class ClaimLost(Exception):
    """Another worker has taken the import over; this one must stop."""


# --- Steps ----------------------------------------------------------------------------------------


def receive(
    *, by: User, kind: str, upload: UploadedFile, unit: Unit | None = None, half: str = ""
) -> SheetImport:
    """Keep an uploaded sheet for the next tick. Raises ``SheetError`` if its header is not understood.

    With a ``half`` ("2026-H2") it is the unit's complete version of that half-year.
    """
    assert by.unit is not None
    layout = open_sheet(upload, _kind(kind).columns_in(by.unit.district)).layout
    upload.seek(0)
    name = upload.name or "导入.xlsx"
    with transaction.atomic():
        sheet_import = SheetImport(
            kind=kind,
            district=by.unit.district,
            unit=unit or by.unit,
            half=half,
            complete=bool(half),
            uploaded_by=by,
            file_name=name[-200:],
            headers=layout.headers,
            created_at=clock.now(),
        )
        sheet_import.file.save(f"{uuid.uuid4().hex}.xlsx", upload, save=False)
        sheet_import.save()
        record(by, "import.upload", sheet_import, kind=kind)
    return sheet_import


def is_small(sheet_import: SheetImport) -> bool:
    """Short enough to be done at once?"""
    if sheet_import.rows_total:
        return sheet_import.rows_total + sheet_import.rows_gone <= SMALL
    with sheet_import.file.open("rb") as file:
        rows = open_sheet(file, _columns(sheet_import)).rows()
        return sum(1 for _ in islice(rows, SMALL + 1)) <= SMALL


def check(sheet_import: SheetImport) -> bool:
    """Read and judge every row; nothing is written yet. False if it was not ours to check."""
    if not _claim(sheet_import, Q(state=State.WAITING), during=State.CHECKING):
        return False
    sheet_import.rows.all().delete()
    try:
        _check_rows(sheet_import)
    except SheetError as error:
        _progress(sheet_import, state=State.FAILED, message=str(error)[:300], finished_at=clock.now())
    return True


def approve(*, sheet_import: SheetImport, by: User, rows: Sequence[int] | None, approved: bool) -> int:
    """Say yes or no to rows (by id; None: to all that are missing from a complete sheet). How many changed."""
    wanted = sheet_import.rows.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED, Outcome.GONE])
    wanted = wanted.filter(outcome=Outcome.GONE) if rows is None else wanted.filter(pk__in=rows)
    with transaction.atomic():
        locked = SheetImport.objects.select_for_update(no_key=True).get(pk=sheet_import.pk)
        if locked.state != State.CHECKED:
            return 0
        changed = wanted.exclude(approved=approved).update(approved=approved)
        if changed:
            record(by, "import.approve", sheet_import, rows=changed, approved=approved)
    return changed


def confirm(*, sheet_import: SheetImport, by: User) -> bool:
    """Release the approved rows to be applied. False if somebody else has done so already."""
    return _release(sheet_import, by, State.CHECKED, State.APPLYING, "confirmed_by", "import.confirm")


def apply(sheet_import: SheetImport) -> bool:
    """Write the approved rows, all or none. False if it was not ours to apply."""
    unclaimed = Q(state=State.APPLYING, claimed_at__isnull=True)
    if not _claim(sheet_import, unclaimed, during=State.APPLYING):
        return False
    with transaction.atomic():
        _lock_district(sheet_import)
        _apply_rows(sheet_import)
        record(
            sheet_import.confirmed_by or sheet_import.uploaded_by,
            "import.apply",
            sheet_import,
            new=sheet_import.rows_new,
            changed=sheet_import.rows_changed,
            gone=sheet_import.rows_gone,
            bad=sheet_import.rows_bad,
        )
    return True


def ask_undo(*, sheet_import: SheetImport, by: User) -> bool:
    """Let everything the import wrote be taken back. False if it was not applied, or is being undone already."""
    return _release(sheet_import, by, State.APPLIED, State.UNDOING, "undone_by", "import.ask_undo")


def undo(sheet_import: SheetImport) -> bool:
    """Take every row back, the last first; what was changed since stays, and its row says why."""
    unclaimed = Q(state=State.UNDOING, claimed_at__isnull=True)
    if not _claim(sheet_import, unclaimed, during=State.UNDOING):
        return False
    with transaction.atomic():
        _lock_district(sheet_import)
        kept = _undo_rows(sheet_import)
        record(sheet_import.undone_by, "import.undo", sheet_import, kept=kept)
    return True


def due() -> list[SheetImport]:
    """What waits for a worker, the oldest first, abandoned claims included."""
    released = Q(state__in=[State.APPLYING, State.UNDOING], claimed_at__isnull=True)
    abandoned = Q(
        state__in=[State.CHECKING, State.APPLYING, State.UNDOING], claimed_at__lt=clock.now() - CLAIM_HOLDS
    )
    return list(SheetImport.objects.filter(Q(state=State.WAITING) | released | abandoned).order_by("id"))


def work_on(sheet_import: SheetImport) -> bool:
    """The next step of whatever waits."""
    step = {State.APPLYING: apply, State.UNDOING: undo}.get(State(sheet_import.state), check)
    with speaking_for(sheet_import.district_id):
        return step(sheet_import)


def how_far(sheet_import: SheetImport) -> tuple[int, int]:
    """Rows done and rows to do of the step that runs; (0, 0) where nobody knows."""
    if sheet_import.state == State.CHECKING:
        return sheet_import.rows_done, sheet_import.rows_total
    if sheet_import.state == State.APPLYING and sheet_import.claimed_at:
        return _told(sheet_import), sheet_import.rows.approved().count()
    if sheet_import.state == State.UNDOING and sheet_import.claimed_at:
        return _told(sheet_import), sheet_import.rows.filter(applied=True).count()
    return 0, 0


def fail(sheet_import: SheetImport) -> None:
    """Give up on a step that the program itself stumbled over, so that the page says so.

    A failed undo leaves the import applied: nothing of it was taken back.
    """
    SheetImport.objects.filter(pk=sheet_import.pk, state__in=[State.CHECKING, State.APPLYING]).update(
        state=State.FAILED,
        message="处理时程序出错，数据没有改动。请联系系统管理员，或稍后重新上传。",
        finished_at=clock.now(),
    )
    SheetImport.objects.filter(pk=sheet_import.pk, state=State.UNDOING).update(
        state=State.APPLIED, message="撤销时程序出错，什么也没有撤销。请联系系统管理员。"
    )


def _kind(code: str) -> Kind:
    kind = kind_of(code)
    if kind is None:
        raise SheetError("这类表格不能导入。")
    return kind


def _columns(sheet_import: SheetImport) -> tuple[Column, ...]:
    return _kind(sheet_import.kind).columns_in(sheet_import.district)


def _lock_district(sheet_import: SheetImport) -> None:
    # Forms and other imports of the district wait here, so that nobody adds a code twice.
    Region.objects.select_for_update(no_key=True).get(pk=sheet_import.district_id)


# --- Claims ---------------------------------------------------------------------------------------


def _release(sheet_import: SheetImport, by: User, source: str, target: str, who: str, action: str) -> bool:
    changed = SheetImport.objects.filter(pk=sheet_import.pk, state=source).update(
        state=target, claimed_at=None, rows_done=0, **{who: by}
    )
    if changed:
        record(by, action, sheet_import)
        sheet_import.refresh_from_db()
    return bool(changed)


def _claim(sheet_import: SheetImport, waiting: Q, during: str) -> bool:
    now = clock.now()
    abandoned = Q(state=during, claimed_at__lt=now - CLAIM_HOLDS)
    ours = SheetImport.objects.filter(waiting | abandoned, pk=sheet_import.pk).update(
        state=during, claimed_at=now, rows_done=0
    )
    if ours:
        sheet_import.refresh_from_db()
    return bool(ours)


def _progress(sheet_import: SheetImport, **fields: str | int | datetime | list[str]) -> None:
    """Write how far we are and renew the claim; raises if it is no longer ours."""
    now = clock.now()
    ours = SheetImport.objects.filter(
        pk=sheet_import.pk, state=sheet_import.state, claimed_at=sheet_import.claimed_at
    ).update(claimed_at=now, **fields)
    if not ours:
        raise ClaimLost
    for name, value in {"claimed_at": now, **fields}.items():
        setattr(sheet_import, name, value)


def _tell(sheet_import: SheetImport, done: int) -> None:
    try:
        cache.set(f"imports:done:{sheet_import.pk}", done, CLAIM_HOLDS.total_seconds())
    except Exception:  # whatever the cache's client raises: a courtesy to who waits must not stop the work
        log.warning("Import %s: the cache does not answer.", sheet_import.pk)


def _told(sheet_import: SheetImport) -> int:
    try:
        return int(cache.get(f"imports:done:{sheet_import.pk}", 0))
    except Exception:
        return 0


# --- Checking -------------------------------------------------------------------------------------


def _check_rows(sheet_import: SheetImport) -> None:
    kind = _kind(sheet_import.kind)
    with sheet_import.file.open("rb") as file:
        sheet = open_sheet(file, _columns(sheet_import))
        rows = list(sheet.rows())
    if not rows:
        raise SheetError("表头下面没有数据。")
    _progress(sheet_import, rows_total=len(rows), headers=sheet.layout.headers)
    job = kind.job(sheet_import)
    counts = dict.fromkeys(Outcome.values, 0)
    for start in range(0, len(rows), CHUNK):
        verdicts = job.judge([job.read(row, sheet.layout) for row in rows[start : start + CHUNK]])
        _keep(sheet_import, verdicts, counts, done=start + len(verdicts))
    if sheet_import.complete:
        _keep(sheet_import, _missing(job, rows[-1].line), counts, done=len(rows))
    _progress(sheet_import, state=State.CHECKED)


def _missing(job: Job, last_line: int) -> list[Verdict]:
    """Entries a complete sheet no longer holds, as rows after its last one; nobody has approved them yet."""
    missing = list(job.gone())
    for line, verdict in enumerate(missing, start=last_line + 1):
        verdict.draft.line, verdict.outcome = line, Outcome.GONE
    return missing


def _keep(sheet_import: SheetImport, verdicts: Sequence[Verdict], counts: dict[str, int], done: int) -> None:
    rows = [
        SheetRow(
            sheet_import=sheet_import,
            line=verdict.draft.line,
            cells=verdict.draft.cells,
            values=verdict.draft.values,
            errors=verdict.draft.errors,
            changes=verdict.changes,
            outcome=verdict.outcome,
            approved=verdict.outcome != Outcome.GONE and not verdict.is_doubtful,
            entry=verdict.entry_id,
        )
        for verdict in verdicts
    ]
    for row in rows:
        counts[row.outcome] += 1
    with transaction.atomic():
        _progress(sheet_import, rows_done=done, **_counted(counts))
        SheetRow.objects.bulk_create(rows, batch_size=CHUNK)


def _counted(counts: dict[str, int]) -> dict[str, int]:
    return {f"rows_{outcome}": number for outcome, number in counts.items()}


# --- Applying and undoing -------------------------------------------------------------------------


def _chunks(rows: SheetRowQuerySet, *, backwards: bool = False) -> Iterator[list[SheetRow]]:
    """The rows in their order, a chunk at a time; what a chunk does to the others does not disturb it."""
    beyond = "line__lt" if backwards else "line__gt"
    found = rows.order_by("-line" if backwards else "line")
    chunk = list(found[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(found.filter(**{beyond: chunk[-1].line})[:CHUNK])


def _apply_rows(sheet_import: SheetImport) -> None:
    job = _kind(sheet_import.kind).job(sheet_import)
    counts = dict.fromkeys(Outcome.values, 0)
    counts[Outcome.BAD] = sheet_import.rows_bad
    counts[Outcome.SAME] = sheet_import.rows_same
    done = 0
    _tell(sheet_import, done)
    for rows in _chunks(sheet_import.rows.approved()):
        present = [row for row in rows if row.outcome != Outcome.GONE]
        # The database may have changed since the check, so each row is judged again.
        verdicts = job.judge([Draft(row.line, row.cells, dict(row.values)) for row in present])
        for row, verdict in zip(present, verdicts, strict=True):
            _refuse_unseen(row, verdict)
        job.write([one for one in verdicts if one.outcome in {Outcome.NEW, Outcome.CHANGED}])
        _settle(present, verdicts)
        gone = [row for row in rows if row.outcome == Outcome.GONE]
        _settle_gone(job, gone)
        for row in rows:
            counts[row.outcome] += row.applied or row.outcome in {Outcome.SAME, Outcome.BAD}
        done += len(rows)
        _tell(sheet_import, done)
    _progress(sheet_import, state=State.APPLIED, finished_at=clock.now(), **_counted(counts))


def _refuse_unseen(row: SheetRow, verdict: Verdict) -> None:
    """What somebody has to look at must be what was looked at."""
    if verdict.is_doubtful and verdict.changes != row.changes:
        what = "、".join(change["title"] for change in verdict.changes)
        verdict.draft.errors.append(
            {"key": "", "title": "检查后又有变化", "text": f"{what}，请重新上传后再确认"}
        )
        verdict.outcome, verdict.entry_id, verdict.before = Outcome.BAD, None, {}


def _settle(rows: Sequence[SheetRow], verdicts: Sequence[Verdict]) -> None:
    """Mark what went in, and what no longer can."""
    for row, verdict in zip(rows, verdicts, strict=True):
        row.outcome, row.errors, row.changes = verdict.outcome, verdict.draft.errors, verdict.changes
        row.applied = verdict.outcome in {Outcome.NEW, Outcome.CHANGED}
        row.entry, row.before = verdict.entry_id, verdict.before
    SheetRow.objects.bulk_update(rows, ["outcome", "errors", "changes", "applied", "entry", "before"])


def _settle_gone(job: Job, rows: Sequence[SheetRow]) -> None:
    before = job.remove([row.entry for row in rows if row.entry is not None]) if rows else {}
    for row in rows:
        row.applied = row.entry in before
        row.before = before.get(row.entry or 0, {})
        if not row.applied:
            row.errors = [{"key": "", "title": "", "text": "确认前已经退出"}]
    SheetRow.objects.bulk_update(rows, ["applied", "before", "errors"])


def _undo_rows(sheet_import: SheetImport) -> int:
    job = _kind(sheet_import.kind).job(sheet_import)
    taken, kept = 0, 0
    _tell(sheet_import, 0)
    for rows in _chunks(sheet_import.rows.filter(applied=True), backwards=True):
        reasons = job.undo(rows)
        for row in rows:
            reason = reasons.get(row.line, "")
            row.applied = bool(reason)
            row.errors = [{"key": "", "title": "没有撤销", "text": reason}] if reason else []
        SheetRow.objects.bulk_update(rows, ["applied", "errors"])
        kept += len(reasons)
        taken += len(rows) - len(reasons)
        _tell(sheet_import, taken + kept)
    message = f"已撤销{taken}行。" + (f"另有{kept}行没有撤销，原因见各行。" if kept else "")
    _progress(sheet_import, state=State.UNDONE, undone_at=clock.now(), message=message)
    return kept
