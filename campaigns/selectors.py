"""Task lists as pages need them, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from campaigns.models import Campaign, ProgressReport, Task, TaskUnit
from campaigns.states import Shares, State, pieces_of, shares_of, standing_items, state_of, turns
from campaigns.target_counts import Counted, counted
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules


def district_of(user: User) -> Region | None:
    """The district whose campaigns the user works with."""
    return user.unit.district if user.unit else None


def rules_of(user: User) -> Rules | None:
    district = district_of(user)
    if district is None:
        return None
    try:
        return DistrictProfile.objects.in_force(district).rules
    except DistrictProfile.DoesNotExist:
        return None


def years_of(user: User) -> list[int]:
    """The newest first."""
    years = Campaign.objects.visible_to(user).order_by().values_list("year", flat=True).distinct()
    return sorted(years, reverse=True)


def year_asked(text: str, years: Sequence[int]) -> int:
    """The year of the address, else this one if it has campaigns, else the newest."""
    if text.isascii() and text.isdigit() and len(text) == 4 and int(text) in years:
        return int(text)
    this_year = clock.today().year
    return this_year if this_year in years or not years else years[0]


def with_all(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """With campaign, items and units: what states, leading units and the columns need."""
    units = TaskUnit.objects.select_related("unit").order_by("-part", "unit__order", "pk")  # who leads first
    return tasks.select_related("campaign__district").prefetch_related(
        "items", Prefetch("named_units", units), "campaign__lead_units"
    )


@dataclass(frozen=True)
class Listed:
    """A campaign in the list of a year."""

    campaign: Campaign
    shares: Shares


def campaigns_of_year(user: User, year: int) -> list[Listed]:
    campaigns = Campaign.objects.visible_to(user).filter(year=year).order_by("no", "pk")
    tasks = Task.objects.in_force().order_by("order", "pk").prefetch_related("items")
    today = clock.today()
    return [
        Listed(campaign, shares_of(list(campaign.tasks.all()), today))
        for campaign in campaigns.prefetch_related("lead_units", Prefetch("tasks", tasks))
    ]


@dataclass(frozen=True)
class ListRow:
    """A row of a task list: the eight columns, how it stands, and the latest progress."""

    task: Task
    state: State
    items: list[tuple[Any, State]]
    latest: ProgressReport | None
    section: str
    """The heading that stands above this row; "" where it is the one before."""
    counts: list[Counted]


def list_rows(tasks: Iterable[Task]) -> list[ListRow]:
    """With items and targets loaded; three queries for progress and counts."""
    tasks, today = list(tasks), clock.today()
    latest, counts = latest_reports(tasks), counted(tasks)
    rows, section = [], ""
    for task in tasks:
        items = standing_items(task)
        heading = task.section if task.section != section else ""
        section = task.section
        states = [(item, state_of(item, today)) for item in items]
        state = state_of(task, today, items)
        rows.append(ListRow(task, state, states, latest.get(task.pk), heading, counts.get(task.pk, [])))
    return rows


def latest_reports(tasks: Iterable[Task]) -> dict[int, ProgressReport]:
    """The newest report of each task by whoever leads it, else by whoever assists, by the task's id."""
    reports = ProgressReport.objects.filter(task__in=list(tasks)).select_related("unit", "item")
    found: dict[int, ProgressReport] = {}
    for report in reports.order_by("leads", "month", "reported_at", "pk"):
        found[report.task_id] = report
    return found


def statuses(tasks: Iterable[Task]) -> dict[int, str]:
    """What to print under 完成情况 where units have reported, by the task's id, with the counts so far."""
    tasks = list(tasks)
    found = {
        pk: f"{report.unit}（{report.month.year}年{report.month.month}月）：{report.text}"
        for pk, report in latest_reports(tasks).items()
    }
    for pk, counts in counted(tasks).items():
        found[pk] = "\n".join(filter(None, (found.get(pk), *(count.words for count in counts))))
    return found


@dataclass(frozen=True)
class Owed:
    """A piece of work of a unit in a month."""

    task: Task
    item: Any
    state: State
    leads: bool
    report: ProgressReport | None
    due: date | None
    is_due: bool

    @property
    def work(self) -> Any:
        return self.item or self.task


def owed_by(user: User, month: date, last: date) -> list[Owed]:
    """本单位任务: what the user's unit leads or assists and is open, due or reported in the month."""
    mine = Task.objects.visible_to(user).in_force().running_in(month)
    led = Q(campaign__lead_units=user.unit_id) & ~Q(named_units__part=TaskUnit.Part.LEAD)
    mine = mine.filter(Q(named_units__unit=user.unit_id) | led)
    ids = mine.order_by().values("pk").distinct()
    tasks = with_all(Task.objects.filter(pk__in=ids)).order_by("campaign__no", "campaign", "order", "pk")
    reports = {
        (report.task_id, report.item_id): report
        for report in ProgressReport.objects.filter(task__in=ids, month=month, unit=user.unit_id)
    }
    today, found = clock.today(), []
    for task in tasks:
        leads = user.unit_id in {line.unit_id for line in task.named_units.all() if line.part == "lead"}
        leads |= not any(line.part == "lead" for line in task.named_units.all())
        for work, item in pieces_of(task):
            report = reports.get((task.pk, item.pk if item else None))
            if work.comes_again:
                due = next((turn.due for turn in turns(work) if month <= turn.due <= last), None)
            else:
                due = work.deadline
            is_due = due is not None and month <= due <= last
            state = state_of(work, today)
            finished = state == State.DONE and not is_due
            ahead = work.start is not None and work.start > last
            if report is None and (finished or ahead):
                continue
            found.append(Owed(task, item, state, leads, report, due, is_due))
    return sorted(found, key=lambda owed: (not owed.leads, not owed.is_due, owed.due or date.max))
