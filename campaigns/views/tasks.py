"""One task: its columns, how it is understood, its progress, targets and links; and the tasks of one's own unit."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Unit
from appeals.models import Appeal
from campaigns.figures import figure_of
from campaigns.forms.campaigns import DayForm, TaskForm
from campaigns.forms.progress import LinkForm, ReportForm, TargetForm
from campaigns.models import (
    Campaign,
    Inspection,
    ProgressReport,
    Target,
    Task,
    TaskItem,
    TaskLink,
)
from campaigns.permissions import DESK, may_manage, reporting_units
from campaigns.selectors import owed_by, with_all
from campaigns.services import plans, progress
from campaigns.states import DAY, first_of_month, last_month_of, last_of_month, standing_items, state_of
from campaigns.target_counts import counted, is_counted
from campaigns.views.campaigns import found_campaign, once, tabs
from core import clock, tokens
from core.http import done, drop_draft
from liaisons.cadence import start_of
from liaisons.event_calendar import first_of
from liaisons.models import ServiceEvent


def found_task(request: HttpRequest, pk: int) -> Task:
    return get_object_or_404(with_all(Task.objects.visible_to(request.user)), pk=pk)


@require_safe
def task(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, found_task(request, pk))


def _page(request: HttpRequest, found: Task, *, status: int = 200, **forms: Form) -> HttpResponse:
    user = request.user
    keeps = may_manage(user, found.campaign)
    units = reporting_units(user, found)
    so_far = {entry.target.pk: entry for entry in counted([found]).get(found.pk, [])}
    today = clock.today()
    items = standing_items(found)
    targets = [target for target in found.targets.all() if target.state != Target.State.DROPPED]
    reports = list(
        found.reports.select_related("unit", "item", "reported_by").prefetch_related("figures__target")
    )
    links = _links(user, found)
    context = {
        "task": found,
        "campaign": found.campaign,
        "state": state_of(found, today, items),
        "items": [(item, state_of(item, today), forms.get(f"day_{item.pk}")) for item in items],
        "reports": reports,
        "targets": [
            {"target": target, "count": so_far.get(target.pk), "records": _records(target, reports, links)}
            for target in targets
        ],
        "links": links,
        "may_manage": keeps,
        "may_report": bool(units) and not found.withdrawn,
        "may_link": bool(units) or keeps,
        "day_form": forms.get("day_form") or DayForm(initial={"day": found.due_by_hand}),
        "target_form": forms.get("target_form") or TargetForm(),
        "link_form": forms.get("link_form")
        or (LinkForm(user=user, task=found) if (units or keeps) else None),
    }
    return render(request, "campaigns/task.html", context, status=status)


def _records(
    target: Target, reports: list[ProgressReport], links: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a target's count is made of."""
    if target.counts != Target.Counts.REPORTS:
        return [entry for entry in links if is_counted(entry["link"], target.counts)]
    return [
        {
            "url": f"#report-{report.pk}",
            "label": f"{report.unit} {report.month.year}年{report.month.month}月",
            "value": figure.value,
        }
        for report in reports
        for figure in report.figures.all()
        if figure.target_id == target.pk
    ]


def _links(user: Any, found: Task) -> list[dict[str, Any]]:
    """What may be opened has an address; an appeal that the user may not see is only counted."""
    links = list(found.links.select_related("appeal", "event"))
    appeals = set(
        Appeal.objects.visible_to(user)
        .filter(pk__in=[link.appeal_id for link in links if link.appeal_id])
        .values_list("pk", flat=True)
    )
    events = set(
        ServiceEvent.objects.visible_to(user)
        .filter(pk__in=[link.event_id for link in links if link.event_id])
        .values_list("pk", flat=True)
    )
    shown = []
    for link in links:
        entry: dict[str, Any] = {"link": link, "url": "", "kind": "指标", "label": "", "note": ""}
        if link.appeal:
            entry["kind"] = "诉求"
            sees = link.appeal_id in appeals
            entry["label"] = f"{link.appeal.number} {link.appeal.title}" if sees else "一件您无权查看的诉求"
            entry["url"] = reverse("appeals:detail", args=[link.appeal.number]) if sees else ""
            entry["note"] = link.appeal.get_status_display() if sees else ""
        elif link.event:
            entry["kind"], entry["label"] = "活动", str(link.event)
            entry["url"] = reverse("portal:event", args=[link.event_id]) if link.event_id in events else ""
            entry["note"] = link.event.get_state_display()
        elif figure := figure_of(link.figure):
            year = found.campaign.year
            end = min(start_of(date(year + 1, 1, 1)), clock.now())
            entry["label"], entry["note"] = (
                figure.label,
                figure.count(found.campaign.district, start_of(date(year, 1, 1)), end),
            )
        else:
            entry["label"] = "已停用的指标"
        shown.append(entry)
    return shown


# --- Keeping the list -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new_task(request: HttpRequest, pk: int) -> HttpResponse:
    return _task_form(request, found_campaign(request, pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    return _task_form(request, found.campaign, found)


def _task_form(request: HttpRequest, campaign: Campaign, found: Task | None) -> HttpResponse:
    if not may_manage(request.user, campaign):
        raise PermissionDenied(plans.WHO_MANAGES)
    initial = {"token": tokens.new_token()}
    if found is not None:
        initial |= TaskForm.initial_of(found)
    else:
        last = campaign.tasks.in_force().order_by("-order").first()
        initial |= {
            "leader": campaign.leader,
            "lead": campaign.lead_text,
            "section": last.section if last else "",
        }
    form = TaskForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        pk = once(
            request, form, f"task-{campaign.pk}-{found.pk if found else 'new'}",
            lambda data: plans.save_task(by=request.user, campaign=campaign, spec=form.spec(found), task=found),
        )  # fmt: skip
        if pk:
            messages.success(request, "任务已保存。")
            return redirect("campaigns:task", int(pk))
    context = {"form": form, "campaign": campaign, "task": found}
    return render(
        request, "campaigns/edit_task.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
def remove_task(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    if plans.remove_task(by=request.user, task=found):
        messages.success(request, "任务已删除。")
    else:
        messages.success(request, "任务已移出清单；已有的进展、关联和督查记录仍可查看。")
    return redirect("campaigns:campaign", found.campaign_id)


@require_POST
def set_day(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    return _day(request, found, found)


@require_POST
def set_item_day(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(TaskItem.objects.visible_to(request.user), pk=pk)
    return _day(request, found_task(request, item.task_id), item)


def _day(request: HttpRequest, found: Task, work: Task | TaskItem) -> HttpResponse:
    if not may_manage(request.user, found.campaign):
        raise PermissionDenied(plans.WHO_MANAGES)
    form = DayForm(request.POST)
    if done(form, lambda data: plans.set_day(by=request.user, work=work, day=data["day"])):
        day = form.cleaned_data["day"]
        messages.success(request, f"已按{day:%Y-%m-%d}计时限。" if day else "已恢复按文件的时限计。")
        return redirect("campaigns:task", found.pk)
    name = "day_form" if isinstance(work, Task) else f"day_{work.pk}"
    return _page(request, found, status=422, **{name: form})


# --- Progress -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    units = reporting_units(request.user, found)
    if not units or found.withdrawn:
        raise PermissionDenied(progress.WHO_REPORTS)
    months = _open_months(found)
    targets = list(found.targets.all())
    earlier = None if request.method == "POST" else _asked(request, found, units, months)
    form = ReportForm(
        request.POST or None,
        task=found,
        units=units,
        months=months,
        targets=targets,
        initial=_initial(request, found, earlier, months),
    )
    if request.method == "POST" and form.is_valid():
        key = f"progress-{found.pk}"
        if once(
            request, form, key,
            lambda data: progress.report_progress(by=request.user, task=found, **form.report_data()),
        ):  # fmt: skip
            drop_draft(request, f"progress:{found.pk}")
            messages.success(request, "进展已填报。")
            return redirect("campaigns:task", found.pk)
    context = {
        "form": form,
        "task": found,
        "campaign": found.campaign,
        "earlier": earlier,
        "months": months,
        "done_on": found.done_on,
        "reported": found.reports.filter(unit__in=units, month__in=months).select_related("unit", "item"),
    }
    return render(request, "campaigns/report.html", context, status=422 if request.method == "POST" else 200)


def _open_months(found: Task) -> list[date]:
    """Of the months that it is reported about, those so far whose inspection is not closed; the newest first."""
    first, month = date(found.campaign.year, 1, 1), min(last_month_of(found), first_of_month(clock.today()))
    closed = set(
        Inspection.objects.filter(
            district=found.campaign.district_id, month__gte=first, closed_at__isnull=False
        ).values_list("month", flat=True)
    )
    months = []
    while month >= first:
        if month not in closed:
            months.append(month)
        month = first_of_month(month - DAY)
    return months


def _asked(request: HttpRequest, found: Task, units: list[Unit], months: list[date]) -> ProgressReport | None:
    """What is there already is put right: the report that the address names, or that of the month and item it names."""
    reports = found.reports.filter(unit__in=units).prefetch_related("figures")
    if pk := _number(request.GET.get("report", "")):
        return reports.filter(pk=pk).first()
    month = first_of(request.GET.get("month", ""))
    month = month if month in months else months[0] if months else None
    item = _number(request.GET.get("item", ""))
    if month is None or (item is None and standing_items(found)):
        return None
    return reports.filter(unit=units[0], month=month, item=item).first()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _initial(
    request: HttpRequest, found: Task, earlier: ProgressReport | None, months: list[date]
) -> dict[str, Any]:
    """What is done stays done, with its day, unless somebody says otherwise."""
    initial: dict[str, Any] = {"token": tokens.new_token(), "item": request.GET.get("item", "")}
    items = {str(item.pk): item for item in standing_items(found)}
    work = items.get(initial["item"]) if items else found
    if work and work.done_on:
        initial |= {"state": ProgressReport.State.DONE, "done_on": work.done_on}
    month = first_of(request.GET.get("month", ""))
    if month in months:
        initial["month"] = f"{month:%Y-%m}"
    if earlier is None:
        return initial
    initial |= {
        "known": str(earlier.pk),
        "unit": earlier.unit_id,
        "item": earlier.item_id,
        "month": f"{earlier.month:%Y-%m}",
        "state": earlier.state,
        "done_on": earlier.done_on,
        "text": earlier.text,
    }
    for figure in earlier.figures.all():
        initial[f"figure_{figure.target_id}"] = figure.value.normalize()
    return initial


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """本单位任务: what the unit leads or assists in a month."""
    month = first_of(request.GET.get("month", "")) or first_of_month(clock.today())
    owed = owed_by(request.user, month, last_of_month(month)) if request.user.unit_id else []
    led = [entry for entry in owed if entry.leads]
    closed = Inspection.objects.visible_to(request.user).filter(month=month, closed_at__isnull=False).exists()
    context = {
        "tabs": tabs(request, "mine", month.year),
        "month": month,
        "previous": f"{first_of_month(first_of_month(month) - DAY):%Y-%m}",
        "following": f"{first_of_month(last_of_month(month) + DAY):%Y-%m}",
        "groups": [
            ("本单位牵头", led),
            ("本单位协同", [entry for entry in owed if not entry.leads]),
        ],
        "count": len(owed),
        "due": sum(entry.is_due for entry in led),
        "unreported": sum(entry.report is None for entry in led),
        "may_report": request.user.has_role(*DESK) and month <= clock.today() and not closed,
        "closed": closed,
    }
    return render(request, "campaigns/mine.html", context)


# --- Targets and links ----------------------------------------------------------------------------


@require_POST
def add_target(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    if not may_manage(request.user, found.campaign):
        raise PermissionDenied(plans.WHO_MANAGES)
    form = TargetForm(request.POST)
    if done(form, lambda data: progress.save_target(by=request.user, task=found, **data)):
        messages.success(request, "已确认量化目标。")
        return redirect("campaigns:task", found.pk)
    return _page(request, found, target_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or put right what was recognised."""
    wanted = get_object_or_404(Target.objects.visible_to(request.user), pk=pk)
    found = found_task(request, wanted.task_id)
    if not may_manage(request.user, found.campaign):
        raise PermissionDenied(plans.WHO_MANAGES)
    initial = {
        "text": wanted.text,
        "number": wanted.number.normalize(),
        "measure": wanted.measure,
        "counts": wanted.counts,
    }
    initial["number"] = f"{initial['number']:f}"
    form = TargetForm(request.POST or None, initial=initial)
    if request.method == "POST" and done(
        form, lambda data: progress.save_target(by=request.user, task=found, target=wanted, **data)
    ):
        messages.success(request, "已确认量化目标。")
        return redirect("campaigns:task", found.pk)
    context = {"form": form, "target": wanted, "task": found, "campaign": found.campaign}
    return render(request, "campaigns/target.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def drop_target(request: HttpRequest, pk: int) -> HttpResponse:
    wanted = get_object_or_404(
        Target.objects.visible_to(request.user).select_related("task__campaign__district"), pk=pk
    )
    progress.drop_target(by=request.user, target=wanted)
    messages.success(request, f"“{wanted.text}”不再计数。")
    return redirect("campaigns:task", wanted.task_id)


@require_POST
def add_link(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_task(request, pk)
    if not progress.may_link(request.user, found):
        raise PermissionDenied(progress.WHO_REPORTS)
    form = LinkForm(request.POST, user=request.user, task=found)
    if done(
        form,
        lambda data: progress.add_link(
            by=request.user, task=found, appeal=data.get("appeal"), event=data.get("event"),
            figure=data.get("figure", ""),
        ),
    ):  # fmt: skip
        messages.success(request, "已关联。")
        return redirect("campaigns:task", found.pk)
    return _page(request, found, link_form=form, status=422)


@require_POST
def remove_link(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(TaskLink.objects.visible_to(request.user), pk=pk)
    link.task = found_task(request, link.task_id)
    progress.remove_link(by=request.user, link=link)
    messages.success(request, "已取消关联。")
    return redirect("campaigns:task", link.task_id)
