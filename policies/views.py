"""The policies of the district, to read and to hand out."""

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.paging import WindowPaginator
from policies.filters import PolicyFilter
from policies.models import HandOut, Policy

PER_PAGE = 25


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    policies = Policy.objects.visible_to(request.user).select_related("unit")
    filterset = PolicyFilter(request.GET, queryset=policies, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    # Copies given by whom the reader may see; one query for the page, not one a policy.
    given = HandOut.objects.visible_to(request.user).filter(policy__in=[policy.pk for policy in page])
    copies = dict(given.order_by().values_list("policy").annotate(Sum("copies")))
    for policy in page:
        policy.copies_given = copies.get(policy.pk, 0)
    return render(request, "policies/list.html", {"filterset": filterset, "page": page})
