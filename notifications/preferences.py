"""How somebody wants to be told: which kinds over which channels, and when they want their peace."""

from collections.abc import Collection
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from districts.calendars import work_calendar
from notifications.kinds import DUTIES, switchable
from notifications.models import Preference
from notifications.quiet import Quiet, earliest

# Longer than a night, "quiet hours" would be a way to switch off what cannot be switched off.
LONGEST_QUIET = 12


def preferences_of(users: Collection[User]) -> dict[int, Preference]:
    """By account; whoever set nothing has the defaults. One query."""
    found = Preference.objects.in_bulk([user.pk for user in users])
    return {user.pk: found.get(user.pk) or Preference(user=user) for user in users}


def preference_of(user: User) -> Preference:
    return preferences_of([user])[user.pk]


def wants(preference: Preference, kind: str, channel: str) -> bool:
    """Whatever somebody switched off, its duties reach them over the channels that are locked."""
    return channel in DUTIES[kind].locked or f"{kind}:{channel}" not in preference.switched_off


def sendable_from(moment: datetime, preference: Preference | None, *, urgent: bool) -> datetime:
    """When a notice may leave the house at the earliest. A group (no preference) has the default quiet hours."""
    if urgent:
        return moment
    asked = preference or Preference()
    quiet = Quiet(asked.quiet_from, asked.quiet_to, asked.quiet_days_off)
    return earliest(moment, quiet, lambda day: work_calendar().is_workday(day))


@transaction.atomic
def save_preferences(
    *,
    user: User,
    wanted: Collection[tuple[str, str]],
    quiet_from: time | None,
    quiet_to: time | None,
    quiet_days_off: bool,
) -> Preference:
    """``wanted`` are the pairs of kind and channel that stay on; what is locked stays on anyway."""
    if (quiet_from is None) != (quiet_to is None):
        raise ValidationError({"quiet_to": "开始和结束时间要么都填，要么都不填。"})
    if quiet_from is not None and quiet_to is not None:
        minutes = ((quiet_to.hour - quiet_from.hour) * 60 + quiet_to.minute - quiet_from.minute) % (
            24 * 60
        ) or 24 * 60
        if minutes > LONGEST_QUIET * 60:
            raise ValidationError({"quiet_to": f"免打扰时段最长 {LONGEST_QUIET} 小时。"})
    switched_off = [
        f"{kind}:{channel}"
        for kind in DUTIES
        for channel in switchable(kind)
        if (kind, channel) not in wanted
    ]
    preference, _ = Preference.objects.update_or_create(
        user=user,
        defaults={
            "switched_off": switched_off,
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
            "quiet_days_off": quiet_days_off,
        },
    )
    return preference
