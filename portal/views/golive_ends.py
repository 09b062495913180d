"""The ends of a setup: files to take along, the live district or the new version of rules, and the first passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from accounts.first_password import last_day, make_token, user_of
from accounts.models import Role, Unit, User
from core import clock
from core.qr import qr_svg
from core.wording import speak
from core.xlsx import download
from districts import calendar_import
from districts.models import CalendarYear, DistrictProfile, Region
from districts.schema import ProfileError
from enterprises.models import Enterprise
from liaisons.models import Assignment, LiaisonOfficer
from portal.golive import export, services
from portal.golive.differences import differences
from portal.golive.people import PEOPLE
from portal.golive.preview import form_workbook
from portal.models import Setup
from portal.querysets import is_operator, is_own_admin
from portal.views.golive import found
from portal.views.golive_steps import SheetForm

MOST_SLIPS = 500


# --- To take along --------------------------------------------------------------------------------


@require_safe
def export_folder(request: HttpRequest, pk: int) -> HttpResponse:
    """The setup as profiles/<code>/…, for ``load_profile``."""
    one = found(request, pk)
    if one.is_change:
        raise Http404
    draft, composed = services.whole(one)
    if composed.profile is None:
        messages.error(request, "还有问题没有改好，不能下载配置文件。")
        return redirect("portal:setup", pk)
    people = draft.rows("people", PEOPLE)
    content = export.archive(composed.profile, people, one.files_by_kind)
    record(request.user, "setup.export", one)
    response = HttpResponse(content, content_type="application/zip")
    disposition = content_disposition_header(True, f"{composed.profile.rules.code}.zip")
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def form_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The weekly table as an empty .xlsx, to lay beside the district's own."""
    one = found(request, pk)
    draft = services.draft_of(one)
    try:
        content = form_workbook(draft, "（单位名称）")
    except ProfileError as error:
        messages.error(request, "；".join(error.messages)[:500])
        return redirect("portal:setup_step", pk, "weekly")
    return download(content, "工作情况表-样表.xlsx")


# --- Live -----------------------------------------------------------------------------------------


class LiveForm(forms.Form):
    name = forms.CharField(
        label="照样输入县区名称",
        max_length=60,
        help_text="确认是这个县区",
        error_messages={"required": "请输入县区名称。"},
    )


class PublishForm(forms.Form):
    effective_from = forms.DateField(
        label="从哪天起生效", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="最早明天。之前收到的诉求仍按原来的规则办。", error_messages={"required": "请填写生效日期。"},
    )  # fmt: skip
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="改了什么，依据什么文件")


@require_http_methods(["GET", "HEAD", "POST"])
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what will be made, or from when the changed rules hold."""
    one = found(request, pk)
    if one.is_fixed:
        return redirect("portal:setup", pk)
    draft, composed = services.whole(one)
    reasons = services.not_ready(draft, composed)
    form: Any = PublishForm(
        request.POST or None, initial={"effective_from": clock.today() + timedelta(days=1)}
    )
    if not one.is_change:
        form = LiveForm(request.POST or None)
    if request.method == "POST" and not reasons and form.is_valid():
        try:
            return _publish(request, one, form) if one.is_change else _go_live(request, one, form)
        except ValidationError as error:
            form.add_error(None, error)
    changes: list[tuple[str, str, str]] = []
    if one.is_change and one.district is not None and composed.profile is not None:
        newest = DistrictProfile.objects.filter(district=one.district).order_by("-effective_from")[0]
        changes = differences(newest.rules, composed.profile.rules)
    context = {
        "setup": one, "form": form, "reasons": reasons, "changes": changes,
        "rules": composed.profile.rules if composed.profile else None,
        "counts": services.counted(draft, one), "warnings": [p.words for p in composed.problems if p.warning],
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/setup_live.html", context, status=status)


def _go_live(request: HttpRequest, one: Setup, form: LiveForm) -> HttpResponse:
    made = services.go_live(setup=one, by=request.user, name=form.cleaned_data["name"])
    messages.success(
        request,
        f"{made.district}已上线：{len(made.units)} 个单位，{made.officials} 名干部，{len(made.accounts)} 个账号。",
    )
    return redirect("portal:setup_after", one.pk)


def _publish(request: HttpRequest, one: Setup, form: PublishForm) -> HttpResponse:
    data = form.cleaned_data
    is_new = services.publish(
        setup=one, by=request.user, effective_from=data["effective_from"], note=data["note"]
    )
    if not is_new:
        messages.info(request, "与现在的规则完全一样，没有产生新版本。")
        return redirect("portal:setup", one.pk)
    messages.success(request, f"新规则已发布，{data['effective_from']:%Y年%-m月%-d日}起生效。")
    return redirect("portal:setup_change")


@require_safe
def after(request: HttpRequest, pk: int) -> HttpResponse:
    """What is left to do once a district is live; each line from the database as it is now."""
    one = found(request, pk)
    if not one.is_fixed or one.is_change or one.district is None:
        return redirect("portal:setup", pk)
    context = {
        "setup": one,
        "district": one.district,
        "lines": _checklist(one.district),
        "files": [
            file for file in one.files.select_related("sheet_import") if not file.kind.startswith("map-")
        ],
        "waiting": len(services.without_password(one.district)),
        "public_url": request.build_absolute_uri(reverse("public:home", args=[one.district.code])),
    }
    return render(request, "portal/setup_after.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: everything of the rehearsal goes, what was entered stays."""
    one = found(request, pk)
    if not one.is_trial or one.is_live or one.district is None:
        return redirect("portal:setup", pk)
    form = LiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cleared = services.close_trial(setup=one, by=request.user, name=form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            rows = sum(cleared.values())
            messages.success(
                request, f"演练已清除（{rows:,} 条记录）。填过的内容都还在，可以再改、再演练，或正式上线。"
            )
            return redirect("portal:setup", pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/setup_clear.html", {"setup": one, "form": form}, status=status)


def _checklist(district: Region) -> list[dict[str, Any]]:
    rules = DistrictProfile.objects.in_force(district).rules
    units = list(Unit.objects.of_district(district).active())
    handling = [unit for unit in units if unit.kind in rules.handling_unit_kinds]
    desks = set(
        User.objects.filter(unit__district=district)
        .with_role(Role.LIAISON, Role.UNIT_LEADER, Role.DEPUTY_LEADER, Role.DISPATCHER)
        .values_list("unit_id", flat=True)
    )
    officers = set(
        LiaisonOfficer.objects.in_force().filter(unit__district=district).values_list("unit_id", flat=True)
    )
    firms = Enterprise.objects.filter(district=district, active=True).count()
    covered = (
        Assignment.objects.filter(enterprise__district=district, ended__isnull=True)
        .values("enterprise")
        .distinct()
        .count()
    )
    years = set(CalendarYear.objects.values_list("year", flat=True))
    waiting = len(services.without_password(district))
    bare = [category.label for category in rules.categories if not category.units]
    return [
        _line("办理单位都有人接诉求", [unit.short_name for unit in handling if unit.pk not in desks], "没有联络员、负责人账号："),
        _line("各单位都有联络员", [unit.short_name for unit in handling if unit.pk not in officers], "没有登记联络员："),
        _line("诉求类别都有建议的主办单位", bare, "没有建议单位，交办时要自己选："),
        {"label": speak("企业底册"), "done": firms > 0, "text": f"在册 {firms:,} 家" if firms else "还没有导入"},
        {"label": speak("包保全覆盖"), "done": firms > 0 and covered >= firms,
         "text": f"有干部联系的 {covered:,} 家，占 {covered * 100 // firms}%" if firms else speak("底册导入后再安排")},
        {"label": "热线", "done": bool(rules.hotlines), "text": f"{len(rules.hotlines)} 条" if rules.hotlines else "没有填"},
        {"label": "工作日历", "done": clock.today().year in years,
         "text": f"{clock.today().year} 年{'已有' if clock.today().year in years else '没有导入'}"},
        {"label": "账号都设了密码", "done": not waiting, "text": f"{waiting} 个还没有设" if waiting else "都设了"},
    ]  # fmt: skip


def _line(label: str, missing: list[str], words: str) -> dict[str, Any]:
    shown = "、".join(missing[:10]) + (f"等 {len(missing)} 个" if len(missing) > 10 else "")
    return {"label": label, "done": not missing, "text": words + shown if missing else "齐了"}


# --- First passwords ------------------------------------------------------------------------------


@require_POST
@never_cache
def slips(request: HttpRequest, code: str) -> HttpResponse:
    """A slip for each account without a password: a link for a few days, as a code to scan."""
    district = get_object_or_404(Region.objects.districts(), code=code)
    user = request.user
    may = is_own_admin(user, district.pk) or (
        is_operator(user) and Setup.objects.visible_to(user).filter(district=district, kind="new").exists()
    )
    if not may:
        raise Http404
    rows = []
    for account in services.without_password(district)[:MOST_SLIPS]:
        url = request.build_absolute_uri(reverse("portal:first_password", args=[make_token(account)]))
        rows.append({"account": account, "url": url, "qr": qr_svg(url)})
    record(user, "accounts.slips", district, accounts=len(rows))
    context = {"rows": rows, "district": district, "until": last_day()}
    return render(request, "portal/password_slips.html", context)


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link of a slip: set the first password; then the link is dead."""
    account = user_of(token)
    if account is None:
        return render(request, "portal/first_password.html", {"account": None}, status=404)
    form = SetPasswordForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        record(account, "accounts.first_password", account)
        messages.success(request, f"密码已设好，请用用户名 {account.username} 登录。")
        return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/first_password.html", {"account": account, "form": form}, status=status)


# --- The calendar ---------------------------------------------------------------------------------


@require_POST
def import_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """A year's notice, from a sheet; it holds for the whole installation."""
    one = found(request, pk)
    if not is_operator(request.user):
        raise PermissionDenied(services.WHO_SETS_UP)
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "".join(message for texts in form.errors.values() for message in texts))
        return redirect("portal:setup_step", one.pk, "calendar")
    try:
        days = calendar_import.read_upload(form.cleaned_data["file"])
        year = max(
            {day.year for day, _, _ in days}, key=lambda one: sum(day.year == one for day, _, _ in days)
        )
        is_new = calendar_import.import_year(
            year=year, days=days, source=f"上线设置：{form.cleaned_data['file'].name}"
        )
    except calendar_import.CalendarFileError as error:
        messages.error(request, "；".join(error.messages)[:500])
    else:
        record(request.user, "calendar.import", None, year=year)
        messages.success(
            request, f"{year} 年的放假调休安排已导入。" if is_new else f"{year} 年的安排与已有的一样。"
        )
    return redirect("portal:setup_step", one.pk, "calendar")
