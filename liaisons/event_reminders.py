"""Notices about events and what was decided there: the key of each makes it happen once, however often the tick runs.

The evening before, everybody on duty and the organiser; on the working day after, an organiser that has recorded
nothing; and for a decision its unit before the day and on it, the bureau once the day has passed.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.selectors import unit_of
from core import clock
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.address_book import recipients_of
from liaisons.cadence import start_of
from liaisons.models import EventDuty, EventTask, ServiceEvent
from liaisons.services.event_rules import when_and_where
from liaisons.services.events import DESK, OPEN
from notifications.services import notify

DAY = timedelta(days=1)
TASK_SOON = timedelta(days=3)
# Nobody is told about an event, or a decision, long gone.
OLDEST = timedelta(days=60)


def remind(district: Region) -> None:
    """Everything that has come due in the district by now. Nothing before the office opens."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    if timezone.localtime(clock.now()).time() < rules.office_hours.start:
        return
    _evening_before(district)
    _not_recorded(district, rules)
    _tasks(district, rules)


def _evening_before(district: Region) -> None:
    """Tomorrow's events, and today's that have not begun: a tick that came late still tells."""
    events = list(
        ServiceEvent.objects.filter(
            district=district,
            state__in=OPEN,
            starts_at__gt=clock.now(),
            starts_at__lt=start_of(clock.today() + 2 * DAY),
        ).select_related("organiser")
    )
    if not events:
        return
    duties: dict[int, set[int]] = {event.pk: {event.leader_id or 0} for event in events}
    for duty in EventDuty.objects.filter(event__in=events):
        duties[duty.event_id].add(duty.official_id)
    wanted = set().union(*duties.values())
    accounts = {user.official_id: user for user in User.objects.filter(official__in=wanted, is_active=True)}
    liaisons = recipients_of({event.organiser_id for event in events}, *DESK)
    for event in events:
        people = {user.pk: user for user in liaisons.get(event.organiser_id, [])}
        people |= {user.pk: user for pk in duties[event.pk] if (user := accounts.get(pk))}
        start = timezone.localtime(event.starts_at)
        notify(
            people.values(),
            key=f"event-eve:{event.pk}:{start:%Y%m%d%H%M}",
            title=f"{start.month}月{start.day}日 {start:%H:%M} {event.title}",
            body=f"{when_and_where(event)}。请值守人员按时到岗，承办单位做好准备。",
            url=_event(event),
        )


def _not_recorded(district: Region, rules: Rules) -> None:
    """From the working day after an event on; one that ended long ago is left."""
    now, today = clock.now(), clock.today()
    calendar = work_calendar(rules)
    events = ServiceEvent.objects.filter(
        district=district, state__in=OPEN, ends_at__lt=now, ends_at__gt=now - OLDEST
    )
    due = [event for event in events if calendar.next_workday(clock.local_date(event.ends_at) + DAY) <= today]
    liaisons = recipients_of({event.organiser_id for event in due}, *DESK)
    for event in due:
        notify(
            liaisons.get(event.organiser_id, []),
            key=f"event-not-recorded:{event.pk}",
            title=f"请登记举办情况：{event.title}（{clock.local_date(event.starts_at):%m月%d日}）",
            body="登记参加企业、到岗情况、纪要和议定事项；没有举办的，请取消并写明原因。",
            url=_event(event),
        )


def _tasks(district: Region, rules: Rules) -> None:
    today = clock.today()
    tasks = list(
        EventTask.objects.filter(
            event__district=district, done_at__isnull=True, due__lte=today + TASK_SOON, due__gt=today - OLDEST
        )
        .select_related("event", "unit")
        .order_by(F("due"), "pk")
    )
    if not tasks:
        return
    liaisons = recipients_of({task.unit_id for task in tasks}, *DESK)
    bureau: Sequence[User] | None = None
    for task in tasks:
        of_unit = liaisons.get(task.unit_id, [])
        when = f"{task.due.month}月{task.due.day}日"
        if task.due > today:
            _tell(of_unit, f"event-task-due:{task.pk}:{task.due}", task, f"议定事项将于{when}到期")
        elif task.due == today:
            _tell(of_unit, f"event-task-today:{task.pk}:{task.due}", task, f"议定事项今日（{when}）到期")
        else:
            if bureau is None:
                unit = unit_of(district, rules.lead_bureau)
                bureau = list(User.objects.filter(unit=unit).with_role(Role.DISPATCHER))
            people = {user.pk: user for user in (*of_unit, *bureau)}
            title = f"{task.unit.short_name}的议定事项已逾期"
            _tell(people.values(), f"event-task-overdue:{task.pk}:{task.due}", task, title)


def _tell(people: Iterable[User], key: str, task: EventTask, what: str) -> None:
    notify(
        people,
        key=key,
        title=f"{what}：{task.content}",
        body=f"{task.event.title}议定，{task.due:%Y-%m-%d}前完成。",
        url=reverse("portal:event_task", args=[task.pk]),
    )


def _event(event: ServiceEvent) -> str:
    return reverse("portal:event", args=[event.pk])
