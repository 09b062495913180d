from enterprises.models.changes import ChangeReport, RosterChange
from enterprises.models.grades import (
    GradeCriteria,
    GradeDuty,
    GradeObjection,
    GradeRecord,
    SamplePoint,
)
from enterprises.models.inspections import Inspection
from enterprises.models.roster import (
    AboveScaleKind,
    Enterprise,
    Industry,
    Project,
    RosterEntry,
    SizeClass,
    Tier,
)
from enterprises.models.subjects import HasSubject, OnRoster
from enterprises.models.titles import EnterpriseTitle
from enterprises.models.yearly import YearlyFacts

__all__ = [
    "AboveScaleKind",
    "ChangeReport",
    "Enterprise",
    "EnterpriseTitle",
    "GradeCriteria",
    "GradeDuty",
    "GradeObjection",
    "GradeRecord",
    "HasSubject",
    "Industry",
    "Inspection",
    "OnRoster",
    "Project",
    "RosterChange",
    "RosterEntry",
    "SamplePoint",
    "SizeClass",
    "Tier",
    "YearlyFacts",
]
