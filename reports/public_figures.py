"""Public figures: a chosen, safe subset of the indicators, once a quarter, never below a minimum count.

What is published stays as it was published, so that nobody learns about one firm's case from what changed
between two looks. Which figures, and the minimum, are profile data (``[public_figures]``).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from appeals.models import Appeal
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.cadence import Period, period_before, period_of, start_of
from reports.indicators import RATES, REGISTRY
from reports.indicators.base import Workdays
from reports.indicators.counting import context_for, count
from reports.indicators.grades import INTERNAL
from reports.models import PublishedFigures

QUARTERLY = "quarterly"
SETTLES_AFTER_DAYS = 10
"""After the end of a quarter: revisits of its last days are still to come."""
FIRST_LOOK_BACK = 4
"""So many quarters are caught up with where none was published yet."""


def unknown_names(rules: Rules) -> list[str]:
    """Names of the profile that stand for no figure anybody can publish."""
    return [
        name
        for name in rules.public_figures.names
        if name in INTERNAL
        or (
            name not in RATES
            and (name not in REGISTRY or REGISTRY[name].parameter or isinstance(REGISTRY[name], Workdays))
        )
    ]


def publish_due(district: Region) -> list[PublishedFigures]:
    """Publish the quarters that are over and settled and were not published yet. Doing it again changes nothing."""
    rules = DistrictProfile.objects.in_force(district, on=clock.today()).rules
    if not rules.public_figures.names:
        return []
    published = []
    for quarter in _settled(rules):
        if PublishedFigures.objects.filter(district=district, quarter=quarter.start).exists():
            continue
        within = {"submitted_at__gte": start_of(quarter.start), "submitted_at__lt": start_of(quarter.end)}
        if not Appeal.objects.filter(district=district, **within).exists():
            continue  # before anybody used the portal there is nothing to tell
        made, is_new = PublishedFigures.objects.get_or_create(
            district=district, quarter=quarter.start, defaults=_figures_of(district, rules, quarter)
        )
        if is_new:
            published.append(made)
    return published


def _settled(rules: Rules) -> list[Period]:
    """The last quarters that have settled, since the action began; the oldest first."""
    today, quarters = clock.today(), []
    quarter = period_of(QUARTERLY, today)
    for _ in range(FIRST_LOOK_BACK):
        quarter = period_before(QUARTERLY, quarter.start)
        if (today - quarter.end).days >= SETTLES_AFTER_DAYS and quarter.end > rules.action_started:
            quarters.append(quarter)
    return quarters[::-1]


def _figures_of(district: Region, rules: Rules, quarter: Period) -> dict[str, Any]:
    chosen = rules.public_figures
    context = context_for(district, rules, start_of(quarter.start), start_of(quarter.end))
    names = [name for name in chosen.names if name not in unknown_names(rules)]
    needed = {
        indicator.name
        for name in names
        for indicator in (RATES[name].indicators if name in RATES else (REGISTRY[name],))
    }
    values = count({*needed, "received"}, context).get(None, {})
    categories = []
    if chosen.by_category:
        by_code = count(["received"], context, "category")
        counts = {code: int(by_code.get(code, {}).get("received", 0)) for code in rules.codes("categories")}
        others = int(values.get("received", 0)) - sum(counts.values())
        if others:
            counts[""] = others
        shown = suppressed(counts, chosen.minimum)
        categories = [
            {"label": rules.label("categories", code) if code else "其他", "count": shown[code]}
            for code in counts
        ]
    return {
        "figures": [_published(name, values, chosen.minimum) for name in names],
        "categories": categories,
        "minimum": chosen.minimum,
        "made_at": clock.now(),
    }


def _published(name: str, values: Mapping[str, Decimal], minimum: int) -> dict[str, str]:
    """One figure in words; empty where it rests on too few cases."""
    if name in RATES:
        rate = RATES[name]
        ratio = rate.of(values)
        text = "" if ratio.whole < minimum else f"{ratio.text}{'' if rate.measure == '%' else rate.measure}"
        return {"name": name, "label": rate.label, "text": text, "definition": rate.full_definition}
    indicator = REGISTRY[name]
    value = values.get(name, Decimal(0))
    text = f"{value:,.0f}件" if value == 0 or value >= minimum else ""
    return {"name": name, "label": indicator.label, "text": text, "definition": indicator.definition}


def suppressed(counts: Mapping[str, int], minimum: int) -> dict[str, int | None]:
    """The counts with every small one hidden (None), and so many others that no hidden one can be worked out.

    Their total is known. One hidden count would follow from it, and so would several that add up to little:
    the next smallest are hidden too, until there are two and they hold at least the minimum. Zero tells nothing
    about anybody and stays.
    """
    hidden = {code for code, number in counts.items() if 0 < number < minimum}
    if hidden:
        others = sorted((number, code) for code, number in counts.items() if number and code not in hidden)
        for _, code in others:
            if len(hidden) > 1 and sum(counts[one] for one in hidden) >= minimum:
                break
            hidden.add(code)
    return {code: None if code in hidden else number for code, number in counts.items()}
