"""政策清单: the lists of the district, composing one, the paper to print."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from core.qr import qr_svg
from districts.models import DistrictProfile
from enterprises.subjects import shown_subject
from policies.filters import PolicyListFilter
from policies.list_forms import ListForm
from policies.lists import NOT_YOURS, change_list, make_list, may_change_list, switch_list
from policies.models import HandOut, PolicyList
from policies.permissions import may_hand_out
from policies.selectors import for_whom

PER_PAGE = 25


def _lists(request: HttpRequest) -> QuerySet[PolicyList]:
    lists = PolicyList.objects.visible_to(request.user)
    return lists.select_related("unit", "district", "enterprise", "project", "created_by")


@require_safe
def list_list(request: HttpRequest) -> HttpResponse:
    lists = _lists(request).annotate(number=Count("policies")).order_by("-id")
    filterset = PolicyListFilter(request.GET, queryset=lists, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    given = HandOut.objects.visible_to(request.user).filter(policy_list__in=[one.pk for one in page])
    copies = dict(given.order_by().values_list("policy_list").annotate(Sum("copies")))
    for one in page:
        one.copies_given = copies.get(one.pk, 0)
    context = {"filterset": filterset, "page": page, "may_make": may_hand_out(request.user)}
    return render(request, "policies/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_list(request: HttpRequest) -> HttpResponse:
    """``?policy=`` (more than one) and ``?subject=`` choose beforehand."""
    if not may_hand_out(request.user):
        raise PermissionDenied(NOT_YOURS)
    form = ListForm(posted(request), user=request.user, initial=_beforehand(request))

    def make(data: dict[str, Any]) -> int:
        return make_list(by=request.user, unit=data["unit"], contents=form.contents()).pk

    if pk := done_once(request, form, "policy-list", make, draft="policy-list-new"):
        messages.success(request, f"“{form.cleaned_data['title']}”已做好，可以打印、发放。")
        return redirect("policies:one_list", int(pk))
    context = {"form": form, "shown": shown_subject(form)}
    return render(request, "policies/list_form.html", context, status=422 if form.errors else 200)


def _beforehand(request: HttpRequest) -> dict[str, Any]:
    policies = [key for key in request.GET.getlist("policy") if key.isascii() and key.isdigit()]
    initial: dict[str, Any] = {
        "token": tokens.new_token(),
        "kind": PolicyList.Kind.GENERAL,
        "policies": [key for key in policies if len(key) < 19],
        "title": f"惠企政策清单（{clock.today():%Y年%-m月}）",
    }
    if key := request.GET.get("subject", ""):
        initial |= {"kind": PolicyList.Kind.FIRM, "subject": key[:40]}
    return initial


@require_http_methods(["GET", "HEAD", "POST"])
def edit_list(request: HttpRequest, pk: int) -> HttpResponse:
    policy_list = get_object_or_404(_lists(request), pk=pk)
    if not may_change_list(request.user, policy_list):
        raise PermissionDenied(NOT_YOURS)
    initial = {name: getattr(policy_list, name) for name in ("title", "kind", "industry", "occasion", "note")}
    initial |= {
        "subject": policy_list.entry,
        "policies": list(policy_list.policies.values_list("pk", flat=True)),
    }
    form = ListForm(posted(request), user=request.user, policy_list=policy_list, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_list(by=request.user, policy_list=policy_list, contents=form.contents())
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已保存。")
            return redirect("policies:one_list", pk)
    context = {"form": form, "policy_list": policy_list, "shown": shown_subject(form)}
    return render(request, "policies/list_form.html", context, status=422 if form.errors else 200)


@require_safe
def one_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper itself: A4, with the list's code, and one of each policy."""
    policy_list = get_object_or_404(_lists(request), pk=pk)
    policies = list(_on_paper(request, policy_list))
    address = request.build_absolute_uri(
        reverse("public:policy_list", args=[policy_list.district.code, policy_list.token])
    )
    given = HandOut.objects.visible_to(request.user).filter(policy_list=policy_list)
    context = {
        "policy_list": policy_list,
        "policies": policies,
        "rules": DistrictProfile.objects.in_force(policy_list.district).rules,
        "address": address,
        "qr": qr_svg(address),
        "given": given.order_by().aggregate(copies=Sum("copies"), firms=Count("enterprise", distinct=True)),
        "may_change": may_change_list(request.user, policy_list),
        "may_hand_out": may_hand_out(request.user) and policy_list.active,
    }
    return render(request, "policies/one_list.html", context)


def _on_paper(request: HttpRequest, policy_list: PolicyList) -> Any:
    """What is no longer in force, or no longer public, is not printed."""
    policies: Any = policy_list.policies.all()
    chosen = policies.public().select_related("unit").prefetch_related("conditions").closing_soon_first()
    for policy in chosen:
        address = reverse("public:policy", args=[policy_list.district.code, policy.pk])
        policy.qr = qr_svg(request.build_absolute_uri(address))
        policy.for_whom_text = for_whom(policy)
        yield policy


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of use, or (``on=1``) back in use."""
    policy_list = get_object_or_404(_lists(request), pk=pk)
    active = bool(request.POST.get("on"))
    switch_list(by=request.user, policy_list=policy_list, active=active)
    messages.success(request, "已恢复使用。" if active else "已停用，扫码会看到全部惠企政策。")
    return redirect("policies:one_list", pk)
