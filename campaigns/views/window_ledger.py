"""The window ledger: list, quick entry, one entry with what may be done, the month's summary."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from campaigns.forms.records import AnswerEntryForm, BecameAppealForm, EntryForm
from campaigns.models import WindowEntry
from campaigns.rota_filters import WindowFilter
from campaigns.rota_people import rules_in_force
from campaigns.services import window_ledger as services
from campaigns.views.pages import Month, carried_out, form_page, fresh, go, posted
from core.paging import WindowPaginator
from districts.models import DistrictProfile
from enterprises.subjects import page_of, subject_key
from liaisons.cadence import start_of

PER_PAGE = 25
MOST_PREFILLED = 500


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
    return render(request, "campaigns/window_ledger.html", context)


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
    return render(request, "campaigns/window_summary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_entry(request: HttpRequest) -> HttpResponse:
    rules = rules_in_force(request.user)
    if rules is None or not services.may_keep(request.user):
        raise PermissionDenied(services.NOT_YOURS)
    initial = fresh({"window": request.GET.get("window", ""), "subject": request.GET.get("subject", "")})
    form = EntryForm(posted(request), user=request.user, rules=rules, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "token"}

        def make() -> int:
            return services.record_entry(by=request.user, **data).pk

        if pk := carried_out(request, form, "window-entry", make):
            messages.success(request, "已登记到窗口台账。")
            return go("window_entry", int(pk))
    return form_page(
        request,
        form,
        title="登记窗口台账",
        lead="在窗口受理的政策咨询、问题投诉、意见建议，一事一登。",
        submit="登记",
        back=reverse("campaigns:window_ledger"),
        back_label="窗口台账",
        draft="window-entry",
    )


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
    given = {"content": found.content[:MOST_PREFILLED], "contact_name": found.person}
    if found.subject:
        given["subject"] = subject_key(found.subject)
    else:
        given["claimed_name"] = found.claimed_name
    context = {
        "entry": found,
        "window_label": rules.label("windows", found.window),
        "subject_url": page_of(found.subject, request.user) if found.subject else "",
        "full": full,
        "may_answer": services.may_answer(request.user, found),
        "register_url": f"{reverse('appeals:register')}?{urlencode(given)}",
    }
    return render(request, "campaigns/window_entry.html", context)


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
        try:
            services.answer_entry(by=request.user, entry=found, answer=form.cleaned_data["answer"])
        except ValidationError as error:
            form.take_errors(error)
        else:
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
    """The number of the appeal that was registered from it."""
    found = _open(request, pk)
    form = BecameAppealForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        try:
            services.became_appeal(by=request.user, entry=found, appeal=form.cleaned_data["number"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已与诉求对应，办理结果以诉求为准。")
            return go("window_entry", pk)
    return form_page(
        request,
        form,
        title="填写诉求编号",
        lead=found.content[:200],
        back=reverse("campaigns:window_entry", args=[pk]),
        back_label="窗口台账",
    )
