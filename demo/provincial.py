"""The provincial platform: its numbers, and its answers brought back every Friday as a sheet."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from appeals.models import Appeal, Status
from appeals.provincial_sheet import columns_of
from core import clock
from core.xlsx import CONTENT_TYPE, text_workbook
from demo.world import Story, World, moment_on
from imports import engine

FRIDAY = 4
GIVEN_FROM = 9000
"""Numbers of what the platform itself passes to the district, away from those of what is entered there."""


def entered_number(appeal: Appeal) -> str:
    """AH202611190007 for JQ20261119-0007."""
    return "AH" + "".join(char for char in appeal.number if char.isdigit())


def given_number(day: str, number: str) -> str:
    return f"AH{day.replace('-', '')}{GIVEN_FROM + int(number)}"


class Results:
    def __init__(self, world: World) -> None:
        self.world = world

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        for day in self.world.workdays():
            if day.weekday() == FRIDAY:
                yield (
                    moment_on(day, self.world.rules.office_hours.start) + timedelta(minutes=40),
                    self._bring(day),
                )

    def _bring(self, day: date) -> Story:
        """Exported there by the dispatcher, checked here, confirmed after a look."""
        world = self.world
        columns = columns_of(world.rules)
        rows = self._rows()
        if not rows:
            return
        content = text_workbook(
            title="办件", headers=[column.title for column in columns],
            rows=[[row.get(column.key, "") for column in columns] for row in rows],
        )  # fmt: skip
        file = SimpleUploadedFile(f"省平台办件{day:%m%d}.xlsx", content, CONTENT_TYPE)
        by = world.people["dispatcher"]
        found = engine.receive(by=by, kind="provincial", upload=file)
        engine.check(found)
        yield clock.now() + timedelta(minutes=20)
        engine.confirm(sheet_import=found, by=by)
        engine.apply(found)

    def _rows(self) -> list[dict[str, str]]:
        """What has moved on there within the last two weeks."""
        since = clock.now() - timedelta(days=14)
        entered = Appeal.objects.filter(
            district=self.world.district, provincial_recorded_at__gte=since
        ).exclude(provincial_number="")
        rows = []
        for appeal in entered.order_by("pk").prefetch_related("answers"):
            answers = list(appeal.answers.all())
            done = appeal.status == Status.CLOSED
            row = {"provincial_number": appeal.provincial_number}
            if done and answers and appeal.ended_at:
                row |= {
                    "provincial_status": "已办结",
                    "provincial_result": answers[-1].result,
                    "provincial_result_on": clock.local_date(appeal.ended_at).isoformat(),
                }
            else:
                assert appeal.provincial_recorded_at is not None
                row |= {
                    "provincial_status": "办理中" if appeal.lead_unit_id else "已受理",
                    "provincial_result_on": clock.local_date(appeal.provincial_recorded_at).isoformat(),
                }
            rows.append(row)
        return rows
