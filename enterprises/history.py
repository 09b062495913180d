"""The history of the roster: every change of an entry is written here by whatever made it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q

from accounts.models import User
from core import clock
from core.masking import mask_name, mask_phone
from enterprises.models import Enterprise, Project, RosterChange
from imports.models import SheetImport


def change_of(
    entry: Enterprise | Project,
    *,
    source: str,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    by: User | None,
    sheet_import: SheetImport | None = None,
) -> RosterChange:
    """An unsaved line of history. ``before`` and ``after`` hold fields by their stored names (``region_id``)."""
    return RosterChange(
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        source=source,
        action=action,
        before=dict(before),
        after=dict(after),
        sheet_import=sheet_import,
        recorded_by=by,
        recorded_at=clock.now(),
    )


def record_many(changes: Iterable[RosterChange]) -> None:
    RosterChange.objects.bulk_create(changes, batch_size=500)


def stored(entry: models.Model, name: str) -> tuple[str, Any]:
    """A field by the name and with the value it is stored under: a relation by its id."""
    field = entry._meta.get_field(name)
    attribute = getattr(field, "attname", name)
    return attribute, getattr(entry, attribute)


# --- Reading it -----------------------------------------------------------------------------------

PEOPLE = {"contact_name", "legal_person"}


@dataclass(frozen=True)
class Difference:
    label: str
    before: str
    after: str


def of(entry: Enterprise | Project, *, most: int = 20) -> list[RosterChange]:
    """The latest changes, newest first, each with ``differences`` in words; people and phones are masked.

    What was written about a firm that was merged into this one is part of it.
    """
    about = Q(project=entry)
    if isinstance(entry, Enterprise):
        about = Q(enterprise=entry) | Q(enterprise__merged_into=entry)
    changes = list(
        RosterChange.objects.filter(about).select_related("recorded_by", "enterprise").order_by("-id")[:most]
    )
    names = _names(type(entry), changes)
    for change in changes:
        change.differences = [  # type: ignore[attr-defined]
            Difference(
                str(field.verbose_name),
                _in_words(field, change.before.get(key), names),
                _in_words(field, change.after.get(key), names),
            )
            for key in {**change.before, **change.after}
            if (field := _field(type(entry), key)) is not None
        ]
    return changes


def _field(model: type[models.Model], key: str) -> Any:
    """The field stored under this name; None for what is no field, or no longer one."""
    try:
        field = model._meta.get_field(key.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    return field if field.concrete else None


def _names(model: type[models.Model], changes: Iterable[RosterChange]) -> dict[tuple[Any, Any], str]:
    """What the related rows are called: one query for each kind that occurs."""
    wanted: dict[Any, set[Any]] = {}
    for change in changes:
        for values in (change.before, change.after):
            for key, value in values.items():
                field = _field(model, key)
                if value is not None and field is not None and field.is_relation:
                    wanted.setdefault(field.related_model, set()).add(value)
    return {
        (related, row.pk): str(row)
        for related, pks in wanted.items()
        for row in related._base_manager.filter(pk__in=pks)
    }


def _in_words(field: Any, value: Any, names: Mapping[tuple[Any, Any], str]) -> str:
    if value is None or value == "":
        return "空"
    if field.is_relation:
        return names.get((field.related_model, value), "已删除")
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name == "contact_phone":
        return mask_phone(str(value))
    return mask_name(str(value)) if field.name in PEOPLE else str(value)
