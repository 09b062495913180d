"""The figures of 履约践诺: how many are kept, what is owed and paid, by debtor and unit, and the burn-down."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import Unit
from campaigns.commitments.querysets import CommitmentQuerySet
from campaigns.models import Commitment, CommitmentEvent, Instalment
from core import clock

WEEK = timedelta(days=7)
ZERO = Decimal(0)
CENT = Decimal("0.01")
State = Commitment.State
MOST_WEEKS = 104
"""Of the burn-down, the latest."""


@dataclass(frozen=True)
class Figures:
    """Withdrawn ones were no promises: they stand apart, and in no rate."""

    running: int
    overdue: int
    to_confirm: int
    kept: int
    broken: int
    disputed: int
    withdrawn: int

    @property
    def due(self) -> int:
        """Of which it is known whether they were kept, or should be."""
        return self.kept + self.broken + self.overdue

    @property
    def rate(self) -> Decimal | None:
        return _share(self.kept, self.due)


@dataclass(frozen=True)
class Money:
    """What is owed to firms (debts only), and what of it was paid."""

    label: str
    number: int
    owed: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.owed - self.paid, ZERO)

    @property
    def rate(self) -> Decimal | None:
        return _share(self.paid, self.owed)


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """In per cent, cut and not rounded: 100 is said only when nothing is missing."""
    return (Decimal(part) * 1000 / Decimal(whole)).to_integral_value("ROUND_FLOOR") / 10 if whole else None


def figures(commitments: CommitmentQuerySet) -> Figures:
    """One query."""
    running, with_unit = Q(state__in=Commitment.RUNNING), Q(reported_at__isnull=True)
    late = running & with_unit & Q(due_on__lt=clock.today()) & ~Q(state=State.DISPUTED)
    return Figures(
        **commitments.order_by().aggregate(
            running=Count("pk", filter=running),
            overdue=Count("pk", filter=late),
            to_confirm=Count("pk", filter=running & ~with_unit),
            disputed=Count("pk", filter=Q(state=State.DISPUTED)),
            **{
                str(state): Count("pk", filter=Q(state=state))
                for state in (State.KEPT, State.BROKEN, State.WITHDRAWN)
            },
        )
    )


def money(commitments: CommitmentQuerySet) -> Money:
    """Of the debts among them, withdrawn ones left out. Two queries."""
    debts = commitments.debts().exclude(state=State.WITHDRAWN).order_by()
    counted = debts.aggregate(number=Count("pk"), owed=Sum(Coalesce("acknowledged", "amount")))
    paid = (
        Instalment.objects.standing().filter(commitment__in=debts.values("pk")).aggregate(paid=Sum("amount"))
    )
    return Money("合计", counted["number"], _exact(counted["owed"]), _exact(paid["paid"]))


def _exact(total: Decimal | None) -> Decimal:
    """A sum to two places: SQLite adds up floating numbers."""
    return (total or ZERO).quantize(CENT)


def money_by_debtor(commitments: CommitmentQuerySet) -> list[Money]:
    """By kind of debtor, the largest remainder first."""
    return _by(commitments, "debtor", dict(Commitment.Debtor.choices))


def money_by_unit(commitments: CommitmentQuerySet) -> list[Money]:
    """By the unit that answers for the payment."""
    units = {
        unit.pk: unit.short_name for unit in Unit.objects.filter(pk__in=commitments.order_by().values("unit"))
    }
    return _by(commitments, "unit", units)


def _by(commitments: CommitmentQuerySet, key: str, labels: dict) -> list[Money]:
    debts = commitments.debts().exclude(state=State.WITHDRAWN).order_by()
    owed = debts.values(key).annotate(number=Count("pk"), owed=Sum(Coalesce("acknowledged", "amount")))
    instalments = Instalment.objects.standing().filter(commitment__in=debts.values("pk")).order_by()
    paid = dict(
        instalments.values_list(f"commitment__{key}")
        .annotate(paid=Sum("amount"))
        .values_list(f"commitment__{key}", "paid")
    )
    found = [
        Money(
            str(labels.get(row[key], row[key])),
            row["number"],
            _exact(row["owed"]),
            _exact(paid.get(row[key])),
        )
        for row in owed
    ]
    return sorted(found, key=lambda one: (-one.left, one.label))


# --- Week by week ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """What is left at the end of a week (of the running one: today)."""

    ends: date
    recorded: int
    ended: int
    left: int
    paid: Decimal


def burn_down(commitments: CommitmentQuerySet) -> list[Week]:
    """From the first one recorded until today, counted from the events alone. Three queries."""
    pks = commitments.order_by().values("pk")
    events = CommitmentEvent.objects.filter(commitment__in=pks).counted().order_by()
    began = events.aggregate(began=Min("at"))["began"]
    if began is None:
        return []
    moves = events.annotate(on=TruncDate("at")).values_list("on", "is_running").annotate(number=Count("pk"))
    by_week: dict[date, list[tuple[bool, int]]] = {}
    for on, is_running, number in moves:
        by_week.setdefault(_sunday(on), []).append((is_running, number))
    payments = Instalment.objects.standing().filter(commitment__in=pks).order_by()
    paid: dict[date, Decimal] = {}
    for day, amount in payments.values_list("paid_on").annotate(total=Sum(F("amount"))):
        paid[_sunday(day)] = paid.get(_sunday(day), ZERO) + amount
    today, left, weeks = clock.today(), 0, []
    sunday = _sunday(clock.local_date(began))
    while sunday - WEEK < today:
        moved = by_week.get(sunday, ())
        recorded = sum(number for is_running, number in moved if is_running)
        ended = sum(number for is_running, number in moved if not is_running)
        left += recorded - ended
        weeks.append(Week(min(sunday, today), recorded, ended, left, _exact(paid.get(sunday))))
        sunday += WEEK
    return weeks[-MOST_WEEKS:]


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())
