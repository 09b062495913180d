"""What a policy asks of a firm, entered on a form: no programming, one condition at a time."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core import tokens
from core.http import posted
from districts.models import DistrictProfile
from policies.condition_entry import add_condition, remove_condition
from policies.condition_forms import ConditionForm, fields_to_choose
from policies.library import NOT_YOURS
from policies.models import Policy, PolicyCondition
from policies.permissions import may_change
from policies.selectors import firms_for, firms_unsure


@require_http_methods(["GET", "HEAD", "POST"])
def conditions(request: HttpRequest, pk: int) -> HttpResponse:
    """``?field=`` chooses what is compared; the form then has what that needs."""
    policies = Policy.objects.visible_to(request.user).select_related("unit", "district")
    policy = get_object_or_404(policies, pk=pk)
    if not may_change(request.user, policy):
        raise PermissionDenied(NOT_YOURS)
    fields = fields_to_choose()
    chosen = request.GET.get("field", "")
    form = None
    if chosen in dict(fields):
        rules = DistrictProfile.objects.in_force(policy.district).rules
        initial = {"token": tokens.new_token()}
        form = ConditionForm(posted(request), policy=policy, field=chosen, rules=rules, initial=initial)
    if request.method == "POST":
        if form is None:
            messages.warning(request, "请先选择比对项。")
        elif form.is_valid() and _added(request, policy, chosen, form):
            messages.success(request, "条件已添加。")
            return redirect("policies:conditions", pk)
    context = {
        "policy": policy,
        "conditions": list(policy.conditions.all()),
        "fields": fields,
        "chosen": chosen,
        "chosen_label": dict(fields).get(chosen, ""),
        "form": form,
        "firms": firms_for(policy, request.user).count(),
        "unsure": firms_unsure(policy, request.user).count(),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "policies/conditions.html", context, status=status)


def _added(request: HttpRequest, policy: Policy, chosen: str, form: ConditionForm) -> bool:
    key = f"condition:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    given = form.given()
    try:
        tokens.once(key, lambda: add_condition(by=request.user, policy=policy, field=chosen, **given).pk)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = PolicyCondition.objects.visible_to(request.user).select_related("policy__unit")
    condition = get_object_or_404(rows, pk=pk)
    if not may_change(request.user, condition.policy):
        raise PermissionDenied(NOT_YOURS)
    try:
        remove_condition(by=request.user, condition=condition)
    except ValidationError as error:
        messages.warning(request, "；".join(error.messages))
    else:
        messages.success(request, "条件已删除。")
    return redirect("policies:conditions", condition.policy_id)
