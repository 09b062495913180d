"""Units that owe a month's progress are reminded: on the day the rules name, and once the month is over."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from accounts.models import Unit
from campaigns.models import Inspection
from campaigns.services.inspecting import keep_up
from campaigns.states import DAY, first_of_month, last_of_month
from core import clock
from core.wording import speak
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.services import notify

LATE_FOR = timedelta(days=15)
"""So long after a month it is still worth asking for its progress."""


def remind(district: Region) -> None:
    """Everything that has come due in the district by now. Nothing before the office opens."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    if timezone.localtime(clock.now()).time() < rules.office_hours.start:
        return
    keep_up(district)
    today = clock.today()
    month = first_of_month(today)
    if today >= _reminding_day(month, rules):
        _remind_of(district, month, "due")
    before = first_of_month(month - DAY)
    if today <= month + LATE_FOR and work_calendar(rules).is_workday(today):
        _remind_of(district, before, "late")


def _reminding_day(month: date, rules: Rules) -> date:
    last = last_of_month(month)
    return last.replace(day=min(rules.campaigns.report_by_day, last.day))


def _remind_of(district: Region, month: date, stage: str) -> None:
    inspection = Inspection.objects.filter(district=district, month=month, closed_at__isnull=True).first()
    if inspection is None:
        return
    silent = inspection.lines.filter(owes_report=True, reported=False).order_by()
    owed = dict(silent.values_list("unit").annotate(number=Count("pk")))
    people = recipients_of(set(owed), *UNIT_DESK)
    for unit in Unit.objects.filter(pk__in=owed):
        words = f"{month.month}月专项行动任务进展"
        title = (
            f"请填报{words}：{owed[unit.pk]}项" if stage == "due" else f"{words}还没有填报：{owed[unit.pk]}项"
        )
        notify(
            people.get(unit.pk, []),
            key=f"campaign-report:{inspection.pk}:{unit.pk}:{stage}",
            title=title,
            body=speak("牵头责任单位每月填报任务进展，牵头局据此督查调度、每月通报。"),
            url=f"{reverse('campaigns:mine')}?month={month:%Y-%m}",
        )
