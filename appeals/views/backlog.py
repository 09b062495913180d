"""攻坚清零: the list, its burn-down, candidates, and one problem with everything that may be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from appeals import backlog as services
from appeals.backlog_columns import HEADERS, WIDTHS, as_row
from appeals.backlog_figures import burn_down, figures
from appeals.backlog_forms import (
    CandidatesForm,
    ChangeForm,
    ConfirmForm,
    CourseOfItemForm,
    NewItemForm,
    ProgressForm,
    ReasonForm,
    ReportForm,
)
from appeals.backlog_rules import (
    has_a_part,
    may_confirm,
    may_manage,
    may_manage_item,
    may_plan,
    may_report,
    may_work,
)
from appeals.filters import BacklogFilter, BurnDownFilter
from appeals.models import Appeal, BacklogEvent, BacklogItem
from appeals.querysets import BacklogQuerySet
from core import clock, tokens
from core.charts import line_chart
from core.http import drop_draft
from core.paging import WindowPaginator
from core.wording import speak, spoken
from core.xlsx import download, text_workbook
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.subjects import page_of

PER_PAGE = 30
MOST_EXPORTED = 10_000
NOT_YOURS = spoken("攻坚清零清单由牵头局、责任单位、督查和区领导查看。")
DRAFT = "backlog-new"
ON_THE_LIST = ("unit", "enterprise", "project")


@dataclass(frozen=True)
class Step:
    """One line of an item's history."""

    label: str
    at: datetime
    by: str
    text: str
    tone: str = "done"


def _visible(request: HttpRequest) -> BacklogQuerySet:
    """403 for whoever has no part in the list."""
    if not has_a_part(request.user):
        raise PermissionDenied(NOT_YOURS)
    return BacklogItem.objects.visible_to(request.user)


def _rules(request: HttpRequest) -> Rules:
    return DistrictProfile.objects.in_force(request.user.unit.district).rules


# --- The list -------------------------------------------------------------------------------------


@require_safe
def item_list(request: HttpRequest) -> HttpResponse:
    """What is not solved, the most urgent first; everything else by the filter."""
    visible = _visible(request)
    rows = visible.select_related(*ON_THE_LIST).defer("facts", "plan", "result", "search_text")
    filterset = BacklogFilter(request.GET, rows.order_by("due_on", "number"), user=request.user)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    counted = figures(visible)
    context = {
        "filterset": filterset,
        "page": page,
        "figures": counted,
        "classes": [
            (label, counted.by_class[code], f"?classification={code}")
            for code, label in BacklogItem.Classification.choices
        ],
        "may_manage": may_manage(request.user),
    }
    return render(request, "appeals/backlog.html", context)


@require_safe
def chart(request: HttpRequest) -> HttpResponse:
    """What is left, week by week, as a picture and as a table."""
    filterset = BurnDownFilter(request.GET, _visible(request), user=request.user)
    weeks = burn_down(filterset.qs)
    labels = [f"{week.ends:%m-%d}" for week in weeks]
    lines = [("合计", [week.total for week in weeks])]
    for code, label in BacklogItem.Classification.choices:
        lines.append((label, [week.left[code] for week in weeks]))
    context = {
        "filterset": filterset,
        "figures": figures(filterset.qs),
        "weeks": weeks[::-1],
        "classes": BacklogItem.Classification.labels,
        "chart": line_chart("每周末未化解的存量问题（件）", labels, lines) if weeks else None,
    }
    return render(request, "appeals/backlog_chart.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list in Excel, as it can be imported again; who took it is on record."""
    rows = _visible(request).select_related(*ON_THE_LIST).prefetch_related("assisting").order_by("number")
    found = list(BacklogFilter(request.GET, rows, user=request.user).qs[:MOST_EXPORTED])
    audit.record(request.user, "backlog.exported", rows=len(found))
    content = text_workbook(
        title="存量问题清单", headers=HEADERS, rows=(as_row(item) for item in found), widths=WIDTHS
    )
    return download(content, f"存量问题清单-{clock.today():%Y%m%d}.xlsx")


# --- Onto the list --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``?appeal=`` is the number of an appeal to put on the list."""
    _refuse_stranger(request)
    initial = {"token": tokens.new_token(), "found_on": clock.today()}
    if number := request.GET.get("appeal", "").replace("\0", "")[:30]:
        initial |= {"source": BacklogItem.Source.APPEAL, "reference": number}
    form = NewItemForm(_posted(request), user=request.user, rules=_rules(request), initial=initial)
    if request.method == "POST" and form.is_valid():

        def put() -> int:
            item = services.put_on_list(by=request.user, matter=form.matter(), course=form.course())
            messages.success(request, f"已列入清单，第{item.number}号。")
            return item.pk

        if pk := _done(request, form, "new", put):
            drop_draft(request, DRAFT)
            return redirect("appeals:backlog_item", int(pk))
    context = {"form": form, "draft": DRAFT, "shown": _shown(form)}
    return render(request, "appeals/backlog_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def candidates(request: HttpRequest) -> HttpResponse:
    """Open appeals that are too old, were done again too often or lie on file: onto the list in one go."""
    _refuse_stranger(request)
    rules = _rules(request)
    found = services.candidates(request.user, rules).select_related(
        "enterprise", "project", "lead_unit", "collecting_unit"
    ).defer("search_text").order_by("submitted_at", "pk")  # fmt: skip
    if request.method == "POST" and tokens.earlier_result(
        _key(request, "candidates", request.POST.get("token", ""))
    ):
        # The same form again: what was ticked is on the list and no candidate any more.
        return redirect("appeals:backlog")
    form = CandidatesForm(_posted(request), found=found, rules=rules, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid():

        def put() -> int:
            items = services.put_appeals_on_list(
                by=request.user, appeals=form.cleaned_data["appeals"], course=form.course()
            )
            messages.success(request, f"已将{len(items)}件诉求列入清单。")
            return len(items)

        if _done(request, form, "candidates", put):
            return redirect("appeals:backlog")
    page = WindowPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for appeal in page:
        appeal.reasons = _reasons(appeal, rules)
    context = {
        "form": form,
        "page": page,
        "rules": rules.backlog,
        "ticked": set(request.POST.getlist("chosen")),
    }
    return render(request, "appeals/backlog_candidates.html", context, status=422 if form.errors else 200)


def _reasons(appeal: Appeal, rules: Rules) -> list[str]:
    """Why it is put up."""
    days = (clock.now() - appeal.submitted_at).days
    said = [f"提交已{days}天"] if days >= rules.backlog.after_days else []
    if appeal.redos >= rules.backlog.redos:
        said.append(f"重办{appeal.redos}次")
    if appeal.status == "on_file":
        said.append("挂账")
    return said


def _refuse_stranger(request: HttpRequest) -> None:
    if not may_manage(request.user):
        raise PermissionDenied(services.WHO_MANAGES)


# --- One problem ----------------------------------------------------------------------------------


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> BacklogItem:
    rows = BacklogItem.objects.visible_to(request.user).select_related(
        "district", "region", "unit", "enterprise__region", "project__region", "appeal__region", "appeal__profile",
        "reported_by", "opened_by",
    ).defer("appeal__profile__data")  # fmt: skip
    return get_object_or_404(rows.prefetch_related("assisting"), pk=pk)


# What is done on the item's own page: the form, its service, who else, and what is said afterwards.
_FORMS: dict[str, type[Any]] = {
    "progress": ProgressForm,
    "report": ReportForm,
    "confirm": ConfirmForm,
    "send_back": ReasonForm,
    "remove": ReasonForm,
    "restore": ReasonForm,
}


def _page(
    request: HttpRequest, item: BacklogItem, sent: dict[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """What may be done now is what has a form."""
    user = request.user
    may = {
        "progress": item.is_open and may_work(user, item),
        "report": item.is_open and may_report(user, item),
        "confirm": may_confirm(user, item),
        "send_back": item.awaits_confirmation and may_manage_item(user, item),
        "remove": item.is_open and may_manage_item(user, item),
        "restore": not item.is_open and may_manage_item(user, item),
    }
    forms = {
        name: _FORMS[name](
            auto_id=f"id_{name}_%s", initial={"token": tokens.new_token(), "day": clock.today()}
        )
        for name, allowed in may.items()
        if allowed
    }
    adjustable = item.is_open and not item.reported_at
    context = {
        "item": item,
        "forms": forms | (sent or {}),
        "steps": _steps(item),
        "may_change": adjustable and may_manage_item(user, item),
        "may_plan": adjustable and may_plan(user, item),
        "subject_url": page_of(item.subject, user) if item.subject else "",
        "may_see_appeal": item.appeal_id is not None
        and Appeal.objects.visible_to(user).filter(pk=item.appeal_id).exists(),
    }
    return render(request, "appeals/backlog_item.html", context, status=status)


def _steps(item: BacklogItem) -> list[Step]:
    """The latest first."""
    tones: dict[str, str] = {BacklogEvent.Kind.SENT_BACK: "warn", BacklogEvent.Kind.REMOVED: "warn"}
    steps = []
    for event in item.events.select_related("by", "unit").order_by("-seq"):
        lines = [event.text] if event.text else []
        lines += [
            f"{one['title']}：{one['before'] or '（空）'} → {one['after'] or '（空）'}"
            for one in event.changes
        ]
        label = event.get_kind_display()
        if event.day and event.day != clock.local_date(event.at):
            label = f"{label}（{event.day:%Y-%m-%d}）"
        steps.append(
            Step(label, event.at, f"{event.unit} {event.by}", "\n".join(lines), tones.get(event.kind, "done"))
        )
    return steps


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_manage_item(request.user, item):
        raise PermissionDenied(services.WHO_MANAGES)
    form = ChangeForm(
        _posted(request), item=item, user=request.user, rules=_rules(request), initial={"token": tokens.new_token()}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():

        def put_right() -> int:
            return services.change_item(by=request.user, item=item, matter=form.matter()).pk

        if _done(request, form, f"change:{pk}", put_right):
            return _saved(request, pk, "已保存。", f"backlog-change-{pk}")
    context = {"form": form, "item": item, "shown": _shown(form)}
    return render(request, "appeals/backlog_change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def set_course(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_plan(request.user, item):
        raise PermissionDenied(services.WHO_PLANS)
    form = CourseOfItemForm(
        _posted(request), item=item, user=request.user, rules=_rules(request), initial={"token": tokens.new_token()}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")

        def adjust() -> int:
            return services.set_course(by=request.user, item=item, course=form.course(), reason=reason).pk

        if _done(request, form, f"course:{pk}", adjust):
            return _saved(request, pk, "分类和方案已保存。", f"backlog-course-{pk}")
    context = {"form": form, "item": item}
    return render(request, "appeals/backlog_course.html", context, status=422 if form.errors else 200)


@require_POST
def add_progress(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_work(request.user, item):
        raise PermissionDenied(services.WHO_WORKS)
    return _act(request, item, "progress", services.add_progress, ("text", "day"), "进展已记录。")


@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not item.reported_at and not may_report(request.user, item):
        raise PermissionDenied(services.WHO_REPORTS)
    return _act(
        request, item, "report", services.report_cleared, ("result",), speak("已报送，等待牵头局确认。")
    )


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    allowed = may_confirm if item.awaits_confirmation else may_manage_item
    if not allowed(request.user, item):
        raise PermissionDenied(services.WHO_CONFIRMS)
    return _act(request, item, "confirm", services.confirm_cleared, ("note",), "已确认化解。")


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_manage_item(request.user, item):
        raise PermissionDenied(services.WHO_CONFIRMS)
    return _act(request, item, "send_back", services.send_back, ("reason",), "已退回，责任单位会收到通知。")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_manage_item(request.user, item):
        raise PermissionDenied(services.WHO_MANAGES)
    return _act(request, item, "remove", services.remove_item, ("reason",), "已移出清单，记录保留。")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    item = _found(request, pk)
    if not may_manage_item(request.user, item):
        raise PermissionDenied(services.WHO_MANAGES)
    return _act(request, item, "restore", services.restore_item, ("reason",), "已恢复到清单。")


# --- Carrying out ---------------------------------------------------------------------------------


def _act(
    request: HttpRequest,
    item: BacklogItem,
    name: str,
    service: Callable[..., BacklogItem],
    fields: tuple[str, ...],
    said: str,
) -> HttpResponse:
    """One step on the item's page; what is wrong is said there."""
    form = _FORMS[name](request.POST, auto_id=f"id_{name}_%s")
    if form.is_valid():

        def act() -> int:
            return service(
                by=request.user, item=item, **{field: form.cleaned_data[field] for field in fields}
            ).pk

        if _done(request, form, f"{name}:{item.pk}", act):
            return _saved(request, item.pk, said, f"backlog-{name}-{item.pk}")
    return _page(request, _found(request, item.pk), {name: form}, status=422)


def _done(request: HttpRequest, form: TakesErrors, what: str, do: Callable[[], int]) -> str:
    """The result, also of the same form sent before; "" if it was refused."""
    try:
        return tokens.once(_key(request, what, form.cleaned_data["token"]), do)
    except ValidationError as error:
        form.take_errors(error)
        return ""


def _key(request: HttpRequest, what: str, token: str) -> str:
    return f"backlog:{what}:{request.user.pk}:{token or tokens.new_token()}"


def _saved(request: HttpRequest, pk: int, said: str, draft: str) -> HttpResponse:
    drop_draft(request, draft)
    messages.success(request, said)
    return redirect(reverse("appeals:backlog_item", args=[pk]))


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _shown(form: Form) -> str:
    """The firm's name beside the hidden choice, as long as it is one the user may choose."""
    if "subject" not in form.fields:
        return ""
    try:
        chosen = form.fields["subject"].clean(form["subject"].value())
    except ValidationError:
        chosen = None
    return chosen.name if chosen else ""
