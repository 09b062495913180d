"""Public figures: a chosen, safe subset of the indicators, once a quarter, never below a minimum count.

What is published stays as it was published, so that nobody learns about one firm's case from what changed
between two looks. Which figures, and the minimum, are profile data (``[public_figures]``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from appeals.models import Appeal
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.workdays import SHANGHAI
from reports.indicators import RATES, REGISTRY
from reports.indicators.base import Workdays
from reports.indicators.counting import context_for, count
from reports.models import PublishedFigures

SETTLES_AFTER_DAYS = 10
"""After the end of a quarter: revisits of its last days are still to come."""
FIRST_LOOK_BACK = 4
"""So many quarters are caught up with where none was published yet."""


def unknown_names(rules: Rules) -> list[str]:
    """Names of the profile that stand for no figure anybody can publish."""
    return [
        name
        for name in rules.public_figures.names
        if name not in RATES
        and (name not in REGISTRY or REGISTRY[name].parameter or isinstance(REGISTRY[name], Workdays))
    ]


def publish_due(district: Region) -> list[PublishedFigures]:
    """Publish the quarters that are over and settled and were not published yet. Doing it again changes nothing."""
    rules = DistrictProfile.objects.in_force(district, on=clock.today()).rules
    if not rules.public_figures.names:
        return []
    published = []
    for quarter in _settled(rules):
        if PublishedFigures.objects.filter(district=district, quarter=quarter).exists():
            continue
        within = {"submitted_at__gte": _midnight(quarter), "submitted_at__lt": _midnight(_following(quarter))}
        if not Appeal.objects.filter(district=district, **within).exists():
            continue  # before anybody used the portal there is nothing to tell
        made, is_new = PublishedFigures.objects.get_or_create(
            district=district, quarter=quarter, defaults=_figures_of(district, rules, quarter)
        )
        if is_new:
            published.append(made)
    return published


def _settled(rules: Rules) -> list[date]:
    """The first days of the last quarters that have settled, since the action began; the oldest first."""
    today = clock.today()
    quarters = []
    quarter = _first_of_quarter(today)
    for _ in range(FIRST_LOOK_BACK + 1):
        following = _following(quarter)
        if (today - following).days >= SETTLES_AFTER_DAYS and following > rules.action_started:
            quarters.append(quarter)
        quarter = _first_of_quarter(date.fromordinal(quarter.toordinal() - 1))
    return quarters[::-1]


def _figures_of(district: Region, rules: Rules, quarter: date) -> dict[str, Any]:
    chosen = rules.public_figures
    context = context_for(district, rules, _midnight(quarter), _midnight(_following(quarter)))
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


def _first_of_quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _following(quarter: date) -> date:
    return date(quarter.year + 1, 1, 1) if quarter.month == 10 else quarter.replace(month=quarter.month + 3)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
