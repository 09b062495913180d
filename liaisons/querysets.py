"""Who may see which assignments, visits and opinions."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, NullIf

from accounts.models import Official, Post, Role
from core import clock
from core.search import SearchQuerySet
from districts.models import Region
from districts.querysets import scope
from districts.rotas import MAIN
from enterprises.querysets import DISTRICT_WIDE, OfAnEntry, own_region

# So long after an event appeals are still registered as having come in there.
APPEALS_FOR = timedelta(days=30)


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

    def of_other_kinds(self) -> "AssignmentQuerySet":
        """警企包保 and whatever else the profile knows beside 包保联系."""
        return self.exclude(kind=MAIN)

    def held_by(self, official_id: int) -> "AssignmentQuerySet":
        return self.filter(official_id=official_id)


def all_assignments() -> AssignmentQuerySet:
    """The model is defined on top of this module, so it is reached through the relation."""
    return Official._meta.get_field("assignments").related_model.objects.order_by()


def _of_entries(assignments: AssignmentQuerySet) -> Q:
    """About the firms and projects of these assignments."""
    return Q(enterprise__in=assignments.filter(enterprise__isnull=False).values("enterprise")) | Q(
        project__in=assignments.filter(project__isnull=False).values("project")
    )


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


class OpinionQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "OpinionQuerySet":
        """What the own unit or its window heard, and what is the unit's to answer.

        Also whoever recorded it, took part in the visit, or was on duty at the event, and the event's units.
        """
        visible = reported_or_near(user, "unit_id")
        if user.unit_id:
            visible |= Q(passed_to=user.unit_id) | Q(unit__parent=user.unit_id) | Q(recorded_by=user.pk)
            visible |= Q(event__organiser=user.unit_id)
            visible |= Q(pk__in=self._where(event__units=user.unit_id))
        if user.official_id:
            visible |= Q(pk__in=self._where(visit__participants__official=user.official_id))
            visible |= Q(pk__in=self._where(event__duties__official=user.official_id))
        return self.filter(visible)

    def _where(self, **taken_part) -> "models.QuerySet":
        """Of opinions with many people around them, the ids: a join would repeat the rows."""
        return self.model.objects.filter(**taken_part).order_by().values("pk")

    def to_answer(self, unit) -> "OpinionQuerySet":
        """What waits for this unit's answer: passed to it, or heard by it or its window and passed to nobody."""
        heard = Q(unit=unit) | Q(unit__parent=unit)
        return self.filter(Q(passed_to=unit) | Q(heard, passed_to__isnull=True), answered_at__isnull=True)


class HandoverQuerySet(models.QuerySet):
    def visible_to(self, user) -> "HandoverQuerySet":
        """District-wide roles see the district's; liaisons and leaders their unit's; everybody their own."""
        if user.unit_id is None:
            return self.none()
        visible = Q(pk__in=[])
        if user.has_role(*DISTRICT_WIDE):
            visible |= scope(user.unit.widest_region, "district")
        if user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            visible |= Q(unit=user.unit_id) | Q(assignments__unit=user.unit_id)
        if user.official_id:
            visible |= Q(official=user.official_id) | Q(assignments__official=user.official_id)
        return self.filter(pk__in=self.model.objects.filter(visible).order_by().values("pk"))


class OfAVisit(models.QuerySet):
    def visible_to(self, user) -> "OfAVisit":
        """Pictures are visible with the visit."""
        visits = self.model._meta.get_field("visit").related_model.objects.visible_to(user)
        return self.filter(visit__in=visits.order_by().values("pk"))


class VisitPlanQuerySet(models.QuerySet):
    def visible_to(self, user) -> "VisitPlanQuerySet":
        visible = reported_or_near(user, "unit_id")
        if user.official_id:
            visible |= Q(official_id=user.official_id)
        return self.filter(visible)

    def open(self) -> "VisitPlanQuerySet":
        return self.filter(visit__isnull=True, dropped_at__isnull=True)


class VisitRequestQuerySet(OfAnEntry):
    """Visible with the firm, and to the unit whose cadre looks after it."""

    def visible_to(self, user) -> "VisitRequestQuerySet":
        with_firm = super().visible_to(user)
        if user.unit_id is None or not user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            return with_firm
        ours = all_assignments().in_force().filter(unit=user.unit_id)
        return with_firm | self.filter(_of_entries(ours))

    def open(self) -> "VisitRequestQuerySet":
        return self.filter(state=self.model.State.OPEN)


class EventQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "EventQuerySet":
        """The district's events are known to everybody who works there; they are announced anyway."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()

    def public(self) -> "EventQuerySet":
        """What the public may know of: announced, held, or cancelled after it was announced."""
        return self.filter(announced_at__isnull=False)

    def next_announced(self):
        """What the public can come to next."""
        coming = self.filter(state=self.model.State.ANNOUNCED, ends_at__gte=clock.now())
        return coming.order_by("starts_at", "pk").first()

    def unrecorded(self) -> "EventQuerySet":
        """Over, and nobody has said what came of it."""
        open_states = [self.model.State.PLANNED, self.model.State.ANNOUNCED]
        return self.filter(state__in=open_states, ends_at__lt=clock.now())

    def taking_appeals(self) -> "EventQuerySet":
        """At which an appeal that is registered now can have been handed in."""
        now = clock.now()
        begun = self.filter(starts_at__lte=now, starts_at__gt=now - APPEALS_FOR)
        return begun.exclude(state=self.model.State.CANCELLED)

    def coming_first(self) -> "EventQuerySet":
        """What is still to come in its order, then what is over, the latest first."""
        coming = models.Case(models.When(ends_at__gte=clock.now(), then="starts_at"))
        return self.alias(coming=coming).order_by(
            models.F("coming").asc(nulls_last=True), "-starts_at", "-pk"
        )


class OfAnEvent(models.QuerySet):
    def visible_to(self, user) -> "OfAnEvent":
        """Duties, attendances and tasks are visible with their event."""
        events = self.model._meta.get_field("event").related_model.objects.visible_to(user)
        return self.filter(event__in=events.order_by().values("pk"))


class EventTaskQuerySet(OfAnEvent):
    def open(self) -> "EventTaskQuerySet":
        return self.filter(done_at__isnull=True)

    def overdue(self) -> "EventTaskQuerySet":
        return self.open().filter(due__lt=clock.today())

    def in_order(self) -> "EventTaskQuerySet":
        """Open ones first, the most urgent on top; then those done, the latest first."""
        waiting = models.Case(models.When(done_at__isnull=True, then="due"))
        return self.alias(waiting=waiting).order_by(
            models.F("waiting").asc(nulls_last=True), "-done_at", "pk"
        )


class PlaqueQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PlaqueQuerySet":
        """Plaques of the own region, of the firms one looks after, with one's name, or of one's unit's cadres."""
        if user.unit_id is None:
            return self.none()
        visible = own_region(user, "region")
        if user.official_id:
            mine = all_assignments().in_force().held_by(user.official_id)
            visible |= Q(official_id=user.official_id) | _of_entries(mine)
        if user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            colleagues = Post.objects.held_on(clock.today()).filter(unit=user.unit_id)
            visible |= Q(official__in=colleagues.order_by().values("official"))
        return self.filter(visible)

    def in_force(self) -> "PlaqueQuerySet":
        return self.filter(state__in=self.model.IN_FORCE)

    def with_reasons(self) -> "PlaqueQuerySet":
        """Each knows what on it is no longer true today: see ``Plaque.reasons``."""
        posts = Post.objects.held_on(clock.today()).filter(official=OuterRef("official"))
        main = posts.order_by("order", "pk")
        leads = (
            all_assignments()
            .in_force()
            .filter(part="lead")
            .filter(
                Q(enterprise__isnull=False, enterprise=OuterRef("enterprise"))
                | Q(project__isnull=False, project=OuterRef("project"))
            )
        )
        phones = (
            "official__office_phone",
            "official__phone",
            Subquery(main.values("unit__public_phone")[:1]),
        )
        now = {
            "subject": Coalesce("enterprise__name", "project__name"),
            "name": F("official__name"),
            "unit": Subquery(main.values("unit__name")[:1]),
            "post": Subquery(main.values("title")[:1]),
            "phone": Coalesce(*(NullIf(phone, Value("")) for phone in phones)),
        }

        def words(value: Any) -> Coalesce:
            return Coalesce(value, Value(""), output_field=models.TextField())

        stands = {f"stands_{name}": words(KT(f"text__{name}")) for name in now}
        is_now = {f"now_{name}": words(value) for name, value in now.items()}

        def flag(condition: Q) -> Case:
            return Case(When(condition, then=Value(True)), default=Value(False))

        differs = {name: ~Q(**{f"stands_{name}": F(f"now_{name}")}) for name in now}
        found = self.alias(**stands, **is_now, led_by_it=Exists(leads.filter(official=OuterRef("official"))))
        return found.annotate(
            has_left=flag(Q(enterprise__active=False) | Q(project__active=False)),
            has_no_lead=~Exists(leads),
            has_other_lead=flag(Q(led_by_it=False)),
            has_other_subject=flag(differs["subject"]),
            has_other_name=flag(differs["name"]),
            has_other_post=flag(differs["unit"] | differs["post"]),
            has_other_phone=flag(differs["phone"]),
        )

    def to_replace(self) -> "PlaqueQuerySet":
        """In force, but what stands on it is no longer true, or the firm left the roster."""
        untrue = Q(has_left=True) | Q(has_other_lead=True) | Q(has_other_subject=True)
        untrue |= Q(has_other_name=True) | Q(has_other_post=True) | Q(has_other_phone=True)
        return self.with_reasons().in_force().filter(untrue)

    def of_handover(self, handover: int) -> "PlaqueQuerySet":
        """The plaques of the firms that were handed over in it."""
        return self.filter(_of_entries(all_assignments().filter(ended_by_handover=handover)))


class OfficerQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OfficerQuerySet":
        """The district's address book is open to everybody who works there."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()

    def in_force(self, day: date | None = None) -> "OfficerQuerySet":
        day = day or clock.today()
        return self.filter(started__lte=day).filter(Q(ended__isnull=True) | Q(ended__gt=day))
