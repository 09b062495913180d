"""Where a third party works: its running rounds, the list of firms to ask, one firm. Nothing else is open to it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.outside import open_to_outside
from campaigns.models import SurveyRound, SurveySample
from campaigns.satisfaction.forms import AttemptForm, QuestionnaireForm
from campaigns.satisfaction.services import answering
from campaigns.satisfaction.services.severing import token_prefix
from core import tokens
from core.http import forbidden
from core.paging import WindowPaginator
from districts.models import DistrictProfile

PER_PAGE = 30
State = SurveySample.State
TABS = {"waiting": "待调查", "answered": "已答卷", "unreached": "未接通", "refused": "拒绝"}


def _rounds(request: HttpRequest) -> Any:
    user = request.user
    mine = (
        SurveyRound.objects.worked_on_by(user)
        if user.is_outside
        else SurveyRound.objects.managed_by(user).filter(state=SurveyRound.State.RUNNING)
    )
    return mine.select_related("district")


@open_to_outside
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The running rounds, with how far each is."""
    if not request.user.is_outside and not SurveyRound.objects.managed_by(request.user).exists():
        raise PermissionDenied(answering.WHO_ENTERS)
    rounds = list(_rounds(request).order_by("-year", "-quarter"))
    for round in rounds:
        states = list(round.samples.order_by().values_list("state", flat=True))
        round.total, round.done = len(states), len(states) - states.count(State.WAITING)
        round.answered = states.count(State.ANSWERED)
    return render(request, "campaigns/satisfaction/survey_desk.html", {"rounds": rounds})


@open_to_outside
@never_cache
@require_safe
def phone_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The firms that were drawn. Numbers are shown one by one, and that is logged."""
    round = get_object_or_404(_rounds(request), pk=pk)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else State.WAITING.value
    samples = SurveySample.objects.visible_to(request.user).filter(round=round)
    rows = samples.filter(state=tab).select_related("enterprise__region", "project__region")
    if query := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(enterprise__name__contains=query) | rows.filter(project__name__contains=query)
    page = WindowPaginator(rows.prefetch_related("attempts").order_by("number"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    states = list(samples.order_by().values_list("state", flat=True))
    context = {
        "round": round,
        "page": page,
        "query": query,
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?tab={code}", "current": code == tab, "count": states.count(code)}
            for code, label in TABS.items()
        ],
    }
    return render(request, "campaigns/satisfaction/survey_list.html", context)


@open_to_outside
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sample_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One firm: its questionnaire, on a phone or a desk; a form sent twice is entered once."""
    sample = _found(request, pk)
    if request.method != "POST":
        return _page(request, sample)
    form = _questionnaire(sample, request.POST)
    if form.is_valid() and _entered(request, sample, form):
        messages.success(request, "答卷已保存。")
        return redirect("campaigns:survey_list", sample.round_id)
    return _page(request, sample, form=form, status=422)


def _entered(request: HttpRequest, sample: SurveySample, form: QuestionnaireForm) -> bool:
    data = form.cleaned_data

    def enter() -> str:
        answering.answer_sample(
            sample=sample,
            channel=data["channel"],
            given=form.given(),
            remark=data["conduct"],
            by=request.user,
        )
        return "done"  # never which answer it became

    try:
        tokens.once(f"{token_prefix(sample.round_id)}{data['token'] or tokens.new_token()}", enter)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


@open_to_outside
@never_cache
@require_POST
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _found(request, pk)
    try:
        number = answering.reveal_phone(by=request.user, sample=sample)
    except ValidationError as error:
        return forbidden(request, " ".join(error.messages))
    return _page(request, sample, number=number)


@open_to_outside
@never_cache
@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _found(request, pk)
    form = AttemptForm(request.POST)
    if form.is_valid():
        outcome = form.cleaned_data["outcome"]

        def record() -> str:
            answering.record_attempt(by=request.user, sample=sample, outcome=outcome)
            return "done"

        try:
            tokens.once(
                f"{token_prefix(sample.round_id)}{form.cleaned_data['token'] or tokens.new_token()}", record
            )
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已记录。")
            return redirect("campaigns:survey_list", sample.round_id)
    return _page(request, sample, attempt_form=form, status=422)


def _found(request: HttpRequest, pk: int) -> SurveySample:
    rows = SurveySample.objects.visible_to(request.user).filter(round__state=SurveyRound.State.RUNNING)
    related = ("round__district", "enterprise__region", "project__region")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _questionnaire(sample: SurveySample, data: Any = None) -> QuestionnaireForm:
    rules = DistrictProfile.objects.in_force(sample.round.district).rules
    return QuestionnaireForm(
        data, round=sample.round, rules=rules, by_surveyor=True, initial={"token": tokens.new_token()}
    )


def _page(
    request: HttpRequest, sample: SurveySample, *, form: Any = None, attempt_form: Any = None,
    number: str | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    rules = DistrictProfile.objects.in_force(sample.round.district).rules
    context = {
        "sample": sample,
        "round": sample.round,
        "entry": sample.entry,
        "number": number,
        "attempts": list(sample.attempts.select_related("by")),
        "tries": rules.surveys.tries,
        "open": sample.state != State.ANSWERED,
        "form": form or _questionnaire(sample),
        "attempt_form": attempt_form
        or AttemptForm(initial={"token": tokens.new_token()}, auto_id="attempt_%s"),
    }
    return render(request, "campaigns/satisfaction/survey_sample.html", context, status=status)
