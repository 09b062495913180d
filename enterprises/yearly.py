"""包联企业信息库: recording what a firm made, sold and aims at, a year at a time."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Role, User
from core import clock
from core.wording import spoken
from enterprises.models import Enterprise, YearlyFacts

FACTS = (
    "products", "capacity", "technology", "market_share", "standing", "sales", "tax", "research", "employees", "target",
    "measures",
)  # fmt: skip
NOT_YOURS = spoken("企业年度信息由牵头局调度员、单位联络员和联系这家企业的干部填写。")


def may_keep_years(user: User, enterprise: Enterprise) -> bool:
    """For a firm the user sees: the dispatcher, liaisons, and the cadre who looks after it."""
    if user.unit_id is None:
        return False
    if user.has_role(Role.DISPATCHER, Role.LIAISON):
        return True
    if not user.official_id:
        return False
    # Assignments belong to a room above, so they are reached through the relation.
    return enterprise.assignments.in_force().filter(official=user.official_id).exists()


@transaction.atomic
def record_year(
    *, by: User, enterprise: Enterprise, year: int, facts: Mapping[str, Any], is_new: bool = False
) -> YearlyFacts:
    """Write a year's facts; fields that ``facts`` leaves out stay. ``is_new`` refuses a year that is there."""
    if not may_keep_years(by, enterprise):
        raise PermissionDenied(NOT_YOURS)
    enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    if enterprise.merged_into_id:
        raise ValidationError("这家企业已并入另一家，请到保留的那家填写。")
    if year > clock.today().year + 1:
        raise ValidationError({"year": "年份最多填到明年。"})
    found = YearlyFacts.objects.filter(enterprise=enterprise, year=year).first()
    if found and is_new:
        raise ValidationError({"year": f"{year}年已有记录，请在原记录上修改。"})
    row = found or YearlyFacts(enterprise=enterprise, year=year)
    before = {name: getattr(row, name) for name in FACTS}
    for name, value in facts.items():
        if name not in FACTS:
            raise ValidationError(f"没有这一栏：{name}")
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    if all(getattr(row, name) in (None, "") for name in FACTS):
        raise ValidationError("请至少填写一栏。")
    row.recorded_by = by
    row.recorded_at = clock.now()
    row.full_clean()
    changed = [name for name in FACTS if getattr(row, name) != before[name]]
    if changed:
        row.save()
        record(by, "yearly_facts.save", row, enterprise=enterprise.pk, year=year, fields=changed)
    return row
