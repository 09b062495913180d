"""The list of revisits: whom to call, and the result recorded where one stands."""

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.actors import Actor
from appeals import revisits, selectors
from appeals.answers import missed_days
from appeals.forms import RevisitForm
from appeals.models import Appeal, Deadline
from appeals.perform import Invalid, NotAllowed, Stale, perform
from appeals.revisits import Heap
from appeals.views.access import appeal_or_404
from appeals.views.posted import form_token, seen_version, typed_values
from appeals.workflow import available
from core import tokens
from core.http import drop_draft, forbidden, render_page
from core.paging import WindowPaginator
from core.wording import speak

PER_PAGE = 20
NUMBER = re.compile(r"[-\w]{1,30}", re.ASCII)


@never_cache
@require_GET
def call_list(request: HttpRequest) -> HttpResponse:
    """Whom the unit owes a revisit, by due date."""
    user = request.user
    if user.unit is None or not user.has_role(*revisits.CALLERS):
        return forbidden(request, speak("回访名单由办理单位、牵头局和督查使用。"))
    heaps = revisits.heaps_of(user)
    owed = {heap.code: WindowPaginator(revisits.owed(user, heap), PER_PAGE) for heap in heaps}
    chosen = next((heap for heap in heaps if heap.code == request.GET.get("queue")), None)
    if chosen is None:
        chosen = next((heap for heap in heaps if owed[heap.code].count), heaps[0])
    page = owed[chosen.code].get_page(request.GET.get("page"))
    context = {
        "tabs": [
            {
                "label": heap.label,
                "url": f"?queue={heap.code}",
                "current": heap == chosen,
                "count": owed[heap.code].count,
            }
            for heap in heaps
        ],
        "heap": chosen,
        "page": page,
        "calls": revisits.calls(page, chosen, user),
    }
    return render(request, "appeals/revisits.html", context)


@require_POST
def record(request: HttpRequest, number: str, transition: str) -> HttpResponse:
    """One attempt: the line it came from says what became of it, and the list stays where it was."""
    heap = revisits.BY_TRANSITION.get(transition)
    if heap is None:
        raise Http404
    appeal = appeal_or_404(request, number)
    actor = Actor.of_user(request.user)
    token = form_token(request) or tokens.new_token()
    try:
        after = perform(appeal, transition, actor, request.POST, seen=seen_version(request), key=token)
    except Invalid as invalid:
        return _line(request, appeal, heap, invalid.form, token, status=422)
    except NotAllowed as refused:
        return forbidden(request, refused.message)
    except Stale as stale:
        return _too_late(request, appeal, heap, token, stale)
    concluded, said = _said(after, heap)
    draft = f"{number}-{transition}"
    if not request.htmx:
        drop_draft(request, draft)
        messages.success(request, said)
        return redirect(_place(request, heap, "" if concluded else number))
    if concluded:
        answer = render(request, "appeals/_call_done.html", {"appeal": after, "said": said})
    else:
        call = revisits.call_of(revisits.again(after), heap, request.user)
        answer = render(request, "appeals/_call.html", {"call": call, "said": said, "page": _page(request)})
    return trigger_client_event(answer, "draft-clear", {"key": draft})


def _line(
    request: HttpRequest,
    appeal: Appeal,
    heap: Heap,
    form: RevisitForm | None,
    token: str,
    *,
    status: int,
    **more: object,
) -> HttpResponse:
    call = revisits.call_of(revisits.again(appeal), heap, request.user, form=form, token=token)
    context = {"call": call, "heap": heap, "page": _page(request), **more}
    return render_page(request, "appeals/revisit.html", "appeals/_call.html", context, status=status)


def _too_late(request: HttpRequest, appeal: Appeal, heap: Heap, token: str, stale: Stale) -> HttpResponse:
    """Somebody was faster, or something must come first: what was typed is kept."""
    fresh = appeal_or_404(request, appeal.number)
    form = RevisitForm(
        request.POST,
        appeal=fresh,
        actor=Actor.of_user(request.user),
        district=fresh.district,
        rules=fresh.rules,
    )
    possible = any(row.name == heap.transition for row in available(fresh, Actor.of_user(request.user)))
    conflict = {
        "message": stale.message,
        "meanwhile": selectors.meanwhile(stale.meanwhile),
        "still_possible": possible,
        "submitted": typed_values(form),
    }
    return _line(request, fresh, heap, form, token, status=409, conflict=conflict)


def _said(appeal: Appeal, heap: Heap) -> tuple[bool, str]:
    """Did the attempt end this revisit, and what is the caller told?"""
    attempts = list(appeal.revisits.filter(stage=heap.stage, round=appeal.round))
    if not attempts:  # the same form again, when all has moved on
        return True, f"已登记{heap.label}：{appeal.number}。"
    made, days = attempts[-1], appeal.rules.handling.unreached_days
    if not made.concludes:
        left = days - len(missed_days(attempts))
        return False, f"已记录未接通：{appeal.number}，还差{left}个不同日期。"
    if not made.reached:
        return True, f"{appeal.number} 已在{days}个不同日期未接通，{heap.label}按未接通结束。"
    said = f"已登记{heap.label}：{appeal.number}，{made.get_solved_display()}，"
    said += f"{appeal.rules.label('satisfaction', made.satisfaction)}。"
    if appeal.deadlines.running().filter(kind=Deadline.Kind.RULE).exists():
        said += speak("企业不满意，或与企业本人评价不一致，已提请牵头局裁定。")
    return True, said


def _page(request: HttpRequest) -> str:
    page = request.POST.get("page", "")
    return page if page.isdecimal() and len(page) < 6 else ""


def _place(request: HttpRequest, heap: Heap, number: str) -> str:
    """Back to the same page of the list: to the same line, or to the one that followed it."""
    query = {"queue": heap.code}
    if page := _page(request):
        query["page"] = page
    line = number or request.POST.get("following", "")
    anchor = f"#call-{line}" if NUMBER.fullmatch(line) else ""
    return f"{reverse('appeals:revisits')}?{urlencode(query)}{anchor}"
