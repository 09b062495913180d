"""A ledger of more rows than anybody waits for; see ``reports.ledgers``."""

from __future__ import annotations

from typing import IO, Any

from accounts.models import User
from core import clock
from core.xlsx import CONTENT_TYPE
from reports import ledgers
from reports.exports.types import Advance, CannotExport, ExportKind
from reports.ledgers import Ledger
from reports.models import Export

CODE = "ledger"


def params_of(ledger: Ledger, query: str, columns: list[str]) -> dict[str, Any]:
    return {"ledger": ledger.code, "query": query, "columns": columns}


def _may(user: User) -> bool:
    return any(ledger.may(user) for ledger in ledgers.LEDGERS.values())


def _ledger(export: Export) -> Ledger:
    found = ledgers.find(export.params["ledger"])
    if found is None:
        raise CannotExport("没有这种台账。")
    return found


def _steps(export: Export) -> int:
    try:
        return ledgers.count(_ledger(export), export.asked_by, export.params["query"])
    except ledgers.Refused as reason:
        raise CannotExport(str(reason)) from reason


def _write(export: Export, file: IO[bytes], advance: Advance) -> None:
    params = export.params
    try:
        ledgers.write(_ledger(export), export.asked_by, params["query"], params["columns"], file, advance)
    except ledgers.Refused as reason:
        raise CannotExport(str(reason)) from reason


LEDGER = ExportKind(
    code=CODE,
    may=_may,
    steps=_steps,
    file_name=lambda export: f"{_ledger(export).title}_{clock.today():%Y%m%d}.xlsx",
    content_type=CONTENT_TYPE,
    write=_write,
)
