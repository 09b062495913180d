"""本月清单: who has confirmed theirs, what would become public and what not, publishing, taking back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import Unit
from campaigns.models import JobOpening, JobPlacement, JobSeeker, NeedsConfirmation, PublishedNeeds
from campaigns.needs.events import held
from campaigns.needs.forms.jobs import ReasonForm
from campaigns.needs.permissions import WHO_LEADS_JOBS, leads_jobs, may_confirm_lists, owes_lists
from campaigns.needs.public_lists import Preview, fingerprint, first_of, list_month, months_open
from campaigns.needs.services import lists as services
from campaigns.needs.views.openings import TakesNothing
from campaigns.needs.views.shared import events_page, needs_tabs
from core import clock
from core.http import done, posted
from core.xlsx import download, text_workbook
from districts.profile import Rules
from liaisons.cadence import start_of
from liaisons.selectors import rules_of

Kind = NeedsConfirmation.Kind
NO_RULES = "您的账号没有所属区县，不能查看需求清单。"


def _rules(request: HttpRequest) -> Any:
    rules = rules_of(request.user)
    if rules is None:
        raise PermissionDenied(NO_RULES)
    return rules


@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """Where the month's lists stand."""
    rules, user = _rules(request), request.user
    month = list_month(clock.today(), rules)
    district = user.unit.district
    published = (
        PublishedNeeds.objects.visible_to(user).filter(district=district).select_related("published_by")
    )
    context = {
        "tabs": needs_tabs(request, "needs"),
        "month": month,
        "rules": rules,
        "lines": _lines(request, rules, month),
        "mine": _mine(request, rules, month) if may_confirm_lists(user) else [],
        "figures": _figures(district, rules),
        "fairs_url": events_page(rules.needs.job_events),
        "leads": leads_jobs(user),
        "published": published[:12],
        "shown_now": published.public().first(),
        "district": district,
    }
    return render(request, "campaigns/needs/lists.html", context)


def _figures(district: Any, rules: Rules) -> dict[str, Any]:
    """What there is now, and what the month has brought so far; of fairs, what the year has."""
    openings = JobOpening.objects.filter(district=district).current()
    wanted = sum(max(0, wanted - placed) for wanted, placed in openings.values_list("wanted", "placed"))
    today = clock.today()
    since = start_of(first_of(today))
    placements = JobPlacement.objects.filter(opening__district=district, occurred_at__gte=since).standing()
    return {
        "openings": openings.count(),
        "wanted": wanted,
        "seekers": JobSeeker.objects.filter(district=district).looking().count(),
        "placed": sum(placements.values_list("persons", flat=True)),
        "fairs": held(district, rules.needs.job_events, [(today.replace(month=1, day=1), today)])[0],
    }


def _lines(request: HttpRequest, rules: Any, month: date) -> list[dict[str, Any]]:
    """The units that owe lists, and those that have some, each with the day of its confirmation."""
    district = request.user.unit.district
    confirmed = {
        (found.unit_id, found.kind): found
        for found in NeedsConfirmation.objects.filter(unit__district=district, month=month)
    }
    holding = set(JobOpening.objects.filter(district=district).current().values_list("unit", flat=True))
    seeking = set(JobSeeker.objects.filter(district=district).looking().values_list("unit", flat=True))
    lines = []
    for unit in Unit.objects.of_district(district).active().order_by("order", "pk"):
        owes = owes_lists(unit, rules)
        if owes or unit.pk in holding or unit.pk in seeking:
            lines.append(
                {
                    "unit": unit,
                    "openings": confirmed.get((unit.pk, Kind.OPENINGS)),
                    "seekers": confirmed.get((unit.pk, Kind.SEEKERS)),
                    "owes_openings": owes or unit.pk in holding,
                    "owes_seekers": owes or unit.pk in seeking,
                }
            )
    return lines


def _mine(request: HttpRequest, rules: Any, month: date) -> list[dict[str, Any]]:
    """The own unit's two lists: how many entries, and whether it has looked through them."""
    unit = request.user.unit
    counts = {
        Kind.OPENINGS: JobOpening.objects.current().filter(unit=unit).count(),
        Kind.SEEKERS: JobSeeker.objects.looking().filter(unit=unit).count(),
    }
    found = {one.kind: one for one in NeedsConfirmation.objects.filter(unit=unit, month=month)}
    if not owes_lists(unit, rules) and not any(counts.values()):
        return []
    return [
        {"kind": kind, "count": counts[kind], "confirmed": found.get(kind), "label": kind.label}
        for kind in Kind
    ]


@require_POST
def confirm_list(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        found = services.confirm_list(by=request.user, kind=kind)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(
            request, f"已确认{found.get_kind_display()}（{found.month.month}月），共 {found.entries} 条。"
        )
    return redirect("campaigns:needs")


# --- Publishing -----------------------------------------------------------------------------------


def _month(request: HttpRequest, given: str) -> date:
    """This month's list, or the next one's; what else is asked for is this month's."""
    open_months = months_open(clock.today())
    rules = _rules(request)
    default = list_month(clock.today(), rules)
    return next((month for month in open_months if f"{month:%Y-%m}" == given), default)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """Exactly what becomes public, and what does not and why; the second click publishes it."""
    rules = _rules(request)
    if not leads_jobs(request.user):
        raise PermissionDenied(WHO_LEADS_JOBS)
    given = (request.POST if request.method == "POST" else request.GET).get("month", "")
    month = _month(request, given)
    form = TakesNothing(posted(request))
    if done(
        form,
        lambda data: services.publish_lists(
            by=request.user, month=month, seen=request.POST.get("seen", "")[:64]
        ),
    ):
        messages.success(request, f"{month.month}月清单已发布。")
        return redirect("campaigns:needs")
    district = request.user.unit.district
    shown = Preview.of(district, rules, month)
    context = {
        "form": form,
        "preview": shown,
        "seen": fingerprint(shown),
        "month": month,
        "months": months_open(clock.today()),
        "needs": rules.needs,
        "already": PublishedNeeds.objects.public().filter(district=district, month=month).first(),
    }
    return render(request, "campaigns/needs/preview.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def published(request: HttpRequest, pk: int) -> HttpResponse:
    """As it was published; taking it back asks why."""
    rows = PublishedNeeds.objects.visible_to(request.user).select_related(
        "district", "published_by", "withdrawn_by"
    )
    found = get_object_or_404(rows, pk=pk)
    leads = leads_jobs(request.user)
    if request.method == "POST" and not leads:
        raise PermissionDenied(WHO_LEADS_JOBS)
    form = ReasonForm(posted(request))
    if done(
        form, lambda data: services.withdraw_lists(by=request.user, published=found, reason=data["reason"])
    ):
        messages.success(request, "已撤下，公众不再看到。改正后可以重新发布。")
        return redirect("campaigns:published_needs", pk)
    context = {"found": found, "form": form if leads and not found.withdrawn_at else None, "leads": leads}
    return render(request, "campaigns/needs/published.html", context, status=422 if form.errors else 200)


@require_safe
def published_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """For the government's site and the WeChat account: what is public, and nothing else."""
    found = get_object_or_404(PublishedNeeds.objects.visible_to(request.user), pk=pk)
    audit.record(request.user, "needs_list.sheet", found)
    rows: list[list[Any]] = [
        [
            row["firm"],
            row["work"],
            row["wanted"],
            row["wage"],
            row["place"],
            row["requirements"],
            row["until"],
        ]
        for row in found.openings
    ]
    if found.seekers:
        rows += [[], ["求职人员清单"], ["意向工种", "年龄段", "人数", "期望月薪", "所在乡镇"]]
        rows += [[row["work"], row["age"], row["count"], row["wage"], row["region"]] for row in found.seekers]
    contact = " ".join(filter(None, [found.contact.get("unit", ""), found.contact.get("phone", "")]))
    rows += [[], ["应聘、招用请联系", contact]]
    content = text_workbook(
        title="岗位和求职清单",
        headers=["企业", "岗位", "人数", "月薪", "工作地点", "要求和待遇", "有效期至"],
        rows=rows,
        widths=[30, 18, 10, 18, 20, 40, 14],
    )
    return download(content, f"{found.label}岗位和求职清单.xlsx")
