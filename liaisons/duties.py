"""Visits owed: how often the firms of a tier are to be visited, who was there, who is behind.

“按季度开展企业走访” (铜陵市郊区's plan), “每月至少走访联系企业1次” (叶集区's): cadence and the kinds of contact that
count are profile data (``rules.visits``). A duty is a firm's, not a person's: a visit counts when somebody who
looks after the firm, or did so before, took part in it, so that a handover makes nobody late.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from core import clock
from districts.profile import Rules
from districts.rotas import MAIN
from enterprises.models import Tier
from liaisons.cadence import Period, period_before, period_of, start_of
from liaisons.models import Assignment, VisitParticipant

PROJECT = "project"
TIERS = {**dict(Tier.choices), PROJECT: "重点项目"}


@dataclass(frozen=True)
class Duty:
    """What is owed to the firms of one tier on one day."""

    tier: str
    label: str
    period: Period
    before: Period
    kinds: tuple[str, ...]
    """Contacts that count; empty: all."""
    kind_labels: tuple[str, ...] = ()

    @property
    def days_left(self) -> int:
        """Until the period ends, today included."""
        return (self.period.end - clock.today()).days


def duties(rules: Rules, day: date | None = None) -> dict[str, Duty]:
    """By tier."""
    day = day or clock.today()
    found = {}
    for tier, label in TIERS.items():
        owed = rules.visits.duty_of(tier)
        labels = tuple(rules.label("visit_kinds", kind) for kind in owed.kinds)
        found[tier] = Duty(
            tier, label, period_of(owed.cadence, day), period_before(owed.cadence, day), owed.kinds, labels
        )
    return found


# --- As conditions of a query ---------------------------------------------------------------------
#
# On assignments the firm is `enterprise` or `project`; on the roster's own tables it is the row itself.


def visited(duties: Iterable[Duty], *, on: str = "", before: datetime | None = None) -> Case:
    """Somebody was there in the running period; ``before``: by that moment already."""
    return _by_tier(
        duties, on, lambda duty, firm: been_there(firm, on, duty.period.start, duty.kinds, before)
    )


def behind(duties: Iterable[Duty], *, on: str = "") -> Case:
    """The period before was missed by whoever looked after the firm then, and not made up for since."""
    return _by_tier(
        duties,
        on,
        lambda duty, firm: (
            Q(Exists(_looked_after(firm, on, duty.before.start)))
            & ~Q(been_there(firm, on, duty.before.start, duty.kinds))
        ),
    )


def been_there(
    firm: str,
    on: str,
    since: date,
    kinds: tuple[str, ...],
    before: datetime | None = None,
    *,
    assigned: str = MAIN,
) -> Exists:
    """A contact that counts, from a day on, by somebody who looks or looked after the firm; ``assigned``: how."""
    outer = OuterRef(_key(firm, on))
    there = VisitParticipant.objects.filter(
        **{f"visit__{firm}": outer, f"official__assignments__{firm}": outer},
        official__assignments__kind=assigned,
        visit__occurred_at__gte=start_of(since),
    )
    if before:
        there = there.filter(visit__occurred_at__lt=before)
    return Exists(there.filter(visit__kind__in=kinds) if kinds else there)


def _looked_after(firm: str, on: str, day: date) -> QuerySet[Assignment]:
    return Assignment.objects.in_force(day).filter(**{firm: OuterRef(_key(firm, on))})


def _key(firm: str, on: str) -> str:
    return "pk" if on == firm else f"{firm}_id"


def _by_tier(duties: Iterable[Duty], on: str, condition: Callable[[Duty, str], Q | Exists]) -> Case:
    """``on``: "enterprise" or "project" for the roster's tables, "" for assignments."""
    whens = []
    for duty in duties:
        firm = PROJECT if duty.tier == PROJECT else "enterprise"
        if on and on != firm:
            continue
        met = ExpressionWrapper(Q(condition(duty, firm)), output_field=BooleanField())
        whens.append(When(_is_of(duty.tier, on), then=met))
    return Case(*whens, default=Value(False), output_field=BooleanField())


def _is_of(tier: str, on: str) -> Q:
    if tier == PROJECT:
        return Q(pk__isnull=False) if on else Q(project__isnull=False)
    return Q(tier=tier) if on else Q(enterprise__tier=tier)
