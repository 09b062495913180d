"""What the campaigns keep, by subject: each module is imported here, so that Django finds its models."""

from campaigns.models.commitments import Commitment, CommitmentEvent, Escalation, Instalment

__all__ = ["Commitment", "CommitmentEvent", "Escalation", "Instalment"]
