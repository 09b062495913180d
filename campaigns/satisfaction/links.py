"""Signed links by which a firm rates without an account: a visit for some days, a window's counter for good.

Nothing that can be guessed, and nothing in the database: whoever has the link may rate once (a visit), or is held
back by the rate limit (a counter).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Unit
from districts.models import Region
from districts.profile import Rules
from liaisons.models import Visit

VISIT, WINDOW = "v", "w"


@dataclass(frozen=True)
class Opened:
    visit: Visit | None = None
    window: Unit | None = None


def _signer() -> signing.TimestampSigner:
    # Chat programs end a link at a colon.
    return signing.TimestampSigner(salt="campaigns.rating_link", sep=".")


def visit_token(visit: Visit) -> str:
    return _signer().sign_object([VISIT, visit.pk])


def window_token(unit: Unit) -> str:
    """Without a time: it is printed and put up at the counter, so it must come out the same each time."""
    return signing.Signer(salt="campaigns.window_code", sep=".").sign_object([WINDOW, unit.pk])


def opened_by(token: str, district: Region, rules: Rules) -> Opened | None:
    """What the token lets its holder rate; one uniform None for every token that opens nothing."""
    try:
        kind, pk = _signer().unsign_object(token, max_age=timedelta(days=rules.ratings.link_days))
    except signing.BadSignature:
        return _window(token, district, rules)
    if kind != VISIT:
        return None
    related = ("enterprise", "project", "reporting_unit", "district")
    visit = Visit.objects.filter(pk=pk, district=district).select_related(*related).first()
    return Opened(visit=visit) if visit else None


def _window(token: str, district: Region, rules: Rules) -> Opened | None:
    try:
        kind, pk = signing.Signer(salt="campaigns.window_code", sep=".").unsign_object(token)
    except signing.BadSignature:
        return None
    units = Unit.objects.of_district(district).active().filter(kind__in=rules.ratings.window_kinds)
    window = units.filter(pk=pk).select_related("parent", "district").first() if kind == WINDOW else None
    return Opened(window=window) if window else None


def address(district: Region, token: str) -> str:
    """A code is printed: it is the portal's own address, however it was asked."""
    return settings.SITE_URL + reverse("public:rate", args=[district.code, token])


def message(visit: Visit, url: str) -> str:
    """What is sent to the firm, by WeChat or text message."""
    return (
        f"【{visit.district.name}】{visit.subject_name}：感谢您接待走访。"
        f"请点开链接，对这次走访作个评价，可以不署名：{url}"
    )
