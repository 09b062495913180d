"""Uploading a roster: the template, the upload, its progress, the preview, the bad rows handed back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from core import tokens
from core.masking import mask_phone
from core.paging import WindowPaginator
from core.xlsx import SheetError, download
from districts.models import Region
from enterprises import roster_import as rosters
from enterprises.forms import RosterUploadForm
from enterprises.models import RosterImport, RosterRow
from enterprises.policies import editable_region, places
from enterprises.roster_sheet import keys_of
from enterprises.roster_sheet import rejects as rejected_rows
from enterprises.roster_sheet import template as empty_sheet
from enterprises.views.directory import NOT_YOURS

PER_PAGE = 25
LISTED_IMPORTS = 20
Outcome = RosterRow.Outcome


def _own_region(request: HttpRequest) -> Region:
    region = editable_region(request.user)
    if region is None:
        raise PermissionDenied(NOT_YOURS)
    return region


def _visible(request: HttpRequest, pk: int) -> RosterImport:
    """404 for what the user may not see; who sees an upload but may no longer import gets 403."""
    visible = RosterImport.objects.visible_to(request.user).select_related("district", "uploaded_by__unit")
    found = get_object_or_404(visible, pk=pk)
    _own_region(request)
    return found


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was uploaded so far, and the form for the next sheet."""
    _own_region(request)
    form = RosterUploadForm(
        request.POST or None, request.FILES or None, initial={"token": tokens.new_token()}
    )
    if request.method == "POST":
        # An oversized or empty request arrives without fields; it is still an answer that needs a form.
        form = RosterUploadForm(request.POST, request.FILES)
        if form.is_valid() and (answer := _receive(request, form)):
            return answer
    context = {
        "form": form,
        "imports": RosterImport.objects.visible_to(request.user).select_related("uploaded_by__unit")[
            :LISTED_IMPORTS
        ],
        "kinds": RosterImport.Kind.choices,
        "may_add": True,
    }
    return render(request, "enterprises/imports.html", context, status=422 if form.errors else 200)


def _receive(request: HttpRequest, form: RosterUploadForm) -> HttpResponse | None:
    token = form.cleaned_data["token"]
    if token and (earlier := tokens.earlier_result(token)):
        return redirect("enterprises:import", pk=int(earlier))
    try:
        upload = rosters.receive(
            by=request.user, kind=form.cleaned_data["kind"], upload=form.cleaned_data["file"]
        )
    except SheetError as error:
        form.add_error("file", str(error))
        return None
    if token:
        try:
            tokens.claim(token, str(upload.pk))
        except IntegrityError:
            # The same click arrived twice at once; both uploads only wait to be confirmed.
            return redirect("enterprises:import", pk=upload.pk)
    _now_if_small(upload, rosters.check)
    return redirect("enterprises:import", pk=upload.pk)


def _now_if_small(upload: RosterImport, step: Any) -> None:
    """Nobody waits for a tick over a few rows. Whatever goes wrong here, the tick takes up again."""
    try:
        if rosters.is_small(upload):
            step(upload)
    except SheetError:
        step(upload)
    except rosters.ClaimLost:
        pass


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    region = _own_region(request)
    if kind not in RosterImport.Kind.values:
        raise Http404
    content = empty_sheet(kind, [place.name for place in places(region)])
    return download(content, f"{RosterImport.Kind(kind).label}模板.xlsx")


@require_safe
def roster_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One upload: where it stands, and its rows with what is wrong with them."""
    found = _visible(request, pk)
    outcome = request.GET.get("outcome", "")
    if outcome not in Outcome.values:
        outcome = ""
    rows = found.rows.filter(outcome=outcome) if outcome else found.rows.all()
    page = WindowPaginator(rows.order_by("line"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "upload": found,
        "page": page,
        "rows": [] if found.is_busy else [_shown(row, found) for row in page.object_list],
        "tabs": _tabs(found, outcome),
    }
    return render(request, "enterprises/import.html", context)


def _tabs(upload: RosterImport, outcome: str) -> list[dict[str, Any]]:
    total = upload.rows_good + upload.rows_same + upload.rows_bad
    counted = [("", "全部", total)] + [
        (code, label, getattr(upload, f"rows_{code}")) for code, label in Outcome.choices
    ]
    address = reverse("enterprises:import", args=[upload.pk])
    return [
        {
            "label": label,
            "count": f"{count:,}",
            "current": outcome == code,
            "url": f"{address}?{urlencode({'outcome': code})}" if code else address,
        }
        for code, label, count in counted
    ]


def _shown(row: RosterRow, upload: RosterImport) -> dict[str, Any]:
    """A row as the preview shows it: what stands in the sheet, phones masked unless they are wrong."""
    wrong = {error["key"] for error in row.errors}
    cells: dict[str, str] = dict(zip(keys_of(upload.headers, upload.kind), row.cells, strict=False))
    if "contact_phone" in cells and "contact_phone" not in wrong:
        cells["contact_phone"] = mask_phone(cells["contact_phone"])
    return {"row": row, "cells": cells, "wrong": wrong}


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment that asks again every two seconds, until there is something to see."""
    found = _visible(request, pk)
    response = render(request, "enterprises/_progress.html", {"upload": found})
    if not found.is_busy:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    if rosters.confirm(roster_import=found, by=request.user):
        _now_if_small(found, rosters.apply)
    else:
        messages.info(request, "这份底册已经确认过，或还没有检查完。")
    return redirect("enterprises:import", pk=pk)


@require_safe
def rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows as a sheet: put right, it can be uploaded again as it is."""
    found = _visible(request, pk)
    content = rejected_rows(found)
    record(request.user, "roster.rejects", found, rows=found.rows_bad)
    return download(content, f"{found.file_name.removesuffix('.xlsx')[:80]}-有误{found.rows_bad}行.xlsx")
