"""Papers handed out: the list, and recording those given at no visit and no event."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from policies.filters import HandOutFilter
from policies.forms import LETTER, LIST, PapersForm
from policies.models import HandOut
from policies.papers import NOT_YOURS, give
from policies.permissions import may_hand_out

PER_PAGE = 25


@require_safe
def hand_out_list(request: HttpRequest) -> HttpResponse:
    given = HandOut.objects.visible_to(request.user).select_related(
        "policy", "policy_list", "unit", "enterprise", "project"
    )
    filterset = HandOutFilter(request.GET, queryset=given, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    lists = Q(paper=HandOut.Paper.POLICY)
    totals = filterset.qs.order_by().aggregate(
        lists=Sum("copies", filter=lists),
        letters=Sum("copies", filter=~lists),
        firms=Count("enterprise", distinct=True),
    )
    context = {
        "filterset": filterset,
        "page": page,
        "totals": totals,
        "may_hand_out": may_hand_out(request.user),
    }
    return render(request, "policies/hand_outs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_hand_outs(request: HttpRequest) -> HttpResponse:
    """``?policy=``, ``?list=`` (more than one) and ``?letter=1`` choose the papers beforehand."""
    if not may_hand_out(request.user):
        raise PermissionDenied(NOT_YOURS)
    lists = [f"{LIST}{key}" for key in request.GET.getlist("list")]
    papers = [*request.GET.getlist("policy"), *lists, *([LETTER] if "letter" in request.GET else [])]
    initial = {"token": tokens.new_token(), "papers": papers}
    form = PapersForm(posted(request), user=request.user, initial=initial)
    if done_once(request, form, "papers", lambda data: _given(request, form).pk, draft="papers-new"):
        data = form.cleaned_data
        firms = len(data["entries"]) + len(data["claimed_names"])
        messages.success(
            request, f"已登记：{firms} 家，{len(data['papers'])} 种材料，各 {data['copies']} 份。"
        )
        return redirect("policies:hand_outs")
    return render(request, "policies/hand_out_form.html", {"form": form}, status=422 if form.errors else 200)


def _given(request: HttpRequest, form: PapersForm) -> HandOut:
    data = form.cleaned_data
    given = give(
        by=request.user,
        unit=data["unit"],
        policies=form.chosen_policies(),
        lists=form.chosen_lists(),
        letter=form.has_letter,
        copies=data["copies"],
        day=data["day"],
        way=data["way"],
        entries=data["entries"],
        claimed_names=data["claimed_names"],
    )
    return given[0]
