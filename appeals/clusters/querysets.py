"""Who may see which kinds of problems and improvements, and the figures a list of them shows."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from accounts.models import Role
from appeals.querysets import UNIT_ROLES, AppendOnly
from core import clock
from districts.models import DistrictProfile
from enterprises.querysets import DISTRICT_WIDE, own_region
from liaisons.cadence import start_of


def own_categories(user) -> list[str]:
    """The categories of appeals that the profile says the user's unit usually leads."""
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    return [one.code for one in rules.categories if user.unit.code in one.units]


class ClusterQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClusterQuerySet":
        """The district's for those who watch it; a unit's: where it has a part, or which fall to it by category.

        How many appeals a cluster has is no secret to whoever sees it; the appeals themselves are shown by
        ``Appeal.objects.visible_to`` alone. Cadres and windows have no part in it.
        """
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "district"))
        if not user.has_role(*UNIT_ROLES):
            return self.none()
        members = self.model._meta.get_field("members").related_model.objects
        taking_part = members.filter(
            cluster=OuterRef("pk"), appeal__participations__unit=user.unit_id
        ).exclude(how="excluded")
        improvements = self.model._meta.get_field("improvements").related_model.objects
        taken_on = improvements.of_unit(user.unit_id).filter(cluster=OuterRef("pk"))
        mine = Exists(taking_part) | Exists(taken_on) | Q(category__in=own_categories(user))
        return self.filter(mine, district=user.unit.district_id)

    def active(self) -> "ClusterQuerySet":
        return self.filter(state="active")

    def with_figures(self, growth_days: int, today: date | None = None) -> "ClusterQuerySet":
        """``size``, ``open``, ``recent`` and ``before`` (the newest days, and as many before), ``first_at``, ``last_at``."""
        now = start_of((today or clock.today()) + timedelta(days=1))
        newest = now - timedelta(days=growth_days)
        older = newest - timedelta(days=growth_days)
        final = self.model._meta.get_field("members").related_model.FINAL
        inside = ~Q(members__how="excluded")
        submitted = "members__appeal__submitted_at"
        return self.annotate(
            size=Count("members", filter=inside),
            open=Count("members", filter=inside & ~Q(members__appeal__status__in=final)),
            recent=Count("members", filter=inside & Q(**{f"{submitted}__gte": newest})),
            before=Count(
                "members", filter=inside & Q(**{f"{submitted}__gte": older, f"{submitted}__lt": newest})
            ),
            first_at=Min(submitted, filter=inside),
            last_at=Max(submitted, filter=inside),
            growth=F("recent") - F("before"),
        )


class ClusterMemberQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClusterMemberQuerySet":
        """Those whose cluster and whose appeal the user may see."""
        clusters = self.model._meta.get_field("cluster").related_model.objects.visible_to(user)
        appeals = self.model._meta.get_field("appeal").related_model.objects.visible_to(user)
        return self.filter(cluster__in=clusters.order_by().values("pk"), appeal__in=appeals)

    def inside(self) -> "ClusterMemberQuerySet":
        return self.exclude(how="excluded")

    def examples(self) -> "ClusterMemberQuerySet":
        """What may be told of the kind, the most typical first: nothing that was merged or taken back since the sorting."""
        told = self.inside().exclude(appeal__status__in=self.model.NOT_SORTED)
        return told.order_by("-score", "pk")


class ClusterTopicQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClusterTopicQuerySet":
        clusters = self.model._meta.get_field("cluster").related_model.objects.visible_to(user)
        return self.filter(cluster__in=clusters.order_by().values("pk"))


class ImprovementQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ImprovementQuerySet":
        """The district's for those who watch it; a unit's own, and those of kinds of problems it sees."""
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "district"))
        if not user.has_role(*UNIT_ROLES):
            return self.none()
        clusters = self.model._meta.get_field("cluster").related_model.objects.visible_to(user)
        return self.filter(cluster__in=clusters.order_by().values("pk"))

    def of_unit(self, unit_id: int) -> "ImprovementQuerySet":
        """Those the unit leads or assists with."""
        # Not a join: an improvement would stand on the list once for every assisting unit.
        assisting = self.model._meta.get_field("assisting").remote_field.through
        helps = assisting.objects.filter(improvement=OuterRef("pk"), unit=unit_id)
        return self.filter(Q(unit=unit_id) | Exists(helps))

    def live(self) -> "ImprovementQuerySet":
        return self.filter(state__in=self.model.LIVE)

    def with_unit(self) -> "ImprovementQuerySet":
        return self.filter(state__in=self.model.WITH_UNIT)

    def overdue(self) -> "ImprovementQuerySet":
        return self.with_unit().filter(due_on__lt=clock.today())

    def on_desk_of(self, user, until: date) -> "ImprovementQuerySet":
        """What the user has to see to: the bureau, what is reported or overdue; a unit, its own due ``until``."""
        if user.unit_id is None:
            return self.none()
        wanted = Q(pk__in=[])
        if user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
            wanted |= Q(state="reported") | Q(state__in=self.model.WITH_UNIT, due_on__lt=clock.today())
        if user.has_role(*UNIT_ROLES, Role.DISPATCHER, Role.BUREAU_LEADER):
            own = self.model.objects.of_unit(user.unit_id).with_unit().filter(due_on__lte=until)
            wanted |= Q(pk__in=own.order_by().values("pk"))
        return self.visible_to(user).filter(wanted).order_by("due_on", "pk")


class ImprovementStepQuerySet(AppendOnly):
    def visible_to(self, user) -> "ImprovementStepQuerySet":
        improvements = self.model._meta.get_field("improvement").related_model.objects.visible_to(user)
        return self.filter(improvement__in=improvements.order_by().values("pk"))
