"""Ticks of the weekly tables; each may run twice, late, or after a crash."""

import logging

from celery import shared_task

from districts.models import Region
from reports.reminders import remind
from reports.services import Refused, open_due_weeks

log = logging.getLogger(__name__)


@shared_task
def open_weeks() -> None:
    """Open the current week of every district, and remind whoever has not handed in a table."""
    for district in Region.objects.districts().filter(profiles__isnull=False).distinct():
        try:
            open_due_weeks(district)
        except Refused as reason:
            log.warning("%s: %s", district, reason)
        remind(district)
