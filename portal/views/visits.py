"""Visits: the list, and the page of one with everything that came of it."""

from django.db.models import Count, Prefetch
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from appeals.models import Appeal
from campaigns.satisfaction.querysets import MANAGERS
from core.paging import WindowPaginator
from districts.models import DistrictProfile
from liaisons.filters import VisitFilter
from liaisons.models import Visit, VisitParticipant, VisitPhoto
from liaisons.permissions import VISITING, may_record_visit

PER_PAGE = 25


@require_safe
def visit_list(request: HttpRequest) -> HttpResponse:
    visits = (
        Visit.objects.visible_to(request.user)
        .select_related("enterprise", "project", "reporting_unit", "region")
        .prefetch_related(Prefetch("participants", VisitParticipant.objects.select_related("official")))
    )
    filterset = VisitFilter(request.GET, queryset=visits, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    raised = Appeal.objects.visible_to(request.user).filter(visit__in=[visit.pk for visit in page])
    problems = dict(raised.order_by().values_list("visit").annotate(Count("pk")))
    rules = filterset.rules
    for visit in page:
        visit.kind_label = rules.label("visit_kinds", visit.kind) if rules else visit.kind
        visit.problems = problems.get(visit.pk, 0)
    context = {"filterset": filterset, "page": page, "may_record_visit": may_record_visit(request.user)}
    return render(request, "portal/visits.html", context)


@require_safe
def visit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    visits = Visit.objects.visible_to(request.user).select_related(
        "enterprise", "project", "reporting_unit", "region", "district", "recorded_by"
    )
    visit = get_object_or_404(visits, pk=pk)
    rules = DistrictProfile.objects.in_force(visit.district).rules
    participants = list(visit.participants.select_related("official"))
    for participant in participants:
        participant.group_label = rules.label("rank_groups", participant.rank_group)
    context = {
        "visit": visit,
        "subject_url": _subject_url(request, visit),
        "kind_label": rules.label("visit_kinds", visit.kind),
        "participants": participants,
        "appeals": Appeal.objects.visible_to(request.user)
        .filter(visit=visit)
        .select_related("profile", "lead_unit")
        .order_by("pk"),
        "photos": visit.photos.all(),
        "opinions": visit.opinions.select_related("passed_to").order_by("pk"),
        "hand_outs": visit.hand_outs.select_related("policy").order_by("pk"),
        "may_send_rating_link": request.user.has_role(*VISITING, *MANAGERS),
    }
    return render(request, "portal/visit.html", context)


@require_safe
def visit_photo(request: HttpRequest, pk: int) -> FileResponse:
    """A picture of a visit, for whoever sees the visit."""
    photo = get_object_or_404(VisitPhoto.objects.visible_to(request.user), pk=pk)
    response = FileResponse(photo.file.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _subject_url(request: HttpRequest, visit: Visit) -> str:
    """The firm's own page, for whoever may see it: who took part in a visit sees the visit alone."""
    subject = visit.subject
    if subject is None or not type(subject).objects.visible_to(request.user).filter(pk=subject.pk).exists():
        return ""
    return reverse(f"portal:{subject._meta.model_name}", args=[subject.pk])
