"""Which appeals of a stretch of time would make a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from appeals.models import Appeal, Deadline, Event, Rating, Revisit, Solved, Status, SupervisionLetter
from appeals.querysets import AppealQuerySet
from appeals.signing import REDOS
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from reports.case_reasons import BLAMED, RECORDS, Reason, effects_of, reasons_of
from reports.models import Case

MOST_WEIGHED = 400
"""The newest of the span are weighed; a longer span is looked through in parts."""
MOST_SHOWN = 60
MOST_OF_A_KIND = 20
"""Reasons alone that are everyday, 当场解决, would bury the others."""
LARGE_SHARE = 4
"""An effect is large if it is among the top quarter of its kind."""


@dataclass(frozen=True)
class Candidate:
    appeal: Appeal
    reasons: list[Reason]

    @property
    def weight(self) -> float:
        return sum(reason.weight for reason in self.reasons)


@dataclass(frozen=True)
class Days:
    """From the first to the last day, both included."""

    first: date
    last: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        start = datetime.combine(self.first, time(), tzinfo=SHANGHAI)
        return start, datetime.combine(self.last + timedelta(days=1), time(), tzinfo=SHANGHAI)

    @classmethod
    def recent(cls) -> Days:
        """The last thirty days, which is what a monthly bulletin looks back on."""
        return cls(clock.today() - timedelta(days=29), clock.today())


def candidates(user: User, kind: str, days: Days) -> list[Candidate]:
    """The weightiest first; those that are a case of this kind already are left out."""
    found = _happened(user, kind, days)
    used = Case.objects.live().exclude(state=Case.State.PROPOSED).filter(appeal=OuterRef("pk"), kind=kind)
    rows = list(
        found.exclude(Exists(used))
        .select_related("enterprise", "project", "lead_unit", "collecting_unit", "profile", "district")
        .defer("search_text", "profile__data")
        .prefetch_related(*RECORDS)
        .order_by("-submitted_at", "-pk")[:MOST_WEIGHED]
    )
    large = _large(rows) if kind == Case.Kind.GOOD else None
    weighed = [Candidate(appeal, reasons_of(appeal, kind, large)) for appeal in rows]
    worth = sorted(
        (one for one in weighed if one.reasons),
        key=lambda one: (-one.weight, -one.appeal.submitted_at.timestamp(), -one.appeal.pk),
    )
    return _not_too_many_alike(worth)[:MOST_SHOWN]


def _happened(user: User, kind: str, days: Days) -> AppealQuerySet:
    """What ended well, or what went wrong, within the span."""
    start, end = days.moments
    within = {"gte": start, "lt": end}
    appeals = Appeal.objects.visible_to(user)
    if kind == Case.Kind.GOOD:
        ended = {f"ended_at__{sign}": moment for sign, moment in within.items()}
        return appeals.filter(status__in=[Status.CLOSED, Status.SOLVED_ON_SPOT], **ended)

    def at(field: str) -> Q:
        return Q(**{f"{field}__{sign}": moment for sign, moment in within.items()})

    satisfied = DistrictProfile.objects.in_force(user.unit.district).rules.satisfied_levels  # type: ignore[union-attr]
    of_it = {"appeal": OuterRef("pk")}
    unhappy = Q(solved=Solved.NO) | ~Q(satisfaction__in=[*satisfied, ""])
    late = Q(verdict=Deadline.Verdict.LATE) | Q(verdict="", paused_at__isnull=True, due_at__lt=clock.now())
    return appeals.filter(
        Exists(Deadline.objects.filter(late, at("due_at"), kind__in=BLAMED, **of_it))
        | Exists(Event.objects.filter(at("occurred_at"), transition__in=[*REDOS, "not_solved"], **of_it))
        | Exists(Rating.objects.filter(unhappy, at("at"), **of_it))
        | Exists(Revisit.objects.filter(unhappy, at("at"), reached=True, **of_it))
        | Exists(SupervisionLetter.objects.filter(at("sent_at"), **of_it))
    )


def _large(appeals: list[Appeal]) -> dict[str, Decimal]:
    """From which amount an effect belongs to the top quarter of its kind."""
    amounts: dict[str, list[Decimal]] = {}
    for appeal in appeals:
        for code, amount in effects_of(appeal).items():
            if amount > 0:
                amounts.setdefault(code, []).append(amount)
    limits = {}
    for code, found in amounts.items():
        limit = sorted(found, reverse=True)[max(0, len(found) // LARGE_SHARE - 1)]
        # Where most are alike, as with one problem each, none of them is large.
        limits[code] = limit if limit > min(found) or len(found) == 1 else limit + 1
    return limits


def _not_too_many_alike(found: list[Candidate]) -> list[Candidate]:
    seen: dict[str, int] = {}
    kept = []
    for one in found:
        first = one.reasons[0].code
        seen[first] = seen.get(first, 0) + 1
        if seen[first] <= MOST_OF_A_KIND:
            kept.append(one)
    return kept
