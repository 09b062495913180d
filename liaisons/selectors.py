"""Questions about assignments and visits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Official, Post, Unit, User
from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from liaisons.duties import PROJECT, Duty, behind, duties, visited
from liaisons.models import Assignment, Visit, VisitPlan, VisitRequest
from liaisons.permissions import may_record_visit
from liaisons.querysets import AssignmentQuerySet


def rules_of(user: User) -> Rules | None:
    """The rules in force in the user's district."""
    if user.unit is None:
        return None
    return DistrictProfile.objects.in_force(user.unit.district).rules


def with_posts(officials: QuerySet[Official]) -> QuerySet[Official]:
    """Officials together with their posts and units, in one more query."""
    return officials.prefetch_related(
        Prefetch("posts", Post.objects.select_related("unit").order_by("order", "pk"))
    )


def reporting_units(user: User) -> QuerySet[Unit]:
    """The units a visit may be reported for: the user's own, and those of the user's posts."""
    if not may_record_visit(user):
        return Unit.objects.none()
    pks = {user.unit_id} if user.unit_id else set()
    if user.official_id:
        pks |= set(
            Post.objects.held_on(clock.today())
            .filter(official=user.official_id)
            .values_list("unit", flat=True)
        )
    return Unit.objects.filter(pk__in=pks).select_related("region", "district")


def firms_of(user: User) -> list[Assignment]:
    """The assignments to the firms and projects the user looks after today."""
    if not user.official_id:
        return []
    return list(
        Assignment.objects.in_force()
        .held_by(user.official_id)
        .select_related("enterprise__region", "project__region")
    )


def my_assignments(user: User) -> list[Assignment]:
    """The same with what is owed: whoever waits or is behind comes first, who was visited comes last.

    Each has ``duty``, ``is_visited``, ``is_behind``, ``last_visit`` (when the user was there), ``plan`` (the open
    one) and ``requests`` (how many times the firm has asked for a visit and waits).
    """
    rules = rules_of(user)
    if not user.official_id or rules is None:
        return []
    owed = duties(rules)
    assignments = list(
        Assignment.objects.in_force()
        .held_by(user.official_id)
        .annotate(is_visited=visited(owed.values()), is_behind=behind(owed.values()))
        .select_related("enterprise__region", "project__region")
    )
    last = last_visits(user.official_id, assignments)
    plans = {
        (plan.enterprise_id, plan.project_id): plan
        for plan in VisitPlan.objects.open().filter(official=user.official_id)
    }
    asked = _open_requests(assignments)
    for assignment in assignments:
        firm = (assignment.enterprise_id, assignment.project_id)
        assignment.duty = owed[tier_of(assignment)]
        assignment.last_visit = last.get(firm)
        assignment.plan = plans.get(firm)
        assignment.requests = asked.get(firm, 0)
    return sorted(assignments, key=_urgency)


def my_counts(user: User) -> tuple[int, int, int]:
    """Of the firms the user looks after: how many, how many are behind, how many ask for a visit and wait."""
    rules = rules_of(user)
    if not user.official_id or rules is None:
        return 0, 0, 0
    waiting = VisitRequest.objects.open().filter(
        Q(enterprise__isnull=False, enterprise=OuterRef("enterprise"))
        | Q(project__isnull=False, project=OuterRef("project"))
    )
    marked = (
        Assignment.objects.in_force()
        .held_by(user.official_id)
        .annotate(is_late=behind(duties(rules).values()), is_asked=Exists(waiting))
    )
    late = Q(is_late=True, part=Assignment.Part.LEAD)
    counts = marked.aggregate(
        firms=Count("pk"), behind=Count("pk", filter=late), asked=Count("pk", filter=Q(is_asked=True))
    )
    return counts["firms"], counts["behind"], counts["asked"]


def tier_of(assignment: Assignment) -> str:
    return assignment.enterprise.tier if assignment.enterprise else PROJECT


def _urgency(assignment: Assignment) -> tuple[object, ...]:
    """Asked for, behind, with a day planned, due soon, done; supporting cadres owe nothing of their own."""
    is_lead = assignment.part == Assignment.Part.LEAD
    plan = assignment.plan
    return (
        not assignment.requests,
        assignment.is_visited,
        not is_lead,
        not assignment.is_behind,
        plan.day if plan else assignment.duty.period.end,
        assignment.duty.period.end,
        assignment.pk,
    )


def _open_requests(assignments: Iterable[Assignment]) -> dict[tuple[int | None, int | None], int]:
    enterprises = [assignment.enterprise_id for assignment in assignments if assignment.enterprise_id]
    projects = [assignment.project_id for assignment in assignments if assignment.project_id]
    asked = VisitRequest.objects.open().filter(Q(enterprise__in=enterprises) | Q(project__in=projects))
    counted = asked.order_by().values_list("enterprise", "project").annotate(Count("pk"))
    return {(enterprise, project): number for enterprise, project, number in counted}


def owed_visits(user: User, *, day: date | None = None) -> AssignmentQuerySet:
    """The lead cadres' firms that are behind, as far as the user may see them, each with ``last_contact`` and its kind."""
    rules = rules_of(user)
    if rules is None:
        return Assignment.objects.none()
    owed = duties(rules, day)
    visits = Visit.objects.order_by("-occurred_at", "-pk")

    def last(name: str) -> Coalesce:
        return Coalesce(
            Subquery(visits.filter(enterprise=OuterRef("enterprise")).values(name)[:1]),
            Subquery(visits.filter(project=OuterRef("project")).values(name)[:1]),
        )

    return (
        Assignment.objects.visible_to(user)
        .in_force(day)
        .filter(part=Assignment.Part.LEAD)
        .alias(is_behind=behind(owed.values()))
        .filter(is_behind=True)
        .annotate(last_contact=last("occurred_at"), last_contact_kind=last("kind"))
        .select_related("official", "unit", "region", "enterprise", "project")
    )


@dataclass
class Owing:
    """What a unit's lead cadres owe today, by tier."""

    unit: Unit
    tiers: list[tuple[Duty, int]]

    @property
    def total(self) -> int:
        return sum(number for _, number in self.tiers)


def owed_by_unit(user: User) -> list[Owing]:
    """The units that are behind with their visits, the most first; two queries."""
    rules = rules_of(user)
    if rules is None:
        return []
    tier = Coalesce("enterprise__tier", Value(PROJECT))
    counted = owed_visits(user).order_by().values("unit", firm_tier=tier).annotate(number=Count("pk"))
    numbers: dict[int, dict[str, int]] = {}
    for row in counted:
        numbers.setdefault(row["unit"], {})[row["firm_tier"]] = row["number"]
    owed = duties(rules)
    found = [
        Owing(unit, [(owed[tier], numbers[unit.pk][tier]) for tier in owed if tier in numbers[unit.pk]])
        for unit in Unit.objects.filter(pk__in=numbers).select_related("district").order_by("order", "pk")
    ]
    return sorted(found, key=lambda owing: -owing.total)


def last_visits(
    official_id: int, assignments: Iterable[Assignment]
) -> dict[tuple[int | None, int | None], datetime]:
    """When the official last visited each firm (enterprise, None) or project (None, project)."""
    visited = Visit.objects.filter(participants__official=official_id).order_by()
    enterprises = [assignment.enterprise_id for assignment in assignments if assignment.enterprise_id]
    projects = [assignment.project_id for assignment in assignments if assignment.project_id]
    last: dict[tuple[int | None, int | None], datetime] = {
        (pk, None): at
        for pk, at in visited.filter(enterprise__in=enterprises)
        .values_list("enterprise")
        .annotate(Max("occurred_at"))
    }
    last |= {
        (None, pk): at
        for pk, at in visited.filter(project__in=projects).values_list("project").annotate(Max("occurred_at"))
    }
    return last
