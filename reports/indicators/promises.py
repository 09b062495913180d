"""履约践诺: whether commitments were kept, and what of the debts to small firms was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns.models import Commitment, Instalment
from core import clock
from reports.indicators.base import Context, Indicator, Rate, Source, total
from reports.spans import Span


def first_day(span: Span) -> date:
    """The day a span begins on: commitments and payments have days, no hours."""
    return clock.local_date(span.start)


@dataclass(frozen=True)
class OfDays(Source):
    """Records of a day within the span, that has come."""

    def when(self, span: Span) -> Q:
        last = min(span.last_day, clock.today())
        return Q(**{f"{self.occurred}__gte": first_day(span), f"{self.occurred}__lte": last})


@dataclass(frozen=True)
class UpToTheEnd(Source):
    """Everything up to the end of the span: what a stock of debts is made of."""

    def when(self, span: Span) -> Q:
        return Q(**{f"{self.occurred}__lt": span.end})


@dataclass(frozen=True)
class UpToTheDay(Source):
    """The same for records that have a day and no hour."""

    def when(self, span: Span) -> Q:
        return Q(**{f"{self.occurred}__lte": span.last_day})


def _standing(instalments: QuerySet, context: Context) -> QuerySet:
    return instalments.filter(cancelled_at__isnull=True, commitment__kind="debt").exclude(
        commitment__state=Commitment.State.WITHDRAWN
    )


def _debts(commitments: QuerySet, context: Context) -> QuerySet:
    return commitments.filter(kind="debt").exclude(state=Commitment.State.WITHDRAWN)


def _undisputed(commitments: QuerySet, context: Context) -> QuerySet:
    """What is in dispute has no day to be kept by, and what was withdrawn is nothing to keep."""
    return commitments.exclude(state__in=[Commitment.State.WITHDRAWN, Commitment.State.DISPUTED])


DUE = OfDays(Commitment, "unit_id", "due_on", "recorded_at", _undisputed)
OWED = UpToTheEnd(
    Commitment, "unit_id", "recorded_at", "recorded_at", _debts,
    given={"owed_amount": Coalesce(F("acknowledged"), F("amount"))},
)  # fmt: skip
PAID = OfDays(Instalment, "commitment__unit_id", "paid_on", "recorded_at", _standing)
PAID_SO_FAR = UpToTheDay(Instalment, "commitment__unit_id", "paid_on", "recorded_at", _standing)

COMMITMENTS_DUE = Indicator(
    "commitments_due",
    "到期承诺",
    "兑现时限在期内的履约承诺，有争议的和撤销的不计。计入责任单位。",
    DUE,
)
COMMITMENTS_KEPT = Indicator(
    "commitments_kept",
    "已兑现承诺",
    "其中已经确认兑现的。",
    DUE,
    matches=lambda context: Q(state=Commitment.State.KEPT),
)
DEBTS_OWED = Indicator(
    "debts_owed",
    "拖欠账款金额",
    "到期末登记的拖欠中小企业账款（万元），有确认金额的按确认金额；撤销的不计。计入责任单位；是到期末的累计数。",
    OWED,
    total("owed_amount"),
)
DEBTS_PAID_SO_FAR = Indicator(
    "debts_paid_so_far",
    "累计清偿账款金额",
    "到期末登记的付款（万元），作废的不计。计入责任单位；是到期末的累计数。",
    PAID_SO_FAR,
    total("amount"),
)
DEBTS_PAID = Indicator(
    "debts_paid",
    "清偿账款金额",
    "付款日期在期内的拖欠账款付款（万元），作废的不计。计入责任单位。",
    PAID,
    total("amount"),
)

PROMISES = (COMMITMENTS_DUE, COMMITMENTS_KEPT, DEBTS_OWED, DEBTS_PAID_SO_FAR, DEBTS_PAID)

RATES_OF_PROMISES = (
    Rate(
        "commitments_rate", "承诺兑现率", "到期承诺中已经兑现的比例。", COMMITMENTS_KEPT, (COMMITMENTS_DUE,)
    ),
    Rate("debts_rate", "账款清偿率", "拖欠账款中已经清偿的比例。", DEBTS_PAID_SO_FAR, (DEBTS_OWED,)),
)
