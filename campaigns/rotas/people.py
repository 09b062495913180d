"""Who may do what with rotas, sittings and the records of windows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accounts.models import Official, Post, Role, Unit, User
from accounts.selectors import unit_of
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.querysets import DISTRICT_WIDE

if TYPE_CHECKING:
    from campaigns.models import Duty

DESK = (Role.LIAISON, Role.UNIT_LEADER)


def rules_in_force(user: User) -> Rules | None:
    return DistrictProfile.objects.in_force(user.unit.district).rules if user.unit else None


def hall_code(rules: Rules) -> str:
    return rules.rotas.hall or rules.lead_bureau


def hall_of(district: Region, rules: Rules) -> Unit:
    """The unit that runs the service hall."""
    return unit_of(district, hall_code(rules))


def runs_hall(user: User, rules: Rules) -> bool:
    """Plans the hall's rotas and announces sittings: its liaison and leaders, and the bureau's dispatcher."""
    if user.unit is None or user.unit.district.code != rules.code:
        return False
    return user.has_role(Role.DISPATCHER) or (user.unit.code == hall_code(rules) and user.has_role(*DESK))


def units_acted_for(user: User) -> QuerySet[Unit]:
    """In whose name liaisons and leaders act: the own unit and those below; the dispatcher for all."""
    if user.unit is None:
        return Unit.objects.none()
    units = Unit.objects.of_district(user.unit.district).active()
    if user.has_role(Role.DISPATCHER):
        return units
    if not user.has_role(*DESK):
        return Unit.objects.none()
    return units.filter(Q(pk=user.unit_id) | Q(parent=user.unit_id))


def acts_for(user: User, unit: Unit) -> bool:
    if user.unit is None or user.unit.district_id != unit.district_id:
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    return user.has_role(*DESK) and user.unit_id in {unit.pk, unit.parent_id}


def oversees(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*DISTRICT_WIDE)


def units_named(district: Region, kinds: tuple[str, ...], codes: tuple[str, ...]) -> QuerySet[Unit]:
    """The active units of these kinds or with these codes; nobody where neither is given."""
    return Unit.objects.of_district(district).active().filter(Q(kind__in=kinds) | Q(code__in=codes))


def post_for(official: Official, unit: Unit, day: date) -> Post | None:
    """The official's post on a day in this unit, the one above it or one below: whoever sits there for the unit."""
    held = [
        post
        for post in official.posts.all()
        if post.started <= day
        and (post.ended is None or post.ended > day)
        and (post.unit_id in {unit.pk, unit.parent_id} or post.unit.parent_id == unit.pk)
    ]
    return min(held, key=lambda post: (post.unit_id != unit.pk, post.order, post.pk), default=None)


def is_gone(duty: Duty) -> bool:
    """Whoever was to sit there has left office, or the unit, since: somebody else has to be named."""
    if duty.substitute:
        return duty.substitute.post_on(duty.day) is None
    return duty.official is not None and post_for(duty.official, duty.unit, duty.day) is None


def post_in(official: Official, unit: Unit, day=None) -> Post | None:
    """The official's post in this unit on a day."""
    held = Post.objects.held_on(day or clock.today()).filter(official=official, unit=unit)
    return held.order_by("order", "pk").first()
