import logging

from celery import shared_task
from django.db import DatabaseError

from imports import engine

log = logging.getLogger(__name__)


@shared_task
def work() -> None:
    """Check uploads that wait, write confirmed ones, take back what is to be undone."""
    for sheet_import in engine.due():
        try:
            engine.work_on(sheet_import)
        except engine.ClaimLost:
            log.warning("Import %s was taken over by another worker.", sheet_import.pk)
        except DatabaseError:
            # The claim runs out by itself, and a later tick tries again.
            log.exception("Import %s: the database failed.", sheet_import.pk)
        except Exception:
            log.exception("Import %s failed.", sheet_import.pk)
            engine.fail(sheet_import)
