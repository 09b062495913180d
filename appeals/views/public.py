"""The pages an enterprise uses without an account: report, slip, follow, judge."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_ratelimit.core import is_ratelimited

from accounts.actors import Actor
from appeals import numbers, selectors
from appeals.intake_forms import SubmitForm
from appeals.models import Appeal, Attachment, Audience
from appeals.perform import Invalid, NotAllowed, Stale, perform
from appeals.views.access import (
    check_code,
    district_or_404,
    held_by_link,
    held_or_404,
    hold,
    holder,
    keep_slip,
    slip_code,
    too_many,
)
from appeals.views.files import serve
from appeals.views.posted import form_token, seen_version, transition_or_404, typed_values
from appeals.workflow import available
from core import held_uploads, tokens
from core.http import client_ip, drop_draft, forbidden
from core.qr import qr_svg
from core.search import normalise

SUBMITS_PER_HOUR = "60/h"
LOOKUPS_PER_QUARTER = "20/15m"
ACTS_PER_HOUR = "60/h"
BY_LINK = {"rate"}
"""What a link that was sent opens: the judgement, nothing else."""
HONEYPOT = "website"
LAST_SUBMITTED = "last_submitted"


def _words(request: HttpRequest) -> str:
    """A fingerprint of what is reported, by whom: not of the form it came in."""
    fields = ("plaque", "claimed_name", "contact_phone", "category", "content")
    words = "\0".join([request.path, *(request.POST.get(field, "") for field in fields)])
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()


def _token_of(request: HttpRequest) -> str:
    """The once-only token. Going back and sending the same words again is the same form."""
    last = request.session.get(LAST_SUBMITTED, {})
    if last.get("words") == _words(request):
        return last["token"]
    return form_token(request) or tokens.new_token()


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, code: str) -> HttpResponse:
    """Report an appeal. The same form sent twice makes one appeal."""
    district, profile = district_or_404(code)
    rules = profile.rules
    context = {"district": district, "rules": rules, "draft": f"submit-{code}"}
    if request.method == "GET":
        form = SubmitForm(
            initial={name: request.GET.get(name, "") for name in ("channel", "plaque")},
            appeal=None,
            actor=Actor.holder(),
            district=district,
            rules=rules,
        )
        return render(request, "public/submit.html", context | {"form": form, "token": tokens.new_token()})
    token = _token_of(request)
    if request.POST.get(HONEYPOT):
        # A robot filled in what no person sees: let it believe it was heard.
        return redirect("public:track", code)
    repeated = tokens.earlier_result(token) is not None
    if not repeated and is_ratelimited(
        request, group="submit", key=client_ip, rate=SUBMITS_PER_HOUR, method="POST", increment=True
    ):
        return too_many(request, context)
    try:
        files = held_uploads.with_held(request.FILES, request.POST, token)
        appeal = perform(
            None, "submit", Actor.holder(), request.POST, files=files, key=token, district=district
        )
    except Invalid as invalid:
        held_uploads.hold(request.FILES, token)
        context |= {"form": invalid.form, "token": token, "held": held_uploads.held_for(token)}
        return render(request, "public/submit.html", context, status=422)
    held_uploads.release(token)
    if not appeal.secret_code:
        raise Http404
    hold(request, appeal)
    keep_slip(request, appeal, token)
    drop_draft(request, f"submit-{code}")
    request.session[LAST_SUBMITTED] = {"words": _words(request), "token": token}
    return redirect("public:slip", code, appeal.number)


@login_not_required
@never_cache
@require_GET
def slip(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """The slip with number, secret code and QR, for the browser that submitted; printable."""
    district, profile = district_or_404(code)
    appeal = held_or_404(request, district, number)
    secret = slip_code(request, number)
    if secret is None:
        return redirect("public:appeal", code, number)
    track_url = request.build_absolute_uri(f"{reverse('public:track', args=[code])}?number={number}")
    return render(
        request,
        "public/slip.html",
        {
            "district": district,
            "rules": profile.rules,
            "appeal": appeal,
            "secret": numbers.spaced(secret),
            "track_url": track_url,
            "qr": qr_svg(track_url),
        },
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest, code: str) -> HttpResponse:
    """Number and secret code, or the phone given; one uniform answer where they do not fit."""
    district, profile = district_or_404(code)
    context = {"district": district, "rules": profile.rules, "number": request.GET.get("number", "")[:30]}
    if request.method == "GET":
        return render(request, "public/track.html", context)
    if is_ratelimited(
        request, group="track", key=client_ip, rate=LOOKUPS_PER_QUARTER, method="POST", increment=True
    ):
        return too_many(request, context)
    number, secret = request.POST.get("number", "")[:40], request.POST.get("secret", "")[:40]
    if is_ratelimited(
        request,
        group="track-number",
        key=lambda group, request: f"{code}:{normalise(number)}",
        rate=LOOKUPS_PER_QUARTER,
        method="POST",
        increment=True,
    ):
        return too_many(request, context)
    appeal = check_code(district, number, secret)
    if appeal is None:
        return render(request, "public/track.html", context | {"number": number, "unknown": True}, status=404)
    hold(request, appeal)
    return redirect("public:appeal", code, appeal.number)


def _appeal_page(
    request: HttpRequest,
    appeal: Appeal,
    *,
    forms: dict | None = None,
    tokens_used: dict | None = None,
    held: dict | None = None,
    status: int = 200,
    **more,
) -> HttpResponse:
    actor = holder(appeal)
    rows = available(appeal, actor)
    if held_by_link(request, appeal):
        rows = [row for row in rows if row.name in BY_LINK]
    main = appeal.merged_into
    shown = {}
    for row in rows:
        form = (forms or {}).get(row.name) or row.form(
            appeal=appeal, actor=actor, district=appeal.district, rules=appeal.rules
        )
        # Several forms stand on this page: each field needs an id of its own.
        form.auto_id = f"id_{row.name}_%s"
        shown[row.name] = form
    context = {
        "district": appeal.district,
        "rules": appeal.rules,
        "appeal": appeal,
        "rated": appeal.ratings.filter(round=appeal.round).exists(),
        "steps": selectors.tracker(main or appeal),
        "timeline": selectors.firm_timeline(appeal),
        "main_timeline": selectors.main_timeline(main) if main else [],
        "status": selectors.public_status(appeal),
        "asked": selectors.asked_by_firm(appeal),
        "question": selectors.question_to_firm(appeal),
        "actions": [
            (
                row,
                shown[row.name],
                (tokens_used or {}).get(row.name) or tokens.new_token(),
                (held or {}).get(row.name, []),
            )
            for row in rows
        ],
        **more,
    }
    return render(request, "public/appeal.html", context, status=status)


@login_not_required
@never_cache
@require_GET
def appeal(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """The firm's own page of its appeal: where it is, what was answered, what it may do now."""
    district, _ = district_or_404(code)
    return _appeal_page(request, held_or_404(request, district, number))


@login_not_required
@never_cache
@require_POST
def act(request: HttpRequest, code: str, number: str, transition: str) -> HttpResponse:
    """The firm judges, supplements, confirms or objects."""
    district, _ = district_or_404(code)
    held = held_or_404(request, district, number)
    row = transition_or_404(transition)
    if request.user.is_authenticated:
        return forbidden(request, "这是企业自己的页面，请由企业操作；工作人员不能代企业评价、确认或撤回。")
    if held_by_link(request, held) and row.name not in BY_LINK:
        raise Http404
    if is_ratelimited(request, group="act", key=client_ip, rate=ACTS_PER_HOUR, method="POST", increment=True):
        return too_many(request, {"district": district, "rules": held.rules})
    token = form_token(request)
    files = held_uploads.with_held(request.FILES, request.POST, token)
    try:
        perform(
            held, row.name, holder(held), request.POST, files=files, seen=seen_version(request), key=token
        )
    except Invalid as invalid:
        held_uploads.hold(request.FILES, token)
        return _appeal_page(
            request,
            held,
            forms={row.name: invalid.form},
            tokens_used={row.name: token},
            held={row.name: held_uploads.held_for(token)},
            status=422,
        )
    except Stale as stale:
        held_uploads.hold(request.FILES, token)
        fresh = held_or_404(request, district, number)
        form = row.form(request.POST, appeal=fresh, actor=holder(fresh), district=district, rules=fresh.rules)
        return _appeal_page(
            request,
            fresh,
            forms={row.name: form},
            tokens_used={row.name: token},
            held={row.name: held_uploads.held_for(token)},
            status=409,
            conflict=stale.message,
            submitted=typed_values(form),
        )
    except NotAllowed as refused:
        raise Http404 from refused
    held_uploads.release(token)
    drop_draft(request, f"{number}-{row.name}")
    messages.success(request, "已收到，谢谢。")
    return redirect("public:appeal", code, number)


@login_not_required
@require_GET
def file(request: HttpRequest, code: str, pk: int) -> FileResponse:
    """A file the firm may read, for the holder of its appeal."""
    district, _ = district_or_404(code)
    found = Attachment.objects.filter(pk=pk, audience=Audience.FIRM, appeal__district=district).first()
    if found is None:
        raise Http404
    held_or_404(request, district, found.appeal.number)
    return serve(found)
