"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""

from campaigns.models.conduct import ConductRemark
from campaigns.models.ratings import LowRating, ServiceRating
from campaigns.models.surveys import SurveyAnswer, SurveyAttempt, SurveyRound, SurveySample

__all__ = [
    "ConductRemark",
    "LowRating",
    "ServiceRating",
    "SurveyAnswer",
    "SurveyAttempt",
    "SurveyRound",
    "SurveySample",
]
