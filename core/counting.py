"""Many numbers with one question to the database."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce


def number_of(rows: QuerySet) -> Coalesce:
    """How many rows, as a column of another query; they may point to its row by ``OuterRef``."""
    together = rows.order_by().annotate(together=Value(1)).values("together")
    return Coalesce(Subquery(together.annotate(number=Count("pk", distinct=True)).values("number")), 0)


def numbers_of(anchor: QuerySet, asked: Mapping[str, QuerySet]) -> dict[str, int]:
    """How many rows each has. ``anchor``: the one row to hang the columns on."""
    if not asked:
        return {}
    columns = {f"number_of_{name}": number_of(rows) for name, rows in asked.items()}
    found = anchor.values(**columns).get()
    return {name: found[f"number_of_{name}"] for name in asked}
