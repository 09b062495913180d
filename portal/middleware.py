"""What surrounds every request."""

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from core.rehearsing import rehearsing
from core.wording import Words, speaking
from districts.models import DistrictProfile, Region

REMEMBERED = 60
"""Seconds for which a district's words are kept: a new version of the rules is heard within a minute."""


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
    code = _district_in(request.path_info)
    if code:
        return _remembered(f"words:{code}", lambda: Region.objects.filter(code=code).first())
    user = getattr(request, "user", None)
    unit = user.unit if user is not None and user.is_authenticated else None
    return _remembered(f"words:{unit.district_id}", lambda: unit.district) if unit else {}


def _district_in(path: str) -> str:
    try:
        return str(resolve(path).kwargs.get("code", ""))
    except Resolver404:
        return ""


def _remembered(key: str, district: Callable[[], Region | None]) -> Words:
    words = cache.get(key)
    if words is None:
        found = district()
        try:
            words = dict(DistrictProfile.objects.in_force(found).rules.words) if found else {}
        except DistrictProfile.DoesNotExist:
            words = {}
        cache.set(key, words, REMEMBERED)
    return words
