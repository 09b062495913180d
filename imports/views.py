"""Uploading a sheet: the template, the upload, its progress, the preview, the bad rows back, the undo."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from core import sheets, tokens
from core.masking import mask_phone
from core.paging import WindowPaginator
from core.xlsx import SheetError, download
from imports import engine
from imports.filters import SheetImportFilter
from imports.forms import UploadForm
from imports.kinds import Kind, kind_of, kinds_for
from imports.models import SheetImport, SheetRow

log = logging.getLogger(__name__)

PER_PAGE = 25
NOT_YOURS = "您的账号不能导入这类表格。"
NOT_YOURS_TO_DECIDE = "您的账号不能确认或撤销这份表格。"
KEPT = "kept"
"""The tab of what an undo left in place."""
Outcome = SheetRow.Outcome
State = SheetImport.State
DECIDED = (Outcome.NEW, Outcome.CHANGED, Outcome.GONE)


def _kind(request: HttpRequest, code: str) -> Kind:
    """404 for a kind that does not exist, 403 for one that is not the user's."""
    kind = kind_of(code)
    if kind is None:
        raise Http404
    if not kind.may_upload(request.user):
        raise PermissionDenied(NOT_YOURS)
    return kind


def _visible(request: HttpRequest, pk: int) -> tuple[SheetImport, Kind]:
    """404 for what the user may not see; who sees an upload but may no longer import gets 403."""
    visible = SheetImport.objects.visible_to(request.user).select_related(
        "district", "unit__region", "uploaded_by__unit__region", "confirmed_by", "undone_by"
    )
    found = get_object_or_404(visible, pk=pk)
    return found, _kind(request, found.kind)


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest, kind: str) -> HttpResponse:
    """What was uploaded so far, and the form for the next sheet."""
    wanted = _kind(request, kind)
    form = UploadForm(kind=wanted, user=request.user, initial={"token": tokens.new_token(), "half": ""})
    if request.method == "POST":
        # An oversized or empty request arrives without fields; it is still an answer that needs a form.
        form = UploadForm(request.POST, request.FILES, kind=wanted, user=request.user)
        if form.is_valid() and (answer := _receive(request, wanted, form)):
            return answer
    imports = SheetImport.objects.visible_to(request.user).filter(kind=kind)
    filterset = SheetImportFilter(request.GET, queryset=imports.select_related("unit", "uploaded_by__unit"))
    context = {
        "kind": wanted,
        "kinds": _kind_tabs(request, wanted),
        "form": form,
        "filterset": filterset,
        "page": WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "imports/list.html", context, status=422 if form.errors else 200)


def _kind_tabs(request: HttpRequest, current: Kind) -> list[dict[str, Any]]:
    """Every kind of sheet the user may upload."""
    return [
        {
            "label": kind.label,
            "current": kind is current,
            "url": reverse("imports:list", args=[kind.code]),
        }
        for kind in kinds_for(request.user)
    ]


def _receive(request: HttpRequest, kind: Kind, form: UploadForm) -> HttpResponse | None:
    key = f"import:{kind.code}:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    if earlier := tokens.earlier_result(key):
        return redirect("imports:import", pk=int(earlier))
    try:
        upload = engine.receive(
            by=request.user,
            kind=kind.code,
            upload=form.cleaned_data["file"],
            unit=form.reporter(),
            half=form.cleaned_data.get("half", ""),
        )
    except SheetError as error:
        form.add_error("file", str(error))
        return None
    try:
        tokens.claim(key, str(upload.pk))
    except IntegrityError:
        # The same click arrived twice at once; both uploads only wait to be confirmed.
        return redirect("imports:import", pk=upload.pk)
    _now_if_small(upload, engine.check)
    return redirect("imports:import", pk=upload.pk)


def _now_if_small(upload: SheetImport, step: Callable[[SheetImport], bool]) -> None:
    """Nobody waits for a tick over a few rows; what the program stumbles over is said on the page."""
    try:
        if engine.is_small(upload):
            step(upload)
    except SheetError:
        step(upload)
    except engine.ClaimLost:
        pass
    except DatabaseError:
        # The claim runs out by itself, and a later tick tries again.
        log.exception("Import %s: the database failed.", upload.pk)
    except Exception:
        log.exception("Import %s failed.", upload.pk)
        engine.fail(upload)


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    wanted = _kind(request, kind)
    columns = wanted.columns_in(request.user.unit.district)
    content = sheets.template(wanted.label, columns, wanted.choices(request.user), wanted.notes)
    return download(content, f"{wanted.label}模板.xlsx")


@dataclass(frozen=True)
class Tally:
    """How many rows of an upload came out how, and what has become of them."""

    rows: dict[tuple[str, bool, bool], int]
    """(outcome, approved, applied) -> number of rows."""

    @classmethod
    def of(cls, upload: SheetImport) -> "Tally":
        fields = ("outcome", "approved", "applied")
        counted = upload.rows.order_by().values_list(*fields).annotate(Count("pk"))
        return cls({(row[0], row[1], row[2]): row[3] for row in counted})

    def _sum(self, *outcomes: str, approved: bool | None = None, applied: bool | None = None) -> int:
        return sum(
            number
            for (outcome, is_approved, is_applied), number in self.rows.items()
            if outcome in outcomes and approved in {None, is_approved} and applied in {None, is_applied}
        )

    def outcome(self, code: str) -> int:
        return self._sum(code)

    @property
    def all(self) -> int:
        return sum(self.rows.values())

    @property
    def new(self) -> int:
        return self._sum(Outcome.NEW, approved=True)

    @property
    def changed(self) -> int:
        return self._sum(Outcome.CHANGED, approved=True)

    @property
    def gone(self) -> int:
        return self._sum(Outcome.GONE, approved=True)

    @property
    def missing(self) -> int:
        """Listed as gone, whatever was decided."""
        return self._sum(Outcome.GONE)

    @property
    def stays(self) -> int:
        return self._sum(Outcome.GONE, approved=False)

    @property
    def refused(self) -> int:
        return self._sum(Outcome.NEW, Outcome.CHANGED, approved=False)

    @property
    def written(self) -> int:
        """What a confirmation writes."""
        return self._sum(*DECIDED, approved=True)

    @property
    def applied(self) -> int:
        """What an undo would take back, or did leave in place."""
        return self._sum(*DECIDED, applied=True)

    @property
    def seal(self) -> str:
        """What whoever confirms has read: should others decide on rows meanwhile, it no longer fits."""
        return f"{self.new}-{self.changed}-{self.gone}"


@require_safe
def sheet_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One upload: where it stands, and its rows with what is wrong with them."""
    found, kind = _visible(request, pk)
    tally = Tally.of(found)
    outcome = _tab(request.GET.get("outcome", ""))
    rows = found.rows.order_by("line")
    if outcome:
        rows = rows.filter(applied=True) if outcome == KEPT else rows.filter(outcome=outcome)
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    may_confirm = kind.may_confirm(request.user, found)
    done, total = engine.how_far(found)
    columns = kind.columns_in(found.district)
    context = {
        "upload": found,
        "kind": kind,
        "columns": [column for column in columns if column.key in kind.shown],
        "page": page,
        "rows": []
        if found.is_busy
        else [_shown(row, found, columns, kind.shown) for row in page.object_list],
        "tabs": _tabs(found, tally, outcome),
        "outcome": outcome,
        "tally": tally,
        "fate_label": "是否写入" if found.state == State.CHECKED else "写入",
        "done": done,
        "total": total,
        "may_decide": may_confirm and found.state == State.CHECKED,
        "may_undo": may_confirm and found.state == State.APPLIED and (tally.applied > 0 or found.complete),
    }
    return render(request, "imports/import.html", context)


def _tab(wanted: str) -> str:
    return wanted if wanted in {KEPT, *Outcome.values} else ""


def _tabs(upload: SheetImport, tally: Tally, outcome: str) -> list[dict[str, Any]]:
    counted = [("", "全部", tally.all)]
    counted += [(code, label, tally.outcome(code)) for code, label in Outcome.choices]
    if upload.state == State.UNDONE:
        counted.append((KEPT, "没有撤销", tally.applied))
    address = reverse("imports:import", args=[upload.pk])
    return [
        {
            "label": label,
            "count": f"{count:,}",
            "current": outcome == code,
            "url": f"{address}?{urlencode({'outcome': code})}" if code else address,
        }
        for code, label, count in counted
        if count or code != Outcome.GONE
    ]


def _shown(
    row: SheetRow, upload: SheetImport, columns: Sequence[sheets.Column], shown_keys: Sequence[str]
) -> dict[str, Any]:
    """A row as the preview shows it: what stands in the sheet, phones masked unless they are wrong."""
    wrong = {error["key"] for error in row.errors}
    cells = dict(zip(sheets.keys_of(upload.headers, columns), row.cells, strict=False))
    shown = []
    for column in columns:
        if column.key in shown_keys:
            text = cells.get(column.key, "")
            masked = column.private and column.key not in wrong
            shown.append({"title": column.title, "text": mask_phone(text) if masked else text})
    private = {column.title for column in columns if column.private}
    changes = [
        change | {key: mask_phone(change[key]) for key in ("before", "after") if change["title"] in private}
        for change in row.changes
    ]
    return {"row": row, "cells": shown, "changes": changes, "fate": _fate(row, upload)}


def _fate(row: SheetRow, upload: SheetImport) -> str:
    """What became of a row once the import was confirmed."""
    if row.outcome not in DECIDED or upload.state not in {State.APPLIED, State.UNDONE}:
        return ""
    is_undone = upload.state == State.UNDONE
    if row.applied:
        return "没有撤销" if is_undone else "已写入"
    if not row.approved:
        return "保留" if row.outcome == Outcome.GONE else "不同意，没有写入"
    return "已撤销" if is_undone and not row.errors else "没有写入"


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment that asks again every two seconds, until there is something to see."""
    found, kind = _visible(request, pk)
    done, total = engine.how_far(found)
    context = {"upload": found, "kind": kind, "done": done, "total": total}
    response = render(request, "imports/_progress.html", context)
    if not found.is_busy:
        response["HX-Refresh"] = "true"
    return response


def _to_decide(request: HttpRequest, pk: int) -> SheetImport:
    found, kind = _visible(request, pk)
    if not kind.may_confirm(request.user, found):
        raise PermissionDenied(NOT_YOURS_TO_DECIDE)
    return found


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes or no, to one row (``row`` is its id) or to all that are missing from a complete sheet ("gone")."""
    found = _to_decide(request, pk)
    row, answer = request.POST.get("row", ""), request.POST.get("approved", "")
    is_id = row.isdecimal() and len(row) < 19
    if (is_id or row == Outcome.GONE) and answer in {"yes", "no"}:
        changed = engine.approve(
            sheet_import=found,
            by=request.user,
            rows=[int(row)] if is_id else None,
            approved=answer == "yes",
        )
        if row == Outcome.GONE and changed:
            messages.success(request, f"已将{changed}条改为“{'同意退出' if answer == 'yes' else '保留'}”。")
    if found.state != State.CHECKED:
        messages.info(request, "这份表格已经确认过，或还没有检查完，不能再改。")
    query = {"outcome": _tab(request.POST.get("outcome", "")), "page": request.POST.get("page", "")}
    query = {key: value for key, value in query.items() if value and (key == "outcome" or value.isdecimal())}
    address = reverse("imports:import", args=[pk])
    # Back to the row whose button was pressed.
    return redirect(address + (f"?{urlencode(query)}" if query else "") + (f"#row-{row}" if is_id else ""))


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes what the page said it would; if others decided on rows meanwhile, it is shown again first."""
    found = _to_decide(request, pk)
    if found.state == State.CHECKED and request.POST.get("seal") != Tally.of(found).seal:
        messages.warning(request, "打开页面之后，要写入的行有了变化。请核对下面的行数，再确认一次。")
    elif engine.confirm(sheet_import=found, by=request.user):
        _now_if_small(found, engine.apply)
    else:
        messages.info(request, "这份表格已经确认过，或还没有检查完。")
    return redirect("imports:import", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what is taken back, and what stays."""
    found = _to_decide(request, pk)
    if request.method == "POST":
        if engine.ask_undo(sheet_import=found, by=request.user):
            _now_if_small(found, engine.undo)
        else:
            messages.info(request, "这份表格没有入库，或已经撤销。")
        return redirect("imports:import", pk=pk)
    if found.state != State.APPLIED:
        return redirect("imports:import", pk=pk)
    context = {"upload": found, "kind": kind_of(found.kind), "applied": Tally.of(found).applied}
    return render(request, "imports/undo.html", context)


@require_safe
def rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows as a sheet: put right, it can be uploaded again as it is."""
    found, kind = _visible(request, pk)
    bad = found.rows.filter(outcome=Outcome.BAD).values_list("cells", "errors")
    content = sheets.rejects(kind.label, found.headers, bad.iterator())
    record(request.user, "import.rejects", found, rows=found.rows_bad)
    return download(content, f"{found.file_name.removesuffix('.xlsx')[:80]}-有误{found.rows_bad}行.xlsx")
