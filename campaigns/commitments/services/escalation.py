"""What happens by itself: the unit is reminded before the day; after it, rung by rung, those above are told.

A poll of the database's truth: each rung is a row under a unique key, so that a tick that runs twice, late or after
a crash tells nobody twice. A new day (``due_on``) begins a new climb.
"""

from datetime import date, timedelta

from django.db import transaction

from accounts.actors import system_user
from accounts.models import User
from campaigns.commitments.services.notices import body_of, page, people_of
from campaigns.models import Commitment, CommitmentEvent, Escalation
from core import clock
from core.wording import speak
from districts.calendars import work_calendar
from districts.commitments import Rung
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from notifications.models import Kind as NoticeKind
from notifications.services import notify

AT_ONCE = 500


def watch(district: Region) -> int:
    """Remind and escalate whatever is due in a district now; how many rungs were climbed."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    _remind(district, rules)
    climbed = 0
    if not rules.commitments.ladder:
        return 0
    late = Commitment.objects.filter(district=district).overdue().select_related("unit", "district")
    for commitment in late.prefetch_related("escalations").order_by("due_on", "pk")[:AT_ONCE]:
        done = {row.after for row in commitment.escalations.all() if row.due_on == commitment.due_on}
        reached = [rung for rung in rungs_reached(commitment, rules) if rung.after not in done]
        climbed += sum(_climb(commitment, rung, rules) for rung in reached)
    return climbed


def days_late(due_on: date, today: date, rules: Rules) -> int:
    if rules.commitments.days == "calendar":
        return (today - due_on).days
    return work_calendar(rules).count(due_on, today)


def rungs_reached(commitment: Commitment, rules: Rules) -> list[Rung]:
    late = days_late(commitment.due_on, clock.today(), rules)
    return [rung for rung in rules.commitments.ladder if rung.after <= late]


@transaction.atomic
def _climb(commitment: Commitment, rung: Rung, rules: Rules) -> bool:
    locked = Commitment.objects.select_for_update(of=("self",)).select_related("unit", "district")
    commitment = locked.get(pk=commitment.pk)
    if not commitment.is_overdue:
        return False
    found, is_new = Escalation.objects.get_or_create(
        commitment=commitment,
        due_on=commitment.due_on,
        after=rung.after,
        defaults={"label": speak(rung.label), "at": clock.now()},
    )
    if not is_new:
        return False
    system = system_user()
    commitment.version += 1
    commitment.save(update_fields=["version"])
    words = f"{found.label}：已逾期{rung.after}{rules.commitments.days_word}"
    CommitmentEvent.objects.create(
        commitment=commitment, seq=commitment.version, kind=CommitmentEvent.Kind.ESCALATED, at=clock.now(),
        by=system, unit=None, text=words, was_running=True, is_running=True,
    )  # fmt: skip
    people: dict[int, User] = {
        user.pk: user for who in rung.tell for user in people_of(who, commitment, rules)
    }
    notify(
        people.values(),
        key=f"commitment-late:{found.pk}",
        title=f"{found.label}：{commitment.title}"[:120],
        body=f"{body_of(commitment)}{words}。",
        url=page(commitment),
        tone="red",
        kind=NoticeKind.SUPERVISION if "supervisor" in rung.tell else NoticeKind.DEADLINE,
    )
    return True


def _remind(district: Region, rules: Rules) -> None:
    """Before the day; of several that have come due at once, only the latest."""
    days = rules.commitments.remind_days_before
    if not days:
        return
    today = clock.today()
    soon = Commitment.objects.filter(
        district=district, due_on__gte=today, due_on__lte=today + timedelta(days=max(days))
    )
    for commitment in soon.with_unit().select_related("unit", "district").order_by("due_on", "pk")[:AT_ONCE]:
        left = (commitment.due_on - today).days
        reached = [day for day in days if left <= day]
        if not reached:
            continue
        notify(
            people_of("unit", commitment, rules),
            key=f"commitment-due:{commitment.pk}:{commitment.due_on}:{min(reached)}",
            title=f"承诺还有{left}天到期：{commitment.title}"[:120]
            if left
            else f"承诺今天到期：{commitment.title}"[:120],
            body=body_of(commitment),
            url=page(commitment),
            tone="blue",
            kind=NoticeKind.DEADLINE,
        )
