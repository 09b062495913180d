"""Small helpers of the views."""

from collections.abc import Callable
from functools import wraps
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


def in_passing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For what a page asks by itself while somebody fills in a form: the session is left as it is.

    The form may be sent while the answer is on its way. To save the session then, as every other request does to
    put off the idle time-out, would undo what the form has just written there, such as the key to a slip.
    """

    @wraps(view)
    def leaving_the_session(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.session.save = lambda must_create=False: None  # type: ignore[method-assign]
        return view(request, *args, **kwargs)

    return leaving_the_session


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
