"""Events before they are held: planned, announced to the public, changed or cancelled in sight of it, with a rota.

S0 二（二）: “每周六接待企业、现场办公，相关活动安排提前向社会公示，明确告知企业诉求‘挂号’流程、现场办公安排和
诉求办理监督方式”. What happens at an event is recorded in ``event_records``, what is decided there in ``event_tasks``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Official, Role, Unit, User
from core import clock
from core.wording import speak, spoken
from districts.models import Region
from liaisons.address_book import recipients_of
from liaisons.cadence import start_of
from liaisons.models import EventDuty, ServiceEvent
from liaisons.permissions import may_organise, may_plan_events
from liaisons.services.event_rules import (
    Errors,
    Plan,
    add_error,
    errors_of,
    fields_of,
    not_ready,
    refuse_busy,
    refuse_the_same,
    refuse_without_post,
    rules_in,
    tidied,
    when_and_where,
)
from notifications.services import notify

State = ServiceEvent.State
OPEN = (State.PLANNED, State.ANNOUNCED)
DESK = (Role.LIAISON, Role.DISPATCHER)
"""Who of a unit is told about its events and tasks, beside its liaison officers."""

NOT_YOURS = spoken("只有承办单位的联络员、负责人和牵头局可以办理这项活动。")


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
        raise PermissionDenied(speak("活动由各单位联络员、负责人和牵头局安排。"))
    district = _lock_plans_of(by.unit.district)
    leaders = [plan.leader] if plan.leader else []
    _lock(leaders)
    rules = rules_in(district)
    plan = tidied(plan, rules)
    errors = errors_of(by, plan, rules)
    now = clock.now()
    if afterwards and clock.local_date(plan.starts_at) > clock.today():
        add_error(errors, "starts_at", "补记的活动，日期不能晚于今天。")
    elif not afterwards and plan.starts_at <= now:
        add_error(errors, "starts_at", "开始时间已过。已经举办的活动，请用“补记活动”。")
    refuse_the_same(errors, district, plan)
    refuse_busy(errors, "leader", leaders, plan)
    if errors or plan.organiser is None:
        raise ValidationError(errors)
    event = ServiceEvent.objects.create(
        district=district,
        region=plan.organiser.region,
        recorded_by=by,
        recorded_at=now,
        **fields_of(plan),
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
    plan = tidied(plan, rules)
    was_announced = event.state == State.ANNOUNCED
    errors = errors_of(by, plan, rules, keeps=event.organiser)
    if plan.starts_at != event.starts_at and plan.starts_at <= clock.now():
        if was_announced or event.starts_at > clock.now():
            add_error(errors, "starts_at", "开始时间已过，请另选时间。")
        elif clock.local_date(plan.starts_at) > clock.today():
            add_error(errors, "starts_at", "补记的活动，日期不能晚于今天。")
    refuse_the_same(errors, district, plan, but=event)
    leaders = [plan.leader] if plan.leader else []
    on_duty = [duty.official for duty in event.duties.select_related("official").order_by("pk")]
    _lock([*on_duty, *leaders])
    refuse_busy(errors, "leader", leaders, plan, but=event)
    refuse_busy(errors, "starts_at", on_duty, plan, but=event)
    if not errors.get("starts_at"):
        refuse_without_post(errors, "starts_at", on_duty, clock.local_date(plan.starts_at))
    if was_announced:
        for field, messages in not_ready(plan, rules.find("event_kinds", plan.kind)).items():
            for message in messages:
                add_error(errors, field, message)
    if errors:
        raise ValidationError(errors)
    before = {name: getattr(event, name) for name in fields_of(plan)}
    units_before = set(event.units.values_list("pk", flat=True))
    then = when_and_where(event)
    changed = [name for name, value in fields_of(plan).items() if value != before[name]]
    if {unit.pk for unit in plan.units} != units_before:
        changed.append("units")
    for name, value in fields_of(plan).items():
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
    refuse_busy(errors, "officials", list(wanted.values()), event, but=event)
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


# --- Locks, and who runs it -----------------------------------------------------------------------


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
