from enterprises.models.changes import ChangeReport, RosterChange
from enterprises.models.roster import Enterprise, Industry, Project, RosterEntry, SizeClass, Tier
from enterprises.models.subjects import HasSubject, OnRoster
from enterprises.models.yearly import YearlyFacts

__all__ = [
    "ChangeReport",
    "Enterprise",
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
