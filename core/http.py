"""Small helpers of the views."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def client_ip(group: str, request: HttpRequest) -> str:
    """The visitor's address, as far as our own proxies vouch for it (also a django-ratelimit key)."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return hops[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


DRAFT = "saved_draft"


def drop_draft(request: HttpRequest, key: str) -> None:
    """The form was saved: let the browser forget the draft it kept, with the next page it shows."""
    request.session[DRAFT] = key


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The fragment for an htmx request that swaps it in, the whole page otherwise."""
    htmx = getattr(request, "htmx", None)
    template = fragment if htmx and not htmx.boosted else page
    return render(request, template, context, status=status)


def forbidden(request: HttpRequest, message: str) -> HttpResponse:
    """403 in words: what may not be done with a thing that may be seen."""
    return render(request, "403.html", {"message": message}, status=403)
