"""Whom a change of the backlog tells: the desks of the units that are to solve it, and of the bureau."""

from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects
from django.urls import reverse

from accounts.models import Role, User
from appeals.models import BacklogItem
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.services import notify


def units_of(item: BacklogItem) -> list[int]:
    return [item.unit_id, *(unit.pk for unit in item.assisting.all())]


def tell_listed(by: User, items: Sequence[BacklogItem]) -> None:
    """One notice a unit, however many items it was given."""
    prefetch_related_objects(items, "assisting")
    given: dict[int, list[BacklogItem]] = {}
    for item in items:
        for unit in units_of(item):
            given.setdefault(unit, []).append(item)
    people = recipients_of(list(given), *UNIT_DESK)
    for unit, theirs in given.items():
        first = theirs[0]
        many = len(theirs) > 1
        notify(
            [user for user in people.get(unit, []) if user.pk != by.pk],
            key=f"backlog:{first.pk}:{first.version}:{len(theirs)}:{unit}",
            title=f"{len(theirs)}件存量问题交由本单位化解"
            if many
            else f"存量问题交由本单位化解：{first.title}",
            body="请按分类、方案和时限攻坚化解，及时填报进展。",
            url=reverse("appeals:backlog") if many else reverse("appeals:backlog_item", args=[first.pk]),
        )


def tell(units: Iterable[int], roles: Sequence[Role], item: BacklogItem, what: str, by: User) -> None:
    found = recipients_of(list(units), *roles)
    people = {user.pk: user for them in found.values() for user in them if user.pk != by.pk}
    notify(
        people.values(),
        key=f"backlog:{item.pk}:{item.version}",
        title=f"{what}：{item.title}",
        body=f"清单第{item.number}号，{item.get_classification_display()}，牵头责任单位{item.unit}。",
        url=reverse("appeals:backlog_item", args=[item.pk]),
    )
