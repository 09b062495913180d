"""Questions about assignments and visits."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, Prefetch, QuerySet

from accounts.models import Official, Post, Unit, User
from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from liaisons.models import Assignment, Visit
from liaisons.permissions import may_record_visit


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
    """The same, each with ``last_visit``: when the user was last there."""
    if not user.official_id:
        return []
    assignments = firms_of(user)
    last = last_visits(user.official_id, assignments)
    for assignment in assignments:
        assignment.last_visit = last.get((assignment.enterprise_id, assignment.project_id))
    return assignments


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
