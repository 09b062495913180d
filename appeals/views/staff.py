"""The pages officials use: register, desks, the appeal and what may be done with it."""

import contextlib
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from appeals import numbers, policies, queues, selectors
from appeals.filters import AppealFilter
from appeals.intake_forms import RegisterForm, SolveOnSpotForm
from appeals.models import Appeal, Deadline
from appeals.perform import Invalid, NotAllowed, Stale, perform
from appeals.views.access import appeal_or_404, keep_slip, slip_code
from appeals.views.files import serve
from appeals.views.posted import form_token, seen_version, transition_or_404, typed_values
from appeals.workflow import available, next_steps
from core import held_uploads, tokens
from core.http import drop_draft, forbidden
from core.paging import WindowPaginator
from core.qr import qr_svg
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.subjects import subject_key
from liaisons.models import ServiceEvent, Visit

PER_PAGE = 30


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
    context = {"filterset": filterset, "page": page, "may_register": _may_register(request)}
    return render(request, "appeals/list.html", context)


def _may_register(request: HttpRequest) -> bool:
    return policies.recorder(Actor.of_user(request.user))


@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The bureau's desk: what waits to be accepted, dispatched, revisited, ruled on and closed."""
    if not request.user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
        return forbidden(request, "受理交办台由牵头局使用。")
    return _desk(
        request,
        "受理交办台",
        queues.BUREAU_QUEUES,
        countersign=list(queues.awaiting_countersignature(request.user)[:PER_PAGE]),
        closable=list(queues.ready_to_close(request.user)[:PER_PAGE]),
    )


@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """A unit's own work: to sign, to handle, to assist, to revisit."""
    if not request.user.has_role(*queues.DESK_ROLES):
        return forbidden(request, "本单位待办由单位联络员和负责人使用。")
    heaps = [*queues.UNIT_QUEUES]
    if request.user.has_role(Role.SUPERVISOR):
        heaps += [heap for heap in queues.BUREAU_QUEUES if heap.code == "second_revisit"]
    return _desk(request, "本单位待办", heaps)


def _desk(request: HttpRequest, title: str, heaps: Sequence[queues.Queue], **extra) -> HttpResponse:
    owed = queues.owed_by(request.user)
    by_kind = dict(owed.order_by().values_list("kind").annotate(Count("pk")))
    counts = {heap.code: sum(by_kind.get(kind, 0) for kind in heap.kinds) for heap in heaps}
    chosen = next((heap for heap in heaps if heap.code == request.GET.get("queue")), None)
    if chosen is None:
        chosen = next((heap for heap in heaps if counts[heap.code]), heaps[0])
    page = WindowPaginator(owed.filter(kind__in=chosen.kinds), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {
            "label": heap.label,
            "url": f"?queue={heap.code}",
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
        "may_register": _may_register(request),
    }
    return render(request, "appeals/desk.html", context | extra)


@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One appeal: facts, timeline, clocks, and only what the user may do now."""
    return _detail(request, appeal_or_404(request, number))


def _detail(request: HttpRequest, appeal: Appeal, *, revealed: bool = False) -> HttpResponse:
    actions = available(appeal, Actor.of_user(request.user))
    return render(
        request,
        "appeals/detail.html",
        {
            "appeal": appeal,
            "timeline": selectors.timeline(appeal),
            "deadlines": appeal.deadlines.select_related("owner").order_by("round", "started_at", "pk"),
            "actions": actions,
            "next_steps": next_steps(appeal),
            "parts": appeal.participations.select_related("unit").order_by("round", "pk"),
            "revealed": revealed,
            # The handling unit sees the appeal, but not always the visit it came from.
            "may_see_subject": appeal.subject is not None
            and type(appeal.subject).objects.visible_to(request.user).filter(pk=appeal.subject.pk).exists(),
            "may_see_visit": appeal.visit_id is not None
            and Visit.objects.visible_to(request.user).filter(pk=appeal.visit_id).exists(),
            "may_see_event": appeal.service_event_id is not None
            and ServiceEvent.objects.visible_to(request.user).filter(pk=appeal.service_event_id).exists(),
            "slip_known": slip_code(request, appeal.number) is not None,
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, transition: str) -> HttpResponse:
    """The form of one transition, and carrying it out."""
    appeal = appeal_or_404(request, number)
    row = transition_or_404(transition)
    actor = Actor.of_user(request.user)
    common = {"actor": actor, "district": appeal.district, "rules": appeal.rules}
    if request.method == "GET":
        if row not in available(appeal, actor):
            return forbidden(request, f"现在不能“{row.label}”：状态已变化，或不属于您的职责。")
        return _form_page(request, appeal, row, row.form(appeal=appeal, **common), tokens.new_token())
    token = form_token(request) or tokens.new_token()
    files = held_uploads.with_held(request.FILES, request.POST, token)
    try:
        perform(appeal, row.name, actor, request.POST, files=files, seen=seen_version(request), key=token)
    except Invalid as invalid:
        held_uploads.hold(request.FILES, token)
        return _form_page(request, appeal, row, invalid.form, token, status=422)
    except NotAllowed as refused:
        return forbidden(request, refused.message)
    except Stale as stale:
        held_uploads.hold(request.FILES, token)
        fresh = appeal_or_404(request, number)
        form = row.form(request.POST, appeal=fresh, **common)
        context = {
            "message": stale.message,
            "meanwhile": selectors.meanwhile(stale.meanwhile),
            "submitted": typed_values(form),
            "still_possible": row in available(fresh, actor),
        }
        return _form_page(request, fresh, row, form, token, status=409, **context)
    held_uploads.release(token)
    drop_draft(request, f"{appeal.number}-{row.name}")
    messages.success(request, f"已{row.label}：{appeal.number}")
    return redirect("appeals:detail", appeal.number)


def _form_page(request, appeal, row, form, token, status: int = 200, **conflict) -> HttpResponse:
    return render(
        request,
        "appeals/act.html",
        {
            "appeal": appeal,
            "transition": row,
            "form": form,
            "token": token,
            "conflict": conflict,
            "held": held_uploads.held_for(token),
            "chosen": getattr(form, "suggested", None),
        },
        status=status,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register what came in by any channel: as an appeal, or as solved on the spot."""
    actor = Actor.of_user(request.user)
    if not policies.recorder(actor):
        return forbidden(request, "登记诉求由服务窗口、联企干部、单位联络员和调度员使用。")
    district = request.user.unit.district
    rules = DistrictProfile.objects.in_force(district).rules
    on_spot = request.POST.get("outcome") == "solve_on_spot"
    if request.method == "GET":
        form = RegisterForm(
            initial=_prefilled(request, rules),
            appeal=None,
            actor=actor,
            district=district,
            rules=rules,
        )
        return _register_page(request, form, rules, tokens.new_token())
    token = form_token(request) or tokens.new_token()
    try:
        appeal = perform(
            None,
            "solve_on_spot" if on_spot else "register",
            actor,
            request.POST,
            files=held_uploads.with_held(request.FILES, request.POST, token),
            key=token,
        )
    except Invalid as invalid:
        held_uploads.hold(request.FILES, token)
        return _register_page(request, invalid.form, rules, token, status=422)
    if appeal.secret_code:
        keep_slip(request, appeal, token)
    held_uploads.release(token)
    drop_draft(request, "register")
    messages.success(request, f"已登记：{appeal.number}")
    return redirect("appeals:slip", appeal.number)


def _prefilled(request: HttpRequest, rules: Rules) -> dict:
    """What an address may fill in already: a firm, or the visit or event the appeal comes from."""
    visit_id = request.GET.get("visit", "")
    if visit_id.isdecimal() and len(visit_id) < 19:
        visit = Visit.objects.visible_to(request.user).filter(pk=visit_id).first()
        if visit is not None:
            subject = {"subject": subject_key(visit.subject)} if visit.subject else {}
            return {
                "visit": visit.pk,
                "channel": "assignment_visit",
                "claimed_name": visit.claimed_name,
            } | subject
    subject = {"subject": request.GET.get("subject", "")}
    event = _event_of(request, request.GET.get("event", ""))
    if event is None or not event.takes_appeals:
        return subject
    kind = rules.find("event_kinds", event.kind)
    usual = kind.channel if kind else ""
    may_use = usual in {channel.code for channel in rules.channels_for(*request.user.roles)}
    return {"service_event": event.pk} | subject | ({"channel": usual} if may_use else {})


def _event_of(request: HttpRequest, pk: object) -> ServiceEvent | None:
    """The event with this number, as it stands in an address or in the form."""
    number = str(pk or "")
    if not number.isdecimal() or len(number) > 18:
        return None
    return ServiceEvent.objects.visible_to(request.user).filter(pk=number).first()


def _register_page(request, form, rules, token, status: int = 200) -> HttpResponse:
    answer_form = form if isinstance(form, SolveOnSpotForm) else None
    if answer_form is None:
        # Not what is sent now, but what was typed stays.
        typed = {name: form.data.get(name, "") for name in ("answer", "basis")}
        answer_form = SolveOnSpotForm(
            initial=typed, appeal=None, actor=form.actor, district=form.district, rules=rules
        )
    subject = form["subject"].value()
    chosen = None
    if subject:
        with contextlib.suppress(ValidationError):  # an address typed by hand: start without a firm
            chosen = form.fields["subject"].clean(subject)
    return render(
        request,
        "appeals/register.html",
        {
            "form": form,
            "event": _event_of(request, form["service_event"].value()),
            "answer_form": answer_form,
            "on_spot": isinstance(form, SolveOnSpotForm),
            "token": token,
            "chosen": chosen,
            "held": held_uploads.held_for(token),
        },
        status=status,
    )


@never_cache
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The slip for the firm, printable while the code is known to this browser."""
    appeal = appeal_or_404(request, number)
    secret = slip_code(request, number)
    code = appeal.district.code
    track_url = request.build_absolute_uri(f"{reverse('public:track', args=[code])}?number={number}")
    return render(
        request,
        "appeals/slip.html",
        {
            "appeal": appeal,
            "rules": appeal.rules,
            "secret": numbers.spaced(secret) if secret else "",
            "track_url": track_url,
            "qr": qr_svg(track_url),
        },
    )


@require_POST
def reveal_phone(request: HttpRequest, number: str) -> HttpResponse:
    """The firm's phone in full, for this once; who looked is logged."""
    appeal = appeal_or_404(request, number)
    audit.record(request.user, "appeal.reveal_phone", appeal)
    if request.htmx:
        return render(request, "appeals/_phone.html", {"appeal": appeal})
    return _detail(request, appeal, revealed=True)


@require_GET
def file(request: HttpRequest, pk: int) -> FileResponse:
    attachment = selectors.attachment_for(request.user, pk)
    if attachment is None:
        raise Http404
    return serve(attachment)
