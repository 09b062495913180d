"""One's own exports: ordered, how far they are, fetched."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record
from core import tokens
from core.paging import WindowPaginator
from reports.exports import engine
from reports.exports.kinds import KINDS
from reports.exports.tables import ALL_TABLES, ONE_BOOK, params_of, title_of
from reports.models import Export
from reports.views.asked import asked_period, overseers_only

PER_PAGE = 25


def _own(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(Export.objects.visible_to(request.user), pk=pk)


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    exports = Export.objects.visible_to(request.user)
    page = WindowPaginator(exports, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/exports.html", {"page": page, "kept_days": engine.KEPT_DAYS})


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one export; htmx asks for its progress alone."""
    template = "reports/_export.html" if getattr(request, "htmx", None) else "reports/export.html"
    return render(request, template, {"export": _own(request, pk), "kept_days": engine.KEPT_DAYS})


@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, to its owner alone."""
    found = _own(request, pk)
    if found.state != Export.State.READY:
        raise Http404
    if not KINDS[found.kind].may(request.user):
        raise PermissionDenied("您现在不能下载这份文件：它的内容已不在您可查看的范围内。")
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        message = {"message": "文件已不在，请重新导出。", "back_url": reverse("reports:exports")}
        return render(request, "409.html", message, status=409)
    record(request.user, "export.download", found)
    response = FileResponse(
        content,
        as_attachment=True,
        filename=found.file_name,
        content_type=KINDS[found.kind].content_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def export_tables(request: HttpRequest) -> HttpResponse:
    """Order all units' tables of a week, as a zip or as one workbook."""
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        raise Http404
    token = request.POST.get("token", "")[:60] or tokens.new_token()
    one_book = request.POST.get("as") == "workbook"
    ordered = engine.order(
        kind=(ONE_BOOK if one_book else ALL_TABLES).code,
        by=request.user,
        title=title_of(period, one_book=one_book),
        params=params_of(period),
        log=params_of(period),
        key=f"{period.pk}:{'book' if one_book else 'zip'}:{token}",
    )
    return redirect("reports:export", ordered.pk)
