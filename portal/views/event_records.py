"""What happened at an event, and the tasks decided there (议定事项)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from districts.models import DistrictProfile
from liaisons.filters import EventTaskFilter
from liaisons.models import Attendance, EventTask, ServiceEvent
from liaisons.permissions import may_complete, may_organise
from liaisons.services import event_records, event_tasks
from liaisons.services.event_rules import when_and_where
from liaisons.services.events import NOT_YOURS, OPEN
from portal.forms.event_record import RecordForms
from portal.forms.events import CompleteForm, ReopenForm, TaskForm, take_errors
from portal.views.events import event_or_404, instead

PER_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One page, on a phone, saved as a whole; later the same page adds what was forgotten."""
    event = event_or_404(request, pk)
    if not may_organise(request.user, event):
        raise PermissionDenied(NOT_YOURS)
    if event.state == ServiceEvent.State.CANCELLED:
        return instead(request, event, "活动已取消，不能登记举办情况。")
    if event.starts_at > clock.now():
        return instead(request, event, "活动还没有开始，开始以后才能登记举办情况。")
    rules = DistrictProfile.objects.in_force(event.district).rules
    forms = RecordForms(
        user=request.user,
        rules=rules,
        event=event,
        held_on=clock.local_date(event.starts_at),
        data=request.POST if request.method == "POST" else None,
        initial={"token": tokens.new_token()},
    )
    if request.method == "POST" and forms.is_valid() and _recorded(request, forms, event):
        drop_draft(request, f"event-record-{event.pk}")
        messages.success(request, "已登记。")
        return redirect("portal:event", event.pk)
    kind = rules.find("event_kinds", event.kind)
    context = {
        "event": event,
        "forms": forms,
        "main": forms.main,
        "is_meeting": bool(kind and kind.meeting),
        "is_first": event.state in OPEN,
        "when": when_and_where(event),
        "known": event.attendances.select_related("enterprise", "project"),
    }
    return render(
        request, "portal/event_record.html", context, status=422 if request.method == "POST" else 200
    )


def _recorded(request: HttpRequest, forms: RecordForms, event: ServiceEvent) -> bool:
    key = f"event-record:{request.user.pk}:{forms.main.cleaned_data['token']}"

    def record() -> int:
        event_records.record_held(by=request.user, event=event, **forms.as_record())
        return event.pk

    try:
        tokens.once(key, record)
    except ValidationError as error:
        forms.refuse(error)
        return False
    return True


@require_POST
def remove_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    attendances = Attendance.objects.visible_to(request.user).select_related(
        "event__organiser", "enterprise", "project"
    )
    attendance = get_object_or_404(attendances, pk=pk)
    event_records.remove_attendance(by=request.user, attendance=attendance)
    messages.success(request, f"已去掉“{attendance.subject_name}”。")
    return redirect("portal:event", attendance.event_id)


# --- 议定事项 -------------------------------------------------------------------------------------


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """Open ones first, the most urgent on top."""
    tasks = (
        EventTask.objects.visible_to(request.user)
        .select_related("event__organiser", "unit", "done_by")
        .in_order()
    )
    filterset = EventTaskFilter(request.GET, queryset=tasks, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for task in page:
        task.may_complete = task.done_at is None and may_complete(request.user, task)
    return render(request, "portal/event_tasks.html", {"filterset": filterset, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One task; its unit says here what it did."""
    task = _task_or_404(request, pk)
    completes = may_complete(request.user, task)
    if request.method == "POST" and not completes:
        raise PermissionDenied("议定事项由责任单位的联络员或负责人填报完成情况。")
    form = CompleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            event_tasks.complete_task(by=request.user, task=task, result=form.cleaned_data["result"])
        except ValidationError as error:
            take_errors(form, error)
        else:
            drop_draft(request, f"task-{task.pk}")
            messages.success(request, "已填报完成，承办单位会收到通知。")
            return redirect("portal:event_task", task.pk)
    context = {
        "task": task,
        "form": form,
        "completes": completes and task.done_at is None,
        "organises": may_organise(request.user, task.event),
    }
    return render(request, "portal/event_task.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = _task_to_run(request, pk)
    if task.done_at is not None:
        messages.error(request, "这件议定事项已完成，退回后才能修改。")
        return redirect("portal:event_task", task.pk)
    form = TaskForm(request.POST or None, user=request.user, task=task)
    if request.method == "POST" and form.is_valid():
        try:
            event_tasks.change_task(by=request.user, task=task, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, "已修改，责任单位会收到通知。")
            return redirect("portal:event_task", task.pk)
    context = {"task": task, "form": form, "label": "保存", "heading": "修改议定事项"}
    return render(request, "portal/event_task_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def reopen_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = _task_to_run(request, pk)
    if task.done_at is None:
        messages.error(request, "这件议定事项还没有填报完成，不用退回。")
        return redirect("portal:event_task", task.pk)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            event_tasks.reopen_task(by=request.user, task=task, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, "已退回，责任单位会收到通知。")
            return redirect("portal:event_task", task.pk)
    context = {"task": task, "form": form, "label": "退回", "heading": "退回这件议定事项？"}
    return render(request, "portal/event_task_form.html", context, status=422 if form.errors else 200)


def _task_or_404(request: HttpRequest, pk: int) -> EventTask:
    tasks = EventTask.objects.visible_to(request.user).select_related(
        "event__organiser", "unit", "done_by", "recorded_by"
    )
    return get_object_or_404(tasks, pk=pk)


def _task_to_run(request: HttpRequest, pk: int) -> EventTask:
    task = _task_or_404(request, pk)
    if not may_organise(request.user, task.event):
        raise PermissionDenied(NOT_YOURS)
    return task
