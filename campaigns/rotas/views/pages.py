"""What the pages of rotas and records share: forms sent once, months in the address."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from campaigns.rotas.forms.page import PageForm
from core import clock, tokens
from core.http import done_once
from liaisons.event_calendar import first_of, next_month

FORM = "campaigns/rotas/form_page.html"


def fresh(initial: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"token": tokens.new_token()} | (initial or {})


def carried_out(request: HttpRequest, form: PageForm, what: str, make: Callable[[], object]) -> str:
    """Once, as :func:`core.http.done_once` says; the draft has the name of the work."""
    return done_once(request, form, what, lambda data: make(), draft=what)


def form_page(request: HttpRequest, form: PageForm, *, template: str = FORM, **context: Any) -> HttpResponse:
    """``title``, ``lead``, ``submit``, ``back`` (an address) and ``back_label`` are the page's words."""
    status = 422 if form.is_bound else 200
    return render(request, template, context | {"form": form}, status=status)


def go(name: str, *args: Any, query: str = "") -> HttpResponse:
    address = reverse(f"campaigns:{name}", args=args)
    return redirect(f"{address}?{query}" if query else address)


class Month:
    """The month a page shows, from its address; this one without."""

    def __init__(self, text: str) -> None:
        self.first: date = first_of(text) or clock.today().replace(day=1)

    @property
    def following(self) -> date:
        return next_month(self.first)

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def before_key(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following_key(self) -> str:
        return f"{self.following:%Y-%m}"
