"""活动: the list and the month, planning, announcing, calling off, the rota, and the page of one event."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.clusters import topics as cluster_topics
from appeals.models import Cluster
from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from core.qr import qr_svg
from core.wording import spoken
from districts.models import DistrictProfile
from liaisons.cadence import start_of
from liaisons.event_calendar import coming_days, first_of, month_of, topics_of, warning_for, within_month
from liaisons.filters import EventFilter
from liaisons.models import ServiceEvent
from liaisons.permissions import may_organise, may_plan_events
from liaisons.selectors import rules_of
from liaisons.services import events as services
from liaisons.services.event_rules import when_and_where
from portal.event_file import event_file
from portal.forms.event_rota import ROTA, RotaOffers, RotaRow, RotaStartForm, initial_rows
from portal.forms.events import DUTIES, CancelForm, PlanForm, take_errors
from portal.forms.sitting_rows import Offers

PER_PAGE = 25
NOT_PLANNING = spoken("活动由各单位联络员、负责人和牵头局安排。")


# --- Looking --------------------------------------------------------------------------------------


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come first, then what is over; filtered by the URL."""
    filterset = EventFilter(request.GET, queryset=_visible(request).coming_first(), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    for event in page:
        _label(event, filterset.rules)
        event.is_unrecorded = event.state in services.OPEN and event.ends_at < now
    context = _looking(request, filterset) | {"page": page}
    return render(request, "portal/events.html", context)


@require_safe
def event_month(request: HttpRequest) -> HttpResponse:
    """The same as a month's grid, with the topics the plan sets for it."""
    filterset = EventFilter(request.GET, queryset=_visible(request), request=request)
    first = first_of(request.GET.get("month", "")) or clock.today().replace(day=1)
    events = list(within_month(filterset.qs, first).order_by("starts_at", "pk"))
    for event in events:
        _label(event, filterset.rules)
    month = month_of(first, events)
    context = _looking(request, filterset) | {
        "month": month,
        "previous": _with_month(request, month.previous),
        "following": _with_month(request, month.following),
        "topics": _topics(filterset.rules, first.month),
        "count": len(events),
    }
    return render(request, "portal/events_month.html", context)


def _visible(request: HttpRequest) -> QuerySet[ServiceEvent]:
    return ServiceEvent.objects.visible_to(request.user).select_related("organiser", "leader", "district")


def _label(event: ServiceEvent, rules) -> None:
    event.kind_label = rules.label("event_kinds", event.kind) if rules else event.kind


def _looking(request: HttpRequest, filterset: EventFilter) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("page", None)
    suffix = f"?{query.urlencode()}" if query else ""
    here = request.resolver_match.url_name
    tabs = [
        {"label": label, "url": reverse(f"portal:{name}") + suffix, "current": here == name}
        for label, name in (("列表", "events"), ("月历", "events_month"))
    ]
    rules = filterset.rules
    return {
        "filterset": filterset,
        "tabs": tabs,
        "may_plan": may_plan_events(request.user),
        "has_weekly": bool(rules and any(kind.weekday is not None for kind in rules.events.kinds)),
    }


def _with_month(request: HttpRequest, month: str) -> str:
    query = request.GET.copy()
    query["month"] = month
    return f"?{query.urlencode()}"


def _topics(rules, month: int, kind: str = "") -> list[dict[str, Any]]:
    if rules is None:
        return []
    return [
        {"topic": topic, "kind_label": rules.label("event_kinds", topic.kind)}
        for topic in topics_of(rules, month, kind)
    ]


@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "portal/event.html", event_file(request.user, event_or_404(request, pk)))


@require_safe
def event_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The announcement on one A4, to be put up at the door; its code leads to the public page."""
    event = event_or_404(request, pk)
    if event.announced_at is None:
        return instead(request, event, "还没有公示，公示后才能打印。")
    url = request.build_absolute_uri(reverse("public:event", args=[event.district.code, event.pk]))
    context = event_file(request.user, event) | {"qr": qr_svg(url), "public_url": url}
    return render(request, "portal/event_notice.html", context)


def event_or_404(request: HttpRequest, pk: int) -> ServiceEvent:
    events = _visible(request).select_related("organiser", "leader", "district", "recorded_by")
    return get_object_or_404(events.prefetch_related("leader__posts__unit"), pk=pk)


# --- Planning -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """``?kind=`` and ``?cluster=`` fill in beforehand; ``?held=1`` enters an event that was held already."""
    rules = rules_of(request.user)
    if rules is None or not may_plan_events(request.user):
        raise PermissionDenied(NOT_PLANNING)
    afterwards = request.GET.get("held") == "1"
    asked = _asked_clusters(request)
    form = PlanForm(
        request.POST or None,
        user=request.user,
        rules=rules,
        initial=_beforehand(request, rules, asked),
        offered=_offered(request, rules, asked),
    )
    if request.method == "POST" and form.is_valid():
        key = f"event:{request.user.pk}:{form.cleaned_data['token']}"
        pk = _planned(request, form, key, afterwards)
        if pk:
            drop_draft(request, "event")
            return redirect("portal:record_event" if afterwards else "portal:event", pk)
    context = _planning(form, rules) | {"afterwards": afterwards}
    return render(request, "portal/event_plan.html", context, status=422 if form.errors else 200)


def _planned(request: HttpRequest, form: PlanForm, key: str, afterwards: bool) -> str | None:
    """The id of the event, planned by this copy of the form or by another at the same moment."""

    def plan() -> int:
        event = services.plan_event(by=request.user, plan=form.as_plan(), afterwards=afterwards)
        if chosen := list(form.cleaned_data["clusters"]):
            cluster_topics.choose(by=request.user, event=event, clusters=chosen)
        messages.success(request, f"已安排：{event.title}，{when_and_where(event)}。")
        return event.pk

    try:
        return tokens.once(key, plan)
    except ValidationError as error:
        take_errors(form, error, PlanForm.CALLED)
        return None


def _asked_clusters(request: HttpRequest) -> list[Cluster]:
    """``?cluster=``, once or several times: what the event is to be about."""
    asked = [
        int(pk) for pk in request.GET.getlist("cluster") if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    visible = Cluster.objects.visible_to(request.user).active().filter(district=request.user.unit.district_id)
    return list(visible.filter(pk__in=asked[: cluster_topics.MOST_CHOSEN]).order_by("pk")) if asked else []


def _offered(request: HttpRequest, rules, asked: list[Cluster]) -> set[int]:
    """Kinds of problems to choose from: what is suggested, what was asked for, and what was ticked before."""
    suggested = {one.cluster.pk for one in cluster_topics.suggestions(request.user, rules)}
    ticked = {
        int(pk) for pk in request.POST.getlist("clusters") if pk.isascii() and pk.isdigit() and len(pk) < 19
    }
    return suggested | ticked | {one.pk for one in asked}


def _beforehand(request: HttpRequest, rules, asked: list[Cluster]) -> dict[str, Any]:
    initial: dict[str, Any] = {"token": tokens.new_token()}
    if asked:
        initial["clusters"] = [one.pk for one in asked]
        initial["topic"] = cluster_topics.topic_line(asked)
    kind = rules.find("event_kinds", request.GET.get("kind", ""))
    if asked:
        about = asked[0].title if len(asked) == 1 else f"{asked[0].title}等{len(asked)}类问题"
        initial["title"] = f"“{about}”{kind.label if kind else '恳谈会'}"[:80]
    if kind is None:
        return initial
    initial["kind"] = kind.code
    month = clock.today().month
    if kind.weekday is not None:
        initial["day"] = coming_days(kind, clock.today(), 1)[0]
        month = initial["day"].month
    topics = topics_of(rules, month, kind.code)
    if len(topics) == 1 and not asked:
        initial["topic"] = (topics[0].text or topics[0].title)[:200]
    return initial


def _planning(form: PlanForm, rules) -> dict[str, Any]:
    """The form, what the plan sets for its month, and whom the look-up shows."""
    leader = form["leader"].value()
    shown = None
    if leader and str(leader).isdecimal() and len(str(leader)) < 19:
        shown = form.fields["leader"].queryset.filter(pk=leader).first()
    topics = [
        {"month": month, "items": _topics(rules, month), "current": month == form.month}
        for month in range(1, 13)
    ]
    return {
        "form": form,
        "leader_shown": shown.name if shown else "",
        "months": [entry for entry in topics if entry["items"]],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    event = _to_run(request, pk)
    if event.state not in services.OPEN:
        return instead(request, event, f"活动现在是“{event.get_state_display()}”，不能再改动安排。")
    rules = DistrictProfile.objects.in_force(event.district).rules
    form = PlanForm(
        request.POST or None,
        user=request.user,
        rules=rules,
        event=event,
        initial={"token": tokens.new_token()},
        offered=_offered(request, rules, []),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                services.change_event(by=request.user, event=event, plan=form.as_plan())
                chosen = list(form.cleaned_data["clusters"])
                cluster_topics.choose(by=request.user, event=event, clusters=chosen)
        except ValidationError as error:
            take_errors(form, error, PlanForm.CALLED)
        else:
            drop_draft(request, f"event-{event.pk}")
            messages.success(request, "已保存。" + ("公示页面已同步更新。" if event.announced_at else ""))
            return redirect("portal:event", event.pk)
    context = _planning(form, rules) | {"event": event}
    return render(request, "portal/event_plan.html", context, status=422 if form.errors else 200)


@require_POST
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    event = _to_run(request, pk)
    try:
        services.announce(by=request.user, event=event)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        messages.success(request, f"已公示：{event.title}。公示页面和日历订阅已经更新。")
    return redirect("portal:event", event.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: what is called off, and what the public will read."""
    event = _to_run(request, pk)
    if event.state not in services.OPEN:
        return instead(request, event, f"活动现在是“{event.get_state_display()}”，不能再改动安排。")
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel(by=request.user, event=event, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, f"已取消：{event.title}。")
            return redirect("portal:event", event.pk)
    context = {"form": form, "event": event, "when": when_and_where(event)}
    return render(request, "portal/event_cancel.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on duty, as rows with a search box each."""
    event = _to_run(request, pk)
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


def _to_run(request: HttpRequest, pk: int) -> ServiceEvent:
    event = event_or_404(request, pk)
    if not may_organise(request.user, event):
        raise PermissionDenied(services.NOT_YOURS)
    return event


def instead(request: HttpRequest, event: ServiceEvent, why: str) -> HttpResponse:
    """Back to the event with the reason: nobody is at fault, the moment is not right."""
    messages.error(request, why)
    return redirect("portal:event", event.pk)


# --- The rota of the coming weeks -----------------------------------------------------------------


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
        last = _visible(request).exclude(state=ServiceEvent.State.CANCELLED).filter(kind=kind.code)
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
        _visible(request)
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
    held = _visible(request).filter(kind=kind).exclude(place="").order_by("starts_at")
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
