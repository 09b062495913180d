"""Notices before and at the time a table is due; the key of a notice makes each happen once."""

from datetime import timedelta

from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import Role, User
from accounts.selectors import unit_of
from core import clock
from districts.models import Region
from liaisons.address_book import recipients_of
from notifications.services import notify
from reports.models import ReportingPeriod, SituationTable

# A missed hour is made up for at the next tick, but nobody is told about a week long gone.
OVERDUE_NEWS = timedelta(days=2)


def remind(district: Region) -> None:
    """Tell the units that have not handed in, and the lead bureau once the time has passed."""
    now = clock.now()
    waiting = ReportingPeriod.objects.filter(
        district=district, start__lte=now, due_at__gt=now - OVERDUE_NEWS
    ).select_related("profile")
    for period in waiting:
        missing = list(period.tables.missing().select_related("unit__merged_into"))
        if not missing:
            continue
        if now < period.due_at:
            _remind_units(period, missing)
        else:
            _tell_bureau(period, missing)


def _remind_units(period: ReportingPeriod, missing: list[SituationTable]) -> None:
    left = period.due_at - clock.now()
    reached = [hours for hours in period.rules.week.remind_hours_before if left <= timedelta(hours=hours)]
    if not reached:
        return
    rung = min(reached)  # of several that have come due at once, only the latest
    told = recipients_of([table.unit.successor.pk for table in missing], Role.LIAISON)
    due = localtime(period.due_at)
    for table in missing:
        notify(
            told.get(table.unit.successor.pk, []),
            key=f"table-due:{table.pk}:{rung}",
            title=f"请于 {due:%m月%d日 %H:%M} 前报送工作情况表",
            body="表中数字已按登记的工作自动填好，请核对、补填手工项后报送。",
            url=reverse("reports:table", args=[table.pk]),
        )


def _tell_bureau(period: ReportingPeriod, missing: list[SituationTable]) -> None:
    bureau = unit_of(period.district, period.rules.lead_bureau)
    names = "、".join(table.unit.short_name for table in missing)
    notify(
        User.objects.filter(unit=bureau).with_role(Role.DISPATCHER),
        key=f"tables-missing:{period.pk}",
        title=f"{len(missing)} 个单位没有按时报送工作情况表（截止 {period.ending:%m月%d日}）",
        body=f"未报送：{names}。",
        url=f"{reverse('reports:week')}?ending={period.ending:%Y-%m-%d}&state=missing",
    )
