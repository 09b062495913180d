"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""

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
from campaigns.models.commitments import Commitment, CommitmentEvent, Escalation, Instalment
from campaigns.models.conduct import ConductRemark
from campaigns.models.financing import FinancingDispatch, FinancingEntry, FinancingNeed, FinancingRound
from campaigns.models.inspections import Inspection, InspectionLine
from campaigns.models.knowledge import KnowledgeEntry, PolicyOfficer
from campaigns.models.needs import JobOpening, JobPlacement, JobSeeker, Recommendation
from campaigns.models.needs_lists import NeedsConfirmation, PublishedNeeds
from campaigns.models.ratings import LowRating, LowRatingEvidence, ServiceRating
from campaigns.models.rotas import Duty, DutySwap, Rota
from campaigns.models.sittings import Sitting, SittingProblem
from campaigns.models.surveys import SurveyAnswer, SurveyAttempt, SurveyRound, SurveySample
from campaigns.models.training import TrainingPlan
from campaigns.models.visit_sheets import VisitSheet, VisitSheetLine
from campaigns.models.window_ledger import WindowEntry

__all__ = [
    "Campaign",
    "Commitment",
    "CommitmentEvent",
    "ConductRemark",
    "Duty",
    "DutySwap",
    "Escalation",
    "FinancingDispatch",
    "FinancingEntry",
    "FinancingNeed",
    "FinancingRound",
    "Inspection",
    "InspectionLine",
    "Instalment",
    "JobOpening",
    "JobPlacement",
    "JobSeeker",
    "KnowledgeEntry",
    "ListDraft",
    "LowRating",
    "LowRatingEvidence",
    "NeedsConfirmation",
    "PolicyOfficer",
    "ProgressReport",
    "PublishedNeeds",
    "Recommendation",
    "ReportFigure",
    "Rota",
    "ServiceRating",
    "Sitting",
    "SittingProblem",
    "SurveyAnswer",
    "SurveyAttempt",
    "SurveyRound",
    "SurveySample",
    "Target",
    "Task",
    "TaskItem",
    "TaskLink",
    "TaskUnit",
    "TrainingPlan",
    "VisitSheet",
    "VisitSheetLine",
    "WindowEntry",
]
