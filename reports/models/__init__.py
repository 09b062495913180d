"""What the reports keep, by subject."""

from reports.models.exports import Export
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    TableStep,
)

__all__ = [
    "Export",
    "FrozenFigure",
    "HandEntry",
    "ReportingPeriod",
    "SituationTable",
    "TableStep",
]
