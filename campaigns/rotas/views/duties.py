"""One duty: changed, taken away, given to somebody else, swapped, and written down."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import Duty
from campaigns.rotas.forms import rotas as forms
from campaigns.rotas.services import rotas as services
from campaigns.rotas.views.pages import carried_out, form_page, fresh, go
from campaigns.rotas.views.rota_plans import planner
from core import clock
from core.http import posted
from districts.models import DistrictProfile
from districts.profile import Rules


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
    planner(request)
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
    planner(request)
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

        def make() -> int:
            return services.name_person(
                by=request.user, duty=duty, official=data["official"], reason=data["reason"]
            ).pk

        if carried_out(request, form, f"rota-person-{pk}", make):
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
