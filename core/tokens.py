"""Once-only forms: a double click, a slow answer clicked twice, back and submit again do it once.

A form carries a random token; whoever carries it out claims the token in the same transaction. The
second one finds the claim and gets the first one's result instead of doing it again.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core import clock
from core.models import FormToken

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)
LONGEST = 64
COLLIDED = "刚才有人同时改了同一条记录，这次没有保存。请核对后再提交一次。"


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


def once(key: str, do: Callable[[], object]) -> str:
    """Carry out a form: the result of ``do``, or of whoever carried out the same form before or meanwhile.

    ``do`` and the claim are one transaction. Raises the ``ValidationError`` of ``do``, unless it was refused
    only because the same form, sent twice at once, had just done it. What the database refuses for another
    reason, somebody else having changed the same thing at that moment, is a ``ValidationError`` too.
    """
    if (done := earlier_result(key)) is not None:
        return done
    try:
        with transaction.atomic():
            result = str(do())
            claim(key, result)
    except (ValidationError, IntegrityError) as error:
        if (done := earlier_result(key)) is not None:
            return done
        if isinstance(error, ValidationError):
            raise
        log.exception("A form met a constraint of the database")
        raise ValidationError(COLLIDED) from error
    return result


def forget_old() -> int:
    """Drop tokens nobody will send again; returns how many."""
    return FormToken.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
