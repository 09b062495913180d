"""The table of the workflow as plain data: for ``manage.py workflow``, the manual and other systems."""

from collections.abc import Iterable
from typing import Any

from django import forms

from appeals.models import Deadline, Status
from appeals.workflow import TRANSITIONS, Transition


def as_data() -> list[dict[str, Any]]:
    """Every transition, in the order of the loop; the district's own fields (effects) are not among them."""
    return [_row(row) for row in TRANSITIONS.values()]


def _row(row: Transition) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": row.label,
        "creates": row.creates,
        "sources": [status.value for status in Status if status in row.sources],
        "sources_labels": row.source_labels,
        "target": row.target.value if row.target else None,
        "target_label": row.target.label if row.target else "",
        "returns": row.returns,
        "who": [policy.__name__ for policy in row.who],
        "who_label": row.who_label,
        "data": [_field(name, field) for name, field in row.form.base_fields.items()],
        "meets": _clocks(row.meets),
        "starts": _clocks(row.starts),
        "stops": _clocks(row.stops),
        "resumes": list(row.resumes),
        "ends": _clocks(row.ends),
        "rules_on": row.rules_on.value if row.rules_on else None,
        "by_default": (
            {"clock": _clocks([row.by_default.clock])[0], "data": dict(row.by_default.data)}
            if row.by_default
            else None
        ),
        "tells": list(row.tells),
        "public": row.public,
    }


def _field(name: str, field: forms.Field) -> dict[str, Any]:
    return {"name": name, "label": str(field.label or ""), "required": field.required}


def _clocks(kinds: Iterable[Deadline.Kind]) -> list[dict[str, str]]:
    return [{"kind": kind.value, "label": str(kind.label)} for kind in kinds]
