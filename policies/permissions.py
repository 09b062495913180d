"""Who keeps the policy library, records payments and news, and hands papers out."""

from django.db.models import QuerySet

from accounts.models import Role, Unit, User
from policies.models import Policy

KEEPING = (Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
"""The library, payments and news: each unit's own, by its liaison or leader; the dispatcher's are all units'."""
HANDING_OUT = (*KEEPING, Role.CADRE, Role.WINDOW)


def may_keep(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*KEEPING)


def may_hand_out(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*HANDING_OUT)


def units_of(user: User) -> QuerySet[Unit]:
    """The units in whose name the user records: the own one; for the dispatcher the district's."""
    if user.unit is None:
        return Unit.objects.none()
    if user.has_role(Role.DISPATCHER):
        return Unit.objects.of_district(user.unit.district).active()
    return Unit.objects.filter(pk=user.unit.pk)


def acts_for(user: User, unit: Unit) -> bool:
    """The same for one unit."""
    if user.unit is None:
        return False
    if user.has_role(Role.DISPATCHER):
        return unit.district_id == user.unit.district_id
    return unit.pk == user.unit_id


def may_change(user: User, policy: Policy) -> bool:
    """The competent unit's policies; with the unit loaded."""
    return may_keep(user) and acts_for(user, policy.unit)
