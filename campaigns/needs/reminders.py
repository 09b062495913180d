"""What the needs lists owe, told once each: the key of a notice makes it happen once, however often the tick runs.

Townships and parks before and on the day they report (每月28号报送); the leading unit when a list is still to be
published; everybody when a financing round begins, the leading unit before it ends; banks before an answer is due, and
once it is overdue the leading unit.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Unit, User
from accounts.selectors import unit_of
from campaigns.models import (
    FinancingDispatch,
    FinancingNeed,
    JobOpening,
    JobSeeker,
    NeedsConfirmation,
    PublishedNeeds,
)
from campaigns.needs.permissions import owes_lists
from campaigns.needs.public_lists import first_of, following
from campaigns.needs.querysets import SOON
from campaigns.needs.services.rounds import CLOSED_FROM, round_of_today
from core import clock
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK, recipients, recipients_of
from notifications.models import Kind
from notifications.services import notify

OLDEST = timedelta(days=60)
"""Nobody is told about an answer that was due long ago."""


def remind(district: Region) -> None:
    """Everything that has come due in the district by now. Nothing before the office opens.

    Nobody is reminded of lists that nobody keeps: townships once there is an opening or a seeker, and of rounds once
    the profile names who leads them, or a need was recorded.
    """
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    if timezone.localtime(clock.now()).time() < rules.office_hours.start:
        return
    of_district = {"district": district}
    if JobOpening.objects.filter(**of_district).exists() or JobSeeker.objects.filter(**of_district).exists():
        _lists(district, rules)
        _publishing(district, rules)
    if rules.needs.finance_unit or FinancingNeed.objects.filter(**of_district).exists():
        _rounds(district, rules)
        _answers(district, rules)


# --- 用工、求职 -----------------------------------------------------------------------------------


def _lists(district: Region, rules: Rules) -> None:
    """From three days before the report day on: once before, once on it, once after, while a list is unconfirmed."""
    today = clock.today()
    due = today.replace(day=rules.needs.report_day)
    if today < due - SOON:
        return
    month = following(first_of(today))
    stage = "soon" if today < due else "today" if today == due else "late"
    missing = missing_units(district, rules, month)
    people = recipients_of([unit.pk for unit in missing], *UNIT_DESK)
    when = f"{due.month}月{due.day}日"
    said = {
        "soon": f"请于{when}前确认",
        "today": f"今天（{when}）前请确认",
        "late": f"已过{when}，请尽快确认",
    }[stage]
    for unit in missing:
        notify(
            people.get(unit.pk, []),
            key=f"needs-list:{unit.pk}:{month:%Y%m}:{stage}",
            kind=Kind.REPORT,
            title=f"{said}{month.month}月用工需求、求职人员清单",
            body="逐条核对，招满的、不再求职的及时更新，然后点“确认”。没有确认的清单不会公布。",
            url=reverse("campaigns:needs"),
        )
    if stage == "late" and missing:
        notify(
            recipients(unit_of(district, rules.jobs_unit), *UNIT_DESK, Role.DISPATCHER),
            key=f"needs-list-missing:{district.pk}:{month:%Y%m}",
            kind=Kind.REPORT,
            title=f"{len(missing)} 个单位没有确认{month.month}月清单",
            body="、".join(str(unit) for unit in missing[:20]),
            url=reverse("campaigns:needs"),
        )


def missing_units(district: Region, rules: Rules, month: date) -> list[Unit]:
    """Units that owe both lists for a month and have not confirmed both."""
    units = Unit.objects.of_district(district).active().order_by("order", "pk")
    owing = [unit for unit in units if owes_lists(unit, rules)]
    done: dict[int, set[str]] = {}
    rows = NeedsConfirmation.objects.filter(unit__in=[unit.pk for unit in owing], month=month)
    for pk, kind in rows.values_list("unit", "kind"):
        done.setdefault(pk, set()).add(kind)
    return [unit for unit in owing if len(done.get(unit.pk, ())) < len(NeedsConfirmation.Kind.values)]


def _publishing(district: Region, rules: Rules) -> None:
    """At the beginning of the month, and again on the last day for it."""
    today = clock.today()
    month, last = first_of(today), today.replace(day=rules.needs.publish_day)
    if today > last or PublishedNeeds.objects.public().filter(district=district, month=month).exists():
        return
    stage = "last" if today == last else "begin"
    notify(
        recipients(unit_of(district, rules.jobs_unit), *UNIT_DESK, Role.DISPATCHER),
        key=f"needs-publish:{district.pk}:{month:%Y%m}:{stage}",
        kind=Kind.REPORT,
        title=f"请于{last.month}月{last.day}日前公布{month.month}月岗位和求职清单",
        body="先看预览：哪些会公布、哪些没有列入和原因；确认后再发布。",
        url=reverse("campaigns:needs_preview"),
    )


# --- 融资 -----------------------------------------------------------------------------------------


def _rounds(district: Region, rules: Rules) -> None:
    found, is_new = round_of_today(district, rules)
    leading = unit_of(district, rules.finance_unit)
    url = reverse("campaigns:round", args=[found.pk])
    if is_new:
        units = Unit.objects.of_district(district).active()
        collecting = [unit.pk for unit in units if owes_lists(unit, rules)]
        people = [
            user for users in recipients_of([*collecting, leading.pk], *UNIT_DESK).values() for user in users
        ]
        notify(
            people,
            key=f"financing-round:{found.pk}",
            kind=Kind.REPORT,
            title=f"{found}企业融资需求摸排开始",
            body=f"{found.starts:%m月%d日}至{found.ends:%m月%d日}，请摸排本地企业的融资需求并登记。",
            url=url,
        )
    if clock.today() >= found.ends - CLOSED_FROM:
        notify(
            recipients(leading, *UNIT_DESK, Role.DISPATCHER),
            key=f"financing-round-ends:{found.pk}",
            kind=Kind.REPORT,
            title=f"{found}融资需求摸排将于{found.ends:%m月%d日}结束",
            body="请核对交办、答复和放款情况，写好小结；没有解决的会结转到下一轮。",
            url=url,
        )


def _answers(district: Region, rules: Rules) -> None:
    """The working day before it is due, on it, and once it is overdue."""
    today = clock.today()
    calendar = work_calendar(rules)
    waiting = list(
        FinancingDispatch.objects.waiting()
        .filter(need__district=district, due__lte=today + SOON * 2, due__gt=today - OLDEST)
        .filter(need__state__in=FinancingNeed.RUNNING)
        .select_related("unit", "need__enterprise", "need__project")
        .order_by("due", "pk")
    )
    of_units = recipients_of({one.unit_id for one in waiting if one.unit_id}, *UNIT_DESK)
    leading: list[User] | None = None
    for one in waiting:
        people: Iterable[User] = of_units.get(one.unit_id or 0, [])
        late = one.due < today
        if late or one.unit_id is None:
            # A bank without an account is called by the unit that leads the rounds.
            if leading is None:
                leading = recipients(unit_of(district, rules.finance_unit), *UNIT_DESK, Role.DISPATCHER)
            people = [*people, *leading]
        stage = "late" if late else "today" if one.due == today else "soon"
        if stage == "soon" and calendar.count(today, one.due) > 1:
            continue
        words = {"late": "已超过答复时限", "today": "今天应答复", "soon": f"{one.due:%m月%d日}前应答复"}[
            stage
        ]
        notify(
            people,
            key=f"financing-answer:{one.pk}:{stage}",
            title=f"融资交办{words}：{one.bank_name} {one.need.subject_name}",
            url=reverse("campaigns:financing_need", args=[one.need_id]),
        )
