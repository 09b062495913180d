"""Who is on duty at one event, and the coming weeks of a weekly one planned in one go."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.http import drop_draft
from districts.models import DistrictProfile
from liaisons.cadence import start_of
from liaisons.event_calendar import coming_days, warning_for
from liaisons.models import ServiceEvent
from liaisons.permissions import may_plan_events
from liaisons.selectors import rules_of
from liaisons.services import events as services
from liaisons.services.event_rules import when_and_where
from portal.forms.event_rota import ROTA, RotaOffers, RotaRow, RotaStartForm, initial_rows
from portal.forms.events import DUTIES, take_errors
from portal.forms.sitting_rows import Offers
from portal.views.event_plans import NOT_PLANNING
from portal.views.events import instead, to_run, visible


@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on duty, as rows with a search box each."""
    event = to_run(request, pk)
    if event.state not in services.OPEN:
        return instead(request, event, f"活动现在是“{event.get_state_display()}”，不能再改动安排。")
    rules = DistrictProfile.objects.in_force(event.district).rules
    known = [
        {"official": duty.official_id, "name": duty.official.name}
        for duty in event.duties.select_related("official")
    ]
    rows = DUTIES(
        request.POST or None,
        prefix="officials",
        initial=known,
        form_kwargs={"user": request.user, "rules": rules, "offers": Offers(request.user, rules)},
    )
    refused: list[str] = []
    if request.method == "POST" and rows.is_valid():
        officials = [row.cleaned_data["official"] for row in rows.filled() if row.cleaned_data["official"]]
        try:
            services.set_duties(by=request.user, event=event, officials=officials)
        except ValidationError as error:
            refused = error.messages
        else:
            drop_draft(request, f"duties-{event.pk}")
            messages.success(
                request, f"值守安排已保存，共{len(officials)}人。" if officials else "没有安排值守人员。"
            )
            return redirect("portal:event", event.pk)
    context = {"event": event, "rows": rows, "refused": refused, "when": when_and_where(event)}
    failed = refused or (request.method == "POST")
    return render(request, "portal/event_duties.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rota(request: HttpRequest) -> HttpResponse:
    """值班排期: the coming days of a weekly event, planned in one go. What is planned already is left alone."""
    rules = rules_of(request.user)
    if rules is None or not may_plan_events(request.user):
        raise PermissionDenied(NOT_PLANNING)
    # The rows below are sent to an address that may name the kind alone: then nothing was asked above.
    is_asked = "starts" in request.GET
    start = RotaStartForm(
        request.GET if is_asked else None,
        user=request.user,
        rules=rules,
        initial={"kind": request.GET.get("kind", "")},
    )
    if not start.fields["kind"].choices:
        return render(request, "portal/event_rota.html", {"start": None})
    chosen = start.cleaned_data if start.is_bound and start.is_valid() else _usual_start(start)
    kind = rules.find("event_kinds", chosen["kind"])
    days = coming_days(kind, clock.today())
    planned = _planned_on(request, kind.code, days)
    offers = RotaOffers(request.user)
    form_kwargs = {"offers": offers}
    if request.method == "POST":
        rows = ROTA(request.POST, prefix="days", form_kwargs=form_kwargs)
        if rows.is_valid() and (saved := _rota_saved(request, rows, kind.code)) is not None:
            return saved
    else:
        own = {unit.pk for unit in offers.organisers}
        taken = {day for day, events in planned.items() if any(one.organiser_id in own for one in events)}
        last = visible(request).exclude(state=ServiceEvent.State.CANCELLED).filter(kind=kind.code)
        before = last.order_by("-starts_at").values_list("organiser", flat=True).first()
        initial = initial_rows(days, chosen, taken, _last_places(request, kind.code), before)
        rows = ROTA(prefix="days", initial=initial, form_kwargs=form_kwargs)
    for row in rows:
        day = row["day"].value()
        row.date = day if not isinstance(day, str) else _day_of(day)
        row.planned = planned.get(row.date, [])
        row.warning = warning_for(row.date, rules) if row.date else ""
    context = {
        "start": start,
        "rows": rows,
        "kind": kind,
        "query": request.GET.urlencode() if is_asked else urlencode({"kind": kind.code}),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/event_rota.html", context, status=status)


def _usual_start(start: RotaStartForm) -> dict[str, Any]:
    codes = [code for code, _ in start.fields["kind"].choices]
    asked = start.initial["kind"]
    return {
        "kind": asked if asked in codes else codes[0],
        "starts": start.fields["starts"].initial,
        "ends": start.fields["ends"].initial,
        "organisers": list(start.fields["organisers"].queryset),
    }


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _planned_on(request: HttpRequest, kind: str, days: list[date]) -> dict[date, list[ServiceEvent]]:
    if not days:
        return {}
    events = (
        visible(request)
        .exclude(state=ServiceEvent.State.CANCELLED)
        .filter(kind=kind, starts_at__gte=start_of(days[0]))
        .order_by("starts_at", "pk")
    )
    planned: dict[date, list[ServiceEvent]] = {}
    for event in events:
        planned.setdefault(clock.local_date(event.starts_at), []).append(event)
    return planned


def _last_places(request: HttpRequest, kind: str) -> dict[int, str]:
    """Where each organiser held such an event last."""
    held = visible(request).filter(kind=kind).exclude(place="").order_by("starts_at")
    return dict(held.values_list("organiser", "place")[:500])


def _rota_saved(request: HttpRequest, rows, kind: str) -> HttpResponse | None:
    wanted: list[RotaRow] = [row for row in rows if row.cleaned_data.get("wanted")]
    if not wanted:
        messages.error(request, "还没有勾选要安排的日子。")
        return None
    try:
        planned = services.plan_rota(by=request.user, lines=[row.as_line(kind) for row in wanted])
    except services.RotaRefused as refusal:
        take_errors(wanted[refusal.index], refusal.cause, RotaRow.CALLED)
        return None
    left = len(wanted) - len(planned)
    also = f"另有{left}天此前已安排，没有重复安排。" if left else ""
    messages.success(request, f"已安排{len(planned)}天。{also}确定地点和带班领导后，请逐场公示。")
    return redirect("portal:events")
