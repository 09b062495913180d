"""典型案例: the list, the appeals that would make one, and one case with everything that may be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import Role
from appeals.models import Appeal
from core import clock
from core.paging import WindowPaginator
from core.uploads import ALLOWED
from core.wording import speak, spoken
from reports import cases as services
from reports.case_candidates import candidates as find_candidates
from reports.case_forms import ApproveForm, EditForm, PickForm, PublishForm, ReasonForm, SpanForm, StepForm
from reports.case_paper import paper_of, warning_of
from reports.case_story import original_of
from reports.models import Case
from reports.redaction import Finding, Scan, segments

PER_PAGE = 30
NO_PART = "典型案例由各单位工作人员查看。"
WHO_LOOKS = spoken("待选诉求由牵头局和督查查看。")
State = Case.State
ON_A_PAGE = (
    "appeal__district", "appeal__profile", "appeal__enterprise", "appeal__project", "appeal__lead_unit",
    "appeal__collecting_unit", "appeal__visit", "district", "proposed_by__unit", "drafted_by", "edited_by", "submitted_by",
    "approved_by", "withdrawn_by",
)  # fmt: skip


# --- The list -------------------------------------------------------------------------------------


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """By state and kind; a unit sees what has been approved."""
    user = request.user
    if user.unit_id is None or not user.roles - {Role.ADMIN}:
        raise PermissionDenied(NO_PART)
    visible = Case.objects.visible_to(user)
    oversees = services.may_write(user) or user.has_role(Role.SUPERVISOR, Role.DISTRICT_LEADER)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    kind = kind if kind in Case.Kind.values else ""
    states = list(State) if oversees else [State.APPROVED, State.PUBLISHED]
    state = state if state in states else ""
    rows = visible.filter(**{"kind": kind} if kind else {})
    rows = rows.filter(state=state) if state else rows.exclude(state=State.WITHDRAWN)
    rows = rows.select_related("appeal", "drafted_by", "proposed_by").order_by("-pk")
    page = WindowPaginator(
        rows.defer(*Case.TEXTS[1:], "replacements", "findings", "appeal__content", "appeal__search_text"),
        PER_PAGE,
    ).get_page(request.GET.get("page"))

    def tab(label: str, **query: str) -> dict[str, Any]:
        asked = {"state": state, "kind": kind} | query
        found = "&".join(f"{name}={value}" for name, value in asked.items() if value)
        return {
            "label": label,
            "url": f"{request.path}?{found}",
            "current": asked == {"state": state, "kind": kind},
        }

    context = {
        "page": page,
        "state_tabs": [tab("全部", state=""), *(tab(one.label, state=one.value) for one in states)],
        "kind_tabs": [
            tab("正反都看", kind=""),
            *(tab(label, kind=value) for value, label in Case.Kind.choices),
        ],
        "oversees": oversees,
        "may_look": _may_look(request),
        "narrowed": bool(state or kind),
    }
    return render(request, "reports/cases.html", context)


# --- What would make a case -----------------------------------------------------------------------


def _may_look(request: HttpRequest) -> bool:
    return services.may_write(request.user) or services.may_propose(request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def candidates(request: HttpRequest) -> HttpResponse:
    """Each with its reasons; the bureau drafts, 督查 proposes."""
    user = request.user
    if not _may_look(request):
        raise PermissionDenied(WHO_LOOKS)
    proposes = not services.may_write(user)
    span = SpanForm(request.GET or None)
    days = span.days()
    kind = request.GET.get("kind", "")
    kind = kind if kind in Case.Kind.values else Case.Kind.GOOD.value
    initial = {"number": request.GET.get("number", "").replace("\0", "")[:30], "kind": kind}
    form = PickForm(
        request.POST if request.method == "POST" else None, user=user, proposes=proposes, initial=initial
    )
    if request.method == "POST" and form.is_valid() and (case := _picked(request, form, proposes)):
        return redirect("reports:case", case.pk)
    context = {
        "form": form,
        "span": SpanForm(initial={"kind": kind, "since": days.first, "until": days.last}),
        "days": days,
        "kind": kind,
        "kind_label": Case.Kind(kind).label,
        "proposes": proposes,
        "found": find_candidates(user, kind, days),
    }
    return render(request, "reports/case_candidates.html", context, status=422 if form.errors else 200)


def _picked(request: HttpRequest, form: PickForm, proposes: bool) -> Case | None:
    appeal, kind = form.cleaned_data["number"], form.cleaned_data["kind"]
    there = Case.objects.live().filter(appeal=appeal, kind=kind)
    if not proposes:
        there = there.exclude(state=State.PROPOSED)
    if found := there.visible_to(request.user).first():
        # Somebody has done it already, perhaps by the same click.
        messages.info(request, f"这件诉求已有{found.get_kind_display()}案例。")
        return found
    try:
        if proposes:
            case = services.propose(
                by=request.user, appeal=appeal, kind=kind, reason=form.cleaned_data["reason"]
            )
            messages.success(request, speak("已提名，牵头局会收到通知。"))
        else:
            case = services.draft(by=request.user, appeal=appeal, kind=kind)
            messages.success(request, "已按办理记录起草并去标识，请核对后修改、送审。")
    except ValidationError as error:
        form.take_errors(error)
        return None
    return case


# --- One case -------------------------------------------------------------------------------------


def _found(request: HttpRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.user).select_related(*ON_A_PAGE).defer("appeal__profile__data")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case; whoever writes it saves its words here."""
    found = _found(request, pk)
    if request.method != "POST":
        return _page(request, found)
    if not services.may_write(request.user, found):
        raise PermissionDenied(services.WHO_WRITES)
    form = EditForm(request.POST, case=found)
    if form.is_valid():
        try:
            services.edit(by=request.user, case=found, texts=form.texts, version=form.cleaned_data["version"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已保存。")
            return redirect("reports:case", found.pk)
    return _page(request, found, {"edit": form}, status=422)


def _redact(request: HttpRequest, found: Case, form: Form) -> str:
    _, replaced = services.redact_again(by=request.user, case=found, version=form.cleaned_data["version"])
    if not replaced:
        return "没有需要再替换的内容。"
    return "又替换了：" + "、".join(f"{one.original}→{one.label}" for one in replaced) + "。"


def _submit(request: HttpRequest, found: Case, form: Form) -> str:
    services.submit(by=request.user, case=found, version=form.cleaned_data["version"])
    return speak("已送审，由牵头局另一名工作人员审核。")


def _send_back(request: HttpRequest, found: Case, form: Form) -> str:
    data = form.cleaned_data
    services.send_back(by=request.user, case=found, opinion=data["reason"], version=data["version"])
    return "已退回修改。"


def _approve(request: HttpRequest, found: Case, form: Form) -> str:
    assert isinstance(form, ApproveForm)
    services.approve(by=request.user, case=found, ticked=form.boxes, version=form.cleaned_data["version"])
    return "已审核通过，各单位可以查看，可以编入通报。"


def _publish(request: HttpRequest, found: Case, form: Form) -> str:
    data = form.cleaned_data
    services.mark_published(by=request.user, case=found, bulletin=data["bulletin"], version=data["version"])
    return "已登记通报。"


def _withdraw(request: HttpRequest, found: Case, form: Form) -> str:
    data = form.cleaned_data
    services.withdraw(by=request.user, case=found, reason=data["reason"], version=data["version"])
    return "已撤回。"


@dataclass(frozen=True)
class Action:
    form: type[Form]
    do: Callable[[HttpRequest, Case, Form], str]


ACTIONS = {
    "redact": Action(StepForm, _redact),
    "submit": Action(StepForm, _submit),
    "send_back": Action(ReasonForm, _send_back),
    "approve": Action(ApproveForm, _approve),
    "publish": Action(PublishForm, _publish),
    "withdraw": Action(ReasonForm, _withdraw),
}


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404
    found = _found(request, pk)
    if action == "approve" and found.state == State.SUBMITTED and not _may(request, found)[action]:
        raise PermissionDenied(services.WHO_APPROVES)
    if not services.may_write(request.user, found) and not _may(request, found)[action]:
        raise PermissionDenied(services.WHO_WRITES)
    form = ACTIONS[action].form(request.POST, auto_id=f"id_{action}_%s")
    if form.is_valid():
        try:
            said = ACTIONS[action].do(request, found, form)
        except ValidationError as error:
            form.take_errors(error)  # type: ignore[attr-defined]
        else:
            messages.success(request, said)
            return redirect("reports:case", found.pk)
    return _page(request, _found(request, pk), {action: form}, status=422)


def _may(request: HttpRequest, found: Case) -> dict[str, bool]:
    """What may be done now is what has a form."""
    user = request.user
    writes = services.may_write(user, found)
    proposed_it = found.state == State.PROPOSED and found.proposed_by_id == user.pk
    is_open = found.state in {State.DRAFT, State.SUBMITTED}
    return {
        "edit": writes and is_open,
        "redact": writes and is_open,
        "submit": writes and found.state == State.DRAFT,
        "send_back": writes and found.state == State.SUBMITTED,
        "approve": services.may_approve(user, found) and found.state == State.SUBMITTED,
        "publish": writes and found.state == State.APPROVED,
        "withdraw": (writes or proposed_it) and found.state != State.WITHDRAWN,
    }


@dataclass(frozen=True)
class Part:
    """One section of the page: what stood there, what stands there now."""

    field: str
    heading: str
    original: list[tuple[str, str]]
    text: list[tuple[str, str]]
    bound: Any = None


def _page(
    request: HttpRequest, found: Case, sent: dict[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    user, sent = request.user, sent or {}
    may = _may(request, found)
    forms: dict[str, Form] = {
        name: ACTIONS[name].form(auto_id=f"id_{name}_%s", initial={"version": found.version})
        for name in ACTIONS
        if may[name]
    }
    if may["edit"]:
        forms["edit"] = EditForm(case=found)
    forms |= sent
    sees_original = services.may_see_original(user, found) and found.state != State.PROPOSED
    scan = services.findings_of(found) if sees_original else Scan()
    context = {
        "case": found,
        "forms": forms,
        "parts": _parts(found, scan, forms.get("edit"), sees_original),
        "sees_original": sees_original,
        "replacements": services.replacements_of(found) if sees_original else [],
        "scan": scan,
        "ticked": _ticked(found, forms.get("approve")),
        "confirmed": [Finding(**one) for one in found.findings] if sees_original else [],
        "waits_for_another": services.may_write(user, found)
        and found.state == State.SUBMITTED
        and not may["approve"],
        "may_draft": services.may_write(user, found) and found.state == State.PROPOSED,
        "may_see_appeal": Appeal.objects.visible_to(user).filter(pk=found.appeal_id).exists(),
        "steps": _steps(found) if services.may_write(user, found) or user.has_role(Role.SUPERVISOR) else [],
    }
    if sees_original:
        audit.record(user, "case.original_seen", found)
    return render(request, "reports/case.html", context, status=status)


def _ticked(found: Case, form: Form | None) -> set[str]:
    return set(form.boxes) if isinstance(form, ApproveForm) else set()


def _parts(found: Case, scan: Scan, form: Form | None, sees_original: bool) -> list[Part]:
    if found.state == State.PROPOSED:
        return []
    replaced = services.replacements_of(found) if sees_original else []
    marks = {one.label: "replaced" for one in replaced}
    marks |= {one.text: "suspect" for one in scan.suspects} | {one.text: "known" for one in scan.known}
    originals = {one.original: "replaced" for one in replaced}
    before = original_of(found.appeal, found.kind).texts if sees_original else [""] * len(Case.TEXTS)
    headings = {"title": "标题"} | found.headings
    return [
        Part(
            field,
            headings[field],
            segments(was, originals),
            segments(getattr(found, field), marks),
            form[field] if form else None,
        )
        for field, was in zip(Case.TEXTS, before, strict=True)
    ]


@dataclass(frozen=True)
class Step:
    label: str
    at: Any
    by: str
    text: str = ""
    tone: str = "done"


def _steps(found: Case) -> list[Step]:
    """The latest first."""
    steps = [
        Step("提名", found.proposed_at, str(found.proposed_by), found.proposal),
        Step("起草", found.drafted_at, str(found.drafted_by)),
        Step("最后修改", found.edited_at, str(found.edited_by)),
        Step("送审", found.submitted_at, str(found.submitted_by)),
        Step("审核通过", found.approved_at, str(found.approved_by)),
        Step("通报", found.published_at, "", found.published_in),
        Step("撤回", found.withdrawn_at, str(found.withdrawn_by), found.withdrawn_for, "warn"),
    ]
    return sorted((step for step in steps if step.at), key=lambda step: step.at, reverse=True)


@require_safe
def print_case(request: HttpRequest, pk: int) -> HttpResponse:
    """On paper; what has not been approved says so."""
    found = _found(request, pk)
    if found.state == State.PROPOSED:
        raise Http404
    audit.record(request.user, "case.printed", found)
    context = {"case": found, "warning": warning_of(found), "printed_on": clock.today()}
    return render(request, "reports/case_print.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """In Word, laid out as an official document; who took it is logged."""
    found = _found(request, pk)
    if found.state == State.PROPOSED:
        raise Http404
    audit.record(request.user, "case.downloaded", found)
    response = HttpResponse(paper_of(found).as_docx(), content_type=ALLOWED[".docx"])
    name = f"{found.get_kind_display()}案例-{found.title}.docx"
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
