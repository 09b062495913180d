"""求职人员: for the units that recorded them and the one that leads the list. Each number looked at is on record."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from campaigns.models import JobSeeker, Recommendation
from campaigns.needs.filters import SeekerFilter
from campaigns.needs.forms.jobs import SeekerForm
from campaigns.needs.matching import openings_for
from campaigns.needs.permissions import WHO_KEEPS, may_keep_seeker
from campaigns.needs.services import seekers as services
from campaigns.needs.services.forgetting import erase_seeker
from campaigns.needs.services.openings import label_of
from campaigns.needs.views.openings import TakesNothing, describe
from campaigns.needs.views.shared import PER_PAGE, may_see_seekers, needs_tabs
from core import clock, tokens
from core.http import done, done_once, posted
from core.paging import WindowPaginator
from liaisons.selectors import rules_of

DRAFT = "seeker-new"


def _allowed(request: HttpRequest) -> Any:
    """The rules of the district, for whoever has seekers to keep."""
    rules = rules_of(request.user)
    if rules is None or not may_see_seekers(request):
        raise PermissionDenied(services.WHO_RECORDS)
    return rules


@require_safe
def seeker_list(request: HttpRequest) -> HttpResponse:
    rules = _allowed(request)
    rows = JobSeeker.objects.visible_to(request.user).select_related("region", "unit")
    filterset = SeekerFilter(request.GET, queryset=rows.order_by("-recorded_at", "-pk"), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for seeker in page:
        _described(seeker, rules)
    context = {
        "page": page,
        "filterset": filterset,
        "tabs": needs_tabs(request, "seekers"),
        "needs": rules.needs,
    }
    return render(request, "campaigns/needs/seekers.html", context)


def _described(seeker: Any, rules: Any) -> Any:
    seeker.work = label_of(seeker, rules) or "不限"
    seeker.age = rules.label("age_bands", seeker.age_band)
    return seeker


@require_http_methods(["GET", "HEAD", "POST"])
def new_seeker(request: HttpRequest) -> HttpResponse:
    rules = _allowed(request)
    form = SeekerForm(posted(request), rules=rules, user=request.user, initial={"token": tokens.new_token()})

    def make(data: dict[str, Any]) -> int:
        return services.record_seeker(by=request.user, facts=form.facts(), region=data["region"]).pk

    if pk := done_once(request, form, "seeker", make):
        messages.success(request, "求职人员已登记。")
        return redirect("campaigns:seeker", int(pk))
    context = {"form": form, "needs": rules.needs}
    return render(request, "campaigns/needs/seeker_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_seeker(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the number in full to whoever changes it; that is on record."""
    rules = _allowed(request)
    found = _found(request, pk)
    if not may_keep_seeker(request.user, found) or found.erased_at:
        raise PermissionDenied(services.ERASED if found.erased_at else WHO_KEEPS)
    initial = {name: getattr(found, name) for name in services.FIELDS} | {"region": found.region_id}
    form = SeekerForm(posted(request), rules=rules, user=request.user, initial=initial)
    form.fields["region"].disabled = True
    if done(form, lambda data: services.change_seeker(by=request.user, seeker=found, facts=form.facts())):
        messages.success(request, "已保存。")
        return redirect("campaigns:seeker", pk)
    if request.method != "POST":
        audit.record(request.user, "seeker.phone", found)
    context = {"form": form, "seeker": found, "needs": rules.needs}
    return render(request, "campaigns/needs/seeker_form.html", context, status=422 if form.errors else 200)


@require_safe
def seeker(request: HttpRequest, pk: int) -> HttpResponse:
    _allowed(request)
    return _page(request, _found(request, pk))


@require_POST
def seeker_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The number in full, for this once; who looked is logged."""
    _allowed(request)
    found = _found(request, pk)
    audit.record(request.user, "seeker.phone", found)
    return _page(request, found, revealed=True)


@require_POST
def seeker_state(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer looks for work, or does again."""
    _allowed(request)
    found = _found(request, pk)
    if not may_keep_seeker(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    looking = request.POST.get("looking") == "yes"
    form = TakesNothing(request.POST)
    if not done(form, lambda data: services.set_looking(by=request.user, seeker=found, looking=looking)):
        return _page(request, _found(request, pk), refused=form, status=422)
    messages.success(request, "已恢复求职。" if looking else "已从求职清单移出。")
    return redirect("campaigns:seeker", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what is erased cannot be brought back."""
    _allowed(request)
    found = _found(request, pk)
    if not may_keep_seeker(request.user, found):
        raise PermissionDenied(WHO_KEEPS)
    form = TakesNothing(posted(request))
    if request.method == "POST":
        try:
            gone = erase_seeker(by=request.user, seeker=found)
        except ValidationError as error:
            form.is_valid()
            form.take_errors(error)
        else:
            messages.success(request, "个人信息已删除。")
            return redirect("campaigns:seekers") if gone else redirect("campaigns:seeker", pk)
    context = {"form": form, "seeker": found}
    return render(request, "campaigns/needs/erase_seeker.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> JobSeeker:
    rows = JobSeeker.objects.visible_to(request.user).select_related(
        "district", "region", "unit", "recorded_by"
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, found: JobSeeker, *, revealed: bool = False, refused: Any = None, status: int = 200
) -> HttpResponse:
    rules = rules_of(request.user)
    assert rules is not None
    keeps = may_keep_seeker(request.user, found)
    today = clock.today()
    looks = found.state == JobSeeker.State.LOOKING and not found.erased_at and found.keep_until >= today
    fits = openings_for(found, rules) if looks and keeps else []
    for fit in fits:
        describe(fit.opening, rules)
    history = Recommendation.objects.filter(seeker=found).select_related(
        "opening__enterprise", "opening__project", "recommended_by"
    )
    context = {
        "seeker": _described(found, rules),
        "trade": rules.label("trades", found.trade) if found.trade else "其他",
        "keeps": keeps,
        "looks": looks,
        "is_out_of_time": not found.erased_at and found.keep_until < today,
        "fits": fits,
        "history": [describe_one(one, rules) for one in history],
        "revealed": revealed,
        "refused": refused,
    }
    return render(request, "campaigns/needs/seeker.html", context, status=status)


def describe_one(recommendation: Recommendation, rules: Any) -> Recommendation:
    describe(recommendation.opening, rules)
    return recommendation
