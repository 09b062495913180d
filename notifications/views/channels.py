"""The administrator's pages: which channels there are, the robots of groups, and what did not arrive."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import tokens
from core.paging import WindowPaginator
from notifications import robots as services
from notifications import undelivered as outcomes
from notifications.channels import TRANSPORTS
from notifications.filters import UndeliveredFilter
from notifications.forms import RobotForm, UndeliveredForm
from notifications.kinds import DUTIES
from notifications.models import Kind, Notice, Robot, SmsTemplate
from notifications.permissions import NOT_YOURS, may_keep_channels

PER_PAGE = 50


def _administrator(request: HttpRequest) -> None:
    if not may_keep_channels(request.user):
        raise PermissionDenied(NOT_YOURS)


def _robots(request: HttpRequest) -> QuerySet[Robot]:
    return Robot.objects.visible_to(request.user).select_related("unit")


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    latest = Notice.objects.filter(robot=OuterRef("pk"), claimed_at__isnull=False).order_by("-claimed_at")
    found = list(_robots(request).annotate(latest=Subquery(latest.values("pk")[:1])))
    notices = Notice.objects.in_bulk([robot.latest for robot in found if robot.latest])
    for robot in found:
        robot.last_notice = notices.get(robot.latest)
    approved = set(SmsTemplate.objects.values_list("kind", flat=True))
    context = {
        "transports": list(TRANSPORTS.values()),
        "robots": found,
        "templates": [(Kind(kind).label, kind in approved) for kind, duty in DUTIES.items() if duty.sms],
        "undelivered": Notice.objects.undelivered_for(request.user)[:1000].count(),
        "token": tokens.new_token(),
    }
    return render(request, "notifications/channels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_robot(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    sent = request.POST if request.method == "POST" else None
    form = RobotForm(sent, user=request.user, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid() and _added(request, form):
        messages.success(request, "已添加。请点“发测试消息”，看群里能不能收到。")
        return redirect("notifications:channels")
    return render(
        request, "notifications/robot_form.html", {"form": form}, status=422 if form.errors else 200
    )


def _added(request: HttpRequest, form: RobotForm) -> bool:
    facts = {name: form.cleaned_data[name] for name in ("unit", "name", "address", "secret")}
    key = f"robot:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    try:
        tokens.once(key, lambda: services.add_robot(by=request.user, **facts).pk)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@require_POST
def switch_robot(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off, as the button said: clicked twice it does the same once."""
    _administrator(request)
    robot = get_object_or_404(_robots(request), pk=pk)
    active = request.POST.get("active") == "on"
    services.switch_robot(by=request.user, robot=robot, active=active)
    messages.success(request, f"{robot}已{'启用' if active else '停用'}。")
    return redirect("notifications:channels")


@require_POST
def try_robot(request: HttpRequest, pk: int) -> HttpResponse:
    _administrator(request)
    robot = get_object_or_404(_robots(request), pk=pk)
    token = request.POST.get("token") or tokens.new_token()
    tokens.once(
        f"robot-test:{request.user.pk}:{token}",
        lambda: services.try_robot(by=request.user, robot=robot, token=tokens.new_token()).pk,
    )
    messages.success(request, "测试消息已排队，一般一分钟内发出。刷新本页看结果。")
    return redirect("notifications:channels")


# --- What did not arrive --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def undelivered(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    notices = (
        Notice.objects.undelivered_for(request.user)
        .select_related("recipient__unit", "robot__unit")
        .defer("body")
        .order_by("-claimed_at", "-pk")
    )
    filterset = UndeliveredFilter(request.GET, queryset=notices, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    form = None
    if request.method == "POST":
        form = UndeliveredForm(request.POST, shown=[notice.pk for notice in page])
        if form.is_valid():
            return _acted(request, form, filterset.qs)
    context = {"filterset": filterset, "page": page, "form": form}
    return render(
        request, "notifications/undelivered.html", context, status=422 if form and form.errors else 200
    )


def _acted(request: HttpRequest, form: UndeliveredForm, shown: QuerySet[Notice]) -> HttpResponse:
    data = form.cleaned_data
    notices = shown if data["everything"] else shown.filter(pk__in=data["chosen"])
    if data["action"] == UndeliveredForm.RESEND:
        count = outcomes.resend(by=request.user, notices=notices)
        messages.success(request, f"{count} 条通知已重新排队发送。")
    else:
        count = outcomes.set_aside(by=request.user, notices=notices)
        messages.success(request, f"{count} 条通知已搁置，不再列出。")
    return redirect(request.get_full_path())
