"""Ticks of the setups; may run twice, late, or after a crash."""

import logging

from celery import shared_task

from portal.golive.bringing_in import bring_in, unfinished

log = logging.getLogger(__name__)


@shared_task
def bring_in_sheets() -> None:
    """Take the sheets of new districts a step further."""
    for setup in unfinished():
        try:
            bring_in(setup)
        except Exception:
            log.exception("Setup %s: its sheets cannot be brought in.", setup.pk)
