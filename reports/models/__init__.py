"""What the reports keep, by subject."""

from reports.models.documents import Document, DocumentTemplate
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    TableStep,
)

__all__ = [
    "Document",
    "DocumentTemplate",
    "FrozenFigure",
    "HandEntry",
    "ReportingPeriod",
    "SituationTable",
    "TableStep",
]
