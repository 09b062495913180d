"""Once-only forms: a double click, a slow answer clicked twice, back and submit again do it once.

A form carries a random token; whoever carries it out claims the token in the same transaction. The
second one finds the claim and gets the first one's result instead of doing it again.
"""

import hashlib
import secrets
from datetime import timedelta

from core import clock
from core.models import FormToken

KEPT = timedelta(days=30)
LONGEST = 64


def new_token() -> str:
    """A fresh unguessable token for a form."""
    return secrets.token_urlsafe(24)


def _fitting(key: str) -> str:
    """As the column takes it: whatever somebody sends for a token, long or with a NUL, is a key like another."""
    if len(key) <= LONGEST and "\0" not in key:
        return key
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def earlier_result(key: str) -> str | None:
    """What this token already did, or None."""
    return FormToken.objects.filter(key=_fitting(key)).values_list("result", flat=True).first()


def claim(key: str, result: str) -> None:
    """Record that the form was carried out. Raises ``IntegrityError`` if somebody was faster."""
    FormToken.objects.create(key=_fitting(key), result=result, created_at=clock.now())


def forget_old() -> int:
    """Drop tokens nobody will send again; returns how many."""
    return FormToken.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
