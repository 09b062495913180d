"""Who grades, confirms, objects for a firm, rules, plans inspections; who reads is in ``grade_querysets``."""

from django.core.cache import cache

from accounts.models import Role, User
from core.wording import spoken
from districts.grades import GradeField
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.grade_querysets import DESK, WATCHING, reads_an_area, reads_the_district
from enterprises.models import GradeObjection, GradeRecord, Inspection

GRADING = (Role.LIAISON, Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER)
CONFIRMING = (Role.DEPUTY_LEADER, Role.UNIT_LEADER)
WHO_GRADES = "企业分级由该领域的执法单位评定。"
WHO_CONFIRMS = "须由本单位负责人、分管负责人审定，且不能是评定人本人。"
WHO_OBJECTS = spoken("企业的异议由执法单位、汇总单位和牵头局调度员登记。")
WHO_RULES = "异议由原执法单位裁定，评定人、审定人回避；没有其他人的由汇总单位裁定。"
WHO_KEEPS_SAMPLES = spoken("样本点企业由汇总单位和牵头局调度员列入、移出。")
WHO_PLANS = "涉企检查由参加分类监管的执法单位安排。"
WHO_ADVISES = spoken("检查时间由企业所在乡镇办、园区建议。")

NAVIGATION_KEPT = 60
"""Seconds for which the navigation of a district does not look at its rules again."""


def may_enter(user: User, rules: Rules | None) -> bool:
    """The lists: whoever reads the grades of the district or of an area; a cadre reads on the firm's page."""
    if rules is None:
        return False
    return reads_the_district(user, rules) or reads_an_area(user)


def is_shown_in_navigation(user: User) -> bool:
    """The same, without a query a page: the district's grading units are kept for a minute."""
    if user.unit is None:
        return False
    units = _grading_units(user.unit.district)
    if not units:
        return False
    if user.has_role(*WATCHING) or reads_an_area(user):
        return True
    return user.unit.code in units and user.has_role(*DESK)


def _grading_units(district: Region) -> list[str]:
    key = f"grades:units:{district.pk}"
    found = cache.get(key)
    if found is None:
        try:
            rules = DistrictProfile.objects.in_force(district).rules
        except DistrictProfile.DoesNotExist:
            return []
        found = []
        if rules.grades.enabled:
            found = [field.unit for field in rules.grades.fields]
            found += [str(rules.grades.gathering_unit), rules.lead_bureau]
        cache.set(key, found, NAVIGATION_KEPT)
    return found


def fields_to_grade(user: User, rules: Rules | None) -> tuple[GradeField, ...]:
    """The fields of the user's unit, for those of it who grade."""
    if rules is None or user.unit is None or not user.has_role(*GRADING):
        return ()
    return rules.grades.fields_of(user.unit.code)


def may_grade(user: User, rules: Rules | None, field: str) -> bool:
    return any(mine.code == field for mine in fields_to_grade(user, rules))


def may_confirm(user: User, record: GradeRecord) -> bool:
    """“红标须经单位负责人审定”: a second person of the same unit, who leads it."""
    if record.state != GradeRecord.State.PENDING or user.unit_id != record.unit_id:
        return False
    return user.has_role(*CONFIRMING) and user.pk != record.graded_by_id


def may_tell(user: User, rules: Rules | None, record: GradeRecord) -> bool:
    return record.is_in_force and may_grade(user, rules, record.field)


def may_register_objection(user: User, rules: Rules | None, record: GradeRecord) -> bool:
    """On the firm's behalf: the organ it wrote to, the gathering unit, or the lead bureau's dispatcher."""
    if rules is None or user.unit is None or user.unit.district_id != record.district_id:
        return False
    if not record.is_in_force:
        return False
    if may_grade(user, rules, record.field):
        return True
    return may_keep_samples(user, rules)


def may_rule(user: User, rules: Rules | None, objection: GradeObjection) -> bool:
    """The organ, by nobody who gave or confirmed the grade; where that leaves nobody, the unit that gathers."""
    record = objection.record
    stand_aside = {record.graded_by_id, record.confirmed_by_id} - {None}
    if objection.ruled_at or user.pk in stand_aside:
        return False
    if user.unit_id == objection.unit_id:
        return may_grade(user, rules, record.field)
    if not _gathers(user, rules) or user.unit.district_id != objection.district_id:  # type: ignore[union-attr]
        return False
    organ = User.objects.filter(unit=objection.unit_id).with_role(*GRADING)
    return not organ.exclude(pk__in=stand_aside).exists()


def _gathers(user: User, rules: Rules | None) -> bool:
    if rules is None or user.unit is None:
        return False
    return user.unit.code == rules.grades.gathering_unit and user.has_role(*GRADING)


def may_keep_samples(user: User, rules: Rules | None) -> bool:
    if rules is None or user.unit is None or not rules.grades.enabled:
        return False
    if _gathers(user, rules):
        return True
    return user.unit.code == rules.lead_bureau and user.has_role(Role.DISPATCHER)


def may_plan_inspections(user: User, rules: Rules | None) -> bool:
    return bool(fields_to_grade(user, rules))


def may_change_inspection(user: User, rules: Rules | None, inspection: Inspection) -> bool:
    return may_plan_inspections(user, rules) and user.unit_id == inspection.unit_id


def may_advise(user: User, inspection: Inspection) -> bool:
    """“各企业属地……对涉企检查时间提出建议”: the township or park the firm lies in, while it is planned."""
    if user.unit is None or not inspection.is_open or not reads_an_area(user):
        return False
    return user.unit.region.contains(inspection.enterprise.region)
