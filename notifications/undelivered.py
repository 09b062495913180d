"""What an administrator does about notices that did not arrive: send them again, or set them aside."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from core import clock
from notifications.models import UNDELIVERED, Notice, NoticeQuerySet, NoticeState


@transaction.atomic
def resend(*, by: User, notices: NoticeQuerySet) -> int:
    """Queue them anew, with all their attempts before them. What is no longer undelivered is left alone."""
    now = clock.now()
    return _done(
        by,
        "notice.resend",
        notices,
        state=NoticeState.QUEUED,
        next_try_at=now,
        attempts=0,
        digest_of=None,
    )


@transaction.atomic
def set_aside(*, by: User, notices: NoticeQuerySet) -> int:
    """It need not arrive any more: the reason stays on record, the list is rid of it."""
    return _done(by, "notice.set_aside", notices, state=NoticeState.SET_ASIDE)


def _done(by: User, action: str, notices: NoticeQuerySet, **changes: object) -> int:
    pks = list(notices.filter(state__in=UNDELIVERED).order_by().values_list("pk", flat=True))
    count = Notice.objects.filter(pk__in=pks, state__in=UNDELIVERED).update(**changes)
    audit.record(by, action, None, count=count, notices=pks[:100])
    return count
