"""活动: planned, changed, announced and called off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from appeals.clusters import topics as cluster_topics
from appeals.models import Cluster
from core import clock, tokens
from core.http import drop_draft
from core.wording import spoken
from districts.models import DistrictProfile
from liaisons.event_calendar import coming_days, topics_of
from liaisons.permissions import may_plan_events
from liaisons.selectors import rules_of
from liaisons.services import events as services
from liaisons.services.event_rules import when_and_where
from portal.forms.events import CancelForm, PlanForm, take_errors
from portal.views.events import instead, to_run, topics_for

NOT_PLANNING = spoken("活动由各单位联络员、负责人和牵头局安排。")


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
        {"month": month, "items": topics_for(rules, month), "current": month == form.month}
        for month in range(1, 13)
    ]
    return {
        "form": form,
        "leader_shown": shown.name if shown else "",
        "months": [entry for entry in topics if entry["items"]],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    event = to_run(request, pk)
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
    event = to_run(request, pk)
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
    event = to_run(request, pk)
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
