"""Who may see which units and officials."""

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.search import SearchQuerySet
from districts.querysets import scope


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user) -> "UnitQuerySet":
        """Every official may know the units of the own district; a higher region sees those below."""
        if user.unit_id is None:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "region"))

    def active(self) -> "UnitQuerySet":
        return self.filter(active=True)

    def of_district(self, district) -> "UnitQuerySet":
        return self.filter(district=district)


class OfficialQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "OfficialQuerySet":
        if user.unit_id is None:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "district"))


class PostQuerySet(models.QuerySet):
    def held_on(self, day) -> "PostQuerySet":
        return self.filter(started__lte=day).filter(Q(ended__isnull=True) | Q(ended__gt=day))

    def current(self) -> "PostQuerySet":
        return self.held_on(timezone.localdate())

    def visible_to(self, user) -> "PostQuerySet":
        if user.unit_id is None:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "unit__region"))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user) -> "UserQuerySet":
        if user.unit_id is None:
            return self.none()
        return self.filter(scope(user.unit.widest_region, "unit__region"))

    def with_role(self, *roles: str) -> "UserQuerySet":
        return self.filter(is_active=True, grants__role__in=roles).distinct()


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    pass
