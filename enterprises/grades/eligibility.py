"""What a grade shuts a firm out of (“绿标激励”和“失信惩戒”, No. 11 of 叶集区's task list)."""

from datetime import date

from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.models import Enterprise, GradeRecord


def eligible_for_honours(enterprise: Enterprise, day: date | None = None) -> bool:
    """May the firm be proposed for 评先评优 on ``day``? One grade that excludes it, in any field, is enough.

    A firm that is not graded, or of a district that does not grade, is eligible.
    """
    day = day or clock.today()
    rules = DistrictProfile.objects.in_force(enterprise.district, day).rules
    excluded = _excluding(rules)
    if not rules.grades.enabled or not excluded:
        return True
    fields = [field.code for field in rules.grades.fields]
    holding = GradeRecord.objects.holding(day).filter(enterprise=enterprise, field__in=fields)
    return not holding.filter(grade__in=excluded).exists()


def _excluding(rules: Rules) -> list[str]:
    return [grade.code for grade in rules.grades.grades if not grade.honours]
