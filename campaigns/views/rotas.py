"""Rotas: the months of each kind, one month's table, planning, publishing, swapping, recording, sheets, one's own."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms import rotas as forms
from campaigns.models import Duty, Rota
from campaigns.rota_feed import FEED_BACK, feed_key, feed_of, owner_of
from campaigns.rota_people import acts_for, rules_in_force, runs_hall
from campaigns.rota_planning import days_of
from campaigns.rota_sheets import read_rota, rota_workbook
from campaigns.services import rotas as services
from campaigns.views.pages import Month, carried_out, form_page, fresh, go, posted
from core import clock
from core.xlsx import download
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.rotas import RotaKind
from districts.words import speaking_for
from liaisons.event_calendar import first_of, warning_for
from liaisons.event_feed import CONTENT_TYPE

MOST_MINE = 60
MOST_IN_FEED = 200


def _rules(request: HttpRequest) -> Rules:
    rules = rules_in_force(request.user)
    if rules is None:
        raise PermissionDenied(services.NOT_THE_HALL)
    return rules


def _kind(rules: Rules, code: str) -> RotaKind:
    found: RotaKind | None = rules.find("rota_kinds", code)
    if found is None:
        raise Http404
    return found


def _month(text: str) -> date:
    first = first_of(text)
    if first is None:
        raise Http404
    return first


def _planner(request: HttpRequest) -> Rules:
    rules = _rules(request)
    if not runs_hall(request.user, rules):
        raise PermissionDenied(services.NOT_THE_HALL)
    return rules


@require_safe
def rota_list(request: HttpRequest) -> HttpResponse:
    """Every kind in the month of ``?month=``, and the reader's own turns."""
    rules = _rules(request)
    month = Month(request.GET.get("month", ""))
    found = {
        rota.kind: rota
        for rota in Rota.objects.visible_to(request.user)
        .filter(month=month.first)
        .annotate(
            number=Count("duties"),
            held=Count("duties", filter=Q(duties__came=True)),
            unrecorded=Count("duties", filter=Q(duties__came__isnull=True, duties__day__lt=clock.today())),
        )
    }
    mine = []
    if request.user.official_id:
        rows = Duty.objects.visible_to(request.user).of(request.user.official_id)
        since = clock.today().replace(day=1)
        listed = rows.filter(day__gte=since).select_related("rota", "unit", "official", "substitute")
        mine = list(listed.order_by("day", "begins")[:MOST_MINE])
        for duty in mine:
            duty.kind_label = rules.label("rota_kinds", duty.rota.kind)
    context = {
        "month": month,
        "lines": [(kind, found.get(kind.code)) for kind in rules.rotas.kinds],
        "mine": mine,
        "feed_url": request.build_absolute_uri(reverse("campaigns:duty_feed", args=[feed_key(request.user)])),
        "may_plan": runs_hall(request.user, rules),
        "today": clock.today(),
        "district": request.user.unit.district,
    }
    return render(request, "campaigns/rotas.html", context)


def _duties(rota: Rota | None) -> list[Duty]:
    if rota is None:
        return []
    rows = rota.duties.select_related("unit__parent", "official", "substitute", "rota")
    return list(rows.prefetch_related("appeals", "swaps").order_by("day", "begins", "pk"))


def _found(request: HttpRequest, kind: str, month: date) -> Rota | None:
    rows = Rota.objects.visible_to(request.user).filter(kind=kind, month=month)
    return rows.filter(district=request.user.unit.district).select_related("published_by").first()


@require_safe
def rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = _rules(request)
    kind, first = _kind(rules, code), _month(month)
    found = _found(request, code, first)
    plans = runs_hall(request.user, rules)
    duties = _duties(found)
    for duty in duties:
        duty.warning = warning_for(duty.day, rules) if duty.day >= clock.today() else ""
        swaps = plans or acts_for(request.user, duty.unit)
        own = (
            request.user.official_id is not None
            and duty.person
            and duty.person.pk == request.user.official_id
        )
        duty.may_swap = bool(swaps or own) and duty.came is None and duty.day >= clock.today()
        duty.may_record = bool(swaps or own) and duty.day <= clock.today()
    context = {
        "kind": kind,
        "month": Month(month),
        "rota": found,
        "duties": duties,
        "free": [
            one
            for one in days_of(kind, first, rules)
            if not one.is_off and one.day not in {duty.day for duty in duties}
        ],
        "may_plan": plans,
        "received": sum(duty.received for duty in duties),
        "solved": sum(duty.solved for duty in duties),
    }
    return render(request, "campaigns/rota.html", context)


@require_safe
def rota_print(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """The 排班表 on one A4."""
    rules = _rules(request)
    kind, first = _kind(rules, code), _month(month)
    found = _found(request, code, first)
    context = {"kind": kind, "month": Month(month), "rota": found, "duties": _duties(found), "rules": rules}
    return render(request, "campaigns/rota_print.html", context)


@require_safe
def download_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = _rules(request)
    kind, first = _kind(rules, code), _month(month)
    found = _found(request, code, first)
    title = f"{kind.label}排班表（{first.year}年{first.month}月）"
    below = f"{rules.name}　　{kind.who}" + (
        f"　　{clock.local_date(found.published_at):%Y-%m-%d}公布" if found and found.published_at else ""
    )
    return download(rota_workbook(title, below, _duties(found)), f"{title}.xlsx")


# --- Planning -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def plan_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = _planner(request)
    kind, first = _kind(rules, code), _month(month)
    days = days_of(kind, first, rules)
    form = forms.PlanMonthForm(
        posted(request), user=request.user, kind=kind, month=first, days=days, initial=fresh()
    )
    if request.method == "POST" and form.is_valid():

        def make() -> int:
            number = services.plan_month(
                by=request.user,
                kind=kind,
                month=first,
                turns=form.cleaned_data["turns"],
                days=form.chosen_days(),
            )
            messages.success(request, f"已排 {number} 班。" if number else "这些日子都已有人值班。")
            return number

        if carried_out(request, form, "rota-plan", make):
            return go("rota", code, month)
    return form_page(
        request,
        form,
        title=f"排班：{kind.label}",
        lead=f"{first.year}年{first.month}月，{kind.begins:%H:%M}—{kind.ends:%H:%M}。已经有人的日子不动，只排空着的。",
        submit="轮流排班",
        back=reverse("campaigns:rota", args=[code, month]),
        back_label=kind.label,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_duty(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = _planner(request)
    kind, first = _kind(rules, code), _month(month)
    initial = fresh({"begins": kind.begins, "ends": kind.ends, "place": kind.place})
    form = forms.DutyForm(posted(request), user=request.user, initial=initial | _day_asked(request))
    if request.method == "POST" and form.is_valid():

        def make() -> int:
            district = request.user.unit.district
            found = services.rota_of(by=request.user, district=district, kind=code, month=first)
            return services.add_duties(by=request.user, rota=found, lines=[form.as_line()])[0].pk

        if carried_out(request, form, "rota-duty", make):
            messages.success(request, "已加一班。")
            return go("rota", code, month)
    return form_page(
        request,
        form,
        title=f"加一班：{kind.label}",
        back=reverse("campaigns:rota", args=[code, month]),
        back_label=kind.label,
    )


def _day_asked(request: HttpRequest) -> dict[str, str]:
    return {"day": request.GET["day"][:10]} if "day" in request.GET else {}


@require_http_methods(["GET", "HEAD", "POST"])
def import_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """All rows or none; what is wrong is said by line."""
    rules = _planner(request)
    kind, first = _kind(rules, code), _month(month)
    form = forms.SheetForm(posted(request), request.FILES or None, user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():

        def make() -> int:
            lines = read_rota(form.cleaned_data["file"], user=request.user, kind=kind)
            district = request.user.unit.district
            found = services.rota_of(by=request.user, district=district, kind=code, month=first)
            return len(services.add_duties(by=request.user, rota=found, lines=lines))

        if number := carried_out(request, form, "rota-sheet", make):
            messages.success(request, f"已导入 {number} 班。")
            return go("rota", code, month)
    return form_page(
        request,
        form,
        title=f"导入排班表：{kind.label}",
        lead="全部行都对才会导入，与已有的班合在一起。可以先导出 Excel，填好再导入。",
        submit="导入",
        back=reverse("campaigns:rota", args=[code, month]),
        back_label=kind.label,
        template="campaigns/upload_page.html",
    )


@require_POST
def publish_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    _planner(request)
    found = _found(request, code, _month(month))
    if found is None:
        raise Http404
    try:
        services.publish(by=request.user, rota=found)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已公布，值班人会收到通知。")
    return redirect("campaigns:rota", code, month)


# --- One duty -------------------------------------------------------------------------------------


def _duty(request: HttpRequest, pk: int) -> Duty:
    rows = Duty.objects.visible_to(request.user).select_related(
        "rota__district", "unit", "official", "substitute"
    )
    return get_object_or_404(rows, pk=pk)


def _of(duty: Duty) -> list[str]:
    return [duty.rota.kind, f"{duty.rota.month:%Y-%m}"]


def _may_swap_or_403(request: HttpRequest, duty: Duty) -> Rules:
    rules = DistrictProfile.objects.in_force(duty.rota.district).rules
    if not services.may_swap(request.user, duty, rules):
        raise PermissionDenied(services.NOT_YOURS)
    return rules


def _duty_page(request: HttpRequest, duty: Duty, form, title: str, **more) -> HttpResponse:
    person = f" {duty.person.name}" if duty.person else "（待单位确定）"
    return form_page(
        request,
        form,
        title=title,
        back=reverse("campaigns:rota", args=_of(duty)),
        back_label="排班表",
        **({"lead": f"{duty.day:%Y-%m-%d} {duty.begins:%H:%M} {duty.unit}{person}"} | more),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_duty(request: HttpRequest, pk: int) -> HttpResponse:
    _planner(request)
    duty = _duty(request, pk)
    names = ("day", "unit", "official", "begins", "ends", "place")
    form = forms.DutyForm(
        posted(request), user=request.user, initial=fresh({name: getattr(duty, name) for name in names})
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_duty(by=request.user, duty=duty, line=form.as_line())
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已修改。")
            return go("rota", *_of(duty))
    return _duty_page(request, duty, form, "修改值班")


@require_POST
def remove_duty(request: HttpRequest, pk: int) -> HttpResponse:
    _planner(request)
    duty = _duty(request, pk)
    try:
        services.remove_duty(by=request.user, duty=duty)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已删除这一班。")
    return go("rota", *_of(duty))


@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    _may_swap_or_403(request, duty)
    form = forms.SubstituteForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.name_person(by=request.user, duty=duty, official=data["official"], reason=data["reason"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"{duty.day:%m月%d日}由{data['official'].name}值班。")
            return go("rota", *_of(duty))
    return _duty_page(request, duty, form, "确定值班人、代班", submit="确定")


@require_http_methods(["GET", "HEAD", "POST"])
def swap_duty(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    _may_swap_or_403(request, duty)
    others = duty.rota.duties.filter(day__gte=clock.today(), came__isnull=True).exclude(pk=duty.pk)
    form = forms.SwapForm(
        posted(request),
        user=request.user,
        duty=duty,
        others=list(others.select_related("unit", "official", "substitute")),
        initial=fresh(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def make() -> int:
            services.swap(by=request.user, duty=duty, other=data["other"], reason=data["reason"])
            return duty.pk

        if carried_out(request, form, f"rota-swap-{pk}", make):
            messages.success(request, "已调班。")
            return go("rota", *_of(duty))
    return _duty_page(request, duty, form, "调班", submit="对调")


@require_http_methods(["GET", "HEAD", "POST"])
def record_duty(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    _may_swap_or_403(request, duty)
    initial = fresh()
    if duty.came is not None:
        initial |= {
            "came": "yes" if duty.came else "no",
            "received": duty.received,
            "solved": duty.solved,
            "notes": duty.notes,
            "numbers": "、".join(appeal.number for appeal in duty.appeals.all()),
        }
    form = forms.RecordDutyForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.record_duty(
                by=request.user,
                duty=duty,
                appeals=data["numbers"],
                **{name: data[name] for name in ("came", "received", "solved", "notes")},
            )
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已记录。")
            return go("rota", *_of(duty))
    return _duty_page(request, duty, form, "记录值班情况", submit="记录")


@login_not_required
@require_safe
def duty_feed(request: HttpRequest, key: str) -> HttpResponse:
    """One's own duties for the calendar of a phone, which cannot sign in; the address is signed."""
    user = owner_of(key)
    if user is None or user.unit is None:
        raise Http404
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    duties = Duty.objects.none()
    if user.official_id:
        rows = Duty.objects.visible_to(user).of(user.official_id)
        duties = rows.filter(rota__published_at__isnull=False, day__gte=clock.today() - FEED_BACK)
    listed = duties.select_related("rota").order_by("day", "pk")[:MOST_IN_FEED]
    with speaking_for(user.unit.district_id):
        content = feed_of(listed, rules, user.unit.district.code)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response
