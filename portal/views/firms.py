"""The page of one firm or project (一企一档), and the same on one sheet of paper for the visit."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record
from core import clock
from enterprises.grades.reading import standing_of
from enterprises.models import Enterprise, Project
from portal.firm_file import firm_file, on_one_page


def _enterprises(request: HttpRequest) -> QuerySet[Enterprise]:
    return Enterprise.objects.visible_to(request.user).select_related("region", "district", "competent_unit")


def _projects(request: HttpRequest) -> QuerySet[Project]:
    visible = Project.objects.visible_to(request.user)
    return visible.select_related("region", "district", "competent_unit", "owner")


@require_safe
def enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    """A firm that was merged into another leads there: plaques, notices and bookmarks stay good."""
    firm = get_object_or_404(_enterprises(request), pk=pk)
    if firm.merged_into_id:
        return redirect("portal:enterprise", firm.merged_into_id)
    return _page(request, firm)


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(_projects(request), pk=pk))


@require_safe
def enterprise_print(request: HttpRequest, pk: int) -> HttpResponse:
    return _print(request, get_object_or_404(_enterprises(request).unmerged(), pk=pk))


@require_safe
def project_print(request: HttpRequest, pk: int) -> HttpResponse:
    return _print(request, get_object_or_404(_projects(request), pk=pk))


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
    """On screen also the grades, for the entitled; the sheet of paper for a visit carries none."""
    context = firm_file(request.user, entry) | {"revealed": revealed}
    if isinstance(entry, Enterprise):
        context["standing"] = standing_of(request.user, entry, context["rules"])
    return render(request, "portal/firm.html", context)


def _print(request: HttpRequest, entry: Enterprise | Project) -> HttpResponse:
    context = on_one_page(firm_file(request.user, entry)) | {"printed_at": clock.now()}
    return render(request, "portal/firm_print.html", context)
