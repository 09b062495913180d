"""What the reports keep, by subject."""

from reports.models.assessments import (
    Assessment,
    AssessmentAdjustment,
    AssessmentLine,
    AssessmentObjection,
    AssessmentScore,
)
from reports.models.bulletins import Bulletin, BulletinEvidence, BulletinRecipient, BulletinStep
from reports.models.cases import Case
from reports.models.cluster_reports import ClusterReport
from reports.models.documents import Document, DocumentTemplate
from reports.models.exports import Export
from reports.models.public import PublishedFigures
from reports.models.tables import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    SummaryFigure,
    TableStep,
)

__all__ = [
    "Assessment",
    "AssessmentAdjustment",
    "AssessmentLine",
    "AssessmentObjection",
    "AssessmentScore",
    "Bulletin",
    "BulletinEvidence",
    "BulletinRecipient",
    "BulletinStep",
    "Case",
    "ClusterReport",
    "Document",
    "DocumentTemplate",
    "Export",
    "FrozenFigure",
    "HandEntry",
    "PublishedFigures",
    "ReportingPeriod",
    "SituationTable",
    "SummaryFigure",
    "TableStep",
]
