"""The policies of the district, papers handed out about them, money paid under them, and news of the action."""

from policies.models.counted import CountedForAUnit
from policies.models.library import Policy, PolicyCondition, PolicyList
from policies.models.money import Claim, Payment
from policies.models.news import NewsItem
from policies.models.papers import HandOut, Outreach

__all__ = [
    "Claim",
    "CountedForAUnit",
    "HandOut",
    "NewsItem",
    "Outreach",
    "Payment",
    "Policy",
    "PolicyCondition",
    "PolicyList",
]
