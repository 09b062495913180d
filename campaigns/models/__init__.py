"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""

from campaigns.models.financing import FinancingDispatch, FinancingEntry, FinancingNeed, FinancingRound
from campaigns.models.needs import JobOpening, JobPlacement, JobSeeker, Recommendation
from campaigns.models.needs_lists import NeedsConfirmation, PublishedNeeds

__all__ = [
    "FinancingDispatch",
    "FinancingEntry",
    "FinancingNeed",
    "FinancingRound",
    "JobOpening",
    "JobPlacement",
    "JobSeeker",
    "NeedsConfirmation",
    "PublishedNeeds",
    "Recommendation",
]
