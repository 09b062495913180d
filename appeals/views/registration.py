"""Registering what came in by any channel, and the slip for the firm."""

import contextlib
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import Actor
from appeals import numbers, policies
from appeals.duplicates import hint_duplicate
from appeals.intake_forms import RegisterForm, SolveOnSpotForm
from appeals.models import Appeal
from appeals.perform import Invalid, perform
from appeals.similar import Matter, Similar, similar_appeals
from appeals.views.access import appeal_or_404, keep_slip, slip_code
from appeals.views.posted import form_token
from core import clock, held_uploads, tokens
from core.http import drop_draft, forbidden, in_passing
from core.qr import qr_svg
from core.wording import spoken
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.subjects import SubjectField, subject_key
from liaisons.models import ServiceEvent, Visit

NOT_YOURS = spoken("登记诉求由服务窗口、联企干部、单位联络员和调度员使用。")
OFFERED = 3
"""So many of today's events and visits are offered to register for."""


@never_cache
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register what came in by any channel: as an appeal, or as solved on the spot."""
    actor = Actor.of_user(request.user)
    if not policies.recorder(actor):
        return forbidden(request, NOT_YOURS)
    district = request.user.unit.district
    rules = DistrictProfile.objects.in_force(district).rules
    common = {"appeal": None, "actor": actor, "district": district, "rules": rules}
    if request.method == "GET":
        form = RegisterForm(initial=_prefilled(request, rules), **common)
        return _register_page(request, form, rules, tokens.new_token(), offers=_offers(request))
    on_spot = request.POST.get("outcome") == "solve_on_spot"
    token = form_token(request) or tokens.new_token()
    files = held_uploads.with_held(request.FILES, request.POST, token)
    if not on_spot and "repeats" not in request.POST and tokens.earlier_result(token) is None:
        # Nobody has looked yet at what is alike: without JavaScript this is the place to ask, once.
        form = RegisterForm(request.POST, files, **common)
        alike = _alike(request) if form.is_valid() else []
        if any(one.very_likely for one in alike):
            held_uploads.hold(request.FILES, token)
            return _register_page(request, form, rules, token, status=422, alike=alike)
    try:
        with transaction.atomic():
            appeal = perform(
                None,
                "solve_on_spot" if on_spot else "register",
                actor,
                request.POST,
                files=files,
                key=token,
            )
            if not on_spot and (main := _repeated(request)):
                hint_duplicate(appeal=appeal, main=main, by=request.user)
    except Invalid as invalid:
        held_uploads.hold(request.FILES, token)
        alike = _alike(request) if request.POST.get("repeats") else []
        return _register_page(request, invalid.form, rules, token, status=422, alike=alike)
    if appeal.secret_code:
        keep_slip(request, appeal, token)
    held_uploads.release(token)
    drop_draft(request, "register")
    messages.success(request, f"已登记：{appeal.number}")
    return redirect("appeals:slip", appeal.number)


@never_cache
@require_POST
@in_passing
def alike(request: HttpRequest) -> HttpResponse:
    """What may be the same matter as the one being typed: a fragment of the registration page."""
    if not policies.recorder(Actor.of_user(request.user)):
        return forbidden(request, NOT_YOURS)
    decided = request.POST.get("repeats", RegisterForm.NEW_MATTER)
    return render(request, "appeals/_alike.html", _alike_context(request, _alike(request), decided))


def _alike(request: HttpRequest) -> list[Similar]:
    """The appeals like the one that is being typed."""
    typed = {
        name: request.POST.get(name, "").replace("\0", "") for name in ("content", "title", "claimed_name")
    }
    matter = Matter(
        district=request.user.unit.district_id,
        text=f"{typed['title']}。{typed['content']}",
        subject=_chosen(SubjectField(user=request.user), request.POST.get("subject", "")),
        claimed_name=typed["claimed_name"][:120],
        phone=request.POST.get("contact_phone", "").replace("\0", "").strip()[:30],
    )
    return similar_appeals(matter, user=request.user)


def _alike_context(request: HttpRequest, found: list[Similar], decided: str) -> dict[str, Any]:
    """What was chosen stays chosen, also when the text has moved on since."""
    if decided not in {"", RegisterForm.NEW_MATTER, *(one.appeal.number for one in found)}:
        main = _repeated(request)
        found = [Similar(main, 1, 0, False, ("您已选定",)), *found] if main else found
    return {"alike": found, "decided": decided}


def _repeated(request: HttpRequest) -> Appeal | None:
    """The appeal that this one repeats, as the form has checked it."""
    number = request.POST.get("repeats", "").replace("\0", "")
    if not number or number == RegisterForm.NEW_MATTER:
        return None
    return Appeal.objects.visible_to(request.user).filter(number=number).first()


# --- What is filled in already --------------------------------------------------------------------


def _prefilled(request: HttpRequest, rules: Rules) -> dict:
    """What an address may fill in already: a firm, or the visit or event the appeal comes from."""
    usual = rules.usual_channel(*request.user.roles)
    visit_id = request.GET.get("visit", "")
    if visit_id.isdecimal() and len(visit_id) < 19:
        visit = Visit.objects.visible_to(request.user).filter(pk=visit_id).first()
        if visit is not None:
            subject = {"subject": subject_key(visit.subject)} if visit.subject else {}
            return {
                "visit": visit.pk,
                "channel": rules.visits.channel or usual,
                "claimed_name": visit.claimed_name,
            } | subject
    subject = {"subject": request.GET.get("subject", "")}
    event = _event_of(request, request.GET.get("event", ""))
    if event is None or not event.takes_appeals:
        return {"channel": usual} | subject
    kind = rules.find("event_kinds", event.kind)
    of_event = kind.channel if kind else ""
    may_use = of_event in {channel.code for channel in rules.channels_for(*request.user.roles)}
    return {"service_event": event.pk, "channel": of_event if may_use else usual} | subject


def _offers(request: HttpRequest) -> list[tuple[str, str]]:
    """Today's events of the user's unit and the user's own visits: one click, and the appeal belongs to it."""
    if request.GET.get("event") or request.GET.get("visit"):
        return []
    unit = request.user.unit
    today = timezone.make_aware(datetime.combine(clock.today(), time()))
    ours = [unit.pk, unit.parent_id] if unit.parent_id else [unit.pk]
    events = (
        ServiceEvent.objects.visible_to(request.user)
        .taking_appeals()
        .filter(Q(organiser__in=ours) | Q(units__in=ours) | Q(duties__unit__in=ours), starts_at__gte=today)
        .distinct()
        .order_by("-starts_at", "-pk")[:OFFERED]
    )
    visits = (
        Visit.objects.filter(recorded_by=request.user, occurred_at__gte=today, occurred_at__lte=clock.now())
        .select_related("enterprise", "project")
        .order_by("-occurred_at", "-pk")[:OFFERED]
    )
    # The firm chosen on another page stays chosen.
    subject = {"subject": request.GET["subject"]} if request.GET.get("subject") else {}
    return [
        *((f"今天的活动：{event.title}", f"?{urlencode({'event': event.pk} | subject)}") for event in events),
        *((f"今天的走访：{visit.subject_name}", f"?visit={visit.pk}") for visit in visits),
    ]


def _event_of(request: HttpRequest, pk: object) -> ServiceEvent | None:
    """The event with this number, as it stands in an address or in the form."""
    number = str(pk or "")
    if not number.isdecimal() or len(number) > 18:
        return None
    return ServiceEvent.objects.visible_to(request.user).filter(pk=number).first()


def _chosen(field: SubjectField, key: Any) -> Any:
    """The firm or project meant; None for an address or a draft that leads nowhere."""
    with contextlib.suppress(ValidationError):
        return field.clean(key)
    return None


def _register_page(
    request, form, rules, token, status: int = 200, alike: list[Similar] | None = None, offers=()
) -> HttpResponse:
    answer_form = form if isinstance(form, SolveOnSpotForm) else None
    if answer_form is None:
        # Not what is sent now, but what was typed stays.
        typed = {name: form.data.get(name, "") for name in ("answer", "basis")}
        answer_form = SolveOnSpotForm(
            initial=typed, appeal=None, actor=form.actor, district=form.district, rules=rules
        )
    subject = form["subject"].value()
    decided = request.POST.get("repeats", "")
    return render(
        request,
        "appeals/register.html",
        {
            "form": form,
            "event": _event_of(request, form["service_event"].value()),
            "answer_form": answer_form,
            "on_spot": isinstance(form, SolveOnSpotForm),
            "token": token,
            "chosen": _chosen(form.fields["subject"], subject) if subject else None,
            "held": held_uploads.held_for(token),
            "offers": offers,
            "start_with_firm": not form.is_bound and not subject,
            "undecided": bool(alike) and not decided,
        }
        | _alike_context(request, alike or [], decided),
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
            "may_register": policies.recorder(Actor.of_user(request.user)),
        },
    )
