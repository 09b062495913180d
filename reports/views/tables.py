"""A unit's own table: fill, look behind each figure, hand in, download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from accounts.models import Role
from core import clock, tokens
from core.http import render_page
from core.paging import WindowPaginator
from core.xlsx import download as as_download
from districts.profile import FormRow
from enterprises.querysets import DISTRICT_WIDE
from reports import checks, figures, services
from reports import evidence as records_behind
from reports.forms import EntryForm, ReasonForm
from reports.models import SituationTable
from reports.views.rows import RowView, groups_of, recent_periods, shown
from reports.workbook import file_name, unit_workbook

PAGE_SIZE = 50


def visible_table(request: HttpRequest, pk: int) -> SituationTable:
    """A table this user may see, else 404."""
    visible = SituationTable.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("period__profile", "period__district", "unit", "submitted_by"), pk=pk
    )


def _row(table: SituationTable, no: int) -> FormRow:
    form = table.period.rules.form
    if not 1 <= no <= len(form.rows):
        raise Http404
    return form.row(no)


def conflict(request: HttpRequest, table: SituationTable, reason: services.Refused) -> HttpResponse:
    """Somebody was faster, or the table has moved on."""
    context = {"message": str(reason), "back_url": reverse("reports:table", args=[table.pk])}
    return render(request, "409.html", context, status=409)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Whoever collects tables sees the week's list; whoever fills one sees the own."""
    if request.user.has_role(*DISTRICT_WIDE):
        return redirect("reports:week")
    return redirect("reports:mine")


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The table of a unit (one's own unless told otherwise) and week (the newest unless told otherwise)."""
    if not request.user.has_role(Role.LIAISON, Role.UNIT_LEADER, *DISTRICT_WIDE):
        raise PermissionDenied("工作情况表由单位联络员和单位负责人填报。")
    unit = request.GET.get("unit", "")
    tables = SituationTable.objects.visible_to(request.user).in_force()
    tables = tables.filter(unit=int(unit) if unit.isdecimal() and len(unit) < 19 else request.user.unit_id)
    if period := request.GET.get("period", ""):
        tables = tables.filter(period=int(period) if period.isdecimal() and len(period) < 19 else 0)
    found = tables.order_by("-period__end").first()
    if found:
        return redirect("reports:table", found.pk)
    return render(request, "reports/none.html", {"periods": recent_periods(request.user)})


@require_safe
def table(request: HttpRequest, pk: int) -> HttpResponse:
    return table_page(request, visible_table(request, pk))


def table_page(
    request: HttpRequest,
    table: SituationTable,
    *,
    reason_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    groups = groups_of(table)
    rows = [row for group in groups for row in group.rows]
    may_fill = services.may_fill(request.user, table)
    may_judge = services.may_judge(request.user, table.period)
    context = {
        "table": table,
        "period": table.period,
        "form_data": table.period.rules.form,
        "groups": groups,
        "unfilled": [row for row in rows if row.is_unfilled],
        "findings": checks.findings(table) if table.is_open else [],
        "steps": table.steps.select_related("by"),
        "periods": recent_periods(request.user),
        "versions": SituationTable.objects.filter(period=table.period, unit=table.unit).exclude(pk=table.pk),
        "may_fill": may_fill and table.is_open,
        "may_judge": may_judge and table.state == SituationTable.State.SUBMITTED,
        "may_correct": may_judge and table.state == SituationTable.State.ACCEPTED and not table.superseded,
        "sees_all": request.user.has_role(*DISTRICT_WIDE),
        "before_cut_off": clock.now() < table.period.end,
        "is_overdue": table.is_missing and clock.now() > table.period.due_at,
        "reason_form": reason_form or ReasonForm(),
    }
    return render(request, "reports/table.html", context, status=status)


@require_safe
def evidence(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """The records behind a figure. Those the reader may not open are told by their number only."""
    table = visible_table(request, pk)
    period = table.period
    form_row = _row(table, row)
    if form_row.source != "indicator":
        raise Http404
    cumulative = request.GET.get("span") == "cumulative" and form_row.kind == "flow"
    figure = figures.figures(period, [table])[table.unit_id][row]
    if table.is_open or cumulative:
        context = figures.context_of(period).for_units(table.unit_id)
        span = figures.up_to(period) if cumulative else context.span
        found = records_behind.behind(form_row, context.within(span))
    else:
        found = records_behind.behind_frozen(form_row, table)
    seen = records_behind.visible(found, request.user)
    page = WindowPaginator(seen, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "reports/evidence.html",
        {
            "table": table,
            "period": period,
            "whose": table.unit.name,
            "row": RowView(form_row, figure),
            "cumulative": cumulative,
            "value": shown(figure.cumulative if cumulative else figure.week),
            "page": page,
            "lines": records_behind.lines(page, period.rules, period, cumulative=cumulative),
            "hidden": max(0, found.order_by().count() - page.paginator.count),
            "back_url": f"{reverse('reports:table', args=[table.pk])}#row-{row}",
            "path": request.path,
        },
    )


@require_safe
def check(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """What a cross check has found."""
    table = visible_table(request, pk)
    found_check = checks.find(name)
    if found_check is None:
        raise Http404
    found = found_check.records(table)
    page = WindowPaginator(records_behind.visible(found, request.user), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "reports/check.html",
        {
            "table": table,
            "check": found_check,
            "page": page,
            "lines": records_behind.lines(page, table.period.rules, table.period),
            "hidden": max(0, found.order_by().count() - page.paginator.count),
            "back_url": reverse("reports:table", args=[table.pk]),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Enter or correct one figure by hand: in the drawer, or on a page of its own."""
    table = visible_table(request, pk)
    form_row = _row(table, row)
    if form_row.source == "formula":
        raise Http404
    if not services.may_fill(request.user, table):
        raise PermissionDenied("只有填报单位的联络员和负责人可以填写本表。")
    if not table.is_open:
        return conflict(request, table, services.Refused("本表已报送，数字已固定，不能再改。"))
    restoring = request.POST.get("action") == "restore" and form_row.source == "indicator"
    form = EntryForm(request.POST or None, row=form_row, restoring=restoring)
    token = request.POST.get("token") or tokens.new_token()
    key = f"entry:{request.user.pk}:{token}"
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                if not tokens.earlier_result(key):
                    made = services.enter_by_hand(
                        table=table,
                        row=form_row,
                        value=form.cleaned_data["value"],
                        reason=form.cleaned_data["reason"],
                        by=request.user,
                    )
                    tokens.claim(key, str(made.pk))
        except services.Refused as reason:
            return conflict(request, table, reason)
        messages.success(request, f"第 {row} 行已保存。")
        return _back_to_row(request, table, row)
    entries = list(table.hand_entries.filter(row=row).select_related("by"))
    figure = figures.figures(table.period, [table])[table.unit_id][row]
    context: dict[str, Any] = {
        "table": table,
        "row": RowView(form_row, figure, entries),
        "form": form,
        "token": token,
    }
    return render_page(
        request, "reports/entry.html", "reports/_entry.html", context, status=422 if form.is_bound else 200
    )


def _back_to_row(request: HttpRequest, table: SituationTable, row: int) -> HttpResponse:
    url = f"{reverse('reports:table', args=[table.pk])}#row-{row}"
    if getattr(request, "htmx", None):
        # The fragment alone would not load the page anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(url)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    table = visible_table(request, pk)
    try:
        table = services.submit(table=table, by=request.user)
    except services.Refused as reason:
        return conflict(request, table, reason)
    late = "（迟报）" if table.late else ""
    messages.success(request, f"工作情况表已报送{late}，数字已固定。")
    return redirect("reports:table", table.pk)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    table = visible_table(request, pk)
    record(request.user, "situation_table.download", table)
    return as_download(unit_workbook(table), file_name(table.period, table.unit.short_name))
