"""The register and the desks: which appeals there are, and what waits for whom."""

from collections.abc import Sequence

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.models import Role
from appeals import policies, queues, supervision
from appeals.filters import AppealFilter, DeskFilter
from appeals.models import Appeal, Deadline
from appeals.saved_filters import shortcuts, tidy
from core.http import forbidden
from core.paging import WindowPaginator
from core.wording import speak

PER_PAGE = 30
LETTERS = 8


@never_cache
@require_GET
def register_list(request: HttpRequest) -> HttpResponse:
    """The one register: every appeal the user may see, filtered by the URL."""
    if request.user.unit is None:
        return forbidden(request, "您的账号还没有所属单位，请联系系统管理员。")
    running = Deadline.objects.running().select_related("owner").order_by("due_at")
    visible = (
        queues.APPEALS_ON_A_DESK.visible_to(request.user)
        .prefetch_related(Prefetch("deadlines", running, to_attr="running_deadlines"))
        .order_by("-submitted_at", "-pk")
    )
    filterset = AppealFilter(request.GET, visible, user=request.user)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filterset": filterset,
        "page": page,
        "may_register": may_register(request),
        "saved_filters": shortcuts(request.user, request.GET.urlencode()),
        "filter_to_save": tidy(request.GET.urlencode()),
        "filter_page": "list",
    }
    return render(request, "appeals/list.html", context)


def may_register(request: HttpRequest) -> bool:
    return policies.recorder(Actor.of_user(request.user))


@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The bureau's desk: what waits to be accepted, dispatched, revisited, ruled on and closed."""
    if not request.user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
        return forbidden(request, speak("受理交办台由牵头局使用。"))
    extra = {}
    if not tidy(request.GET.urlencode()):
        extra = {
            "countersign": list(queues.awaiting_countersignature(request.user)[:PER_PAGE]),
            "closable": list(queues.ready_to_close(request.user)[:PER_PAGE]),
        }
    return _desk(request, "受理交办台", "desk", queues.BUREAU_QUEUES, **extra)


@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """A unit's own work: to sign, to handle, to assist, to revisit."""
    if not request.user.has_role(*queues.DESK_ROLES):
        return forbidden(request, "本单位待办由单位联络员和负责人使用。")
    heaps = [*queues.UNIT_QUEUES]
    if request.user.has_role(Role.SUPERVISOR):
        heaps += [heap for heap in queues.BUREAU_QUEUES if heap.code == "second_revisit"]
    letters = list(supervision.letters_to(request.user)[:LETTERS])
    return _desk(request, "本单位待办", "queue", heaps, letters=letters)


def _desk(
    request: HttpRequest, title: str, name: str, heaps: Sequence[queues.Queue], **extra
) -> HttpResponse:
    owed = queues.owed_by(request.user)
    filtered = tidy(request.GET.urlencode())
    filterset = None
    # Most of the time nobody filters a desk: its choices are looked up for whoever does.
    if request.user.unit is not None and (filtered or "filter" in request.GET):
        filterset = DeskFilter(request.GET, Appeal.objects.visible_to(request.user), user=request.user)
        owed = owed.filter(appeal__in=filterset.qs.order_by().values("pk")) if filtered else owed
    by_kind = dict(owed.order_by().values_list("kind").annotate(Count("pk")))
    counts = {heap.code: sum(by_kind.get(kind, 0) for kind in heap.kinds) for heap in heaps}
    chosen = next((heap for heap in heaps if heap.code == request.GET.get("queue")), None)
    if chosen is None:
        chosen = next((heap for heap in heaps if counts[heap.code]), heaps[0])
    rows = owed.filter(kind__in=chosen.kinds)
    page = WindowPaginator(rows, PER_PAGE, counted=counts[chosen.code]).get_page(request.GET.get("page"))
    tabs = [
        {
            "label": heap.label,
            "url": f"?queue={heap.code}" + (f"&{filtered}" if filtered else ""),
            "current": heap == chosen,
            "count": counts[heap.code],
        }
        for heap in heaps
    ]
    context = {
        "title": title,
        "tabs": tabs,
        "queue": chosen,
        "page": page,
        "may_register": may_register(request),
        "filterset": filterset,
        "saved_filters": shortcuts(request.user, request.GET.urlencode(), queue=chosen.code),
        "filter_to_save": filtered,
        "filter_page": name,
        "may_batch": chosen.code == "dispatch" and request.user.has_role(Role.DISPATCHER),
    }
    return render(request, "appeals/desk.html", context | extra)
