"""调研分析报告: the list, one report with its sections to write on, and the paper."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from appeals.clusters.permissions import has_a_part, may_manage
from appeals.models import Cluster
from core.http import drop_draft
from core.paging import WindowPaginator
from core.uploads import ALLOWED
from core.wording import spoken
from reports.models import ClusterReport
from reports.research import writing
from reports.research.forms import ReportForm, VersionForm

PER_PAGE = 30
NOT_YOURS = spoken("调研分析报告由牵头局、责任单位、督查和区领导查看。")


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """``?cluster=`` shows those of one kind of problem, and where a new one is begun."""
    if not has_a_part(request.user):
        raise PermissionDenied(NOT_YOURS)
    rows = ClusterReport.objects.visible_to(request.user).select_related(
        "cluster", "drafted_by", "submitted_by"
    )
    asked = request.GET.get("cluster", "")
    cluster = None
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        cluster = Cluster.objects.visible_to(request.user).filter(pk=asked).select_related("district").first()
        rows = rows.filter(cluster=cluster) if cluster else rows.none()
    page = WindowPaginator(rows.defer("blocks", "counted", "written", "table"), PER_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "cluster": cluster,
        "may_write": cluster is not None
        and not cluster.merged_into_id
        and writing.may_write(request.user, cluster),
    }
    return render(request, "reports/cluster_reports.html", context)


@require_POST
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of the kind of problem, or the one that is there."""
    cluster = get_object_or_404(Cluster.objects.visible_to(request.user).select_related("district"), pk=pk)
    try:
        report = writing.draft(by=request.user, cluster=cluster)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return redirect("reports:cluster_reports")
    messages.success(request, "已按登记的数字和典型诉求起草，请核对并补写原因分析、意见建议。")
    return redirect("reports:cluster_report", report.pk)


def _found(request: HttpRequest, pk: int) -> ClusterReport:
    rows = ClusterReport.objects.visible_to(request.user).select_related(
        "district", "cluster__district", "drafted_by", "edited_by", "submitted_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a form beside the paper it makes; once submitted the paper alone."""
    found = _found(request, pk)
    if request.method != "POST":
        return _page(request, found)
    if not writing.may_write(request.user, found.cluster):
        raise PermissionDenied(writing.WHO_WRITES)
    form = ReportForm(request.POST, report=found)
    if form.is_valid():
        data = form.cleaned_data
        try:
            writing.save(
                by=request.user, report=found, title=data["title"], texts=form.texts, version=data["version"]
            )
        except ValidationError as error:
            form.take_errors(error)
        else:
            drop_draft(request, f"research-{pk}")
            messages.success(request, "已保存。")
            return redirect("reports:cluster_report", pk)
    return _page(request, _found(request, pk), form, status=422)


def _page(
    request: HttpRequest,
    found: ClusterReport,
    form: Any = None,
    step: Any = None,
    status: int = 200,
) -> HttpResponse:
    writes = found.is_draft and writing.may_write(request.user, found.cluster)
    form = form or (ReportForm(report=found) if writes else None)
    context = {
        "report": found,
        "form": form,
        "sections": [
            {"heading": heading, "counted": found.counted.get(code, ""), "bound": form[code]}
            for code, heading in ClusterReport.SECTIONS.items()
        ]
        if form
        else [],
        "identities": writing.identities_in(found) if writes else None,
        "paper": writing.paper_of(found).blocks,
        "step": step or VersionForm(initial={"version": found.version}, auto_id="id_step_%s"),
        "may_submit": found.is_draft and may_manage(request.user, found.cluster),
        "may_see_cluster": Cluster.objects.visible_to(request.user).filter(pk=found.cluster_id).exists(),
    }
    return render(request, "reports/cluster_report.html", context, status=status)


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, "refresh")


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, "submit")


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, "discard")


def _step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    found = _found(request, pk)
    if what == "submit" and not may_manage(request.user, found.cluster):
        raise PermissionDenied(writing.WHO_SUBMITS)
    if what != "submit" and not writing.may_write(request.user, found.cluster):
        raise PermissionDenied(writing.WHO_WRITES)
    form = VersionForm(request.POST, auto_id="id_step_%s")
    if not form.is_valid():
        return _page(request, found, step=form, status=422)
    try:
        match what:
            case "refresh":
                writing.refresh(by=request.user, report=found)
                messages.success(request, "数字已更新，撰写的内容没有动。")
            case "submit":
                writing.submit(by=request.user, report=found, version=form.cleaned_data["version"])
                messages.success(request, "已报区政府，全文定稿。")
            case "discard":
                writing.discard(by=request.user, report=found)
                messages.success(request, "草稿已删除。")
                return redirect("reports:cluster_reports")
    except ValidationError as error:
        form.take_errors(error)
        return _page(request, found, step=form, status=422)
    return redirect("reports:cluster_report", pk)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """In Word, laid out as an official document; who took it is logged."""
    found = _found(request, pk)
    audit.record(request.user, "research.downloaded", found)
    response = HttpResponse(writing.paper_of(found).as_docx(), content_type=ALLOWED[".docx"])
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{found.title}.docx") or "attachment"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
