"""What the reports keep, by subject."""

from reports.models.bulletins import Bulletin, BulletinEvidence, BulletinRecipient, BulletinStep
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    TableStep,
)

__all__ = [
    "Bulletin",
    "BulletinEvidence",
    "BulletinRecipient",
    "BulletinStep",
    "FrozenFigure",
    "HandEntry",
    "ReportingPeriod",
    "SituationTable",
    "TableStep",
]
