"""What the reports keep, by subject."""

from reports.models.cases import Case
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    TableStep,
)

__all__ = [
    "Case",
    "FrozenFigure",
    "HandEntry",
    "ReportingPeriod",
    "SituationTable",
    "TableStep",
]
