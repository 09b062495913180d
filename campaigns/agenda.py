"""行事历: the tasks of a year over its twelve months, those of one month by day, and those without a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from campaigns.models import Task, TaskItem
from campaigns.states import State, last_of_month, pieces_of, state_of, turns

MONTHS = range(1, 13)


@dataclass(frozen=True)
class Mark:
    """What a month holds for a piece of work: its days, or that it runs."""

    days: tuple[date, ...] = ()
    runs: bool = False

    @property
    def text(self) -> str:
        if self.days:
            return "、".join(f"{day.day}日" for day in self.days)
        return "推进" if self.runs else ""


@dataclass
class Row:
    task: Task
    item: TaskItem | None
    state: State
    marks: list[Mark] = field(default_factory=list)

    @property
    def work(self) -> Task | TaskItem:
        return self.item or self.task

    @property
    def has_days(self) -> bool:
        return any(mark.days for mark in self.marks)


@dataclass(frozen=True)
class Entry:
    """Something due on a day."""

    day: date
    row: Row
    again: bool
    """It comes again."""


def rows_of(tasks: Sequence[Task], year: int, today: date) -> list[Row]:
    """With campaign and items loaded."""
    found = []
    for task in tasks:
        for work, item in pieces_of(task):
            row = Row(task, item, state_of(work, today))
            row.marks = [_mark(work, year, month) for month in MONTHS]
            found.append(row)
    return found


def _mark(work: Task | TaskItem, year: int, month: int) -> Mark:
    first = date(year, month, 1)
    last = last_of_month(first)
    if work.comes_again:
        return Mark(tuple(turn.due for turn in turns(work) if first <= turn.due <= last))
    due = work.deadline
    if due is None:
        return Mark()
    if first <= due <= last:
        return Mark((due,))
    return Mark(runs=work.start is not None and work.start <= last and first <= due)


def entries_of(rows: Sequence[Row], month: int) -> list[Entry]:
    """What is due in a month, by day."""
    found = [Entry(day, row, bool(row.work.comes_again)) for row in rows for day in row.marks[month - 1].days]
    return sorted(found, key=lambda entry: entry.day)
