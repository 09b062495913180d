"""Visits owed: a cadre's own firms by urgency, planning a day, and the list of those who are behind."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import User
from core import clock
from core.paging import WindowPaginator
from core.search import normalise
from core.wording import speak, spoken
from core.xlsx import download, text_workbook
from districts.profile import Rules
from districts.rotas import AssignmentKind
from enterprises.subjects import pages_of
from liaisons.duties import duties
from liaisons.filters import BehindFilter
from liaisons.forms.assignments import PlanForm
from liaisons.models import Assignment, VisitPlan
from liaisons.permissions import may_plan, may_record_visit, may_supervise
from liaisons.selectors import my_assignments, owed_visits, rules_of, tier_of
from liaisons.services import plans

PER_PAGE = 25
MINE_PER_PAGE = 20
MOST_EXPORTED = 10_000
MOST_UNITS = 80
BEHIND_HEADS = [
    "企业、项目",
    "层级",
    "所在地",
    spoken("联企干部"),
    "单位",
    "开始联系",
    "欠访",
    "最近一次联系",
]


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Whoever asked for a visit or is behind comes first."""
    assignments = my_assignments(request.user)
    rules = rules_of(request.user)
    if assignments:
        # The numbers are shown in full, for the call; who saw whose is on record.
        audit.record(request.user, "assignment.contacts_shown", assignments=[one.pk for one in assignments])
    leads = [one for one in assignments if one.part == Assignment.Part.LEAD]
    words = normalise(request.GET.get("q", ""))[:60]
    found = [one for one in assignments if words in normalise(one.subject_name)]
    theme = rules.visits.theme_of(clock.today()) if rules else None
    context = {
        "other_kinds": _other_kinds(request.user, rules),
        "assignments": assignments,
        "page": WindowPaginator(found, MINE_PER_PAGE).get_page(request.GET.get("page")),
        "leads": len(leads),
        "visited": sum(one.is_visited for one in leads),
        "behind": sum(one.is_behind for one in leads),
        "asked": sum(bool(one.requests) for one in assignments),
        "theme": theme,
        "may_record_visit": may_record_visit(request.user),
    }
    return render(request, "liaisons/mine.html", context)


def _other_kinds(user: User, rules: Rules | None) -> list[AssignmentKind]:
    """Beside 包保联系: the kinds in which the user looks after somebody today."""
    if rules is None or not rules.assignment_kinds or not user.official_id:
        return []
    held = Assignment.every_kind.in_force().of_other_kinds().held_by(user.official_id).order_by()
    codes = set(held.values_list("kind", flat=True).distinct())
    return [kind for kind in rules.assignment_kinds if kind.code in codes]


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A day for one firm; the open plan is moved to it."""
    found = Assignment.objects.visible_to(request.user).in_force()
    assignment = get_object_or_404(
        found.select_related("official", "unit", "district", "region", "enterprise", "project"), pk=pk
    )
    if not may_plan(request.user, assignment):
        raise PermissionDenied(speak("走访计划由联企干部本人、本单位联络员安排。"))
    open_plan = (
        VisitPlan.objects.open()
        .filter(
            official=assignment.official_id,
            enterprise=assignment.enterprise_id,
            project=assignment.project_id,
        )
        .first()
    )
    initial = {"day": open_plan.day, "note": open_plan.note} if open_plan else {}
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plans.plan_visit(by=request.user, assignment=assignment, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("day", ValidationError(error.messages))
        else:
            messages.success(
                request, f"已计划 {form.cleaned_data['day']:%m月%d日} 走访“{assignment.subject_name}”。"
            )
            return redirect(_back(request, assignment))
    context = {"form": form, "assignment": assignment, "plan": open_plan}
    return render(request, "liaisons/plan.html", context, status=422 if form.errors else 200)


def _back(request: HttpRequest, assignment: Assignment) -> str:
    is_own = assignment.official_id == request.user.official_id
    return "liaisons:mine" if is_own else "liaisons:assignments"


@require_POST
def drop_plan(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(VisitPlan.objects.visible_to(request.user).select_related("unit"), pk=pk)
    plans.drop_plan(by=request.user, plan=found)
    messages.success(request, "已取消这次走访计划。")
    return redirect("liaisons:mine")


@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """Firms whose visit of the last period was missed and not made up for, with who owes it."""
    filterset, rows = _behind(request)
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    owed = _duties(request)
    rules = rules_of(request.user)
    pages = pages_of((assignment.subject for assignment in page), request.user)
    for assignment in page:
        assignment.duty = owed[tier_of(assignment)]
        assignment.page = pages.get(assignment.subject, "")
        if assignment.last_contact and rules:
            assignment.last_kind = rules.label("visit_kinds", assignment.last_contact_kind)
    context = {
        "filterset": filterset,
        "page": page,
        "duties": owed.values(),
        "by_unit": _by_unit(filterset.qs),
        "supervises": may_supervise(request.user),
    }
    return render(request, "liaisons/behind.html", context)


@require_safe
def behind_download(request: HttpRequest) -> HttpResponse:
    """The same list in Excel; who took it is on record."""
    _, rows = _behind(request)
    owed = _duties(request)
    found = list(rows[:MOST_EXPORTED])
    audit.record(request.user, "visits.behind_exported", rows=len(found))
    content = text_workbook(
        title="走访欠账",
        headers=BEHIND_HEADS,
        rows=(
            [
                one.subject_name,
                owed[tier_of(one)].label,
                one.region.name,
                one.official.name,
                one.unit.short_name,
                f"{one.started:%Y-%m-%d}",
                f"{owed[tier_of(one)].before.label}未走访",
                f"{localtime(one.last_contact):%Y-%m-%d}" if one.last_contact else "没有记录",
            ]
            for one in found
        ),
        widths=[34, 12, 14, 12, 16, 14, 16, 16],
    )
    return download(content, f"走访欠账-{clock.today():%Y%m%d}.xlsx")


def _by_unit(rows) -> list[dict]:
    """How many each unit owes, the most first."""
    counted = rows.order_by().values("unit", "unit__short_name").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "unit__short_name")[:MOST_UNITS])


def _behind(request: HttpRequest):
    owed = owed_visits(request.user).order_by("unit__order", "unit", "official", "id")
    filterset = BehindFilter(request.GET, queryset=owed, request=request)
    return filterset, filterset.qs


def _duties(request: HttpRequest):
    rules = rules_of(request.user)
    return duties(rules) if rules else {}
