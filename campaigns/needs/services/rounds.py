"""Rounds in which financing needs are collected.

A round lasts as many months as the profile says. The one of today is opened by a tick, or by the first need that comes
up in it; what is still running then is carried into it, so that no need is lost between two rounds.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import FinancingEntry, FinancingNeed, FinancingRound
from campaigns.needs.permissions import WHO_LEADS_FINANCE, leads_finance
from campaigns.needs.words import Errors
from core import clock
from districts.models import Region
from districts.profile import Rules

CLOSED_FROM = timedelta(days=5)
"""So long before its last day the leading unit is reminded, and a round may be summed up."""


@dataclass(frozen=True)
class Span:
    year: int
    number: int
    starts: date
    ends: date


def span_of(day: date, rules: Rules) -> Span:
    """The round that ``day`` falls into: rounds of equal length, counted from January."""
    months = rules.needs.round_months
    number = (day.month - 1) // months + 1
    first = (number - 1) * months + 1
    following = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return Span(day.year, number, date(day.year, first, 1), date.fromordinal(following.toordinal() - 1))


@transaction.atomic
def round_of_today(district: Region, rules: Rules) -> tuple[FinancingRound, bool]:
    """Today's round, opened if it is not yet; whether it was. Opening carries over what is still running."""
    span = span_of(clock.today(), rules)
    found, is_new = FinancingRound.objects.get_or_create(
        district=district,
        year=span.year,
        number=span.number,
        defaults={"starts": span.starts, "ends": span.ends, "opened_at": clock.now()},
    )
    if is_new:
        running = FinancingNeed.objects.filter(district=district, state__in=FinancingNeed.RUNNING)
        FinancingEntry.objects.bulk_create(
            FinancingEntry(round=found, need=need, carried=True, added_at=clock.now()) for need in running
        )
    return found, is_new


def may_be_closed(found: FinancingRound) -> bool:
    """Not while needs are still collected for weeks: what was summed up stays."""
    return found.is_open and clock.today() >= found.ends - CLOSED_FROM


@transaction.atomic
def close_round(*, by: User, financing_round: FinancingRound, summary: str) -> FinancingRound:
    """Summed up in words; its needs go on."""
    found = FinancingRound.objects.select_for_update().get(pk=financing_round.pk)
    if not leads_finance(by) or by.unit is None or by.unit.district_id != found.district_id:
        raise PermissionDenied(WHO_LEADS_FINANCE)
    if found.closed_at:
        raise ValidationError("这一轮已经小结。")
    if not may_be_closed(found):
        first = found.ends - CLOSED_FROM
        raise ValidationError(f"这一轮还在摸排，{first:%m月%d日}起可以小结。")
    errors = Errors()
    summary = errors.text("summary", summary, 2000, needed="请写明本轮小结。")
    errors.stop()
    found.summary, found.closed_at, found.closed_by = summary, clock.now(), by
    found.save(update_fields=["summary", "closed_at", "closed_by"])
    audit.record(by, "financing_round.closed", found)
    return found
