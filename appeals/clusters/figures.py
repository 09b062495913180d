"""The figures of one kind of problem, and what an improvement has changed. Counted live; each a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import TruncMonth

from appeals.models import FINAL, Answer, Appeal, Cluster, ClusterMember, Improvement, Refusal, Solved, Status
from appeals.querysets import AppealQuerySet
from core import clock
from core.charts import LineChart, line_chart
from liaisons.cadence import start_of

MONTHS = 24
"""So many months a trend goes back at most."""
EFFECT_DAYS = 182
"""Before and after an improvement so many days are compared at most."""
NOBODY = "尚未交办"
MONTH = 30
"""Days of a month, where months are compared."""


def appeals_of(cluster: Cluster) -> AppealQuerySet:
    """All of them, for counting; whoever shows one asks ``visible_to`` too."""
    inside = ClusterMember.objects.inside().filter(cluster=cluster)
    return Appeal.objects.filter(pk__in=inside.values("appeal"))


@dataclass(frozen=True)
class Month:
    first: date
    number: int

    @property
    def label(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Outcome:
    label: str
    number: int
    note: str = ""


@dataclass(frozen=True)
class Figures:
    size: int
    firms: int
    open: int
    on_file: int
    refused: int
    first_on: date | None
    last_on: date | None
    outcomes: Sequence[Outcome]

    @property
    def solved(self) -> int:
        return self.outcomes[0].number

    @property
    def days(self) -> int:
        """Since the first appeal of the kind."""
        return (clock.today() - self.first_on).days if self.first_on else 0


def figures(cluster: Cluster) -> Figures:
    """Two queries."""
    ended, open_ = Q(status__in=FINAL), ~Q(status__in=FINAL)
    last = Answer.objects.filter(appeal=OuterRef("pk")).order_by("-event_seq", "-pk").values("solved")[:1]
    rows = appeals_of(cluster).annotate(answered=Subquery(last))
    declined = Q(status=Status.DECLINED)
    nobody = Q(enterprise__isnull=True, project__isnull=True)
    counted = rows.order_by().aggregate(
        size=Count("pk"),
        enterprises=Count("enterprise", distinct=True),
        projects=Count("project", distinct=True),
        claimed=Count("claimed_name", distinct=True, filter=nobody & ~Q(claimed_name="")),
        open=Count("pk", filter=open_),
        on_file=Count("pk", filter=Q(status=Status.ON_FILE)),
        solved=Count("pk", filter=ended & ~declined & Q(answered=Solved.YES)),
        partly=Count("pk", filter=ended & ~declined & Q(answered=Solved.PARTLY)),
        unsolved=Count("pk", filter=ended & ~declined & (Q(answered=Solved.NO) | Q(answered__isnull=True))),
        declined=Count("pk", filter=declined),
        first=Min("submitted_at"),
        last=Max("submitted_at"),
    )
    refused = Refusal.objects.filter(
        appeal__in=rows.order_by().values("pk"), outcome=Refusal.Outcome.UNREASONABLE
    )
    return Figures(
        size=counted["size"],
        firms=counted["enterprises"] + counted["projects"] + counted["claimed"],
        open=counted["open"],
        on_file=counted["on_file"],
        refused=refused.values("appeal").distinct().count(),
        first_on=clock.local_date(counted["first"]) if counted["first"] else None,
        last_on=clock.local_date(counted["last"]) if counted["last"] else None,
        outcomes=(
            Outcome("办结，已解决", counted["solved"]),
            Outcome("办结，部分解决", counted["partly"]),
            Outcome("办结，未解决或作了解释", counted["unsolved"]),
            Outcome("不予受理", counted["declined"]),
            Outcome("挂账", counted["on_file"], "条件暂不具备，仍未办结"),
            Outcome("正在办理", counted["open"] - counted["on_file"]),
        ),
    )


def by_month(cluster: Cluster) -> list[Month]:
    """From the month of the first appeal until this one, without gaps. One query."""
    return _filled(
        appeals_of(cluster).order_by().annotate(month=TruncMonth("submitted_at")).values("month")
        .annotate(number=Count("pk")).values_list("month", "number")
    )  # fmt: skip


def _filled(rows) -> list[Month]:
    counted = {clock.local_date(month).replace(day=1): number for month, number in rows}
    if not counted:
        return []
    this = clock.today().replace(day=1)
    first = max(min(counted), _months_before(this, MONTHS - 1))
    months = []
    while first <= this:
        months.append(Month(first, counted.get(first, 0)))
        first = _months_before(first, -1)
    return months


def _months_before(first: date, number: int) -> date:
    count = first.year * 12 + first.month - 1 - number
    return date(count // 12, count % 12 + 1, 1)


def trend_chart(months: Sequence[Month]) -> LineChart:
    return line_chart(
        "每月新收到的同类诉求（件）",
        [month.label for month in months],
        [("新收到", [month.number for month in months])],
    )


def handled_by(field: str) -> Case:
    """The unit that handles an appeal; of what was solved on the spot, the one that did. ``""``: nobody yet."""
    return Case(
        When(lead_unit__isnull=False, then=F(f"lead_unit__{field}")),
        When(status=Status.SOLVED_ON_SPOT, then=F(f"collecting_unit__{field}")),
        default=Value(""),
    )


def by_unit(cluster: Cluster) -> list[tuple[str, int]]:
    """Who handles them, the busiest first; what is not dispatched yet under its own name. One query."""
    rows = appeals_of(cluster).order_by().annotate(who=handled_by("short_name")).values_list("who")
    counted = rows.annotate(number=Count("pk"))
    return sorted(((who or NOBODY, number) for who, number in counted), key=lambda row: (-row[1], row[0]))


def by_region(cluster: Cluster) -> list[tuple[str, int]]:
    rows = appeals_of(cluster).order_by().values_list("region__name").annotate(number=Count("pk"))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


# --- What an improvement has changed --------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """New appeals of the kind a month, before the change and since."""

    changed_on: date
    days_before: int
    before: int
    days_after: int
    after: int

    @property
    def monthly_before(self) -> float:
        return round(self.before * MONTH / self.days_before, 1)

    @property
    def monthly_after(self) -> float:
        return round(self.after * MONTH / self.days_after, 1)

    @property
    def too_early(self) -> bool:
        """Less than a month says nothing yet."""
        return self.days_after < MONTH

    @property
    def said(self) -> str:
        change = self.monthly_after - self.monthly_before
        if self.too_early:
            return f"实施{self.days_after}天，不满一个月，暂不比较。"
        if not change:
            return "每月新增与实施前持平。"
        share = f"，{abs(change) / self.monthly_before:.0%}" if self.monthly_before else ""
        return f"每月新增比实施前{'减少' if change < 0 else '增加'}{abs(change):.1f}件{share}。"


def effect_of(improvement: Improvement) -> Effect | None:
    """None as long as nothing was put into effect. Two queries."""
    changed = improvement.effective_on
    if changed is None or improvement.state == Improvement.State.GIVEN_UP:
        return None
    rows = appeals_of(improvement.cluster)
    began = rows.order_by().aggregate(first=Min("submitted_at"))["first"]
    # Before the first appeal of the kind there was nothing to count.
    first = max(changed - timedelta(days=EFFECT_DAYS), clock.local_date(began) if began else changed)
    last = min(clock.today(), changed + timedelta(days=EFFECT_DAYS))
    counted = rows.order_by().aggregate(
        before=Count("pk", filter=Q(submitted_at__gte=start_of(first), submitted_at__lt=start_of(changed))),
        after=Count(
            "pk",
            filter=Q(
                submitted_at__gte=start_of(changed), submitted_at__lt=start_of(last + timedelta(days=1))
            ),
        ),
    )
    return Effect(
        changed_on=changed,
        days_before=max((changed - first).days, 1),
        before=counted["before"],
        days_after=max((last - changed).days + 1, 1),
        after=counted["after"],
    )


def effect_chart(months: Sequence[Month], changed_on: date) -> LineChart:
    """The trend, with the month of the change named below it."""
    turn = changed_on.replace(day=1)
    labels = [f"{month.first.month}月实施" if month.first == turn else month.label for month in months]
    return line_chart(
        "改进措施实施前后每月新增（件）", labels, [("新收到", [month.number for month in months])]
    )
