"""A rate on a page: never without what is divided by what, and always with its definition at hand."""

from typing import Any

from django import template

from reports.statistics.shown import ShownRate

register = template.Library()


@register.inclusion_tag("reports/_rate.html")
def rate(shown: ShownRate, tile: bool = False) -> dict[str, Any]:
    """The share, numerator and denominator (each leading to its records); the share leads to its definition."""
    return {"shown": shown, "tile": tile}
