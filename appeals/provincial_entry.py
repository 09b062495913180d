"""Entering a provincial number: one by one or from a sheet, always through the one door."""

from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import User
from appeals.models import Appeal
from appeals.perform import Invalid, perform
from appeals.provincial import clean_provincial_number, refuse_taken_number
from appeals.workflow import TRANSITIONS, allowed

ENTER = TRANSITIONS["record_provincial"]


def may_enter(user: User, appeal: Appeal) -> bool:
    """Whether the number of this appeal is the user's to enter now."""
    return appeal.status in ENTER.sources and allowed(ENTER, Actor.of_user(user), appeal)


def enter_number(
    *, appeal: Appeal, number: str, by: User, seen: int | None = None, key: str | None = None
) -> Appeal:
    """Record or correct the number. The same number again is no event.

    Raises ``ValidationError`` for a number that does not do, and what ``perform`` refuses.
    """
    number = clean_provincial_number(number, appeal.rules)
    if appeal.provincial_number == number:
        return appeal
    refuse_taken_number(number, district=appeal.district, by=by, apart_from=appeal)
    data = {"provincial_number": number}
    try:
        return perform(appeal, ENTER.name, Actor.of_user(by), data, seen=seen, key=key)
    except Invalid as invalid:
        raise ValidationError(
            [message for messages in invalid.form.errors.values() for message in messages]
        ) from invalid
