"""A kind of sheet that only these tests know: things by number, on a shelf instead of in a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import Workbook

from accounts.models import User
from core.phones import clean_phone
from core.sheets import Column
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow
from tests.enterprises.sheets import book

HEAD = ["编号", "名称", "电话"]


@dataclass
class Thing:
    number: int
    name: str
    active: bool = True
    used: bool = False


@dataclass
class Shelf:
    things: dict[int, Thing] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    """What the jobs did, in order."""
    on_step: Callable[[], Any] = lambda: None

    def put(self, number: int, name: str = "旧的") -> Thing:
        self.things[number] = Thing(number, name)
        return self.things[number]

    def names(self) -> dict[int, str]:
        return {thing.number: thing.name for thing in self.things.values() if thing.active}


def _number(text: str) -> int:  # type: ignore[return]
    if not text.isdecimal():
        raise ValidationError("应为数字")
    return int(text)


COLUMNS = (
    Column("number", "编号", 10, "", needed=True, clean=_number),  # type: ignore[arg-type]
    Column("name", "名称", 20, "", needed=True),
    Column("phone", "电话", 20, "", clean=clean_phone, private=True),
)


class ThingJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport, shelf: Shelf) -> None:
        super().__init__(sheet_import)
        self.shelf = shelf
        self.held: set[int] = set()

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        self.shelf.on_step()
        return [self._judge(draft) for draft in drafts]

    def _judge(self, draft: Draft) -> Verdict:
        if draft.errors:
            return Verdict(draft)
        number, name = draft.values["number"], draft.values["name"]
        self.held.add(number)
        found = self.shelf.things.get(number)
        if found is None:
            return Verdict(draft, SheetRow.Outcome.NEW)
        if found.name == name and found.active:
            return Verdict(draft, SheetRow.Outcome.SAME, entry_id=number)
        change = {"title": "名称", "before": found.name, "after": name}
        return Verdict(
            draft, SheetRow.Outcome.CHANGED, [change], entry_id=number, before={"name": found.name}
        )

    def gone(self) -> Iterator[Verdict]:
        for thing in self.shelf.things.values():
            if thing.active and thing.number not in self.held:
                yield Verdict(Draft(0, [str(thing.number), thing.name, ""]), entry_id=thing.number)

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            number, name = verdict.draft.values["number"], verdict.draft.values["name"]
            self.shelf.things[number] = Thing(number, name)
            verdict.entry_id = number
            self.shelf.log.append(f"write {number}")

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        going = [self.shelf.things[number] for number in entry_ids if self.shelf.things[number].active]
        for thing in going:
            thing.active = False
            self.shelf.log.append(f"remove {thing.number}")
        return {thing.number: {"active": True} for thing in going}

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        self.shelf.on_step()
        reasons = {}
        for row in rows:
            thing = self.shelf.things[row.entry or 0]
            if thing.used:
                reasons[row.line] = "已经用上了"
            elif row.outcome == SheetRow.Outcome.NEW:
                del self.shelf.things[thing.number]
            else:
                for name, value in row.before.items():
                    setattr(thing, name, value)
            self.shelf.log.append(f"undo {row.entry}")
        return reasons


class ThingSheet(Kind):
    code, label = "things", "物品"
    columns = COLUMNS
    back, back_label = "portal:workbench", "工作台"
    shown = ("number", "name", "phone")
    halves = True
    complete_help = "表中没有的，请逐件确认。"

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def may_upload(self, user: User) -> bool:
        return user.unit_id is not None

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        return {}

    def job(self, sheet_import: SheetImport) -> Job:
        return ThingJob(sheet_import, self.shelf)


def sheet(rows: Mapping[int, str]) -> Workbook:
    """A sheet of things: number -> name."""
    return book([[number, name, ""] for number, name in rows.items()], head=HEAD)
