"""Saying “no” in figures: how many, at which level they stand or stopped, how many were turned to “办”.

What is counted is counted by pure functions from rows; :func:`figures_of` fetches the rows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Role, Unit, User
from appeals.models import Event, Refusal, Status
from appeals.workflow import TRANSITIONS
from enterprises.querysets import DISTRICT_WIDE
from liaisons.cadence import start_of

Outcome = Refusal.Outcome

READERS = frozenset({*DISTRICT_WIDE, Role.UNIT_LEADER, Role.LIAISON})
"""Who reads the figures: the district's, or those of the own unit."""
RANKED_FROM = 10
"""A unit with fewer dispatched appeals is not ranked: one case more or less would turn the order round."""
DISPATCHING = tuple(row.name for row in TRANSITIONS.values() if row.target == Status.DISPATCHED)


class Row(NamedTuple):
    """So many proposals that stand alike: signed up to ``level`` of ``levels``, ended with ``outcome``."""

    level: int
    levels: int
    outcome: str
    cases: int


@dataclass
class Stage:
    """A level that signs, or the consultation after the last one."""

    label: str
    reached: int = 0
    """How many it signed, or consulted on."""
    waiting: int = 0
    """How many wait there now."""
    turned_back: int = 0
    lapsed: int = 0


@dataclass
class Figures:
    proposed: int
    levels: list[Stage]
    consultation: Stage
    turned_back: int
    unreasonable: int
    reasonable: int
    reported_up: int
    lapsed: int
    waiting: int

    @property
    def stages(self) -> list[Stage]:
        return [*self.levels, self.consultation]


def count(rows: Iterable[Row], labels: Sequence[str]) -> Figures:
    """Where the proposals stand or stopped. ``labels``: the levels that sign, the proposer first."""
    rows = list(rows)
    number = max([len(labels), *(row.levels for row in rows)])
    stages = [Stage(labels[n] if n < len(labels) else f"第{n + 1}级") for n in range(number)]
    consultation = Stage("会商")
    for row in rows:
        for stage in stages[: row.level]:
            stage.reached += row.cases
        signed_by_all = row.level >= row.levels
        at = consultation if signed_by_all else stages[row.level]
        if signed_by_all:
            consultation.reached += row.cases
        if not row.outcome:
            at.waiting += row.cases
        elif row.outcome == Outcome.TURNED_BACK:
            at.turned_back += row.cases
        elif row.outcome == Outcome.LAPSED:
            at.lapsed += row.cases

    def ended(outcome: str) -> int:
        return sum(row.cases for row in rows if row.outcome == outcome)

    return Figures(
        proposed=sum(row.cases for row in rows),
        levels=stages,
        consultation=consultation,
        turned_back=ended(Outcome.TURNED_BACK),
        unreasonable=ended(Outcome.UNREASONABLE),
        reasonable=ended(Outcome.REASONABLE),
        reported_up=ended(Outcome.REPORTED_UP),
        lapsed=ended(Outcome.LAPSED),
        waiting=ended(""),
    )


@dataclass(frozen=True)
class Share:
    """How many of the appeals dispatched in a period were met with a proposal of “no”.

    An appeal that went to two units counts for each of them (件次).
    """

    refused: int
    dispatched: int

    @property
    def percent(self) -> str:
        return f"{self.refused / self.dispatched:.1%}" if self.dispatched else "—"


@dataclass(frozen=True)
class UnitShare:
    unit: Unit
    share: Share
    proposed: int
    rank: int | None
    """None: too few cases to be ranked."""


def ranking(units: Iterable[tuple[Unit, Share, int]]) -> list[UnitShare]:
    """The highest share first and equal shares side by side; units below :data:`RANKED_FROM` after them."""
    counted = list(units)
    many = [entry for entry in counted if entry[1].dispatched >= RANKED_FROM]
    few = [entry for entry in counted if entry[1].dispatched < RANKED_FROM]

    def portion(share: Share) -> float:
        return share.refused / share.dispatched

    many.sort(key=lambda entry: (-portion(entry[1]), entry[0].order, entry[0].pk))
    ranked = [
        UnitShare(unit, share, proposed, 1 + sum(portion(other[1]) > portion(share) for other in many))
        for unit, share, proposed in many
    ]
    few.sort(key=lambda entry: (entry[0].order, entry[0].pk))
    return [*ranked, *(UnitShare(unit, share, proposed, None) for unit, share, proposed in few)]


# --- The funnel, drawn ----------------------------------------------------------------------------

WIDTH, BAND, GAP = 190, 26, 14
LEFT = 112


@dataclass(frozen=True)
class Drawn:
    """A band of the funnel: as wide as its share of all that were proposed."""

    label: str
    figure: int
    points: str
    text_y: int


def funnel(figures: Figures) -> list[Drawn]:
    """The bands narrow to what comes through to the next one."""
    stages = figures.stages
    widths = [WIDTH * stage.reached / figures.proposed if figures.proposed else 0 for stage in stages]
    middle = LEFT + WIDTH / 2
    drawn = []
    for n, stage in enumerate(stages):
        top = n * (BAND + GAP)
        above, below = widths[n] / 2, widths[min(n + 1, len(widths) - 1)] / 2
        corners = (
            (middle - above, top),
            (middle + above, top),
            (middle + below, top + BAND),
            (middle - below, top + BAND),
        )
        points = " ".join(f"{x:.1f},{y}" for x, y in corners)
        drawn.append(Drawn(stage.label, stage.reached, points, top + 18))
    return drawn


# --- Out of the database --------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """Whole days, both of them included."""

    since: date
    until: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return start_of(self.since), start_of(self.until + timedelta(days=1))


@dataclass
class Report:
    figures: Figures
    share: Share
    units: list[UnitShare] = field(default_factory=list)
    """Empty where one unit is looked at."""


def refusals_of(user: User, period: Period, unit: Unit | None) -> QuerySet[Refusal]:
    """What was proposed in the period; by one unit, or by all that the user may see."""
    start, end = period.moments
    found = Refusal.objects.visible_to(user).filter(at__gte=start, at__lt=end)
    return found.filter(unit=unit) if unit else found


def report(user: User, period: Period, unit: Unit | None, labels: Sequence[str]) -> Report:
    """A handful of queries, whatever the district's size."""
    start, end = period.moments
    refusals = refusals_of(user, period, unit).order_by()
    stands = list(refusals.values_list("unit", "level", "levels", "outcome").annotate(cases=Count("pk")))
    dispatches = Event.objects.visible_to(user).filter(
        transition__in=DISPATCHING, occurred_at__gte=start, occurred_at__lt=end
    )
    if unit:
        dispatches = dispatches.filter(data__lead=unit.pk)
    dispatched = dispatches.order_by().values_list("data__lead")
    # Dispatched within the period before the “no”: then the last such dispatch was to the unit that says it.
    before = Event.objects.filter(
        appeal=OuterRef("appeal"),
        transition__in=DISPATCHING,
        occurred_at__gte=start,
        seq__lt=OuterRef("event_seq"),
    )
    refused = refusals.filter(Exists(before)).values_list("unit")
    shares = _shares(
        refused=dict(refused.annotate(appeals=Count("appeal", distinct=True))),
        dispatched=dict(dispatched.annotate(appeals=Count("appeal", distinct=True))),
    )
    found = Report(
        figures=count((Row(*row) for _, *row in stands), labels),
        share=Share(
            refused=sum(share.refused for share in shares.values()),
            dispatched=sum(share.dispatched for share in shares.values()),
        ),
    )
    if unit is None:
        proposed: Counter[int] = Counter()
        for pk, *row in stands:
            proposed[pk] += Row(*row).cases
        units = Unit.objects.filter(pk__in={*shares, *proposed})
        found.units = ranking((each, shares.get(each.pk, Share(0, 0)), proposed[each.pk]) for each in units)
    return found


def _shares(*, refused: dict[int, int], dispatched: dict[int, int]) -> dict[int, Share]:
    return {pk: Share(refused.get(pk, 0), dispatched.get(pk, 0)) for pk in {*refused, *dispatched}}
