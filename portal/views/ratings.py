"""Where a firm rates and answers the survey: behind its plaque, a code or a link, without an account.

An official does not answer in the firm's stead: whoever is signed in is told so. What was sent twice is done once,
and who sends too much waits.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import is_ratelimited

from accounts.models import Unit
from appeals.views.access import district_or_404, too_many
from appeals.views.public import HONEYPOT
from campaigns.models import ServiceRating, SurveyRound, SurveySample
from campaigns.satisfaction import links as rating_links
from campaigns.satisfaction.forms import OnceForm, QuestionnaireForm, RatingForm
from campaigns.satisfaction.services import answering, ratings
from campaigns.satisfaction.services.severing import token_prefix
from core import tokens
from core.http import client_ip, forbidden
from liaisons.models import ServiceEvent
from portal.views.plaques import scanned

RATINGS_PER_HOUR = "30/h"
LOOKUPS_PER_QUARTER = "60/15m"
NOT_FOR_OFFICIALS = "评价和问卷由企业填写；工作人员不能代企业评价，请退出登录后由企业打开。"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate_at_plaque(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """评价走访、干部服务、政策兑现, from the firm's own page."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found

    def rate(form: RatingForm) -> str:
        rating = ratings.rate_at_plaque(
            entry=found.entry, kind=form.cleaned_data["kind"], given=form.judgement()
        )
        return rating.kind

    kinds = ratings.rateable_at_plaque(found.entry)
    form = RatingForm(
        request.POST or None, rules=found.rules, kinds=kinds,
        initial={"token": tokens.new_token(), "kind": kinds[0], "unnamed": True},
    )  # fmt: skip
    return _taken(request, form, rate, f"rate-{found.plaque.pk}", found.context | {"what": found.entry.name})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate_event(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """By whoever was at an event that was announced, from when it began."""
    district, profile = district_or_404(code)
    events = ServiceEvent.objects.public().select_related("organiser", "district")
    event = get_object_or_404(events, district=district, pk=pk)
    context = {"district": district, "rules": profile.rules, "what": event.title}
    if not ratings.is_rateable(event, profile.rules):
        return render(request, "public/rate_closed.html", context, status=404)
    form = RatingForm(
        request.POST or None, rules=profile.rules, named=False, initial={"token": tokens.new_token()}
    )

    def rate(form: RatingForm) -> str:
        return ratings.rate_event(event=event, given=form.judgement()).kind

    return _taken(request, form, rate, f"rate-event-{event.pk}", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate_by_link(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A visit, by the link that was sent; a window, by the code on its counter."""
    district, profile = district_or_404(code)
    context: dict[str, Any] = {"district": district, "rules": profile.rules}
    if is_ratelimited(request, group="rate-link", key=client_ip, rate=LOOKUPS_PER_QUARTER, increment=True):
        return too_many(request, context)
    opened = rating_links.opened_by(token, district, profile.rules)
    if opened is None:
        return render(request, "public/rate_closed.html", context, status=404)
    form = RatingForm(
        request.POST or None, rules=profile.rules, named=opened.visit is not None,
        initial={"token": tokens.new_token(), "unnamed": True},
    )  # fmt: skip
    if opened.window is not None:
        context["what"] = f"{opened.window.name}服务"
    else:
        context["what"] = "对贵公司的走访"

    def rate(form: RatingForm) -> str:
        if opened.visit is not None:
            link = ServiceRating.Channel.LINK
            return ratings.rate_visit(visit=opened.visit, given=form.judgement(), channel=link).kind
        assert opened.window is not None
        return ratings.rate_window(unit=opened.window, given=form.judgement()).kind

    return _taken(request, form, rate, "rate-link", context)


# --- The survey -----------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The questionnaire of a firm that was drawn, by its own link."""
    district, profile = district_or_404(code)
    context: dict[str, Any] = {"district": district, "rules": profile.rules}
    if is_ratelimited(request, group="survey", key=client_ip, rate=LOOKUPS_PER_QUARTER, increment=True):
        return too_many(request, context)
    running = SurveySample.objects.filter(round__district=district, round__state=SurveyRound.State.RUNNING)
    sample = running.filter(token=token.replace("\0", "")).select_related("round__district").first()
    if sample is None:
        return render(request, "public/rate_closed.html", context, status=404)
    form = QuestionnaireForm(
        request.POST or None, round=sample.round, rules=profile.rules, initial={"token": tokens.new_token()}
    )

    def answer(form: QuestionnaireForm) -> str:
        answering.answer_sample(
            sample=sample,
            channel=answering.Channel.WEB,
            given=form.given(),
            remark=form.cleaned_data["conduct"],
        )
        return "done"

    if sample.state == SurveySample.State.ANSWERED and request.method != "POST":
        return render(request, "public/rate_done.html", context | {"said": answering.ALREADY})
    context |= {"round": sample.round, "sampled": True}
    return _taken(request, form, answer, token_prefix(sample.round_id)[:-1], context, "public/survey.html")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey_open(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The link that anybody may open; shown apart from the sample."""
    district, profile = district_or_404(code)
    context: dict[str, Any] = {"district": district, "rules": profile.rules}
    running = SurveyRound.objects.filter(district=district, state=SurveyRound.State.RUNNING)
    round = running.filter(open_token=token.replace("\0", "")).select_related("district").first()
    if round is None:
        return render(request, "public/rate_closed.html", context, status=404)
    kinds = profile.rules.reporting_unit_kinds
    units = Unit.objects.of_district(district).active().filter(kind__in=kinds).order_by("order", "pk")
    form = QuestionnaireForm(
        request.POST or None, round=round, rules=profile.rules, units=units,
        initial={"token": tokens.new_token()},
    )  # fmt: skip

    def answer(form: QuestionnaireForm) -> str:
        data = form.cleaned_data
        answering.answer_openly(round=round, given=form.given(), unit=data["unit"], remark=data["conduct"])
        return "done"

    context |= {"round": round, "sampled": False}
    return _taken(request, form, answer, token_prefix(round)[:-1], context, "public/survey.html")


# --- Taking it in ---------------------------------------------------------------------------------


def _taken(
    request: HttpRequest, form: OnceForm, do: Callable[[Any], str], key: str, context: dict[str, Any],
    template: str = "public/rate.html",
) -> HttpResponse:  # fmt: skip
    """The form, what was wrong with it, or thanks."""
    if request.user.is_authenticated:
        return forbidden(request, NOT_FOR_OFFICIALS)
    if request.method == "POST":
        if request.POST.get(HONEYPOT):
            # A robot filled in what no person sees: let it believe it was heard.
            return render(request, "public/rate_done.html", context)
        if is_ratelimited(request, group="rate", key=client_ip, rate=RATINGS_PER_HOUR, increment=True):
            return too_many(request, context)
        if form.is_valid() and _done_once(
            form, do, f"{key}:{form.cleaned_data['token'] or tokens.new_token()}"
        ):
            return render(request, "public/rate_done.html", context)
    status = 422 if request.method == "POST" else 200
    return render(request, template, context | {"form": form}, status=status)


def _done_once(form: OnceForm, do: Callable[[Any], str], key: str) -> bool:
    try:
        tokens.once(key, lambda: do(form))
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True
