"""月度督查: the months' lists, one of them with its findings, closing it, and its sheet."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Unit
from campaigns.forms.progress import SummaryForm
from campaigns.models import Campaign, Inspection, InspectionLine
from campaigns.permissions import may_lead_all
from campaigns.selectors import district_of
from campaigns.services import inspecting
from campaigns.states import first_of_month, last_of_month
from campaigns.views.campaigns import tabs
from core import clock
from core.xlsx import download, text_workbook
from liaisons.event_calendar import first_of

State = InspectionLine.State
MOST_SHOWN = 36
"""Three years of months."""
VIEWS = (
    ("", "全部"),
    ("due", "本月到期"),
    (State.OVERDUE, State.OVERDUE.label),
    ("unreported", "应报未报"),
    (State.DONE, State.DONE.label),
)


def _tally(lines: list[InspectionLine]) -> dict[str, int]:
    """Each piece of work once, however many units lead it; reports are owed by each of them."""
    pieces: dict[tuple[int, int | None], InspectionLine] = {}
    for line in lines:
        pieces.setdefault((line.task_id, line.item_id), line)
    once = list(pieces.values())
    return {
        "all": len(once),
        "due": sum(line.is_due for line in once),
        "done": sum(line.is_due and line.state == State.DONE for line in once),
        "overdue": sum(line.state == State.OVERDUE for line in once),
        "reports_due": sum(line.owes_report for line in lines),
        "reports_made": sum(line.owes_report and line.reported for line in lines),
    }


@require_safe
def inspection_list(request: HttpRequest) -> HttpResponse:
    district = district_of(request.user)
    found = list(
        Inspection.objects.visible_to(request.user)
        .select_related("closed_by")
        .prefetch_related("lines")[:MOST_SHOWN]
    )
    today = clock.today()
    months = {inspection.month for inspection in found}
    this_month = first_of_month(today)
    context = {
        "tabs": tabs(request, "inspections", today.year),
        "listed": [(inspection, _tally(list(inspection.lines.all()))) for inspection in found],
        "may_lead": bool(district and may_lead_all(request.user, district)),
        "missing": [
            month
            for month in (this_month.replace(month=number) for number in range(today.month, 0, -1))
            if month not in months
        ]
        if Campaign.objects.visible_to(request.user).filter(year=today.year).exists()
        else [],
    }
    return render(request, "campaigns/inspections.html", context)


@require_POST
def draw_up(request: HttpRequest) -> HttpResponse:
    """A month's list, new or brought up to date."""
    district = district_of(request.user)
    if district is None or not may_lead_all(request.user, district):
        raise PermissionDenied(inspecting.WHO_INSPECTS)
    month = first_of(request.POST.get("month", ""))
    if month is None or month > clock.today():
        messages.error(request, "请选择已经开始的月份。")
        return redirect("campaigns:inspections")
    inspection = inspecting.draw_up(district=district, month=month)
    if inspection is None:
        messages.error(request, f"{month.year}年没有专项行动的任务，无从督查。")
        return redirect("campaigns:inspections")
    if inspection.closed_at:
        messages.info(request, inspecting.CLOSED)
    else:
        messages.success(request, f"已按最新进展生成{month.year}年{month.month}月的督查清单。")
    return redirect("campaigns:inspection", inspection.pk)


def _found(request: HttpRequest, pk: int) -> Inspection:
    inspections = Inspection.objects.visible_to(request.user).select_related("district", "closed_by")
    return get_object_or_404(inspections, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    leads = may_lead_all(request.user, found.district)
    lines = list(
        found.lines.select_related("campaign", "task", "item", "unit", "found_by").order_by(
            "campaign__no", "campaign", "task__order", "item__order", "unit__order", "pk"
        )
    )
    form = SummaryForm(request.POST or None, initial={"summary": found.summary})
    typed: dict[int, str] = {}
    if request.method == "POST":
        if not leads:
            raise PermissionDenied(inspecting.WHO_INSPECTS)
        typed = {
            line.pk: request.POST[f"finding_{line.pk}"].replace("\0", "")
            for line in lines
            if f"finding_{line.pk}" in request.POST
        }
        for line in lines:
            line.typed = typed.get(line.pk, "")  # type: ignore[attr-defined]
        if form.is_valid():
            try:
                inspecting.note_findings(
                    by=request.user, inspection=found, findings=typed, summary=form.cleaned_data["summary"]
                )
            except ValidationError as error:
                form.take_errors(error)
            else:
                messages.success(request, "督查意见已保存。")
                return redirect(request.get_full_path())
    context = _context(request, found, lines) | {
        "form": form,
        "may_lead": leads and not found.closed_at,
        "leads": leads,
        "may_close": leads and not found.closed_at and clock.today() > last_of_month(found.month),
    }
    return render(
        request, "campaigns/inspection.html", context, status=422 if request.method == "POST" else 200
    )


def _context(request: HttpRequest, found: Inspection, lines: list[InspectionLine]) -> dict[str, Any]:
    view = request.GET.get("view", "")
    view = view if view in dict(VIEWS) else ""
    units: dict[int, Unit] = {line.unit_id: line.unit for line in lines}
    unit = request.GET.get("unit", "")
    shown = [line for line in lines if _is_asked(line, view) and (not unit or str(line.unit_id) == unit)]
    address = reverse("campaigns:inspection", args=[found.pk])
    by_campaign: dict[int, list[InspectionLine]] = {}
    by_unit: dict[int, list[InspectionLine]] = {}
    for line in lines:
        by_campaign.setdefault(line.campaign_id, []).append(line)
        by_unit.setdefault(line.unit_id, []).append(line)
    return {
        "inspection": found,
        "lines": shown,
        "tally": _tally(lines),
        "lines_in_all": len(lines),
        "by_campaign": [(held[0].campaign, _tally(held)) for held in by_campaign.values()],
        "by_unit": [
            (units[pk], _tally(by_unit[pk])) for pk in sorted(by_unit, key=lambda pk: (units[pk].order, pk))
        ],
        "views": [
            {
                "label": label,
                "url": f"{address}?view={code}" if code else address,
                "current": code == view and not unit,
                "count": sum(_is_asked(line, code) for line in lines),
            }
            for code, label in VIEWS
        ],
        "unit_shown": units.get(int(unit)) if unit.isascii() and unit.isdigit() and len(unit) < 18 else None,
    }


def _is_asked(line: InspectionLine, view: str) -> bool:
    match view:
        case "due":
            return line.is_due
        case "unreported":
            return line.owes_report and not line.reported
        case "":
            return True
    return line.state == view


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    try:
        inspecting.close(by=request.user, inspection=found)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已定稿：清单、督查意见和当月进展不再改动，数字进入月度通报。")
    return redirect("campaigns:inspection", found.pk)


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    lines = found.lines.select_related("campaign", "task", "item", "unit")
    headers = [
        "专项行动", "序号", "工作任务", "分项", "牵头责任单位", "完成时限", "本月时限", "本月到期", "情况",
        "本月进展", "督查意见",
    ]  # fmt: skip
    content = text_workbook(
        title="督查调度",
        headers=headers,
        rows=(
            [
                line.campaign.name,
                line.task.number,
                line.task.title,
                line.item.text if line.item else "",
                line.unit.short_name,
                (line.item or line.task).deadline_text,
                line.due.isoformat() if line.due else "",
                "是" if line.is_due else "",
                line.get_state_display(),
                line.progress,
                line.finding,
            ]
            for line in lines
        ),
        widths=[16, 6, 28, 28, 18, 18, 12, 8, 12, 40, 30],
        wrapped=True,
    )
    return download(content, f"{found}.xlsx")
