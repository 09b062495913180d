"""Low ratings: what waits for the unit, one with its way, putting it right, appealing, ruling."""

from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Unit
from appeals.models import Appeal
from appeals.views.files import serve
from appeals.views.posted import form_token
from campaigns.models import LowRating, LowRatingEvidence
from campaigns.satisfaction.forms import DisputeForm, LowAnswerForm, RulingForm
from campaigns.satisfaction.permissions import may_answer, may_read, may_rule, rules_in
from campaigns.satisfaction.services import low_ratings as services
from campaigns.satisfaction.views.satisfaction import WHO_READS
from core import held_uploads, tokens
from core.http import done, drop_draft
from core.paging import WindowPaginator
from districts.profile import Rules

PER_PAGE = 25
State = LowRating.State


def _units(request: HttpRequest) -> Any:
    return Unit.objects.visible_to(request.user).filter(
        pk__in=LowRating.objects.visible_to(request.user).order_by().values("unit")
    )


class LowRatingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[*State.choices, ("overdue", "超期未答复")],
        method="by_state",
        empty_label="全部",
    )
    unit = django_filters.ModelChoiceFilter(label="单位", queryset=_units, empty_label="全部单位")

    class Meta:
        model = LowRating
        fields = ["state", "unit"]

    def by_state(self, queryset, name, value):
        return queryset.overdue() if value == "overdue" else queryset.filter(state=value)


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    if not may_read(request.user):
        raise PermissionDenied(WHO_READS)
    rules = rules_in(request.user.unit)
    rows = LowRating.objects.visible_to(request.user).select_related("unit", "official")
    filterset = LowRatingFilter(request.GET, queryset=rows, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for case in page:
        case.level_label = rules.label("satisfaction", case.level)
    return render(request, "campaigns/satisfaction/low_ratings.html", {"page": page, "filterset": filterset})


@require_safe
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


@require_POST
def answer_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = _found(request, pk)
    if not may_answer(request.user, case):
        raise PermissionDenied(services.WHO_ANSWERS)
    form = LowAnswerForm(request.POST)
    if not done(form, lambda data: services.answer(by=request.user, case=case, answer=data["answer"])):
        return _page(request, _found(request, pk), answer_form=form, status=422)
    messages.success(request, "已答复。")
    return redirect("campaigns:low_rating", pk)


@require_POST
def dispute_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = _found(request, pk)
    if not may_answer(request.user, case):
        raise PermissionDenied(services.WHO_ANSWERS)
    token = form_token(request)
    form = DisputeForm(request.POST, held_uploads.with_held(request.FILES, request.POST, token))

    def dispute(data: dict[str, Any]) -> LowRating:
        return services.dispute(
            by=request.user,
            case=case,
            reason=data["reason"],
            evidence=data["evidence"],
            files=data["attachments"],
        )

    if not done(form, dispute):
        held_uploads.hold(request.FILES, token)
        held = held_uploads.held_for(token)
        return _page(request, _found(request, pk), dispute_form=form, held=held, status=422)
    held_uploads.release(token)
    drop_draft(request, f"low-rating-dispute-{pk}")
    messages.success(request, "误评申诉已提出，等待裁定。")
    return redirect("campaigns:low_rating", pk)


@require_POST
def rule_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = _found(request, pk)
    if not may_rule(request.user, case, rules_in(request.user.unit)):
        raise PermissionDenied(services.WHO_RULES)
    form = RulingForm(request.POST)

    def rule(data: dict[str, Any]) -> LowRating:
        return services.rule(
            by=request.user, case=case, uphold=data["uphold"] == "yes", ruling=data["ruling"]
        )

    if not done(form, rule):
        return _page(request, _found(request, pk), ruling_form=form, status=422)
    messages.success(request, "已裁定，已通知被评价单位。")
    return redirect("campaigns:low_rating", pk)


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of the unit's appeal, for whoever sees the case."""
    return serve(get_object_or_404(LowRatingEvidence.objects.visible_to(request.user), pk=pk))


def _found(request: HttpRequest, pk: int) -> LowRating:
    rows = LowRating.objects.visible_to(request.user).select_related(
        "district",
        "unit__parent",
        "official",
        "appeal_rating__appeal",
        "answered_by",
        "disputed_by",
        "ruled_by",
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, case: LowRating, *, answer_form: Any = None, dispute_form: Any = None,
    ruling_form: Any = None, held: Any = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    """What may be done now is what has a form."""
    user = request.user
    rules = rules_in(user.unit)
    answers = case.state == State.OPEN and may_answer(user, case)
    disputes = answers and case.disputed_at is None and not case.is_overdue
    rules_on = case.state == State.DISPUTED and may_rule(user, case, rules)
    context = {
        "case": case,
        "level": rules.label("satisfaction", case.level),
        "steps": _steps(case, rules),
        "appeal_url": _appeal_url(request, case),
        "answer_form": (answer_form or LowAnswerForm()) if answers or answer_form else None,
        "dispute_form": (dispute_form or DisputeForm(initial={"token": tokens.new_token()}))
        if disputes or dispute_form
        else None,
        "held": held,
        "ruling_form": (ruling_form or RulingForm()) if rules_on or ruling_form else None,
    }
    return render(request, "campaigns/satisfaction/low_rating.html", context, status=status)


def _steps(case: LowRating, rules: Rules) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [
        {
            "label": f"收到低分评价：{rules.label('satisfaction', case.level)}",
            "at": case.opened_at,
            "tone": "done",
        }
    ]
    if case.disputed_at:
        text = f"{case.reason}\n依据：{case.evidence}"
        steps.append(
            {
                "label": "误评申诉",
                "at": case.disputed_at,
                "by": str(case.disputed_by),
                "text": text,
                "tone": "done",
                "attachments": [
                    {
                        "name": file.name,
                        "size": file.size,
                        "url": reverse("campaigns:low_rating_file", args=[file.pk]),
                    }
                    for file in case.files.all()
                ],
            }
        )
    if case.ruled_at:
        label = "误评成立，不计入" if case.state == State.UPHELD else "误评不成立，照常计入"
        steps.append(
            {
                "label": label,
                "at": case.ruled_at,
                "by": str(case.ruled_by),
                "text": case.ruling,
                "tone": "done",
            }
        )
    if case.answered_at:
        label = "已答复（超期）" if case.late else "已答复"
        steps.append(
            {
                "label": label,
                "at": case.answered_at,
                "by": str(case.answered_by),
                "text": case.answer,
                "tone": "done",
            }
        )
    if case.state == State.DISPUTED:
        steps.append({"label": f"等待{services.ruling_unit(case, rules)}裁定", "tone": "now"})
    elif case.state == State.OPEN:
        steps.append({"label": f"等待{case.unit}答复", "tone": "now"})
    return steps


def _appeal_url(request: HttpRequest, case: LowRating) -> str:
    if case.appeal_rating is None:
        return ""
    appeal = case.appeal_rating.appeal
    if not Appeal.objects.visible_to(request.user).filter(pk=appeal.pk).exists():
        return ""
    return reverse("appeals:detail", args=[appeal.number])
