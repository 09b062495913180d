"""What must be right about an event, whoever plans, changes or announces it; errors by field, in words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Official, Unit, User
from core import clock
from core.phones import clean_phone
from districts.models import DistrictProfile, Region
from districts.profile import EventKind, Rules
from liaisons.cadence import start_of
from liaisons.models import EventDuty, ServiceEvent
from liaisons.permissions import organisers

State = ServiceEvent.State
# Events are planned for the year; a day further off is a slip of the finger, and so is one that lasts a week.
PLANNED_AHEAD = timedelta(days=366)
LONGEST = timedelta(days=7)

Errors = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is settled about an event before it is held. A blank title is the kind's name."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    organiser: Unit | None
    title: str = ""
    topic: str = ""
    place: str = ""
    units: Collection[Unit] = ()
    leader: Official | None = None
    phone: str = ""
    notes: str = ""


def not_ready(event: Plan | ServiceEvent, kind: EventKind | None) -> Errors:
    """What is missing before the public can be told, by field."""
    errors: Errors = {}
    if kind is None or not kind.public:
        label = f"“{kind.label}”" if kind else "这类活动"
        errors["kind"] = [f"{label}不对外公示。"]
    if not event.place:
        errors["place"] = ["公示前请确定地点。"]
    has_units = event.units.exists() if isinstance(event, ServiceEvent) else bool(event.units)
    if event.leader is None and not has_units:
        errors["leader"] = ["公示前请确定带班领导或参加单位。"]
    return errors


def when_and_where(event: ServiceEvent) -> str:
    """2026年11月28日（星期六）09:00—11:30，大通镇便民服务中心"""
    start, end = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    weekday = "一二三四五六日"[start.weekday()]
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end.month}月{end.day}日 {end:%H:%M}"
    when = f"{start.year}年{start.month}月{start.day}日（星期{weekday}）{start:%H:%M}—{until}"
    return f"{when}，{event.place}" if event.place else f"{when}，地点待定"


def rules_in(district: Region) -> Rules:
    return DistrictProfile.objects.in_force(district, clock.today()).rules


def tidied(plan: Plan, rules: Rules) -> Plan:
    def one_line(text: str) -> str:
        return " ".join(text.split())

    return replace(
        plan,
        title=one_line(plan.title) or rules.label("event_kinds", plan.kind)[:80],
        topic=one_line(plan.topic),
        place=one_line(plan.place),
        phone=plan.phone.strip(),
        notes=plan.notes.strip(),
    )


def fields_of(plan: Plan) -> dict[str, object]:
    names = (
        "kind", "title", "topic", "place", "starts_at", "ends_at", "organiser", "leader", "phone", "notes",
    )  # fmt: skip
    return {name: getattr(plan, name) for name in names}


def errors_of(by: User, plan: Plan, rules: Rules, keeps: Unit | None = None) -> Errors:
    """What is wrong with a plan whenever it is made; ``keeps``: the organiser it has already."""
    errors: Errors = {}
    if rules.find("event_kinds", plan.kind) is None:
        add_error(errors, "kind", "请选择活动类别。")
    if plan.organiser is None:
        add_error(errors, "organiser", "请选择承办单位，没有承办单位的活动不能安排。")
    elif plan.organiser != keeps and not organisers(by).filter(pk=plan.organiser.pk).exists():
        add_error(errors, "organiser", "您只能安排本单位承办的活动。")
    if plan.ends_at <= plan.starts_at:
        add_error(errors, "ends_at", "结束时间须晚于开始时间。")
    elif plan.ends_at - plan.starts_at > LONGEST:
        add_error(errors, "ends_at", f"一项活动最长{LONGEST.days}天，请核对结束时间。")
    if plan.starts_at > clock.now() + PLANNED_AHEAD:
        add_error(errors, "starts_at", "活动最多提前一年安排。")
    if plan.starts_at < start_of(rules.action_started):
        add_error(errors, "starts_at", f"活动时间不能早于专项行动开始的 {rules.action_started:%Y-%m-%d}。")
    for name, most in (("title", 80), ("topic", 200), ("place", 120)):
        if len(getattr(plan, name)) > most:
            add_error(errors, name, f"最多{most}字。")
    if plan.phone:
        try:
            clean_phone(plan.phone)
        except ValidationError as error:
            add_error(errors, "phone", *error.messages)
    district = by.unit.district_id if by.unit else None
    if any(unit.district_id != district for unit in plan.units):
        add_error(errors, "units", "参加单位须是本区县的单位。")
    if plan.leader is not None:
        if plan.leader.district_id != district:
            add_error(errors, "leader", "带班领导须是本区县的干部。")
        else:
            refuse_without_post(errors, "leader", [plan.leader], clock.local_date(plan.starts_at))
    return errors


def refuse_without_post(
    errors: Errors, field: str, officials: Iterable[Official], day: date
) -> dict[int, Unit]:
    """The unit each official serves in on that day."""
    units: dict[int, Unit] = {}
    for official in officials:
        post = official.post_on(day)
        if post is None:
            add_error(errors, field, f"{official.name}在活动当天（{day:%Y-%m-%d}）没有任职记录。")
        else:
            units[official.pk] = post.unit
    return units


def refuse_the_same(errors: Errors, district: Region, plan: Plan, but: ServiceEvent | None = None) -> None:
    same = ServiceEvent.objects.exclude(state=State.CANCELLED).filter(
        district=district, kind=plan.kind, place=plan.place, starts_at=plan.starts_at
    )
    if not plan.place:
        same = same.filter(organiser=plan.organiser)
    if but is not None:
        same = same.exclude(pk=but.pk)
    if twin := same.first():
        add_error(errors, "starts_at", f"同一时间、同一地点已安排了同类活动“{twin.title}”。")


def refuse_busy(
    errors: Errors,
    field: str,
    officials: Collection[Official],
    when: Plan | ServiceEvent,
    but: ServiceEvent | None = None,
) -> None:
    """On duty, or leading, somewhere else at the same time."""
    if not officials:
        return
    others = ServiceEvent.objects.exclude(state=State.CANCELLED).filter(
        starts_at__lt=when.ends_at, ends_at__gt=when.starts_at
    )
    if but is not None:
        others = others.exclude(pk=but.pk)
    busy: dict[int, ServiceEvent] = {}
    for duty in EventDuty.objects.filter(official__in=officials, event__in=others).select_related("event"):
        busy[duty.official_id] = duty.event
    for event in others.filter(leader__in=officials):
        busy[event.leader_id or 0] = event
    for official in officials:
        if other := busy.get(official.pk):
            start = timezone.localtime(other.starts_at)
            add_error(
                errors,
                field,
                f"{official.name}{start.month}月{start.day}日 {start:%H:%M} 已安排在“{other.title}”，时间冲突。",
            )


def add_error(errors: Errors, field: str, *messages: str) -> None:
    errors.setdefault(field, []).extend(messages)
