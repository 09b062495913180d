"""Survey rounds, for the bureau that runs them and the leaders who read them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import SurveyRound, SurveySample
from campaigns.satisfaction.forms import RoundForm, SeedForm, TeamForm
from campaigns.satisfaction.permissions import may_manage, may_run, rules_in
from campaigns.satisfaction.results import results_of
from campaigns.satisfaction.services import surveys as services
from campaigns.satisfaction.services.surveys import Plan
from core import clock, tokens
from core.paging import WindowPaginator
from core.qr import qr_svg
from core.wording import spoken
from districts.profile import Rules
from districts.satisfaction import SCOPES, STRATA
from enterprises.forms import TakesErrors
from enterprises.querysets import DISTRICT_WIDE

PER_PAGE = 20
SLIPS_AT_ONCE = 200
WHO_READS = spoken("满意度调查由牵头局组织，督查和区领导查看结果。")
State = SurveyRound.State


def _rules(request: HttpRequest) -> Rules:
    if request.user.unit is None or not request.user.has_role(*DISTRICT_WIDE):
        raise PermissionDenied(WHO_READS)
    return rules_in(request.user.unit)


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    _rules(request)
    rows = SurveyRound.objects.visible_to(request.user).select_related("unit")
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "campaigns/satisfaction/surveys.html", {"page": page, "may_run": may_run(request.user)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_round(request: HttpRequest) -> HttpResponse:
    if not may_run(request.user):
        raise PermissionDenied(services.WHO_RUNS)
    rules = _rules(request)
    today = clock.today()
    initial = {
        "token": tokens.new_token(),
        "year": today.year,
        "quarter": (today.month - 1) // 3 + 1,
        "scope": rules.surveys.scope,
        "size": rules.surveys.size,
    }
    form = RoundForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        names = ("year", "quarter", "last_day", "scope", "size", "agency")
        plan = Plan(surveyors=tuple(data["surveyors"]), **{name: data[name] for name in names})
        key = f"survey-new:{request.user.pk}:{data['token'] or tokens.new_token()}"
        try:
            pk = tokens.once(key, lambda: services.draft(by=request.user, plan=plan).pk)
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "调查已登记，下一步抽样。")
            return redirect("campaigns:survey", int(pk))
    context = {"form": form, "questions": rules.surveys.questions, "strata": _strata(rules.surveys.strata)}
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/satisfaction/survey_new.html", context, status=status)


def _strata(names: Any) -> str:
    return "、".join(STRATA.get(name, name) for name in names) or "不分层"


# --- One round ------------------------------------------------------------------------------------


@require_safe
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@require_POST
def team(request: HttpRequest, pk: int) -> HttpResponse:
    round = _managed(request, pk)
    form = TeamForm(request.POST, user=request.user)

    def change(data: dict[str, Any]) -> object:
        names = ("surveyors", "last_day", "agency")
        return services.set_team(by=request.user, round=round, **{name: data[name] for name in names})

    return _acted(request, round, form, change, "已保存。", team_form=form)


@require_POST
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    round = _managed(request, pk)
    form = SeedForm(request.POST)

    def draw_it(data: dict[str, Any]) -> object:
        return services.draw_sample(by=request.user, round=round, seed=data["seed"])

    return _acted(request, round, form, draw_it, "已抽样。", seed_form=form)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    round = _managed(request, pk)
    return _acted(
        request,
        round,
        None,
        lambda _: services.start(by=request.user, round=round),
        "调查已开始，链接已开放。",
    )


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    round = _managed(request, pk)
    said = "调查已结束。几分钟内完成匿名化，之后可以发布。"
    return _acted(request, round, None, lambda _: services.close(by=request.user, round=round), said)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    round = _managed(request, pk)
    said = "结果已发布，已通知区领导。"
    return _acted(request, round, None, lambda _: services.publish(by=request.user, round=round), said)


def _acted(
    request: HttpRequest, round: SurveyRound, form: TakesErrors | None, do: Callable[[dict[str, Any]], object],
    said: str, **forms: Any,
) -> HttpResponse:  # fmt: skip
    """Done, or the page again with what was wrong."""
    error: ValidationError | None = None
    if form is None or form.is_valid():
        try:
            do(form.cleaned_data if form else {})
        except ValidationError as refused:
            error = refused
            if form is not None:
                form.take_errors(refused)
        else:
            messages.success(request, said)
            return redirect("campaigns:survey", round.pk)
    if form is None and error is not None:
        messages.error(request, " ".join(error.messages))
        return _page(request, _found(request, round.pk), status=409)
    return _page(request, _found(request, round.pk), status=422, **forms)


def _found(request: HttpRequest, pk: int) -> SurveyRound:
    rows = SurveyRound.objects.visible_to(request.user).select_related("unit", "district", "created_by")
    return get_object_or_404(rows, pk=pk)


def _managed(request: HttpRequest, pk: int) -> SurveyRound:
    round = _found(request, pk)
    if not may_manage(request.user, round):
        raise PermissionDenied(services.WHO_RUNS)
    return round


def _page(
    request: HttpRequest,
    round: SurveyRound,
    *,
    team_form: Any = None,
    seed_form: Any = None,
    status: int = 200,
) -> HttpResponse:
    manages = may_manage(request.user, round)
    drawn = round.state in {State.SAMPLED, State.RUNNING} and manages
    surveyors = list(round.surveyors.order_by("username"))
    if manages and not round.is_over and team_form is None:
        given = {"agency": round.agency, "last_day": round.last_day, "surveyors": surveyors}
        team_form = TeamForm(user=request.user, initial=given)
    if manages and round.state in {State.DRAFT, State.SAMPLED} and seed_form is None:
        seed_form = SeedForm()
    context = {
        "round": round,
        "manages": manages,
        "surveyors": surveyors,
        "scope": SCOPES.get(round.scope, round.scope),
        "strata": _strata(round.strata),
        "work": _progress(round) if drawn else None,
        "samples": round.samples.count() if drawn else 0,
        "open_url": settings.SITE_URL
        + reverse("public:survey_open", args=[round.district.code, round.open_token])
        if manages and round.state == State.RUNNING
        else "",
        "team_form": team_form,
        "seed_form": seed_form,
    }
    return render(request, "campaigns/satisfaction/survey.html", context, status=status)


def _progress(round: SurveyRound) -> list[dict[str, Any]]:
    """By group: how many could have been drawn, were drawn, and where that stands."""
    from campaigns.satisfaction.services.severing import field_work

    done = field_work(round.samples.only("stratum", "unit", "state"))["strata"]
    population = round.figures.get("population", {})
    return [
        {"name": name, "population": population.get(name, 0), **row} for name, row in sorted(done.items())
    ]


@require_safe
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    """A slip with the firm's own link, to print and hand over; ``?page=`` beyond the first ones."""
    round = _managed(request, pk)
    rows = SurveySample.objects.visible_to(request.user).filter(round=round, state=SurveySample.State.WAITING)
    page = WindowPaginator(
        rows.select_related("enterprise", "project").order_by("number"), SLIPS_AT_ONCE
    ).get_page(request.GET.get("page"))
    sheets = []
    for sample in page if round.state == State.RUNNING else []:
        path = reverse("public:survey", args=[round.district.code, sample.token])
        sheets.append({"sample": sample, "qr": qr_svg(settings.SITE_URL + path, quiet=4)})
    return render(
        request, "campaigns/satisfaction/survey_slips.html", {"round": round, "page": page, "sheets": sheets}
    )


@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """After the answers were cut off from the firms."""
    rules = _rules(request)
    round = _found(request, pk)
    found = results_of(round, rules) if round.severed_at else None
    return render(request, "campaigns/satisfaction/survey_results.html", {"round": round, "results": found})
