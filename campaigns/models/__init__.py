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
]
