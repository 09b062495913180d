"""Recording a visit with everybody who took part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Official, Unit, User
from core import clock
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project
from liaisons.cadence import start_of
from liaisons.models import Visit, VisitParticipant
from liaisons.services.plans import keep_plans


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody who took part and is no official of the district (市有关单位)."""

    name: str
    unit_name: str
    rank_group: str
    title: str = ""


@transaction.atomic
def record_visit(
    *,
    by: User,
    reporting_unit: Unit,
    kind: str,
    occurred_at: datetime,
    region: Region,
    officials: Iterable[Official],
    guests: Iterable[Guest] = (),
    findings: str = "",
    enterprise: Enterprise | None = None,
    project: Project | None = None,
    claimed_name: str = "",
    claimed_code: str = "",
) -> Visit:
    """A visit with its participants, each under the leadership group of the main post held that day."""
    rules = DistrictProfile.objects.in_force(reporting_unit.district).rules
    if occurred_at > clock.now():
        raise ValidationError({"occurred_at": "走访时间不能晚于现在。"})
    if occurred_at < start_of(rules.action_started):
        raise ValidationError(
            {"occurred_at": f"走访时间不能早于专项行动开始的 {rules.action_started:%Y-%m-%d}。"}
        )
    if rules.find("visit_kinds", kind) is None:
        raise ValidationError({"kind": "请选择联系方式。"})
    participants = _participants(officials, guests, timezone.localdate(occurred_at))
    if not participants:
        raise ValidationError({"officials": "请至少登记一名参与走访的人员。"})
    if any(rules.find("rank_groups", participant.rank_group) is None for participant in participants):
        raise ValidationError({"guests": "请选择领导班子类别。"})
    visit = Visit.objects.create(
        district=reporting_unit.district,
        region=region,
        reporting_unit=reporting_unit,
        kind=kind,
        findings=findings,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        recorded_by=by,
        enterprise=enterprise,
        project=project,
        claimed_name=claimed_name,
        claimed_code=claimed_code,
    )
    for participant in participants:
        participant.visit = visit
        participant.save()
    keep_plans(visit, [participant.official_id for participant in participants if participant.official_id])
    return visit


def _participants(
    officials: Iterable[Official], guests: Iterable[Guest], day: date
) -> list[VisitParticipant]:
    """Each person once, however often they were entered."""
    participants = []
    for official in {official.pk: official for official in officials}.values():
        post = official.post_on(day)
        if post is None:
            raise ValidationError({"officials": f"{official.name}在 {day:%Y-%m-%d} 没有任职记录。"})
        participants.append(
            VisitParticipant(
                official=official, unit_name=post.unit.name, title=post.title, rank_group=post.rank_group
            )
        )
    for guest in {(guest.unit_name, guest.name): guest for guest in guests}.values():
        participants.append(
            VisitParticipant(
                guest_name=guest.name,
                unit_name=guest.unit_name,
                title=guest.title,
                rank_group=guest.rank_group,
            )
        )
    return participants
