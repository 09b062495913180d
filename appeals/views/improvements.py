"""政策改进: what departments took on, taking one on, and one improvement with every step of the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.clusters import improving
from appeals.clusters.figures import by_month, effect_chart, effect_of
from appeals.clusters.filters import ImprovementFilter
from appeals.clusters.forms import (
    ChangeForm,
    ConfirmForm,
    ProgressForm,
    ReasonForm,
    ReportForm,
    TaskForm,
)
from appeals.clusters.permissions import has_a_part, leads, may_confirm, may_manage, may_take_on, may_work
from appeals.models import Improvement, ImprovementStep
from appeals.views.clusters import NOT_YOURS, done, found_or_404
from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from core.wording import spoken

PER_PAGE = 30
USUAL = timedelta(days=60)
State = Improvement.State


@dataclass(frozen=True)
class Step:
    """One line of the history."""

    label: str
    at: datetime
    by: str
    text: str
    tone: str = "done"


@require_safe
def improvement_list(request: HttpRequest) -> HttpResponse:
    """What is under way, the next due first; everything else by the filter."""
    if not has_a_part(request.user):
        raise PermissionDenied(NOT_YOURS)
    visible = Improvement.objects.visible_to(request.user)
    rows = visible.select_related("cluster", "unit").order_by("due_on", "pk")
    filterset = ImprovementFilter(request.GET, rows, user=request.user)
    counted = dict(visible.order_by().values_list("state").annotate(number=Count("pk")))
    context = {
        "filterset": filterset,
        "page": WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page")),
        "live": sum(counted.get(state, 0) for state in Improvement.LIVE),
        "overdue": visible.overdue().count(),
        "reported": counted.get(State.REPORTED, 0),
        "done": counted.get(State.DONE, 0),
        "total": sum(counted.values()),
    }
    return render(request, "appeals/improvements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def take_on(request: HttpRequest, pk: int) -> HttpResponse:
    """认领, or the bureau's 交办."""
    cluster = found_or_404(request, pk)
    if cluster.merged_into_id:
        return redirect("appeals:take_on", cluster.merged_into_id)
    if not may_take_on(request.user, cluster):
        raise PermissionDenied(improving.WHO_TAKES_ON)
    live = cluster.improvements.live().first()
    if live is not None and request.method != "POST":
        messages.info(request, "这类问题已有单位认领。")
        return redirect("appeals:improvement", live.pk)
    initial = {"token": tokens.new_token(), "due_on": clock.today() + USUAL}
    form = TaskForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        cluster=cluster,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():

        def take() -> int:
            return improving.take_on(by=request.user, cluster=cluster, task=form.task()).pk

        if result := done(request, form, f"take_on:{pk}", take):
            drop_draft(request, f"take-on-{pk}")
            messages.success(
                request,
                "已认领。" if form.task().unit.pk == request.user.unit_id else "已交办，责任单位会收到通知。",
            )
            return redirect("appeals:improvement", int(result))
    context = {"form": form, "cluster": cluster, "manages": may_manage(request.user, cluster)}
    return render(request, "appeals/take_on.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> Improvement:
    rows = Improvement.objects.visible_to(request.user).select_related(
        "cluster__district", "district", "unit", "policy", "adopted_by", "reported_by"
    )
    return get_object_or_404(rows.prefetch_related("assisting"), pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


_FORMS: dict[str, type[Any]] = {
    "progress": ProgressForm,
    "report": ReportForm,
    "confirm": ConfirmForm,
    "send_back": ReasonForm,
    "give_up": ReasonForm,
}
SAID = {
    "progress": "进展已记录。",
    "report": spoken("已报送，等待牵头局确认。"),
    "confirm": "已确认完成。",
    "send_back": "已退回，责任单位会收到通知。",
    "give_up": "已不再推进，记录保留。",
}


def _form(name: str, request: HttpRequest, data: Any = None) -> Form:
    more: dict[str, Any] = {"user": request.user} if name == "report" else {}
    initial = {"token": tokens.new_token()}
    return _FORMS[name](data, auto_id=f"id_{name}_%s", initial=initial, **more)


def _page(
    request: HttpRequest, improvement: Improvement, sent: dict[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """What may be done now is what has a form."""
    user = request.user
    manages = may_manage(user, improvement)
    reported = improvement.state == State.REPORTED
    may = {
        "progress": improvement.is_live and may_work(user, improvement),
        "report": improvement.is_with_unit and leads(user, improvement),
        "confirm": may_confirm(user, improvement),
        "send_back": reported and manages,
        "give_up": improvement.is_live and manages,
    }
    forms = {name: _form(name, request) for name, allowed in may.items() if allowed}
    effect = effect_of(improvement)
    months = by_month(improvement.cluster) if effect else []
    context = {
        "improvement": improvement,
        "cluster": improvement.cluster,
        "forms": forms | (sent or {}),
        "steps": _steps(improvement),
        "may_change": improvement.is_with_unit and manages,
        "effect": effect,
        "months": months[::-1],
        "chart": effect_chart(months, effect.changed_on) if effect and months else None,
    }
    return render(request, "appeals/improvement.html", context, status=status)


def _steps(improvement: Improvement) -> list[Step]:
    """The latest first."""
    Kind = ImprovementStep.Kind
    tones: dict[str, str] = {Kind.SENT_BACK: "warn", Kind.GIVEN_UP: "warn"}
    return [
        Step(one.get_kind_display(), one.at, f"{one.unit} {one.by}", one.text, tones.get(one.kind, "done"))
        for one in improvement.steps.select_related("by", "unit").order_by("-seq")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    improvement = _found(request, pk)
    if not may_manage(request.user, improvement):
        raise PermissionDenied(improving.WHO_MANAGES)
    if not improvement.is_with_unit:
        messages.error(request, f"这项改进{improvement.colour_label}，不能调整。")
        return redirect("appeals:improvement", pk)
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        improvement=improvement,
        initial={"token": tokens.new_token()},
    )
    if request.method == "POST" and form.is_valid():

        def adjust() -> int:
            reason = form.cleaned_data["reason"]
            return improving.change(
                by=request.user, improvement=improvement, task=form.task(), reason=reason
            ).pk

        if done(request, form, f"change:{pk}", adjust):
            drop_draft(request, f"improvement-change-{pk}")
            messages.success(request, "已调整，责任单位会收到通知。")
            return redirect("appeals:improvement", pk)
    context = {"form": form, "improvement": improvement, "cluster": improvement.cluster, "manages": True}
    return render(request, "appeals/take_on.html", context, status=422 if form.errors else 200)


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One step on the improvement's page; what is wrong is said there."""
    if action not in _FORMS:
        raise Http404
    improvement = _found(request, pk)
    _refuse_helpless(request, improvement, action)
    form: Any = _form(action, request, request.POST)
    if form.is_valid():
        do = _carrying_out(request, improvement, action, form)
        if done(request, form, f"{action}:{pk}", do):
            drop_draft(request, f"improvement-{action}-{pk}")
            messages.success(request, SAID[action])
            return redirect("appeals:improvement", pk)
    return _page(request, _found(request, pk), {action: form}, status=422)


def _refuse_helpless(request: HttpRequest, improvement: Improvement, action: str) -> None:
    user = request.user
    allowed = {
        "progress": (may_work(user, improvement), improving.WHO_WORKS),
        "report": (leads(user, improvement), improving.WHO_REPORTS),
        "confirm": (may_manage(user, improvement), improving.WHO_CONFIRMS),
        "send_back": (may_manage(user, improvement), improving.WHO_CONFIRMS),
        "give_up": (may_manage(user, improvement), improving.WHO_GIVES_UP),
    }[action]
    if not allowed[0]:
        raise PermissionDenied(allowed[1])


def _carrying_out(
    request: HttpRequest, improvement: Improvement, action: str, form: Any
) -> Callable[[], int]:
    common: dict[str, Any] = {"by": request.user, "improvement": improvement}
    data = form.cleaned_data
    match action:
        case "progress":
            return lambda: improving.add_progress(**common, text=data["text"]).pk
        case "report":
            return lambda: improving.report_done(**common, result=form.result_()).pk
        case "confirm":
            return lambda: improving.confirm(**common, note=data["note"]).pk
        case "send_back":
            return lambda: improving.send_back(**common, reason=data["reason"]).pk
    return lambda: improving.give_up(**common, reason=data["reason"]).pk
