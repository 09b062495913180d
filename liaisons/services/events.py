"""Events before they are held: planned, announced to the public, changed or cancelled in sight of it, with a rota.

S0 二（二）: “每周六接待企业、现场办公，相关活动安排提前向社会公示，明确告知企业诉求‘挂号’流程、现场办公安排和
诉求办理监督方式”. What happens at an event is recorded in ``event_records``, what is decided there in ``event_tasks``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Official, Role, Unit, User
from core import clock
from core.phones import clean_phone
from districts.models import DistrictProfile, Region
from districts.profile import EventKind, Rules
from liaisons.address_book import recipients_of
from liaisons.cadence import start_of
from liaisons.models import EventDuty, ServiceEvent
from liaisons.permissions import may_organise, may_plan_events, organisers
from notifications.services import notify

State = ServiceEvent.State
OPEN = (State.PLANNED, State.ANNOUNCED)
DESK = (Role.LIAISON, Role.DISPATCHER)
"""Who of a unit is told about its events and tasks, beside its liaison officers."""

# Events are planned for the year; a day further off is a slip of the finger, and so is one that lasts a week.
PLANNED_AHEAD = timedelta(days=366)
LONGEST = timedelta(days=7)
NOT_YOURS = "只有承办单位的联络员、负责人和牵头局可以办理这项活动。"

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


@dataclass(frozen=True, kw_only=True)
class RotaLine:
    """One day of the rota: an event to plan, and who is on duty at it."""

    plan: Plan
    officials: Collection[Official] = ()


class RotaRefused(Exception):
    """The line at ``index`` cannot be planned, and nothing of the rota was."""

    def __init__(self, index: int, cause: ValidationError) -> None:
        super().__init__(str(cause))
        self.index, self.cause = index, cause


# --- Planning -------------------------------------------------------------------------------------


@transaction.atomic
def plan_event(*, by: User, plan: Plan, afterwards: bool = False) -> ServiceEvent:
    """Plan an event ahead, or enter ``afterwards`` one that was held without having been planned here."""
    if not may_plan_events(by) or by.unit is None:
        raise PermissionDenied("活动由各单位联络员、负责人和牵头局安排。")
    district = _lock_plans_of(by.unit.district)
    leaders = [plan.leader] if plan.leader else []
    _lock(leaders)
    rules = rules_in(district)
    plan = _tidy(plan, rules)
    errors = _errors_of(by, plan, rules)
    now = clock.now()
    if afterwards and clock.local_date(plan.starts_at) > clock.today():
        add_error(errors, "starts_at", "补记的活动，日期不能晚于今天。")
    elif not afterwards and plan.starts_at <= now:
        add_error(errors, "starts_at", "开始时间已过。已经举办的活动，请用“补记活动”。")
    _refuse_the_same(errors, district, plan)
    _refuse_busy(errors, "leader", leaders, plan)
    if errors or plan.organiser is None:
        raise ValidationError(errors)
    event = ServiceEvent.objects.create(
        district=district,
        region=plan.organiser.region,
        recorded_by=by,
        recorded_at=now,
        **_fields(plan),
    )
    event.units.set(plan.units)
    audit.record(by, "event.planned", event, kind=event.kind, organiser=event.organiser_id)
    return event


@transaction.atomic
def change_event(*, by: User, event: ServiceEvent, plan: Plan) -> ServiceEvent:
    """Change what was planned. The public sees that an announced event was moved, and from when and where."""
    district = _lock_plans_of(event.district)
    event = event_to_run(by, event)
    must_be_open(event, "不能再改安排")
    rules = rules_in(district)
    plan = _tidy(plan, rules)
    was_announced = event.state == State.ANNOUNCED
    errors = _errors_of(by, plan, rules, keeps=event.organiser)
    if plan.starts_at != event.starts_at and plan.starts_at <= clock.now():
        if was_announced or event.starts_at > clock.now():
            add_error(errors, "starts_at", "开始时间已过，请另选时间。")
        elif clock.local_date(plan.starts_at) > clock.today():
            add_error(errors, "starts_at", "补记的活动，日期不能晚于今天。")
    _refuse_the_same(errors, district, plan, but=event)
    leaders = [plan.leader] if plan.leader else []
    on_duty = [duty.official for duty in event.duties.select_related("official").order_by("pk")]
    _lock([*on_duty, *leaders])
    _refuse_busy(errors, "leader", leaders, plan, but=event)
    _refuse_busy(errors, "starts_at", on_duty, plan, but=event)
    if not errors.get("starts_at"):
        refuse_without_post(errors, "starts_at", on_duty, clock.local_date(plan.starts_at))
    if was_announced:
        for field, messages in not_ready(plan, rules.find("event_kinds", plan.kind)).items():
            for message in messages:
                add_error(errors, field, message)
    if errors:
        raise ValidationError(errors)
    before = {name: getattr(event, name) for name in _fields(plan)}
    units_before = set(event.units.values_list("pk", flat=True))
    then = when_and_where(event)
    changed = [name for name, value in _fields(plan).items() if value != before[name]]
    if {unit.pk for unit in plan.units} != units_before:
        changed.append("units")
    for name, value in _fields(plan).items():
        setattr(event, name, value)
    moved = bool({"starts_at", "ends_at", "place"} & set(changed))
    if was_announced and set(changed) - {"notes"}:
        event.revision += 1
        event.changed_at = clock.now()
        if moved:
            event.changed_from = then[:300]
    event.save()
    event.units.set(plan.units)
    audit.record(by, "event.changed", event, fields=sorted(changed))
    if moved:
        key = f"event-moved:{event.pk}:{clock.now():%Y%m%d%H%M%S}"
        tell(concerned(event), key, event, f"活动有变更：{event.title}", when_and_where(event), but=by)
    return event


@transaction.atomic
def announce(*, by: User, event: ServiceEvent) -> ServiceEvent:
    """Tell the public in advance. Whoever has a part in the event is told, too."""
    event = event_to_run(by, event)
    if event.state != State.PLANNED:
        raise ValidationError(f"活动现在是“{event.get_state_display()}”，不用再公示。")
    if event.starts_at <= clock.now():
        raise ValidationError("活动已经开始，公示须在活动之前。")
    rules = rules_in(event.district)
    if errors := not_ready(event, rules.find("event_kinds", event.kind)):
        raise ValidationError(errors)
    event.state = State.ANNOUNCED
    event.announced_at = clock.now()
    event.save(update_fields=["state", "announced_at"])
    audit.record(by, "event.announced", event)
    tell(
        concerned(event),
        f"event-announced:{event.pk}",
        event,
        f"已公示：{event.title}",
        when_and_where(event),
        but=by,
    )
    return event


@transaction.atomic
def cancel(*, by: User, event: ServiceEvent, reason: str) -> ServiceEvent:
    """Call an event off. One that was announced stays where the public saw it, as 已取消, with the reason."""
    event = event_to_run(by, event)
    must_be_open(event, "不能取消")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "请写明取消原因。"})
    if len(reason) > 200:
        raise ValidationError({"reason": "取消原因最多200字。"})
    event.state = State.CANCELLED
    event.cancelled_at = clock.now()
    event.cancel_reason = reason
    event.revision += 1
    event.save(update_fields=["state", "cancelled_at", "cancel_reason", "revision"])
    audit.record(by, "event.cancelled", event)
    tell(concerned(event), f"event-cancelled:{event.pk}", event, f"活动取消：{event.title}", reason, but=by)
    return event


# --- The rota -------------------------------------------------------------------------------------


@transaction.atomic
def set_duties(*, by: User, event: ServiceEvent, officials: Collection[Official]) -> list[EventDuty]:
    """Who is on duty (值班表). Nobody can be at two events at the same time."""
    event = event_to_run(by, event)
    must_be_open(event, "不能再改值守安排")
    wanted = {official.pk: official for official in officials}
    _lock(wanted.values())
    errors: Errors = {}
    day = clock.local_date(event.starts_at)
    posts = refuse_without_post(errors, "officials", wanted.values(), day)
    _refuse_busy(errors, "officials", list(wanted.values()), event, but=event)
    if errors:
        raise ValidationError(errors)
    before = {duty.official_id: duty for duty in event.duties.all()}
    for pk, duty in before.items():
        if pk not in wanted:
            duty.delete()
    new = [
        EventDuty(event=event, official=official, unit=posts[pk])
        for pk, official in wanted.items()
        if pk not in before
    ]
    EventDuty.objects.bulk_create(new)
    audit.record(by, "event.duties", event, officials=sorted(wanted))
    for duty in new:
        tell(
            User.objects.filter(official=duty.official_id, is_active=True),
            f"event-duty:{duty.pk}",
            event,
            f"请您值守：{event.title}",
            when_and_where(event),
        )
    return list(event.duties.select_related("official", "unit"))


@transaction.atomic
def plan_rota(*, by: User, lines: Sequence[RotaLine]) -> list[ServiceEvent]:
    """Plan many days at once. A day for which the organiser has planned such an event already is left alone.

    Raises ``RotaRefused`` with the first line that cannot be planned.
    """
    planned = []
    for index, line in enumerate(lines):
        plan = line.plan
        try:
            if plan.organiser is not None and _is_planned(plan.organiser, plan):
                continue
            event = plan_event(by=by, plan=plan)
            if line.officials:
                set_duties(by=by, event=event, officials=line.officials)
        except ValidationError as error:
            raise RotaRefused(index, error) from error
        planned.append(event)
    return planned


def _is_planned(organiser: Unit, plan: Plan) -> bool:
    begin = start_of(clock.local_date(plan.starts_at))
    return (
        ServiceEvent.objects.exclude(state=State.CANCELLED)
        .filter(organiser=organiser, kind=plan.kind, starts_at__gte=begin)
        .filter(starts_at__lt=begin + timedelta(days=1))
        .exists()
    )


# --- What must be right ---------------------------------------------------------------------------


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


def _lock_plans_of(district: Region) -> Region:
    """Two who plan at once must not plan the same."""
    return Region.objects.select_for_update().get(pk=district.pk)


def _lock(officials: Iterable[Official]) -> None:
    """Two who put the same official on duty at once must see each other."""
    wanted = sorted(official.pk for official in officials)
    list(Official.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))


def event_to_run(by: User, event: ServiceEvent) -> ServiceEvent:
    """The event, locked, if ``by`` runs it."""
    event = (
        ServiceEvent.objects.select_for_update(of=("self",))
        .select_related("organiser", "district", "leader")
        .get(pk=event.pk)
    )
    if not may_organise(by, event):
        raise PermissionDenied(NOT_YOURS)
    return event


def must_be_open(event: ServiceEvent, consequence: str) -> None:
    if event.state not in OPEN:
        raise ValidationError(f"活动现在是“{event.get_state_display()}”，{consequence}。")


def _tidy(plan: Plan, rules: Rules) -> Plan:
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


def _fields(plan: Plan) -> dict[str, object]:
    names = (
        "kind", "title", "topic", "place", "starts_at", "ends_at", "organiser", "leader", "phone", "notes",
    )  # fmt: skip
    return {name: getattr(plan, name) for name in names}


def _errors_of(by: User, plan: Plan, rules: Rules, keeps: Unit | None = None) -> Errors:
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


def _refuse_the_same(errors: Errors, district: Region, plan: Plan, but: ServiceEvent | None = None) -> None:
    same = ServiceEvent.objects.exclude(state=State.CANCELLED).filter(
        district=district, kind=plan.kind, place=plan.place, starts_at=plan.starts_at
    )
    if not plan.place:
        same = same.filter(organiser=plan.organiser)
    if but is not None:
        same = same.exclude(pk=but.pk)
    if twin := same.first():
        add_error(errors, "starts_at", f"同一时间、同一地点已安排了同类活动“{twin.title}”。")


def _refuse_busy(
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


# --- Telling --------------------------------------------------------------------------------------


def concerned(event: ServiceEvent) -> list[User]:
    """Leader, duty officials, and the liaisons of organiser and participating units."""
    officials = set(event.duties.values_list("official", flat=True))
    if event.leader_id:
        officials.add(event.leader_id)
    people = {user.pk: user for user in User.objects.filter(official__in=officials, is_active=True)}
    units = {event.organiser_id, *event.units.values_list("pk", flat=True)}
    for of_unit in recipients_of(units, *DESK).values():
        people |= {user.pk: user for user in of_unit}
    return list(people.values())


def tell(
    people: Iterable[User], key: str, event: ServiceEvent, title: str, body: str, but: User | None = None
) -> None:
    notify(
        [user for user in people if but is None or user.pk != but.pk],
        key=key,
        title=title,
        body=body,
        url=reverse("portal:event", args=[event.pk]),
    )
