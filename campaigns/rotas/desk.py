"""What rotas and records ask of somebody today: duties, record sheets, monthly items, lines that wait at a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import Unit, User
from campaigns.models import (
    Duty,
    KnowledgeEntry,
    PolicyOfficer,
    Sitting,
    SittingProblem,
    TrainingPlan,
    VisitSheet,
    WindowEntry,
)
from campaigns.rotas.knowledge_figures import entries_in, is_due_soon
from campaigns.rotas.people import DESK, runs_hall
from campaigns.rotas.services.sittings import to_announce
from campaigns.rotas.services.training import DECIDING
from campaigns.rotas.services.window_ledger import may_keep
from campaigns.rotas.visit_sheet_rows import due_on, is_owed, led_in
from campaigns.states import first_of_month, last_of_month
from core import clock
from core.counting import number_of
from districts.profile import Rules

DAY = timedelta(days=1)
SOON = 3 * DAY
BACK = timedelta(days=31)
"""What was not written down for so long is no errand of today any more."""


@dataclass(frozen=True)
class Errand:
    """Something to be seen to as long as there are such rows, and where it is done."""

    text: str
    """With ``{number}``."""
    url: str
    rows: QuerySet

    def words(self, number: int) -> str:
        return self.text.format(number=number)


def errands(user: User, rules: Rules) -> Iterator[Errand]:
    """What may be asked of the user; whether anything is, says the number of the rows."""
    if user.unit is None:
        return
    if user.official_id:
        yield from _own_duties(user.official_id)
    if user.has_role(*DESK):
        yield from _of_the_unit(user.unit, rules)
    if may_keep(user):
        waiting = WindowEntry.objects.filter(unit=user.unit_id, answered_at__isnull=True)
        yield Errand("窗口台账待答复、待登记诉求 {number} 条", _to("window_ledger", "waiting=1"), waiting)
    if is_due_soon(rules, clock.today()) and (user.has_role(*DESK) or user.official_id):
        yield _knowledge(user, rules)
    if runs_hall(user, rules):
        yield from _of_the_hall(user, rules)
    if user.has_role(*DECIDING):
        plans = TrainingPlan.objects.filter(deciding_unit=user.unit_id)
        filed = plans.filter(state=TrainingPlan.State.FILED)
        yield Errand("企业培训备案待审批 {number} 件", _to("training", "state=filed"), filed)
        held = plans.filter(state=TrainingPlan.State.HELD)
        yield Errand("企业培训补贴待核定 {number} 件", _to("training", "state=held"), held)


def _own_duties(official: int) -> Iterator[Errand]:
    today = clock.today()
    own = Duty.objects.of(official).filter(rota__published_at__isnull=False, came__isnull=True)
    yield Errand("您今天值班 {number} 次", _to("rotas"), own.filter(day=today))
    yield Errand("您明天值班 {number} 次", _to("rotas"), own.filter(day=today + DAY))
    past = own.filter(day__range=(today - BACK, today - DAY))
    yield Errand("您的值班情况待记录 {number} 次", _to("rotas"), past)


def _of_the_unit(unit: Unit, rules: Rules) -> Iterator[Errand]:
    """Of the own unit and those below it, which its desk acts for."""
    today = clock.today()
    nobody = Duty.objects.filter(
        _ours(unit),
        official__isnull=True,
        rota__published_at__isnull=False,
        day__range=(today, today + SOON),
    )
    yield Errand("本单位值班待确定人员 {number} 次", _to("rotas"), nobody)
    unrecorded = Sitting.objects.unrecorded().filter(_ours(unit), day__gte=today - BACK)
    yield Errand(
        "走流程坐窗口待报工作记录表 {number} 次",
        _to("sittings", f"state=planned&unit={unit.pk}&since={today - BACK}&until={today - DAY}"),
        unrecorded,
    )
    problems = SittingProblem.objects.open().filter(_ours(unit, "sitting__unit"), due__lte=today + SOON)
    yield Errand("走流程发现的问题待整改 {number} 件", _to("sittings"), problems)
    month = first_of_month(first_of_month(today) - DAY)
    due = due_on(month, rules)
    before = max(rules.rotas.visit_sheets.remind_days_before, default=0) * DAY
    if is_owed(month, rules) and due - before <= today <= due + BACK:
        done = VisitSheet.objects.filter(unit=OuterRef("pk"), month=month, state=VisitSheet.State.HANDED_IN)
        led = led_in(month).filter(Q(unit=OuterRef("pk")) | Q(unit__parent=OuterRef("pk")))
        owing = Unit.objects.filter(~Exists(done), Exists(led), pk=unit.pk)
        address = reverse("campaigns:visit_sheet", args=[unit.pk, f"{month:%Y-%m}"])
        yield Errand(f"{month.month}月走访联系表待报送（{due:%m月%d日}前）", address, owing)


def _knowledge(user: User, rules: Rules) -> Errand:
    """For the desk of a unit with a policy officer, and for the officer, as the month comes to its end."""
    assert user.unit is not None
    month = first_of_month(clock.today())
    officers = PolicyOfficer.objects.in_force().filter(unit=OuterRef("pk"))
    if not user.has_role(*DESK):
        officers = officers.filter(official=user.official_id)
    entries = entries_in(user.unit.district, month).filter(unit=OuterRef("pk"))
    owing = (
        Unit.objects.filter(Exists(officers), district=user.unit.district_id)
        .annotate(entries=number_of(entries))
        .filter(entries__lt=rules.rotas.knowledge.minimum)
    )
    if user.has_role(*DESK):
        owing = owing.filter(pk=user.unit.pk)
    day = f"{last_of_month(month):%m月%d日}"
    return Errand(f"本月涉企业务知识没有报满（{day}前）", _to("hand_in_knowledge"), owing)


def _of_the_hall(user: User, rules: Rules) -> Iterator[Errand]:
    assert user.unit is not None
    handed_in = KnowledgeEntry.objects.filter(
        district=user.unit.district_id, state=KnowledgeEntry.State.HANDED_IN
    )
    yield Errand("业务知识待审核 {number} 条", _to("knowledge", "state=handed_in"), handed_in)
    coming = to_announce(user.unit.district, clock.today() + rules.rotas.sittings.announced_days * DAY)
    yield Errand("走流程坐窗口待公示 {number} 次", _to("sittings"), coming)


def _ours(unit: Unit, path: str = "unit") -> Q:
    return Q(**{path: unit}) | Q(**{f"{path}__parent": unit})


def _to(name: str, query: str = "") -> str:
    return reverse(f"campaigns:{name}") + (f"?{query}" if query else "")
