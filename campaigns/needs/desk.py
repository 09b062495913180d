"""What the needs lists ask of somebody today, for 今日必办: the same duties that ``reminders`` tells once each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse

from accounts.models import Role, User
from campaigns.models import (
    FinancingDispatch,
    FinancingNeed,
    FinancingRound,
    JobOpening,
    JobSeeker,
    NeedsConfirmation,
    PublishedNeeds,
)
from campaigns.needs.permissions import owes_lists
from campaigns.needs.public_lists import first_of, list_month
from campaigns.needs.querysets import DESK, SOON
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules


@dataclass(frozen=True)
class Duty:
    """One line; ``due`` is the last day for it, where there is one."""

    text: str
    url: str
    due: date | None = None

    @property
    def colour(self) -> str:
        if self.due is None:
            return "none"
        return "red" if self.due < clock.today() else "blue"

    @property
    def colour_label(self) -> str:
        return {"red": "已逾期", "blue": "临期"}.get(self.colour, "")


def duties_of(user: User) -> list[Duty]:
    """A constant number of queries. Those who only may act for the leading unit are not asked to every day."""
    if user.unit is None or not user.has_role(*DESK, Role.DISPATCHER, Role.BUREAU_LEADER):
        return []
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    duties: list[Duty] = []
    if user.has_role(*DESK):
        duties += _own_lists(user, rules)
        duties += _reported_openings(user)
    if user.unit.code == rules.jobs_unit:
        duties += _publishing(user.unit.district, rules)
    duties += _financing(user, rules)
    return sorted(duties, key=lambda duty: duty.due or date.max)


def _own_lists(user: User, rules: Rules) -> Iterator[Duty]:
    """From three days before the day of report until both are confirmed, or the month's list is out."""
    assert user.unit is not None
    today = clock.today()
    month = list_month(today, rules)
    due = (month - timedelta(days=1)).replace(day=rules.needs.report_day)
    if not owes_lists(user.unit, rules) or today < due - SOON:
        return
    confirmed = NeedsConfirmation.objects.filter(unit=user.unit, month=month).count()
    if confirmed < len(NeedsConfirmation.Kind.values) and _are_due(user.unit.district, month):
        yield Duty(f"核对并确认{month.month}月用工需求、求职人员清单", reverse("campaigns:needs"), due)


def _publishing(district: Region, rules: Rules) -> Iterator[Duty]:
    month = first_of(clock.today())
    if _are_due(district, month):
        due = month.replace(day=rules.needs.publish_day)
        page = f"{reverse('campaigns:needs_preview')}?month={month:%Y-%m}"
        yield Duty(f"预览并公布{month.month}月岗位和求职清单", page, due)


def _are_due(district: Region, month: date) -> bool:
    """Somebody keeps lists here, and those of the month are not out yet."""
    if PublishedNeeds.objects.public().filter(district=district, month=month).exists():
        return False
    return any(model.objects.filter(district=district).exists() for model in (JobOpening, JobSeeker))


def _reported_openings(user: User) -> Iterator[Duty]:
    pending = JobOpening.objects.filter(unit=user.unit, state=JobOpening.State.PENDING).count()
    if pending:
        page = f"{reverse('campaigns:openings')}?state=pending&unit={user.unit_id}"
        yield Duty(f"用工需求待核实 {pending} 条", page)


def _financing(user: User, rules: Rules) -> Iterator[Duty]:
    """To be checked by the unit, handed to banks and summed up by the one that leads, answered by a bank."""
    assert user.unit is not None
    state, page = FinancingNeed.State, reverse("campaigns:financing")
    leads = user.unit.code == rules.finance_unit
    found = _counted(user, leads)
    if found["pending"]:
        text = f"融资需求待核实 {found['pending']} 条"
        yield Duty(text, f"{page}?state={state.PENDING}&unit={user.unit_id}")
    if leads and found["open"]:
        yield Duty(f"融资需求待交办金融机构 {found['open']} 个", f"{page}?state={state.OPEN}")
    if found["answers"]:
        text = f"融资交办到期待答复 {found['answers']} 件（{found['needs']} 个需求）"
        yield Duty(text, f"{page}?state=waiting", found["first"])
    if leads:
        over = FinancingRound.objects.filter(
            district=user.unit.district, closed_at=None, ends__lte=clock.today() + SOON
        )
        for one in over.order_by("ends"):
            yield Duty(f"{one}融资需求摸排写小结", reverse("campaigns:round", args=[one.pk]), one.ends)


def _counted(user: User, leads: bool) -> dict[str, Any]:
    """In one query. Answers that are due: a bank's own; for whoever leads, those of banks without an account, and all
    that are late."""
    assert user.unit is not None
    state, nothing = FinancingNeed.State, Q(pk__in=[])
    is_desk = user.has_role(*DESK)
    mine = Q(unit=user.unit) if is_desk else nothing
    own = Q(dispatches__unit=user.unit) if is_desk else nothing
    others = Q(dispatches__unit=None) | Q(dispatches__due__lt=clock.today()) if leads else nothing
    due = (own | others) & Q(
        dispatches__answer=FinancingDispatch.Answer.WAITING,
        dispatches__due__lte=clock.today() + SOON,
        state__in=FinancingNeed.RUNNING,
    )
    needs = FinancingNeed.objects.filter(
        district=user.unit.district, state__in=[state.PENDING, *FinancingNeed.RUNNING]
    )
    return needs.aggregate(
        pending=Count("pk", distinct=True, filter=mine & Q(state=state.PENDING)),
        open=Count("pk", distinct=True, filter=Q(state=state.OPEN)),
        answers=Count("dispatches", distinct=True, filter=due),
        needs=Count("pk", distinct=True, filter=due),
        first=Min("dispatches__due", filter=due),
    )
