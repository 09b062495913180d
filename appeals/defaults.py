"""What the system does by itself: requests nobody ruled on, waits that are over, calendars that came.

Polls the database; whatever was done meanwhile by a person, or by another tick, is refused by ``perform``
and left alone.
"""

import logging
from datetime import datetime

from accounts.actors import Actor
from appeals import deadlines
from appeals.models import Appeal, Deadline
from appeals.perform import Refused, perform
from appeals.workflow import DEFAULTS
from core import clock

log = logging.getLogger(__name__)
BATCH = 500


def apply_due(now: datetime | None = None) -> int:
    """Carry out the defaults of clocks that have run out; returns how many."""
    due = Deadline.objects.overdue(now or clock.now()).filter(kind__in=DEFAULTS).order_by("due_at", "pk")
    done = 0
    for appeal_id, kind in list(due.values_list("appeal_id", "kind")[:BATCH]):
        row = DEFAULTS[Deadline.Kind(kind)]
        assert row.by_default is not None
        done += _by_system(appeal_id, row.name, dict(row.by_default.data))
    return done


def recount_provisional() -> int:
    """Count again the open clocks whose year's calendar has been imported; returns of how many appeals."""
    return sum(_by_system(pk, "recount", {}) for pk in deadlines.to_recount(BATCH))


def _by_system(appeal_id: int, transition: str, data: dict[str, str]) -> bool:
    appeal = Appeal.objects.only("district").get(pk=appeal_id)
    try:
        perform(appeal, transition, Actor.system(), data)
    except Refused as refused:
        log.warning("%s of appeal %s was not carried out: %s", transition, appeal_id, refused.message)
        return False
    return True
