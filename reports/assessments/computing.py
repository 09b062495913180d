"""What every unit did in a year, item by item, counted by the registry of indicators and read from bulletins."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.models import Unit
from appeals.models import Appeal
from districts.models import Region
from districts.profile import Rules
from districts.reporting import AssessmentItem
from districts.workdays import SHANGHAI
from reports.assessments.scoring import Measured, MonthResult
from reports.bulletins.counted import key_of, records_of
from reports.indicators import RATES, REGISTRY, Context
from reports.indicators.counting import context_for, count
from reports.models import Bulletin


@dataclass
class Year:
    """By unit, then by item: the figures, and the ids of the records by indicator."""

    measured: dict[int, dict[str, Measured]] = field(default_factory=dict)
    evidence: dict[int, dict[str, dict[str, list[int]]]] = field(default_factory=dict)


def measure(district: Region, rules: Rules, year: int, units: list[Unit]) -> Year:
    """A few queries an item, whatever the number of units."""
    start = datetime(year, 1, 1, tzinfo=SHANGHAI)
    end = datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
    found = Year({unit.pk: {} for unit in units}, {unit.pk: {} for unit in units})
    whole_year = context_for(district, rules, start, end)
    for item in rules.assessment.items:
        if item.source == "bulletins":
            _from_bulletins(found, item, district, year)
            continue
        context = whole_year
        if item.source == "platform":
            listed = Appeal.objects.filter(district=district).exclude(provincial_number="")
            context = context_for(district, rules, start, end, listed)
        _from_rate(found, item, context)
    return found


def _from_bulletins(found: Year, item: AssessmentItem, district: Region, year: int) -> None:
    """The months that were sent, as they were sent: nothing that happened since changes them."""
    sent = Bulletin.objects.in_force().filter(district=district, kind=Bulletin.Kind.MONTHLY, year=year)
    months: dict[int, list[MonthResult]] = {}
    for bulletin in sent.order_by("month", "pk").only("month", "number", "figures"):
        for unit in found.measured:
            figure = bulletin.figures.get(key_of(item.rate, "full", unit=unit))
            if figure and Decimal(figure["whole"] or 0):
                part, whole = Decimal(figure["value"]), Decimal(figure["whole"])
                result = MonthResult(bulletin.month, bulletin.pk, bulletin.number, part, whole)
                months.setdefault(unit, []).append(result)
    for unit, items in found.measured.items():
        own = months.get(unit, [])
        part = sum((month.part for month in own), Decimal(0))
        whole = sum((month.whole for month in own), Decimal(0))
        items[item.code] = Measured(part, whole, tuple(own))
        found.evidence[unit][item.code] = {}


def _from_rate(found: Year, item: AssessmentItem, context: Context) -> None:
    rate = RATES[item.rate_name]
    names = [indicator.name for indicator in rate.indicators]
    by_unit: Mapping[Hashable, Mapping[str, Decimal]] = count(names, context, "unit")
    records = {name: records_of(REGISTRY[name], context) for name in names}
    for unit, items in found.measured.items():
        ratio = rate.of(by_unit.get(unit, {}))
        items[item.code] = Measured(ratio.part, ratio.whole)
        found.evidence[unit][item.code] = {name: records[name].get(unit, []) for name in names}
