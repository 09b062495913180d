"""意见建议: what waits for an answer, all of them, one with its way, and recording one heard outside a visit."""

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

from core import tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from districts.models import DistrictProfile
from enterprises.models import Enterprise, Project
from liaisons.filters import OpinionFilter
from liaisons.forms.opinions import AnswerForm, OpinionForm, PassOnForm
from liaisons.models import Opinion, Visit
from liaisons.permissions import may_answer, may_pass_on, may_record_opinion
from liaisons.querysets import OpinionQuerySet
from liaisons.selectors import rules_of
from liaisons.services import opinions as services

PER_PAGE = 25
DRAFT = "opinion"


@dataclass(frozen=True)
class Step:
    """One stretch of an opinion's way, for the timeline."""

    label: str
    at: datetime | None = None
    by: str = ""
    text: str = ""
    tone: str = "done"


@require_safe
def opinion_list(request: HttpRequest) -> HttpResponse:
    """What waits for the own unit's answer, the oldest first."""
    waiting = _listed(request).to_answer(request.user.unit_id).order_by("occurred_at", "pk")
    page = WindowPaginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "liaisons/opinions.html", _list_context(request, page))


@require_safe
def all_opinions(request: HttpRequest) -> HttpResponse:
    rows = _listed(request).order_by("-occurred_at", "-pk")
    filterset = OpinionFilter(request.GET, queryset=rows, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "liaisons/opinions.html", _list_context(request, page, filterset))


def _listed(request: HttpRequest) -> OpinionQuerySet:
    rows = Opinion.objects.visible_to(request.user)
    return rows.select_related("unit", "passed_to", "enterprise", "project")


def _list_context(request: HttpRequest, page: Any, filterset: OpinionFilter | None = None) -> dict[str, Any]:
    waiting = Opinion.objects.visible_to(request.user).to_answer(request.user.unit_id).order_by().count()
    tabs = [
        {
            "label": "本单位待答复",
            "url": reverse("liaisons:opinions"),
            "current": filterset is None,
            "count": waiting,
        },
        {"label": "全部", "url": reverse("liaisons:all_opinions"), "current": filterset is not None},
    ]
    return {
        "page": page,
        "filterset": filterset,
        "tabs": tabs,
        "may_record": may_record_opinion(request.user),
    }


# --- Recording ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def record_opinion(request: HttpRequest) -> HttpResponse:
    rules = rules_of(request.user)
    if rules is None or not may_record_opinion(request.user):
        raise PermissionDenied(services.WHO_RECORDS)
    form = OpinionForm(
        request.POST or None, user=request.user, rules=rules, initial={"token": tokens.new_token()}
    )
    if request.method == "POST" and form.is_valid():
        key = f"opinion:{request.user.pk}:{form.cleaned_data['token']}"
        if pk := _recorded(request, form, key):
            drop_draft(request, DRAFT)
            return redirect("liaisons:opinion", int(pk))
    context = {"form": form, "draft": DRAFT, "shown": _shown(form)}
    status = 422 if request.method == "POST" else 200
    return render(request, "liaisons/record_opinion.html", context, status=status)


def _recorded(request: HttpRequest, form: OpinionForm, key: str) -> str:
    """The opinion's id; "" if it was refused."""
    data = form.cleaned_data
    fields = ("content", "handling", "passed_to", "occurred_at", "subject", "claimed_name")

    def record() -> int:
        opinion = services.record_opinion(by=request.user, **{name: data[name] for name in fields})
        messages.success(request, "意见建议已登记。")
        return opinion.pk

    try:
        return tokens.once(key, record)
    except ValidationError as error:
        form.add_error(None, error)
        return ""


def _shown(form: OpinionForm) -> str:
    """The firm's name beside the hidden choice, as long as it is one the user may choose."""
    try:
        chosen = form.fields["subject"].clean(form["subject"].value())
    except ValidationError:
        chosen = None
    return chosen.name if chosen else ""


# --- One opinion ----------------------------------------------------------------------------------


@require_safe
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@require_POST
def pass_on_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not found.answered_at and not may_pass_on(request.user, found):
        raise PermissionDenied(services.WHO_PASSES_ON)
    form = _pass_on_form(request, found, request.POST)
    done = _done(
        form, lambda data: services.pass_on(by=request.user, opinion=found, passed_to=data["passed_to"])
    )
    if not done:
        return _page(request, _found(request, pk), pass_on_form=form, status=422)
    messages.success(request, f"已提请{form.cleaned_data['passed_to']}协调，已通知该部门。")
    return redirect("liaisons:opinion", pk)


@require_POST
def answer_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not found.answered_at and not may_answer(request.user, found):
        raise PermissionDenied(services.WHO_ANSWERS)
    form = AnswerForm(request.POST)
    done = _done(
        form, lambda data: services.answer_opinion(by=request.user, opinion=found, answer=data["answer"])
    )
    if not done:
        return _page(request, _found(request, pk), answer_form=form, status=422)
    messages.success(request, "已答复。")
    return redirect("liaisons:opinion", pk)


def _done(form: Form, service: Callable[[dict[str, Any]], Opinion]) -> bool:
    if not form.is_valid():
        return False
    try:
        service(form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _found(request: HttpRequest, pk: int) -> Opinion:
    rows = Opinion.objects.visible_to(request.user).select_related(
        "district", "region", "unit", "passed_to", "enterprise", "project", "visit", "event",
        "recorded_by", "passed_by", "answered_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _pass_on_form(request: HttpRequest, found: Opinion, data: QueryDict | None = None) -> PassOnForm:
    rules = DistrictProfile.objects.in_force(found.district).rules
    return PassOnForm(data, user=request.user, rules=rules, opinion=found)


def _page(
    request: HttpRequest,
    found: Opinion,
    *,
    pass_on_form: PassOnForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """What may be done now is what has a form."""
    user = request.user
    may_see_visit = bool(found.visit_id) and Visit.objects.visible_to(user).filter(pk=found.visit_id).exists()
    if pass_on_form is None and may_pass_on(user, found):
        pass_on_form = _pass_on_form(request, found)
    if answer_form is None and may_answer(user, found):
        answer_form = AnswerForm()
    context = {
        "opinion": found,
        "steps": _steps(found),
        "subject_url": _subject_url(request, found.subject),
        "may_see_visit": may_see_visit,
        "pass_on_form": pass_on_form,
        "answer_form": answer_form,
    }
    return render(request, "liaisons/opinion.html", context, status=status)


def _steps(found: Opinion) -> list[Step]:
    steps = [
        Step(
            "听取",
            found.occurred_at,
            f"{found.unit} {found.recorded_by}登记",
            "" if found.handling == Opinion.Handling.HEARD else found.get_handling_display(),
        )
    ]
    if found.passed_to and found.passed_at:
        who = f"{found.passed_by}提请" if found.passed_by else ""
        steps.append(Step(f"提请{found.passed_to}协调", found.passed_at, who))
    if found.answered_at:
        steps.append(Step("已答复", found.answered_at, f"{found.holder} {found.answered_by}", found.answer))
    else:
        steps.append(Step(f"等待{found.holder}答复", tone="now"))
    return steps


def _subject_url(request: HttpRequest, subject: Enterprise | Project | None) -> str:
    """The firm's page, for whoever may see it."""
    if subject is None or not type(subject).objects.visible_to(request.user).filter(pk=subject.pk).exists():
        return ""
    return reverse(f"portal:{subject._meta.model_name}", args=[subject.pk])
