"""Who may see which firms and projects, and which uploads of rosters."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.querysets import scope

# These look after the whole district; the others see their own region.
DISTRICT_WIDE = (Role.DISPATCHER, Role.BUREAU_LEADER, Role.DISTRICT_LEADER, Role.SUPERVISOR)


def own_region(user, field: str) -> Q:
    """The subtree a user's work covers: the district for district-wide roles, else the unit's region."""
    if user.unit_id is None:
        return Q(pk__in=[])
    region = user.unit.widest_region if user.has_role(*DISTRICT_WIDE) else user.unit.region
    return scope(region, field)


class RosterQuerySet(SearchQuerySet):
    """Enterprises and projects: what lies in the user's region, plus what the user is assigned to."""

    def visible_to(self, user) -> "RosterQuerySet":
        visible = own_region(user, "region")
        if user.unit_id and user.official_id:
            mine = self.model.objects.filter(
                Q(assignments__ended__isnull=True) | Q(assignments__ended__gt=clock.today()),
                assignments__official=user.official_id,
            )
            visible |= Q(pk__in=mine.values("pk"))
        return self.filter(visible)

    def active(self) -> "RosterQuerySet":
        return self.filter(active=True)

    def covered(self, day: date | None = None) -> "RosterQuerySet":
        """Somebody is assigned to it on ``day`` (default: today)."""
        return self.filter(self._assigned(day))

    def uncovered(self, day: date | None = None) -> "RosterQuerySet":
        """The gaps in 包保联系全覆盖."""
        return self.filter(~self._assigned(day))

    def _assigned(self, day: date | None) -> Exists:
        # Assignments belong to the room above this one, so they are reached through the relation.
        relation = self.model._meta.get_field("assignments")
        in_force = relation.related_model.objects.in_force(day)
        return Exists(in_force.filter(**{relation.field.name: OuterRef("pk")}))


class RosterImportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RosterImportQuerySet":
        """What the own unit uploaded; dispatchers see every upload of their district."""
        if user.unit_id is None:
            return self.none()
        visible = Q(uploaded_by__unit=user.unit_id)
        if user.has_role(Role.DISPATCHER):
            visible |= scope(user.unit.widest_region, "district")
        return self.filter(visible)


class RosterRowQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RosterRowQuerySet":
        """Rows are visible with their upload."""
        imports = self.model._meta.get_field("roster_import").related_model.objects.visible_to(user)
        return self.filter(roster_import__in=imports)

    def good(self) -> "RosterRowQuerySet":
        """What goes into the roster once somebody has confirmed it."""
        return self.filter(outcome__in=[self.model.Outcome.NEW, self.model.Outcome.CHANGED])
