"""Who puts a low rating right, who rules on an appeal against it, who runs a survey round."""

from accounts.models import Role, Unit, User
from campaigns.models import LowRating, SurveyRound
from campaigns.satisfaction.querysets import MANAGERS
from districts.models import DistrictProfile
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK

READERS = frozenset(
    {Role.DISPATCHER, Role.BUREAU_LEADER, Role.DISTRICT_LEADER, Role.SUPERVISOR, Role.LIAISON,
     Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER, Role.CADRE, Role.WINDOW}
)  # fmt: skip
"""Whoever reads the satisfaction list: all of it, the own unit's, or the own."""


def rules_in(unit: Unit) -> Rules:
    return DistrictProfile.objects.in_force(unit.district).rules


def may_read(user: User) -> bool:
    return user.unit_id is not None and not READERS.isdisjoint(user.roles)


def is_of_the_unit(user: User, case: LowRating) -> bool:
    """The rated unit, and for a window the unit above it; with the case's unit loaded."""
    return user.unit_id is not None and user.unit_id in {case.unit_id, case.unit.parent_id}


def may_answer(user: User, case: LowRating) -> bool:
    return is_of_the_unit(user, case) and user.has_role(*UNIT_DESK, *MANAGERS)


def is_about_bureau(case: LowRating, rules: Rules) -> bool:
    """Of the lead bureau's own work, or of a window below it."""
    return rules.lead_bureau in {case.unit.code, case.unit.parent.code if case.unit.parent else ""}


def may_rule(user: User, case: LowRating, rules: Rules) -> bool:
    """The lead bureau; about the bureau itself 督查. Never who appealed, nor the cadre it is about."""
    if user.unit is None or user.unit.district_id != case.district_id:
        return False
    if user.pk == case.disputed_by_id or (user.official_id and user.official_id == case.official_id):
        return False
    if is_about_bureau(case, rules):
        return user.unit.code == rules.supervisor and user.has_role(Role.SUPERVISOR)
    return user.unit.code == rules.lead_bureau and user.has_role(*MANAGERS)


def may_run(user: User) -> bool:
    """Draft and run a round: the lead bureau."""
    if user.unit is None or not user.has_role(*MANAGERS):
        return False
    return user.unit.code == rules_in(user.unit).lead_bureau


def may_manage(user: User, round: SurveyRound) -> bool:
    return user.unit_id == round.unit_id and user.has_role(*MANAGERS)
