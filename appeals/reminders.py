"""The reminder ladder: each rung of each deadline is climbed once, however often the tick runs."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Role, User
from accounts.selectors import accounts_of, unit_of
from appeals import deadlines, notices
from appeals.letters import draft_letter
from appeals.models import Appeal, Deadline, DeadlineReminder
from core import clock
from districts.calendars import work_calendar
from districts.words import speaking_for
from notifications.services import notify

BATCH = 500


@dataclass(frozen=True)
class Reminder:
    deadline: Deadline
    rungs: tuple[int, ...]
    """The rungs climbed at once: several only after a standstill of the ticks."""
    text: str


def remind_due(now: datetime | None = None) -> int:
    """Climb every rung that is due; returns how many. More than a profile's number at once become a digest."""
    now = now or clock.now()
    climbed = 0
    while batch := _climb_batch(now):
        climbed += batch
    return climbed


@transaction.atomic
def _climb_batch(now: datetime) -> int:
    due = list(
        Deadline.objects.to_remind(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("owner", "appeal__profile", "appeal__district", "appeal__officer")
        .order_by("remind_at", "pk")[:BATCH]
    )
    for_whom: dict[User, list[Reminder]] = defaultdict(list)
    for deadline in due:
        with speaking_for(deadline.appeal.district_id):
            reminder = _climb(deadline, now)
        if reminder:
            for user in _recipients(reminder):
                for_whom[user].append(reminder)
    for user, reminders in for_whom.items():
        _tell(user, reminders)
    return len(due)


def _climb(deadline: Deadline, now: datetime) -> Reminder | None:
    """Record the rung and point the deadline at the next one.

    After a standstill of the ticks everybody on the rungs that were missed is told, once, in the words of
    the highest one.
    """
    rules = deadline.appeal.rules
    rungs = [deadline.next_rung]
    while rungs[-1] + 1 < len(rules.reminders) and deadlines.rung_at(deadline, rungs[-1] + 1, rules) <= now:
        rungs.append(rungs[-1] + 1)
    deadline.next_rung = rungs[-1] + 1
    deadlines.set_next_reminder(deadline, rules)
    deadline.save(update_fields=["next_rung", "remind_at"])
    if deadline.kind == Deadline.Kind.SIGN and now > deadline.due_at:
        deadlines.mark_behind(deadline.appeal, now)
    climbed = []
    for rung in rungs:
        _, is_new = DeadlineReminder.objects.get_or_create(deadline=deadline, rung=rung, defaults={"at": now})
        if is_new:
            climbed.append(rung)
    if not climbed:
        return None
    calendar = work_calendar(rules)
    late = max(0, calendar.count(clock.local_date(deadline.due_at), clock.local_date(now)))
    text = rules.reminders[climbed[-1]].text.format(
        number=deadline.appeal.number,
        stage=deadline.get_kind_display(),
        unit=deadline.owner.short_name,
        due=f"{deadline.due_at.astimezone(calendar.tz):%m月%d日 %H:%M}",
        days=late,
    )
    drafts = any(rules.reminders[rung].drafts_supervision for rung in climbed)
    if drafts and deadline.kind != Deadline.Kind.SUPERVISION:
        # A unit that owes the answer to one letter is not sent another: the supervisor is told instead.
        draft_letter(deadline, _letter(deadline, late), now)
    return Reminder(deadline, tuple(climbed), text)


def _letter(deadline: Deadline, late: int) -> str:
    """What the unit reads that is late; whoever signs the letter goes over it first."""
    appeal = deadline.appeal
    due = clock.local_date(deadline.due_at)
    return (
        f"你单位承担的诉求“{appeal.title}”（编号{appeal.number}），{deadline.get_kind_display()}应于"
        f"{due.month}月{due.day}日前完成，起草本单时已逾期 {late} 个工作日。请抓紧办理，"
        "并书面说明逾期原因、目前进展和办结时间。"
    )


def _recipients(reminder: Reminder) -> set[User]:
    """Officer, unit leader, bureau or supervisor, as the rung says."""
    deadline, appeal = reminder.deadline, reminder.deadline.appeal
    rules = appeal.rules
    people: set[User] = set()
    for whom in {whom for rung in reminder.rungs for whom in rules.reminders[rung].to}:
        if whom == "officer":
            officer = appeal.officer
            is_theirs = officer is not None and officer.is_active and officer.unit_id == deadline.owner_id
            people.update([officer] if is_theirs and officer else notices.desk_of(deadline.owner, appeal))
        elif whom == "unit_leader":
            people.update(accounts_of(deadline.owner, Role.UNIT_LEADER, Role.BUREAU_LEADER))
        elif whom == "bureau":
            people.update(accounts_of(unit_of(appeal.district, rules.lead_bureau), Role.DISPATCHER))
        else:
            people.update(accounts_of(unit_of(appeal.district, rules.supervisor), Role.SUPERVISOR))
    return people


def _tell(user: User, reminders: list[Reminder]) -> None:
    if len(reminders) > reminders[0].deadline.appeal.rules.digest_above:
        first = reminders[0]
        notify(
            [user],
            key=f"digest:{first.deadline.pk}:{first.rungs[-1]}",
            title=f"您有{len(reminders)}项办理时限需要关注",
            body="\n".join(reminder.text for reminder in reminders),
            url=reverse("portal:workbench"),
        )
        return
    for reminder in reminders:
        appeal: Appeal = reminder.deadline.appeal
        notify(
            [user],
            key=f"deadline:{reminder.deadline.pk}:{reminder.rungs[-1]}",
            title=reminder.text,
            body=appeal.title,
            url=reverse("appeals:detail", args=[appeal.number]),
            tone=reminder.deadline.colour,
        )
