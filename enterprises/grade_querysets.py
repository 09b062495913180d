"""Who may see which grades and inspections; nobody else learns that there are any.

Entitled in the whole district: the organs that grade, the unit that gathers, the lead bureau (each at its desk, not
its cadres), 督查 and the district's leaders. For the firms of its own area: the township or park. For the firms they
look after: their cadres.
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import Role
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.querysets import scope

DESK = (
    Role.LIAISON, Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER, Role.DISPATCHER, Role.BUREAU_LEADER,
)  # fmt: skip
WATCHING = (Role.DISTRICT_LEADER, Role.SUPERVISOR)
TOWNSHIP_DESK = (Role.LIAISON, Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER)


def rules_for(user) -> Rules | None:
    """Of the district the user works in; None for an account without a unit or a district without rules."""
    if user.unit_id is None:
        return None
    try:
        return DistrictProfile.objects.in_force(user.unit.district, clock.today()).rules
    except DistrictProfile.DoesNotExist:
        return None


def reads_the_district(user, rules: Rules) -> bool:
    """Sees the grades of all firms of the own district."""
    if user.has_role(*WATCHING):
        return True
    grades = rules.grades
    units = {field.unit for field in grades.fields} | {grades.gathering_unit, rules.lead_bureau}
    return user.unit.code in units and user.has_role(*DESK)


def reads_an_area(user) -> bool:
    territorial = user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}
    return territorial and user.has_role(*TOWNSHIP_DESK)


def entitled(user, rules: Rules | None, to: str = "enterprise") -> Q:
    """The rows about firms whose grades the user may know; ``to`` is the path to the firm, "" for firms themselves."""
    if rules is None or not rules.grades.enabled:
        return Q(pk__in=[])
    at = f"{to}__" if to else ""
    district = Q(**{f"{at}district": user.unit.district_id})
    if reads_the_district(user, rules):
        return district
    found = Q(pk__in=[])
    if reads_an_area(user):
        found |= scope(user.unit.region, f"{at}region")
    if user.official_id and user.has_role(Role.CADRE):
        # Assignments belong to a room above, so they are reached through the relation.
        today = clock.today()
        running = Q(**{f"{at}assignments__ended__isnull": True}) | Q(**{f"{at}assignments__ended__gt": today})
        found |= running & Q(
            **{f"{at}assignments__official": user.official_id, f"{at}assignments__started__lte": today}
        )
    return district & found


class OfGradedFirms(models.QuerySet):
    """Rows about a firm, visible to whoever may know its grades."""

    firm = "enterprise"

    def visible_to(self, user) -> Any:
        visible = entitled(user, rules_for(user), self.firm)
        # By id: a firm has several cadres, and a join would repeat the row.
        return self.filter(pk__in=self.model._default_manager.filter(visible).order_by().values("pk"))


class GradeRecordQuerySet(OfGradedFirms):
    def visible_to(self, user) -> Any:
        """What is not in force is known to the organ that gave it alone."""
        seen = super().visible_to(user)
        return seen.filter(Q(state=self.model.State.IN_FORCE) | Q(unit=user.unit_id))

    def in_force(self) -> "GradeRecordQuerySet":
        return self.filter(state=self.model.State.IN_FORCE)

    def pending(self) -> "GradeRecordQuerySet":
        return self.filter(state=self.model.State.PENDING)

    def holding(self, day: date | None = None) -> "GradeRecordQuerySet":
        """What holds on a day: of each firm and field the record that took effect last."""
        day = day or clock.today()
        known = self.model._default_manager.in_force().filter(effective_from__lte=day)
        later = known.filter(enterprise=OuterRef("enterprise"), field=OuterRef("field")).filter(
            Q(effective_from__gt=OuterRef("effective_from"))
            | Q(effective_from=OuterRef("effective_from"), pk__gt=OuterRef("pk"))
        )
        return self.in_force().filter(~Exists(later), effective_from__lte=day)

    def grade_of(self, path: str, field: str, day: date | None = None) -> Subquery:
        """The grade that a firm, reached by ``path``, has in a field on a day; for annotations."""
        rows = self.in_force().filter(
            enterprise=OuterRef(path), field=field, effective_from__lte=day or clock.today()
        )
        return Subquery(rows.order_by("-effective_from", "-pk").values("grade")[:1])


class GradeDutyQuerySet(OfGradedFirms):
    def of_season(self, district, field: str, year: int) -> "GradeDutyQuerySet":
        return self.filter(district=district, field=field, year=year)


class GradeObjectionQuerySet(OfGradedFirms):
    firm = "record__enterprise"

    def open(self) -> "GradeObjectionQuerySet":
        return self.filter(ruled_at__isnull=True)


class SamplePointQuerySet(OfGradedFirms):
    def running(self) -> "SamplePointQuerySet":
        return self.filter(ended_at__isnull=True)


class GradeCriteriaQuerySet(models.QuerySet):
    def visible_to(self, user) -> "GradeCriteriaQuerySet":
        """Internal: whoever reads the grades of the whole district."""
        rules = rules_for(user)
        if rules is None or not rules.grades.enabled or not reads_the_district(user, rules):
            return self.none()
        return self.filter(district=user.unit.district_id)

    def newest(self) -> "GradeCriteriaQuerySet":
        later = self.model._default_manager.filter(
            district=OuterRef("district"), field=OuterRef("field"), year=OuterRef("year")
        )
        return self.filter(~Exists(later.filter(version__gt=OuterRef("version"))))


class InspectionQuerySet(OfGradedFirms):
    def standing(self) -> "InspectionQuerySet":
        return self.filter(cancelled_at__isnull=True)

    def by_unit(self, unit) -> "InspectionQuerySet":
        """Led by the unit, or joined by it."""
        joined = self.model.partners.through.objects.filter(inspection=OuterRef("pk"), unit=unit)
        return self.filter(Q(unit=unit) | Exists(joined))
