"""The pages of the yearly assessment: sheet, a unit's computation, the records behind, by hand, objections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from appeals.querysets import UNIT_ROLES
from core import clock, tokens
from core.paging import WindowPaginator
from core.wording import speak
from core.xlsx import download as as_download
from districts.models import DistrictProfile
from enterprises.querysets import DISTRICT_WIDE
from reports import evidence as records_behind
from reports.assessments import services
from reports.assessments.forms import AdjustForm, TextForm, YearForm
from reports.assessments.reading import Row, rows_of, sheet_of
from reports.assessments.workbook import file_name, workbook
from reports.bulletins.permissions import works_for_bureau
from reports.indicators import REGISTRY
from reports.models import Assessment, AssessmentLine, AssessmentObjection, AssessmentScore, Bulletin
from reports.models.bulletins import BUREAU
from reports.services import Refused

READERS = frozenset({*DISTRICT_WIDE, *UNIT_ROLES})
RECORDS = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])


def visible(request: HttpRequest, pk: int) -> Assessment:
    found = Assessment.objects.visible_to(request.user)
    return get_object_or_404(found.select_related("profile", "district", "counted_by", "confirmed_by"), pk=pk)


def visible_line(request: HttpRequest, assessment: Assessment, unit: int) -> AssessmentLine:
    lines = AssessmentLine.objects.visible_to(request.user).filter(assessment=assessment)
    line = get_object_or_404(lines.select_related("unit"), unit=unit)
    line.assessment = assessment
    return line


def conflict(request: HttpRequest, back: str, reason: Exception) -> HttpResponse:
    return render(request, "409.html", {"message": str(reason), "back_url": back}, status=409)


def _sheet_url(assessment: Assessment) -> str:
    return reverse("reports:assessment", args=[assessment.pk])


def _unit_url(line: AssessmentLine) -> str:
    return reverse("reports:assessment_unit", args=[line.assessment_id, line.unit_id])


# --- The sheet ------------------------------------------------------------------------------------


@form_page
def assessments(request: HttpRequest) -> HttpResponse:
    """The years; whoever may, begins another one here."""
    user = request.user
    if not user.has_role(*READERS):
        raise PermissionDenied(speak("年度考核由牵头局、区领导、督查和被考核单位查看。"))
    may_start = _may_start(request)
    form = YearForm(request.POST if request.method == "POST" else None)
    token = request.POST.get("token") or tokens.new_token()
    status = 200
    if request.method == "POST":
        if not may_start:
            raise PermissionDenied(services.WRITERS)
        status = 422
        if form.is_valid():
            year = form.cleaned_data["year"]
            try:
                made = tokens.once(
                    f"assessment:{user.pk}:{token}",
                    lambda: services.start(district=user.unit.district, year=year, by=user).pk,
                )
            except Refused as reason:
                form.add_error("year", str(reason))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, f"{year} 年度考核已按登记的工作计算。")
                return redirect("reports:assessment", made)
    found = Assessment.objects.visible_to(user).select_related("confirmed_by").defer("weights")
    context = {"assessments": found, "form": form, "token": token, "may_start": may_start}
    return render(request, "reports/assessments.html", context, status=status)


def _may_start(request: HttpRequest) -> bool:
    user = request.user
    if user.unit is None or not user.has_role(*BUREAU):
        return False
    try:
        rules = DistrictProfile.objects.in_force(user.unit.district).rules
    except DistrictProfile.DoesNotExist:
        return False
    return works_for_bureau(user, user.unit.district, rules)


@require_safe
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = visible(request, pk)
    writes = services.may_write(request.user, assessment)
    shown = assessment.state == Assessment.State.SHOWN
    context = {
        "assessment": assessment,
        "sheet": sheet_of(assessment, request.user),
        "sees_all": request.user.has_role(*DISTRICT_WIDE),
        "may_recount": writes and assessment.is_draft,
        "may_confirm": services.may_confirm(request.user, assessment) and shown,
    }
    return render(request, "reports/assessment.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = visible(request, pk)
    record(request.user, "assessment.download", assessment)
    return as_download(workbook(sheet_of(assessment, request.user)), file_name(assessment))


def _step(do: Callable[[Assessment, HttpRequest], str]) -> Callable[..., HttpResponse]:
    @require_POST
    def step(request: HttpRequest, pk: int) -> HttpResponse:
        assessment = visible(request, pk)
        try:
            messages.success(request, do(assessment, request))
        except Refused as reason:
            return conflict(request, _sheet_url(assessment), reason)
        return redirect("reports:assessment", pk)

    return step


def _recount(assessment: Assessment, request: HttpRequest) -> str:
    services.recount(assessment=assessment, by=request.user)
    return "已重新计算，手工调整过的保留。"


def _show(assessment: Assessment, request: HttpRequest) -> str:
    services.show(assessment=assessment, by=request.user)
    return "已发给各单位核对。"


def _confirm(assessment: Assessment, request: HttpRequest) -> str:
    services.confirm(assessment=assessment, by=request.user)
    return "年度考核已审定，得分不再变动。"


recount, show, confirm = _step(_recount), _step(_show), _step(_confirm)


# --- A unit ---------------------------------------------------------------------------------------


@require_safe
def unit(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    return unit_page(request, visible_line(request, visible(request, pk), unit))


def unit_page(
    request: HttpRequest,
    line: AssessmentLine,
    *,
    objection_form: TextForm | None = None,
    answer_form: TextForm | None = None,
    status: int = 200,
) -> HttpResponse:
    assessment = line.assessment
    row: Row = rows_of(assessment, [line])[0]
    months = {month["bulletin"] for cell in row.cells if cell for month in cell.score.months}
    opens = set(Bulletin.objects.visible_to(request.user).filter(pk__in=months).values_list("pk", flat=True))
    writes = services.may_write(request.user, assessment)
    objections = list(line.objections.select_related("by", "answered_by"))
    in_time = (
        assessment.state == Assessment.State.SHOWN
        and assessment.objections_until is not None
        and clock.today() <= assessment.objections_until
    )
    waiting = next((objection for objection in objections if not objection.answered_at), None)
    context: dict[str, Any] = {
        "assessment": assessment,
        "line": line,
        "row": row,
        "opens": opens,
        "may_adjust": writes and not assessment.is_confirmed,
        "objections": objections,
        "may_object": services.may_object(request.user, line) and in_time and waiting is None,
        "waiting": waiting if writes else None,
        "objection_form": objection_form or TextForm(),
        "answer_form": answer_form or TextForm(),
    }
    return render(request, "reports/assessment_unit.html", context, status=status)


def _score(request: HttpRequest, pk: int, unit: int, item: str) -> tuple[AssessmentLine, AssessmentScore]:
    line = visible_line(request, visible(request, pk), unit)
    score = get_object_or_404(AssessmentScore, line=line, item=item)
    score.line = line
    return line, score


@require_safe
def evidence(request: HttpRequest, pk: int, unit: int, item: str) -> HttpResponse:
    """The records that were counted; those the reader may not open are told by their number only."""
    line, score = _score(request, pk, unit, item)
    parts = [(name, ids) for name, ids in score.evidence.items() if name in REGISTRY]
    if not parts:
        raise Http404
    wanted = request.GET.get("part", "")
    name, ids = next((part for part in parts if part[0] == wanted), parts[0])
    records = REGISTRY[name].source.model._default_manager.filter(pk__in=ids)
    page = WindowPaginator(records_behind.visible(records, request.user), RECORDS).get_page(
        request.GET.get("page")
    )
    row = rows_of(line.assessment, [line])[0]
    context = {
        "assessment": line.assessment,
        "line": line,
        "cell": next(cell for cell in row.cells if cell and cell.item.code == item),
        "definition": REGISTRY[name].definition,
        "tabs": [
            {
                "label": REGISTRY[each].label,
                "count": len(their),
                "url": "?" + urlencode({"part": each}),
                "current": each == name,
            }
            for each, their in parts
        ],
        "page": page,
        "lines": records_behind.lines(page, line.assessment.profile.rules),
        "hidden": max(0, len(ids) - page.paginator.count) if not page.paginator.is_capped else 0,
    }
    return render(request, "reports/assessment_evidence.html", context)


@form_page
def adjust(request: HttpRequest, pk: int, unit: int, item: str) -> HttpResponse:
    line, score = _score(request, pk, unit, item)
    if not services.may_write(request.user, line.assessment):
        raise PermissionDenied(services.WRITERS)
    if line.assessment.is_confirmed:
        return conflict(request, _unit_url(line), Refused("年度考核已审定，得分不再变动。"))
    if score.weight is None:
        return conflict(request, _unit_url(line), Refused("本项件数少、不计分，不能调整。"))
    restoring = request.POST.get("action") == "restore"
    form = AdjustForm(request.POST if request.method == "POST" else None, score=score, restoring=restoring)
    token = request.POST.get("token") or tokens.new_token()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            tokens.once(
                f"adjust:{request.user.pk}:{token}",
                lambda: (
                    services.adjust(
                        score=score, points=data["points"], reason=data["reason"], by=request.user
                    ).pk
                ),
            )
        except Refused as reason:
            return conflict(request, _unit_url(line), reason)
        messages.success(request, "得分已调整，计算得分保留在旁边。")
        return redirect(_unit_url(line))
    row = rows_of(line.assessment, [line])[0]
    context = {
        "assessment": line.assessment,
        "line": line,
        "cell": next(cell for cell in row.cells if cell and cell.item.code == item),
        "form": form,
        "token": token,
    }
    return render(request, "reports/assessment_adjust.html", context, status=422 if form.is_bound else 200)


@require_POST
def object_to(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    line = visible_line(request, visible(request, pk), unit)
    if not services.may_object(request.user, line):
        raise PermissionDenied("异议由本单位的联络员、负责人提出。")
    form = TextForm(request.POST)
    if not form.is_valid():
        return unit_page(request, line, objection_form=form, status=422)
    try:
        services.object_to(line=line, reason=form.cleaned_data["text"], by=request.user)
    except Refused as reason:
        return conflict(request, _unit_url(line), reason)
    messages.success(request, speak("异议已提出，牵头局答复后会通知您。"))
    return redirect(_unit_url(line))


@require_POST
def answer(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    line = visible_line(request, visible(request, pk), unit)
    if not services.may_write(request.user, line.assessment):
        raise PermissionDenied(speak("异议由牵头局答复。"))
    form = TextForm(request.POST)
    if not form.is_valid():
        return unit_page(request, line, answer_form=form, status=422)
    objection = AssessmentObjection.objects.filter(line=line, answered_at__isnull=True).first()
    try:
        if objection is None:
            raise Refused("没有等待答复的异议。")
        objection.line = line
        services.answer(objection=objection, text=form.cleaned_data["text"], by=request.user)
    except Refused as reason:
        return conflict(request, _unit_url(line), reason)
    messages.success(request, "已答复，并通知该单位。需要改分的，在该项“调整”。")
    return redirect(_unit_url(line))
