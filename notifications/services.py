"""Writing notices, and marking them as read. How they leave the house is in ``delivery``."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.models import User
from core import clock
from notifications.channels import TRANSPORTS
from notifications.kinds import DUTIES, channels_of, is_urgent, kind_of
from notifications.models import Channel, Notice, NoticeState, SmsTemplate
from notifications.preferences import preferences_of, sendable_from, wants
from notifications.robots import robots_of


def notify(
    recipients: Iterable[User],
    *,
    key: str,
    title: str,
    body: str = "",
    url: str = "",
    tone: str = "",
    kind: str = "",
    urgent: bool | None = None,
) -> None:
    """Tell each recipient, once per ``key``: in the inbox, and outside over what the kind and they allow.

    Without ``kind`` the key says what it is about, without ``urgent`` the kind and the tone do. The groups
    of the recipients' units are told once, however many of the unit are recipients.
    """
    people = list({user.pk: user for user in recipients}.values())
    kind = kind or kind_of(key)
    urgent = is_urgent(kind, tone) if urgent is None else urgent
    now = clock.now()
    common = {
        "kind": kind,
        "urgent": urgent,
        "title": title[:120],
        "body": body,
        "url": url,
        "tone": tone,
        "created_at": now,
    }
    notices = [
        Notice(
            key=f"{key}:{user.pk}:inbox",
            recipient=user,
            channel=Channel.INBOX,
            state=NoticeState.SENT,
            sent_at=now,
            **common,
        )
        for user in people
    ]
    notices += _outside(people, key, kind, urgent, now, common)
    notices += [
        _queued(
            f"{key}:robot:{robot}",
            Channel.ROBOT,
            sendable_from(now, None, urgent=urgent),
            common,
            robot_id=robot,
        )
        for robot in _robots(people, kind)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _outside(
    people: Collection[User], key: str, kind: str, urgent: bool, now: datetime, common: dict[str, Any]
) -> list[Notice]:
    """E-mail and SMS, to whoever can be reached there and wants to be."""
    channels = [
        channel for channel in channels_of(kind) if channel != Channel.INBOX and TRANSPORTS[channel].is_ready
    ]
    if Channel.SMS in channels:
        if urgent and SmsTemplate.objects.filter(kind=kind).exists():
            prefetch_related_objects(list(people), "official")
        else:
            channels.remove(Channel.SMS)
    reached = {
        user: [channel for channel in channels if not TRANSPORTS[channel].lacks(user)] for user in people
    }
    if not any(reached.values()):
        return []
    preferences = preferences_of(people)
    return [
        _queued(
            f"{key}:{user.pk}:{channel}",
            channel,
            sendable_from(now, preferences[user.pk], urgent=urgent),
            common,
            recipient=user,
        )
        for user, their_channels in reached.items()
        for channel in their_channels
        if wants(preferences[user.pk], kind, channel)
    ]


def _robots(people: Iterable[User], kind: str) -> list[int]:
    if not DUTIES[kind].group or not TRANSPORTS[Channel.ROBOT].is_ready:
        return []
    return robots_of({user.unit_id for user in people if user.unit_id})


def _queued(key: str, channel: str, start: datetime, common: dict[str, Any], **to: Any) -> Notice:
    return Notice(key=key, channel=channel, state=NoticeState.QUEUED, next_try_at=start, **common, **to)


def mark_read(user: User, *, pk: int | None = None) -> int:
    """Mark one notice, or all of the user's, as read."""
    unread = Notice.objects.visible_to(user).unread()
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=clock.now())
