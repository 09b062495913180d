"""One event with everything that hangs on it, and what its reader may do with it now."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from accounts.models import Post, User
from appeals.models import Appeal, ClusterTopic
from appeals.policies import RECORDERS
from core import clock
from districts.models import DistrictProfile
from districts.profile import EventKind
from enterprises.subjects import pages_of
from liaisons.event_calendar import warning_for
from liaisons.event_feed import leader_of
from liaisons.models import Attendance, EventDuty, EventTask, Opinion, ServiceEvent
from liaisons.permissions import may_complete, may_organise
from liaisons.services.event_rules import not_ready
from liaisons.services.events import OPEN

State = ServiceEvent.State


@dataclass(frozen=True)
class Action:
    label: str
    url: str
    icon: str
    is_main: bool = False
    confirm: str = ""
    """Sent by POST, after this question."""


def event_file(user: User, event: ServiceEvent) -> dict[str, Any]:
    """What the event's page shows to this user; a constant number of queries."""
    rules = DistrictProfile.objects.in_force(event.district).rules
    kind = rules.find("event_kinds", event.kind)
    organises = may_organise(user, event)
    units = list(event.units.order_by("order", "pk"))
    missing = not_ready(event, kind) if event.state == State.PLANNED and kind and kind.public else {}
    tasks = list(
        EventTask.objects.filter(event=event).select_related("unit", "done_by").order_by("due", "pk")
    )
    duties = _duties(event)
    return {
        "event": event,
        "rules": rules,
        "kind_label": rules.label("event_kinds", event.kind),
        "kind": kind,
        "organises": organises,
        "leader": leader_of(event, rules),
        "units": units,
        "duties": duties,
        "attendances": _attendances(user, event),
        "appeals": _appeals(user, event),
        "cluster_topics": ClusterTopic.objects.visible_to(user).filter(event=event).select_related("cluster"),
        "opinions": Opinion.objects.visible_to(user).filter(event=event).select_related("passed_to"),
        "hand_outs": event.hand_outs.values("paper", "policy__title")
        .annotate(copies=Sum("copies"))
        .order_by("policy__title"),
        "tasks": tasks,
        "mine_to_complete": {task.pk for task in tasks if not task.done_at and may_complete(user, task)},
        "warning": warning_for(clock.local_date(event.starts_at), rules) if event.state in OPEN else "",
        "missing": [message for messages in missing.values() for message in messages],
        "is_over": event.ends_at < clock.now(),
        "actions": list(_actions(user, event, kind, organises, bool(missing))),
        "next": _next(event, kind, organises, bool(duties)),
        "may_register": user.has_role(*RECORDERS) and event.takes_appeals,
    }


def _duties(event: ServiceEvent) -> list[tuple[EventDuty, str]]:
    """Each with the post held on the day."""
    day = clock.local_date(event.starts_at)
    duties = list(event.duties.select_related("official", "unit"))
    titles: dict[tuple[int, int], str] = {}
    posts = Post.objects.held_on(day).filter(official__in=[duty.official_id for duty in duties])
    for post in posts.order_by("-order", "-pk"):
        titles[post.official_id, post.unit_id] = post.title
    return [(duty, titles.get((duty.official_id, duty.unit_id), "")) for duty in duties]


def _attendances(user: User, event: ServiceEvent) -> list[tuple[Attendance, str]]:
    """Each with the address of the firm's page, for whoever may open it."""
    attendances = list(event.attendances.select_related("enterprise", "project"))
    pages = pages_of((one.subject for one in attendances), user)
    return [(one, pages.get(one.subject, "") if one.subject else "") for one in attendances]


def _appeals(user: User, event: ServiceEvent):
    appeals = Appeal.objects.visible_to(user).filter(service_event=event)
    return appeals.select_related("enterprise", "project", "profile", "lead_unit").order_by("pk")


def _actions(user: User, event: ServiceEvent, kind: EventKind | None, organises: bool, is_missing: bool):
    """Only what may be done now, the most likely first."""
    pk = event.pk
    if organises and event.state != State.CANCELLED and event.starts_at <= clock.now():
        label = "登记举办情况" if event.state in OPEN else "补充登记"
        yield Action(label, reverse("portal:record_event", args=[pk]), "edit", event.state in OPEN)
    if organises and event.state in OPEN:
        is_ahead = event.state == State.PLANNED and event.starts_at > clock.now()
        if is_ahead and kind and kind.public and not is_missing:
            question = (
                "公示后企业和公众都能看到时间、地点、带班领导和单位，只能变更或取消，不能删除。现在公示吗？"
            )
            yield Action("公示", reverse("portal:announce_event", args=[pk]), "send", True, question)
        yield Action("值守安排", reverse("portal:event_duties", args=[pk]), "users")
        yield Action("修改安排", reverse("portal:change_event", args=[pk]), "edit")
    if event.announced_at:
        yield Action("打印公示", reverse("portal:event_notice", args=[pk]), "print")
    if organises and event.state in OPEN:
        yield Action("取消活动", reverse("portal:cancel_event", args=[pk]), "x")


def _next(event: ServiceEvent, kind: EventKind | None, organises: bool, has_duties: bool) -> str:
    """What is to be done next, and by whom."""
    who = "" if organises else f"由{event.organiser.short_name}办理："
    has_begun = event.starts_at <= clock.now()
    if event.state == State.CANCELLED:
        return ""
    if event.state == State.HELD:
        return f"{who}议定事项由责任单位按时限办理并填报；有遗漏的可补充登记。"
    if has_begun:
        return f"{who}登记参加企业、到岗情况、纪要和议定事项；没有举办的，取消并写明原因。"
    if event.state == State.PLANNED and kind and kind.public:
        return f"{who}确定地点和带班领导（或参加单位）后，提前向社会公示{'' if has_duties else '；排好值守人员'}。"
    return f"{who}{'' if has_duties else '排好值守人员；'}活动开始后登记举办情况。"
