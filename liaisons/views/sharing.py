"""Firms without anybody, by township and tier, shared out among cadres in one go."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import tokens
from core.paging import WindowPaginator
from core.wording import speak
from districts.models import Region
from enterprises.models import Enterprise
from liaisons.filters import UncoveredFilter
from liaisons.forms.assignments import ShareForm, colleagues
from liaisons.models import Assignment
from liaisons.permissions import may_assign
from liaisons.services.assignments import NOT_YOURS, share_out

PER_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """The list is filtered by the address; the form below it says who takes the firms."""
    if not may_assign(request.user):
        raise PermissionDenied(NOT_YOURS)
    uncovered = Enterprise.objects.visible_to(request.user).active().uncovered()
    filterset = UncoveredFilter(request.GET, queryset=uncovered, request=request)
    firms = filterset.qs.select_related("region").order_by("id")
    page = WindowPaginator(firms, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    form = ShareForm(
        request.POST or None,
        user=request.user,
        officials=_takers(request, filterset.form.cleaned_data.get("region")),
        shown=shown,
        total=page.paginator.count,
        initial={"token": tokens.new_token(), "which": ShareForm.CHECKED, "way": ShareForm.SEVERAL},
    )
    if request.method == "POST":
        # Looked up first: what was assigned is no longer on the list the form is checked against.
        key = f"share:{request.user.pk}:{request.POST.get('token', '')[:40]}"
        done = tokens.earlier_result(key) or (form.is_valid() and _shared(request, form, firms, key))
        if done:
            messages.success(request, f"已安排 {done} 家企业的{speak('包保联系')}。")
            return redirect(request.get_full_path())
    checked = set(form.data.getlist("firms")) if form.is_bound else {str(firm.pk) for firm in shown}
    context = {
        "filterset": filterset,
        "form": form,
        "page": page,
        "firms": [(firm, str(firm.pk) in checked) for firm in shown],
    }
    return render(request, "liaisons/share.html", context, status=422 if form.errors else 200)


def _who_got_what(made: list[Assignment]) -> str:
    counts = Counter(assignment.official.name for assignment in made)
    return "、".join(f"{name} {number} 家" for name, number in counts.items())


def _takers(request: HttpRequest, region: Region | None) -> list:
    """The cadres of the chosen township; without one, of the own unit."""
    if region is not None:
        return colleagues(request.user, region=region)
    return colleagues(request.user, unit_id=request.user.unit_id)


def _shared(request: HttpRequest, form: ShareForm, firms, key: str) -> str | None:
    """How many were assigned, as the token's result; None when the form has to be shown again."""
    data = form.cleaned_data
    wanted = firms if data["which"] == ShareForm.ALL else firms.filter(pk__in=data["firms"])

    def share() -> int:
        made = share_out(
            by=request.user,
            officials=data["several"] or [data["official"]],
            subjects=list(wanted),
            started=data["started"],
            part=data["part"],
        )
        messages.info(request, _who_got_what(made))
        return len(made)

    try:
        return tokens.once(key, share)
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return None
