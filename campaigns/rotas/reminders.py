"""Notices about duties and records that fall due; the key of each makes it happen once, however often the tick runs."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.selectors import unit_of
from campaigns.models import Duty, PolicyOfficer, Rota, Sitting
from campaigns.rotas.knowledge_figures import is_due_soon, knowledge_standings
from campaigns.rotas.people import hall_of, is_gone
from campaigns.rotas.planning import days_of
from campaigns.rotas.services.sittings import to_announce
from campaigns.rotas.sitting_figures import days_left, standings
from campaigns.rotas.visit_sheet_rows import due_on, is_owed, sheet_standings
from campaigns.states import first_of_month, last_of_month
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK, recipients, recipients_of
from liaisons.event_calendar import WEEKDAYS, next_month
from notifications.services import notify

DAY = timedelta(days=1)
LATE_NEWS = timedelta(days=20)
"""So long after the day it is said that sheets are missing; a month long gone is left."""


def remind(district: Region) -> None:
    """Everything that has come due in the district by now. Nothing before the office opens."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    if timezone.localtime(clock.now()).time() < rules.office_hours.start:
        return
    _duties(district, rules)
    _sittings(district)
    _sittings_owed(district, rules)
    _unannounced(district, rules)
    _unpublished(district, rules)
    _sheets(district, rules)
    _knowledge(district, rules)


def _duties(district: Region, rules: Rules) -> None:
    """Today's that have not begun, and tomorrow's: whoever sits there, or the unit that is to send somebody."""
    today = clock.today()
    found = Duty.objects.filter(
        rota__district=district,
        rota__published_at__isnull=False,
        day__range=(today, today + DAY),
        came__isnull=True,
    ).select_related("rota", "unit", "official", "substitute")
    found = found.prefetch_related("official__posts__unit", "substitute__posts__unit")
    duties = [duty for duty in found if duty.starts_at > clock.now()]
    who = {duty.pk: None if is_gone(duty) else duty.person for duty in duties}
    people = {person.pk for person in who.values() if person}
    accounts = {user.official_id: user for user in User.objects.filter(official__in=people, is_active=True)}
    desks = recipients_of({duty.unit_id for duty in duties if who[duty.pk] is None}, *UNIT_DESK)
    for duty in duties:
        person = who[duty.pk]
        told = desks.get(duty.unit_id, [])
        if person is not None:
            told = [accounts[person.pk]] if person.pk in accounts else []
        label = rules.label("rota_kinds", duty.rota.kind)
        notify(
            told,
            key=f"rota-eve:{duty.pk}:{duty.day}:{person.pk if person else 0}",
            title=f"{duty.day.month}月{duty.day.day}日 {duty.begins:%H:%M} {label}",
            body=f"{duty.place or label}，{duty.begins:%H:%M}—{duty.ends:%H:%M}。"
            + ("请按时到岗。" if person else "请确定值班人并按时到岗。"),
            url=reverse("campaigns:rota", args=[duty.rota.kind, f"{duty.rota.month:%Y-%m}"]),
        )


def _sittings(district: Region) -> None:
    """The day before, and on the working day after one whose record is missing."""
    today = clock.today()
    rows = Sitting.objects.filter(district=district, state=Sitting.State.PLANNED)
    coming = list(rows.filter(day=today + DAY).select_related("unit", "official"))
    missing = list(rows.filter(day__range=(today - 14 * DAY, today - DAY)).select_related("unit", "official"))
    accounts = {
        user.official_id: user
        for user in User.objects.filter(official__in=[one.official_id for one in coming], is_active=True)
    }
    desks = recipients_of({one.unit_id for one in (*coming, *missing)}, *UNIT_DESK)
    for one in coming:
        people = {user.pk: user for user in desks.get(one.unit_id, [])}
        if user := accounts.get(one.official_id):
            people[user.pk] = user
        notify(
            people.values(),
            key=f"sitting-eve:{one.pk}",
            title=f"明天{one.get_half_display()}走流程坐窗口：{one.unit}",
            body=f"{one.place or '政务服务大厅'}，{one.title}参加。",
            url=reverse("campaigns:sitting", args=[one.pk]),
        )
    for one in missing:
        notify(
            desks.get(one.unit_id, []),
            key=f"sitting-not-recorded:{one.pk}",
            title=f"请报送走流程坐窗口工作记录表（{one.when}）",
            body="填写走的流程、发现的问题和整改措施；没有开展的，请取消并写明原因。",
            url=reverse("campaigns:sitting", args=[one.pk]),
        )


def _sittings_owed(district: Region, rules: Rules) -> None:
    """Units that can only just make it this month: as many usual days are left as they have still to plan."""
    month = first_of_month(clock.today())
    left = days_left(rules, month)
    owing = [one for one in standings(district, rules, month) if 0 < left <= one.to_plan]
    desks = recipients_of({one.unit.pk for one in owing}, *UNIT_DESK)
    day = WEEKDAYS[rules.rotas.sittings.weekday]
    for one in owing:
        notify(
            desks.get(one.unit.pk, []),
            key=f"sittings-owed:{month}:{one.unit.pk}:{left}",
            title=f"{month.month}月走流程坐窗口还差 {one.to_plan} 次没有安排",
            body=f"每月不少于 {one.minimum} 次，本月还剩 {left} 个{day}。请安排时间和参加的分管领导。",
            url=f"{reverse('campaigns:plan_sittings')}?unit={one.unit.pk}",
        )


def _unannounced(district: Region, rules: Rules) -> None:
    """Sittings that the hall has to announce by now."""
    today = clock.today()
    coming = to_announce(district, today + rules.rotas.sittings.announced_days * DAY)
    found = list(coming.select_related("unit").order_by("day", "unit__order", "pk"))
    if not found:
        return
    units = "、".join(dict.fromkeys(one.unit.short_name for one in found))
    notify(
        recipients(hall_of(district, rules), *UNIT_DESK, Role.DISPATCHER),
        key=f"sittings-unannounced:{today}",
        title=f"请公示 {len(found)} 次走流程坐窗口",
        body=f"{found[0].day:%m月%d日}起，{units}参加，还没有公示。",
        url=reverse("campaigns:sittings"),
    )


def _unpublished(district: Region, rules: Rules) -> None:
    """A month's rota that is to be published by now, so many days before its first duty."""
    today = clock.today()
    published = set(
        Rota.objects.filter(
            district=district, published_at__isnull=False, month__gte=today.replace(day=1)
        ).values_list("kind", "month")
    )
    desk: list[User] | None = None
    for kind in rules.rotas.kinds:
        if not kind.minimum or not kind.announced_days:
            continue  # Nobody has said that it must be held.
        for month in (today.replace(day=1), next_month(today.replace(day=1))):
            first = next((one.day for one in days_of(kind, month, rules) if not one.is_off), None)
            is_due = first is not None and first - kind.announced_days * DAY <= today <= first
            if not is_due or (kind.code, month) in published:
                continue
            if desk is None:
                desk = recipients(hall_of(district, rules), *UNIT_DESK, Role.DISPATCHER)
            notify(
                desk,
                key=f"rota-unpublished:{kind.code}:{month}",
                title=f"请公布{month.month}月{kind.label}排班",
                body=f"第一次值班在 {first:%m月%d日}，应提前 {kind.announced_days} 天公布。",
                url=reverse("campaigns:rota", args=[kind.code, f"{month:%Y-%m}"]),
            )


def _sheets(district: Region, rules: Rules) -> None:
    """Units that have not handed in the month before; the bureau once the day has passed."""
    today = clock.today()
    month = (today.replace(day=1) - DAY).replace(day=1)
    if not is_owed(month, rules):
        return
    due = due_on(month, rules)
    missing = [one.unit for one in sheet_standings(district, month, rules) if one.is_missing]
    if not missing:
        return
    if today > due:
        if today - due <= LATE_NEWS:
            bureau = unit_of(district, rules.lead_bureau)
            notify(
                User.objects.filter(unit=bureau).with_role(Role.DISPATCHER),
                key=f"visits-sheets-missing:{month}",
                title=f"{len(missing)} 个单位没有按时报送{month.month}月走访联系表",
                body=f"未报送：{'、'.join(unit.short_name for unit in missing)}。",
                url=f"{reverse('campaigns:visit_sheets')}?month={month:%Y-%m}&state=missing",
            )
        return
    reached = [days for days in rules.rotas.visit_sheets.remind_days_before if (due - today).days <= days]
    if not reached:
        return
    desks = recipients_of([unit.pk for unit in missing], *UNIT_DESK)
    for unit in missing:
        notify(
            desks.get(unit.pk, []),
            key=f"visits-sheet-due:{month}:{unit.pk}:{min(reached)}",
            title=f"请于 {due:%m月%d日} 前报送{month.month}月走访联系表",
            body="走访已自动汇总，请核对、补充备注后报送。",
            url=reverse("campaigns:visit_sheet", args=[unit.pk, f"{month:%Y-%m}"]),
        )


def _knowledge(district: Region, rules: Rules) -> None:
    """Units whose policy officers still owe entries as the month comes to its end; afterwards the hall, who owed."""
    today = clock.today()
    month = first_of_month(today)
    if is_due_soon(rules, today):
        left = (last_of_month(today) - today).days
        step = min(days for days in rules.rotas.knowledge.remind_days_before if left <= days)
        owing = [one for one in knowledge_standings(district, rules, month) if one.missing]
        desks = recipients_of({one.unit.pk for one in owing}, *UNIT_DESK)
        officers = _officers_of({one.unit.pk for one in owing})
        for one in owing:
            people = {user.pk: user for user in (*desks.get(one.unit.pk, []), *officers[one.unit.pk])}
            notify(
                people.values(),
                key=f"knowledge-due:{month}:{one.unit.pk}:{step}",
                title=f"{month.month}月涉企业务知识还差 {one.missing} 条",
                body=f"政策专员每月报送不少于 {one.minimum} 条，请于 {last_of_month(today):%m月%d日} 前报送。",
                url=reverse("campaigns:hand_in_knowledge"),
            )
    if today - month > LATE_NEWS:
        return
    before = first_of_month(month - DAY)
    missing = [one.unit.short_name for one in knowledge_standings(district, rules, before) if one.missing]
    if missing:
        notify(
            recipients(hall_of(district, rules), *UNIT_DESK, Role.DISPATCHER),
            key=f"knowledge-missing:{before}",
            title=f"{len(missing)} 个单位没有报满{before.month}月涉企业务知识",
            body=f"未报满：{'、'.join(missing)}。",
            url=f"{reverse('campaigns:policy_officers')}?month={before:%Y-%m}",
        )


def _officers_of(units: set[int]) -> dict[int, list[User]]:
    """The accounts of the policy officers, by the unit they are one for."""
    found: dict[int, list[User]] = {pk: [] for pk in units}
    officers = PolicyOfficer.objects.in_force().filter(unit__in=units, official__isnull=False)
    unit_of_official = dict(officers.order_by().values_list("official", "unit"))
    for user in User.objects.filter(official__in=unit_of_official, is_active=True).order_by("pk"):
        found[unit_of_official[user.official_id]].append(user)
    return found
