"""融资需求: rounds with their figures, the needs in them, handing them to banks, and what the banks answer."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from campaigns.models import FinancingDispatch, FinancingNeed, FinancingRound
from campaigns.needs.filters import FinancingFilter
from campaigns.needs.financing_figures import RoundFigures, banks_like, figures_of
from campaigns.needs.forms.financing import (
    AnswerForm,
    CloseNeedForm,
    DispatchForm,
    NeedFields,
    NeedForm,
    SummaryForm,
)
from campaigns.needs.permissions import (
    WHO_ANSWERS,
    WHO_KEEPS,
    WHO_LEADS_FINANCE,
    WHO_RECORDS,
    banks_of,
    leads_finance,
    may_answer,
    may_call_about,
    may_collect,
    may_keep_need,
    may_record_financing,
)
from campaigns.needs.services import financing as services
from campaigns.needs.services.rounds import close_round as close_round_of
from campaigns.needs.services.rounds import may_be_closed
from campaigns.needs.views.openings import TakesNothing
from campaigns.needs.views.shared import PER_PAGE, events_page, may_see_financing, needs_tabs
from core import tokens
from core.http import done, done_once, posted
from core.paging import WindowPaginator
from core.wording import speak
from districts.profile import Rules
from enterprises.subjects import page_of, shown_subject, subject_key
from liaisons.selectors import rules_of

State = FinancingNeed.State
DRAFT = "financing-new"
STEPS = {
    "check": (services.check_need, "已核实，列入本轮。"),
    "reopen": (services.reopen_need, "已重新列入本轮。"),
}
ROUNDS_SHOWN = 6
WHO_SEES = "融资需求由区领导、牵头单位、督查和各单位联络员、负责人查看。"


def _allowed(request: HttpRequest) -> Any:
    rules = rules_of(request.user)
    if rules is None or not may_see_financing(request):
        raise PermissionDenied(WHO_SEES)
    return rules


@require_safe
def financing_list(request: HttpRequest) -> HttpResponse:
    rules = _allowed(request)
    rows = (
        FinancingNeed.objects.visible_to(request.user)
        .select_related("enterprise", "project", "region", "unit")
        .prefetch_related("dispatches")
        .order_by("-recorded_at", "-pk")
    )
    filterset = FinancingFilter(request.GET, queryset=rows, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for need in page:
        need.security = rules.label("guarantees", need.guarantee)
        need.credit = sum(one.credit for one in need.dispatches.all())
        need.lent = sum(one.lent for one in need.dispatches.all())
    context = {
        "page": page,
        "filterset": filterset,
        "tabs": needs_tabs(request, "financing"),
        "may_record": may_record_financing(request.user),
        "rounds": _rounds(request, rules),
        "talks_url": events_page(rules.needs.finance_events),
    }
    return render(request, "campaigns/needs/financing.html", context)


def _rounds(request: HttpRequest, rules: Rules) -> list[FinancingRound]:
    """The last ones, each with its figures, for those who may know the district's."""
    visible = FinancingRound.objects.visible_to(request.user).select_related("district")
    rounds = list(visible[:ROUNDS_SHOWN])
    figures = figures_of(rounds, rules) if _sees_figures(request) else {}
    for found in rounds:
        found.figures = figures.get(found.pk)
    return rounds


def _sees_figures(request: HttpRequest) -> bool:
    """Everybody but the banks: they see their own business alone."""
    rules = rules_of(request.user)
    return rules is not None and request.user.unit.kind not in rules.needs.bank_kinds


@require_safe
def financing_round(request: HttpRequest, pk: int) -> HttpResponse:
    rules = _allowed(request)
    return _round_page(
        request, get_object_or_404(FinancingRound.objects.visible_to(request.user), pk=pk), rules
    )


@require_POST
def close_round(request: HttpRequest, pk: int) -> HttpResponse:
    rules = _allowed(request)
    found = get_object_or_404(FinancingRound.objects.visible_to(request.user), pk=pk)
    if not leads_finance(request.user):
        raise PermissionDenied(WHO_LEADS_FINANCE)
    form = SummaryForm(request.POST)
    if not done(
        form,
        lambda data: close_round_of(by=request.user, financing_round=found, summary=data["summary"]),
    ):
        return _round_page(request, found, rules, form=form, status=422)
    messages.success(request, f"{found}已小结。")
    return redirect("campaigns:round", pk)


def _round_page(
    request: HttpRequest,
    found: FinancingRound,
    rules: Rules,
    form: SummaryForm | None = None,
    status: int = 200,
) -> HttpResponse:
    figures = figures_of([found], rules).get(found.pk) or RoundFigures()
    visible = FinancingNeed.objects.visible_to(request.user).filter(entries__round=found)
    rows = visible.select_related("enterprise", "project", "unit").order_by("state", "pk")
    page = WindowPaginator(rows, PER_PAGE * 2).get_page(request.GET.get("page"))
    carried = set(
        found.entries.filter(carried=True, need__in=[need.pk for need in page]).values_list("need", flat=True)
    )
    for need in page:
        need.is_carried = need.pk in carried
        need.security = rules.label("guarantees", need.guarantee)
    banks = [] if not leads_finance(request.user) else _by_bank(found)
    if form is None and may_be_closed(found) and leads_finance(request.user):
        form = SummaryForm()
    context = {
        "round": found,
        "figures": figures if _sees_figures(request) else None,
        "talks_url": events_page(rules.needs.finance_events),
        "page": page,
        "banks": banks,
        "form": form,
    }
    return render(request, "campaigns/needs/round.html", context, status=status)


def _by_bank(found: FinancingRound) -> list[dict[str, Any]]:
    """Each bank with what it was handed and what it answered: for the unit that leads the rounds."""
    lines: dict[str, dict[str, Any]] = {}
    for one in found.dispatches.order_by("bank_name", "pk"):
        line = lines.setdefault(
            one.bank_name,
            {"bank": one.bank_name, "handed": 0, "in_time": 0, "late": 0, "yes": 0, "credit": 0, "lent": 0},
        )
        line["handed"] += 1
        line["in_time"] += one.in_time
        line["late"] += one.is_overdue or (one.answered_at is not None and not one.in_time)
        line["yes"] += one.answer == FinancingDispatch.Answer.CREDIT
        line["credit"] += one.credit
        line["lent"] += one.lent
    return list(lines.values())


# --- One need -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new_need(request: HttpRequest) -> HttpResponse:
    rules = rules_of(request.user)
    records = may_record_financing(request.user)
    if rules is None or not (records or may_collect(request.user)):
        raise PermissionDenied(WHO_RECORDS)
    initial: dict[str, Any] = {"token": tokens.new_token()}
    for name in ("enterprise", "project"):
        if name in request.GET:
            initial["subject"] = f"{name}-{request.GET[name]}"
    form = NeedForm(posted(request), user=request.user, rules=rules, initial=initial, on_roster=not records)

    def make(data: dict[str, Any]) -> int:
        if not records:
            return services.report_need(by=request.user, entry=data["subject"], facts=form.facts()).pk
        return services.record_need(
            by=request.user, facts=form.facts(), subject=data["subject"], claimed_name=data["claimed_name"]
        ).pk

    if pk := done_once(request, form, "financing", make, draft=DRAFT):
        if not records:
            messages.success(request, speak("已登记，由企业所在乡镇办（园区）核实后列入本轮。"))
            subject = form.cleaned_data["subject"]
            return redirect(page_of(subject, request.user) or "campaigns:needs")
        messages.success(request, "融资需求已登记，列入本轮。")
        return redirect("campaigns:financing_need", int(pk))
    context = {"form": form, "shown": shown_subject(form), "draft": DRAFT, "records": records}
    return render(request, "campaigns/needs/need_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_need(request: HttpRequest, pk: int) -> HttpResponse:
    rules = _allowed(request)
    found = _found(request, pk)
    if not may_keep_need(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    form = NeedFields(
        posted(request), rules=rules, initial={name: getattr(found, name) for name in services.FIELDS}
    )
    if done(form, lambda data: services.change_need(by=request.user, need=found, facts=form.facts())):
        messages.success(request, "已保存。")
        return redirect("campaigns:financing_need", pk)
    if request.method != "POST":
        audit.record(request.user, "financing.phone", found)
    context = {"form": form, "need": found, "draft": f"financing-{pk}"}
    return render(request, "campaigns/needs/need_form.html", context, status=422 if form.errors else 200)


@require_safe
def need(request: HttpRequest, pk: int) -> HttpResponse:
    _allowed(request)
    return _page(request, _found(request, pk))


@require_POST
def need_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """For whoever deals with it: the collecting side, and the banks it was handed to."""
    _allowed(request)
    found = _found(request, pk)
    if not may_call_about(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    audit.record(request.user, "financing.phone", found)
    return _page(request, found, revealed=True)


@require_POST
def need_act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    _allowed(request)
    found = _found(request, pk)
    if step not in {*STEPS, "close"}:
        raise Http404
    if not may_keep_need(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    if step == "close":
        form: Any = CloseNeedForm(request.POST)
        names = ("state", "reason", "appeal")
        ended = done(
            form,
            lambda data: services.close_need(
                by=request.user, need=found, **{name: data[name] for name in names}
            ),
        )
        said = "已结束。"
    else:
        form = TakesNothing(request.POST)
        ended = done(form, lambda data: STEPS[step][0](by=request.user, need=found))
        said = STEPS[step][1]
    if not ended:
        return _page(request, _found(request, pk), close_form=form, status=422)
    messages.success(request, said)
    return redirect("campaigns:financing_need", pk)


@require_POST
def dispatch_need(request: HttpRequest, pk: int) -> HttpResponse:
    _allowed(request)
    found = _found(request, pk)
    if not leads_finance(request.user):
        raise PermissionDenied(WHO_LEADS_FINANCE)
    form = _dispatch_form(request, found, request.POST)

    def make(data: dict[str, Any]) -> int:
        units = list(data.get("units", []))
        services.dispatch_need(by=request.user, need=found, units=units, names=form.names)
        return pk

    if not done_once(request, form, "financing-dispatch", make):
        return _page(request, _found(request, pk), dispatch_form=form, status=422)
    messages.success(request, "已交办，请跟踪答复。")
    return redirect("campaigns:financing_need", pk)


def _dispatch_form(request: HttpRequest, found: FinancingNeed, data: QueryDict | None = None) -> DispatchForm:
    rules = rules_of(request.user)
    assert rules is not None
    used = FinancingDispatch.objects.filter(need__district=found.district_id, unit__isnull=True)
    known = list(used.order_by("bank_name").values_list("bank_name", flat=True).distinct()[:30])
    return DispatchForm(
        data,
        units=banks_of(found.district, rules),
        rules=rules,
        known=known,
        initial={"token": tokens.new_token()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A bank's own, or what it told the unit that leads the rounds."""
    _allowed(request)
    rows = FinancingDispatch.objects.visible_to(request.user).select_related(
        "need__enterprise", "need__project", "need__district", "need__unit", "round", "unit"
    )
    found = get_object_or_404(rows, pk=pk)
    if not may_answer(request.user, found):
        raise PermissionDenied(WHO_ANSWERS)
    initial = {}
    if not found.is_waiting:
        initial = {name: getattr(found, name) for name in ("answer", "credit", "lent", "product", "reason")}
    form = AnswerForm(posted(request), initial=initial)
    if done(form, lambda data: services.answer_dispatch(by=request.user, dispatch=found, given=form.given())):
        messages.success(request, "答复已登记。")
        return redirect("campaigns:financing_need", found.need_id)
    context = {"form": form, "found": found, "need": found.need}
    return render(request, "campaigns/needs/answer.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> FinancingNeed:
    rows = FinancingNeed.objects.visible_to(request.user).select_related(
        "district", "region", "unit", "enterprise", "project", "recorded_by", "appeal"
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest,
    found: FinancingNeed,
    *,
    close_form: Any = None,
    dispatch_form: DispatchForm | None = None,
    revealed: bool = False,
    status: int = 200,
) -> HttpResponse:
    user, rules = request.user, rules_of(request.user)
    assert rules is not None
    keeps, leads = may_keep_need(user, found), leads_finance(user)
    dispatches = list(
        FinancingDispatch.objects.visible_to(user)
        .filter(need=found)
        .select_related("unit", "round", "answered_by")
    )
    for one in dispatches:
        one.need = found
        one.may_answer = may_answer(user, one) and found.state not in {State.WITHDRAWN, State.UNSOLVED}
    if leads and found.is_running and dispatch_form is None:
        dispatch_form = _dispatch_form(request, found)
    if keeps and close_form is None and (found.is_running or found.state == State.PENDING):
        close_form = CloseNeedForm(auto_id="id_close_%s")
    entries = found.entries.select_related("round").order_by("round__year", "round__number")
    context = {
        "need": found,
        "security": rules.label("guarantees", found.guarantee),
        "keeps": keeps,
        "may_call": may_call_about(user, found),
        "may_edit": keeps and found.state in {State.PENDING, State.OPEN},
        "subject_url": page_of(found.subject, user) if found.subject else "",
        "appeal_url": _appeal_url(found) if keeps else "",
        "dispatches": dispatches,
        "dispatch_form": dispatch_form,
        "suggestions": banks_like(found, rules) if leads and found.is_running else [],
        "close_form": close_form,
        "entries": entries,
        "revealed": revealed,
    }
    return render(request, "campaigns/needs/need.html", context, status=status)


def _appeal_url(found: FinancingNeed) -> str:
    """Where it can be handed in as an appeal, with the firm filled in."""
    address = reverse("appeals:register")
    return f"{address}?subject={subject_key(found.subject)}" if found.subject else address
