"""Writing and delivering notices."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail

from accounts.models import User
from core import clock
from notifications.models import Channel, Notice, NoticeState

log = logging.getLogger(__name__)

# A claim older than this belongs to a process that died while sending.
CLAIM_LIFE = timedelta(minutes=10)
BATCH = 200


def notify(
    recipients: Iterable[User], *, key: str, title: str, body: str = "", url: str = "", tone: str = ""
) -> None:
    """Put a notice into each recipient's inbox, and by e-mail where an address is known; once per ``key``."""
    now = clock.now()
    notices = []
    for user in recipients:
        common = {
            "recipient": user,
            "title": title[:120],
            "body": body,
            "url": url,
            "tone": tone,
            "created_at": now,
        }
        notices.append(
            Notice(
                key=f"{key}:{user.pk}:inbox",
                channel=Channel.INBOX,
                state=NoticeState.SENT,
                sent_at=now,
                **common,
            )
        )
        if user.email:
            notices.append(
                Notice(
                    key=f"{key}:{user.pk}:email", channel=Channel.EMAIL, state=NoticeState.QUEUED, **common
                )
            )
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def deliver_queued() -> int:
    """Send what is queued for outside; returns how many were sent."""
    mark_unknown()
    sent = 0
    queued = (
        Notice.objects.filter(state=NoticeState.QUEUED).order_by("created_at").values_list("pk", flat=True)
    )
    for pk in list(queued[:BATCH]):
        claimed = Notice.objects.filter(pk=pk, state=NoticeState.QUEUED).update(
            state=NoticeState.CLAIMED, claimed_at=clock.now()
        )
        if claimed:
            sent += _send(Notice.objects.select_related("recipient").get(pk=pk))
    return sent


def mark_unknown() -> int:
    """Claims whose process died: the outcome is unknown and stays so until a person looks."""
    return Notice.objects.filter(state=NoticeState.CLAIMED, claimed_at__lt=clock.now() - CLAIM_LIFE).update(
        state=NoticeState.UNKNOWN
    )


def _send(notice: Notice) -> int:
    link = f"\n\n{settings.SITE_URL}{notice.url}" if notice.url else ""
    try:
        send_mail(notice.title, f"{notice.body}{link}", None, [notice.recipient.email])
    except Exception:  # whatever the mail server said: the notice is marked, the tick goes on
        log.exception("Notice %s could not be sent", notice.pk)
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.FAILED)
        return 0
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.SENT, sent_at=clock.now())
    return 1


def mark_read(user: User, *, pk: int | None = None) -> int:
    """Mark one notice, or all of the user's, as read."""
    unread = Notice.objects.visible_to(user).unread()
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=clock.now())
