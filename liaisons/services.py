"""Assigning cadres to firms, and recording visits and what was heard there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import Official, Post, Unit, User
from core import clock
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project
from liaisons.cadence import start_of
from liaisons.models import Assignment, Opinion, Visit, VisitParticipant
from liaisons.permissions import may_assign, may_end, units_to_assign

# A planned change is entered some weeks ahead; a date further off is a slip of the finger.
PLANNED_AHEAD = timedelta(days=366)


def assign(
    *,
    by: User,
    official: Official,
    subject: Enterprise | Project,
    started: date,
    part: str = Assignment.Part.LEAD,
) -> Assignment:
    """Let a cadre look after a firm or project from ``started`` on, counted for the cadre's unit of that day."""
    if not may_assign(by):
        raise PermissionDenied("只有调度员和单位联络员可以安排包保联系。")
    if not type(subject).objects.visible_to(by).active().filter(pk=subject.pk).exists():
        raise ValidationError({"subject": "它不在册，或不在您可以安排的范围内。"})
    if started > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"started": "开始日期最多提前一年安排。"})
    post = _post_to_assign(by, official, started)
    of_subject = {"enterprise" if isinstance(subject, Enterprise) else "project": subject}
    later = Q(ended__isnull=True) | Q(ended__gt=started)
    if Assignment.objects.filter(later, official=official, **of_subject).exists():
        raise ValidationError(
            {"official": f"{official.name}已在联系“{subject.name}”，或已安排了之后的联系。"}
        )
    try:
        with transaction.atomic():
            assignment = Assignment.objects.create(
                district=subject.district,
                region=subject.region,
                official=official,
                unit=post.unit,
                part=part,
                started=started,
                recorded_by=by,
                recorded_at=clock.now(),
                **of_subject,
            )
            audit.record(by, "assignment.started", assignment, official=official.pk, unit=post.unit_id)
    except IntegrityError:
        # Somebody else assigned the same pair at the same moment.
        raise ValidationError({"official": f"{official.name}已在联系“{subject.name}”。"}) from None
    return assignment


@transaction.atomic
def assign_many(
    *,
    by: User,
    official: Official,
    enterprises: Sequence[Enterprise],
    started: date,
    part: str = Assignment.Part.LEAD,
) -> list[Assignment]:
    """The same for many firms at once, all or none: how a township shares out its 中小微企业."""
    if not may_assign(by):
        raise PermissionDenied("只有调度员和单位联络员可以安排包保联系。")
    if started > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"started": "开始日期最多提前一年安排。"})
    post = _post_to_assign(by, official, started)
    wanted = [enterprise.pk for enterprise in enterprises]
    within = set(
        Enterprise.objects.visible_to(by).active().filter(pk__in=wanted).values_list("pk", flat=True)
    )
    if outside := [enterprise.name for enterprise in enterprises if enterprise.pk not in within]:
        raise ValidationError(
            {"subject": f"“{outside[0]}”等{len(outside)}家不在册，或不在您可以安排的范围内。"}
        )
    later = Q(ended__isnull=True) | Q(ended__gt=started)
    taken = Assignment.objects.filter(later, official=official, enterprise__in=wanted).select_related(
        "enterprise"
    )
    if already := taken.first():
        raise ValidationError({"official": f"{official.name}已在联系“{already.subject_name}”。"})
    now = clock.now()
    assignments = Assignment.objects.bulk_create(
        Assignment(
            district=enterprise.district,
            region=enterprise.region,
            enterprise=enterprise,
            official=official,
            unit=post.unit,
            part=part,
            started=started,
            recorded_by=by,
            recorded_at=now,
        )
        for enterprise in enterprises
    )
    audit.record(
        by,
        "assignment.started_many",
        official,
        unit=post.unit_id,
        assignments=[one.pk for one in assignments],
    )
    return assignments


def _post_to_assign(by: User, official: Official, day: date) -> Post:
    """The cadre's post the assignment is counted under: the main one, of a unit ``by`` may assign."""
    posts = Post.objects.held_on(day).filter(official=official).select_related("unit").order_by("order", "pk")
    if not posts.exists():
        raise ValidationError({"official": f"{official.name}在开始日期没有任职记录，请先登记任职。"})
    post = posts.filter(unit__in=units_to_assign(by)).first()
    if post is None:
        raise ValidationError({"official": f"您只能安排本单位的干部，{official.name}不在其中。"})
    return post


@transaction.atomic
def end_assignment(*, by: User, assignment: Assignment, ended: date) -> Assignment:
    """Let an assignment hold up to (not including) ``ended``. Nothing is deleted: past weeks keep counting it."""
    assignment = (
        Assignment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=assignment.pk)
    )
    if not may_end(by, assignment):
        raise PermissionDenied("您只能结束本单位干部的包保联系。")
    if assignment.ended is not None:
        raise ValidationError(f"这项包保联系已于 {assignment.ended:%Y-%m-%d} 结束。")
    if ended <= assignment.started:
        raise ValidationError({"ended": f"结束日期须晚于开始日期 {assignment.started:%Y-%m-%d}。"})
    if ended > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"ended": "结束日期最多提前一年安排。"})
    assignment.ended = ended
    assignment.save(update_fields=["ended"])
    audit.record(by, "assignment.ended", assignment, ended=ended.isoformat())
    return assignment


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


def record_opinion(
    *,
    by: User,
    visit: Visit,
    content: str,
    handling: str,
    passed_to: Unit | None = None,
) -> Opinion:
    """An opinion heard at a visit, counted for the visit's unit in the visit's week (rows 21–23)."""
    if handling == Opinion.Handling.PASSED_ON and passed_to is None:
        raise ValidationError({"passed_to": "请选择提请协调的主管部门。"})
    return Opinion.objects.create(
        district=visit.district,
        region=visit.region,
        visit=visit,
        unit=visit.reporting_unit,
        content=content,
        handling=handling,
        passed_to=passed_to if handling == Opinion.Handling.PASSED_ON else None,
        occurred_at=visit.occurred_at,
        recorded_at=clock.now(),
        recorded_by=by,
    )
