"""Pages of long lists that cost the same at ten rows and at ten million."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

WINDOW = 10_000


class WindowPage(Page):
    """A page that says "10,000+" where nobody counted further."""

    paginator: "WindowPaginator"

    @property
    def total_label(self) -> str:
        count = self.paginator.count
        return f"{WINDOW:,}+" if self.paginator.is_capped else f"{count:,}"


class WindowPaginator(Paginator):
    """Counts up to :data:`WINDOW` rows and pages through these; whoever needs more narrows the filter.

    ``counted``: how many there are, for a page that has counted them already.
    """

    def __init__(self, *args: Any, counted: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = counted

    @cached_property
    def _counted(self) -> int:
        if self.known is not None:
            return self.known
        rows = self.object_list
        if isinstance(rows, QuerySet):
            # The order is dropped: counting needs none, and sorting would read every row.
            return rows.order_by()[: WINDOW + 1].count()
        return len(rows)

    @property
    def is_capped(self) -> bool:
        return self._counted > WINDOW

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return min(self._counted, WINDOW)

    def _get_page(self, object_list: Sequence[Any], number: int, paginator: Paginator) -> WindowPage:
        return WindowPage(object_list, number, paginator)
