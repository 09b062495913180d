"""Once-only forms: a double click, a slow answer clicked twice, back and submit again do it once.

A form carries a random token; whoever carries it out claims the token in the same transaction. The
second one finds the claim and gets the first one's result instead of doing it again.
"""

import secrets
from datetime import timedelta

from core import clock
from core.models import FormToken

KEPT = timedelta(days=30)


def new_token() -> str:
    """A fresh unguessable token for a form."""
    return secrets.token_urlsafe(24)


def earlier_result(key: str) -> str | None:
    """What this token already did, or None."""
    return FormToken.objects.filter(key=key).values_list("result", flat=True).first()


def claim(key: str, result: str) -> None:
    """Record that the form was carried out. Raises ``IntegrityError`` if somebody was faster."""
    FormToken.objects.create(key=key, result=result, created_at=clock.now())


def forget_old() -> int:
    """Drop tokens nobody will send again; returns how many."""
    return FormToken.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
