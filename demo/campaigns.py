"""The year's campaigns in a district whose profile has some: copied into this year, reported monthly, inspected.

Deadlines of the plan are kept, so what was due before the demo begins is reported at once; a few tasks are behind,
a few units silent.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounts.models import Role, Unit, User
from appeals.models import Appeal
from campaigns.models import Campaign, ProgressReport, Target, Task, TaskItem, TaskUnit
from campaigns.permissions import leading_units, reporting_units
from campaigns.selectors import with_all
from campaigns.services.drafts import make_draft
from campaigns.services.inspecting import close, draw_up, note_findings
from campaigns.services.plans import copy_to_year
from campaigns.services.progress import add_link, report_progress, save_target
from campaigns.states import DAY, first_of_month, last_of_month, pieces_of, turns
from campaigns.task_lists.pasted import read_text
from core import clock
from demo.data import campaigns as words
from demo.world import Story, World, moment_on
from liaisons.models import ServiceEvent

State = ProgressReport.State
SILENT = 0.08
"""The chance that a unit leaves out a month."""
LATE = 0.06


class Campaigns:
    def __init__(self, world: World) -> None:
        self.world = world
        self.year = world.today.year

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = [day for day in self.world.workdays() if day.year == self.year]
        if not days or not Campaign.objects.filter(district=self.world.district).exists():
            return
        yield moment_on(days[0], time(9, 5)), self._begin(first_of_month(days[0]))
        months = sorted({first_of_month(day) for day in days})
        for month in months:
            late = [day for day in days if first_of_month(day) == month and day.day >= 24]
            if late:
                yield moment_on(late[0], time(16, 10)), self._report(month)
            after = [day for day in days if day > last_of_month(month)]
            if after:
                # Before the bulletin is drafted that tells of it.
                yield moment_on(after[0], time(8, 35)), self._inspect(month, closes=month != months[-1])
        yield moment_on(days[-1], time(17, 5)), self._link()
        yield moment_on(days[-1], time(17, 20)), self._paste()

    # --- The year so far --------------------------------------------------------------------------

    def _begin(self, month: date) -> Story:
        """The plan of this year, its figures confirmed, and what was done before the demo begins."""
        plans = list(
            Campaign.objects.filter(district=self.world.district, year__lt=self.year).order_by("no", "pk")
        )
        last = max((plan.year for plan in plans), default=0)
        copy_to_year(campaigns=[plan for plan in plans if plan.year == last], year=self.year)
        by = self._bureau()
        for target in Target.objects.filter(task__campaign__in=self._campaigns()).select_related(
            "task__campaign"
        ):
            save_target(
                by=by,
                task=target.task,
                target=target,
                text=target.text,
                number=target.number,
                measure=target.measure,
                counts=target.counts,
            )
        for task in self._tasks():
            for work, item in pieces_of(task):
                before = self._due_before(work, month)
                if before is not None and not self._is_late(task, work):
                    self._tell(task, item, first_of_month(before), State.DONE, done_on=before)
        return
        yield

    def _report(self, month: date) -> Story:
        """Every leading unit tells how its open tasks go; a few forget."""
        for task in self._tasks():
            for work, item in pieces_of(task):
                rng = self.world.rng("campaign", month, task.pk, item.pk if item else 0)
                if (
                    work.done_on
                    or rng.random() < SILENT
                    or (work.start and work.start > last_of_month(month))
                ):
                    continue
                due = work.deadline
                if work.comes_again and not any(
                    turn.first <= month <= first_of_month(turn.due) for turn in turns(work)
                ):
                    continue
                if work.kind == "when_fit" and rng.random() < 0.7:
                    continue
                is_now = due is not None and first_of_month(due) == month
                finished = is_now and not work.comes_again and not self._is_late(task, work)
                self._tell(task, item, month, State.DONE if finished else State.UNDER_WAY)
                self._assist(task, item, month)
        return
        yield

    def _inspect(self, month: date, *, closes: bool) -> Story:
        """The month's list, what the bureau finds, and, but for the last one, its end."""
        inspection = draw_up(district=self.world.district, month=month)
        if inspection is not None and not inspection.closed_at:
            rng = self.world.rng("inspection", month)
            findings: dict[int, str] = {}
            for line in inspection.lines.all():
                if line.state == "overdue":
                    findings[line.pk] = rng.choice(words.OVERDUE_FINDINGS)
                elif line.owes_report and not line.reported and rng.random() < 0.5:
                    findings[line.pk] = words.SILENT_FINDING
                elif line.is_due and line.state == "done" and rng.random() < 0.2:
                    findings[line.pk] = words.PRAISE_FINDING
            note_findings(by=self._bureau(), inspection=inspection, findings=findings, summary=words.SUMMARY)
            if closes:
                close(by=self._bureau(), inspection=inspection)
        return
        yield

    def _link(self) -> Story:
        """Talks that were held belong to the tasks that ask for them; a few appeals to what they are about."""
        by = self._bureau()
        tasks = list(self._tasks())
        talks = ServiceEvent.objects.filter(
            district=self.world.district, kind="talk", state=ServiceEvent.State.HELD
        )
        for event in talks:
            month = clock.local_date(event.starts_at).month
            for task in tasks:
                if f"{month}月份企业恳谈会" in task.title:
                    add_link(by=by, task=task, event=event)
        pay = next((task for task in tasks if "拖欠中小企业账款" in task.title), None)
        if pay is not None:
            appeals = Appeal.objects.visible_to(by).filter(district=self.world.district, title__contains="款")
            for appeal in appeals.order_by("pk")[:3]:
                add_link(by=by, task=pay, appeal=appeal)
        draw_up(district=self.world.district, month=first_of_month(self.world.today - DAY))
        return
        yield

    def _paste(self) -> Story:
        """A list of next year's waits in its preview."""
        make_draft(
            by=self._bureau(),
            district=self.world.district,
            reading=read_text(words.PASTED),
            source_name="粘贴的文字",
            heading={"year": self.year + 1, "no": 1, "name": words.NEXT_YEAR},
        )
        return
        yield

    # --- Parts ------------------------------------------------------------------------------------

    def _campaigns(self) -> list[Campaign]:
        return list(Campaign.objects.filter(district=self.world.district, year=self.year))

    def _tasks(self) -> list[Task]:
        tasks = Task.objects.in_force().filter(campaign__in=self._campaigns())
        return list(with_all(tasks).order_by("campaign__no", "order", "pk"))

    def _is_late(self, task: Task, work: Task | TaskItem) -> bool:
        named = any(words_of in task.title for words_of in words.LATE_TASKS)
        return named or self.world.rng("late", task.title, str(work)).random() < LATE

    def _due_before(self, work: Task | TaskItem, month: date) -> date | None:
        """The day of what was due, once, before the month."""
        due = work.deadline
        if work.comes_again or due is None or due >= month or due.year != self.year:
            return None
        early = self.world.rng("early", str(work), due).randint(0, 6)
        return max(due - timedelta(days=early), first_of_month(due))

    def _tell(
        self, task: Task, item: TaskItem | None, month: date, state: str, done_on: date | None = None
    ) -> None:
        units = leading_units(task)
        by = self._desk(units[0]) if units else self._bureau()
        unit = next((unit for unit in units if unit in reporting_units(by, task)), None)
        if unit is None:
            return
        rng = self.world.rng("progress", task.title, month, item.pk if item else 0)
        work = item or task
        if state == State.DONE:
            text = rng.choice(words.DONE)
        else:
            text = rng.choice(words.STANDING if work.deadline is None else words.UNDER_WAY)
        report_progress(
            by=by,
            task=task,
            unit=unit,
            item=item,
            month=month,
            state=state,
            text=text,
            done_on=done_on,
            figures=self._figures(task, item, month, state),
        )

    def _figures(self, task: Task, item: TaskItem | None, month: date, state: str) -> dict[int, Decimal]:
        """About so much that a task done has reached what it promised."""
        if item is not None:
            return {}
        found = {}
        for target in task.targets.filter(state=Target.State.CONFIRMED):
            rng = self.world.rng("figure", target.text, month)
            share = Decimal(rng.randint(100, 118)) if state == State.DONE else Decimal(rng.randint(6, 14))
            value = (target.number * share / 100).quantize(Decimal(1))
            found[target.pk] = max(value, Decimal(0))
        return found

    def _assist(self, task: Task, item: TaskItem | None, month: date) -> None:
        """One of the units that help says what it did, now and then."""
        rng = self.world.rng("assist", task.title, month)
        helpers = [line.unit for line in task.named_units.all() if line.part == TaskUnit.Part.ASSIST]
        if not helpers or rng.random() > 0.12:
            return
        unit = rng.choice(helpers)
        by = self._desk(unit)
        if by.unit_id == unit.pk:
            report_progress(
                by=by,
                task=task,
                unit=unit,
                item=item,
                month=month,
                state=State.UNDER_WAY,
                text=rng.choice(words.ASSISTING),
            )

    def _desk(self, unit: Unit) -> User:
        """Who speaks for a unit; the lead bureau where nobody signs in for it."""
        roles = (Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
        people = (user for user in self.world.people.values() if user.unit_id == unit.pk)
        return next((user for user in people if user.has_role(*roles)), None) or self._bureau()

    def _bureau(self) -> User:
        return self.world.people["dispatcher"]
