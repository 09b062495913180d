"""One step of a setup: what it asks for, how long it takes, what it checks, in a sentence what it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.golive.draft import Draft, Part, Result, put
from portal.golive.fields import Fields
from portal.golive.tables import Table


class Step:
    code: str
    title: str
    minutes: int
    lead: str
    """What to do here, in a sentence or two."""
    parts: tuple[Part, ...] = ()
    needed: bool = True
    """Nobody goes live without it; the others may stay as the template has them, or empty."""
    for_change: bool = False
    """Also for a district that works already: 规则调整."""
    page: str = "portal/setup_step.html"

    def part(self, code: str) -> Part | None:
        return next((part for part in self.parts if part.code == code), None)

    def table(self, code: str) -> Table:
        found = self.part(code)
        assert isinstance(found, Table)
        return found

    def look_at(self, draft: Draft, result: Result) -> None:
        """What only the whole step can tell: adds problems, and values under names of its own."""

    def rules(self, draft: Draft) -> dict[str, Any]:
        """Its part of the rules."""
        found: dict[str, Any] = {}
        values = draft.result(self).values
        for part in self.parts:
            if isinstance(part, Fields):
                for field in part.fields:
                    if field.path and field.name in values[part.code]:
                        value = values[part.code][field.name]
                        put(found, field.path, value)
        return found

    def summary(self, draft: Draft) -> str:
        return ""

    def state(self, draft: Draft) -> str:
        """empty · template (as the template has it) · errors · warnings · done"""
        result = draft.result(self)
        if not draft.touched(self.code):
            return "empty" if self.needed else "template"
        if result.errors:
            return "errors"
        return "warnings" if result.warnings else "done"


STATES: Mapping[str, tuple[str, str]] = {
    "empty": ("未填", "todo"),
    "template": ("沿用模板", "todo"),
    "errors": ("有问题", "current"),
    "warnings": ("已填，有提示", "done"),
    "done": ("已检查", "done"),
}
