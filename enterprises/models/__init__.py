from enterprises.models.changes import ChangeReport, RosterChange
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
    "HasSubject",
    "Industry",
    "OnRoster",
    "Project",
    "RosterChange",
    "RosterEntry",
    "SizeClass",
    "Tier",
    "YearlyFacts",
]
