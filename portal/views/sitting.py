"""The visit sitting: one page a cadre fills in on a phone, saved as a whole."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors import unit_of
from appeals import numbers
from appeals.models import Appeal
from appeals.views.access import keep_slip, slip_code
from campaigns.needs.permissions import may_collect, may_record_opening
from core import clock, held_uploads, tokens
from core.models import HeldUpload
from core.pictures import check_picture
from core.wording import speak
from enterprises.models import Enterprise, Project
from enterprises.subjects import MODELS, subject_key
from liaisons.models import Visit
from liaisons.permissions import may_record_visit
from liaisons.selectors import rules_of
from portal.forms.sitting import SittingForms
from portal.visit_sitting import ProblemRefused, earlier_sitting, record_sitting

# In the session: which draft of the browser has become which visit.
SAVED = "saved_sitting"
PHOTOS = "photos"


@require_http_methods(["GET", "HEAD", "POST"])
def sitting(request: HttpRequest) -> HttpResponse:
    """``?enterprise=`` or ``?project=`` chooses the firm beforehand."""
    rules = rules_of(request.user)
    if rules is None or not may_record_visit(request.user):
        raise PermissionDenied(speak("走访由联企干部、单位联络员、单位负责人和调度员登记。"))
    firm = _firm_beforehand(request)
    draft = f"sitting-{subject_key(firm)}" if firm else "sitting"
    held: list[HeldUpload] = []
    if request.method == "POST":
        token = _photos_token(request)
        files = held_uploads.with_held(request.FILES, request.POST, token, field=PHOTOS)
        forms = SittingForms(user=request.user, rules=rules, data=request.POST, files=files)
        if forms.is_valid() and (visit_pk := _recorded(request, forms, draft)):
            held_uploads.release(token)
            return redirect("portal:visit_saved", visit_pk)
        held_uploads.hold(request.FILES, token, field=PHOTOS, check=check_picture)
        held = held_uploads.held_for(token)
    else:
        forms = SittingForms(user=request.user, rules=rules, initial=_initial(firm, request))
    bureau = unit_of(request.user.unit.district, rules.lead_bureau)
    context = {
        "forms": forms,
        "main": forms.main,
        "firm": firm,
        "draft": draft,
        "bureau": bureau,
        "held": held,
        "theme": rules.visits.theme_of(clock.today()),
        "asked": firm.visitrequests.open().count() if firm else 0,
    }
    return render(request, "portal/sitting.html", context, status=422 if request.method == "POST" else 200)


def _photos_token(request: HttpRequest) -> str:
    """Under which the photos of a form with errors are held: nobody else's, whatever token is sent."""
    token = request.POST.get("token", "").replace("\0", "")[:40]
    return f"sitting:{request.user.pk}:{token}" if token else ""


def _firm_beforehand(request: HttpRequest) -> Enterprise | Project | None:
    for name, model in MODELS.items():
        if name in request.GET:
            pk = request.GET[name]
            visible = model.objects.visible_to(request.user).active()
            return get_object_or_404(visible, pk=pk if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0)
    return None


def _initial(firm: Enterprise | Project | None, request: HttpRequest) -> dict[str, Any]:
    initial: dict[str, Any] = {"token": tokens.new_token(), "answers_requests": True}
    if firm is not None:
        initial |= {"firm": "roster", "subject": subject_key(firm)}
        if (
            request.user.official_id
            and firm.assignments.in_force().held_by(request.user.official_id).exists()
        ):
            initial |= {"firm": "mine", "mine": subject_key(firm)}
    return initial


def _recorded(request: HttpRequest, forms: SittingForms, draft: str) -> int | None:
    """The visit's id once everything is recorded, by this copy of the form or by an earlier one."""
    key = f"sitting:{request.user.pk}:{forms.main.cleaned_data['token']}"
    saved = earlier_sitting(key)
    if saved is None:
        try:
            saved = record_sitting(by=request.user, key=key, **forms.as_sitting())
        except ProblemRefused as refusal:
            forms.refuse(refusal)
            return None
        except ValidationError as error:
            forms.main.add_error(None, ValidationError(error.messages))
            return None
        except IntegrityError:
            # Two copies of the form at the same moment; if it was not that, it is our mistake.
            saved = earlier_sitting(key)
            if saved is None:
                raise
    for index, appeal in enumerate(saved.appeals):
        keep_slip(request, appeal, f"{key}:{index}")
    request.session[SAVED] = {"visit": saved.visit.pk, "draft": draft}
    return saved.visit.pk


@never_cache
@require_safe
def visit_saved(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of the sitting: numbers, and the codes to hand to the firm while this browser knows them."""
    mine = Visit.objects.visible_to(request.user).filter(recorded_by=request.user)
    visit = get_object_or_404(mine.select_related("enterprise", "project"), pk=pk)
    appeals = list(Appeal.objects.visible_to(request.user).filter(visit=visit).order_by("pk"))
    for appeal in appeals:
        secret = slip_code(request, appeal.number)
        appeal.code = numbers.spaced(secret) if secret else ""
    saved = request.session.get(SAVED, {})
    context = {
        "visit": visit,
        "appeals": appeals,
        "may_tell_needs": may_collect(request.user) or may_record_opening(request.user),
        "shows_codes": any(appeal.code for appeal in appeals),
        "draft_clear": saved.get("draft") if saved.get("visit") == visit.pk else None,
    }
    return render(request, "portal/sitting_saved.html", context)
