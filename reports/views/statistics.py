"""统计分析: the page of the leaders, its print view, its sheets, and the records behind each figure."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.audit import record
from core import clock
from core.paging import WindowPaginator
from core.wording import speak
from core.xlsx import download, text_workbook
from reports import evidence as records_behind
from reports.indicators import REGISTRY
from reports.statistics.asked import READERS, Asked, Places, Query, Slice
from reports.statistics.report import Report
from reports.statistics.shown import Part, whole

PAGE_SIZE = 50
MOST_UNITS_PRINTED = 12
MOST_BARS_PRINTED = 6


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    form, query = _asked(request)
    return render(request, "reports/statistics.html", _context(query) | {"form": form})


@never_cache
@require_safe
def printed(request: HttpRequest) -> HttpResponse:
    """One A4 page."""
    _, query = _asked(request)
    context = _context(query)
    report: Report = context["report"]
    parts = {part.slug: part for part in report.parts}
    units = parts["units"]
    return render(
        request,
        "reports/statistics_print.html",
        context
        | {
            "months": parts["months"],
            "charts": [_short(parts[slug]) for slug in ("ages", "stages", "satisfaction")],
            "units": units,
            "unit_rows": units.lined[:MOST_UNITS_PRINTED],
            "left_out": max(0, len(units.rows) - MOST_UNITS_PRINTED),
            "printed_at": clock.now(),
        },
    )


@require_safe
def sheet(request: HttpRequest, part: str) -> HttpResponse:
    _, query = _asked(request)
    found = Report(query).part(part)
    if found is None:
        raise Http404
    record(request.user, "statistics.download", request.user.unit, part=part, asked=query.address())
    rows = [
        *found.sheet(),
        [],
        ["筛选", query.words],
        *([["说明", found.note]] if found.note else []),
        *([label, definition] for _, label, definition in found.definitions),
    ]
    content = text_workbook(title=found.title, headers=found.headers, rows=rows, widths=[22, *[16] * 8])
    return download(content, f"统计分析-{found.title}-{clock.today():%Y%m%d}.xlsx")


@never_cache
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """The records behind a figure, as far as they may be opened, and how many more there are."""
    form, query = _asked(request, Slice)
    assert isinstance(form, Slice)
    indicator = REGISTRY.get(request.GET.get("indicator", ""))
    if indicator is None or indicator.parameter or not form.fits(indicator.source):
        raise Http404
    found = query.evidence(indicator)
    value = query.value(indicator)
    listed = WindowPaginator(records_behind.visible(found, request.user), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    all_of_them = found.order_by().count()
    return render(
        request,
        "reports/statistics_records.html",
        {
            "indicator": indicator,
            "form": form,
            "query": query,
            "value": whole(value),
            "records": all_of_them,
            "counts_otherwise": value != all_of_them,
            "page": listed,
            "lines": records_behind.lines(listed, query.places.rules),
            "hidden": max(0, all_of_them - listed.paginator.count),
            "untouched": indicator.source.appeal is None and query.narrows_appeals,
            "back_url": f"{reverse('reports:statistics')}?{query.page_address}",
        },
    )


def _asked(request: HttpRequest, form_class: type[Asked] = Asked) -> tuple[Asked, Query]:
    user = request.user
    if user.unit is None or not user.has_role(*READERS):
        raise PermissionDenied(speak("统计分析由区领导、牵头局、督查、各单位负责人和联络员查看。"))
    form = form_class(request.GET, user=user, places=Places.of(user.unit.district))
    return form, form.query


def _short(part: Part) -> Part:
    return replace(part, bars=part.bars.first(MOST_BARS_PRINTED)) if part.bars else part


def _context(query: Query) -> dict:
    since, until = query.days
    asked = {"since": f"{since:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"}
    if query.unit.isdecimal():
        asked["unit"] = query.unit
    return {
        "query": query,
        "report": Report(query),
        "refusals_query": asked if query.sees_district else {**asked, "unit": ""},
    }
