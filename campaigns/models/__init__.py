"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""

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
