"""Letting a cadre look after firms, and ending it."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from accounts import audit
from accounts.models import Official, Post, User
from core import clock
from core.wording import speak, spoken
from districts.models import DistrictProfile
from districts.rotas import MAIN
from enterprises.models import Enterprise, Project
from liaisons.models import Assignment
from liaisons.permissions import may_assign, may_end, units_to_assign

# A planned change is entered some weeks ahead; a date further off is a slip of the finger.
PLANNED_AHEAD = timedelta(days=366)
NOT_YOURS = spoken("只有调度员和单位联络员可以安排包保联系。")


def assign(
    *,
    by: User,
    official: Official,
    subject: Enterprise | Project,
    started: date,
    part: str = Assignment.Part.LEAD,
    kind: str = MAIN,
) -> Assignment:
    """Let a cadre look after a firm or project from ``started`` on, counted for the cadre's unit of that day."""
    made = assign_many(by=by, official=official, subjects=[subject], started=started, part=part, kind=kind)
    return made[0]


@transaction.atomic
def assign_many(
    *,
    by: User,
    official: Official,
    subjects: Sequence[Enterprise | Project],
    started: date,
    part: str = Assignment.Part.LEAD,
    kind: str = MAIN,
) -> list[Assignment]:
    """The same for many at once, all or none: how a township shares out its 中小微企业.

    A firm has one lead of a kind at a time (that of 包保联系 is the name on the plaque) and any number of supporting
    cadres. Raises
    ``ValidationError`` by field: ``subject`` for what is wrong with a firm, ``official`` with the cadre.
    """
    if not may_assign(by):
        raise PermissionDenied(NOT_YOURS)
    if started > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"started": "开始日期最多提前一年安排。"})
    post = post_to_assign(by, official, started)
    _refuse_kind(kind, post)
    locked = _locked(by, subjects)
    _refuse_overlaps(official, locked, started, part, kind)
    assignments = _created(
        [
            Assignment(
                district=subject.district,
                region=subject.region,
                official=official,
                unit=post.unit,
                kind=kind,
                part=part,
                started=started,
                recorded_by=by,
                recorded_at=clock.now(),
                **about(subject),
            )
            for subject in locked
        ]
    )
    audit.record(
        by,
        "assignment.started",
        assignments[0] if len(assignments) == 1 else official,
        official=official.pk,
        unit=post.unit_id,
        assignments=[one.pk for one in assignments],
    )
    return assignments


def _created(assignments: list[Assignment]) -> list[Assignment]:
    """The constraints have the last word where somebody assigned by another way at the same moment."""
    try:
        with transaction.atomic():
            return Assignment.objects.bulk_create(assignments, batch_size=500)
    except IntegrityError:
        raise ValidationError({"subject": "其中有企业刚由他人安排了联系，请刷新后再试。"}) from None


@transaction.atomic
def share_out(
    *,
    by: User,
    officials: Sequence[Official],
    subjects: Sequence[Enterprise | Project],
    started: date,
    part: str = Assignment.Part.LEAD,
) -> list[Assignment]:
    """Share firms out evenly: whoever looks after the fewest today gets the next one. All or none."""
    if not officials:
        raise ValidationError({"official": speak("请至少选择一名联企干部。")})
    holding = dict(
        Assignment.objects.in_force(started)
        .filter(official__in=officials)
        .order_by()
        .values_list("official")
        .annotate(Count("pk"))
    )
    shares: dict[int, list[Enterprise | Project]] = {official.pk: [] for official in officials}
    for subject in subjects:
        least = min(officials, key=lambda official: holding.get(official.pk, 0) + len(shares[official.pk]))
        shares[least.pk].append(subject)
    return [
        assignment
        for official in officials
        if shares[official.pk]
        for assignment in assign_many(
            by=by, official=official, subjects=shares[official.pk], started=started, part=part
        )
    ]


def about(subject: Enterprise | Project) -> dict[str, Enterprise | Project]:
    """The key under which an assignment names its subject."""
    return {"enterprise" if isinstance(subject, Enterprise) else "project": subject}


def _locked(by: User, subjects: Sequence[Enterprise | Project]) -> list[Enterprise | Project]:
    """The firms as they stand, on the roster and ``by``'s to assign; whoever assigns one of them too waits."""
    found: list[Enterprise | Project] = []
    for model in (Enterprise, Project):
        wanted = [subject.pk for subject in subjects if isinstance(subject, model)]
        if wanted:
            rows = model._default_manager.visible_to(by).active().filter(pk__in=wanted)
            found += rows.select_related("region", "district").select_for_update(of=("self",)).order_by("pk")
    within = {(type(subject), subject.pk) for subject in found}
    if outside := [subject for subject in subjects if (type(subject), subject.pk) not in within]:
        names = f"“{outside[0].name}”" + (f"等 {len(outside)} 家" if len(outside) > 1 else "")
        raise ValidationError({"subject": f"{names}不在册，或不在您可以安排的范围内。"})
    return found


def _refuse_overlaps(
    official: Official, subjects: Sequence[Enterprise | Project], started: date, part: str, kind: str
) -> None:
    """The same cadre twice, or a second lead, on any day from ``started`` on."""
    later = Q(ended__isnull=True) | Q(ended__gt=started)
    on_these = Q(enterprise__in=[one.pk for one in subjects if isinstance(one, Enterprise)]) | Q(
        project__in=[one.pk for one in subjects if isinstance(one, Project)]
    )
    others = Assignment.every_kind.filter(later, on_these, kind=kind).select_related(
        "official", "enterprise", "project"
    )
    if same := others.filter(official=official).first():
        when = f"（{same.started:%Y-%m-%d} 起）" if same.started > started else ""
        raise ValidationError(
            {"official": f"{official.name}已在联系“{same.subject_name}”{when}，时间有重叠。"}
        )
    leads = others.filter(part=Assignment.Part.LEAD)
    if part == Assignment.Part.LEAD and (lead := leads.first()):
        raise ValidationError(
            {
                "subject": f"“{lead.subject_name}”已由{lead.official.name}牵头联系（{lead.started:%Y-%m-%d} 起）。"
                "请选择“协助”，或先办理移交。"
            }
        )


def _refuse_kind(kind: str, post: Post) -> None:
    """A kind of the profile, and people of the units it is for (警企包保: the police stations)."""
    if kind == MAIN:
        return
    rules = DistrictProfile.objects.in_force(post.unit.district).rules
    known = rules.find("assignment_kinds", kind)
    if known is None:
        raise ValidationError({"kind": speak("本区县没有这类包保。")})
    if known.units and post.unit.code not in known.units:
        raise ValidationError({"official": f"{post.unit}不承担{known.label}，请选择承担单位的干部。"})


def post_to_assign(by: User, official: Official, day: date) -> Post:
    """The cadre's post the assignment is counted under: the main one, of a unit ``by`` may assign."""
    posts = (
        Post.objects.held_on(day)
        .filter(official=official)
        .select_related("unit__district")
        .order_by("order", "pk")
    )
    if not posts.exists():
        raise ValidationError(
            {"official": f"{official.name}在开始日期没有任职记录（可能已离任），请先登记任职。"}
        )
    post = posts.filter(unit__in=units_to_assign(by)).first()
    if post is None:
        raise ValidationError({"official": f"您只能安排本单位的干部，{official.name}不在其中。"})
    return post


@transaction.atomic
def end_assignment(*, by: User, assignment: Assignment, ended: date) -> Assignment:
    """Let an assignment hold up to (not including) ``ended``. Nothing is deleted: past weeks keep counting it."""
    assignment = (
        Assignment.every_kind.select_for_update(of=("self",)).select_related("unit").get(pk=assignment.pk)
    )
    if not may_end(by, assignment):
        raise PermissionDenied(speak("您只能结束本单位干部的包保联系。"))
    if assignment.ended is not None:
        raise ValidationError(f"这项{speak('包保联系')}已于 {assignment.ended:%Y-%m-%d} 结束。")
    if ended <= assignment.started:
        raise ValidationError({"ended": f"结束日期须晚于开始日期 {assignment.started:%Y-%m-%d}。"})
    if ended > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"ended": "结束日期最多提前一年安排。"})
    assignment.ended = ended
    assignment.save(update_fields=["ended"])
    audit.record(by, "assignment.ended", assignment, ended=ended.isoformat())
    return assignment
