"""Small helpers of the views."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from core import tokens
from core.fields import TakesErrors


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


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing until it is sent."""
    return request.POST if request.method == "POST" else None


def done(form: TakesErrors, service: Callable[[dict[str, Any]], object]) -> bool:
    """Carried out with what the form holds; if not, what was refused stands beside the fields."""
    if not form.is_valid():
        return False
    try:
        service(form.cleaned_data)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


def done_once(
    request: HttpRequest,
    form: TakesErrors,
    what: str,
    make: Callable[[dict[str, Any]], object],
    *,
    draft: str = "",
) -> str:
    """:func:`done` for a form with a token: carried out once, however often it is sent.

    What ``make`` gave back, now or when this very form was sent before: the key of what it made. "" if refused.
    """
    results: list[str] = []

    def carry_out(data: dict[str, Any]) -> None:
        key = f"{what}:{request.user.pk}:{data.get('token') or tokens.new_token()}"
        results.append(tokens.once(key, lambda: make(data)))

    if not done(form, carry_out):
        return ""
    if draft:
        drop_draft(request, draft)
    return results[0]


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
