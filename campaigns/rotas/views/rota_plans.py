"""A month's rota made: in turn, duty by duty or from a sheet, and published."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.rotas.forms import rotas as forms
from campaigns.rotas.people import runs_hall
from campaigns.rotas.planning import days_of
from campaigns.rotas.services import rotas as services
from campaigns.rotas.sheets import read_rota
from campaigns.rotas.views.pages import carried_out, form_page, fresh, go
from campaigns.rotas.views.rotas import find, kind_of, month_of, rules_of
from core.http import posted
from districts.profile import Rules


def planner(request: HttpRequest) -> Rules:
    rules = rules_of(request)
    if not runs_hall(request.user, rules):
        raise PermissionDenied(services.NOT_THE_HALL)
    return rules


@require_http_methods(["GET", "HEAD", "POST"])
def plan_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = planner(request)
    kind, first = kind_of(rules, code), month_of(month)
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
    rules = planner(request)
    kind, first = kind_of(rules, code), month_of(month)
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
    rules = planner(request)
    kind, first = kind_of(rules, code), month_of(month)
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
        template="campaigns/rotas/upload_page.html",
    )


@require_POST
def publish_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    planner(request)
    found = find(request, code, month_of(month))
    if found is None:
        raise Http404
    try:
        services.publish(by=request.user, rota=found)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已公布，值班人会收到通知。")
    return redirect("campaigns:rota", code, month)
