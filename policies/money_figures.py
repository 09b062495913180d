"""Totals of money under policies: what was asked for, approved and paid; and paid by policy, year or firm."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, ExtractYear

from core import clock
from districts.workdays import SHANGHAI
from policies.models import Claim, Payment

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class ClaimFigures:
    number: int
    applied: Decimal
    approved: Decimal
    paid: Decimal
    overdue: int
    unasked: int

    @property
    def left(self) -> Decimal:
        return max(self.approved - self.paid, ZERO)


def claim_figures(claims: QuerySet[Claim]) -> ClaimFigures:
    """Of claims of ``with_paid``; refused and withdrawn ones count as asked for only. Two queries."""
    claims = claims.order_by()
    approved = Q(state=Claim.State.APPROVED)
    found = claims.aggregate(
        number=Count("pk"),
        applied=Sum("applied_amount"),
        approved=Sum("approved_amount", filter=approved),
        unasked=Count("pk", filter=Q(unasked=True)),
        overdue=Count(
            "pk", filter=approved & Q(promised_on__lt=clock.today(), paid__lt=F("approved_amount"))
        ),
    )
    paid = Payment.objects.filter(claim__in=claims.values("pk")).order_by().aggregate(paid=Sum("amount"))
    return ClaimFigures(
        number=found["number"],
        applied=_exact(found["applied"]),
        approved=_exact(found["approved"]),
        paid=_exact(paid["paid"]),
        overdue=found["overdue"],
        unasked=found["unasked"],
    )


def _exact(total: Decimal | None) -> Decimal:
    """A sum to two places: SQLite adds up floating numbers."""
    return (total or ZERO).quantize(CENT)


def totals_by(payments: QuerySet[Payment], by: str) -> QuerySet:
    """Rows with ``label``, ``total`` (reversals taken off), ``firms`` and ``times``, the largest first."""
    standing = Q(reverses__isnull=True, reversal__isnull=True)
    sums = {
        "total": Sum("amount"),
        "times": Count("pk", filter=standing),
        "firms": Count("enterprise", distinct=True, filter=standing),
    }
    rows: Any = payments.order_by()
    match by:
        case "year":
            years = rows.annotate(label=ExtractYear("occurred_at", tzinfo=SHANGHAI)).values("label")
            return years.annotate(**sums).order_by("-label")
        case "firm":
            name = Case(
                When(project__isnull=False, then=F("project__name")),
                default=Coalesce("enterprise__name", "claimed_name", Value("")),
                output_field=CharField(),
            )
            firms = rows.annotate(label=name).values("enterprise", "project", "label")
            return firms.annotate(key=F("enterprise"), **sums).order_by("-total", "label")
    policies = rows.annotate(label=F("policy__title"), key=F("policy")).values("key", "label")
    return policies.annotate(**sums).order_by("-total", "label")
