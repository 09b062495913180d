"""Delivering what waits in the outbox: claimed before it is sent, tried again only if it surely was not sent."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from core import clock
from districts.workdays import SHANGHAI
from notifications.channels import TRANSPORTS, Message, Permanent, Temporary, Unknown, Unreachable
from notifications.models import Channel, Notice, NoticeState, Robot
from notifications.preferences import preference_of, sendable_from

log = logging.getLogger(__name__)

# A claim older than this belongs to a process that died while sending.
CLAIM_LIFE = timedelta(minutes=10)
DIED = "发送时程序中断，不知道是否已送达"
# What a tick looks at, and for how long it goes on sending, for each channel. One slow channel must not
# keep the others waiting, nor what else the same process has to do.
BATCH = 1000
SECONDS = 20
# After each attempt that failed for the time being; after the last one nobody tries again.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
DIGEST_ABOVE = 10
TITLES_IN_A_DIGEST = 50
OUTSIDE = (Channel.ROBOT, Channel.SMS, Channel.EMAIL)
# Robots' makers ask not to send when everybody's schedules do.
CROWDED_MINUTES = (0, 30)
MINUTE = timedelta(minutes=1)


def deliver_queued() -> int:
    """Send what is due; returns how many messages went out."""
    mark_unknown()
    return sum(_deliver(channel) for channel in OUTSIDE)


def mark_unknown() -> int:
    """Claims whose process died: the outcome is unknown and stays so until a person looks."""
    dead = Notice.objects.filter(state=NoticeState.CLAIMED, claimed_at__lt=clock.now() - CLAIM_LIFE)
    return dead.update(state=NoticeState.UNKNOWN, reason=DIED)


@dataclass(frozen=True)
class _Batch:
    """One message's worth of notices: one, or more than ten of one recipient."""

    pks: list[int]
    robot: int | None
    line: str
    """What is given up for this tick if it does not answer: mail, the gateway, one maker's robots."""


def _deliver(channel: str) -> int:
    sent = 0
    silent: set[str] = set()
    give_up = time.monotonic() + SECONDS
    for batch in _batches(channel):
        if time.monotonic() > give_up:
            break
        if batch.line in silent:
            continue
        notices = _claim(batch)
        if not notices:
            continue
        try:
            sent += _send(notices)
        except Unreachable:
            silent.add(batch.line)
    return sent


def _batches(channel: str) -> Iterator[_Batch]:
    waiting: dict[tuple[int | None, int | None, str], list[int]] = defaultdict(list)
    due = Notice.objects.due(clock.now()).filter(channel=channel)
    for pk, recipient, robot, maker in due.values_list("pk", "recipient_id", "robot_id", "robot__maker")[
        :BATCH
    ]:
        waiting[recipient, robot, maker or channel].append(pk)
    for (_, robot, line), pks in waiting.items():
        if len(pks) > DIGEST_ABOVE:
            yield _Batch(pks, robot, line)
        else:
            for pk in pks:
                yield _Batch([pk], robot, line)


@transaction.atomic
def _claim(batch: _Batch) -> list[Notice]:
    """What of the batch is still to be sent, now ours alone; nothing, if its robot has to wait."""
    now = clock.now()
    queued = Notice.objects.filter(pk__in=batch.pks, state=NoticeState.QUEUED)
    if batch.robot is not None and (free_at := _free_at(batch.robot, now)) > now:
        queued.update(next_try_at=free_at)
        return []
    notices = list(
        queued.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient__official", "robot")
        .order_by("created_at", "pk")
    )
    pks = [notice.pk for notice in notices]
    Notice.objects.filter(pk__in=pks).update(
        state=NoticeState.CLAIMED, claimed_at=now, attempts=F("attempts") + 1, digest_of=None
    )
    if len(pks) > 1:
        Notice.objects.filter(pk__in=pks[1:]).update(digest_of=pks[0])
    for notice in notices:
        notice.attempts += 1
        notice.claimed_at = now
    return notices


def _free_at(robot: int, now: datetime) -> datetime:
    """When the robot may speak again. Locks it: two workers together must not exceed its limit."""
    Robot.objects.select_for_update().get(pk=robot)
    if now.astimezone(SHANGHAI).minute in CROWDED_MINUTES:
        return now.replace(second=0, microsecond=0) + MINUTE
    spoken = Notice.objects.filter(robot=robot, claimed_at__gt=now - MINUTE, digest_of__isnull=True)
    latest = spoken.order_by("-claimed_at").values_list("claimed_at", flat=True)
    times = [when for when in latest[: settings.ROBOT_PER_MINUTE] if when is not None]
    return times[-1] + MINUTE if len(times) >= settings.ROBOT_PER_MINUTE else now


# --- Sending what was claimed ---------------------------------------------------------------------


def _send(notices: Sequence[Notice]) -> int:
    """1 if the message went out. Raises ``Unreachable``, with everything recorded, where nobody answered."""
    first = notices[0]
    transport, recipient = TRANSPORTS[first.channel], first.recipient
    try:
        if not transport.is_ready:
            raise Permanent("这个渠道没有启用")
        if recipient is not None and not recipient.is_active:
            raise Permanent("账号已停用")
        if recipient is not None and (lacking := transport.lacks(recipient)):
            raise Permanent(lacking)
        transport.send(_message(notices))
    except Temporary as error:
        _try_later(notices, error)
        if isinstance(error, Unreachable):
            raise
        return 0
    except Permanent as error:
        _record(notices, NoticeState.FAILED, error.reason)
        return 0
    except Unknown as error:
        _record(notices, NoticeState.UNKNOWN, error.reason)
        return 0
    except Exception as error:  # a fault of ours: the notice is marked, the tick goes on
        log.exception("Notice %s: sending broke off", first.pk)
        _record(notices, NoticeState.UNKNOWN, f"发送程序出错（{type(error).__name__}），不知道是否已送达")
        return 0
    _record(notices, NoticeState.SENT, "")
    return 1


def _message(notices: Sequence[Notice]) -> Message:
    first, count = notices[0], len(notices)
    if count == 1:
        return Message(first, first.title, first.body, first.url)
    titles = [notice.title for notice in notices[:TITLES_IN_A_DIGEST]]
    if count > TITLES_IN_A_DIGEST:
        titles.append(f"……等共 {count} 条")
    title = f"{'您有' if first.recipient else '本单位有'} {count} 条通知：{first.title}等"
    return Message(first, title, "\n".join(titles), reverse("notifications:inbox"))


def _try_later(notices: Sequence[Notice], error: Temporary) -> None:
    """Each by its own number of attempts; a digest is put together anew next time."""
    by_attempts: dict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_attempts[notice.attempts].append(notice)
    for attempts, tried in by_attempts.items():
        if attempts > len(BACK_OFF):
            _record(tried, NoticeState.FAILED, f"{error.reason}，已试 {attempts} 次")
            continue
        recipient = tried[0].recipient
        preference = preference_of(recipient) if recipient else None
        again = sendable_from(
            clock.now() + BACK_OFF[attempts - 1], preference, urgent=any(notice.urgent for notice in tried)
        )
        _record(tried, NoticeState.QUEUED, error.reason, next_try_at=again, digest_of=None)


def _record(notices: Sequence[Notice], state: str, reason: str, **changes: object) -> None:
    """The outcome of what we claimed, also if it took so long that another tick gave us up for dead."""
    ours = Notice.objects.filter(
        pk__in=[notice.pk for notice in notices],
        state__in=[NoticeState.CLAIMED, NoticeState.UNKNOWN],
        claimed_at=notices[0].claimed_at,
    )
    sent_at = clock.now() if state == NoticeState.SENT else None
    ours.update(state=state, reason=reason[:200], sent_at=sent_at, **changes)
