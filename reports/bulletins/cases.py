"""Where the bulletins get their good and bad cases from: the one seam between the two."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from districts.models import Region
from reports.bulletins.counted import Month


@dataclass(frozen=True)
class ApprovedCase:
    """A case as it may be told: identities removed, approved by a person."""

    ref: int
    kind: str
    """正面典型 or 反面典型, as it is printed."""
    title: str
    sections: tuple[tuple[str, str], ...]
    """(heading, text)"""


class Source(Protocol):
    def approved_in(self, district: Region, month: Month) -> list[ApprovedCase]:
        """Those approved within the month."""

    def published(self, refs: Collection[int], number: str) -> None:
        """They stand in a bulletin that was sent out."""


_sources: list[Source] = []


def register(source: Source) -> None:
    """Let bulletins ask this source for cases."""
    if source not in _sources:
        _sources.append(source)


def approved_in(district: Region, month: Month) -> list[ApprovedCase]:
    return [case for source in _sources for case in source.approved_in(district, month)]


def published(refs: Collection[int], number: str) -> None:
    for source in _sources:
        source.published(refs, number)
