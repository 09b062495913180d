"""Who leads campaigns, reports progress and inspects."""

from django.core.cache import cache

from accounts.models import Role, Unit, User
from campaigns.models import Campaign, Task, TaskUnit
from districts.models import DistrictProfile, Region
from districts.profile import Rules

BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)
DESK = (Role.LIAISON, Role.UNIT_LEADER, Role.DEPUTY_LEADER, Role.SECTION_HEAD, *BUREAU)
"""Whoever speaks for a unit here."""


NAVIGATION_KEPT = 60
"""Seconds."""


def has_campaigns(user: User) -> bool:
    """Whether there are any to be seen, for the navigation: kept for a minute, so that no page pays a query."""
    key = f"campaigns:any:{user.unit_id}"
    found = cache.get(key)
    if found is None:
        found = Campaign.objects.visible_to(user).exists()
        cache.set(key, found, NAVIGATION_KEPT)
    return bool(found)


def may_begin_or_see(user: User) -> bool:
    return user.has_role(*BUREAU) or has_campaigns(user)


def may_lead_all(user: User, district: Region, rules: Rules | None = None) -> bool:
    """牵头局: every campaign of its district, the inspections, new campaigns."""
    if user.unit is None or user.unit.district_id != district.pk or not user.has_role(*BUREAU):
        return False
    rules = rules or DistrictProfile.objects.in_force(district).rules
    return user.unit.code == rules.lead_bureau


def leads(user: User, campaign: Campaign) -> bool:
    """The user speaks for one of its leading units; with these loaded, no query."""
    if user.unit is None or user.unit.district_id != campaign.district_id or not user.has_role(*DESK):
        return False
    return any(unit.pk == user.unit_id for unit in campaign.lead_units.all())


def may_manage(user: User, campaign: Campaign) -> bool:
    """Its leading units, and the lead bureau."""
    return leads(user, campaign) or may_lead_all(user, campaign.district)


def reporting_units(user: User, task: Task) -> list[Unit]:
    """For which units the user may report: the own one, or any of the task's for whoever manages the campaign.

    With the campaign and the named units loaded. A task that names no leading unit we know is the campaign's own.
    """
    if user.unit is None or user.unit.district_id != task.campaign.district_id or not user.has_role(*DESK):
        return []
    named = [line.unit for line in task.named_units.all()]
    leads = leading_units(task)
    everybody = list({unit.pk: unit for unit in (*leads, *named)}.values())
    own = [unit for unit in everybody if unit.pk in {user.unit_id} or unit.parent_id == user.unit_id]
    if may_manage(user, task.campaign):
        return [*own, *(unit for unit in everybody if unit not in own)]
    return own


def leading_units(task: Task) -> list[Unit]:
    """The task's leading units; the campaign's where the task names none that is known."""
    named = [line.unit for line in task.named_units.all() if line.part == TaskUnit.Part.LEAD]
    return named or list(task.campaign.lead_units.all())
