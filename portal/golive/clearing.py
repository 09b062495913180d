"""清除演练: everything a rehearsing district has, whatever room it lies in, found by the keys that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel

from districts.models import Region

CHUNK = 500
Doomed = dict[type[models.Model], set[object]]


@transaction.atomic
def clear_district(district: Region) -> dict[str, int]:
    """Delete a rehearsing district with everything that belongs to it; how many rows of each model.

    Nothing is asked of the models: their own rules (no deleting of events, protected keys) are for districts that
    work. What another district has is never touched: were it in the way, nothing would be deleted.
    """
    if not district.is_rehearsal:
        raise ValidationError("只有演练的县区可以清除。")
    doomed = everything_of(district)
    _refuse_strangers(doomed, district)
    for model, relation in _loosened(doomed):
        for pks in _chunks(doomed[relation.model]):
            model._base_manager.filter(**{f"{relation.field.name}__in": pks}).update(
                **{relation.field.name: None}
            )
    for model, rows_of in doomed.items():
        _forget_files(model, rows_of)
        for some in _chunks(rows_of):
            rows = model._base_manager.filter(pk__in=some)
            rows._raw_delete(rows.db)  # the keys are checked at the end of the transaction
    return {model._meta.label: len(pks) for model, pks in doomed.items() if pks}


def everything_of(district: Region) -> Doomed:
    """The regions of the district, and the rows of any model that point at them, directly or over others."""
    doomed: Doomed = {}
    new: list[tuple[type[models.Model], set[object]]] = [
        (Region, set(Region.objects.subtree(district).values_list("pk", flat=True)))
    ]
    while new:
        model, pks = new.pop()
        pks -= doomed.setdefault(model, set())
        if not pks:
            continue
        doomed[model] |= pks
        for relation in pointing_at(model):
            if relation.on_delete is models.SET_NULL:
                continue
            manager, name = relation.related_model._base_manager, f"{relation.field.name}__in"
            found = {
                pk
                for some in _chunks(pks)
                for pk in manager.filter(**{name: some}).values_list("pk", flat=True)
            }
            new.append((relation.related_model, found))
    return doomed


def pointing_at(model: type[models.Model]) -> Iterator[ForeignObjectRel]:
    """The keys of other models, those of tables between two models too."""
    for field in model._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and not isinstance(field, models.ManyToManyRel):
            yield field


def _loosened(doomed: Doomed) -> Iterator[tuple[type[models.Model], ForeignObjectRel]]:
    """Keys that are emptied: those of rows which are told to outlive what they point at."""
    for model in doomed:
        for relation in pointing_at(model):
            if relation.on_delete is models.SET_NULL:
                yield relation.related_model, relation


def _refuse_strangers(doomed: Doomed, district: Region) -> None:
    own = doomed[Region]
    for model, pks in doomed.items():
        keys = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and field.related_model is Region and model is not Region
        ]
        for key in keys:
            for some in _chunks(pks):
                others = model._base_manager.filter(pk__in=some, **{f"{key.name}__isnull": False})
                if others.exclude(**{f"{key.name}__in": own}).exists():
                    raise ValidationError(
                        f"“{model._meta.verbose_name}”里有别的县区的记录与{district}相连，没有清除。"
                    )


def _forget_files(model: type[models.Model], pks: set[object]) -> None:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.FileField):
            for some in _chunks(pks):
                names = model._base_manager.filter(pk__in=some).exclude(**{field.name: ""})
                for name in names.values_list(field.name, flat=True):
                    if name:
                        transaction.on_commit(partial(field.storage.delete, name))


def _chunks(pks: set[object]) -> Iterator[tuple[object, ...]]:
    for start in range(0, len(rows := sorted(pks, key=str)), CHUNK):
        yield tuple(rows[start : start + CHUNK])
