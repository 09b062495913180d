"""Who looks after whom: the list, a cadre's own firms, starting and ending an assignment."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Official
from core import clock, tokens
from core.http import in_passing
from core.paging import WindowPaginator
from core.wording import speak
from enterprises.subjects import MODELS, pages_of
from liaisons.filters import AssignmentFilter
from liaisons.forms.assignments import AssignForm, EndForm
from liaisons.models import Assignment
from liaisons.permissions import may_assign, may_end
from liaisons.selectors import rules_of, with_posts
from liaisons.services.assignments import NOT_YOURS, end_assignment
from liaisons.services.assignments import assign as assign_cadre

MOST_SUGGESTIONS = 10
PER_PAGE = 25


@require_safe
def assignment_list(request: HttpRequest) -> HttpResponse:
    assignments = (
        Assignment.every_kind.visible_to(request.user)
        .select_related("official", "unit", "region", "enterprise", "project")
        .order_by("-started", "-id")
    )
    filterset = AssignmentFilter(request.GET, queryset=assignments, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    pages = pages_of((assignment.subject for assignment in page), request.user)
    for assignment in page:
        assignment.page = pages.get(assignment.subject, "")
        assignment.may_end = assignment.ended is None and may_end(request.user, assignment)
    context = {
        "filterset": filterset,
        "page": page,
        "may_assign": may_assign(request.user),
        "today": clock.today(),
        "rules": rules_of(request.user),
    }
    return render(request, "liaisons/assignments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """``?enterprise=``, ``?project=`` and ``?official=`` choose beforehand."""
    if not may_assign(request.user):
        raise PermissionDenied(NOT_YOURS)
    form = AssignForm(request.POST or None, user=request.user, initial=_chosen_beforehand(request))
    if request.method == "POST" and form.is_valid():
        key = f"assign:{request.user.pk}:{form.cleaned_data['token']}"
        if _assigned(request, form, key):
            return redirect("liaisons:assignments")
    context = {"form": form, "shown": _shown(form)}
    return render(request, "liaisons/assign.html", context, status=422 if form.errors else 200)


def _assigned(request: HttpRequest, form: AssignForm, key: str) -> bool:
    data = form.cleaned_data

    def assign() -> int:
        assignment = assign_cadre(
            by=request.user,
            official=data["official"],
            subject=data["subject"],
            started=data["started"],
            part=data["part"],
            kind=data["kind"],
        )
        messages.success(request, f"已安排{assignment.official.name}联系“{assignment.subject_name}”。")
        return assignment.pk

    try:
        tokens.once(key, assign)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _chosen_beforehand(request: HttpRequest) -> dict[str, object]:
    initial: dict[str, object] = {"token": tokens.new_token()}
    for name in MODELS:
        if name in request.GET:
            initial["subject"] = f"{name}-{request.GET[name]}"
    if kind := request.GET.get("kind", ""):
        initial["kind"] = kind
    if request.GET.get("official", "").isdecimal():
        initial["official"] = request.GET["official"]
    return initial


def _shown(form: AssignForm) -> dict[str, str]:
    """The words beside a hidden choice, as long as the choice is one the user may make."""
    shown = {}
    for name in ("official", "subject"):
        try:
            chosen = form.fields[name].clean(form[name].value())
        except ValidationError:
            chosen = None
        shown[name] = chosen.name if chosen else ""
    return shown


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what ends, from which day, and that nothing is lost."""
    assignments = Assignment.every_kind.visible_to(request.user).select_related(
        "official", "unit", "region", "enterprise", "project"
    )
    assignment = get_object_or_404(assignments, pk=pk)
    if not may_end(request.user, assignment):
        raise PermissionDenied(speak("您只能结束本单位干部的包保联系。"))
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_assignment(by=request.user, assignment=assignment, ended=form.cleaned_data["ended"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                f"{assignment.official.name}与“{assignment.subject_name}”的{speak('包保联系')}已结束。",
            )
            return redirect("liaisons:assignments")
    context = {"form": form, "assignment": assignment}
    return render(request, "liaisons/end.html", context, status=422 if form.errors else 200)


@require_safe
@in_passing
def official_lookup(request: HttpRequest) -> HttpResponse:
    """Suggestions for a search box: officials of the district with the post they hold (or last held)."""
    query = request.GET.get("q", "").strip()
    found = Official.objects.visible_to(request.user).search(query) if query else Official.objects.none()
    officials = list(with_posts(found)[:MOST_SUGGESTIONS])
    rules = rules_of(request.user)
    for official in officials:
        official.post = official.post_on(clock.today()) or next(iter(official.posts.all()), None)
        if official.post and rules:
            official.group_label = rules.label("rank_groups", official.post.rank_group)
    return render(request, "liaisons/_officials.html", {"officials": officials})
