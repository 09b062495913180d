"""走流程、坐窗口: a month with who is behind, planning, announcing, the record sheet, and what is to be improved."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Sitting, SittingProblem
from campaigns.rotas.filters import SittingFilter
from campaigns.rotas.forms.sittings import FOUND, ImproveForm, PlanSittingsForm, ReasonForm, RecordSittingForm
from campaigns.rotas.people import acts_for, rules_in_force, runs_hall, units_acted_for
from campaigns.rotas.services import sittings as services
from campaigns.rotas.sitting_figures import announce_by, standings, unusual
from campaigns.rotas.views.pages import Month, carried_out, form_page, fresh, go
from core import clock
from core.http import posted
from core.paging import WindowPaginator
from districts.models import DistrictProfile

PER_PAGE = 25
MOST_IMPROVEMENTS = 30


@require_safe
def sitting_list(request: HttpRequest) -> HttpResponse:
    """The month of ``?month=``: how each unit stands, and every sitting; ``?since=`` and others narrow the list."""
    rules = rules_in_force(request.user)
    if rules is None or request.user.unit is None:
        raise PermissionDenied(services.NOT_YOURS)
    month = Month(request.GET.get("month", ""))
    rows = Sitting.objects.visible_to(request.user).select_related("unit", "official")
    asks_days = request.GET.get("since") or request.GET.get("until")
    if not asks_days:
        rows = rows.filter(day__gte=month.first, day__lt=month.following)
    filterset = SittingFilter(
        request.GET, queryset=rows.order_by("day", "unit__order", "pk"), request=request
    )
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        is_due = one.state == Sitting.State.PLANNED and one.day <= clock.today()
        one.may_record = is_due and acts_for(request.user, one.unit)
        one.unusual = unusual(one.day, one.half, rules)
        one.announce_by = announce_by(one, rules)
    owed = standings(request.user.unit.district, rules, month.first)
    improvements = (
        SittingProblem.objects.visible_to(request.user)
        .open()
        .select_related("sitting__unit")
        .order_by("due", "pk")[:MOST_IMPROVEMENTS]
    )
    context = {
        "month": month,
        "filterset": filterset,
        "page": page,
        "standings": owed,
        "behind": sum(1 for one in owed if one.missing),
        "minimum": rules.rotas.sittings.minimum,
        "improvements": improvements,
        "to_announce": services.to_announce(request.user.unit.district).count(),
        "may_announce": runs_hall(request.user, rules),
        "may_plan": units_acted_for(request.user).exists(),
        "district": request.user.unit.district,
    }
    return render(request, "campaigns/rotas/sittings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_sittings(request: HttpRequest) -> HttpResponse:
    rules = rules_in_force(request.user)
    if rules is None or not units_acted_for(request.user).exists():
        raise PermissionDenied(services.NOT_YOURS)
    initial = fresh({"unit": request.GET.get("unit") or request.user.unit_id})
    form = PlanSittingsForm(posted(request), user=request.user, rules=rules, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def make() -> int:
            made = services.plan_sittings(
                by=request.user,
                unit=data["unit"],
                official=data["official"],
                days=form.chosen_days(),
                half=data["half"],
                place=data["place"],
            )
            messages.success(request, f"已安排{data['unit']}走流程坐窗口 {len(made)} 次。")
            return made[0].pk

        if carried_out(request, form, "sitting", make):
            return go("sittings")
    asked = rules.rotas.sittings
    return form_page(
        request,
        form,
        title="安排走流程坐窗口",
        lead=f"参加单位每月不少于 {asked.minimum} 次，每次不少于半天。安排后由政务服务大厅管理单位提前公示。",
        submit="安排",
        back=reverse("campaigns:sittings"),
        back_label="走流程坐窗口",
    )


@require_POST
def announce_sittings(request: HttpRequest) -> HttpResponse:
    """Everything planned that is still to come and was not announced."""
    if request.user.unit is None:
        raise PermissionDenied(services.NOT_THE_HALL)
    coming = list(services.to_announce(request.user.unit.district))
    number = services.announce(by=request.user, sittings=coming)
    messages.success(request, f"已公示 {number} 次。" if number else "没有待公示的安排。")
    return go("sittings")


def _found(request: HttpRequest, pk: int) -> Sitting:
    rows = Sitting.objects.visible_to(request.user).select_related(
        "unit", "official", "district", "recorded_by", "held_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """One sitting; printed, it is the 工作记录表."""
    found = _found(request, pk)
    rules = DistrictProfile.objects.in_force(found.district).rules
    acts = acts_for(request.user, found.unit)
    context = {
        "sitting": found,
        "problems": list(found.problems.all()),
        "unusual": unusual(found.day, found.half, rules),
        "is_open": found.state == Sitting.State.PLANNED,
        "may_record": acts and found.state == Sitting.State.PLANNED and found.day <= clock.today(),
        "may_drop": acts and found.state == Sitting.State.PLANNED,
        "acts": acts,
    }
    return render(request, "campaigns/rotas/sitting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not acts_for(request.user, found.unit):
        raise PermissionDenied(services.NOT_YOURS)
    form = RecordSittingForm(posted(request), user=request.user, initial=fresh())
    rows = FOUND(posted(request), prefix="found")
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        data = form.cleaned_data

        def make() -> int:
            services.record(
                by=request.user,
                sitting=found,
                found=rows.found(),
                **{name: data[name] for name in ("item", "part", "received", "summary")},
            )
            return found.pk

        if carried_out(request, form, f"sitting-record-{pk}", make):
            messages.success(request, "工作记录表已报送。")
            return go("sitting", pk)
    return form_page(
        request,
        form,
        title="填写工作记录表",
        lead=f"{found.unit}　{found.title}　{found.when}",
        rows=rows,
        rows_label="发现的问题",
        submit="报送",
        back=reverse("campaigns:sitting", args=[pk]),
        back_label=str(found),
        draft=f"sitting-record-{pk}",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def drop_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason first."""
    found = _found(request, pk)
    if not acts_for(request.user, found.unit):
        raise PermissionDenied(services.NOT_YOURS)
    form = ReasonForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if carried_out(
            request,
            form,
            f"sitting-drop-{pk}",
            lambda: services.drop(by=request.user, sitting=found, reason=reason).pk,
        ):
            messages.success(request, "已取消。")
            return redirect("campaigns:sitting", pk)
    return form_page(
        request,
        form,
        title="取消走流程坐窗口",
        lead=f"{found.unit}　{found.title}　{found.when}" + ("（已公示，公示页会标明取消）" if found.announced_at else ""),
        submit="取消这次活动",
        danger=True,
        back=reverse("campaigns:sitting", args=[pk]),
        back_label=str(found),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def improve(request: HttpRequest, pk: int) -> HttpResponse:
    rows = SittingProblem.objects.visible_to(request.user).select_related("sitting__unit")
    found = get_object_or_404(rows, pk=pk)
    if not acts_for(request.user, found.sitting.unit):
        raise PermissionDenied(services.NOT_YOURS)
    form = ImproveForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        result = form.cleaned_data["result"]
        if carried_out(
            request,
            form,
            f"sitting-improve-{pk}",
            lambda: services.improve(by=request.user, problem=found, result=result).pk,
        ):
            messages.success(request, "已登记整改完成。")
            return redirect("campaigns:sitting", found.sitting_id)
    return form_page(
        request,
        form,
        title="登记整改结果",
        lead=f"{found.content}　整改时限 {found.due:%Y-%m-%d}" if found.due else found.content,
        submit="整改完成",
        back=reverse("campaigns:sitting", args=[found.sitting_id]),
        back_label=str(found.sitting),
    )
