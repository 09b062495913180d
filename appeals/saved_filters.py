"""A user's saved filters: a name for what stands in the address of the register, used at the desks too."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from appeals.filters import AppealFilter
from appeals.models import SavedFilter
from core import clock

MOST = 20


@dataclass(frozen=True)
class Shortcut:
    """A saved filter as a page offers it."""

    name: str
    url: str
    current: bool


def tidy(query: str) -> str:
    """Only what the register filters by and is filled in, always in the same order."""
    given = QueryDict(query[:2000])
    kept = QueryDict(mutable=True)
    for name in AppealFilter.base_filters:
        if value := given.get(name, "").replace("\0", "").strip():
            kept[name] = value
    return kept.urlencode()


def shortcuts(user: User, query: str, **more: str) -> list[Shortcut]:
    """The user's filters as links of a page that has ``query`` now; ``more`` goes along, such as the queue."""
    along = QueryDict(mutable=True)
    along.update(more)
    lead = f"{along.urlencode()}&" if more else ""
    now = tidy(query)
    saved = SavedFilter.objects.visible_to(user)
    return [Shortcut(one.name, f"?{lead}{one.query}", one.query == now) for one in saved]


@transaction.atomic
def save_filter(*, by: User, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name. Raises ``ValidationError`` in words."""
    # The user's row is the lock, or two windows at once could save more than so many.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if SavedFilter.objects.visible_to(by).count() >= MOST:
        raise ValidationError(f"最多保存 {MOST} 个常用筛选，请先删除不用的。")
    query = tidy(query)
    if not query:
        raise ValidationError("请先在台账中设好筛选条件，再保存。")
    saved = SavedFilter(user=by, name=" ".join(name.split()), query=query, created_at=clock.now())
    saved.full_clean()
    saved.save()
    return saved


@transaction.atomic
def rename_filter(*, saved: SavedFilter, name: str) -> None:
    saved.name = " ".join(name.split())
    saved.full_clean()
    saved.save(update_fields=["name"])
