from campaigns.models.campaigns import (
    Campaign,
    ListDraft,
    ProgressReport,
    ReportFigure,
    Target,
    Task,
    TaskItem,
    TaskLink,
    TaskUnit,
)
from campaigns.models.inspections import Inspection, InspectionLine

__all__ = [
    "Campaign",
    "Inspection",
    "InspectionLine",
    "ListDraft",
    "ProgressReport",
    "ReportFigure",
    "Target",
    "Task",
    "TaskItem",
    "TaskLink",
    "TaskUnit",
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
from campaigns.models.commitments import Commitment, CommitmentEvent, Escalation, Instalment

__all__ = ["Commitment", "CommitmentEvent", "Escalation", "Instalment"]
from campaigns.models.knowledge import KnowledgeEntry, PolicyOfficer
from campaigns.models.rotas import Duty, DutySwap, Rota
from campaigns.models.sittings import Sitting, SittingProblem
from campaigns.models.training import TrainingPlan
from campaigns.models.visit_sheets import VisitSheet, VisitSheetLine
from campaigns.models.window_ledger import WindowEntry

__all__ = [
    "Duty",
    "DutySwap",
    "KnowledgeEntry",
    "PolicyOfficer",
    "Rota",
    "Sitting",
    "SittingProblem",
    "TrainingPlan",
    "VisitSheet",
    "VisitSheetLine",
    "WindowEntry",
]
