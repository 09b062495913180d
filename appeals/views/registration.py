"""Registering what came in by any channel, and the slip for the firm."""

import contextlib

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import Actor
from appeals import numbers, policies
from appeals.intake_forms import RegisterForm, SolveOnSpotForm
from appeals.perform import Invalid, perform
from appeals.views.access import appeal_or_404, keep_slip, slip_code
from appeals.views.posted import form_token
from core import held_uploads, tokens
from core.http import drop_draft, forbidden
from core.qr import qr_svg
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.subjects import subject_key
from liaisons.models import ServiceEvent, Visit


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
