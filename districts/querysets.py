"""Questions to the region tree and to the versions of a district's profile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from .models import DistrictProfile, Region


def scope(region: Region | None, field: str = "region") -> Q:
    """What lies in the subtree of `region`, seen through the foreign key `field`.

    `field=""` asks the region table itself. Without a region nothing is in scope: a user whose unit
    has none must see nothing, not everything.
    """
    if region is None:
        return Q(pk__in=[])
    return Q(**{f"{field}__path__startswith" if field else "path__startswith": region.path})


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: Any) -> RegionQuerySet:
        """The map of the country is no secret: everybody reads it."""
        return self.all()

    def districts(self) -> RegionQuerySet:
        return self.filter(level=self.model.Level.DISTRICT)

    def at_work(self) -> RegionQuerySet:
        """The districts that have rules: those the portal works for."""
        return self.districts().filter(profiles__isnull=False).distinct()

    def real(self) -> RegionQuerySet:
        """Those at work in earnest: what is listed for everybody."""
        return self.at_work().filter(is_rehearsal=False)

    def subtree(self, region: Region) -> RegionQuerySet:
        """The region and everything below it."""
        return self.filter(scope(region, field=""))

    def ancestors(self, region: Region) -> RegionQuerySet:
        """From the root down to the region itself."""
        return self.filter(pk__in=region.path_ids).order_by("path")


class DistrictProfileQuerySet(models.QuerySet["DistrictProfile"]):
    def visible_to(self, user: Any) -> DistrictProfileQuerySet:
        """The rules a district works by are public."""
        return self.all()

    def update(self, **kwargs: Any) -> int:
        raise TypeError("A profile version is never edited; add a new one.")

    def in_force(self, district: Region, on: date | None = None) -> DistrictProfile:
        """The version that holds on a day (today unless told otherwise).

        A day before the first version is judged by the first one: cases older than the portal are
        imported and need some rules. Raises DoesNotExist for a district without any profile.
        """
        day = on or timezone.localdate()
        versions = self.filter(district=district).defer("data")
        found = versions.filter(effective_from__lte=day).order_by("-effective_from").first()
        found = found or versions.order_by("effective_from").first()
        if found is None:
            raise self.model.DoesNotExist(f"{district} 还没有载入区县配置。")
        return found


class CalendarQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> CalendarQuerySet:
        """The State Council's calendar is public."""
        return self.all()
