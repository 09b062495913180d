"""Who keeps the needs lists.

The unit that leads a list (profile: ``needs.jobs_unit``, ``needs.finance_unit``) and the lead bureau's dispatcher keep
all of it; every other unit's desk keeps what it recorded, and a township or park what lies in its region.
"""

from django.db.models import QuerySet

from accounts.models import Role, Unit, User
from campaigns.models import FinancingDispatch, FinancingNeed, JobOpening, JobPlacement, JobSeeker
from campaigns.needs.querysets import DESK, leads
from core.wording import spoken
from districts.models import Region
from districts.profile import Rules
from enterprises.policies import TERRITORIAL

WHO_RECORDS = spoken("需求由各单位联络员、负责人和牵头单位登记，联企干部可以登记走访中了解到的。")
WHO_KEEPS = spoken("由填报单位、所在乡镇办（园区）和牵头单位办理。")
WHO_LEADS_JOBS = "由用工清单的牵头单位办理。"
WHO_LEADS_FINANCE = "由融资需求的牵头单位办理。"
WHO_ANSWERS = "由承办的金融机构或融资需求的牵头单位登记答复。"


def leads_jobs(user: User) -> bool:
    return leads(user, "jobs_unit")


def leads_finance(user: User) -> bool:
    return leads(user, "finance_unit")


def may_record_opening(user: User) -> bool:
    return user.unit_id is not None and (user.has_role(*DESK) or leads_jobs(user))


def may_record_seeker(user: User) -> bool:
    """Townships and the unit that leads the list: seekers are found where they live."""
    if user.unit is None:
        return False
    return leads_jobs(user) or (user.has_role(*DESK) and user.unit.region.level in TERRITORIAL)


def may_record_financing(user: User) -> bool:
    return user.unit_id is not None and (user.has_role(*DESK) or leads_finance(user))


def may_collect(user: User) -> bool:
    """A cadre hears at a visit what the firm needs; the unit of its township looks into it."""
    return user.unit_id is not None and user.has_role(Role.CADRE)


def _has_part(user: User, kept: JobOpening | JobSeeker | FinancingNeed) -> bool:
    """Recorded by the own unit, or in the own township."""
    if user.unit is None or not user.has_role(*DESK):
        return False
    if user.unit_id in {kept.unit_id, kept.unit.parent_id}:
        return True
    return user.unit.region.level in TERRITORIAL and user.unit.region.contains(kept.region)


def _same_district(user: User, kept: JobOpening | JobSeeker | FinancingNeed) -> bool:
    return user.unit is not None and user.unit.district_id == kept.district_id


def may_keep_opening(user: User, opening: JobOpening) -> bool:
    """With unit and region loaded."""
    return _same_district(user, opening) and (leads_jobs(user) or _has_part(user, opening))


def may_keep_seeker(user: User, seeker: JobSeeker) -> bool:
    return _same_district(user, seeker) and (leads_jobs(user) or _has_part(user, seeker))


def may_cancel_placement(user: User, placement: JobPlacement) -> bool:
    """Whoever recorded it, and the unit that leads the list."""
    if not _same_district(user, placement.opening):
        return False
    return leads_jobs(user) or (user.has_role(*DESK) and user.unit_id == placement.unit_id)


def may_keep_need(user: User, need: FinancingNeed) -> bool:
    return _same_district(user, need) and (leads_finance(user) or _has_part(user, need))


def may_call_about(user: User, need: FinancingNeed) -> bool:
    """Sees the phone of the firm: whoever keeps the need, and the desk of a bank it was handed to."""
    if may_keep_need(user, need):
        return True
    return user.has_role(*DESK) and need.dispatches.filter(unit=user.unit_id).exists()


def may_answer(user: User, dispatch: FinancingDispatch) -> bool:
    """The bank that has an account itself; else the unit that leads the rounds."""
    if not _same_district(user, dispatch.need):
        return False
    return leads_finance(user) or (user.has_role(*DESK) and dispatch.unit_id == user.unit_id)


def banks_of(district: Region, rules: Rules) -> QuerySet[Unit]:
    """Banks and guarantee firms that are units and answer by themselves."""
    units = Unit.objects.of_district(district).active()
    return units.filter(kind__in=rules.needs.bank_kinds) if rules.needs.bank_kinds else units.none()


def owes_lists(unit: Unit, rules: Rules) -> bool:
    """Has to look through its lists every month."""
    return unit.kind in rules.needs.list_kinds


def may_confirm_lists(user: User) -> bool:
    """For the own unit's lists."""
    return user.unit_id is not None and user.has_role(*DESK, Role.DISPATCHER)
