"""联络员: the table of 附件2, who is missing from it, a unit's history, and what comes out on paper and in Excel."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import Unit
from core import clock, tokens
from core.paging import WindowPaginator
from core.wording import spoken
from core.xlsx import download
from liaisons import officer_book
from liaisons.address_book import gaps, unreached
from liaisons.filters import OfficerFilter
from liaisons.forms.officers import AppointForm, ChangeForm, EndOfficerForm
from liaisons.models import LiaisonOfficer
from liaisons.permissions import may_keep, may_keep_officers, may_take_away, units_to_keep
from liaisons.querysets import OfficerQuerySet
from liaisons.selectors import rules_of
from liaisons.services import officers as services

PER_PAGE = 50
NO_DOWNLOAD = spoken("联络员情况表含完整手机号，由牵头局调度员导出。")


@require_safe
def officer_list(request: HttpRequest) -> HttpResponse:
    """The table as 附件2 has it; below it the units without an officer, and those a notice does not reach."""
    filterset = OfficerFilter(request.GET, queryset=_lines(request), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for officer in page:
        officer.may_keep = officer.ended is None and may_keep(request.user, officer.unit)
    unit, rules = request.user.unit, rules_of(request.user)
    missing = gaps(unit.district, rules) if unit and rules else []
    for gap in missing:
        gap.unit.may_keep = may_keep(request.user, gap.unit)
    context = {
        "title": officer_book.title_of(rules) if rules else "联络员情况表",
        "filterset": filterset,
        "page": page,
        "is_filtered": any(request.GET.get(name) for name in filterset.form.fields),
        "gaps": missing,
        "unreached": unreached(unit.district) if unit else [],
        "may_keep": may_keep_officers(request.user),
        "may_take_away": may_take_away(request.user),
    }
    return render(request, "liaisons/officers.html", context)


def _lines(request: HttpRequest) -> OfficerQuerySet:
    lines = LiaisonOfficer.objects.visible_to(request.user).select_related("unit", "official")
    return lines.order_by("unit__order", "unit_id", "id")


@require_safe
def officer_history(request: HttpRequest, pk: int) -> HttpResponse:
    return _history(request, get_object_or_404(Unit.objects.visible_to(request.user), pk=pk))


@require_POST
def officer_mobile(request: HttpRequest, pk: int) -> HttpResponse:
    """The number in full, for this once; who looked is logged."""
    officer = get_object_or_404(_lines(request), pk=pk)
    audit.record(request.user, "officer.mobile_shown", officer)
    if request.htmx:
        return render(request, "liaisons/_mobile.html", {"officer": officer, "revealed": True})
    return _history(request, officer.unit, revealed=officer.pk)


def _history(request: HttpRequest, unit: Unit, revealed: int | None = None) -> HttpResponse:
    """All lines of a unit, those in force first, then the latest."""
    today = clock.today()
    lines = list(_lines(request).filter(unit=unit).order_by("-started", "-id").select_related("recorded_by"))
    for line in lines:
        line.is_over = line.ended is not None and line.ended <= today
        line.never_held = line.ended == line.started
        line.may_keep = not line.is_over and may_keep(request.user, unit)
        line.revealed = line.pk == revealed
    lines.sort(key=lambda line: line.is_over)
    context = {"unit": unit, "lines": lines, "today": today, "may_keep": may_keep(request.user, unit)}
    return render(request, "liaisons/officer_history.html", context)


# --- Keeping it -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def appoint_officer(request: HttpRequest) -> HttpResponse:
    """``?unit=`` chooses the unit beforehand."""
    if not may_keep_officers(request.user):
        raise PermissionDenied(services.NOT_YOURS)
    initial: dict[str, Any] = {"token": tokens.new_token()}
    wanted = request.GET.get("unit", "")
    if wanted.isdecimal() and len(wanted) < 19:
        initial["unit"] = units_to_keep(request.user).filter(pk=wanted).first()
    form = AppointForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        key = f"officer:{request.user.pk}:{form.cleaned_data['token']}"
        if _appointed(request, form, key):
            return redirect("liaisons:officers")
    context = {"form": form, "shown": _shown(form)}
    status = 422 if request.method == "POST" else 200
    return render(request, "liaisons/appoint_officer.html", context, status=status)


def _appointed(request: HttpRequest, form: AppointForm, key: str) -> bool:
    data = form.cleaned_data

    def appoint() -> int:
        officer = services.appoint(
            by=request.user, unit=data["unit"], started=data["started"], **form.as_line()
        )
        messages.success(request, f"已登记{officer.unit}联络员{officer.name}。")
        return officer.pk

    try:
        tokens.once(key, appoint)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _shown(form: AppointForm | ChangeForm) -> str:
    """The name beside the hidden choice, as long as it is one the user may choose."""
    try:
        chosen = form.fields["official"].clean(form["official"].value())
    except ValidationError:
        chosen = None
    return chosen.name if chosen else ""


@require_http_methods(["GET", "HEAD", "POST"])
def change_officer(request: HttpRequest, pk: int) -> HttpResponse:
    officer = _to_keep(request, pk)
    form = ChangeForm(request.POST or None, user=request.user, officer=officer)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change(by=request.user, officer=officer, **form.as_line())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{changed.unit}联络员{changed.name}的信息已更新。")
            return redirect("liaisons:officer_history", changed.unit_id)
    if request.method == "GET":
        # The form shows the number in full, to be put right.
        audit.record(request.user, "officer.mobile_shown", officer)
    context = {"form": form, "officer": officer, "shown": _shown(form)}
    status = 422 if request.method == "POST" else 200
    return render(request, "liaisons/change_officer.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def end_officer(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what ends, from which day, and that the record stays."""
    officer = _to_keep(request, pk)
    form = EndOfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end(by=request.user, officer=officer, ended=form.cleaned_data["ended"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{officer.name}不再担任{officer.unit}联络员，记录已保留。")
            return redirect("liaisons:officer_history", officer.unit_id)
    context = {"form": form, "officer": officer}
    status = 422 if request.method == "POST" else 200
    return render(request, "liaisons/end_officer.html", context, status=status)


def _to_keep(request: HttpRequest, pk: int) -> LiaisonOfficer:
    officer = get_object_or_404(_lines(request), pk=pk)
    if not may_keep(request.user, officer.unit):
        raise PermissionDenied(services.NOT_YOURS)
    return officer


# --- Paper and Excel ------------------------------------------------------------------------------


@require_safe
def officers_print(request: HttpRequest) -> HttpResponse:
    """The table on A4. The dispatcher's shows the mobile numbers in full; that is on record."""
    rules, full = rules_of(request.user), may_take_away(request.user)
    lines = list(_lines(request).filter(unit__active=True).in_force())
    if full:
        audit.record(request.user, "officers.printed", lines=len(lines))
    context = {
        "title": officer_book.title_of(rules) if rules else "联络员情况表",
        "lines": lines,
        "full": full,
        "printed_at": clock.now(),
    }
    return render(request, "liaisons/officers_print.html", context)


@require_safe
def officers_export(request: HttpRequest) -> HttpResponse:
    """附件2 as it stands, narrowed like the page it is asked for on."""
    rules = rules_of(request.user)
    if rules is None or not may_take_away(request.user):
        raise PermissionDenied(NO_DOWNLOAD)
    listed = _lines(request).filter(unit__active=True)
    lines = list(OfficerFilter(request.GET, queryset=listed, request=request).qs)
    now = timezone.localtime(clock.now())
    content = officer_book.workbook(
        title=officer_book.title_of(rules),
        officers=lines,
        units=list(Unit.objects.of_district(request.user.unit.district).active()),
        by=f"{request.user.unit}{request.user}",
        at=now,
    )
    audit.record(request.user, "officers.exported", lines=len(lines))
    return download(content, f"联络员情况表_{rules.name}_{now:%Y%m%d}.xlsx")
