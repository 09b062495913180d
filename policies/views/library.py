"""The policies of the district: the list, one policy, the form, the list to print and hand out."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core import clock, tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from core.qr import qr_svg
from districts.models import DistrictProfile
from enterprises.models import Enterprise
from policies.conditions import known_of_many
from policies.filters import FirmFilter, PolicyFilter
from policies.forms import PolicyForm
from policies.library import NOT_YOURS, change_policy, end_policy, publish_policy, restore_policy
from policies.models import Claim, HandOut, Payment, Policy, PolicyList
from policies.money_figures import claim_figures
from policies.permissions import may_change, may_hand_out, may_keep
from policies.selectors import (
    conditions_of,
    firms_for,
    firms_out,
    firms_unsure,
    fit_of,
    for_whom,
    projects_for,
)

PER_PAGE = 25
SHOWN = 8
MOST_ON_A_SHEET = 40


def _policies(request: HttpRequest) -> QuerySet[Policy]:
    policies = Policy.objects.visible_to(request.user).select_related("unit", "district")
    return policies.prefetch_related("conditions")


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    policies = _policies(request).closing_soon_first()
    filterset = PolicyFilter(request.GET, queryset=policies, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    # Copies given by whom the reader may see; one query for the page, not one a policy.
    given = HandOut.objects.visible_to(request.user).filter(policy__in=[policy.pk for policy in page])
    copies = dict(given.order_by().values_list("policy").annotate(Sum("copies")))
    for policy in page:
        policy.copies_given = copies.get(policy.pk, 0)
    context = {
        "filterset": filterset,
        "page": page,
        "may_keep": may_keep(request.user),
        "most_on_a_sheet": MOST_ON_A_SHEET,
    }
    return render(request, "policies/list.html", context)


@require_safe
def policy_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, for whom it is, which firms that are, and what was handed out and paid."""
    policy = get_object_or_404(_policies(request), pk=pk)
    user = request.user
    given = HandOut.objects.visible_to(user).filter(of_policy(policy))
    paid = Payment.objects.visible_to(user).filter(policy=policy)
    firms, projects = firms_for(policy, user), projects_for(policy, user)
    context = {
        "policy": policy,
        "conditions": conditions_of(policy),
        "firms": firms.select_related("region").order_by("tier", "id")[:SHOWN],
        "firms_total": firms.count(),
        "firms_unsure": firms_unsure(policy, user).count(),
        "projects": projects.order_by("id")[:SHOWN],
        "projects_total": projects.count(),
        "hand_outs": given.select_related("enterprise", "project", "unit", "policy_list")[:SHOWN],
        "given": given.order_by().aggregate(copies=Sum("copies"), firms=Count("enterprise", distinct=True)),
        "payments": paid.select_related("enterprise", "project", "unit", "reversal")[:SHOWN],
        "paid": paid.order_by().aggregate(total=Sum("amount"))["total"],
        "paid_firms": paid.standing().order_by().aggregate(firms=Count("enterprise", distinct=True))["firms"],
        "claims": claim_figures(Claim.objects.visible_to(user).with_paid().filter(policy=policy)),
        "is_open": policy.is_open,
        "may_change": may_change(user, policy),
        "may_pay": may_keep(user),
        "may_hand_out": may_hand_out(user) and policy.active,
        "shown": SHOWN,
    }
    return render(request, "policies/policy.html", context)


@require_safe
def policy_firms(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to tell: the firms it fits, those not told yet to be picked out; and, on tabs of their own, the others."""
    policy = get_object_or_404(_policies(request), pk=pk)
    user = request.user
    counts = {name: find(policy, user).count() for name, (_, find) in GROUPS.items()}
    chosen = request.GET.get("fit", "")
    chosen = chosen if chosen in GROUPS else "met"
    firm = OuterRef("pk")
    given = HandOut.objects.visible_to(user).filter(of_policy(policy), enterprise=firm)
    paid = Payment.objects.visible_to(user).standing().filter(policy=policy, enterprise=firm)
    firms = GROUPS[chosen][1](policy, user).annotate(is_told=Exists(given), is_paid=Exists(paid))
    filterset = FirmFilter(
        request.GET,
        queryset=firms.select_related("region", "district").order_by("tier", "id"),
        request=request,
    )
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    _explain(policy, page)
    tabs = [
        {
            "label": label,
            "url": f"?fit={name}",
            "current": name == chosen,
            "count": counts[name],
        }
        for name, (label, _) in GROUPS.items()
    ]
    context = {
        "policy": policy,
        "conditions": conditions_of(policy),
        "is_open": policy.is_open,
        "filterset": filterset,
        "page": page,
        "tabs": tabs,
        "chosen": chosen,
    }
    return render(request, "policies/firms.html", context)


GROUPS: dict[str, tuple[str, Callable[[Policy, User], QuerySet[Enterprise]]]] = {
    "met": ("适用", firms_for),
    "open": ("可能适用", firms_unsure),
    "failed": ("不适用", firms_out),
}


def of_policy(policy: Policy) -> Q:
    """Papers about a policy: handed out alone, or on a list."""
    return Q(policy=policy) | Q(
        policy_list__in=PolicyList.objects.filter(policies=policy).order_by().values("pk")
    )


def _explain(policy: Policy, firms: Iterable[Enterprise]) -> None:
    """Each firm of the page with its verdict in words: two queries for all of them."""
    firms = list(firms)
    rules = DistrictProfile.objects.in_force(policy.district).rules
    for firm, known in zip(firms, known_of_many(firms, rules), strict=True):
        firm.fit = fit_of(policy, known)  # type: ignore[attr-defined]


# --- Keeping the library --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new_policy(request: HttpRequest) -> HttpResponse:
    if not may_keep(request.user):
        raise PermissionDenied(NOT_YOURS)
    form = PolicyForm(posted(request), user=request.user, initial={"token": tokens.new_token()})

    def make(data: dict[str, Any]) -> int:
        return publish_policy(by=request.user, facts=form.facts()).pk

    if done_once(request, form, "policy", make, draft="policy-new"):
        messages.success(request, f"“{form.cleaned_data['title']}”已加入政策库。")
        return redirect("policies:list")
    return render(request, "policies/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_policy(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(_policies(request), pk=pk)
    if not may_change(request.user, policy):
        raise PermissionDenied(NOT_YOURS)
    initial = {name: getattr(policy, name) for name in PolicyForm.base_fields if name != "token"}
    form = PolicyForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_policy(by=request.user, policy=policy, facts=form.facts())
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已保存。")
            return redirect("policies:policy", policy.pk)
    context = {"form": form, "policy": policy}
    return render(request, "policies/form.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    return _switched(request, pk, end_policy, "已标为失效，不再推荐给企业，也不再对外展示。")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return _switched(request, pk, restore_policy, "已恢复有效。")


def _switched(request: HttpRequest, pk: int, switch, done: str) -> HttpResponse:
    policy = get_object_or_404(_policies(request), pk=pk)
    try:
        switch(by=request.user, policy=policy)
    except ValidationError as error:
        messages.warning(request, "；".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("policies:policy", policy.pk)


# --- On paper -------------------------------------------------------------------------------------


@require_safe
def print_list(request: HttpRequest) -> HttpResponse:
    """政策清单 on A4, to be handed out: the chosen policies, or all. What is not public is not printed."""
    asked = request.GET.getlist("policy")
    found = _policies(request).public()
    if asked:
        found = found.filter(
            pk__in=[key for key in asked if key.isascii() and key.isdigit() and len(key) < 19]
        )
    policies = list(found.prefetch_related("conditions").closing_soon_first()[:MOST_ON_A_SHEET])
    if not policies:
        messages.warning(request, "没有可以打印的政策：未公开和已失效的不打印。")
        return redirect("policies:list")
    for policy in policies:
        policy.for_whom_text = for_whom(policy)
    district = policies[0].district
    address = request.build_absolute_uri(reverse("public:policies", args=[district.code]))
    context = {
        "policies": policies,
        "district": district,
        "rules": DistrictProfile.objects.in_force(district).rules,
        "address": address,
        "qr": qr_svg(address),
        "printed_on": clock.today(),
        "give_query": "&".join(f"policy={policy.pk}" for policy in policies),
        "may_hand_out": may_hand_out(request.user),
    }
    return render(request, "policies/print.html", context)
