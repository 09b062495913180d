"""Who keeps the roster: the lead bureau's dispatcher, and each township or park in its own region.

The plan's 市场主体动态更新机制 makes 区经开区、各乡镇办 and 行业主管部门 responsible for the half-yearly roster of
their area or trade; which units these are is profile data (``rules.roster``).
"""

from accounts.models import Role, Unit, User
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project

TERRITORIAL = frozenset({Region.Level.TOWNSHIP, Region.Level.PARK})


def editable_region(user: User) -> Region | None:
    """The region whose firms and projects this account may add, change and import; None for nobody's."""
    if user.unit is None:
        return None
    if user.has_role(Role.DISPATCHER):
        return user.unit.widest_region
    if user.has_role(Role.LIAISON) and user.unit.region.level in TERRITORIAL:
        return user.unit.region
    return None


def importable_region(user: User) -> Region | None:
    """Where the firms of this account's sheets may lie: also the district, for a department that keeps a roster."""
    region = editable_region(user)
    if region is None and user.unit is not None and user.has_role(Role.LIAISON) and keeps_roster(user.unit):
        return user.unit.district
    return region


def keeps_roster(unit: Unit) -> bool:
    """Owes a complete version every half-year."""
    roster = DistrictProfile.objects.in_force(unit.district).rules.roster
    return unit.kind in roster.unit_kinds or unit.code in roster.units


def may_edit(user: User, entry: Enterprise | Project) -> bool:
    region = editable_region(user)
    return region is not None and region.contains(entry.region)


def places(region: Region) -> list[Region]:
    """The townships and parks of a region: where a firm can be said to lie."""
    return list(Region.objects.subtree(region).filter(level__in=TERRITORIAL).order_by("path"))
