"""Announced events as a calendar file (RFC 5545), for the calendars of phones and desktops.

The library escapes, folds at 75 octets and ends lines with CRLF. Only what the public was told goes in.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta

from django.utils import timezone
from icalendar import Calendar, Event, vText

from districts.models import Region
from districts.profile import Rules
from liaisons.models import ServiceEvent
from liaisons.plaques import supervision_numbers

CONTENT_TYPE = "text/calendar; charset=utf-8"
FEED_BACK = timedelta(days=90)
"""So far back a subscribed calendar shows what was held."""
PRODUCT = "-//亲清通//助企活动//ZH"


def calendar_file(
    *, district: Region, rules: Rules, events: Iterable[ServiceEvent], links: dict[int, str]
) -> bytes:
    """``events``: announced, with organiser, leader and his posts, and units loaded. ``links``: address by id."""
    feed = Calendar()
    feed.add("prodid", PRODUCT)
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", f"{district.name}助企活动")
    feed.add("x-wr-timezone", str(timezone.get_default_timezone()))
    feed.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for event in events:
        feed.add_component(_entry(event, district, rules, links.get(event.pk, "")))
    return feed.to_ical()


def _entry(event: ServiceEvent, district: Region, rules: Rules, link: str) -> Event:
    """The same UID for ever; SEQUENCE grows with every change the public was told of."""
    is_cancelled = event.state == ServiceEvent.State.CANCELLED
    told_at = event.cancelled_at or event.changed_at or event.announced_at or event.recorded_at
    entry = Event()
    entry.add("uid", f"event-{event.pk}@{district.code}.qinqingtong")
    entry.add("dtstamp", told_at.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", event.revision)
    entry.add("dtstart", event.starts_at.astimezone(UTC))
    entry.add("dtend", event.ends_at.astimezone(UTC))
    entry.add("summary", f"（已取消）{event.title}" if is_cancelled else event.title)
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    if event.place:
        entry.add("location", event.place)
    if description := _description(event, rules):
        entry["description"] = vText(description)
    if link:
        entry.add("url", link)
    return entry


def _description(event: ServiceEvent, rules: Rules) -> str:
    lines = []
    if event.cancel_reason:
        lines.append(f"取消原因：{event.cancel_reason}")
    if event.topic:
        lines.append(f"主题：{event.topic}")
    if leader := leader_of(event, rules):
        lines.append(f"带班领导：{leader}")
    lines.append(f"承办单位：{event.organiser.name}")
    if units := "、".join(unit.name for unit in event.units.all()):
        lines.append(f"参加单位：{units}")
    if phone := event.phone or event.organiser.public_phone:
        lines.append(f"咨询电话：{phone}")
    lines += [f"监督电话：{line.label} {line.number}" for line in supervision_numbers(rules)]
    lines += [f"{number}. {step}" for number, step in enumerate(rules.events.procedure, start=1)]
    return "\n".join(lines)


def leader_of(event: ServiceEvent, rules: Rules) -> str:
    """The leader as announced: the post held on the day, and the name."""
    if event.leader is None:
        return ""
    post = event.leader.post_on(timezone.localdate(event.starts_at))
    if post is None:
        return event.leader.name
    group = rules.find("rank_groups", post.rank_group)
    unit = "" if group and group.title_says_all else post.unit.short_name
    return f"{unit}{post.title} {event.leader.name}"
