"""Who may see which openings, seekers, financing needs and lists.

Openings are meant to be known and are seen by everybody who works in the district. A seeker's data is for the unit
that leads the list, the lead bureau's dispatcher, and the unit that recorded it; overseers see figures. A financing
need is a firm's business: for the unit that leads the rounds, the overseers, the unit and township that collected it,
and the bank it was handed to.
"""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.models import DistrictProfile, Region
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE, own_region

DESK = (Role.LIAISON, Role.UNIT_LEADER)
SOON = timedelta(days=3)


def _in_district(user: Any, field: str = "district") -> Q:
    return scope(user.unit.widest_region, field) if user.unit_id else Q(pk__in=[])


def leads(user: Any, which: str) -> bool:
    """Is the user of the unit that leads the list (``jobs_unit``, ``finance_unit``), or the bureau's dispatcher?"""
    if user.unit_id is None:
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    if not user.has_role(*DESK, Role.BUREAU_LEADER) or not user.unit.district_id:
        return False
    try:
        rules = DistrictProfile.objects.in_force(user.unit.district).rules
    except DistrictProfile.DoesNotExist:
        return False
    return user.unit.code == getattr(rules, which)


def _of_own_unit(user: Any) -> Q:
    """What the desk of the own unit, or of the unit of the township, has to keep."""
    if user.unit_id is None or not user.has_role(*DESK):
        return Q(pk__in=[])
    own = Q(unit=user.unit_id) | Q(unit__parent=user.unit_id)
    if user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}:
        own |= own_region(user, "region")
    return own


class OpeningQuerySet(SearchQuerySet):
    def visible_to(self, user: Any) -> "OpeningQuerySet":
        return self.filter(_in_district(user))

    def current(self, day: date | None = None) -> "OpeningQuerySet":
        """Still looking for people."""
        day = day or clock.today()
        return self.filter(state__in=self.model.CURRENT, valid_until__gte=day)


class SeekerQuerySet(SearchQuerySet):
    def visible_to(self, user: Any) -> "SeekerQuerySet":
        if user.unit_id is None:
            return self.none()
        if leads(user, "jobs_unit"):
            return self.filter(_in_district(user))
        return self.filter(_of_own_unit(user))

    def looking(self, day: date | None = None) -> "SeekerQuerySet":
        """Who still looks for work, and whose consent still holds."""
        day = day or clock.today()
        return self.filter(state=self.model.State.LOOKING, erased_at__isnull=True, keep_until__gte=day)

    def to_erase(self, day: date | None = None) -> "SeekerQuerySet":
        """Whose data may no longer be kept."""
        return self.filter(erased_at__isnull=True, keep_until__lt=day or clock.today())


class OfAnOpening(models.QuerySet):
    def visible_to(self, user: Any) -> "OfAnOpening":
        openings = self.model._meta.get_field("opening").related_model.objects.visible_to(user)
        return self.filter(opening__in=openings.order_by().values("pk"))

    def standing(self) -> "OfAnOpening":
        return self.filter(cancelled_at__isnull=True)


class RecommendationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "RecommendationQuerySet":
        """Who was put forward is seen by whoever may see the seeker."""
        seekers = self.model._meta.get_field("seeker").related_model.objects.visible_to(user)
        return self.filter(seeker__in=seekers.order_by().values("pk"))

    def running(self) -> "RecommendationQuerySet":
        return self.filter(state__in=self.model.RUNNING)


class ConfirmationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ConfirmationQuerySet":
        return self.filter(_in_district(user, "unit__district"))


class PublishedNeedsQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "PublishedNeedsQuerySet":
        return self.filter(_in_district(user))

    def public(self) -> "PublishedNeedsQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class RoundQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "RoundQuerySet":
        """The district's rounds are known to everybody who works there; the needs in them are not."""
        return self.filter(_in_district(user))


class FinancingNeedQuerySet(SearchQuerySet):
    def visible_to(self, user: Any) -> "FinancingNeedQuerySet":
        if user.unit_id is None:
            return self.none()
        found = self.collected_by(user)
        if user.has_role(*DESK):
            # A bank sees what was handed to it.
            handed = self.model.objects.filter(dispatches__unit=user.unit_id).order_by().values("pk")
            found |= self.filter(pk__in=handed)
        return found

    def collected_by(self, user: Any) -> "FinancingNeedQuerySet":
        """Seen on the side of the government, with the answers of all banks."""
        if user.has_role(*DISTRICT_WIDE) or leads(user, "finance_unit"):
            return self.filter(_in_district(user))
        return self.filter(_of_own_unit(user))

    def running(self) -> "FinancingNeedQuerySet":
        return self.filter(state__in=self.model.RUNNING)


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "EntryQuerySet":
        needs = self.model._meta.get_field("need").related_model.objects.visible_to(user)
        return self.filter(need__in=needs.order_by().values("pk"))


class DispatchQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "DispatchQuerySet":
        """A bank sees what it was handed itself, and not what the others answered."""
        if user.unit_id is None:
            return self.none()
        needs = self.model._meta.get_field("need").related_model.objects.collected_by(user)
        visible = Q(need__in=needs.order_by().values("pk"))
        if user.has_role(*DESK):
            visible |= Q(unit=user.unit_id)
        return self.filter(visible)

    def waiting(self) -> "DispatchQuerySet":
        return self.filter(answer="")

    def answer_soon(self) -> "DispatchQuerySet":
        """Waiting for an answer that is due within three days, or was."""
        needs = self.model._meta.get_field("need").related_model
        soon = clock.today() + SOON
        return self.waiting().filter(due__lte=soon, need__state__in=needs.RUNNING)
