import logging

from celery import shared_task
from django.db import DatabaseError

from enterprises import roster_import
from enterprises.models import RosterImport

log = logging.getLogger(__name__)


@shared_task
def check_rosters() -> None:
    """Check uploads that wait, and write confirmed ones to the roster."""
    for upload in roster_import.due():
        is_confirmed = upload.state == RosterImport.State.APPLYING
        try:
            roster_import.apply(upload) if is_confirmed else roster_import.check(upload)
        except roster_import.ClaimLost:
            log.warning("Roster import %s was taken over by another worker.", upload.pk)
        except DatabaseError:
            # The claim runs out by itself, and a later tick tries again.
            log.exception("Roster import %s: the database failed.", upload.pk)
        except Exception:
            log.exception("Roster import %s failed.", upload.pk)
            roster_import.fail(upload)
