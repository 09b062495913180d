"""An export's way: ordered, claimed by a tick, made, fetched by its owner, deleted after some days.

A claim is renewed with every step. One that nobody renewed for some minutes belongs to a worker that is gone:
the export is made again from the beginning, in a file of its own, so that nothing half-written is ever offered.
Running any step twice changes nothing.
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.audit import record
from accounts.models import User
from core import clock
from districts.words import speaking_for
from notifications.services import notify
from reports.exports.kinds import KINDS
from reports.exports.types import CannotExport
from reports.models import Export

CLAIM_HOLDS = timedelta(minutes=5)
MOST_ATTEMPTS = 3
KEPT_DAYS = 7
SAID_EVERY = 0.5
"""Seconds between two words about the progress."""

State = Export.State
log = logging.getLogger(__name__)


class ClaimLost(Exception):
    """Another worker has taken the export over; this one must stop."""


def order(
    *, kind: str, by: User, title: str, params: dict[str, Any], key: str, log: dict[str, Any] | None = None
) -> Export:
    """Put down what is to be made. The same key twice is the same export: a double click makes one.

    ``log``: what the audit log says of it; parameters may hold what somebody typed, a name or a phone.
    """
    if not KINDS[kind].may(by) or by.unit is None:
        raise PermissionDenied("您的账号不能导出这些内容。")
    try:
        with transaction.atomic():
            export = Export.objects.create(
                kind=kind,
                title=title[:120],
                params=params,
                district=by.unit.district,
                asked_by=by,
                key=key,
                created_at=clock.now(),
            )
            record(by, "export.order", export, kind=kind, **(log or {}))
    except IntegrityError:
        return Export.objects.get(asked_by=by, key=key)
    return export


def due() -> list[Export]:
    """What waits, and what was left by a worker that is gone; the oldest first."""
    return list(Export.objects.filter(_free()).select_related("asked_by__unit__district").order_by("pk"))


def _free() -> Q:
    left = Q(state=State.MAKING, claimed_at__lt=clock.now() - CLAIM_HOLDS)
    return Q(state=State.WAITING) | left


def make(export: Export) -> bool:
    """Make the file. False if it was not ours to make, or could not be made."""
    claim = uuid.uuid4().hex
    claimed = Export.objects.filter(_free(), pk=export.pk).update(
        state=State.MAKING, claim=claim, claimed_at=clock.now(), attempts=F("attempts") + 1, done=0
    )
    if not claimed:
        return False
    export.refresh_from_db()
    try:
        with speaking_for(export.district_id):
            _make(export)
    except ClaimLost:
        log.warning("Export %s was taken over by another worker.", export.pk)
        return False
    except CannotExport as reason:
        _fail(export, str(reason))
        return False
    return True


def _make(export: Export) -> None:
    kind = KINDS.get(export.kind)
    by = export.asked_by
    moved = by.unit is None or by.unit.district_id != export.district_id
    if kind is None or moved or not by.is_active or not kind.may(by):
        raise CannotExport("申请人的账号已停用、已调离本区县，或不再能导出这些内容。")
    if export.attempts > MOST_ATTEMPTS:
        raise CannotExport("几次都没能生成完，请缩小范围后重新导出，或联系系统管理员。")
    total = kind.steps(export)
    _renew(export, total=total)
    said = 0.0

    def advance(done: int) -> None:
        nonlocal said
        if done >= total or time.monotonic() - said >= SAID_EVERY:
            said = time.monotonic()
            _renew(export, done=done)

    with tempfile.TemporaryFile() as file:
        kind.write(export, file, advance)
        file.seek(0)
        _finish(export, File(file), kind.file_name(export))


def _renew(export: Export, **changes: Any) -> None:
    mine = Export.objects.filter(pk=export.pk, claim=export.claim, state=State.MAKING)
    if not mine.update(claimed_at=clock.now(), **changes):
        raise ClaimLost


def _finish(export: Export, file: File, name: str) -> None:
    """Offer the file and tell its owner, both or neither."""
    stored = export.file.storage.save(
        export.file.field.generate_filename(export, f"{uuid.uuid4().hex}.bin"), file
    )
    try:
        with transaction.atomic():
            _renew(
                export,
                state=State.READY,
                file=stored,
                file_name=name[-200:],
                size=file.size,
                done=F("total"),
                finished_at=clock.now(),
            )
            record(export.asked_by, "export.made", export, bytes=file.size)
            notify(
                [export.asked_by],
                key=f"export:{export.pk}:ready",
                title=f"已生成：{export.title}",
                body=f"请在 {KEPT_DAYS} 天内下载，过期自动删除。",
                url=reverse("reports:export", args=[export.pk]),
            )
    except BaseException:
        export.file.storage.delete(stored)
        raise
    export.refresh_from_db()


def fail(export: Export) -> None:
    """What the program stumbled over; the log has the details."""
    _fail(export, "生成时出错，已记录。请稍后重试，仍不行请联系系统管理员。")


def _fail(export: Export, message: str) -> None:
    with transaction.atomic():
        failed = Export.objects.filter(pk=export.pk, state=State.MAKING, claim=export.claim).update(
            state=State.FAILED, message=message[:300], finished_at=clock.now()
        )
        if failed:
            notify(
                [export.asked_by] if export.asked_by.is_active else [],
                key=f"export:{export.pk}:failed",
                title=f"未能生成：{export.title}",
                body=message,
                url=reverse("reports:export", args=[export.pk]),
            )


def forget_old() -> int:
    """Delete the files nobody needs any more; what was exported stays on record."""
    old = Export.objects.filter(state=State.READY, finished_at__lt=clock.now() - timedelta(days=KEPT_DAYS))
    number = 0
    for export in old.iterator():
        stored = export.file.name or ""
        if Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.EXPIRED, file=""):
            export.file.storage.delete(stored)
            number += 1
    return number
