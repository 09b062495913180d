"""Who sees what a unit did or owes: the unit, whoever oversees its region, and the unit that runs the matter."""

from django.db import models
from django.db.models import Q

from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE, own_region


class OfAUnit(models.QuerySet):
    """District-wide roles see their district's; everybody else what is of the own unit or a unit below it."""

    def visible_to(self, user):
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "district"))
        return self.filter(Q(unit=user.unit_id) | Q(unit__parent=user.unit_id))


class OfTheDistrict(models.QuerySet):
    """Open to everybody who works in the district."""

    def visible_to(self, user):
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()
