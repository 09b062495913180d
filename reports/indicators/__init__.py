"""The one registry of indicators and rates: weekly tables, statistics, bulletins and assessments use these."""

from collections.abc import Mapping

from reports.indicators.base import Context, Indicator, Longest, Rate, Ratio, Source, StateSource, Workdays
from reports.indicators.campaigns import CAMPAIGNS, RATES_OF_CAMPAIGNS
from reports.indicators.clusters import CLUSTERS, RATES_OF_CLUSTERS
from reports.indicators.contact import CONTACT, RATES_OF_CONTACT
from reports.indicators.grades import GRADING, RATES_OF_GRADING
from reports.indicators.handling import HANDLED, RATES_OF_HANDLING
from reports.indicators.needs import NEEDS_LISTS, RATES_OF_NEEDS
from reports.indicators.promises import PROMISES, RATES_OF_PROMISES
from reports.indicators.rotas import RATES_OF_ROTAS, ROTAS
from reports.indicators.satisfaction import RATES_OF_SATISFACTION, SATISFACTION
from reports.indicators.stages import RATES_OF_STAGES, STAGES
from reports.indicators.weekly import VISITS, WEEKLY

GROUPS: tuple[tuple[str, tuple[Indicator, ...], tuple[Rate, ...]], ...] = (
    ("诉求办理", HANDLED, RATES_OF_HANDLING),
    ("环节和堵点", STAGES, RATES_OF_STAGES),
    ("共性问题和政策改进", CLUSTERS, RATES_OF_CLUSTERS),
    ("走访和报送", CONTACT, RATES_OF_CONTACT),
    ("专项行动", CAMPAIGNS, RATES_OF_CAMPAIGNS),
    ("用工和融资", NEEDS_LISTS, RATES_OF_NEEDS),
    ("满意度", SATISFACTION, RATES_OF_SATISFACTION),
    ("履约践诺", PROMISES, RATES_OF_PROMISES),
    ("窗口值守和走访联系表", ROTAS, RATES_OF_ROTAS),
    ("分类监管和涉企检查", GRADING, RATES_OF_GRADING),
    ("工作情况表", WEEKLY, ()),
)
"""As the page of all indicators lists them."""

REGISTRY: Mapping[str, Indicator] = {
    indicator.name: indicator for _, indicators, _ in GROUPS for indicator in indicators
}
"""By name."""
RATES: Mapping[str, Rate] = {rate.name: rate for _, _, rates in GROUPS for rate in rates}
"""By name."""


__all__ = [
    "GROUPS",
    "RATES",
    "REGISTRY",
    "VISITS",
    "Context",
    "Indicator",
    "Longest",
    "Rate",
    "Ratio",
    "Source",
    "StateSource",
    "Workdays",
]
