"""企业约访: what firms asked for by their plaque, and what became of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from core.http import drop_draft
from core.paging import WindowPaginator
from core.wording import speak
from enterprises.subjects import page_of
from liaisons.filters import VisitRequestFilter
from liaisons.forms.plaques import SettleForm
from liaisons.models import Visit, VisitRequest
from liaisons.permissions import may_record_visit, may_settle_request
from liaisons.plaques import leads_of
from liaisons.services.requests import settle_request

PER_PAGE = 25


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """Open ones first, the oldest of them on top; then what was settled last."""
    is_open = Case(When(state=VisitRequest.State.OPEN, then=0), default=1)
    waiting_since = Case(When(state=VisitRequest.State.OPEN, then="recorded_at"))
    rows = (
        VisitRequest.objects.visible_to(request.user)
        .select_related("enterprise", "project", "region", "settled_by")
        .order_by(is_open, waiting_since, "-recorded_at", "-pk")
    )
    filterset = VisitRequestFilter(request.GET, queryset=rows, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    leads = leads_of({found.entry for found in page.object_list})
    for found in page.object_list:
        found.lead = leads.get(found.entry)
    return render(request, "liaisons/requests.html", {"filterset": filterset, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def visit_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request. Whoever is to call the firm sees the number in full, and that is on record."""
    rows = VisitRequest.objects.visible_to(request.user).select_related(
        "enterprise__region", "project__region", "region", "settled_by", "visit__reporting_unit"
    )
    found = get_object_or_404(rows, pk=pk)
    settles = may_settle_request(request.user, found)
    if request.method == "POST" and not settles:
        raise PermissionDenied(speak("约访由联企干部、其单位联络员和牵头局调度员办理。"))
    data = request.POST if request.method == "POST" else None
    form = SettleForm(data, visits=_visits_since(request, found))
    if data is not None and form.is_valid() and _settled(request, found, form):
        return redirect("liaisons:requests")
    if settles:
        audit.record(request.user, "visit_request.contact_shown", found)
    context = {
        "found": found,
        "entry_page": page_of(found.entry, request.user),
        "lead": leads_of([found.entry]).get(found.entry),
        "form": form,
        "settles": settles,
        "may_visit": settles and may_record_visit(request.user),
        "is_open": found.state == VisitRequest.State.OPEN,
    }
    return render(request, "liaisons/request.html", context, status=422 if form.errors else 200)


def _visits_since(request: HttpRequest, found: VisitRequest) -> QuerySet[Visit]:
    """Visits to the firm after it asked, the latest first: what may have answered the request."""
    visits = Visit.objects.visible_to(request.user).filter(
        enterprise=found.enterprise_id, project=found.project_id, occurred_at__gte=found.recorded_at
    )
    return visits.select_related("reporting_unit").order_by("-occurred_at", "-pk")


def _settled(request: HttpRequest, found: VisitRequest, form: SettleForm) -> bool:
    data: dict[str, Any] = form.cleaned_data
    try:
        settle_request(by=request.user, request=found, outcome=data["outcome"], visit=data["visit"])
    except ValidationError as error:
        form.take_errors(error)
        return False
    drop_draft(request, f"request-{found.pk}")
    messages.success(request, f"“{found.entry}”的约访已办理。")
    return True
