"""用工需求: the list, recording and changing one, its page with whom to put forward, and what came of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from campaigns.models import JobOpening, JobPlacement, JobSeeker, Recommendation
from campaigns.needs.filters import OpeningFilter
from campaigns.needs.forms.jobs import AdvanceForm, OpeningFields, OpeningForm, PlacementForm, ReasonForm
from campaigns.needs.matching import seekers_for
from campaigns.needs.permissions import (
    WHO_KEEPS,
    WHO_RECORDS,
    may_cancel_placement,
    may_collect,
    may_keep_opening,
    may_keep_seeker,
    may_record_opening,
)
from campaigns.needs.services import openings as services
from campaigns.needs.services import recommendations
from campaigns.needs.views.shared import PER_PAGE, may_see_seekers, needs_tabs
from campaigns.needs.words import wage_words
from core import clock, tokens
from core.fields import TakesErrors
from core.http import done, done_once, posted
from core.paging import WindowPaginator
from core.wording import speak
from enterprises.subjects import page_of, shown_subject
from liaisons.selectors import rules_of

State = JobOpening.State
STEPS = {
    "check": (services.check_opening, "已核实，列入招聘中。"),
    "restore": (services.restore_opening, "已恢复。"),
}
DRAFT = "opening-new"


@require_safe
def opening_list(request: HttpRequest) -> HttpResponse:
    rows = (
        JobOpening.objects.visible_to(request.user)
        .select_related("enterprise", "project", "region", "unit")
        .order_by("-updated_at", "-pk")
    )
    filterset = OpeningFilter(request.GET, queryset=rows, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    rules = rules_of(request.user)
    for opening in page:
        describe(opening, rules)
    pending = JobOpening.objects.visible_to(request.user).filter(state=State.PENDING).order_by().count()
    context = {
        "page": page,
        "filterset": filterset,
        "tabs": needs_tabs(request, "openings"),
        "may_record": may_record_opening(request.user),
        "pending": pending,
    }
    return render(request, "campaigns/needs/openings.html", context)


def describe(opening: Any, rules: Any) -> Any:
    """With its work and its wage in words."""
    opening.work = services.label_of(opening, rules)
    opening.wage = wage_words(opening.wage_from, opening.wage_to)
    return opening


@require_http_methods(["GET", "HEAD", "POST"])
def new_opening(request: HttpRequest) -> HttpResponse:
    rules = rules_of(request.user)
    records = may_record_opening(request.user)
    if rules is None or not (records or may_collect(request.user)):
        raise PermissionDenied(WHO_RECORDS)
    initial: dict[str, Any] = {"token": tokens.new_token()}
    for name in ("enterprise", "project"):
        if name in request.GET:
            initial["subject"] = f"{name}-{request.GET[name]}"
    form = OpeningForm(
        posted(request), user=request.user, rules=rules, initial=initial, on_roster=not records
    )

    def make(data: dict[str, Any]) -> int:
        if not records:
            return services.report_opening(by=request.user, entry=data["subject"], facts=form.facts()).pk
        return services.record_opening(
            by=request.user, facts=form.facts(), subject=data["subject"], claimed_name=data["claimed_name"]
        ).pk

    if pk := done_once(request, form, "opening", make, draft=DRAFT):
        messages.success(
            request,
            "用工需求已登记。" if records else speak("已登记，由企业所在乡镇办（园区）核实后列入清单。"),
        )
        return redirect("campaigns:opening", int(pk))
    context = {"form": form, "shown": shown_subject(form), "draft": DRAFT, "records": records}
    return render(request, "campaigns/needs/opening_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_opening(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    rules = rules_of(request.user)
    if rules is None or not may_keep_opening(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    initial = {name: getattr(found, name) for name in services.FIELDS}
    form = OpeningFields(posted(request), rules=rules, initial=initial)
    if done(form, lambda data: services.change_opening(by=request.user, opening=found, facts=form.facts())):
        messages.success(request, "已保存。")
        return redirect("campaigns:opening", pk)
    if request.method != "POST":
        audit.record(request.user, "opening.phone", found)
    context = {"form": form, "opening": found, "draft": f"opening-{pk}"}
    return render(request, "campaigns/needs/opening_form.html", context, status=422 if form.errors else 200)


# --- One opening ----------------------------------------------------------------------------------


@require_safe
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@require_POST
def opening_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The number in full, for this once; who looked is logged."""
    found = _found(request, pk)
    if not may_keep_opening(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    audit.record(request.user, "opening.phone", found)
    return _page(request, found, revealed=True)


@require_POST
def opening_act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    found = _found(request, pk)
    if step not in {*STEPS, "withdraw"}:
        raise Http404
    if not may_keep_opening(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    form: TakesErrors = ReasonForm(request.POST) if step == "withdraw" else TakesNothing(request.POST)

    def act(data: dict[str, Any]) -> object:
        if step == "withdraw":
            return services.withdraw_opening(by=request.user, opening=found, reason=data["reason"])
        return STEPS[step][0](by=request.user, opening=found)

    if not done(form, act):
        return _page(request, _found(request, pk), withdraw_form=form, status=422)
    messages.success(request, "已撤回，不再公布。" if step == "withdraw" else STEPS[step][1])
    return redirect("campaigns:opening", pk)


@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """送工进企: a batch."""
    found = _found(request, pk)
    if not may_keep_opening(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    form = PlacementForm(request.POST)

    def make(data: dict[str, Any]) -> int:
        facts = {name: data[name] for name in ("persons", "day", "note")}
        return services.record_placement(by=request.user, opening=found, **facts).pk

    if not done_once(request, form, "placement", make):
        return _page(request, _found(request, pk), placement_form=form, status=422)
    messages.success(request, f"已登记 {form.cleaned_data['persons']} 人上岗。")
    return redirect("campaigns:opening", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_placement(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, and why."""
    rows = JobPlacement.objects.visible_to(request.user).select_related(
        "opening__enterprise", "opening__project", "opening__unit", "opening__region", "unit"
    )
    found = get_object_or_404(rows, pk=pk)
    if not may_cancel_placement(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    form = ReasonForm(posted(request))
    if done(
        form,
        lambda data: services.cancel_placement(by=request.user, placement=found, reason=data["reason"]),
    ):
        messages.success(request, "这条上岗记录已作废，人数已重新计算。")
        return redirect("campaigns:opening", found.opening_id)
    describe(found.opening, rules_of(request.user))
    context = {"form": form, "placement": found, "opening": found.opening}
    return render(
        request, "campaigns/needs/cancel_placement.html", context, status=422 if form.errors else 200
    )


@require_POST
def recommend(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a seeker forward, found on the page of the opening or of the seeker."""
    found = _found(request, pk)
    if not may_see_seekers(request):
        raise PermissionDenied(WHO_KEEPS)
    key = request.POST.get("seeker", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    visible = JobSeeker.objects.visible_to(request.user).select_related("region", "unit", "district")
    seeker = get_object_or_404(visible, pk=key)
    if not may_keep_seeker(request.user, seeker):
        raise PermissionDenied(WHO_KEEPS)
    form = TakesNothing(request.POST)
    if not done(form, lambda data: recommendations.recommend(by=request.user, opening=found, seeker=seeker)):
        return _page(request, found, withdraw_form=form, status=422)
    messages.success(request, f"已推荐 {seeker.name}，请与企业、本人联系面试。")
    return redirect("campaigns:opening", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def advance(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of a recommendation."""
    rows = Recommendation.objects.visible_to(request.user).select_related(
        "seeker__region", "seeker__unit", "opening__enterprise", "opening__project", "opening__region",
        "opening__unit", "recommended_by",
    )  # fmt: skip
    found = get_object_or_404(rows, pk=pk)
    if not (may_keep_seeker(request.user, found.seeker) or may_keep_opening(request.user, found.opening)):
        raise PermissionDenied(WHO_KEEPS)
    form = AdvanceForm(posted(request), initial={"day": clock.today()})
    steps = recommendations.STEPS.get(found.state, ())
    form.fields["to"].choices = [(to, Recommendation.State(to).label) for to in steps]
    if done(
        form,
        lambda data: recommendations.advance(
            by=request.user, recommendation=found, to=data["to"], reason=data["reason"], day=data["day"]
        ),
    ):
        messages.success(request, "进展已登记。")
        return redirect("campaigns:opening", found.opening_id)
    describe(found.opening, rules_of(request.user))
    context = {"form": form, "found": found, "opening": found.opening, "is_over": not steps}
    return render(request, "campaigns/needs/advance.html", context, status=422 if form.errors else 200)


class TakesNothing(TakesErrors, forms.Form):
    """A step that asks nothing, and may be refused."""


def _found(request: HttpRequest, pk: int) -> JobOpening:
    rows = JobOpening.objects.visible_to(request.user).select_related(
        "district", "region", "unit", "enterprise", "project", "recorded_by"
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest,
    found: JobOpening,
    *,
    withdraw_form: TakesErrors | None = None,
    placement_form: PlacementForm | None = None,
    revealed: bool = False,
    status: int = 200,
) -> HttpResponse:
    """What may be done now is what has a form."""
    user, rules = request.user, rules_of(request.user)
    keeps = may_keep_opening(user, found)
    is_public_kind = found.state not in {State.PENDING, State.WITHDRAWN}
    if keeps and placement_form is None and is_public_kind:
        placement_form = PlacementForm(
            initial={"token": tokens.new_token(), "day": clock.today()}, auto_id="id_place_%s"
        )
    if keeps and withdraw_form is None and found.state != State.WITHDRAWN:
        withdraw_form = ReasonForm(auto_id="id_withdraw_%s")
    sees_seekers = may_see_seekers(request)
    looks = sees_seekers and rules is not None and found.is_current and found.valid_until >= clock.today()
    recommended = Recommendation.objects.visible_to(user).filter(opening=found) if sees_seekers else []
    if sees_seekers:
        recommended = list(recommended.select_related("seeker__region", "recommended_by"))
    placements = list(found.placements.select_related("unit", "recorded_by"))
    for placement in placements:
        placement.opening = found
        placement.may_cancel = (
            not placement.cancelled_at
            and not placement.recommendation_id
            and may_cancel_placement(user, placement)
        )
    context = {
        "opening": describe(found, rules),
        "trade": rules.label("trades", found.trade) if rules and found.trade else "其他",
        "keeps": keeps,
        "subject_url": page_of(found.subject, user) if found.subject else "",
        "fits": seekers_for(found, user, rules) if looks and rules else [],
        "looks": looks,
        "recommended": recommended,
        "placements": placements,
        "placement_form": placement_form,
        "withdraw_form": withdraw_form,
        "revealed": revealed,
    }
    return render(request, "campaigns/needs/opening.html", context, status=status)
