"""履约践诺: the list, its figures, the sheet, and recording one. What is done with one is in ``commitment``."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from campaigns.commitments.figures import burn_down, figures, money, money_by_debtor, money_by_unit
from campaigns.commitments.filters import CommitmentFilter, FiguresFilter
from campaigns.commitments.forms import NewCommitmentForm, beforehand
from campaigns.commitments.querysets import CommitmentQuerySet
from campaigns.commitments.services import commitments as services
from campaigns.commitments.services.columns import HEADERS, WIDTHS, as_row
from campaigns.commitments.services.rules import has_a_part, may_manage, may_record
from campaigns.models import Commitment
from core import clock, tokens
from core.charts import line_chart
from core.http import done_once, posted
from core.paging import WindowPaginator
from core.xlsx import download, text_workbook
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.subjects import shown_subject

PER_PAGE = 30
MOST_EXPORTED = 10_000
NOT_YOURS = "履约清单由牵头单位、责任单位、督查和区领导查看。"
DRAFT = "commitment-new"
ON_THE_LIST = ("unit", "debtor_unit", "enterprise", "project")
LONG = ("content", "plan", "result", "search_text")


def _visible(request: HttpRequest) -> CommitmentQuerySet:
    """403 for whoever has no part in the list."""
    if not has_a_part(request.user):
        raise PermissionDenied(NOT_YOURS)
    return Commitment.objects.visible_to(request.user)


def rules_of(request: HttpRequest) -> Rules:
    """Whoever gets this far has a unit."""
    return DistrictProfile.objects.in_force(request.user.unit.district).rules


@require_safe
def commitment_list(request: HttpRequest) -> HttpResponse:
    """What is still to be kept, the most urgent first; everything else by the filter."""
    visible = _visible(request)
    rows = visible.with_money().select_related(*ON_THE_LIST).defer(*LONG)
    filterset = CommitmentFilter(request.GET, rows.order_by("due_on", "number"), user=request.user)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filterset": filterset,
        "page": page,
        "figures": figures(visible),
        "money": money(visible),
        "rules": rules_of(request).commitments,
        "may_manage": may_manage(request.user),
        "may_record": may_record(request.user),
    }
    return render(request, "campaigns/commitments/commitments.html", context)


@require_safe
def chart(request: HttpRequest) -> HttpResponse:
    """Kept or not, owed and paid, and what is left week by week: as pictures and as tables."""
    filterset = FiguresFilter(request.GET, _visible(request).with_money(), user=request.user)
    found = filterset.qs
    weeks = burn_down(found)
    labels = [f"{week.ends:%m-%d}" for week in weeks]
    left = [("未了", [week.left for week in weeks])]
    context = {
        "filterset": filterset,
        "figures": figures(found),
        "money": money(found),
        "by_debtor": money_by_debtor(found),
        "by_unit": money_by_unit(found),
        "weeks": weeks[::-1],
        "chart": line_chart("每周末还没有兑现的承诺（件）", labels, left) if weeks else None,
        "rules": rules_of(request).commitments,
    }
    return render(request, "campaigns/commitments/commitment_figures.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list in Excel; who took it is on record."""
    rows = _visible(request).with_money().select_related(*ON_THE_LIST, "appeal").order_by("number")
    found = list(CommitmentFilter(request.GET, rows, user=request.user).qs[:MOST_EXPORTED])
    audit.record(request.user, "commitment.exported", rows=len(found))
    content = text_workbook(
        title="履约清单", headers=HEADERS, rows=(as_row(one) for one in found), widths=WIDTHS
    )
    return download(content, f"履约清单-{clock.today():%Y%m%d}.xlsx")


def _on_the_list(request: HttpRequest) -> Commitment | None:
    """What the address wants put on the list, and is there already."""
    running = Commitment.objects.visible_to(request.user).running()
    claim = request.GET.get("claim", "")
    if claim.isascii() and claim.isdigit() and len(claim) < 19:
        return running.filter(claim=claim).first()
    appeal = request.GET.get("appeal", "").replace("\0", "")[:30]
    return running.filter(appeal__number=appeal).first() if appeal else None


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``?appeal=``, ``?backlog=`` or ``?claim=``: what it comes from."""
    if not may_record(request.user):
        raise PermissionDenied(services.WHO_RECORDS)
    if request.method != "POST" and (known := _on_the_list(request)):
        messages.info(request, "这件已经在履约清单上，在这里继续办理。")
        return redirect("campaigns:commitment", known.pk)
    rules = rules_of(request)
    initial = {"token": tokens.new_token()} | beforehand(request.GET, request.user)
    form = NewCommitmentForm(posted(request), user=request.user, rules=rules, initial=initial)

    def put(data: dict[str, Any]) -> int:
        made = services.record_commitment(by=request.user, promise=form.promise(), course=form.course())
        messages.success(request, f"已登记，第{made.number}号。")
        return made.pk

    if pk := done_once(request, form, "commitment:new", put, draft=DRAFT):
        return redirect("campaigns:commitment", int(pk))
    context = {"form": form, "draft": DRAFT, "shown": shown_subject(form), "rules": rules.commitments}
    return render(
        request, "campaigns/commitments/commitment_new.html", context, status=422 if form.errors else 200
    )
