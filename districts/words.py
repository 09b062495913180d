"""Whose words are spoken: those of the district that a page, a tick or a paper is for."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.core.cache import cache

from core.wording import Words, speaking
from districts.models import DistrictProfile, Region

REMEMBERED = 60
"""Seconds for which a district's words are kept: a new version of the rules is heard within a minute."""


def words_of(district_id: int | None) -> Words:
    """Empty where there is no district, or none with rules."""
    return _remembered(f"words:{district_id}", lambda: Region(pk=district_id)) if district_id else {}


def words_at(code: str) -> Words:
    """Of the district with this code."""
    return _remembered(f"words:at:{code}", lambda: Region.objects.get(code=code))


def _remembered(key: str, district: Callable[[], Region]) -> Words:
    words = cache.get(key)
    if words is None:
        try:
            words = dict(DistrictProfile.objects.in_force(district()).rules.words)
        except (Region.DoesNotExist, DistrictProfile.DoesNotExist):
            words = {}
        cache.set(key, words, REMEMBERED)
    return words


def speaking_for(district_id: int | None) -> AbstractContextManager[None]:
    """Within, what we wrote is in the words of this district: whatever works without a page of its own enters it."""
    return speaking(lambda: words_of(district_id))


def for_each_at_work(work: Callable[[Region], object]) -> None:
    """Ticks: every district the portal works for, each in its own words."""
    for district in Region.objects.at_work():
        with speaking_for(district.pk):
            work(district)
