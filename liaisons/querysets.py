"""Who may see which assignments, visits and opinions."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.models import Region
from enterprises.querysets import DISTRICT_WIDE, own_region


def reported_or_near(user, unit_field: str) -> Q:
    """What the user's unit reported; for district-wide roles and territorial units also their region."""
    if user.unit_id is None:
        return Q(pk__in=[])
    own = Q(**{unit_field: user.unit_id})
    territorial = user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}
    if user.has_role(*DISTRICT_WIDE) or (territorial and user.has_role(Role.LIAISON, Role.UNIT_LEADER)):
        own |= own_region(user, "region")
    return own


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AssignmentQuerySet":
        visible = reported_or_near(user, "unit_id")
        if user.official_id:
            visible |= Q(official_id=user.official_id)
        return self.filter(visible)

    def in_force(self, day: date | None = None) -> "AssignmentQuerySet":
        """Assignments that hold on ``day`` (default: today); the last day is not included."""
        day = day or clock.today()
        return self.filter(started__lte=day).filter(Q(ended__isnull=True) | Q(ended__gt=day))

    def held_by(self, official_id: int) -> "AssignmentQuerySet":
        return self.filter(official_id=official_id)


class VisitQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "VisitQuerySet":
        """Also what the user took part in or recorded, for whichever unit it was reported."""
        visible = reported_or_near(user, "reporting_unit_id")
        if user.unit_id:
            visible |= Q(recorded_by=user.pk)
        if user.official_id:
            taken_part = self.model.objects.filter(participants__official=user.official_id)
            visible |= Q(pk__in=taken_part.values("pk"))
        return self.filter(visible)


class ParticipantQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ParticipantQuerySet":
        """Who took part is visible with the visit."""
        visits = self.model._meta.get_field("visit").related_model.objects.visible_to(user)
        return self.filter(visit__in=visits.values("pk"))


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OpinionQuerySet":
        visible = reported_or_near(user, "unit_id")
        if user.unit_id:
            visible |= Q(passed_to_id=user.unit_id)
        return self.filter(visible)
