"""Dispatching several appeals to one unit."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.models import Role
from appeals.batch import MOST, dispatch_all
from appeals.forms import DispatchForm
from appeals.loads import loads
from appeals.models import Appeal, Status
from appeals.phrases import phrase_help
from appeals.queues import APPEALS_ON_A_DESK
from appeals.suggestions import show_loads
from appeals.views.posted import form_token
from core import tokens
from core.http import drop_draft, forbidden
from core.wording import speak
from districts.models import DistrictProfile

TOO_MANY = f"一次最多交办 {MOST} 件，请分几次办理。"


@never_cache
@require_http_methods(["GET", "POST"])
def batch_dispatch(request: HttpRequest) -> HttpResponse:
    """The form for all appeals that were ticked at the desk, and what became of each."""
    if not request.user.has_role(Role.DISPATCHER):
        return forbidden(request, speak("批量交办由牵头局调度员使用。"))
    given = request.POST if request.method == "POST" else request.GET
    numbers = [number for number in dict.fromkeys(given.getlist("number")) if "\0" not in number]
    if len(numbers) > MOST:
        return _page(request, [], message=TOO_MANY, status=422)
    appeals = list(
        APPEALS_ON_A_DESK.visible_to(request.user).filter(number__in=numbers).select_related("region")
    )
    if request.method == "GET":
        waiting = [appeal for appeal in appeals if appeal.status == Status.ACCEPTED]
        return _page(request, waiting, form=_form(request), left_out=len(numbers) - len(waiting))
    if not appeals:
        return _page(request, [], message="没有选定要交办的诉求。", status=422)
    token = form_token(request) or tokens.new_token()
    form = _form(request, request.POST, appeals[0])
    if not form.is_valid():
        return _page(request, appeals, form=form, token=token, status=422)
    seen = {appeal.number: _version(request, appeal) for appeal in appeals}
    outcomes = dispatch_all(
        appeals, actor=Actor.of_user(request.user), data=request.POST, seen=seen, key=token
    )
    refused = [one for one in outcomes if not one.done]
    if not refused:
        drop_draft(request, "batch-dispatch")
    context = {
        "done": [one for one in outcomes if one.done],
        "refused": refused,
        "lead_unit": form.cleaned_data["lead_unit"],
        "requirements": form.cleaned_data["requirements"],
    }
    return render(request, "appeals/batch_done.html", context)


def _form(request: HttpRequest, data: Any = None, appeal: Appeal | None = None) -> DispatchForm:
    district = request.user.unit.district
    return DispatchForm(
        data,
        appeal=appeal,
        actor=Actor.of_user(request.user),
        district=district,
        rules=DistrictProfile.objects.in_force(district).rules,
    )


def _version(request: HttpRequest, appeal: Appeal) -> int | None:
    seen = request.POST.get(f"seen-{appeal.number}", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


def _phrases(request: HttpRequest, appeals: list[Appeal]) -> dict[str, Any]:
    """Requirements that fit all of them."""
    if not appeals:
        return {}
    found = phrase_help(appeals[0], "dispatch", request.user)
    same = len({appeal.category for appeal in appeals}) == 1
    return found | {"phrases": [phrase for phrase in found["phrases"] if same or not phrase.category]}


def _page(
    request: HttpRequest,
    appeals: list[Appeal],
    *,
    form: DispatchForm | None = None,
    token: str = "",
    left_out: int = 0,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    if form is not None:
        show_loads(form, loads(request.user.unit.district_id))
    context = {
        "appeals": appeals,
        "form": form,
        "token": token or tokens.new_token(),
        "left_out": left_out,
        "message": message,
        **_phrases(request, appeals),
    }
    return render(request, "appeals/batch_dispatch.html", context, status=status)
