"""One search behind every search box.

A record matches when its normalised text contains every word of the query: the same answer on SQLite
and PostgreSQL. On PostgreSQL an index on the text's pairs of characters (bigrams) finds the candidates,
which serves Chinese words of two characters and more; the containment test then decides.
"""

import re
import unicodedata

from django.db import connections, models
from django.db.migrations.operations.base import Operation
from django.db.models import BooleanField, F, Func, Value

WHITE_SPACE = re.compile(r"\s+")
MAX_QUERY_WORDS = 5
MAX_QUERY_LENGTH = 60


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, single spaces: what is stored and what is looked for.

    NUL, which PostgreSQL cannot store, counts as white space.
    """
    text = unicodedata.normalize("NFKC", text).replace("\0", " ")
    return WHITE_SPACE.sub(" ", text).strip().casefold()


class _SharesBigrams(Func):
    """``qqt_bigrams(text) @> qqt_bigrams(query)``; PostgreSQL only."""

    template = "qqt_bigrams(%(expressions)s)"
    arg_joiner = ") @> qqt_bigrams("
    arity = 2
    output_field = BooleanField()


class SearchQuerySet(models.QuerySet):
    def search(self, query: str) -> "SearchQuerySet":
        """Records that contain every word of ``query``; an empty query finds everything."""
        found = self
        on_postgresql = connections[self.db].vendor == "postgresql"
        for word in normalise(query[:MAX_QUERY_LENGTH]).split()[:MAX_QUERY_WORDS]:
            found = found.filter(search_text__contains=word)
            if on_postgresql and len(word) > 1:
                found = found.filter(_SharesBigrams(F("search_text"), Value(word)))
        return found


class Searchable(models.Model):
    """A model with a search box. Subclasses say which words lead to a record."""

    search_text = models.TextField("检索文本", editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        self.refresh_search_text()
        update_fields = kwargs.get("update_fields")
        if update_fields is not None:
            kwargs["update_fields"] = {*update_fields, "search_text"}
        super().save(*args, **kwargs)

    def search_words(self) -> list[str]:
        raise NotImplementedError

    def refresh_search_text(self) -> None:
        """Call before ``bulk_create``; ``save`` does it by itself."""
        self.search_text = normalise(" ".join(word for word in self.search_words() if word))


class AddBigramIndex(Operation):
    """Migration operation: the bigram index of a :class:`Searchable` model, on PostgreSQL only."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label, state) -> None:
        """The index is invisible to the model state: SQLite has none."""

    def _index(self, app_label: str) -> str:
        return f"{app_label}_{self.model_name.lower()}_bigrams"

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(
                f'CREATE INDEX "{self._index(app_label)}" ON "{table}" USING gin (qqt_bigrams(search_text))'
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP INDEX IF EXISTS "{self._index(app_label)}"')

    def describe(self) -> str:
        return f"Add the bigram index of {self.model_name}"
