"""Who may put clusters right, take one on, and work on an improvement."""

from accounts.models import Role, User
from appeals.models import Cluster, Improvement
from appeals.querysets import UNIT_ROLES
from enterprises.querysets import DISTRICT_WIDE

BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)
TAKING_ON = (Role.LIAISON, Role.UNIT_LEADER)
READERS = frozenset({*DISTRICT_WIDE, *UNIT_ROLES})


def has_a_part(user: User) -> bool:
    """Whose work has to do with kinds of problems at all."""
    return user.unit_id is not None and user.has_role(*READERS)


def may_manage(user: User, of: Cluster | Improvement) -> bool:
    """The lead bureau: merges, dismisses, assigns, confirms."""
    return user.unit is not None and user.has_role(*BUREAU) and user.unit.district_id == of.district_id


def may_correct(user: User, cluster: Cluster) -> bool:
    """Rename it, put an appeal in or out: the bureau, and the department that has taken it on."""
    if may_manage(user, cluster):
        return True
    if user.unit_id is None or not user.has_role(*TAKING_ON):
        return False
    return cluster.improvements.live().filter(unit=user.unit_id).exists()


def may_take_on(user: User, cluster: Cluster) -> bool:
    """For a cluster the user sees: the bureau for any department, a department for itself."""
    if not cluster.is_active or user.unit is None or user.unit.district_id != cluster.district_id:
        return False
    return user.has_role(*BUREAU, *TAKING_ON)


def leads(user: User, improvement: Improvement) -> bool:
    return user.unit_id == improvement.unit_id and user.has_role(*UNIT_ROLES, *BUREAU)


def may_work(user: User, improvement: Improvement) -> bool:
    """Write down what was done, for an improvement with its assisting units loaded."""
    if leads(user, improvement) or may_manage(user, improvement):
        return True
    return user.has_role(*UNIT_ROLES) and user.unit_id in {unit.pk for unit in improvement.assisting.all()}


def may_confirm(user: User, improvement: Improvement) -> bool:
    """Nobody confirms what they reported themselves."""
    waits = improvement.state == Improvement.State.REPORTED
    return waits and may_manage(user, improvement) and improvement.reported_by_id != user.pk
