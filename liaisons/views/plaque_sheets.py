"""Plaques to print: one page each, on A4 or in the proportion of the plate."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.qr import qr_svg
from liaisons.forms.plaques import MOST_AT_ONCE
from liaisons.models import Plaque
from liaisons.permissions import may_keep_plaques
from liaisons.plaques import address_of
from liaisons.querysets import PlaqueQuerySet
from liaisons.services.plaques import KEEPERS_ONLY
from liaisons.views.plaques import ABOUT, MISSING, TABS, filtered, on_tab

# Up to so many characters, words on a plaque are set in a size of this name.
LENGTHS = ((14, "short"), (28, "long"), (56, "longer"))
LAYOUTS = {"a4": "A4 竖版", "plate": "牌匾 3:2（制作时放大到 60 × 40 厘米）"}


@dataclass(frozen=True)
class Sheet:
    """One page: what stands on it, its code, and how long its longest lines are (``static/css/plaque.css``)."""

    plaque: Plaque
    qr: SafeString
    subject_length: str
    post_length: str


@require_safe
def print_sheet(request: HttpRequest) -> HttpResponse:
    """``?ids=1,2`` or a tab of the register with its filter; ``layout``: A4 or plate. Nothing is changed here."""
    if not may_keep_plaques(request.user):
        raise PermissionDenied(KEEPERS_ONLY)
    layout = request.GET.get("layout", "")
    layout = layout if layout in LAYOUTS else "a4"
    rows = _to_print(request).in_force().select_related(*ABOUT).order_by("region", "pk")
    total = rows.order_by().count()
    plaques = list(rows[:MOST_AT_ONCE])
    query = request.GET.copy()
    query.pop("layout", None)
    context = {
        "sheets": [_sheet(found) for found in plaques],
        "outdated": [found for found in plaques if found.reasons],
        "total": total,
        "most": MOST_AT_ONCE,
        "layout": layout,
        "layouts": [
            {"label": label, "url": f"?layout={code}&{query.urlencode()}", "current": code == layout}
            for code, label in LAYOUTS.items()
        ],
        "is_local": any(host in settings.SITE_URL for host in ("//127.0.0.1", "//localhost", "//[::1]")),
        "site_url": settings.SITE_URL,
    }
    return render(request, "liaisons/plaques_print.html", context)


def _to_print(request: HttpRequest) -> PlaqueQuerySet:
    tab = request.GET.get("tab", "")
    if tab in TABS and tab != MISSING:
        return on_tab(filtered(request).qs, tab)
    ids = [part for part in request.GET.get("ids", "").split(",") if part.isdecimal() and len(part) < 19]
    return Plaque.objects.visible_to(request.user).with_reasons().filter(pk__in=ids[:MOST_AT_ONCE])


def _sheet(found: Plaque) -> Sheet:
    text = found.text
    longest_line = max(text["unit"], text["post"], key=len)
    return Sheet(found, qr_svg(address_of(found), quiet=4), _length(text["subject"]), _length(longest_line))


def _length(words: str) -> str:
    return next((name for most, name in LENGTHS if len(words) <= most), "longest")
