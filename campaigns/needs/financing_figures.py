"""What came of a round, in figures; and which banks said yes to needs like this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from campaigns.models import FinancingDispatch, FinancingEntry, FinancingNeed, FinancingRound
from campaigns.needs.events import Held, held
from core import clock
from districts.profile import Rules
from districts.workdays import SHANGHAI

BANDS = (Decimal(100), Decimal(500), Decimal(1000), Decimal(5000))
"""In 万元: needs between two of these are alike in amount."""
LOOKED_AT = 300


@dataclass(frozen=True)
class RoundFigures:
    needs: int = 0
    carried: int = 0
    wanted: Decimal = Decimal(0)
    dispatched: int = 0
    """Needs that were handed to at least one bank in the round."""
    answers_due: int = 0
    """Dispatches that were answered, or whose day has passed."""
    answered_in_time: int = 0
    credit: Decimal = Decimal(0)
    lent: Decimal = Decimal(0)
    solved: int = 0
    """Needs of the round that a bank granted or lent something for, in it."""
    talks: Held = field(default_factory=Held)
    """银企对接会 held while it ran."""

    @property
    def solved_rate(self) -> str:
        return share(self.solved, self.needs)

    @property
    def in_time_rate(self) -> str:
        return share(self.answered_in_time, self.answers_due)

    @property
    def lent_rate(self) -> str:
        return share(self.lent, self.wanted)


def share(part: Decimal | int, whole: Decimal | int) -> str:
    """62.5%（5/8）; a dash where there is nothing to share. Nobody reads a share without its numbers."""
    if not whole:
        return "—"
    tenths = int(Decimal(part) * 1000 / Decimal(whole))
    return f"{tenths / 10:.1f}%（{Decimal(part).normalize():f}/{Decimal(whole).normalize():f}）"


def figures_of(rounds: Sequence[FinancingRound], rules: Rules) -> dict[int, RoundFigures]:
    """By round of a district, in three queries however many there are."""
    if not rounds:
        return {}
    wanted = [found.pk for found in rounds]
    entries = (
        FinancingEntry.objects.filter(round__in=wanted)
        .order_by()
        .values("round")
        .annotate(needs=Count("pk"), carried=Count("pk", filter=Q(carried=True)), wanted=Sum("need__amount"))
    )
    answered_on = TruncDate("answered_at", tzinfo=SHANGHAI)
    answered = Q(answered_at__isnull=False)
    dispatches = (
        FinancingDispatch.objects.filter(round__in=wanted)
        .order_by()
        .alias(answered_on=answered_on)
        .values("round")
        .annotate(
            dispatched=Count("need", distinct=True),
            answers_due=Count("pk", filter=answered | Q(due__lt=clock.today())),
            answered_in_time=Count("pk", filter=answered & Q(answered_on__lte=F("due"))),
            credit=Sum("credit"),
            lent=Sum("lent"),
            solved=Count("need", distinct=True, filter=Q(answer="credit")),
        )
    )
    values: dict[int, dict[str, Any]] = {pk: {} for pk in wanted}
    for line in (*entries, *dispatches):
        found: dict[str, Any] = dict(line)
        values[found.pop("round")].update(found)
    spans = [(found.starts, found.ends) for found in rounds]
    talks = dict(zip(wanted, held(rounds[0].district, rules.needs.finance_events, spans), strict=True))
    return {pk: RoundFigures(**counted, talks=talks[pk]) for pk, counted in values.items()}


# --- Who said yes before --------------------------------------------------------------------------


def band_of(amount: Decimal) -> int:
    """The place of its band: 0 up to 100 万元, 1 up to 500 …"""
    return sum(amount > limit for limit in BANDS)


def band_words(band: int) -> str:
    if band == 0:
        return f"{BANDS[0]:f}万元以内"
    if band == len(BANDS):
        return f"{BANDS[-1]:f}万元以上"
    return f"{BANDS[band - 1]:f}～{BANDS[band]:f}万元"


@dataclass
class Suggestion:
    """A bank that granted something for needs like this one, and for how many and which."""

    bank: str
    points: int = 0
    reasons: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)


def banks_like(need: FinancingNeed, rules: Rules) -> list[Suggestion]:
    """Banks that said yes to needs of the same band or with the same guarantee, those alike in both first."""
    yes = (
        FinancingDispatch.objects.filter(
            answer=FinancingDispatch.Answer.CREDIT, need__district=need.district_id
        )
        .exclude(need=need.pk)
        .order_by("-answered_at", "-pk")
        .values_list("bank_name", "need__amount", "need__guarantee", "product")
    )
    band, guarantee = band_of(need.amount), need.guarantee
    counts: dict[str, list[int]] = {}
    products: dict[str, list[str]] = {}
    for bank, amount, other, product in yes[:LOOKED_AT]:
        tally = counts.setdefault(bank, [0, 0])
        tally[0] += band_of(amount) == band
        tally[1] += other == guarantee
        if product and (band_of(amount) == band or other == guarantee):
            products.setdefault(bank, []).append(product)
    found = []
    for bank, (same_band, same_guarantee) in counts.items():
        reasons = []
        if same_band:
            reasons.append(f"对{band_words(band)}的需求授信过 {same_band} 次")
        if same_guarantee:
            reasons.append(f"对“{rules.label('guarantees', guarantee)}”授信过 {same_guarantee} 次")
        if reasons:
            points = same_band + same_guarantee + (5 if len(reasons) == 2 else 0)
            kept = list(dict.fromkeys(products.get(bank, [])))[:3]
            found.append(Suggestion(bank, points, reasons, kept))
    return sorted(found, key=lambda one: (-one.points, one.bank))[:5]
