"""What the pages of the needs lists share: the tabs, and who finds which behind them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from campaigns.needs.permissions import may_record_financing, may_record_seeker
from enterprises.querysets import DISTRICT_WIDE

PER_PAGE = 25


def may_see_seekers(request: HttpRequest) -> bool:
    return may_record_seeker(request.user)


def may_see_financing(request: HttpRequest) -> bool:
    return may_record_financing(request.user) or request.user.has_role(*DISTRICT_WIDE)


def events_page(kinds: Sequence[str]) -> str:
    """Where the events that serve a list are; "" where the district has no such kind."""
    if not kinds:
        return ""
    asked = {"state": "held"} | ({"kind": kinds[0]} if len(kinds) == 1 else {})
    return f"{reverse('portal:events')}?{urlencode(asked)}"


def needs_tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    places = [("needs", "本月清单", True), ("openings", "用工需求", True)]
    places.append(("seekers", "求职人员", may_see_seekers(request)))
    places.append(("financing", "融资需求", may_see_financing(request)))
    return [
        {"label": label, "url": reverse(f"campaigns:{name}"), "current": name == current}
        for name, label, shown in places
        if shown
    ]
