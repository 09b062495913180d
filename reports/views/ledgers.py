"""导出台账: which rows and columns, and the sheet."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import CharField, ChoiceField, ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.audit import record
from core import clock, tokens
from core.paging import WINDOW
from core.xlsx import download
from reports import ledgers
from reports.exports import engine
from reports.exports.ledger import CODE as LEDGER
from reports.exports.ledger import params_of
from reports.ledgers import Ledger, LedgerColumn

DIRECT_ROWS = 2_000
"""So many are written while the reader waits; more are made in the background."""
REMEMBERED = "ledger_columns"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest, code: str) -> HttpResponse:
    """The list's filter stands in the address, unchanged."""
    found = ledgers.find(code)
    if found is None:
        raise Http404
    if not found.may(request.user):
        raise PermissionDenied("台账由本区县的工作人员导出。")
    query = _query(request)
    try:
        # Whether it goes out at once is asked of the filter, not of what the page said.
        rows = ledgers.count(found, request.user, query, up_to=WINDOW + 1)
        words = ledgers.filter_in_words(found, request.user, query)
    except ledgers.BadQuery as reason:
        return _page(request, found, query, error=str(reason), status=422)
    if request.method != "POST":
        return _page(request, found, query, rows=rows, words=words)
    codes = request.POST.getlist("columns")
    try:
        chosen = ledgers.chosen_columns(found, request.user, codes)
        if rows > DIRECT_ROWS:
            return _order_export(request, found, query, chosen)
        return _sheet(request, found, query, chosen)
    except ledgers.Refused as reason:
        ticked = set(codes)
        return _page(
            request, found, query, rows=rows, words=words, ticked=ticked, error=str(reason), status=422
        )


def _sheet(request: HttpRequest, found: Ledger, query: str, chosen: list[LedgerColumn]) -> HttpResponse:
    """The file itself. Who took it away is on record before it goes out."""
    codes = [column.code for column in chosen]
    file = io.BytesIO()
    rows = ledgers.write(found, request.user, query, codes, file)
    _remember(request, found, chosen)
    record(request.user, "ledger.exported", rows=rows, **_in_the_log(request, found, query, chosen))
    return download(file.getvalue(), f"{found.title}_{clock.today():%Y%m%d}.xlsx")


def _order_export(
    request: HttpRequest, found: Ledger, query: str, chosen: list[LedgerColumn]
) -> HttpResponse:
    """More rows than anybody waits for."""
    codes = [column.code for column in chosen]
    ordered = engine.order(
        kind=LEDGER,
        by=request.user,
        title=str(found.title),
        params=params_of(found, query, codes),
        key=request.POST.get("token", "")[:80] or tokens.new_token(),
        log=_in_the_log(request, found, query, chosen),
    )
    _remember(request, found, chosen)
    return redirect("reports:export", ordered.pk)


def _in_the_log(
    request: HttpRequest, found: Ledger, query: str, chosen: list[LedgerColumn]
) -> dict[str, Any]:
    return {
        "ledger": found.code,
        "filter": _for_the_log(found, request, query),
        "columns": [column.code for column in chosen],
        "full_phones": any(column.sensitive for column in chosen),
    }


def _page(
    request: HttpRequest,
    found: Ledger,
    query: str,
    *,
    rows: int = 0,
    words: list[tuple[str, str]] | None = None,
    ticked: set[str] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    offered = found.columns_for(request.user)
    ticked = _remembered(request, found) if ticked is None else ticked
    context: dict[str, Any] = {
        "ledger": found,
        "list_url": _list_url(found, query),
        "action": request.get_full_path(),
        "rows_label": f"{WINDOW:,}+" if rows > WINDOW else f"{rows:,}",
        "rows": rows,
        "token": tokens.new_token(),
        "is_large": rows > DIRECT_ROWS,
        "direct_rows": DIRECT_ROWS,
        "words": words,
        "error": error,
        "columns": [(column, column.code in ticked) for column in offered if not column.sensitive],
        "apart": [(column, column.code in ticked) for column in offered if column.sensitive],
    }
    return render(request, "reports/ledger.html", context, status=status)


# --- The choice of columns ------------------------------------------------------------------------


def _remembered(request: HttpRequest, found: Ledger) -> set[str]:
    """What was taken the last time, else what is usual. A full phone is asked for anew each time."""
    chosen = set(request.session.get(REMEMBERED, {}).get(found.code, []))
    usual = {column.code for column in found.columns if column.default}
    return (chosen & {column.code for column in found.columns if not column.sensitive}) or usual


def _remember(request: HttpRequest, found: Ledger, chosen: list[LedgerColumn]) -> None:
    kept = [column.code for column in chosen if not column.sensitive]
    request.session[REMEMBERED] = request.session.get(REMEMBERED, {}) | {found.code: kept}


# --- The filter in the address --------------------------------------------------------------------


def _query(request: HttpRequest) -> str:
    """The list's own; which of its pages was looked at does not matter."""
    return "&".join(
        part
        for part in request.META.get("QUERY_STRING", "").split("&")
        if part and not part.startswith("page=")
    )


def _list_url(found: Ledger, query: str) -> str:
    return reverse(found.url_name) + (f"?{query}" if query else "")


def _for_the_log(found: Ledger, request: HttpRequest, query: str) -> dict[str, str]:
    """What was filtered by. Words that somebody typed may be a name or a phone: the log says only that there were."""
    given = QueryDict(query)
    fields = found.filterset(given, found.base(request.user), request.user).form.fields
    said = {}
    for name, field in fields.items():
        if value := given.get(name, ""):
            is_typed = isinstance(field, CharField) and not isinstance(field, ChoiceField | ModelChoiceField)
            said[name] = "（文字）" if is_typed else value
    return said
