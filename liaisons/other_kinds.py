"""The kinds of assignments beside 包保联系 (警企包保 …): what is owed to the firms of each, and to whom it is said.

“建立警企包保工作机制 …… 及时向社会公示包保信息，每月开展包保企业走访，排查安全隐患” (司法助企, 二（三）). Each kind has a
lead and a cadence of its own; a contact counts when somebody who looks after the firm in this way took part.
"""

from collections import Counter

from django.db.models import BooleanField, Case, ExpressionWrapper, Q, QuerySet, When
from django.urls import reverse

from accounts.models import User
from core import clock
from districts.models import DistrictProfile, Region
from districts.rotas import AssignmentKind
from liaisons.cadence import Period, period_before, period_of
from liaisons.duties import been_there
from liaisons.models import Assignment
from liaisons.querysets import AssignmentQuerySet
from notifications.services import notify

LEAD = Assignment.Part.LEAD


def running_period(kind: AssignmentKind) -> Period:
    return period_of(kind.cadence, clock.today())


def with_duty(assignments: AssignmentQuerySet, kind: AssignmentKind) -> AssignmentQuerySet:
    """Each with ``is_visited`` in the running period, and ``is_behind``: the one before was missed since it began."""
    running = running_period(kind)
    before = period_before(kind.cadence, clock.today())
    missed = Q(started__lte=before.start) & ~Q(_been(kind, before))
    return assignments.annotate(
        is_visited=_been(kind, running), is_behind=ExpressionWrapper(missed, BooleanField())
    )


def _been(kind: AssignmentKind, period: Period) -> Case:
    """Somebody was there since the period began."""
    there = {
        firm: been_there(firm, "", period.start, kind.visit_kinds, assigned=kind.code)
        for firm in ("enterprise", "project")
    }
    return Case(
        When(project__isnull=False, then=there["project"]),
        default=there["enterprise"],
        output_field=BooleanField(),
    )


def _of_roster(kind: AssignmentKind, district: Region) -> AssignmentQuerySet:
    """In force, of firms and projects that are still there."""
    there = Q(enterprise__active=True) | Q(project__active=True)
    return Assignment.every_kind.in_force().filter(there, district=district, kind=kind.code)


def published(kind: AssignmentKind, district: Region) -> QuerySet[Assignment]:
    """What the public reads: who leads, as unit and title."""
    return (
        _of_roster(kind, district)
        .filter(part=LEAD)
        .select_related("enterprise", "project", "region", "unit", "official")
        .prefetch_related("official__posts__unit")
        .order_by("unit__order", "unit_id", "region", "pk")
    )


def remind_of_kinds(district: Region) -> None:
    """Once a period and rung, everybody who has not been everywhere yet; the rungs are those of visits."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    for kind in rules.assignment_kinds:
        period = running_period(kind)
        left = (period.end - clock.today()).days
        reached = [days for days in rules.visits.remind_days_before if left <= days]
        if not reached:
            continue
        waiting = with_duty(_of_roster(kind, district).filter(part=LEAD), kind).filter(is_visited=False)
        counts = Counter(waiting.values_list("official", flat=True))
        for user in User.objects.filter(official__in=counts, is_active=True):
            notify(
                [user],
                key=f"visits-owed:{kind.code}:{period.end}:{min(reached)}",
                title=f"{kind.label}：{period.label}还有 {counts[user.official_id or 0]} 家企业待走访",
                body=f"请在 {period.last_day:%m月%d日} 前走访，排查安全隐患、化解涉企矛盾；已去过的请补记。",
                url=reverse("liaisons:kind", args=[kind.code]),
            )
