"""What hangs on an entry of the roster, found by looking at the models: the rooms above are not known here."""

from typing import Any

from django.db import models

from core.search import Searchable
from enterprises.models import Enterprise, Project


def pointers(to: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Every foreign key to a model, hidden ones and those of many-to-many tables included."""
    relations: list[Any] = to._meta.get_fields(include_hidden=True)
    return [
        (relation.related_model, relation.field.name)
        for relation in relations
        if (relation.one_to_many or relation.one_to_one) and relation.auto_created and not relation.concrete
    ]


def refresh_search(model: type[Searchable], name: str, pks: list[int]) -> None:
    """The firm's name is among the words that lead to an appeal or a visit; ``name`` is the key to the firm."""
    rows = list(model._base_manager.filter(pk__in=pks).select_related(name))
    for row in rows:
        row.refresh_search_text()
    model._base_manager.bulk_update(rows, ["search_text"], batch_size=200)


def refresh_search_about(entry: Enterprise | Project) -> None:
    """After a new name: whatever is about the entry is found by it."""
    for model, name in pointers(type(entry)):
        if issubclass(model, Searchable):
            pks = list(model._base_manager.filter(**{name: entry}).values_list("pk", flat=True))
            refresh_search(model, name, pks)
