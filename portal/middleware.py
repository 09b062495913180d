"""What surrounds every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from core.rehearsing import rehearsing
from core.wording import Words, speaking
from districts.models import Region
from districts.words import words_at, words_of


class DistrictMiddleware:
    """Pages speak the words of their district, and its files are marked if it rehearses.

    The district is that of the address on public pages, else that of who is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with speaking(lambda: _words_for(request)), rehearsing(lambda: _rehearses(request)):
            return self.get_response(request)


def _rehearses(request: HttpRequest) -> bool:
    if code := _district_in(request.path_info):
        return Region.objects.filter(code=code, is_rehearsal=True).exists()
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated and user.unit and user.unit.district.is_rehearsal)


def _words_for(request: HttpRequest) -> Words:
    if code := _district_in(request.path_info):
        return words_at(code)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    # Whoever is engaged from outside works for the unit that engaged them.
    unit = user.unit or user.engaged_by
    return words_of(unit.district_id) if unit else {}


def _district_in(path: str) -> str:
    """Of a public address; elsewhere a code may be that of a rota or of a kind."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return str(match.kwargs["code"]) if match.app_names == ["public"] else ""
