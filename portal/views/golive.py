"""新区县上线: the setups, one setup with its steps, a step, and the way to the live district."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import sheets, tokens
from core.xlsx import download, text_workbook
from imports.kinds import kind_of
from portal.golive import files as file_steps
from portal.golive import services, templates
from portal.golive.step import STATES
from portal.golive.steps import find, steps_for
from portal.golive.tables import (
    Table,
)
from portal.models import Setup
from portal.querysets import is_operator, is_own_admin

NO_STEP = "没有这一步。"


class StartForm(forms.Form):
    name = forms.CharField(
        label="县区名称", max_length=60, help_text="先写个名字好找，以后可改",
        error_messages={"required": "请填写县区名称。"},
    )  # fmt: skip
    template = forms.ChoiceField(
        label="从哪套规则开始", widget=forms.RadioSelect,
        help_text="时限、渠道、类别等先照它的，再逐步改成自己的。通用模板不带任何县区的字样。",
        error_messages={"required": "请选择从哪套规则开始。"},
    )  # fmt: skip
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = templates.offered(user)


# --- Setups ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def setups(request: HttpRequest) -> HttpResponse:
    if not is_operator(request.user):
        raise PermissionDenied(services.WHO_SETS_UP)
    initial = {"token": tokens.new_token(), "template": templates.USUAL}
    form = StartForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        key = f"setup:{request.user.pk}:{data['token']}"
        pk = tokens.once(
            key, lambda: services.start(by=request.user, name=data["name"], template=data["template"]).pk
        )
        return redirect("portal:setup", int(pk))
    rows = [
        {"setup": setup, "done": _done(setup) if not setup.is_fixed else None}
        for setup in Setup.objects.visible_to(request.user)
        .filter(kind="new")
        .select_related("owner", "district")[:50]
    ]
    context = {"form": form, "rows": rows, "steps": steps_for(for_change=False), "minutes": _minutes()}
    return render(request, "portal/setups.html", context, status=422 if request.method == "POST" else 200)


def _minutes() -> int:
    return sum(step.minutes for step in steps_for(for_change=False))


def _done(setup: Setup) -> str:
    draft = services.draft_of(setup)
    steps = steps_for(for_change=setup.is_change)
    done = sum(1 for step in steps if step.state(draft) in {"done", "warnings"})
    return f"已填 {done} / {len(steps)} 步"


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """规则调整: the district's own administrator; one at a time."""
    user = request.user
    if user.unit is None or not is_own_admin(user, user.unit.district_id):
        raise PermissionDenied(services.WHO_CHANGES)
    running = Setup.objects.visible_to(user).filter(kind="change", live_at__isnull=True).first()
    if request.method == "POST" or running:
        setup = running or services.start_change(by=user)
        return redirect("portal:setup", setup.pk)
    past = (
        Setup.objects.visible_to(user)
        .filter(kind="change", live_at__isnull=False)
        .select_related("live_by")[:20]
    )
    district = user.unit.district
    context = {
        "past": past,
        "versions": district.profiles.defer("data").order_by("-effective_from")[:20],
        "district": district,
        "waiting": len(services.without_password(district)),
    }
    return render(request, "portal/setup_change.html", context)


def found(request: HttpRequest, pk: int) -> Setup:
    """404 for a setup that is not the user's."""
    user = request.user
    if not is_operator(user) and not (user.unit_id and is_own_admin(user, user.unit.district_id)):
        raise PermissionDenied(services.WHO_SETS_UP)
    rows = Setup.objects.visible_to(user).select_related("owner", "district", "live_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    """Where it stands: every step with its state, what still stands against going live."""
    one = found(request, pk)
    if one.is_fixed and not one.is_change:
        return redirect("portal:setup_after", pk)
    return _overview(request, one)


def _overview(
    request: HttpRequest, one: Setup, *, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    draft, composed = services.whole(one)
    rows = []
    for number, step in enumerate(steps_for(for_change=one.is_change), 1):
        state = step.state(draft)
        if one.is_change and state == "empty":
            state = "template"
        label, tone = STATES.get(state, ("没有上传", "todo"))
        if one.is_change and state == "template":
            label = "没有改动"
        result = draft.result(step)
        rows.append(
            {
                "number": number, "step": step, "state": state, "label": label, "tone": tone,
                "summary": step.summary(draft) if state not in {"empty"} else step.lead,
                "errors": len(result.errors), "warnings": len(result.warnings),
            }
        )  # fmt: skip
    reasons = services.not_ready(draft, composed)
    done = sum(1 for row in rows if row["state"] in {"done", "warnings"})
    context = {
        "setup": one, "rows": rows, "reasons": reasons, "refused": errors or [], "done": done, "total": len(rows),
        "warnings": [problem.words for problem in composed.problems if problem.warning],
        "left": sum(row["step"].minutes for row in rows if row["state"] in {"empty", "errors"}),
        "told": one.rehearsal if one.rehearsed_at else None,
        "bad": sum(sheet.get("bad", 0) for sheet in one.rehearsal.get("sheets", ())),
    }  # fmt: skip
    return render(request, "portal/setup.html", context, status=status)


# --- Files to take along --------------------------------------------------------------------------


@require_safe
def step_template(request: HttpRequest, pk: int, step: str, part: str) -> HttpResponse:
    """An example to fill in: heads, example rows, and a sheet that explains."""
    one = found(request, pk)
    wanted = find(step, for_change=one.is_change)
    if isinstance(wanted, file_steps.FileStep) and part in wanted.kinds:
        kind = kind_of(part)
        return download(sheets.template(kind.label, kind.columns, {}, kind.notes), f"{kind.label}模板.xlsx")
    table = wanted.part(part) if wanted else None
    if not isinstance(table, Table):
        raise Http404(NO_STEP)
    draft = services.draft_of(one)
    choices = {
        column.key: [label for _, label in column.options(draft)]
        for column in table.columns
        if column.options is not None and column.kind == "choice"
    }
    examples = table.examples or (tuple(column.example for column in table.columns),)
    content = sheets.template(table.title, table.columns, choices, (table.help,), examples=examples)
    return download(content, f"{table.title}模板.xlsx")


@require_safe
def step_rows(request: HttpRequest, pk: int, step: str, part: str) -> HttpResponse:
    """The rows as they stand, to be put right in Excel and uploaded again."""
    one = found(request, pk)
    wanted = find(step, for_change=one.is_change)
    table = wanted.part(part) if wanted else None
    if not isinstance(table, Table) or wanted is None:
        raise Http404(NO_STEP)
    rows = services.draft_of(one).rows(wanted.code, table)
    content = text_workbook(
        title=table.title,
        headers=[column.title for column in table.columns],
        rows=([row.get(column.key, "") for column in table.columns] for row in rows),
        widths=[column.width for column in table.columns],
    )
    return download(content, f"{one.name}-{table.title}.xlsx")


# --- Ends -----------------------------------------------------------------------------------------


@require_POST
def rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    one = found(request, pk)
    try:
        one = services.run_rehearsal(setup=one, by=request.user)
    except ValidationError as error:
        return _overview(request, found(request, pk), errors=error.messages, status=422)
    problems = one.rehearsal["problems"]
    bad = sum(sheet["bad"] for sheet in one.rehearsal["sheets"])
    if problems:
        messages.warning(request, f"检验完成，有 {len(problems)} 处要看；什么也没有留下。")
    elif bad:
        messages.warning(
            request, f"检验完成，样例诉求走通了，但有 {bad:,} 行表格导入不了，请看下面；什么也没有留下。"
        )
    else:
        messages.success(request, "检验完成，全部走通；什么也没有留下。")
    return redirect(reverse("portal:setup", args=[pk]) + "#rehearsal")


@require_POST
def open_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """The district as a rehearsal that people sign in to."""
    try:
        made = services.open_trial(setup=found(request, pk), by=request.user)
    except ValidationError as error:
        one = found(request, pk)
        if one.is_fixed:
            messages.info(request, error.messages[0])
            return redirect("portal:setup_after", pk)
        return _overview(request, one, errors=error.messages, status=422)
    messages.success(request, f"{made.district}开始演练：打印密码条，发给参加演练的人。")
    return redirect("portal:setup_after", pk)


class DeleteForm(forms.Form):
    sure = forms.BooleanField(label="确定删除", error_messages={"required": "请勾选“确定删除”。"})


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    one = found(request, pk)
    if one.is_fixed:
        messages.info(request, services.LIVE if one.is_live else services.TRIAL)
        return redirect("portal:setup", pk)
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_change = one.is_change
        services.give_up(setup=one, by=request.user)
        messages.success(request, "已删除。")
        return redirect("portal:setup_change" if is_change else "portal:setups")
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/setup_delete.html", {"setup": one, "form": form}, status=status)
