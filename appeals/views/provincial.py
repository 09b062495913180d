"""省平台录入: what is still to be entered on the provincial platform, its numbers, and the list as a sheet."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.models import IN_OFFICE, Role
from appeals import provincial_export
from appeals.filters import ProvincialFilter
from appeals.models import Appeal
from appeals.perform import NotAllowed, Stale
from appeals.policies import RECORDERS
from appeals.provincial import kept_by
from appeals.provincial_entry import ENTER, enter_number, may_enter
from appeals.querysets import AppealQuerySet
from appeals.views.posted import form_token, seen_version
from core import clock, tokens
from core.http import drop_draft, forbidden
from core.paging import WindowPaginator
from core.wording import speak, spoken
from core.xlsx import download
from districts.models import DistrictProfile

PER_PAGE = 30
READERS = IN_OFFICE - {Role.ADMIN}
NOT_YOURS = spoken("省平台录入由收集单位和牵头局使用。")


class NumberForm(forms.Form):
    provincial_number = forms.CharField(
        label="省平台编号",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写省平台编号。"},
    )


def _may_read(request: HttpRequest) -> bool:
    return request.user.unit_id is not None and request.user.has_role(*READERS)


@never_cache
@require_safe
def number_list(request: HttpRequest) -> HttpResponse:
    """What is still to be entered, the longest waiting first; each number can be typed in where it stands."""
    if not _may_read(request):
        return forbidden(request, NOT_YOURS)
    filterset = ProvincialFilter(request.GET, _on_the_list(kept_by(request.user)), user=request.user)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filterset": filterset,
        "page": page,
        "rows": [_row(request, appeal) for appeal in page.object_list],
        "back": request.GET.urlencode(),
        "may_import": request.user.has_role(*RECORDERS),
        "platform": DistrictProfile.objects.in_force(request.user.unit.district).rules.provincial,
    }
    return render(request, "appeals/provincial.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Exactly the list as filtered, in the columns the platform wants. Who took it away is on record."""
    if not _may_read(request):
        return forbidden(request, NOT_YOURS)
    filterset = ProvincialFilter(request.GET, kept_by(request.user), user=request.user)
    rules = DistrictProfile.objects.in_force(request.user.unit.district).rules
    content, rows = provincial_export.workbook(filterset.qs, rules=rules, by=request.user)
    audit.record(request.user, "provincial.exported", rows=rows, state=filterset.chosen)
    return download(content, f"省平台录入_{filterset.chosen_label}_{rules.name}_{clock.today():%Y%m%d}.xlsx")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, number: str) -> HttpResponse:
    """One appeal's number and what the platform said: to be entered, or put right."""
    appeal = _on_the_list(kept_by(request.user)).filter(number=number).first()
    if appeal is None:
        raise Http404
    if request.method != "POST":
        return _number_page(request, _row(request, appeal))
    if not may_enter(request.user, appeal):
        return forbidden(
            request, f"“{ENTER.label}”由收集单位或{speak('牵头局')}调度员办理；现在的状态也可能不再录入。"
        )
    before, form = appeal.provincial_number, _form(appeal, request.POST)
    try:
        if not form.is_valid():
            return _answer(request, appeal, form, status=422)
        enter_number(
            appeal=appeal,
            number=form.cleaned_data["provincial_number"],
            by=request.user,
            seen=seen_version(request),
            key=_key(request, appeal),
        )
    except NotAllowed as refused:
        return forbidden(request, refused.message)
    except Stale as stale:
        form.add_error("provincial_number", f"{stale.message}请核对后再提交一次。")
        return _answer(request, appeal, form, status=409)
    except ValidationError as error:
        form.add_error("provincial_number", error)
        return _answer(request, appeal, form, status=422)
    drop_draft(request, f"provincial-{appeal.number}")
    if request.htmx:
        return _answer(request, appeal)
    messages.success(request, f"{appeal.number} 已{'更正' if before else '录入'}省平台编号。")
    filters = _back(request)
    return redirect(reverse("appeals:provincial") + (f"?{filters}" if filters else ""))


def _key(request: HttpRequest, appeal: Appeal) -> str | None:
    token = form_token(request)
    return f"provincial:{request.user.pk}:{appeal.pk}:{token}" if token else None


def _on_the_list(appeals: AppealQuerySet) -> AppealQuerySet:
    return (
        appeals.select_related("enterprise", "project", "collecting_unit", "lead_unit", "district", "profile")
        .defer("profile__data", "content", "search_text")
        .prefetch_related("provincial_results")
    )


def _form(appeal: Appeal, data: QueryDict | None = None) -> NumberForm:
    """Each appeal's field has an id of its own: a page shows many."""
    return NumberForm(
        data, auto_id=f"id_{appeal.pk}_%s", initial={"provincial_number": appeal.provincial_number}
    )


def _row(request: HttpRequest, appeal: Appeal, form: NumberForm | None = None) -> dict[str, Any]:
    results = list(appeal.provincial_results.all())
    return {
        "appeal": appeal,
        "days": (clock.today() - clock.local_date(appeal.submitted_at)).days,
        "results": results,
        "result": results[0] if results else None,
        "may_enter": may_enter(request.user, appeal),
        "form": form or _form(appeal),
        "token": tokens.new_token(),
    }


def _answer(
    request: HttpRequest, appeal: Appeal, form: NumberForm | None = None, *, status: int = 200
) -> HttpResponse:
    """The appeal as it is now: its line of the list where that was asked for, else its page."""
    row = _row(request, _on_the_list(kept_by(request.user)).get(pk=appeal.pk), form)
    if not request.htmx:
        return _number_page(request, row, status)
    context = {"row": row, "back": _back(request)}
    return render(request, "appeals/_provincial_row.html", context, status=status)


def _number_page(request: HttpRequest, row: dict[str, Any], status: int = 200) -> HttpResponse:
    appeal = row["appeal"]
    context = {"row": row, "appeal": appeal, "platform": appeal.rules.provincial, "back": _back(request)}
    return render(request, "appeals/provincial_number.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """The filters of the list one came from."""
    sent = (request.POST if request.method == "POST" else request.GET).get("back", "")
    return QueryDict(sent[:500].replace("\0", "")).urlencode()
