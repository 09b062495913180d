"""A cadre moves on: everything of A to B, or split among several, in one action.

“包保联系的企业、项目负责人等信息发生变化的，及时反馈；对包保公示牌需要更换的，及时领取新的公示牌” (铜陵市郊区's plan,
包保联系全覆盖). The past stays true: what A held ends on the day, what B holds begins on it, and both name the
handover; which plaques are to be replaced follows from it.
"""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts import audit
from accounts.models import Official, User
from core import clock
from core.wording import speak
from liaisons.models import Assignment, Handover, VisitPlan
from liaisons.permissions import may_end
from liaisons.querysets import AssignmentQuerySet
from liaisons.services.assignments import NOT_YOURS, PLANNED_AHEAD, post_to_assign
from notifications.services import notify

Lead = Assignment.Part.LEAD


def running(official: Official, day: date) -> AssignmentQuerySet:
    """What the cadre holds on ``day``, and would go on holding."""
    held = Assignment.objects.in_force(day).held_by(official.pk).filter(ended__isnull=True)
    return held.select_related("unit", "official", "enterprise", "project").order_by("pk")


@transaction.atomic
def hand_over(
    *,
    by: User,
    official: Official,
    day: date,
    reason: str,
    successors: Mapping[int, Official | None],
) -> Handover:
    """End these assignments of ``official`` on ``day`` and give each to its successor.

    ``successors`` maps assignments (by id) to who takes over; None leaves the firm without, as a gap that the
    coverage shows. What is not named stays with the cadre. Who supports a firm already and now leads it is
    written down as leading from the day on. Raises ``ValidationError`` by field, ``PermissionDenied`` where one of
    the assignments is not ``by``'s to end.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明移交原因，如：工作调动、退休、分工调整。"})
    if day > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"day": "移交日期最多提前一年安排。"})
    chosen = running(official, clock.today()).visible_to(by).filter(pk__in=successors)
    assignments = list(chosen.select_for_update(of=("self",)))
    if not assignments or len(assignments) != len(successors):
        raise ValidationError("要移交的联系有变化（可能刚被结束或移交），请刷新后再办理。", code="stale")
    if not all(may_end(by, assignment) for assignment in assignments):
        raise PermissionDenied(NOT_YOURS)
    if early := next((one for one in assignments if one.started >= day), None):
        raise ValidationError(
            {"day": f"“{early.subject_name}”从 {early.started:%Y-%m-%d} 起联系，移交日期须晚于这一天。"}
        )
    posts = _posts(by, official, day, successors)
    handover = Handover.objects.create(
        district=official.district,
        unit=assignments[0].unit,
        official=official,
        day=day,
        reason=reason.strip()[:200],
        recorded_by=by,
        recorded_at=clock.now(),
    )
    Assignment.objects.filter(pk__in=[one.pk for one in assignments]).update(
        ended=day, ended_by_handover=handover
    )
    taken = _take_over(by, handover, assignments, successors, posts)
    _pass_plans_on(official, day, assignments, successors)
    audit.record(
        by,
        "handover.create",
        handover,
        ended=[one.pk for one in assignments],
        started=[one.pk for one in taken],
        left_open=sum(successor is None for successor in successors.values()),
    )
    _tell(handover, by, taken)
    return handover


def _posts(
    by: User, official: Official, day: date, successors: Mapping[int, Official | None]
) -> dict[int, int]:
    """The unit each successor's work counts for, by official."""
    units: dict[int, int] = {}
    for successor in {one.pk: one for one in successors.values() if one}.values():
        if successor.pk == official.pk:
            raise ValidationError({"official": "接手的干部不能是本人。"})
        units[successor.pk] = post_to_assign(by, successor, day).unit_id
    return units


def _take_over(
    by: User,
    handover: Handover,
    assignments: list[Assignment],
    successors: Mapping[int, Official | None],
    units: Mapping[int, int],
) -> list[Assignment]:
    """The successors' own assignments, in a bounded number of queries."""
    there = {
        (one.official_id, one.enterprise_id, one.project_id): one
        for one in Assignment.objects.filter(official__in=units)
        .filter(Q(ended__isnull=True) | Q(ended__gt=handover.day))
        .filter(
            Q(enterprise__in=[one.enterprise_id for one in assignments if one.enterprise_id])
            | Q(project__in=[one.project_id for one in assignments if one.project_id])
        )
        .select_related("enterprise", "project")
        .select_for_update(of=("self",))
    }
    made: list[Assignment] = []
    promoted: list[int] = []
    for assignment in assignments:
        successor = successors[assignment.pk]
        if successor is None:
            continue
        own = there.get((successor.pk, assignment.enterprise_id, assignment.project_id))
        if own is not None and own.ended is not None:
            raise ValidationError(
                {
                    "official": f"{successor.name}联系“{own.subject_name}”到 {own.ended:%Y-%m-%d} 为止，"
                    "与移交日期重叠，请把移交日期定在这一天或以后。"
                }
            )
        if own is not None and (own.part == Lead or assignment.part != Lead):
            continue  # looks after the firm anyway, in no lesser part
        if own is not None:
            if own.started >= handover.day:
                raise ValidationError(
                    {
                        "official": f"{successor.name}从 {own.started:%Y-%m-%d} 起协助联系“{own.subject_name}”，"
                        "请把移交日期定在这之后。"
                    }
                )
            promoted.append(own.pk)
        made.append(
            Assignment(
                district_id=assignment.district_id,
                region_id=assignment.region_id,
                enterprise_id=assignment.enterprise_id,
                project_id=assignment.project_id,
                official=successor,
                unit_id=units[successor.pk],
                part=assignment.part,
                started=handover.day,
                handover=handover,
                recorded_by=by,
                recorded_at=clock.now(),
            )
        )
    Assignment.objects.filter(pk__in=promoted).update(ended=handover.day, ended_by_handover=handover)
    return Assignment.objects.bulk_create(made, batch_size=500)


def _pass_plans_on(
    official: Official,
    day: date,
    assignments: list[Assignment],
    successors: Mapping[int, Official | None],
) -> None:
    """Visits planned for after the day go with the firm; without a successor they are dropped."""
    by_firm = {(one.enterprise_id, one.project_id): successors[one.pk] for one in assignments}
    for plan in VisitPlan.objects.open().filter(official=official, day__gte=day):
        firm = (plan.enterprise_id, plan.project_id)
        if firm in by_firm:
            successor = by_firm[firm]
            if successor is None:
                plan.dropped_at = clock.now()
            else:
                plan.official = successor
            plan.save(update_fields=["official", "dropped_at"])


def _tell(handover: Handover, by: User, taken: list[Assignment]) -> None:
    """Each successor with an account learns what came to them."""
    counts: dict[int, int] = {}
    for assignment in taken:
        counts[assignment.official_id] = counts.get(assignment.official_id, 0) + 1
    for user in User.objects.filter(official__in=counts, is_active=True):
        if user != by:
            notify(
                [user],
                key=f"handover:{handover.pk}",
                title=f"您接手了 {counts[user.official_id or 0]} 家企业、项目的{speak('包保联系')}",
                body=f"由{handover.official.name}移交，{handover.day:%Y-%m-%d} 起。请尽早走访，并领取新的{speak('公示牌')}。",
                url=reverse("liaisons:mine"),
            )
