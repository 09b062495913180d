"""The audit log: who looked at, exported or changed what."""

from django.db import models

from accounts.models import AuditEntry, User
from core import clock


def record(user: User | None, action: str, obj: models.Model | None = None, **data) -> AuditEntry:
    """Write one line. ``data`` holds references and counts, never names, phones or texts."""
    return AuditEntry.objects.create(
        at=clock.now(),
        user_id=user.pk if user else None,
        unit_id=user.unit_id if user else None,
        action=action,
        object_type=obj._meta.label_lower if obj else "",
        object_id=str(obj.pk) if obj else "",
        data=data,
    )
