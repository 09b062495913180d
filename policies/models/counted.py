"""Whose work a record is: the unit's that did it, in a region."""

from django.db import models
from django.db.models import Q

from enterprises.querysets import own_region


class CountedForAUnit(models.QuerySet):
    """Things a unit did for firms of a region: seen by the unit, and by whoever oversees the region."""

    def visible_to(self, user):
        if user.unit_id is None:
            return self.none()
        return self.filter(own_region(user, "region") | Q(unit_id=user.unit_id))
