"""Handing over what a cadre looks after, and what follows from it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Official
from core import clock, tokens
from core.paging import WindowPaginator
from core.wording import speak
from liaisons.forms.assignments import HandoverForm, colleagues
from liaisons.models import Assignment, Handover, Plaque
from liaisons.permissions import may_assign, may_end
from liaisons.selectors import with_posts
from liaisons.services import handovers as services
from liaisons.services.assignments import NOT_YOURS

PER_PAGE = 25


@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    found = (
        Handover.objects.visible_to(request.user)
        .select_related("official", "unit", "recorded_by")
        .annotate(moved=Count("ended", distinct=True))
        .order_by("-id")
    )
    page = WindowPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_assign": may_assign(request.user)}
    return render(request, "liaisons/handovers.html", context)


@require_safe
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Which firm went to whom, and which plaques say the old name."""
    found = get_object_or_404(
        Handover.objects.visible_to(request.user).select_related("official", "unit", "recorded_by"), pk=pk
    )
    taken = {
        (one.enterprise_id, one.project_id): one
        for one in found.assignments.select_related("official", "unit").order_by("pk")
    }
    ended = list(
        found.ended.filter(official=found.official)
        .select_related("enterprise__region", "project__region")
        .order_by("pk")
    )
    plaques = _plaques_of(ended)
    rows = [
        {
            "assignment": one,
            "successor": taken.get((one.enterprise_id, one.project_id)),
            "plaque": plaques.get((one.enterprise_id, one.project_id)),
        }
        for one in ended
    ]
    context = {
        "handover": found,
        "rows": rows,
        "plaques": sum(plaque.is_outdated for plaque in plaques.values()),
        "left_open": sum(row["successor"] is None for row in rows),
    }
    return render(request, "liaisons/handover.html", context)


def _plaques_of(ended: list[Assignment]) -> dict[tuple[int | None, int | None], Plaque]:
    """The plates in force of these firms; each knows whether what stands on it is still true."""
    of_firms = Q(enterprise__in=[one.enterprise_id for one in ended if one.enterprise_id]) | Q(
        project__in=[one.project_id for one in ended if one.project_id]
    )
    plaques = {
        (plaque.enterprise_id, plaque.project_id): plaque
        for plaque in Plaque.objects.in_force().with_reasons().filter(of_firms)
    }
    for plaque in plaques.values():
        plaque.is_outdated = bool(plaque.reasons)
    return plaques


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """``?official=`` says whose firms; without it the page asks for the cadre."""
    if not may_assign(request.user):
        raise PermissionDenied(NOT_YOURS)
    official = _leaving(request)
    if official is None:
        return render(
            request, "liaisons/hand_over_whose.html", {"official_text": request.GET.get("official_text", "")}
        )
    assignments = [
        one
        for one in services.running(official, clock.today()).visible_to(request.user)
        if may_end(request.user, one)
    ]
    unit_id = assignments[0].unit_id if assignments else request.user.unit_id
    form = HandoverForm(
        request.POST or None,
        user=request.user,
        assignments=assignments,
        officials=[one for one in colleagues(request.user, unit_id=unit_id) if one.pk != official.pk],
        initial={"token": tokens.new_token(), "way": HandoverForm.ONE},
    )
    if request.method == "POST":
        # Looked up first: what was handed over is no longer on the list the form is checked against.
        key = f"handover:{request.user.pk}:{request.POST.get('token', '')[:40]}"
        done = tokens.earlier_result(key) or (form.is_valid() and _handed_over(request, form, official, key))
        if done:
            return redirect("liaisons:handover", pk=int(done))
    checked = set(form.data.getlist("assignments")) if form.is_bound else set(form.by_pk)
    later = Assignment.objects.visible_to(request.user).in_force().held_by(official.pk).exclude(ended=None)
    context = {
        "official": official,
        "later": later.count(),
        "post": official.post_on(clock.today()),
        "form": form,
        "rows": [(one, str(one.pk) in checked) for one in assignments],
    }
    return render(request, "liaisons/hand_over.html", context, status=422 if form.errors else 200)


def _leaving(request: HttpRequest) -> Official | None:
    """The cadre named in the address, if the user may know of them."""
    pk = request.GET.get("official", "")
    officials = with_posts(Official.objects.visible_to(request.user))
    if pk:
        known = pk if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0
        return get_object_or_404(officials, pk=known)
    typed = request.GET.get("official_text", "").strip()
    found = list(officials.search(typed)[:2]) if typed else []
    return found[0] if len(found) == 1 else None


def _handed_over(request: HttpRequest, form: HandoverForm, official: Official, key: str) -> str | None:
    data = form.cleaned_data

    def hand_over() -> int:
        made = services.hand_over(
            by=request.user,
            official=official,
            day=data["day"],
            reason=data["reason"],
            successors=form.successors(),
        )
        messages.success(
            request, f"{official.name}的 {len(data['assignments'])} 项{speak('包保联系')}已移交。"
        )
        return made.pk

    try:
        return tokens.once(key, hand_over)
    except ValidationError as error:
        _take_errors(form, error)
        return None


def _take_errors(form: HandoverForm, error: ValidationError) -> None:
    """Next to the field where there is one."""
    for name, said in getattr(error, "message_dict", {None: error.messages}).items():
        form.add_error(name if name in form.fields else None, ValidationError(said))
