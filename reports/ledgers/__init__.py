"""台账: the lists of the portal as sheets. Which there are, how many rows a filter leaves, and writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import django_filters
from django.core.exceptions import TooManyFieldsSent
from django.forms import Field, ModelChoiceField
from django.http import QueryDict

from accounts.models import User
from core import clock, ledger_sheet
from core.ledger_sheet import TooManyRows, write_ledger
from reports.ledgers.appeals import APPEALS
from reports.ledgers.base import Ledger, LedgerColumn, Reader
from reports.ledgers.contact import OPINIONS, TASKS, VISITS
from reports.ledgers.money import PAYMENTS
from reports.ledgers.needs import FINANCING, OPENINGS, SEEKERS
from reports.ledgers.roster import ENTERPRISES, PROJECTS
from reports.ledgers.rotas import SITTINGS, TRAINING, WINDOWS

LEDGERS = {
    ledger.code: ledger
    for ledger in (
        APPEALS, VISITS, ENTERPRISES, PROJECTS, TASKS, PAYMENTS, OPINIONS, OPENINGS, SEEKERS, FINANCING,
        SITTINGS, WINDOWS, TRAINING,
    )
}  # fmt: skip
CHUNK = 1_000
MAX_QUERY = 2_000
UNFILTERED = "未筛选，为本人可查看的全部"


class Refused(Exception):
    """The ledger cannot be written like this; the message says in Chinese why and what to do."""


class BadQuery(Refused):
    pass


class BadColumns(Refused):
    pass


def find(code: str) -> Ledger | None:
    return LEDGERS.get(code)


def count(ledger: Ledger, user: User, query: str, *, up_to: int | None = None) -> int:
    """How many rows the filter leaves; nobody counts further than ``up_to``."""
    rows = _filtered(ledger, user, query).qs.order_by()
    return rows.count() if up_to is None else rows[:up_to].count()


def filter_in_words(ledger: Ledger, user: User, query: str) -> list[tuple[str, str]]:
    """What the rows were narrowed to, as label and value; empty where nothing was chosen."""
    form = _filtered(ledger, user, query).form
    words = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        said = _in_words(field, value) if value not in (None, "") else _when_empty(field)
        if said:
            words.append((str(field.label or name), said))
    return words


def chosen_columns(ledger: Ledger, user: User, codes: Sequence[str]) -> list[LedgerColumn]:
    """The columns with these codes, in the ledger's order. Raises :class:`BadColumns`."""
    offered = ledger.columns_for(user)
    if set(codes) - {column.code for column in offered}:
        raise BadColumns("所选栏目中有本台账没有的，或您无权导出的，请重新选择。")
    chosen = [column for column in offered if column.code in set(codes)]
    if not chosen:
        raise BadColumns("请至少选择一栏。")
    return chosen


def write(
    ledger: Ledger,
    user: User,
    query: str,
    columns: Sequence[str],
    file: IO[bytes],
    advance: Callable[[int], None] = lambda written: None,
) -> int:
    """Write what the filter leaves into ``file``; how many rows that were.

    ``advance`` hears after each chunk how many are written. Raises :class:`Refused`.
    """
    if not ledger.may(user):
        raise Refused("您不能导出这份台账。")
    chosen = chosen_columns(ledger, user, columns)
    total = count(ledger, user, query)
    reader, now = Reader.of(user), clock.now()
    found = _filtered(ledger, user, query).qs
    prepared = ledger.prepare(found, reader, frozenset(column.code for column in chosen))
    values = [column.value for column in chosen]

    def rows() -> Iterator[list[Any]]:
        number = 0
        for number, row in enumerate(prepared.iterator(chunk_size=CHUNK), start=1):
            yield [value(row, reader) for value in values]
            if number % CHUNK == 0:
                advance(number)
        if number % CHUNK or not number:
            advance(number)

    at = f"{ledger_sheet.local(now):%Y-%m-%d %H:%M}"
    unit = user.unit
    assert unit is not None  # whoever may, has one
    who = f"{unit.short_name or unit.name} {user}"
    words = filter_in_words(ledger, user, query)
    remarks = [
        ("筛选条件", "；".join(f"{label}：{value}" for label, value in words) or UNFILTERED),
        ("栏目", "、".join(str(column.title) for column in chosen)),
        ("导出时间", at),
        ("导出人", f"{unit.name} {user}"),
    ]
    if any(column.sensitive for column in chosen):
        remarks.append(("提示", "含完整联系电话，导出已记入日志，只可用于联系企业、办理诉求。"))
    try:
        return write_ledger(
            file,
            title=ledger.title,
            columns=[
                ledger_sheet.Column(column.title, column.width, column.kind, column.wrap, column.decimals)
                for column in chosen
            ],
            rows=rows(),
            remarks=remarks,
            mark=f"{who} {at}",
            picture_mark=f"{user.username}  {at}",
            count=total,
        )
    except TooManyRows as error:
        raise Refused(str(error)) from error


# --- The list's own filter ------------------------------------------------------------------------


def _filtered(ledger: Ledger, user: User, query: str) -> django_filters.FilterSet:
    """The filter of the list's page with the list's query string. Raises :class:`BadQuery`.

    A list shrugs off a value that it does not understand; a ledger would then hold more than was asked for.
    """
    if len(query) > MAX_QUERY:
        raise BadQuery("筛选条件过长，请回到列表重新筛选。")
    try:
        data = QueryDict(query)
    except TooManyFieldsSent as error:
        raise BadQuery("筛选条件过多，请回到列表重新筛选。") from error
    filterset = ledger.filterset(data, ledger.base(user), user)
    if not filterset.is_valid():
        fields = filterset.form.fields
        said = "；".join(
            f"{fields[name].label if name in fields else '条件'}：{''.join(messages)}"
            for name, messages in filterset.form.errors.items()
        )
        raise BadQuery(f"筛选条件有误，请回到列表重新筛选（{said}）")
    return filterset


def _in_words(field: Field, value: Any) -> str:
    if isinstance(field, ModelChoiceField):
        return str(field.label_from_instance(value))
    choices = getattr(field, "choices", None)
    if choices is not None:
        return str(dict(choices).get(value, value))
    return str(value)


def _when_empty(field: Field) -> str:
    """What an empty choice stands for, where that is not everything: firms on the roster."""
    choices = getattr(field, "choices", None)
    if choices is None or isinstance(field, ModelChoiceField):
        return ""
    empty = str(dict(choices).get("", ""))
    return "" if empty.startswith("全部") else empty
