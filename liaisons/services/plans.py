"""Planning visits: a day for a firm, kept by going there, moved, or dropped."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Official, User
from core import clock
from core.wording import speak
from liaisons.models import Assignment, Visit, VisitPlan
from liaisons.permissions import may_plan

AHEAD = timedelta(days=366)


@transaction.atomic
def plan_visit(*, by: User, assignment: Assignment, day: date, note: str = "") -> VisitPlan:
    """The cadre of an assignment means to go on ``day``; an open plan for the firm is moved to it."""
    if not may_plan(by, assignment):
        raise PermissionDenied(speak("走访计划由联企干部本人、本单位联络员安排。"))
    if not clock.today() <= day <= clock.today() + AHEAD:
        raise ValidationError({"day": "计划日期应在今天到一年之内。"})
    if assignment.ended and day >= assignment.ended:
        raise ValidationError({"day": f"到 {assignment.ended:%Y-%m-%d} 已不再联系这家企业。"})
    firm = {"enterprise": assignment.enterprise, "project": assignment.project}
    official = Official.objects.select_for_update().get(pk=assignment.official_id)
    plan = VisitPlan.objects.open().filter(official=official, **firm).first() or VisitPlan(
        official=official,
        district=assignment.district,
        region=assignment.region,
        unit=assignment.unit,
        **firm,
    )
    plan.day, plan.note = day, note.strip()[:200]
    plan.recorded_by, plan.recorded_at = by, clock.now()
    plan.save()
    audit.record(by, "visit_plan.set", plan, day=day.isoformat())
    return plan


@transaction.atomic
def drop_plan(*, by: User, plan: VisitPlan) -> None:
    """Not going after all. Doing it again changes nothing."""
    plan = VisitPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if not may_plan(by, plan):
        raise PermissionDenied(speak("走访计划由联企干部本人、本单位联络员安排。"))
    if plan.visit_id is None and plan.dropped_at is None:
        plan.dropped_at = clock.now()
        plan.save(update_fields=["dropped_at"])
        audit.record(by, "visit_plan.dropped", plan)


def keep_plans(visit: Visit, officials: Iterable[int]) -> None:
    """A visit was paid: the open plans of those who went there are kept."""
    if visit.is_matched:
        VisitPlan.objects.open().filter(
            official__in=officials, enterprise=visit.enterprise_id, project=visit.project_id
        ).update(visit=visit)
