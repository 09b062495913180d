"""How a task stands, by one rule; and when work that comes again was due. Pure: works on what is loaded."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import TextChoices

from campaigns.models import Task, TaskItem
from campaigns.task_lists import deadlines

DAY = timedelta(days=1)
_ENDS_IN: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("day", "week", "ten_days", "half_month", "month"), tuple(range(1, 13))),
    "two_months": (2, 4, 6, 8, 10, 12),
    "quarter": (3, 6, 9, 12),
    "half_year": (6, 12),
}
"""The months at whose end it is reported: what comes more often than monthly is reported by the month."""
_LASTS = {"two_months": 2, "quarter": 3, "half_year": 6}


class State(TextChoices):
    NOT_STARTED = "not_started", "未开展"
    UNDER_WAY = "under_way", "推进中"
    STANDING = "standing", "长期（适时）"
    OVERDUE = "overdue", "已逾期"
    DONE = "done", "已完成"


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@dataclass(frozen=True)
class Turn:
    """One time that recurring work is due: a report of any of its months does."""

    first: date
    due: date


def turns(work: Task | TaskItem) -> list[Turn]:
    """Every time, within the work's own span."""
    every = work.comes_again
    if not every or work.start is None or work.due is None:
        return []
    found = []
    for month in _ENDS_IN[every]:
        for year in range(work.start.year, work.due.year + 1):
            last = last_of_month(date(year, month, 1))
            due = last.replace(day=min(work.day or 31, last.day))
            if work.start <= last and due <= work.due:
                found.append(Turn(date(year, month - _LASTS.get(every, 1) + 1, 1), due))
    return sorted(found, key=lambda turn: turn.due)


def state_of(work: Task | TaskItem, today: date, items: Sequence[TaskItem] = ()) -> State:
    """Done, overdue, under way, not started; without a day: standing. A task with items stands as they do."""
    if items and not work.done_on:
        return _of_items(work, [state_of(item, today) for item in items])
    if work.done_on or work.is_said_done:
        return State.DONE
    if work.comes_again:
        return _of_turns(work, today)
    due = work.deadline
    if due and due < today:
        return State.OVERDUE
    if work.last_report or work.status_text:
        return State.UNDER_WAY
    if due is None and work.kind in deadlines.DATELESS:
        return State.STANDING
    return State.NOT_STARTED


def _of_items(task: Task | TaskItem, states: list[State]) -> State:
    dated = [state for state in states if state != State.STANDING]
    if State.OVERDUE in states:
        return State.OVERDUE
    if dated and all(state == State.DONE for state in dated):
        return State.DONE if len(dated) == len(states) else State.STANDING
    if task.last_report or {State.DONE, State.UNDER_WAY} & set(states):
        return State.UNDER_WAY
    return State.NOT_STARTED if dated else State.STANDING


def _of_turns(work: Task | TaskItem, today: date) -> State:
    all_turns = turns(work)
    past = [turn for turn in all_turns if turn.due < today]
    reported = work.last_report
    if past and (reported is None or reported < past[-1].first):
        return State.OVERDUE
    if past and len(past) == len(all_turns):
        return State.DONE
    return State.UNDER_WAY if reported or work.status_text else State.NOT_STARTED


def standing_items(task: Task) -> list[TaskItem]:
    """The items the plan still holds; with items loaded."""
    return [item for item in task.items.all() if not item.withdrawn]


def pieces_of(task: Task) -> list[tuple[Task | TaskItem, TaskItem | None]]:
    """What is reported and inspected: the items, or the task itself where it has none."""
    items = standing_items(task)
    return [(item, item) for item in items] if items else [(task, None)]


def last_month_of(task: Task) -> date:
    """The last month that is reported about: December of its year, or the month of a deadline after that."""
    days = [work.deadline for work in (task, *standing_items(task)) if work.deadline]
    return max([date(task.campaign.year, 12, 1), *map(first_of_month, days)])


@dataclass(frozen=True)
class Shares:
    """How the tasks of a list stand, counted."""

    total: int
    by_state: dict[str, int]

    def of(self, state: str) -> int:
        return self.by_state.get(state, 0)

    @property
    def done(self) -> int:
        return self.of(State.DONE)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def words(self) -> str:
        shown = [f"{State(key).label}{self.of(key)}项" for key in _SHOWN if self.of(key)]
        return "，".join(shown) or "还没有任务"


_SHOWN = (State.DONE, State.UNDER_WAY, State.OVERDUE, State.NOT_STARTED, State.STANDING)


def shares_of(tasks: Sequence[Any], today: date) -> Shares:
    counted: dict[str, int] = {}
    for task in tasks:
        state = state_of(task, today, standing_items(task))
        counted[state] = counted.get(state, 0) + 1
    return Shares(len(tasks), counted)
