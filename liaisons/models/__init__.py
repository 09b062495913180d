from liaisons.models.assignments import Assignment, Handover
from liaisons.models.events import Attendance, EventDuty, EventTask, ServiceEvent
from liaisons.models.officers import LiaisonOfficer
from liaisons.models.opinions import Opinion
from liaisons.models.plaques import Plaque
from liaisons.models.visits import Visit, VisitParticipant, VisitPhoto, VisitPlan, VisitRequest

__all__ = [
    "Assignment",
    "Attendance",
    "EventDuty",
    "EventTask",
    "Handover",
    "LiaisonOfficer",
    "Opinion",
    "Plaque",
    "ServiceEvent",
    "Visit",
    "VisitParticipant",
    "VisitPhoto",
    "VisitPlan",
    "VisitRequest",
]
