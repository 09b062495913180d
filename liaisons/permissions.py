"""Who may assign cadres to firms, and who records visits."""

from django.db.models import Q, QuerySet

from accounts.models import Role, Unit, User
from liaisons.models import Assignment

ASSIGNING = (Role.DISPATCHER, Role.LIAISON)
VISITING = (Role.CADRE, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)


def may_assign(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*ASSIGNING)


def units_to_assign(user: User) -> QuerySet[Unit]:
    """Whose cadres the user assigns: the district's for the dispatcher, the own unit's for a liaison."""
    if not may_assign(user):
        return Unit.objects.none()
    units = Unit.objects.visible_to(user)
    if user.has_role(Role.DISPATCHER):
        return units
    return units.filter(Q(pk=user.unit_id) | Q(parent=user.unit_id))


def may_end(user: User, assignment: Assignment) -> bool:
    """For an assignment the user sees, with its unit loaded."""
    if not may_assign(user):
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    return user.unit_id in {assignment.unit_id, assignment.unit.parent_id}


def may_record_visit(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*VISITING)
