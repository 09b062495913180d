"""兑现申请: how far each is, what is overdue, and the totals by policy, year and firm."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from enterprises.subjects import shown_subject
from policies import claims as services
from policies.filters import ClaimFilter
from policies.list_forms import ApproveForm, ClaimForm, ClaimReasonForm
from policies.models import Claim, Payment
from policies.money_figures import claim_figures, totals_by
from policies.payments import may_reverse
from policies.permissions import may_keep

PER_PAGE = 25
RELATED = ("policy", "unit", "enterprise", "project")


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    """The day by which it was promised first, so that what is overdue stands on top."""
    visible = Claim.objects.visible_to(request.user).with_paid()
    filterset = ClaimFilter(
        request.GET,
        queryset=visible.select_related(*RELATED).defer("policy__summary", "policy__search_text"),
        request=request,
    )
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filterset": filterset,
        "page": page,
        "figures": claim_figures(filterset.qs),
        "may_keep": may_keep(request.user),
    }
    return render(request, "policies/claims.html", context)


@require_safe
def totals(request: HttpRequest) -> HttpResponse:
    """What was paid, by policy, by year or by firm: the same payments that the list shows."""
    by = request.GET.get("by", "")
    by = by if by in ("policy", "year", "firm") else "policy"
    rows = totals_by(Payment.objects.visible_to(request.user), by)
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {"label": label, "url": f"?by={key}", "current": key == by}
        for key, label in (("policy", "按政策"), ("year", "按年度"), ("firm", "按企业"))
    ]
    return render(request, "policies/payment_totals.html", {"page": page, "tabs": tabs, "by": by})


@require_http_methods(["GET", "HEAD", "POST"])
def new_claim(request: HttpRequest) -> HttpResponse:
    """``?policy=`` and ``?enterprise=`` or ``?project=`` choose beforehand."""
    if not may_keep(request.user):
        raise PermissionDenied(services.NOT_YOURS)
    initial: dict[str, Any] = {"token": tokens.new_token()}
    if request.GET.get("policy", "").isdecimal():
        initial["policy"] = request.GET["policy"]
    for name in ("enterprise", "project"):
        if name in request.GET:
            initial["subject"] = f"{name}-{request.GET[name]}"
    form = ClaimForm(posted(request), user=request.user, initial=initial)

    def make(data: dict[str, Any]) -> int:
        given = {name: value for name, value in data.items() if name != "token"}
        return services.apply(by=request.user, **given).pk

    if pk := done_once(request, form, "claim", make, draft="claim-new"):
        messages.success(request, "已登记兑现申请，请核定金额和承诺兑付日期。")
        return redirect("policies:claim", int(pk))
    context = {"form": form, "shown": shown_subject(form)}
    return render(request, "policies/claim_form.html", context, status=422 if form.errors else 200)


@require_safe
def claim_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Claim:
    claims = Claim.objects.visible_to(request.user).with_paid()
    return get_object_or_404(claims.select_related(*RELATED, "recorded_by", "region"), pk=pk)


def _page(
    request: HttpRequest, claim: Claim, sent: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    decides = services.may_decide(request.user, claim)
    running = claim.state in (Claim.State.APPLIED, Claim.State.APPROVED)
    forms: dict[str, Any] = {}
    token = {"token": tokens.new_token()}
    if decides and running:
        amount = claim.approved_amount or claim.applied_amount
        forms["approve"] = ApproveForm(
            initial=token | {"amount": amount, "promised_on": claim.promised_on}, auto_id="id_approve_%s"
        )
        if not claim.paid:
            for name in ("refuse", "withdraw"):
                forms[name] = ClaimReasonForm(initial=token, auto_id=f"id_{name}_%s")
    payments = list(claim.payments.select_related("unit", "reversal", "reverses", "recorded_by"))
    for payment in payments:
        payment.may_reverse = payment.is_standing and may_reverse(request.user, payment)
    context = {
        "claim": claim,
        "payments": payments,
        "forms": forms | (sent or {}),
        "may_pay": decides and claim.state == Claim.State.APPROVED and claim.left > 0,
    }
    return render(request, "policies/claim.html", context, status=status)


_ACTS: dict[str, tuple[type[Any], Callable[..., Claim], tuple[str, ...], str]] = {
    "approve": (ApproveForm, services.approve, ("amount", "promised_on"), "已核定。"),
    "refuse": (ClaimReasonForm, services.refuse, ("reason",), "已登记为不予兑现。"),
    "withdraw": (ClaimReasonForm, services.withdraw, ("reason",), "已撤回。"),
}


@require_POST
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    claim = _found(request, pk)
    if not services.may_decide(request.user, claim):
        raise PermissionDenied(services.NOT_YOURS)
    form_class, service, fields, said = _ACTS[step]
    form = form_class(request.POST, auto_id=f"id_{step}_%s")

    def decide(data: dict[str, Any]) -> int:
        return service(by=request.user, claim=claim, **{name: data[name] for name in fields}).pk

    if done_once(request, form, f"claim:{step}:{pk}", decide):
        messages.success(request, said)
        return redirect("policies:claim", pk)
    return _page(request, _found(request, pk), {step: form}, status=422)
