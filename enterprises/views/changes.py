"""Changes that cadres and firms report, and the desk where the bureau decides them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import record
from core import tokens
from core.http import drop_draft
from core.masking import mask_name, mask_phone
from core.paging import WindowPaginator
from core.wording import speak, spoken
from enterprises import change_reports
from enterprises.change_reports import CLOSED, REPORTABLE, may_decide, may_report, reportable
from enterprises.filters import ChangeReportFilter
from enterprises.forms import ChangeReportForm, DecisionForm
from enterprises.models import ChangeReport, Enterprise, Project
from enterprises.subjects import subject_key

PER_PAGE = 25
NOT_YOURS = spoken("信息变化由联企干部、单位联络员、单位负责人、服务窗口和调度员反馈。")
PEOPLE = {"contact_name", "legal_person"}


# --- Reporting ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def report_change(request: HttpRequest, pk: int) -> HttpResponse:
    firms = Enterprise.objects.visible_to(request.user).unmerged().select_related("region", "district")
    return _report(request, get_object_or_404(firms, pk=pk), "portal:enterprise")


@require_http_methods(["GET", "HEAD", "POST"])
def report_project_change(request: HttpRequest, pk: int) -> HttpResponse:
    projects = Project.objects.visible_to(request.user).select_related("region", "district")
    return _report(request, get_object_or_404(projects, pk=pk), "portal:project")


def _report(request: HttpRequest, entry: Enterprise | Project, page: str) -> HttpResponse:
    if not may_report(request.user):
        raise PermissionDenied(NOT_YOURS)
    draft = f"change-{subject_key(entry)}"
    form = ChangeReportForm(_posted(request), entry=entry, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid() and _reported(request, form):
        drop_draft(request, draft)
        messages.success(request, speak("已反馈，牵头局审核后您会收到通知。"))
        return redirect(page, pk=entry.pk)
    rows = [
        {"field": form[name], "now": _shown(name, getattr(entry, name), is_open=False)}
        for name in reportable(entry)
        if name != CLOSED
    ]
    context = {"form": form, "entry": entry, "rows": rows, "page": page, "draft": draft}
    return render(request, "enterprises/report_change.html", context, status=422 if form.errors else 200)


def _reported(request: HttpRequest, form: ChangeReportForm) -> bool:
    """True also when this very form was already sent."""
    key = f"change_report:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    note = form.cleaned_data["note"]
    try:
        tokens.once(
            key,
            lambda: (
                change_reports.report(entry=form.entry, changes=form.changes(), note=note, by=request.user).pk
            ),
        )
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


# --- The desk -------------------------------------------------------------------------------------


@require_safe
def change_report_list(request: HttpRequest) -> HttpResponse:
    reports = (
        ChangeReport.objects.visible_to(request.user)
        .select_related("enterprise", "project", "region", "unit", "reported_by", "decided_by")
        .order_by("-id")
    )
    filterset = ChangeReportFilter(request.GET, user=request.user, queryset=reports)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for report in page:
        report.labels = [REPORTABLE[name] for name in report.changes]
    context = {"filterset": filterset, "page": page, "may_decide": may_decide(request.user)}
    return render(request, "enterprises/change_reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Now → proposed, field by field. The deciding dispatcher sees phones in full; that is on record."""
    reports = ChangeReport.objects.visible_to(request.user).select_related(
        "enterprise__region", "project__region", "unit", "reported_by", "decided_by"
    )
    report = get_object_or_404(reports, pk=pk)
    decides = may_decide(request.user)
    is_open = report.state == ChangeReport.State.OPEN
    if request.method == "POST" and not decides:
        raise PermissionDenied(speak("信息变更由牵头局调度员审核。"))
    form = DecisionForm(_posted(request), report=report, initial={"fields_chosen": list(report.changes)})
    if request.method == "POST" and form.is_valid() and _decided(request, form, report):
        return redirect("enterprises:change_reports")
    if decides and is_open:
        record(request.user, "change_report.shown", report)
    context = {
        "report": report,
        "form": form,
        "rows": _now_and_proposed(report, is_open=decides and is_open),
        "unmasked": decides and is_open,
        "decides": decides,
    }
    return render(request, "enterprises/change_report.html", context, status=422 if form.errors else 200)


def _decided(request: HttpRequest, form: DecisionForm, report: ChangeReport) -> bool:
    data = form.cleaned_data
    try:
        if data["decision"] == DecisionForm.REFUSE:
            change_reports.refuse(by=request.user, report=report, answer=data["answer"])
        else:
            change_reports.accept(
                by=request.user, report=report, fields=data["fields_chosen"], answer=data["answer"]
            )
    except ValidationError as error:
        form.take_errors(error)
        return False
    done = "未采纳" if data["decision"] == DecisionForm.REFUSE else speak("已采纳并更新底册")
    messages.success(request, f"“{report.entry}”的反馈{done}。")
    return True


def _now_and_proposed(report: ChangeReport, *, is_open: bool) -> list[dict[str, Any]]:
    entry = report.entry
    rows = []
    for name, value in report.changes.items():
        if name == CLOSED:
            now, proposed = "在册" if entry.active else "不在册", speak("退出底册")
        else:
            now = _shown(name, getattr(entry, name), is_open=is_open)
            proposed = _shown(name, value, is_open=is_open)
        rows.append({"name": name, "label": REPORTABLE[name], "now": now, "proposed": proposed})
    return rows


def _shown(name: str, value: str, *, is_open: bool) -> str:
    if is_open or not value:
        return value or "未填写"
    if name == "contact_phone":
        return mask_phone(value)
    return mask_name(value) if name in PEOPLE else value


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
