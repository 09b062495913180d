"""What the reports keep, by subject."""

from reports.models.cases import Case
from reports.models.documents import Document, DocumentTemplate
from reports.models.exports import Export
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    TableStep,
)

__all__ = [
    "Case",
    "Document",
    "DocumentTemplate",
    "Export",
    "FrozenFigure",
    "HandEntry",
    "ReportingPeriod",
    "SituationTable",
    "TableStep",
]
