"""What a grade shuts a firm out of (“绿标激励”和“失信惩戒”, No. 11 of 叶集区's task list)."""

from datetime import date

from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.models import Enterprise, GradeRecord
from enterprises.querysets import RosterQuerySet


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


def without_excluded(firms: RosterQuerySet, rules: Rules, day: date | None = None) -> RosterQuerySet:
    """The same for a list: a policy, a commendation or a campaign that honours firms narrows its candidates by it."""
    fields = [field.code for field in rules.grades.fields]
    excluded = GradeRecord.objects.filter(field__in=fields).holding(day).filter(grade__in=_excluding(rules))
    return firms.exclude(pk__in=excluded.order_by().values("enterprise"))


def _excluding(rules: Rules) -> list[str]:
    return [grade.code for grade in rules.grades.grades if not grade.honours]
