"""检查计划: the month, which inspections could be one, planning with its warnings, and what came of each."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from core.wording import speak
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.grade_querysets import rules_for
from enterprises.grades import inspections as services
from enterprises.grades.inspection_forms import (
    CancelForm,
    MonthForm,
    MoveForm,
    PlanForm,
    RectifiedForm,
    ResultForm,
    SuggestForm,
)
from enterprises.grades.permissions import (
    WHO_PLANS,
    may_advise,
    may_change_inspection,
    may_plan_inspections,
)
from enterprises.grades.reading import held_by, may_read
from enterprises.models import Enterprise, Inspection
from enterprises.views.grades import grade_tabs, posted, rules_or_404

PER_PAGE = 50
MOST_COMPARED = 1000
DRAFT = "inspection"


@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    """Of a month, by day; above it the firms that two organs plan to go to within a few weeks."""
    rules = rules_or_404(request)
    asked = request.GET.copy()
    asked["month"] = asked.get("month") or f"{clock.today():%Y-%m}"
    form = MonthForm(asked, user=request.user, rules=rules)
    form.is_valid()
    first, last = _month(form.cleaned_data.get("month") or "")
    visible = Inspection.objects.visible_to(request.user).select_related("enterprise__region", "unit")
    visible = visible.prefetch_related("partners")
    rows = visible.filter(planned_on__gte=first, planned_on__lte=last)
    if unit := form.cleaned_data.get("unit"):
        rows = rows.filter(pk__in=Inspection.objects.by_unit(unit).values("pk"))
    page = WindowPaginator(rows.order_by("planned_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _shown(page.object_list, rules)
    days = rules.grades.joint_within_days
    near = visible.standing().filter(
        services.planned_between(request.user.unit.district_id, first, last, days), held_at__isnull=True
    )
    to_rectify = visible.filter(rectify_by__isnull=False, rectified_on__isnull=True).order_by(
        "rectify_by", "pk"
    )
    context = {
        "form": form,
        "page": page,
        "first": first,
        "rules": rules,
        "meetings": services.joint_suggestions(list(near[:MOST_COMPARED]), days),
        "to_rectify": to_rectify[:PER_PAGE],
        "today": clock.today(),
        "may_plan": may_plan_inspections(request.user, rules),
        "tabs": grade_tabs(request, rules, "inspections"),
    }
    return render(request, "enterprises/grades/inspections.html", context)


def _month(text: str) -> tuple[date, date]:
    today = clock.today()
    year, month = (int(text[:4]), int(text[5:])) if text else (today.year, today.month)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _shown(rows: Any, rules: Rules) -> list[Inspection]:
    """Each with its basis in words and the grade in the leading organ's field."""
    found = list(rows)
    held = held_by([one.enterprise_id for one in found])
    for one in found:
        one.basis_label = rules.grades.basis_label(one.basis)
        mine = held.get(one.enterprise_id, {})
        fields = rules.grades.fields_of(one.unit.code)
        graded = [mine[field.code] for field in fields if field.code in mine]
        one.grade = rules.grades.grade(graded[0].grade) if graded else None
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def plan_inspection(request: HttpRequest) -> HttpResponse:
    rules = rules_or_404(request)
    if not may_plan_inspections(request.user, rules):
        raise PermissionDenied(WHO_PLANS)
    initial: dict[str, Any] = {"token": tokens.new_token()}
    if firm := _asked_firm(request):
        initial["enterprise"] = firm
    form = PlanForm(posted(request), user=request.user, rules=rules, initial=initial)
    if request.method == "POST" and form.is_valid() and (found := _planned(request, form)):
        drop_draft(request, DRAFT)
        messages.success(request, speak("已列入检查计划，企业所在乡镇办、园区可以建议检查时间。"))
        return redirect("enterprises:inspection", int(found))
    context = {"form": form, "rules": rules, "draft": DRAFT, "shown": _name_of(form)}
    return render(request, "enterprises/grades/plan.html", context, status=422 if form.is_bound else 200)


def _asked_firm(request: HttpRequest) -> Enterprise | None:
    text = request.GET.get("enterprise", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return Enterprise.objects.visible_to(request.user).active().filter(pk=text).first()


def _name_of(form: PlanForm) -> str:
    try:
        chosen = form.fields["enterprise"].clean(form["enterprise"].value())
    except ValidationError:
        chosen = None
    return chosen.name if chosen else ""


def _planned(request: HttpRequest, form: PlanForm) -> str:
    token = form.cleaned_data["token"] or tokens.new_token()
    try:
        return tokens.once(
            f"inspection:{request.user.pk}:{token}",
            lambda: services.plan_inspection(by=request.user, visit=form.visit()).pk,
        )
    except ValidationError as error:
        form.take_errors(error)
        return ""


# --- One inspection -------------------------------------------------------------------------------

FORMS: dict[str, type[TakesErrors]] = {
    "move": MoveForm,
    "cancel": CancelForm,
    "suggest": SuggestForm,
    "record": ResultForm,
    "rectified": RectifiedForm,
}
SERVICES: dict[str, Callable[..., Inspection]] = {
    "move": services.move_inspection,
    "cancel": services.cancel_inspection,
    "suggest": services.suggest_day,
    "record": services.record_result,
    "rectified": services.record_rectified,
    "join": services.join_inspection,
}
DONE = {
    "move": "已改期。",
    "cancel": "已取消这次检查。",
    "suggest": "已把建议转给检查单位。",
    "record": "已登记检查结果。",
    "rectified": "已登记整改完成，可以据此调整等级。",
    "join": "本单位已参加这次联合检查。",
}


@require_safe
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Inspection:
    rows = Inspection.objects.visible_to(request.user).select_related(
        "enterprise__region", "unit", "planned_by", "recorded_by", "suggested_by", "district"
    )
    return get_object_or_404(rows.prefetch_related("partners"), pk=pk)


@require_POST
def inspection_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    if action not in SERVICES:
        raise Http404
    found = _found(request, pk)
    form = FORMS[action](request.POST, prefix=action) if action in FORMS else None
    if form is None or form.is_valid():
        try:
            SERVICES[action](by=request.user, inspection=found, **(form.cleaned_data if form else {}))
        except ValidationError as error:
            if form is None:
                messages.error(request, "".join(error.messages))
                return redirect("enterprises:inspection", pk)
            form.take_errors(error)
        else:
            messages.success(request, DONE[action])
            return redirect("enterprises:inspection", pk)
    assert form is not None
    if action not in _actions(request, found, rules_for(request.user)):
        raise PermissionDenied("现在不能对这次检查做这一步。")
    return _page(request, found, action, form)


def _actions(request: HttpRequest, found: Inspection, rules: Rules | None) -> set[str]:
    """What may be done now; each has its form on the page."""
    user, actions = request.user, set()
    leads = may_change_inspection(user, rules, found)
    if leads and found.is_open:
        actions |= {"move", "cancel", "record"}
    if leads and found.rectify_by and not found.rectified_on and found.held_at:
        actions.add("rectified")
    if may_advise(user, found):
        actions.add("suggest")
    partners = {unit.pk for unit in found.partners.all()}
    if may_plan_inspections(user, rules) and found.is_open and user.unit_id not in {found.unit_id, *partners}:
        actions.add("join")
    return actions


def _page(
    request: HttpRequest, found: Inspection, action: str = "", form: TakesErrors | None = None
) -> HttpResponse:
    rules = rules_for(request.user)
    if rules is None:
        raise Http404
    actions = _actions(request, found, rules)
    forms = {name: FORMS[name](prefix=name) for name in actions if name in FORMS}
    if "move" in forms and found.suggested_on:
        forms["move"] = MoveForm(prefix="move", initial={"planned_on": found.suggested_on})
    if form is not None:
        forms[action] = form
    _shown([found], rules)
    others = Inspection.objects.visible_to(request.user).filter(
        ~Q(pk=found.pk), enterprise=found.enterprise_id
    )
    context = {
        "inspection": found,
        "forms": forms,
        "actions": actions,
        "wrong": form,
        "rules": rules,
        "today": clock.today(),
        "others": others.select_related("unit").order_by("-planned_on", "-pk")[:8],
        "may_see_firm": may_read(request.user, found.enterprise, rules),
    }
    return render(request, "enterprises/grades/inspection.html", context, status=422 if form else 200)
