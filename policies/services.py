"""Handing policies out: rows 10 and 12 of the weekly table count what is written here."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Unit, User
from core import clock
from districts.models import Region
from enterprises.models import Enterprise, Project
from policies.models import HandOut, Policy

MOST_COPIES = 9_999


@transaction.atomic
def hand_out(
    *,
    by: User,
    policy: Policy,
    unit: Unit,
    occurred_at: datetime,
    region: Region,
    copies: int = 1,
    enterprise: Enterprise | None = None,
    project: Project | None = None,
    claimed_name: str = "",
    claimed_code: str = "",
) -> HandOut:
    """Copies of a policy given by ``unit`` to a firm or project. The policy must be the district's own."""
    if policy.district_id != unit.district_id:
        raise ValidationError({"policy": "这项政策不是本区县的。"})
    if not 1 <= copies <= MOST_COPIES:
        raise ValidationError({"copies": f"份数应在 1 到 {MOST_COPIES} 之间。"})
    if occurred_at > clock.now():
        raise ValidationError({"occurred_at": "发放时间不能晚于现在。"})
    return HandOut.objects.create(
        district=unit.district,
        region=region,
        policy=policy,
        copies=copies,
        unit=unit,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        recorded_by=by,
        enterprise=enterprise,
        project=project,
        claimed_name=claimed_name,
        claimed_code=claimed_code,
    )
