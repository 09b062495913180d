"""The way in for a new account: a signed link, for a few days, until a password is set. Nobody gets a default one.

The link names the state of the account's password: once it is set, the link opens nothing any more.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.core import signing

from accounts.models import User
from core import clock

VALID = timedelta(days=7)


def _signer() -> signing.TimestampSigner:
    # Chat programs end a link at a colon.
    return signing.TimestampSigner(salt="accounts.first_password", sep=".")


def _state(user: User) -> str:
    return hashlib.sha256(user.password.encode()).hexdigest()[:16]


def make_token(user: User) -> str:
    """Only for an account nobody can sign in with yet."""
    if user.has_usable_password() or not user.is_active:
        raise ValueError("This account has a password already, or is closed.")
    return _signer().sign_object([user.pk, _state(user)])


def user_of(token: str) -> User | None:
    """Whose first password the token sets; one uniform None for every token that opens nothing."""
    try:
        pk, state = _signer().unsign_object(token, max_age=VALID)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True, is_system=False).first()
    if user is None or user.has_usable_password() or _state(user) != state:
        return None
    return user


def last_day() -> datetime:
    return clock.now() + VALID
