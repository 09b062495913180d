"""The lead bureau's side: the week's tables, accepting and sending back, the district's summary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record
from core import clock
from core.wording import speak
from reports import services
from reports.bundle import tables_of
from reports.forms import ReasonForm
from reports.models import SituationTable
from reports.views.asked import asked_period, overseers_only
from reports.views.rows import recent_periods
from reports.views.tables import conflict, table_page, visible_table

STATES = (
    ("", "全部"),
    ("missing", "未报送"),
    ("to_judge", "待审核"),
    ("late", "迟报"),
    ("correcting", "更正中"),
    ("accepted", "已审核"),
)


@require_safe
def week(request: HttpRequest) -> HttpResponse:
    """Who has handed in the week's table, who was late, who is missing."""
    overseers_only(request)
    period = asked_period(request)
    if period is None:
        return render(request, "reports/none.html", {"periods": []})
    tables = tables_of(period)
    is_due = clock.now() >= period.due_at
    wanted = request.GET.get("state", "")
    by_state: dict[str, list[SituationTable]] = {
        "": tables,
        "missing": [table for table in tables if table.is_missing],
        "correcting": [table for table in tables if table.is_correction],
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
        "handed_in": sum(not table.is_missing for table in tables),
        "all": len(tables),
        "is_due": is_due,
        "may_accept": wanted == "to_judge" and services.may_judge(request.user, period),
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
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accept the ticked tables one by one; what cannot be accepted is named and stays."""
    overseers_only(request)
    period = asked_period(request)
    if period is None or not services.may_judge(request.user, period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以审核。"))
    ticked = {int(pk) for pk in request.POST.getlist("table") if pk.isdecimal() and len(pk) < 19}
    accepted, refused = 0, []
    for table in tables_of(period):
        if table.pk in ticked:
            try:
                services.accept(table=table, by=request.user)
                accepted += 1
            except services.Refused:
                refused.append(table.unit.short_name)
    if accepted:
        messages.success(request, f"{accepted} 张工作情况表已审核通过。")
    if refused:
        messages.warning(request, f"没有通过：{'、'.join(refused)}，状态已经变化。")
    if not accepted and not refused:
        messages.warning(request, "请先勾选要审核通过的单位。")
    return redirect(f"{reverse('reports:week')}?ending={period.ending:%Y-%m-%d}&state=to_judge")


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    table = visible_table(request, pk)
    if not services.may_judge(request.user, table.period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以退回。"))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return table_page(request, table, reason_form=form, status=422)
    try:
        services.send_back(table=table, reason=form.cleaned_data["reason"], by=request.user)
    except services.Refused as reason:
        return conflict(request, table, reason)
    messages.success(request, f"已退回{table.unit}，并通知其联络员和负责人。")
    return redirect("reports:table", table.pk)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a new version of an accepted table."""
    table = visible_table(request, pk)
    if not services.may_judge(request.user, table.period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以发起更正。"))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return table_page(request, table, reason_form=form, status=422)
    try:
        new = services.correct(table=table, reason=form.cleaned_data["reason"], by=request.user)
    except services.Refused as reason:
        return conflict(request, table, reason)
    record(request.user, "situation_table.correct", new, version=new.version)
    messages.success(request, f"已发起更正，{table.unit}将收到通知；原表保留。")
    return redirect("reports:table", new.pk)
