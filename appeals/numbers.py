"""The one number of an appeal, and the secret code that lets its firm follow it."""

import hmac
from datetime import date

from django.conf import settings
from django.db.models import F
from django.utils.crypto import get_random_string, salted_hmac

from appeals.models import NumberCounter
from core import clock
from core.search import normalise
from districts.models import Region

# No character that is mistaken for another when read aloud or copied by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXY"
CODE_LENGTH = 8


def next_number(district: Region, prefix: str) -> str:
    """The next number of the day, e.g. JQ20261119-0007; given once, for ever. Needs a transaction."""
    day = clock.today()
    return f"{prefix}{day:%Y%m%d}-{count_up(district, 'appeal', day):04d}"


def count_up(district: Region, series: str, since: date) -> int:
    """The next number of a series that starts anew on ``since``. Needs a transaction."""
    counter, _ = NumberCounter.objects.get_or_create(district=district, series=series, day=since)
    NumberCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    counter.refresh_from_db(fields=["last"])
    return counter.last


def secret_code(token: str | None) -> str:
    """The code for a form token: the same form sent twice leads to the same slip. Random without a token."""
    if not token:
        return get_random_string(CODE_LENGTH, ALPHABET)
    number = int.from_bytes(salted_hmac("appeals.secret_code", token, algorithm="sha256").digest(), "big")
    code = ""
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        code += ALPHABET[place]
    return code


def digest(code: str) -> str:
    """What is stored of a code: useless without the server's key."""
    plain = normalise(code).upper().replace("-", "").replace(" ", "")
    return salted_hmac(
        "appeals.secret_digest", plain, secret=settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def matches(code: str, stored: str) -> bool:
    return hmac.compare_digest(digest(code), stored)


def spaced(code: str) -> str:
    """As printed: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"
