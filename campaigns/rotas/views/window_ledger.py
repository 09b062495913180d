"""The window ledger: list, quick entry, one entry with what may be done, the month's summary."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from appeals.perform import earlier_appeal
from appeals.similar import Matter, Similar, similar_appeals
from appeals.views.access import keep_slip, slip_code
from campaigns.models import WindowEntry
from campaigns.rotas.filters import WindowFilter
from campaigns.rotas.forms.page import PageForm
from campaigns.rotas.forms.records import AnswerEntryForm, BecomeAppealForm, EntryForm
from campaigns.rotas.people import rules_in_force
from campaigns.rotas.services import window_ledger as services
from campaigns.rotas.views.pages import Month, carried_out, form_page, fresh, go
from core.http import posted
from core.paging import WindowPaginator
from districts.models import DistrictProfile
from enterprises.subjects import page_of
from liaisons.cadence import start_of

PER_PAGE = 25
MOST_OFFERED = 10


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    rows = WindowEntry.objects.visible_to(request.user).select_related(
        "unit", "enterprise", "project", "appeal"
    )
    filterset = WindowFilter(request.GET, queryset=rows.order_by("-occurred_at", "-pk"), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    rules = rules_in_force(request.user)
    for entry in page:
        entry.window_label = rules.label("windows", entry.window) if rules else entry.window
    context = {"filterset": filterset, "page": page, "may_keep": services.may_keep(request.user)}
    return render(request, "campaigns/rotas/window_ledger.html", context)


@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """How much of what came in at which counter in a month, and what still waits."""
    month = Month(request.GET.get("month", ""))
    rules = rules_in_force(request.user)
    rows = WindowEntry.objects.visible_to(request.user).filter(
        occurred_at__gte=start_of(month.first), occurred_at__lt=start_of(month.following)
    )
    kinds = {kind: Count("pk", filter=Q(kind=kind)) for kind in WindowEntry.Kind.values}
    counts = {
        "total": Count("pk"),
        "on_spot": Count("pk", filter=Q(way=WindowEntry.Way.ON_SPOT)),
        "appeals": Count("pk", filter=Q(way=WindowEntry.Way.APPEAL)),
        "waiting": Count("pk", filter=Q(answered_at__isnull=True)),
    }
    lines = list(
        rows.order_by()
        .values("unit__short_name", "unit__order", "window")
        .annotate(**kinds, **counts)
        .order_by("unit__order", "unit__short_name", "window")
    )
    for line in lines:
        line["label"] = rules.label("windows", line["window"]) if rules else line["window"]
    names = (*kinds, *counts)
    totals = {name: sum(line[name] for line in lines) for name in names}
    context = {"month": month, "lines": lines, "totals": totals}
    return render(request, "campaigns/rotas/window_summary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_entry(request: HttpRequest) -> HttpResponse:
    """A minute for a line; what becomes an appeal gets its number here, and the firm its slip."""
    rules = rules_in_force(request.user)
    if rules is None or not services.may_keep(request.user):
        raise PermissionDenied(services.NOT_YOURS)
    initial = fresh({"window": request.GET.get("window", ""), "subject": request.GET.get("subject", "")})
    form = EntryForm(posted(request), user=request.user, rules=rules, initial=initial)
    alike: list[Similar] = []
    if request.method == "POST" and form.is_valid():
        alike = _not_yet_looked_at(request, form)
        if not alike and (pk := _taken_down(request, form)):
            return go("window_entry", int(pk))
    context = {
        "form": form,
        "alike": alike,
        "decided": request.POST.get("repeats", ""),
        "undecided": bool(alike),
        "shown": {line.bound.name: line for line in form.lines() if line.lookup},
    }
    return render(request, "campaigns/rotas/window_new.html", context, status=422 if form.is_bound else 200)


def _not_yet_looked_at(request: HttpRequest, form: EntryForm) -> list[Similar]:
    """What the firm very likely brought before; asked about once, as at the registration."""
    data = form.cleaned_data
    if data["way"] != WindowEntry.Way.APPEAL or not data["category"] or "repeats" in request.POST:
        return []
    if earlier_appeal(_key_of_appeal(request, form)) is not None:
        return []  # Sent twice: what is alike is its own.
    matter = Matter(
        district=request.user.unit.district_id,
        text=data["content"],
        subject=data["subject"],
        claimed_name=data["claimed_name"],
        phone=data["phone"],
    )
    found = similar_appeals(matter, user=request.user)
    return found if any(one.very_likely for one in found) else []


def _taken_down(request: HttpRequest, form: EntryForm) -> str:
    """The number of the line, taken down by this copy of the form or by an earlier one; "" if it was refused."""
    key = _key_of_appeal(request, form)

    def make() -> int:
        return services.record_entry(by=request.user, **form.as_entry(key)).pk

    pk = carried_out(request, form, "window-entry", make)
    if pk:
        number = _slip_kept(request, key)
        messages.success(
            request, f"已登记到窗口台账，诉求编号 {number}。" if number else "已登记到窗口台账。"
        )
    return pk


def _key_of_appeal(request: HttpRequest, form: PageForm) -> str:
    return f"window-appeal:{request.user.pk}:{form.cleaned_data['token']}"


def _slip_kept(request: HttpRequest, key: str) -> str:
    """The number of the appeal that this form led to, whose slip this browser may print now; "" without one."""
    appeal = earlier_appeal(key)
    if appeal is None:
        return ""
    keep_slip(request, appeal, key)
    return appeal.number


def _found(request: HttpRequest, pk: int) -> WindowEntry:
    rows = WindowEntry.objects.visible_to(request.user).select_related(
        "unit", "district", "enterprise", "project", "appeal", "opinion", "recorded_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """``?phone=full`` shows the number; who saw it is on record."""
    found = _found(request, pk)
    rules = DistrictProfile.objects.in_force(found.district).rules
    full = bool(found.phone) and request.GET.get("phone") == "full"
    if full:
        audit.record(request.user, "window_entry.phone_shown", found)
    context = {
        "entry": found,
        "window_label": rules.label("windows", found.window),
        "subject_url": page_of(found.subject, request.user) if found.subject else "",
        "full": full,
        "may_answer": services.may_answer(request.user, found),
        "may_keep": services.may_keep(request.user),
        "has_slip": bool(found.appeal and slip_code(request, found.appeal.number)),
    }
    return render(request, "campaigns/rotas/window_entry.html", context)


def _open(request: HttpRequest, pk: int) -> WindowEntry:
    found = _found(request, pk)
    if found.is_open and not services.may_answer(request.user, found):
        raise PermissionDenied(services.NOT_YOURS)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def answer_entry(request: HttpRequest, pk: int) -> HttpResponse:
    found = _open(request, pk)
    form = AnswerEntryForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():

        def make() -> int:
            return services.answer_entry(by=request.user, entry=found, answer=form.cleaned_data["answer"]).pk

        if carried_out(request, form, f"window-answer-{pk}", make):
            messages.success(request, "已答复。")
            return go("window_entry", pk)
    return form_page(
        request,
        form,
        title="答复",
        lead=found.content[:200],
        back=reverse("campaigns:window_entry", args=[pk]),
        back_label="窗口台账",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def entry_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """What could not be answered becomes an appeal: a new one, or one that the firm has brought already."""
    found = _open(request, pk)
    rules = DistrictProfile.objects.in_force(found.district).rules
    form = BecomeAppealForm(
        posted(request),
        user=request.user,
        rules=rules,
        appeals=services.appeals_of_firm(request.user, found)[:MOST_OFFERED],
        initial=fresh({"person": found.person, "phone": found.phone}),
    )
    if request.method == "POST" and form.is_valid():
        key = _key_of_appeal(request, form)
        if carried_out(request, form, f"window-appeal-{pk}", lambda: _became(request, found, form, key)):
            number = _slip_kept(request, key)
            messages.success(
                request,
                f"已登记诉求 {number}，请把回执交给企业。"
                if number
                else "已与诉求对应，办理结果以诉求为准。",
            )
            return go("window_entry", pk)
    return render(
        request,
        "campaigns/rotas/window_appeal.html",
        {"entry": found, "form": form},
        status=422 if form.is_bound else 200,
    )


def _became(request: HttpRequest, found: WindowEntry, form: BecomeAppealForm, key: str) -> int:
    data = form.cleaned_data
    if not form.is_new():
        return services.became_appeal(by=request.user, entry=found, appeal=form.chosen()).pk
    return services.register_appeal(
        by=request.user,
        entry=found,
        person=data["person"],
        phone=data["phone"],
        registration=services.Registration(
            category=data["category"], channel=data.get("channel", ""), key=key
        ),
    ).pk
