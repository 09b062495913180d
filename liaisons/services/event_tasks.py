"""议定事项: what was decided at an event becomes a task of a unit with a day, and is followed up.

S1 “企业恳谈会”（三）: “根据会议研定问题解决方案，形成任务清单，及时抓好问题交办，定期督办问题处理情况”.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Unit, User
from core import clock
from liaisons.address_book import recipients
from liaisons.models import EventTask, ServiceEvent
from liaisons.permissions import may_complete
from liaisons.services.event_rules import State, add_error
from liaisons.services.events import DESK, event_to_run
from notifications.services import notify

FURTHEST = timedelta(days=2 * 366)
MOST_CONTENT = 300
MOST_RESULT = 3000


@transaction.atomic
def add_task(*, by: User, event: ServiceEvent, content: str, unit: Unit, due: date) -> EventTask:
    """A decision of an event that was held, for a unit to carry out by a day; the unit is told."""
    event = event_to_run(by, event)
    if event.state != State.HELD:
        raise ValidationError("请先登记活动的举办情况，再登记议定事项。")
    content = " ".join(content.split())
    _check(event, content, unit, due)
    task = EventTask.objects.create(
        event=event, content=content, unit=unit, due=due, recorded_by=by, recorded_at=clock.now()
    )
    audit.record(by, "event_task.added", task, unit=unit.pk, due=due.isoformat())
    _tell(recipients(unit, *DESK), f"event-task:{task.pk}", task, "议定事项交办", by)
    return task


@transaction.atomic
def change_task(*, by: User, task: EventTask, content: str, unit: Unit, due: date) -> EventTask:
    """Put an open task right: its words, its unit or its day."""
    task, event = _locked(task)
    event = event_to_run(by, event)
    if task.done_at is not None:
        raise ValidationError("这件议定事项已完成，退回后才能修改。")
    content = " ".join(content.split())
    _check(event, content, unit, due)
    is_new_unit = unit.pk != task.unit_id
    task.content, task.unit, task.due = content, unit, due
    task.save(update_fields=["content", "unit", "due"])
    audit.record(by, "event_task.changed", task, unit=unit.pk, due=due.isoformat())
    title = "议定事项交办" if is_new_unit else "议定事项有调整"
    key = f"event-task-changed:{task.pk}:{clock.now():%Y%m%d%H%M%S}"
    _tell(recipients(unit, *DESK), key, task, title, by)
    return task


@transaction.atomic
def complete_task(*, by: User, task: EventTask, result: str) -> EventTask:
    """The unit says what it did; the organiser is told."""
    task, event = _locked(task)
    if not may_complete(by, task):
        raise PermissionDenied("议定事项由责任单位的联络员或负责人填报完成情况。")
    if task.done_at is not None:
        raise ValidationError("这件议定事项已经填报完成。")
    result = result.strip()
    if not result:
        raise ValidationError({"result": "请写明办理结果。"})
    if len(result) > MOST_RESULT:
        raise ValidationError({"result": f"最多{MOST_RESULT}字。"})
    task.result = f"{task.result}\n\n{result}" if task.result else result
    task.done_at, task.done_by = clock.now(), by
    task.save(update_fields=["result", "done_at", "done_by"])
    audit.record(by, "event_task.completed", task)
    key = f"event-task-done:{task.pk}:{task.done_at:%Y%m%d%H%M%S}"
    organiser = recipients(event.organiser_id, *DESK)
    _tell(organiser, key, task, "议定事项已完成", by)
    return task


@transaction.atomic
def reopen_task(*, by: User, task: EventTask, reason: str) -> EventTask:
    """The organiser or the bureau finds that it is not done; what the unit wrote stays, with the reason."""
    task, event = _locked(task)
    event_to_run(by, event)
    if task.done_at is None:
        raise ValidationError("这件议定事项还没有填报完成，不用退回。")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "请写明还差什么。"})
    if len(reason) > MOST_CONTENT:
        raise ValidationError({"reason": f"最多{MOST_CONTENT}字。"})
    task.result = f"{task.result}\n\n【{clock.today():%Y-%m-%d} 退回】{reason}"
    task.done_at = task.done_by = None
    task.save(update_fields=["result", "done_at", "done_by"])
    audit.record(by, "event_task.reopened", task)
    key = f"event-task-reopened:{task.pk}:{clock.now():%Y%m%d%H%M%S}"
    _tell(recipients(task.unit_id, *DESK), key, task, "议定事项被退回", by)
    return task


def _locked(task: EventTask) -> tuple[EventTask, ServiceEvent]:
    task = EventTask.objects.select_for_update(of=("self",)).select_related("event", "unit").get(pk=task.pk)
    return task, task.event


def _check(event: ServiceEvent, content: str, unit: Unit, due: date) -> None:
    errors: dict[str, list[str]] = {}
    if not content:
        add_error(errors, "content", "请写明议定的事项。")
    if len(content) > MOST_CONTENT:
        add_error(errors, "content", f"最多{MOST_CONTENT}字。")
    if unit.district_id != event.district_id or not unit.active:
        add_error(errors, "unit", "请选择本区县的责任单位。")
    if due < clock.local_date(event.starts_at):
        add_error(errors, "due", "完成时限不能早于活动当天。")
    if due > clock.today() + FURTHEST:
        add_error(errors, "due", "完成时限过远，请核对年份。")
    if errors:
        raise ValidationError(errors)


def _tell(people: Iterable[User], key: str, task: EventTask, what: str, by: User) -> None:
    notify(
        [user for user in people if user.pk != by.pk],
        key=key,
        title=f"{what}：{task.content}",
        body=f"{task.event.title}，责任单位{task.unit.short_name}，{task.due:%Y-%m-%d}前完成。",
        url=reverse("portal:event_task", args=[task.pk]),
    )
