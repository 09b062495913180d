"""督办台, the letter as a page, and letters about visits a unit owes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from appeals import supervision as desk
from appeals.filters import ClockFilter
from appeals.letter_forms import AnswerLetterForm, RemindManyForm, VisitLetterForm
from appeals.letters import (
    WHO_ANSWERS,
    WHO_SENDS,
    answer_letter,
    may_answer,
    send_visit_letter,
    set_aside,
)
from appeals.models import Appeal, ListedSupervision, SupervisionLetter
from appeals.perform import Refused, perform
from appeals.queues import APPEALS_ON_A_DESK
from appeals.workflow import available
from core import tokens
from core.http import drop_draft, forbidden
from core.paging import WindowPaginator
from core.wording import speak, spoken
from enterprises.querysets import DISTRICT_WIDE
from liaisons.permissions import may_supervise
from liaisons.selectors import owed_by_unit, rules_of

PER_PAGE = 25
State = SupervisionLetter.State
LETTERS = {"drafts": State.DRAFT, "waiting": State.SENT, "answered": State.ANSWERED}
TABS = {
    "clocks": "红黄蓝",
    "drafts": "待发督办单",
    "waiting": "待回复",
    "answered": "已回复",
    "listed": "挂牌督办",
    "visits": "走访",
}
WHO_LOOKS = spoken("督办台由牵头局、督查和区领导使用。")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def supervision(request: HttpRequest) -> HttpResponse:
    """The desk: one tab a heap. What is posted reminds the ticked appeals of the first tab."""
    if request.user.unit is None or not request.user.has_role(*DISTRICT_WIDE):
        return forbidden(request, WHO_LOOKS)
    rules = rules_of(request.user)
    supervises = may_supervise(request.user, rules)
    context = {"supervises": supervises, "ladder": desk.ladder(rules) if rules else []}
    if request.method == "POST":
        return (
            _remind_many(request, context)
            if supervises
            else forbidden(request, speak("催办由牵头局和督查办理。"))
        )
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "clocks"
    if tab == "clocks":
        return _clocks(request, context | {"form": _remind_form(request)})
    if tab == "visits":
        return _desk(request, tab, context | _visits(request))
    rows: QuerySet
    if tab == "listed":
        rows = desk.listed(request.user)
    elif tab == "waiting":
        rows = desk.letters(request.user).waiting().order_by("answer_by", "pk")
    else:
        rows = desk.letters(request.user).filter(state=LETTERS[tab])
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return _desk(request, tab, context | {"page": page})


def _desk(request: HttpRequest, tab: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    user = request.user
    states = dict(
        SupervisionLetter.objects.visible_to(user).order_by().values_list("state").annotate(Count("pk"))
    )
    counts: dict[str, int | None] = {name: states.get(state, 0) for name, state in LETTERS.items()}
    counts["clocks"] = desk.of_colours(desk.clocks(user)).order_by().count()
    counts["listed"] = ListedSupervision.objects.visible_to(user).in_force().order_by().count()
    # Who owes visits is worked out from every firm's visits, so it is counted on its own tab alone.
    counts["visits"] = len(context["owing"]) if "owing" in context else None
    tabs = [
        {
            "label": label,
            "url": f"?{urlencode({'tab': name})}",
            "current": name == tab,
            "count": counts[name],
        }
        for name, label in TABS.items()
    ]
    context |= {"tab": tab, "tab_label": TABS[tab], "tabs": tabs}
    return render(request, "appeals/supervision.html", context, status=status)


# --- Red, yellow, blue ----------------------------------------------------------------------------


def _clocks(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = Actor.of_user(request.user)
    filterset = ClockFilter(request.GET, desk.clocks(request.user), user=request.user)
    page = WindowPaginator(desk.with_appeals(filterset.qs), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    for deadline in page.object_list:
        deadline.marks = desk.marks(deadline, actor)
    tallies = desk.tallies(filterset.whatever_colour())
    context |= {
        "filterset": filterset,
        "page": page,
        "tallies": [tally for tally in tallies if tally.alarming][: desk.MOST_UNITS],
        "totals": [
            {
                "colour": colour,
                "label": label,
                "number": sum(getattr(tally, colour) for tally in tallies),
                "url": f"?{urlencode(filterset.chosen() | {'colour': colour})}",
            }
            for colour, label in desk.COLOURS.items()
        ],
    }
    return _desk(request, "clocks", context, status)


def _remind_form(request: HttpRequest) -> RemindManyForm:
    data = request.POST if request.method == "POST" else None
    return RemindManyForm(
        data, visible=APPEALS_ON_A_DESK.visible_to(request.user), initial={"token": tokens.new_token()}
    )


def _remind_many(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Each appeal by itself, so that one that has moved on holds up no other; the same form twice reminds once."""
    form = _remind_form(request)
    if not form.is_valid():
        return _clocks(request, context | {"form": form}, status=422)
    data, actor = form.cleaned_data, Actor.of_user(request.user)
    results = []
    for appeal in data["chosen"]:
        try:
            perform(appeal, "remind", actor, {"text": data["text"]}, key=f"{data['token']}:{appeal.pk}")
        except Refused as refused:
            results.append({"appeal": appeal, "why": refused.message})
        else:
            results.append({"appeal": appeal, "why": ""})
    drop_draft(request, "remind-many")
    refused = sum(bool(result["why"]) for result in results)
    fresh = RemindManyForm(visible=Appeal.objects.none(), initial={"token": tokens.new_token()})
    counted = {"results": results, "refused": refused, "reminded": len(results) - refused}
    return _clocks(request, context | {"form": fresh} | counted)


# --- One letter -----------------------------------------------------------------------------------


@never_cache
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The 督办单 on a sheet of A4, with the unit's answer below."""
    return _letter_page(request, _letter_or_404(request, pk))


def _letter_or_404(request: HttpRequest, pk: int) -> SupervisionLetter:
    rows = SupervisionLetter.objects.visible_to(request.user).select_related(
        "unit", "district", "deadline", "drafted_by", "sent_by", "sender", "answered_by", "appeal__profile",
        "appeal__district", "appeal__lead_unit", "appeal__enterprise", "appeal__project",
    ).defer("appeal__profile__data")  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _letter_page(
    request: HttpRequest, found: SupervisionLetter, form: AnswerLetterForm | None = None, status: int = 200
) -> HttpResponse:
    user, appeal = request.user, found.appeal
    actions: set[str] = set()
    if appeal is not None:
        actions = {row.name for row in available(appeal, Actor.of_user(user))}
    is_draft, waits = found.state == State.DRAFT, found.state == State.SENT
    if form is None and appeal is None and waits and may_answer(user, found):
        form = AnswerLetterForm()
    context = {
        "letter": found,
        "facts": desk.facts_of(found),
        "form": form,
        "may_see_appeal": appeal is not None
        and Appeal.objects.visible_to(user).filter(pk=appeal.pk).exists(),
        "answers_there": waits and "answer_supervision" in actions and user.unit_id == found.unit_id,
        "may_send": is_draft and "supervise" in actions,
        "may_set_aside": is_draft and may_supervise(user),
    }
    return render(request, "appeals/letter.html", context, status=status)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit answers a letter about visits; one about an appeal is answered on the appeal."""
    found = _letter_or_404(request, pk)
    if not may_answer(request.user, found):
        return forbidden(request, WHO_ANSWERS)
    if found.appeal_id:
        return forbidden(request, "这份督办单督办的是诉求，请在诉求页面点“督办回复”。")
    form = AnswerLetterForm(request.POST)
    if not _done(form, lambda data: answer_letter(by=request.user, letter=found, answer=data["answer"])):
        return _letter_page(request, _letter_or_404(request, pk), form, status=422)
    drop_draft(request, f"letter-{pk}")
    messages.success(request, f"已回复 {found.number}。")
    return redirect("appeals:letter", pk)


@require_POST
def set_letter_aside(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter_or_404(request, pk)
    if not may_supervise(request.user):
        return forbidden(request, WHO_SENDS)
    if set_aside(by=request.user, letter=found):
        messages.success(request, f"给{found.unit}的督办单不予发出。")
    else:
        messages.warning(request, f"没有改动：这份督办单已是“{found.get_state_display()}”。")
    return redirect(f"{reverse('appeals:supervision')}?tab=drafts")


def _done(form: Any, service: Callable[[dict[str, Any]], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        service(form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


# --- About visits ---------------------------------------------------------------------------------


def _visits(request: HttpRequest) -> dict[str, Any]:
    """Who owes visits, with the letter that still waits for the unit's answer."""
    owing = owed_by_unit(request.user)
    waiting = SupervisionLetter.objects.visible_to(request.user).waiting().filter(appeal=None)
    by_unit = {found.unit_id: found for found in waiting.defer("text", "answer")}
    page = WindowPaginator(owing, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "owing": owing,
        "page": page,
        "rows": [{"owing": one, "letter": by_unit.get(one.unit.pk)} for one in page],
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def supervise_visits(request: HttpRequest) -> HttpResponse:
    """A letter to a unit that is slow with its visits; what it owes stands in it already."""
    rules = rules_of(request.user)
    if rules is None or not may_supervise(request.user, rules):
        return forbidden(request, WHO_SENDS)
    chosen = None
    initial: dict[str, Any] = {"token": tokens.new_token()}
    unit = request.GET.get("unit", "")
    # What was begun for one unit is no draft for another.
    draft = f"visit-letter-{unit}" if unit.isdecimal() and len(unit) < 19 else "visit-letter"
    if unit and request.method != "POST":
        chosen = next((one for one in owed_by_unit(request.user) if str(one.unit.pk) == unit), None)
    if chosen:
        initial |= {"unit": chosen.unit.pk, "text": desk.about_visits(chosen)}
    data = request.POST if request.method == "POST" else None
    form = VisitLetterForm(data, district=request.user.unit.district, rules=rules, initial=initial)
    if data is not None and (pk := _sent(request, form)):
        drop_draft(request, draft)
        return redirect("appeals:letter", int(pk))
    context = {"form": form, "draft": draft, "chosen": chosen}
    return render(request, "appeals/visit_letter.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest, form: VisitLetterForm) -> str:
    """The letter's id; "" if it was refused."""
    if not form.is_valid():
        return ""
    data = form.cleaned_data

    def send() -> int:
        sent = send_visit_letter(
            by=request.user, unit=data["unit"], text=data["text"], answer_by=data["answer_by"]
        )
        messages.success(request, f"已发出 {sent.number}，已通知{sent.unit}。")
        return sent.pk

    try:
        return tokens.once(f"visit-letter:{request.user.pk}:{data['token']}", send)
    except ValidationError as error:
        form.add_error(None, error)
        return ""
