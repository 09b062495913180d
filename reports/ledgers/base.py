"""What a ledger is: a list that can be taken away as a sheet, row by row what the list's page shows its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts.models import IN_OFFICE, Role, User
from appeals.revisits import CALLERS
from core.ledger_sheet import Kind
from districts.profile import Rules
from liaisons.selectors import rules_of

READERS = IN_OFFICE - {Role.ADMIN}
CONTACTS = frozenset({*CALLERS, Role.DISPATCHER, Role.BUREAU_LEADER})
"""Whoever has firms to call: these may take full phone numbers away, if they say so each time."""


@dataclass(frozen=True)
class Reader:
    """For whom the rows are written."""

    user: User
    rules: Rules | None

    @classmethod
    def of(cls, user: User) -> Reader:
        return cls(user, rules_of(user))

    def label(self, kind: str, code: str) -> str:
        return self.rules.label(kind, code) if self.rules else code


@dataclass(frozen=True)
class LedgerColumn:
    code: str
    title: str
    value: Callable[[Any, Reader], Any]
    width: int = 16
    kind: Kind = "text"
    wrap: bool = False
    decimals: int = 0
    default: bool = True
    sensitive: bool = False
    """A full phone: for :data:`CONTACTS`, chosen anew each time, and named in the log."""


@dataclass(frozen=True)
class Ledger:
    code: str
    title: str
    url_name: str
    """The list's page; its query string narrows the ledger too."""
    base: Callable[[User], QuerySet]
    """What this user may see, in the order of the list."""
    filterset: Callable[[Any, QuerySet, User], django_filters.FilterSet]
    prepare: Callable[[QuerySet, Reader, frozenset[str]], QuerySet]
    """With all that the chosen columns show, in a number of queries that does not grow with the rows of a chunk."""
    columns: tuple[LedgerColumn, ...]
    roles: frozenset[str] = READERS

    def may(self, user: User) -> bool:
        return user.unit_id is not None and user.has_role(*self.roles)

    def columns_for(self, user: User) -> list[LedgerColumn]:
        return [column for column in self.columns if not column.sensitive or user.has_role(*CONTACTS)]


# --- What the ledgers share -----------------------------------------------------------------------


def asked_by(user: User) -> HttpRequest:
    """What a page's filters ask their request for: who is looking."""
    request = HttpRequest()
    request.user = user
    return request


def column(code: str, title: str, value: Callable[[Any], Any], width: int = 16, **more: Any) -> LedgerColumn:
    """A column whose value is the same whoever reads it."""
    return LedgerColumn(code, title, lambda row, reader: value(row), width, **more)


def credit_code(row: Any) -> str:
    """Of what the row is about; a claimed firm's is what was claimed."""
    if row.enterprise is not None:
        return row.enterprise.credit_code or row.enterprise.registration_number or ""
    return row.claimed_code


def joined(names: Iterable[str]) -> str:
    """Each once, in their order."""
    return "、".join(dict.fromkeys(name for name in names if name))


def counted(rows: QuerySet, by: str) -> Coalesce:
    """How many of ``rows`` hang on the row by the field ``by``."""
    mine = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(Subquery(mine.annotate(number=Count("pk", distinct=True)).values("number")), 0)


def summed(rows: QuerySet, by: str, field: str) -> Coalesce:
    mine = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(Subquery(mine.annotate(number=Sum(field)).values("number")), 0)
