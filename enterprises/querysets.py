"""Who may see which firms and projects, and which uploads of rosters."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.models import Region
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

    def kept_by(self, unit) -> "RosterQuerySet":
        """What a unit's half-yearly version covers: a township's or park's region, else a department's trade."""
        if unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}:
            return self.filter(scope(unit.region))
        return self.filter(competent_unit=unit.pk)

    def unmerged(self) -> "RosterQuerySet":
        """Without the firms that turned out to be another one; projects are not merged."""
        fields = {field.name for field in self.model._meta.concrete_fields}
        return self.filter(merged_into__isnull=True) if "merged_into" in fields else self

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


class OfAnEntry(models.QuerySet):
    """What hangs on an entry of the roster is visible with it."""

    def visible_to(self, user):
        fields = {field.name: field for field in self.model._meta.get_fields()}
        about = Q(pk__in=[])
        for name in {"enterprise", "project"} & set(fields):
            entries = fields[name].related_model.objects.visible_to(user)
            about |= Q(**{f"{name}__in": entries.order_by().values("pk")})
        return self.filter(about)


class RosterChangeQuerySet(OfAnEntry):
    pass


class YearlyFactsQuerySet(OfAnEntry):
    pass


class ChangeReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ChangeReportQuerySet":
        """The bureau sees the district's; everybody else what they reported themselves, or what is theirs to keep."""
        if user.unit_id is None:
            return self.none()
        return self.filter(own_region(user, "region") | Q(reported_by=user.pk))

    def open(self) -> "ChangeReportQuerySet":
        return self.filter(state=self.model.State.OPEN)
