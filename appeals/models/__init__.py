from appeals.models.appeal import FINAL, Appeal, NumberCounter, Participation, Status, Urgency
from appeals.models.backlog import BacklogEvent, BacklogItem
from appeals.models.clocks import Deadline, DeadlinePause, DeadlineReminder
from appeals.models.clusters import Cluster, ClusterMember, ClusterRun, ClusterTopic
from appeals.models.desk import DuplicateHint, Phrase, SavedFilter
from appeals.models.improvements import Improvement, ImprovementStep
from appeals.models.provincial import ProvincialResult
from appeals.models.record import (
    Answer,
    Attachment,
    Audience,
    Effect,
    Event,
    OfAnEvent,
    Rating,
    Revisit,
    Solved,
    Statement,
)
from appeals.models.refusals import Refusal, RefusalSignature
from appeals.models.requests import PendingRequest
from appeals.models.supervision import ListedSupervision, SupervisionLetter

__all__ = [
    "FINAL",
    "Answer",
    "Appeal",
    "Attachment",
    "Audience",
    "BacklogEvent",
    "BacklogItem",
    "Cluster",
    "ClusterMember",
    "ClusterRun",
    "ClusterTopic",
    "Deadline",
    "DeadlinePause",
    "DeadlineReminder",
    "DuplicateHint",
    "Effect",
    "Event",
    "Improvement",
    "ImprovementStep",
    "ListedSupervision",
    "NumberCounter",
    "OfAnEvent",
    "Participation",
    "PendingRequest",
    "Phrase",
    "ProvincialResult",
    "Rating",
    "Refusal",
    "RefusalSignature",
    "Revisit",
    "SavedFilter",
    "Solved",
    "Statement",
    "Status",
    "SupervisionLetter",
    "Urgency",
]
