"""Notices about improvements that are due: the key of each makes it happen once, however often the tick runs."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Unit
from appeals.clusters.permissions import BUREAU
from appeals.models import Improvement
from core import clock
from districts.models import DistrictProfile, Region
from districts.words import for_each_at_work
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.services import notify

OLDEST = timedelta(days=60)
"""Nobody is told about what was due long ago."""


def remind_due() -> None:
    for_each_at_work(remind)


def remind(district: Region) -> None:
    """Units before the day, on it, and once it has passed; then the bureau too. Nothing before the office opens."""
    rules = DistrictProfile.objects.in_force(district).rules
    if timezone.localtime(clock.now()).time() < rules.office_hours.start:
        return
    today = clock.today()
    furthest = today + timedelta(days=max(rules.clusters.remind_days_before, default=0))
    due = list(
        Improvement.objects.filter(district=district, due_on__lte=furthest, due_on__gte=today - OLDEST)
        .with_unit()
        .select_related("cluster", "unit")
    )
    if not due:
        return
    desks = recipients_of({one.unit_id for one in due}, *UNIT_DESK)
    bureau = Unit.objects.filter(district=district, code=rules.lead_bureau).values_list("pk", flat=True)
    overseers = [user for them in recipients_of(list(bureau), *BUREAU).values() for user in them]
    for one in due:
        stage, words, tone = _stage((one.due_on - today).days, rules.clusters.remind_days_before)
        if not stage:
            continue
        people = [*desks.get(one.unit_id, []), *(overseers if stage == "over" else [])]
        notify(
            people,
            key=f"improvement-due:{one.pk}:{one.due_on:%Y%m%d}:{stage}",
            title=f"政策改进{words}：{one.cluster.title}",
            body=f"{one.unit}牵头，完成时限{one.due_on:%Y-%m-%d}。请填报进展，已完成的及时报送。",
            url=reverse("appeals:improvement", args=[one.pk]),
            tone=tone,
        )


def _stage(days: int, before: tuple[int, ...]) -> tuple[str, str, str]:
    """Which reminder a day is for: the smallest step that has been reached; none yet: empty."""
    if days < 0:
        return "over", "已逾期", "red"
    if days == 0:
        return "due", "今日到期", "blue"
    reached = [step for step in before if days <= step]
    return (f"before-{min(reached)}", f"还有{days}天到期", "blue") if reached else ("", "", "")
