"""Training subsidies: the list with a year's totals, filing, one plan with what may be done to it now."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import TrainingPlan
from campaigns.rotas.filters import TrainingFilter
from campaigns.rotas.forms.records import DecideForm, FileTrainingForm, HoldTrainingForm, PayForm
from campaigns.rotas.services import training as services
from campaigns.rotas.views.pages import carried_out, form_page, fresh, go
from core import clock
from core.http import posted
from core.paging import WindowPaginator

PER_PAGE = 25
State = TrainingPlan.State


@require_safe
def training_list(request: HttpRequest) -> HttpResponse:
    rows = TrainingPlan.objects.visible_to(request.user).select_related("enterprise", "filed_unit")
    filterset = TrainingFilter(request.GET, queryset=rows.order_by("-filed_at", "-pk"), request=request)
    found = filterset.qs
    page = WindowPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    totals = found.order_by().aggregate(
        plans=Count("pk"),
        held=Count("pk", filter=Q(held_at__isnull=False)),
        granted=Sum("subsidy"),
        paid=Sum("subsidy", filter=Q(state=State.PAID)),
    )
    context = {
        "filterset": filterset,
        "page": page,
        "totals": totals,
        "may_file": services.may_file(request.user),
    }
    return render(request, "campaigns/rotas/training.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def file_training(request: HttpRequest) -> HttpResponse:
    if not services.may_file(request.user):
        raise PermissionDenied(services.WHO_FILES)
    initial = fresh({"subject": request.GET.get("subject", "")})
    form = FileTrainingForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name not in {"token", "subject"}}

        def make() -> int:
            enterprise = form.cleaned_data["subject"]
            return services.file_plan(by=request.user, enterprise=enterprise, **data).pk

        if pk := carried_out(request, form, "training", make):
            messages.success(request, "已备案，审批单位会收到通知。")
            return go("training_plan", int(pk))
    return form_page(
        request,
        form,
        title="培训备案",
        lead="企业自行开展的培训，经备案审批后按培训费的比例给予补贴。先备案，后开展。",
        submit="备案",
        back=reverse("campaigns:training"),
        back_label="培训补贴",
        draft="training",
    )


def _found(request: HttpRequest, pk: int) -> TrainingPlan:
    rows = TrainingPlan.objects.visible_to(request.user).select_related(
        "enterprise", "district", "filed_unit", "filed_by", "deciding_unit", "decided_by", "settled_by",
        "payment__reversal",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@require_safe
def training_plan(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)
    user = request.user
    decides = services.decides(user, plan)
    files = (user.unit_id == plan.filed_unit_id and services.may_file(user)) or decides
    is_reversed = plan.payment is not None and not plan.payment.is_standing
    rules = services.rules_of_plan(plan)
    context = {
        "plan": plan,
        "is_reversed": is_reversed,
        "percent": rules.share * 100,
        "expected": services.subsidy_of(plan.base or plan.fee, rules),
        "may_decide": decides and plan.state == State.FILED,
        "may_hold": files and plan.state == State.APPROVED and clock.today() >= plan.ends,
        "may_settle": decides and plan.state == State.HELD,
        "may_pay": decides and (plan.state == State.SETTLED or (plan.state == State.PAID and is_reversed)),
        "may_withdraw": user.pk == plan.filed_by_id and plan.state in {State.FILED, State.APPROVED},
    }
    return render(request, "campaigns/rotas/training_plan.html", context)


def _step(request: HttpRequest, plan: TrainingPlan, form, title: str, do, done: str, **more) -> HttpResponse:
    """One step with a form of its own; what the service refuses stands beside the fields."""
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "token"}
        if carried_out(request, form, f"training-{plan.pk}-{do.__name__}", lambda: do(plan, data).pk):
            messages.success(request, done)
            return go("training_plan", plan.pk)
    return form_page(
        request,
        form,
        title=title,
        back=reverse("campaigns:training_plan", args=[plan.pk]),
        back_label=plan.title,
        **({"lead": f"{plan.enterprise}　{plan.title}"} | more),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide_training(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)
    if not services.decides(request.user, plan):
        raise PermissionDenied(services.WHO_DECIDES)

    def decide(plan, data):
        return services.decide(by=request.user, plan=plan, **data)

    form = DecideForm(posted(request), user=request.user, initial=fresh())
    return _step(request, plan, form, "审批", decide, "已审批，备案单位会收到通知。")


@require_http_methods(["GET", "HEAD", "POST"])
def hold_training(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)

    def hold(plan, data):
        return services.hold(by=request.user, plan=plan, **data)

    form = HoldTrainingForm(posted(request), user=request.user, initial=fresh())
    files = request.user.unit_id == plan.filed_unit_id and services.may_file(request.user)
    if not files and not services.decides(request.user, plan):
        raise PermissionDenied("培训开展情况由备案单位或审批单位登记。")
    return _step(request, plan, form, "登记开展情况", hold, "已登记，等待核定补贴。")


@require_POST
def settle_training(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)
    if not services.decides(request.user, plan):
        raise PermissionDenied(services.WHO_DECIDES)
    try:
        plan = services.settle(by=request.user, plan=plan)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, f"已核定补贴 {plan.subsidy} 元。")
    return go("training_plan", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def pay_training(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)
    if not services.decides(request.user, plan):
        raise PermissionDenied(services.WHO_DECIDES)

    def pay(plan, data):
        return services.pay(by=request.user, plan=plan, **data)

    form = PayForm(posted(request), user=request.user, initial=fresh())
    lead = f"{plan.enterprise}　{plan.title}　补贴 {plan.subsidy or 0} 元。同时计入政策兑现，不必另行登记。"
    return _step(request, plan, form, "登记兑现", pay, "已登记兑现。", lead=lead)


@require_POST
def withdraw_training(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _found(request, pk)
    try:
        services.withdraw(by=request.user, plan=plan)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已撤回备案。")
    return go("training_plan", pk)
