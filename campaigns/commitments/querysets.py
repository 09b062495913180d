"""Who may see which commitments, and the questions that lists and ticks ask."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Role
from appeals.querysets import UNIT_ROLES
from core import clock
from core.search import SearchQuerySet
from districts.models import DistrictProfile, Region
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE, own_region

BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)
MONEY = DecimalField(max_digits=12, decimal_places=2)


def keeps_the_list(user) -> bool:
    """Works for a unit that the profile lets keep the list or confirm (S1: 区政府办公室, 区司法局)."""
    if user.unit is None or not user.has_role(*UNIT_ROLES):
        return False
    return user.unit.code in DistrictProfile.objects.in_force(user.unit.district).rules.commitments.keepers


class CommitmentQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "CommitmentQuerySet":
        """The district's for those who watch it and for the units that keep the list; a unit's own.

        A township or park also sees what its firms were promised. Cadres, windows and an administrator without
        another role have no part in it; the public has a page of its own.
        """
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "region"))
        if not user.has_role(*UNIT_ROLES):
            return self.none()
        if keeps_the_list(user):
            return self.filter(scope(user.unit.district, "district"))
        visible = Q(unit=user.unit_id) | Q(debtor_unit=user.unit_id)
        if user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}:
            visible |= own_region(user, "region")
        return self.filter(visible)

    def with_money(self) -> "CommitmentQuerySet":
        """Each with ``paid`` and ``counted``: what was paid, and the whole that counts."""
        instalments = self.model._meta.get_field("instalments").related_model.objects
        rows = instalments.standing().filter(commitment=OuterRef("pk")).order_by()
        paid = rows.values("commitment").annotate(total=Sum("amount")).values("total")
        return self.annotate(
            paid=Coalesce(Subquery(paid), Value(Decimal(0)), output_field=MONEY),
            counted=Coalesce("acknowledged", "amount"),
        )

    def running(self) -> "CommitmentQuerySet":
        return self.filter(state__in=self.model.RUNNING)

    def with_unit(self) -> "CommitmentQuerySet":
        """Running, and the unit has not yet said that it is kept."""
        return self.running().filter(reported_at__isnull=True)

    def to_confirm(self) -> "CommitmentQuerySet":
        return self.running().filter(reported_at__isnull=False)

    def overdue(self, on: date | None = None) -> "CommitmentQuerySet":
        return self.with_unit().filter(due_on__lt=on or clock.today())

    def on_desk_of(self, user, until: date) -> "CommitmentQuerySet":
        """What the user has to see to: those who keep the list, what is overdue or reported; a unit, its own due."""
        if user.unit_id is None:
            return self.none()
        wanted = Q(pk__in=[])
        if user.has_role(*BUREAU) or keeps_the_list(user):
            wanted |= Q(reported_at__isnull=False) | Q(due_on__lt=clock.today())
        if user.has_role(*UNIT_ROLES, *BUREAU):
            wanted |= Q(unit=user.unit_id, reported_at__isnull=True, due_on__lte=until)
        return self.visible_to(user).running().filter(wanted).order_by("due_on", "pk")

    def debts(self) -> "CommitmentQuerySet":
        return self.filter(kind="debt")

    def public(self) -> "CommitmentQuerySet":
        """What anybody may read: promises that were approved for publication, nothing else."""
        return self.filter(kind="promise", published_at__isnull=False).exclude(state="withdrawn")


class OfCommitments(models.QuerySet):
    """Rows that belong to a commitment are visible with it."""

    def visible_to(self, user) -> "OfCommitments":
        commitments = self.model._meta.get_field("commitment").related_model.objects.visible_to(user)
        return self.filter(commitment__in=commitments.order_by().values("pk"))

    def standing(self) -> "OfCommitments":
        """Payments that were not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def counted(self) -> "OfCommitments":
        """Events that change how many are running."""
        return self.exclude(was_running=F("is_running"))
