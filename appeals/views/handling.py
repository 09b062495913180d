"""One appeal for officials: what it is, what happened, and what may be done with it now."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role, User
from appeals import dossier, queues, selectors
from appeals.answers import answers_of
from appeals.duplicates import similar_help
from appeals.forms import TransitionForm
from appeals.models import Appeal, SupervisionLetter
from appeals.perform import Invalid, NotAllowed, Stale, perform
from appeals.phrases import phrase_help
from appeals.similar import solved_like
from appeals.suggestions import dispatch_help, show_loads
from appeals.views.access import appeal_or_404, slip_code
from appeals.views.files import serve
from appeals.views.posted import form_token, seen_version, transition_or_404, typed_values
from appeals.workflow import TRANSITIONS, Transition, available
from core import held_uploads, tokens
from core.http import drop_draft, forbidden
from liaisons.models import ServiceEvent, Visit

# The forms beside which the levels of a “no” stand.
SIGNING = {"sign_refusal", "sign_refusal_last", "turn_back"}
# Those that judge what was answered: what the firm says stands beside them.
AFTER_THE_ANSWER = {"uphold", "redo", "redo_to_consulting", "revisit", "second_revisit", "close"}
SAYING_NO = {"propose_refusal"} | SIGNING


@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One appeal: facts, timeline, clocks, and only what the user may do now."""
    return _detail(request, appeal_or_404(request, number))


def _detail(request: HttpRequest, appeal: Appeal, *, revealed: bool = False) -> HttpResponse:
    actions = available(appeal, Actor.of_user(request.user))
    turn_back = next((row for row in actions if row.name == "turn_back"), None)
    # A ruling stands beside what it rules on, “办” beside the levels that sign.
    waiting = {row.name for row in actions if row.rules_on and appeal.facts.pending(row.rules_on)}
    beside = waiting | SIGNING
    asked = dossier.waiting(appeal, actions)
    return render(
        request,
        "appeals/detail.html",
        {
            "appeal": appeal,
            "timeline": selectors.timeline(appeal),
            "deadlines": appeal.facts.deadlines,
            "actions": [row for row in actions if not row.aside and row.name not in beside],
            "more_actions": [row for row in actions if row.aside and row.name not in beside],
            "waiting": asked,
            "may_rule": any(request.answers for request in asked),
            "ladder": dossier.ladder(appeal),
            "answers": answers_of(appeal) if appeal.answered_at else None,
            "debt": _debt(request, appeal),
            "may_list": not appeal.is_final and request.user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER),
            "sign_on": [row for row in actions if row.name in SIGNING - {"turn_back"}],
            "turn_back": turn_back and _blank_form(turn_back, appeal, request),
            "token": tokens.new_token(),
            "clocks": appeal.facts.clocks,
            "parts": appeal.facts.parts,
            "letters": SupervisionLetter.objects.visible_to(request.user).filter(appeal=appeal),
            "revealed": revealed,
            # The handling unit sees the appeal, but not always what it came from.
            "may_see_subject": appeal.subject is not None
            and type(appeal.subject).objects.visible_to(request.user).filter(pk=appeal.subject.pk).exists(),
            "may_see_visit": appeal.visit_id is not None
            and Visit.objects.visible_to(request.user).filter(pk=appeal.visit_id).exists(),
            "may_see_event": appeal.service_event_id is not None
            and ServiceEvent.objects.visible_to(request.user).filter(pk=appeal.service_event_id).exists(),
            "slip_known": slip_code(request, appeal.number) is not None,
            **_merged_with(request, appeal),
            **(similar_help(appeal, request.user) if _may_be_merged(appeal, request.user) else {}),
        },
    )


def _debt(request: HttpRequest, appeal: Appeal) -> dict[str, Any] | None:
    """Of an appeal about money owed (拖欠账款): where that is followed until it is paid, as far as the reader sees it."""
    if appeal.category not in appeal.rules.commitments.debt_categories:
        return None
    # The list of commitments belongs to a room above, so it is reached through the relation.
    return {"followed": list(appeal.commitments.visible_to(request.user))}


def _may_be_merged(appeal: Appeal, user: User) -> bool:
    """Similar appeals are looked for where they can still be merged, for those who triage."""
    return appeal.status in TRANSITIONS["merge"].sources and user.has_role(
        Role.DISPATCHER, Role.BUREAU_LEADER
    )


def _merged_with(request: HttpRequest, appeal: Appeal) -> dict:
    """The main appeal and those that follow this one, as far as the user may see them."""
    visible = queues.APPEALS_ON_A_DESK.visible_to(request.user)
    main = visible.filter(pk=appeal.merged_into_id).first() if appeal.merged_into_id else None
    follow = list(visible.filter(merged_into=appeal.pk).order_by("pk"))
    return {"main": main, "merged": follow}


def _blank_form(row: Transition, appeal: Appeal, request: HttpRequest) -> TransitionForm:
    """The form as it stands before anybody has typed; an address may fill in what the row allows."""
    given = {name: request.GET[name] for name in row.form.from_address if name in request.GET}
    return row.form(
        appeal=appeal,
        actor=Actor.of_user(request.user),
        district=appeal.district,
        rules=appeal.rules,
        initial=given,
    )


def _help(request: HttpRequest, appeal: Appeal, row: Transition, form: TransitionForm) -> dict:
    """What stands beside a form: words to use, units that might do, what was said before, how others did it."""
    user = request.user
    beside = phrase_help(appeal, row.name, user)
    if row.rules_on:
        beside["asked"] = [one for one in dossier.waiting(appeal, []) if one.kind == row.rules_on]
    if row.name in AFTER_THE_ANSWER:
        beside["answers"] = answers_of(appeal)
    if row.name == "answer_supervision":
        beside["letters"] = SupervisionLetter.objects.visible_to(user).filter(appeal=appeal, unit=user.unit)
    if row.name in SAYING_NO:
        beside |= {
            "says_no": True,
            "ladder": dossier.ladder(appeal),
            "precedents": solved_like(appeal, user=user),
        }
    elif row.name in {"dispatch", "reassign", "redo"}:
        beside |= dispatch_help(appeal, user)
        show_loads(form, beside["loads"])
    elif row.name in {"find_unreasonable", "find_reasonable"}:
        beside["ladder"] = dossier.ladder(appeal)
    return beside


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
        return _form_page(request, appeal, row, _blank_form(row, appeal, request), tokens.new_token())
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
    messages.success(request, f"“{row.label}”已完成：{appeal.number}")
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
            **_help(request, appeal, row, form),
        },
        status=status,
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
