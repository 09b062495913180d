"""The district's week in one picture: the summary, the units side by side, and how the weeks went."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.models import Role, Unit
from core import tokens
from core.paging import WindowPaginator
from core.wording import speak
from core.xlsx import download as as_download
from enterprises.querysets import DISTRICT_WIDE
from reports import evidence as records_behind
from reports import figures, history
from reports.bundle import Bundle, matrix_workbook, tables_of
from reports.models import SituationTable
from reports.views.asked import asked_period, overseers_only
from reports.views.rows import RowView, recent_periods, shown
from reports.views.tables import PAGE_SIZE
from reports.workbook import file_name, summary_workbook


@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """The district's 27 rows: everybody counted once, the plain sum beside it, and why they differ."""
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        return render(request, "reports/none.html", {"periods": []})
    tables = tables_of(period)
    lines = {line.row.no: line for line in figures.summary(period, tables)}
    groups = [
        {
            "label": label,
            "rows": [
                {
                    "once": RowView(row, lines[row.no].once),
                    "added": RowView(row, lines[row.no].added),
                    "why": lines[row.no].why,
                }
                for row in rows
            ],
        }
        for label, rows in period.rules.form.groups
    ]
    context = {
        "period": period,
        "periods": recent_periods(request.user),
        "form_data": period.rules.form,
        "token": tokens.new_token(),
        "groups": groups,
        "missing": [table for table in tables if table.is_open],
        "all": len(tables),
    }
    return render(request, "reports/summary.html", context)


@require_safe
def summary_evidence(request: HttpRequest, row: int) -> HttpResponse:
    """The records behind a figure of the summary."""
    overseers_only(request)
    period = asked_period(request)
    if period is None or not 1 <= row <= len(period.rules.form.rows):
        raise Http404
    form_row = period.rules.form.row(row)
    if form_row.source != "indicator":
        raise Http404
    tables = tables_of(period)
    cumulative = request.GET.get("span") == "cumulative" and form_row.kind == "flow"
    context = figures.context_of(period).for_units(*(table.unit_id for table in tables))
    span = figures.up_to(period) if cumulative else context.span
    kept = period.summary.filter(row=row).first()
    if kept and not cumulative:
        found = records_behind.behind_all_frozen(form_row, tables)
    else:
        found = records_behind.behind(form_row, context.within(span))
    indicator = figures.indicator_of(form_row)
    assert indicator is not None
    if kept:
        value = kept.cumulative if cumulative else kept.counted or figures.ZERO
    else:
        value = indicator.value(context.within(span).with_params(form_row.params))
    page = WindowPaginator(records_behind.visible(found, request.user), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "reports/evidence.html",
        {
            "period": period,
            "whose": f"{period.district}（汇总）",
            "row": RowView(form_row, figures.Figure(value, value, value)),
            "cumulative": cumulative,
            "value": shown(value),
            "page": page,
            "lines": records_behind.lines(page, period.rules, period, cumulative=cumulative),
            "hidden": max(0, found.order_by().count() - page.paginator.count),
            "back_url": f"{reverse('reports:summary')}?ending={period.ending:%Y-%m-%d}#row-{row}",
            "path": request.path,
        },
    )


@require_safe
def summary_download(request: HttpRequest) -> HttpResponse:
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        raise Http404
    record(request.user, "situation_summary.download", period)
    content = summary_workbook(period, figures.summary(period, tables_of(period)))
    return as_download(content, file_name(period, f"{period.rules.name}汇总"))


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """The form's rows down, the units across."""
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        return render(request, "reports/none.html", {"periods": []})
    bundle = Bundle(period)
    rows = [
        {
            "row": RowView(line.row, line.once),
            "cells": [
                (table, shown(value), value != 0)
                for table in bundle.tables
                for value in [bundle.figures[table.unit_id][line.row.no].week]
            ],
            "added": shown(line.added.week),
        }
        for line in bundle.summary
    ]
    context = {
        "period": period,
        "periods": recent_periods(request.user),
        "tables": bundle.tables,
        "rows": rows,
        "missing": [table for table in bundle.tables if table.is_open],
    }
    return render(request, "reports/matrix.html", context)


@require_safe
def matrix_download(request: HttpRequest) -> HttpResponse:
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        raise Http404
    record(request.user, "situation_matrix.download", period)
    return as_download(matrix_workbook(Bundle(period)), file_name(period, "各单位对照"))


@require_safe
def weeks(request: HttpRequest) -> HttpResponse:
    """How the rows went over the last weeks: of one's own unit; of any, or of the district, for who oversees it."""
    sees_all = request.user.has_role(*DISTRICT_WIDE)
    if not sees_all and not request.user.has_role(Role.LIAISON, Role.UNIT_LEADER):
        raise PermissionDenied(speak("历次报送由单位联络员、单位负责人、牵头局、区领导和督查查看。"))
    visible = SituationTable.objects.visible_to(request.user)
    units = Unit.objects.filter(pk__in=visible.values("unit")).order_by("order", "pk")
    asked = request.GET.get("unit", "")
    unit: Unit | None = None
    if asked:
        unit = get_object_or_404(units, pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0)
    elif not sees_all:
        unit = request.user.unit
    context: dict[str, Any] = {
        "unit": unit,
        "units": units,
        "sees_all": sees_all,
        "weeks": history.of(visible, unit),
        "punctuality": history.punctuality(visible) if sees_all and unit is None else None,
    }
    return render(request, "reports/weeks.html", context)
