"""The records behind a figure of a bulletin, by the ids that were frozen with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from reports.indicators import REGISTRY
from reports.models import Bulletin, BulletinEvidence


@dataclass(frozen=True)
class Part:
    """One list of a figure: what it counts, a rate's denominator, or what is missing to it."""

    code: str
    label: str
    model: Any
    ids: list[int]

    @property
    def records(self) -> QuerySet:
        return self.model._default_manager.filter(pk__in=self.ids)


def parts_of(bulletin: Bulletin, figure: dict[str, Any]) -> list[Part]:
    """The lists behind a figure, its own first. Indicators that no longer exist are left out."""
    names = [*figure["of"], *figure["among"]]
    kept = dict(
        BulletinEvidence.objects.filter(bulletin=bulletin, indicator__in=names).values_list(
            "indicator", "records"
        )
    )
    parts = []
    for name in names:
        if name not in REGISTRY or name not in kept:
            continue
        by_unit = kept[name]
        units = [str(figure["unit"])] if figure["unit"] else list(by_unit)
        ids = [pk for unit in units for pk in by_unit.get(unit, [])]
        indicator = REGISTRY[name]
        parts.append(Part(name, indicator.label, indicator.source.model, ids))
    if len(parts) == 2 and figure["among"] and parts[0].model is parts[1].model:
        own, whole = set(parts[0].ids), parts[1].ids
        rest = [pk for pk in whole if pk not in own]
        if own <= set(whole):
            parts.append(Part("rest", f"没有计入“{parts[0].label}”的", parts[1].model, rest))
    return parts
