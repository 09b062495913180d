"""政策兑现: the list, recording a payment, taking a mistaken one back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from core.wording import speak
from enterprises.subjects import shown_subject
from policies.filters import PaymentFilter
from policies.forms import PaymentForm, ReverseForm
from policies.models import Claim, Payment
from policies.payments import NOT_YOURS, may_reverse, record_payment, reverse_payment
from policies.permissions import may_keep

PER_PAGE = 25


@require_safe
def payment_list(request: HttpRequest) -> HttpResponse:
    payments = Payment.objects.visible_to(request.user).select_related(
        "policy", "unit", "enterprise", "project", "reversal", "reverses"
    )
    filterset = PaymentFilter(request.GET, queryset=payments, request=request)
    found = filterset.qs
    page = WindowPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for payment in page:
        payment.may_reverse = payment.is_standing and may_reverse(request.user, payment)
    totals = found.order_by().aggregate(total=Sum("amount"))
    firms = found.standing().order_by().aggregate(firms=Count("enterprise", distinct=True))
    context = {
        "filterset": filterset,
        "page": page,
        "totals": totals | firms,
        "may_keep": may_keep(request.user),
    }
    return render(request, "policies/payments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_payment(request: HttpRequest) -> HttpResponse:
    """``?claim=``, or ``?policy=`` and ``?enterprise=`` or ``?project=``, choose beforehand."""
    if not may_keep(request.user):
        raise PermissionDenied(NOT_YOURS)
    form = PaymentForm(posted(request), user=request.user, initial=_chosen_beforehand(request))
    if done_once(request, form, "payment", lambda data: _made(request, form).pk, draft="payment-new"):
        data = form.cleaned_data
        messages.success(request, f"已登记向“{data['subject'].name}”兑现 {data['amount']} 万元。")
        if data["claim"]:
            return redirect("policies:claim", data["claim"].pk)
        return redirect("policies:payments")
    context = {"form": form, "shown": shown_subject(form), "claim": _claim_of(form)}
    return render(request, "policies/payment_form.html", context, status=422 if form.errors else 200)


def _claim_of(form: PaymentForm) -> Claim | None:
    """The claim it is paid on, also of a form that came back."""
    try:
        return form.fields["claim"].clean(form["claim"].value())
    except ValidationError:
        return None


def _made(request: HttpRequest, form: PaymentForm) -> Payment:
    data = form.cleaned_data
    return record_payment(
        by=request.user,
        unit=data["unit"],
        policy=data["policy"],
        subject=data["subject"],
        amount=data["amount"],
        basis=data["basis"],
        day=data["day"],
        claim=data["claim"],
    )


def _chosen_beforehand(request: HttpRequest) -> dict[str, object]:
    initial: dict[str, object] = {"token": tokens.new_token()}
    if request.GET.get("policy", "").isdecimal():
        initial["policy"] = request.GET["policy"]
    for name in ("enterprise", "project"):
        if name in request.GET:
            initial["subject"] = f"{name}-{request.GET[name]}"
    key = request.GET.get("claim", "")
    if key.isascii() and key.isdigit() and len(key) < 19:
        claims = Claim.objects.visible_to(request.user).with_paid()
        if claim := claims.select_related("enterprise", "project").filter(pk=key).first():
            initial |= {
                "claim": claim.pk,
                "unit": claim.unit_id,
                "policy": claim.policy_id,
                "subject": claim.subject,
                "amount": claim.left,
            }
    return initial


@require_http_methods(["GET", "HEAD", "POST"])
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what is taken back, why, and in which table that shows."""
    payments = Payment.objects.visible_to(request.user).select_related(
        "policy", "unit", "enterprise", "project", "reversal"
    )
    payment = get_object_or_404(payments, pk=pk)
    if not may_reverse(request.user, payment):
        raise PermissionDenied(speak("只有兑现单位的联络员、负责人和牵头局调度员可以冲销。"))
    form = ReverseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            reverse_payment(by=request.user, payment=payment, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"已冲销“{payment.subject_name}”的 {payment.amount} 万元。")
            return redirect("policies:payments")
    context = {"form": form, "payment": payment}
    return render(request, "policies/reverse.html", context, status=422 if form.errors else 200)
