"""What a change of rules changes, line by line, in the words of the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from districts.profile import Rules
from portal.golive.compose import WORDS
from portal.golive.fields import Fields
from portal.golive.steps import STEPS

MOST = 200
GONE = "（没有）"


def differences(before: Rules, after: Rules) -> list[tuple[str, str, str]]:
    """(where, before, after)"""
    old, new = _flat(before.model_dump(mode="json")), _flat(after.model_dump(mode="json"))
    labels = {
        field.path: f"{part.title}：{field.label}"
        for step in STEPS
        for part in step.parts
        if isinstance(part, Fields)
        for field in part.fields
        if field.path
    }
    found = [
        (_words(place, labels), old.get(place, GONE), new.get(place, GONE))
        for place in dict.fromkeys([*old, *new])
        if old.get(place) != new.get(place)
    ]
    return found[:MOST]


def _flat(value: Any, place: str = "") -> dict[str, str]:
    """Every text and number by its place; the items of a list by what they are called."""
    if isinstance(value, Mapping):
        items = [
            (f"{place}.{key}" if place else str(key), one)
            for key, one in value.items()
            if key not in {"code", "no"}
        ]
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        items = [(f"{place}.“{_name(one, number)}”", one) for number, one in enumerate(value, 1)]
    elif isinstance(value, list):
        return {place: "、".join(map(str, value))}
    else:
        return {
            place: {True: "是", False: "否", None: ""}.get(value, str(value))
            if isinstance(value, bool | type(None))
            else str(value)
        }
    return {key: text for place_, one in items for key, text in _flat(one, place_).items()}


def _name(item: Mapping[str, Any], number: int) -> str:
    for key in ("label", "title", "item", "name", "header", "text"):
        if item.get(key):
            return str(item[key])[:30]
    return f"第 {number} 项"


def _words(place: str, labels: Mapping[str, str]) -> str:
    return labels.get(place) or "：".join(WORDS.get(part, part) for part in place.split("."))
