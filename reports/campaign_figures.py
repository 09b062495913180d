"""Every indicator as a figure that a task of a campaign may point to."""

from datetime import datetime

from campaigns import figures
from districts.models import DistrictProfile, Region
from reports.bulletins.counted import plain
from reports.indicators import GROUPS
from reports.indicators.counting import context_for, count


def register_all() -> None:
    for _, indicators, _ in GROUPS:
        for indicator in indicators:
            if not indicator.parameter:
                figures.register(
                    figures.Figure(
                        indicator.name, indicator.label, indicator.definition, _counter(indicator.name)
                    )
                )


def _counter(name: str) -> figures.Count:
    def count_of(district: Region, start: datetime, end: datetime) -> str:
        rules = DistrictProfile.objects.in_force(district).rules
        values = count([name], context_for(district, rules, start, end)).get(None, {})
        return plain(values[name]) if name in values else "0"

    return count_of
