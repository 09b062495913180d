"""The lead bureau's side: the week's tables, accepting and sending back, the district's summary."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record
from core import clock
from core.paging import WindowPaginator
from core.xlsx import download as as_download
from enterprises.querysets import DISTRICT_WIDE
from reports import evidence as records_behind
from reports import figures, services
from reports.forms import SendBackForm
from reports.models import ReportingPeriod, SituationTable
from reports.views.rows import RowView, recent_periods, shown
from reports.views.tables import PAGE_SIZE, conflict, table_page, visible_table
from reports.workbook import file_name, summary_workbook

_HANDED_IN = (SituationTable.State.SUBMITTED, SituationTable.State.ACCEPTED)
STATES = (
    ("", "全部"),
    ("missing", "未报送"),
    ("to_judge", "待审核"),
    ("late", "迟报"),
    ("accepted", "已审核"),
)


def _overseers_only(request: HttpRequest) -> None:
    if not request.user.has_role(*DISTRICT_WIDE):
        raise PermissionDenied("全区的工作情况表由牵头局、区领导和督查查看。")


def _period(request: HttpRequest) -> ReportingPeriod | None:
    """The week asked for by its cut-off day, else the newest; 404 for a day on which none ends."""
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("profile", "district")
    asked = request.GET.get("ending", "")
    if not asked:
        return periods.first()
    try:
        found = periods.filter(ending=date.fromisoformat(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _tables(period: ReportingPeriod) -> list[SituationTable]:
    tables = (
        period.tables.in_force().select_related("unit", "submitted_by").order_by("unit__order", "unit_id")
    )
    for table in tables:
        table.period = period
    return list(tables)


@require_safe
def week(request: HttpRequest) -> HttpResponse:
    """Who has handed in the week's table, who was late, who is missing."""
    _overseers_only(request)
    period = _period(request)
    if period is None:
        return render(request, "reports/none.html", {"periods": []})
    tables = _tables(period)
    is_due = clock.now() >= period.due_at
    wanted = request.GET.get("state", "")
    by_state: dict[str, list[SituationTable]] = {
        "": tables,
        "missing": [table for table in tables if table.is_open],
        "to_judge": [table for table in tables if table.state == SituationTable.State.SUBMITTED],
        "late": [table for table in tables if table.late],
        "accepted": [table for table in tables if table.state == SituationTable.State.ACCEPTED],
    }
    path = f"{request.path}?ending={period.ending:%Y-%m-%d}"
    context: dict[str, Any] = {
        "period": period,
        "periods": recent_periods(request.user),
        "tables": by_state.get(wanted, tables),
        "tabs": [
            {
                "label": label,
                "url": f"{path}&state={state}",
                "count": len(by_state[state]),
                "current": state == wanted,
            }
            for state, label in STATES
        ],
        "handed_in": sum(table.state in _HANDED_IN for table in tables),
        "all": len(tables),
        "is_due": is_due,
    }
    return render(request, "reports/week.html", context)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    table = visible_table(request, pk)
    try:
        services.accept(table=table, by=request.user)
    except services.Refused as reason:
        return conflict(request, table, reason)
    messages.success(request, f"{table.unit}的工作情况表已审核通过。")
    return redirect("reports:table", table.pk)


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    table = visible_table(request, pk)
    if not services.may_judge(request.user, table.period):
        raise PermissionDenied("只有牵头局的调度员和负责人可以退回。")
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return table_page(request, table, send_back_form=form, status=422)
    try:
        services.send_back(table=table, reason=form.cleaned_data["reason"], by=request.user)
    except services.Refused as reason:
        return conflict(request, table, reason)
    messages.success(request, f"已退回{table.unit}，并通知其联络员和负责人。")
    return redirect("reports:table", table.pk)


@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """The district's 27 rows: everybody counted once, the plain sum beside it, and why they differ."""
    _overseers_only(request)
    period = _period(request)
    if period is None:
        return render(request, "reports/none.html", {"periods": []})
    tables = _tables(period)
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
        "groups": groups,
        "missing": [table for table in tables if table.is_open],
        "all": len(tables),
    }
    return render(request, "reports/summary.html", context)


@require_safe
def summary_evidence(request: HttpRequest, row: int) -> HttpResponse:
    """The records behind a figure of the summary."""
    _overseers_only(request)
    period = _period(request)
    if period is None or not 1 <= row <= len(period.rules.form.rows):
        raise Http404
    form_row = period.rules.form.row(row)
    if form_row.source != "indicator":
        raise Http404
    tables = _tables(period)
    cumulative = request.GET.get("span") == "cumulative" and form_row.kind == "flow"
    context = figures.context_of(period).for_units(*(table.unit_id for table in tables))
    span = figures.up_to(period) if cumulative else context.span
    found = records_behind.behind(form_row, context.within(span))
    indicator = figures.indicator_of(form_row)
    assert indicator is not None
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
    _overseers_only(request)
    period = _period(request)
    if period is None:
        raise Http404
    record(request.user, "situation_summary.download", period)
    content = summary_workbook(period, figures.summary(period, _tables(period)))
    return as_download(content, file_name(period, f"{period.rules.name}汇总"))
