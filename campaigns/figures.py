"""Figures the portal counts that a task may point to. The rooms above register theirs (``AppConfig.ready``)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from districts.models import Region

Count = Callable[[Region, datetime, datetime], str]
"""The figure of a district from one moment up to another, as it is read."""


@dataclass(frozen=True)
class Figure:
    name: str
    label: str
    definition: str
    count: Count


_FIGURES: dict[str, Figure] = {}


def register(figure: Figure) -> None:
    _FIGURES[figure.name] = figure


def figure_of(name: str) -> Figure | None:
    return _FIGURES.get(name)


def all_figures() -> list[Figure]:
    return list(_FIGURES.values())
