"""Ticks of the weekly tables and the bulletins; each may run twice, late, or after a crash."""

import logging
from contextlib import AbstractContextManager

from celery import shared_task
from django.db import DatabaseError

from core.rehearsing import rehearsing
from districts.models import Region
from districts.words import for_each_at_work
from reports.bulletins.drafting import draft_due
from reports.exports import engine
from reports.models import Export
from reports.public_figures import publish_due
from reports.reminders import remind
from reports.services import Refused, open_due_weeks

log = logging.getLogger(__name__)


def _open_weeks(district: Region) -> None:
    try:
        open_due_weeks(district)
    except Refused as reason:
        log.warning("%s: %s", district, reason)
    remind(district)


@shared_task
def open_weeks() -> None:
    """Open the current week of every district, and remind whoever has not handed in a table."""
    for_each_at_work(_open_weeks)


def _marked(export: Export) -> AbstractContextManager[None]:
    return rehearsing(lambda: export.district.is_rehearsal)


@shared_task
def make_exports() -> None:
    """Make the files that were ordered, and those a worker that is gone has left."""
    for export in engine.due():
        try:
            with _marked(export):
                engine.make(export)
        except DatabaseError:
            # The claim runs out by itself, and a later tick tries again.
            log.exception("Export %s: the database failed.", export.pk)
        except Exception:
            log.exception("Export %s failed.", export.pk)
            engine.fail(export)


@shared_task
def forget_exports() -> None:
    """Nightly: delete the files that were kept long enough."""
    engine.forget_old()


@shared_task
def draft_bulletins() -> None:
    """Draft last month's bulletin of every district, from the first working day of the month."""
    for_each_at_work(draft_due)


@shared_task
def publish_figures() -> None:
    """Publish the figures of every district's quarters that are over and settled."""
    for_each_at_work(publish_due)
