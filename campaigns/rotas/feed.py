"""One's own duties as a calendar to subscribe to, behind an address that only its owner is shown."""

from collections.abc import Iterable
from datetime import UTC, timedelta

from django.core import signing
from django.utils import timezone
from icalendar import Calendar, Event

from accounts.models import User
from campaigns.models import Duty
from districts.profile import Rules
from liaisons.event_feed import FEED_BACK, PRODUCT

SALT = "rota-feed"
__all__ = ["FEED_BACK", "feed_key", "feed_of", "owner_of"]


def feed_key(user: User) -> str:
    """Part of the address: unguessable, and of no use any more once the password is another."""
    return signing.dumps([user.pk, user.password[-12:]], salt=SALT, compress=False)


def owner_of(key: str) -> User | None:
    try:
        pk, password = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).select_related("unit__district").first()
    return user if user is not None and user.password[-12:] == password else None


def feed_of(duties: Iterable[Duty], rules: Rules, code: str) -> bytes:
    """With time, place and kind; what came of a duty stays inside."""
    feed = Calendar()
    feed.add("prodid", PRODUCT)
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", "我的值班")
    feed.add("x-wr-timezone", str(timezone.get_default_timezone()))
    feed.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for duty in duties:
        entry = Event()
        entry.add("uid", f"duty-{duty.pk}@{code}.qinqingtong")
        stamp = duty.rota.published_at or duty.rota.recorded_at
        entry.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
        entry.add("dtstart", duty.starts_at.astimezone(UTC))
        entry.add("dtend", duty.ends_at.astimezone(UTC))
        entry.add("summary", rules.label("rota_kinds", duty.rota.kind))
        if duty.place:
            entry.add("location", duty.place)
        feed.add_component(entry)
    return feed.to_ical()
