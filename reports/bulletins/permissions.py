"""Who may do what with a bulletin or an assessment."""

from accounts.models import Role, User
from districts.models import Region
from districts.profile import Rules
from reports.models import Bulletin
from reports.models.bulletins import BUREAU


def works_for_bureau(user: User, district: Region, rules: Rules) -> bool:
    """The lead bureau drafts, edits, sends."""
    return (
        user.unit is not None
        and user.unit.district_id == district.pk
        and user.unit.code == rules.lead_bureau
        and user.has_role(*BUREAU)
    )


def leads_bureau(user: User, district: Region, rules: Rules) -> bool:
    """Its head signs."""
    return works_for_bureau(user, district, rules) and user.has_role(Role.BUREAU_LEADER)


def may_write(user: User, bulletin: Bulletin) -> bool:
    return works_for_bureau(user, bulletin.district, bulletin.rules)


def may_sign(user: User, bulletin: Bulletin) -> bool:
    return leads_bureau(user, bulletin.district, bulletin.rules)


def has_drafted(user: User, bulletin: Bulletin) -> bool:
    """Nobody signs what they have drafted or put forward themselves."""
    return user.pk in {bulletin.drafted_by_id, bulletin.submitted_by_id}
