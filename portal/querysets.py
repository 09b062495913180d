"""Who may see which setups."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Role
from districts.models import Region

ABOVE = (Region.Level.COUNTRY, Region.Level.PROVINCE, Region.Level.CITY)


def is_operator(user: Any) -> bool:
    """Who sets districts up: an administrator without a unit, or of a unit of a city or province itself.

    A city's bureau that stands in the list of a district is the district's: its administrator made it.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if user.unit_id is None:
        return bool(user.is_superuser or user.has_role(Role.ADMIN))
    return bool(user.has_role(Role.ADMIN) and user.unit.district.level in ABOVE)


def is_own_admin(user: Any, district_id: int | None) -> bool:
    """The administrator of that district itself."""
    return (
        district_id is not None
        and user.unit_id is not None
        and user.has_role(Role.ADMIN)
        and user.unit.district_id == district_id
        and user.unit.district.level not in ABOVE
    )


class SetupQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "SetupQuerySet":
        """New districts: whoever started them, and any operator without a unit. Changes: the district's administrator."""
        if not user.is_authenticated:
            return self.none()
        seen = Q(pk__in=[])
        if is_operator(user):
            seen |= Q(kind="new") if user.unit_id is None else Q(kind="new", owner=user)
        if user.unit_id is not None and is_own_admin(user, user.unit.district_id):
            seen |= Q(kind="change", district=user.unit.district_id)
        return self.filter(seen)
