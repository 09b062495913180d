"""Who may see which appeals, and the questions that queues and ticks ask."""

from datetime import date, datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Role
from core import clock
from core.search import SearchQuerySet
from districts.models import Region
from districts.rotas import MAIN
from enterprises.querysets import DISTRICT_WIDE, own_region

# Whoever works for a unit on what it was given to solve.
UNIT_ROLES = (Role.LIAISON, Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER)


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
        # Whoever handles the main appeal asks the firms of those merged into it.
        visible = Exists(participation) | Q(registered_by=user.pk) | Q(merged_into__lead_unit=user.unit_id)
        territorial = user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}
        if territorial and user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            visible |= own_region(user, "region")
        if user.official_id and user.has_role(Role.CADRE):
            today = clock.today()
            running = Q(assignments__ended__isnull=True) | Q(assignments__ended__gt=today)
            for field in ("enterprise", "project"):
                roster = self.model._meta.get_field(field).related_model
                # 包保联系 alone: who guards a firm (警企包保) does not read what it asks of others.
                mine = roster.objects.filter(
                    running, assignments__official=user.official_id, assignments__kind=MAIN
                )
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


class BacklogQuerySet(SearchQuerySet):
    """存量问题: whose they are, what is open, what is due."""

    def visible_to(self, user) -> "BacklogQuerySet":
        """The district's for those who watch it; a unit's own; a township's or park's also those of its territory.

        Cadres, windows and an administrator without another role have no part in the list.
        """
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(own_region(user, "region"))
        if not user.has_role(*UNIT_ROLES):
            return self.none()
        visible = Q(unit=user.unit_id) | self._assisted_by(user.unit_id)
        if user.unit.region.level in {Region.Level.TOWNSHIP, Region.Level.PARK}:
            visible |= own_region(user, "region")
        return self.filter(visible)

    def _assisted_by(self, unit_id: int) -> Q:
        # Not a join: an item would stand on the list once for every assisting unit.
        assisting = self.model._meta.get_field("assisting").remote_field.through
        return Q(Exists(assisting.objects.filter(backlogitem=OuterRef("pk"), unit=unit_id)))

    def of_unit(self, unit_id: int) -> "BacklogQuerySet":
        """Those the unit leads or assists with."""
        return self.filter(Q(unit=unit_id) | self._assisted_by(unit_id))

    def open(self) -> "BacklogQuerySet":
        return self.filter(state=self.model.State.OPEN)

    def with_unit(self) -> "BacklogQuerySet":
        """Open, and the unit has not yet said that it is solved."""
        return self.open().filter(reported_at__isnull=True)

    def to_confirm(self) -> "BacklogQuerySet":
        return self.open().filter(reported_at__isnull=False)

    def overdue(self) -> "BacklogQuerySet":
        return self.with_unit().filter(due_on__lt=clock.today())

    def on_desk_of(self, user, until: date) -> "BacklogQuerySet":
        """What the user has to see to: the bureau, what is overdue or reported; a unit, its own due ``until``."""
        if user.unit_id is None:
            return self.none()
        wanted = Q(pk__in=[])
        if user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
            wanted |= Q(reported_at__isnull=False) | Q(due_on__lt=clock.today())
        if user.has_role(*UNIT_ROLES, Role.DISPATCHER, Role.BUREAU_LEADER):
            own = Q(unit=user.unit_id) | self._assisted_by(user.unit_id)
            wanted |= own & Q(reported_at__isnull=True, due_on__lte=until)
        return self.visible_to(user).open().filter(wanted).order_by("due_on", "pk")


class BacklogEventQuerySet(AppendOnly):
    def visible_to(self, user) -> "BacklogEventQuerySet":
        items = self.model._meta.get_field("item").related_model.objects.visible_to(user)
        return self.filter(item__in=items.order_by().values("pk"))

    def counted(self) -> "BacklogEventQuerySet":
        """Those that change how many are not solved, or in which class."""
        return self.exclude(from_class=F("to_class"))


class OwnQuerySet(models.QuerySet):
    """Rows that are one user's own business."""

    def visible_to(self, user) -> "OwnQuerySet":
        return self.filter(user=user.pk)


class PhraseQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PhraseQuerySet":
        """Those of the district, and the own unit's."""
        if user.unit_id is None:
            return self.none()
        return self.filter(Q(unit__isnull=True) | Q(unit=user.unit_id), district=user.unit.district_id)

    def in_use(self) -> "PhraseQuerySet":
        return self.filter(active=True)
