"""Steps 7 to 10: sheets that are brought in after the district exists, and the working-day calendar.

In the setup a sheet is checked as far as it can be without the district: its header and every cell. What needs
the district (is there such a unit, such a firm) is checked in the rehearsal, by the very jobs that import it.
"""

from __future__ import annotations

from typing import IO, Any

from core import clock
from core.sheets import open_sheet
from districts.models import CalendarYear
from imports.kinds import Job, Kind, kind_of
from imports.models import SheetImport
from portal.golive.draft import Draft, Result
from portal.golive.step import Step
from portal.golive.tables import Problem

KEPT_PROBLEMS = 50
ORDER = ("enterprises", "projects", "assignments", "officers")
"""In this order they are brought in: assignments need the firms."""


class _CellsOnly(Job):
    """Reads rows as an import does, without asking the database."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(SheetImport())
        self.columns = kind.columns


def examine(kind_code: str, file: IO[bytes]) -> dict[str, Any]:
    """Rows, bad rows and what is wrong with their cells. Raises ``SheetError`` if the header is not understood."""
    kind = kind_of(kind_code)
    assert kind is not None
    sheet = open_sheet(file, kind.columns)
    job = _CellsOnly(kind)
    problems: list[str] = []
    rows = bad = 0
    for row in sheet.rows():
        draft = job.read(row, sheet.layout)
        rows += 1
        if draft.errors:
            bad += 1
            for error in draft.errors:
                if len(problems) < KEPT_PROBLEMS:
                    problems.append(
                        f"第 {row.line} 行 {error['title']}：{error['text']}".replace(" ：", "：")
                    )
    return {"rows": rows, "bad": bad, "problems": problems}


class FileStep(Step):
    page = "portal/setup_files.html"
    needed = False
    kinds: tuple[str, ...]

    def __init__(self, code: str, title: str, minutes: int, lead: str, *kinds: str) -> None:
        self.code, self.title, self.minutes, self.lead, self.kinds = code, title, minutes, lead, kinds

    def look_at(self, draft: Draft, result: Result) -> None:
        for code in self.kinds:
            file = draft.files.get(code)
            if file is None:
                continue
            label = kind_of(code).label  # type: ignore[union-attr]
            if not file.rows:
                result.problems.append(Problem(f"{label}：表头下面没有数据", code))
            result.problems += [Problem(text, code, warning=True) for text in file.problems]
            if file.bad:
                result.problems.append(
                    Problem(
                        f"{label}有 {file.bad} 行有误，上线时不导入；改好后重新上传，或上线后再补",
                        code,
                        warning=True,
                    )
                )

    def state(self, draft: Draft) -> str:
        result = draft.result(self)
        if result.errors:
            return "errors"
        if not any(code in draft.files for code in self.kinds):
            return "skipped"
        return "warnings" if result.warnings else "done"

    def summary(self, draft: Draft) -> str:
        found = []
        for code in self.kinds:
            if file := draft.files.get(code):
                label = kind_of(code).label  # type: ignore[union-attr]
                found.append(f"{label} {file.rows:,} 行" + (f"，{file.bad} 行有误" if file.bad else ""))
        return "；".join(found) or "没有上传，上线后再导入也可以"


class CalendarStep(Step):
    code, title, minutes = "calendar", "工作日历", 1
    lead = "时限按工作日算。看看今年、明年的放假调休安排有没有。"
    page = "portal/setup_calendar.html"
    needed = False

    def look_at(self, draft: Draft, result: Result) -> None:
        years = set(CalendarYear.objects.values_list("year", flat=True))
        this = clock.today().year
        result.values["years"] = sorted(years, reverse=True)
        result.values["rows"] = [(year, year in years) for year in (this, this + 1)]
        if this not in years:
            result.problems.append(
                Problem(
                    f"{this} 年的放假安排没有导入：时限会把节假日当工作日算，请先导入",
                    "calendar",
                    warning=True,
                )
            )

    def state(self, draft: Draft) -> str:
        return "warnings" if draft.result(self).warnings else "done"

    def summary(self, draft: Draft) -> str:
        rows = draft.result(self).values["rows"]
        return "；".join(
            f"{year} 年{'已有' if known else '还没有（国务院一般 11 月公布，公布后导入）'}"
            for year, known in rows
        )
