"""Notices about visits owed: before a period ends to the cadre, after it to the bureau and the supervisor.

A poll of the database's truth: run by a tick, as often as it likes; the key of a notice makes each happen once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.models import Role, User
from accounts.selectors import unit_of
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.duties import PROJECT, Duty, behind, duties, visited
from liaisons.models import Assignment
from notifications.services import notify

# A missed tick is made up for within so many days; nobody is told about a period long gone.
NEWS = timedelta(days=10)


def remind_visits(district: Region) -> None:
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    owed = duties(rules)
    for group in _by_period(owed.values()):
        _remind_cadres(district, rules, group)
        _tell_overseers(district, rules, group)


def _by_period(owed: Iterable[Duty]) -> list[list[Duty]]:
    """Tiers that share a period share a notice."""
    groups: dict[tuple, list[Duty]] = {}
    for duty in owed:
        groups.setdefault((duty.period.start, duty.period.end), []).append(duty)
    return list(groups.values())


def _leads(district: Region, group: list[Duty]):
    tiers = [duty.tier for duty in group]
    of_tiers = Q(enterprise__tier__in=tiers, enterprise__active=True)
    if PROJECT in tiers:
        of_tiers |= Q(project__isnull=False, project__active=True)
    return Assignment.objects.in_force().filter(of_tiers, district=district, part=Assignment.Part.LEAD)


def _remind_cadres(district: Region, rules: Rules, group: list[Duty]) -> None:
    period = group[0].period
    left = (period.end - clock.today()).days
    reached = [days for days in rules.visits.remind_days_before if left <= days]
    if not reached:
        return
    rung = min(reached)  # of several that have come due at once, only the latest
    waiting = _leads(district, group).annotate(been=visited(group)).filter(been=False)
    counts = Counter(waiting.values_list("official", flat=True))
    for user in User.objects.filter(official__in=counts, is_active=True):
        notify(
            [user],
            key=f"visits-owed:{period.end}:{'-'.join(duty.tier for duty in group)}:{rung}",
            title=f"{period.label}还有 {counts[user.official_id or 0]} 家企业、项目待走访",
            body=f"请在 {period.last_day:%m月%d日} 前走访；已去过的请补记。",
            url=reverse("liaisons:mine"),
        )


def _tell_overseers(district: Region, rules: Rules, group: list[Duty]) -> None:
    """Once a period is over: how many it left unvisited."""
    before = group[0].before
    if clock.today() - before.end > NEWS:
        return
    missed = _leads(district, group).annotate(late=behind(group)).filter(late=True).count()
    if not missed:
        return
    units = [unit_of(district, rules.lead_bureau), unit_of(district, rules.supervisor)]
    overseers = User.objects.filter(unit__in=units).with_role(Role.DISPATCHER, Role.SUPERVISOR)
    notify(
        overseers,
        key=f"visits-behind:{before.end}:{'-'.join(duty.tier for duty in group)}",
        title=f"{before.label}有 {missed} 家{'、'.join(duty.label for duty in group)}没有走访",
        body="名单见“走访欠账”，补访后自动移出。",
        url=reverse("liaisons:behind"),
    )
