"""The page of one firm or project: the facts, who looks after it, what was visited and what was asked."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record
from appeals.models import Appeal
from core import clock
from districts.models import DistrictProfile
from enterprises.models import Enterprise, Project
from enterprises.policies import may_edit
from liaisons.models import Assignment, Visit

SHOWN = 10


def _enterprises(request: HttpRequest) -> QuerySet[Enterprise]:
    return Enterprise.objects.visible_to(request.user).select_related("region", "district", "competent_unit")


def _projects(request: HttpRequest) -> QuerySet[Project]:
    visible = Project.objects.visible_to(request.user)
    return visible.select_related("region", "district", "competent_unit", "owner")


@require_safe
def enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(_enterprises(request), pk=pk))


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(_projects(request), pk=pk))


@require_POST
def enterprise_phone(request: HttpRequest, pk: int) -> HttpResponse:
    return _reveal(request, get_object_or_404(_enterprises(request), pk=pk))


@require_POST
def project_phone(request: HttpRequest, pk: int) -> HttpResponse:
    return _reveal(request, get_object_or_404(_projects(request), pk=pk))


def _reveal(request: HttpRequest, entry: Enterprise | Project) -> HttpResponse:
    """The number in full, for this once; who looked is logged."""
    record(request.user, "phone.show", entry)
    if request.htmx:
        return render(request, "portal/_phone.html", {"entry": entry, "revealed": True})
    return _page(request, entry, revealed=True)


def _page(request: HttpRequest, entry: Enterprise | Project, revealed: bool = False) -> HttpResponse:
    about = {entry._meta.model_name: entry}
    assignments = Assignment.objects.visible_to(request.user).in_force().filter(**about)
    visits = Visit.objects.visible_to(request.user).filter(**about)
    appeals = Appeal.objects.visible_to(request.user).filter(**about)
    projects = Project.objects.visible_to(request.user).active().filter(owner=entry.pk)
    rules = DistrictProfile.objects.in_force(entry.district, clock.today()).rules
    context = {
        "entry": entry,
        "is_project": isinstance(entry, Project),
        "assignments": assignments.select_related("official", "unit")[:SHOWN],
        "visits": [
            {"visit": visit, "kind": rules.label("visit_kinds", visit.kind)}
            for visit in visits.select_related("reporting_unit")[:SHOWN]
        ],
        "appeals": [
            {"appeal": appeal, "category": rules.label("categories", appeal.category)}
            for appeal in appeals.select_related("lead_unit")[:SHOWN]
        ],
        "projects": [] if isinstance(entry, Project) else projects[:SHOWN],
        "may_edit": may_edit(request.user, entry),
        "revealed": revealed,
    }
    return render(request, "portal/firm.html", context)
