"""Who may see which appeals, and the questions that queues and ticks ask."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.models import Region
from enterprises.querysets import DISTRICT_WIDE, own_region


class AppealQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "AppealQuerySet":
        """What lies in the user's region, narrowed by role, plus what the user's unit takes part in.

        District-wide roles see the district. A township's or park's liaison and leader see their territory.
        Everybody else sees what their unit collected or handles, and a cadre the firms assigned to them.
        An administrator who holds no other role sees no appeal.
        """
        if user.unit_id is None or not user.roles - {Role.ADMIN}:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "region"))
        own = Q(unit=user.unit_id)
        if user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            own |= Q(unit__parent=user.unit_id)  # a unit answers for its windows
        participation = self.model._meta.get_field("participations").related_model.objects.filter(
            own, appeal=OuterRef("pk")
        )
        visible = Exists(participation) | Q(registered_by=user.pk)
        territorial = user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}
        if territorial and user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            visible |= own_region(user, "region")
        if user.official_id and user.has_role(Role.CADRE):
            today = clock.today()
            running = Q(assignments__ended__isnull=True) | Q(assignments__ended__gt=today)
            for field in ("enterprise", "project"):
                roster = self.model._meta.get_field(field).related_model
                mine = roster.objects.filter(running, assignments__official=user.official_id)
                visible |= Q(**{f"{field}__in": mine.values("pk")})
        return self.filter(visible)

    def update(self, **values):
        """The one door: a status changes in ``appeals.perform`` alone, with its event."""
        if "status" in values:
            raise TypeError("A status is changed by appeals.perform.perform only.")
        return super().update(**values)

    def open(self) -> "AppealQuerySet":
        return self.exclude(status__in=self.model.FINAL)


def in_colour(colour: str, now: datetime) -> Q:
    """Of the clocks that run and do not stand: ``Deadline.colour`` as a condition of a query."""
    late, behind, near = Q(due_at__lt=now), Q(behind_since__isnull=False), Q(blue_at__lte=now)
    return {
        "red": late,
        "yellow": ~late & behind,
        "blue": ~late & ~behind & near,
        "green": ~late & ~behind & ~near,
    }[colour]


class DeadlineQuerySet(models.QuerySet):
    def visible_to(self, user) -> "DeadlineQuerySet":
        return self.filter(
            appeal__in=self.model._meta.get_field("appeal").related_model.objects.visible_to(user)
        )

    def running(self) -> "DeadlineQuerySet":
        """Started and neither met nor void; paused ones included."""
        return self.filter(verdict="")

    def owned_by(self, unit) -> "DeadlineQuerySet":
        return self.filter(owner=unit)

    def overdue(self, now: datetime | None = None) -> "DeadlineQuerySet":
        return self.running().filter(paused_at__isnull=True, due_at__lt=now or clock.now())

    def to_remind(self, now: datetime) -> "DeadlineQuerySet":
        return self.running().filter(paused_at__isnull=True, remind_at__lte=now)


class OfVisibleAppeals(models.QuerySet):
    """Rows that belong to an appeal are visible with it."""

    def visible_to(self, user) -> "OfVisibleAppeals":
        appeals = self.model._meta.get_field("appeal").related_model.objects.visible_to(user)
        return self.filter(appeal__in=appeals)


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LetterQuerySet":
        """Those who watch the district see every letter; a unit those sent to it."""
        if user.unit_id is None or not user.roles - {Role.ADMIN}:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "district"))
        return self.to_unit(user.unit_id)

    def to_unit(self, unit) -> "LetterQuerySet":
        """Those that were sent to a unit, answered or not."""
        return self.filter(unit=unit).exclude(state__in=["draft", "set_aside"])

    def drafts(self) -> "LetterQuerySet":
        return self.filter(state="draft")

    def waiting(self) -> "LetterQuerySet":
        """Sent and not answered yet."""
        return self.filter(state="sent")


class ListedQuerySet(OfVisibleAppeals):
    def in_force(self) -> "ListedQuerySet":
        return self.filter(delisted_at__isnull=True)


class AppendOnly(OfVisibleAppeals):
    """Rows that are written once."""

    def update(self, **kwargs):
        raise TypeError("These rows are append-only.")

    def delete(self):
        raise TypeError("These rows are append-only.")
