"""What a district tells everybody: its policies, and the reports about the action."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from core.paging import WindowPaginator
from districts.models import Region
from policies.filters import PublicPolicyFilter
from policies.models import NewsItem, Policy, PolicyList
from policies.models.library import PolicyQuerySet
from policies.selectors import conditions_of, for_whom

PER_PAGE = 20


def _public(district: Region) -> PolicyQuerySet:
    found = Policy.objects.filter(district=district).public().select_related("unit")
    return found.prefetch_related("conditions")


@login_not_required
@require_safe
def policies(request: HttpRequest, code: str) -> HttpResponse:
    """Public and in force, the next to close first; for firms like the reader's, or by a word."""
    district, profile = district_or_404(code)
    found = _public(district).closing_soon_first()
    filterset = PublicPolicyFilter(request.GET, queryset=found, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for policy in page:
        policy.asked = [(label, names) for label, names in conditions_of(policy) if names != "不限"]
    context = {"district": district, "rules": profile.rules, "filterset": filterset, "page": page}
    return render(request, "public/policies.html", context)


@login_not_required
@require_safe
def policy(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    district, profile = district_or_404(code)
    found = get_object_or_404(_public(district), pk=pk)
    context = {
        "district": district,
        "rules": profile.rules,
        "policy": found,
        "conditions": conditions_of(found),
    }
    return render(request, "public/policy.html", context)


@login_not_required
@require_safe
def policy_list(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """What the code on a handed-out list leads to; a list out of use leads on to all policies."""
    district, profile = district_or_404(code)
    lists = PolicyList.objects.filter(district=district).select_related("unit")
    found = get_object_or_404(lists, token=token)
    if not found.active:
        return redirect("public:policies", district.code)
    policies = list(_public(district).filter(lists=found).closing_soon_first())
    for policy in policies:
        policy.for_whom_text = for_whom(policy)
    context = {"district": district, "rules": profile.rules, "policy_list": found, "policies": policies}
    return render(request, "public/policy_list.html", context)


@login_not_required
@require_safe
def news(request: HttpRequest, code: str) -> HttpResponse:
    district, profile = district_or_404(code)
    items = NewsItem.objects.filter(district=district, public=True)
    page = WindowPaginator(items, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/news.html", {"district": district, "rules": profile.rules, "page": page})
