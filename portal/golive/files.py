"""Steps 7 to 10: sheets that are brought in after the district exists, and the working-day calendar.

In the setup a sheet is checked as far as it can be without the district: its header, every cell, and the places,
units and people that the setup itself names. Whether there is such a firm is checked in the rehearsal, by the very
jobs that import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from django.core.exceptions import ValidationError

from core import clock
from core.sheets import Layout, open_sheet
from core.xlsx import Row
from districts.models import CalendarYear
from imports.kinds import Job, Kind, kind_of
from imports.models import SheetImport
from portal.golive.draft import Draft, Result
from portal.golive.step import Step
from portal.golive.tables import Problem, cell_address, plain, sheet_places, together, unused_heads

KEPT_PROBLEMS = 50
MOST_STRANGERS = 30
ORDER = ("enterprises", "projects", "assignments", "officers")
"""In this order they are brought in: assignments need the firms."""


class _CellsOnly(Job):
    """Reads rows as an import does, with what the setup says in place of the database."""

    def __init__(self, kind: Kind, known: Known) -> None:
        super().__init__(SheetImport())
        self.columns = kind.columns
        self.known = known

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return self.known.cleaners()


class Known:
    """What a setup knows of the words in its sheets: places, units, people. What it does not know yet it lets pass."""

    def __init__(self, draft: Draft) -> None:
        regions = [
            spec
            for spec in draft.of("regions").values.get("specs", [])
            if spec["level"] in {"township", "park"}
        ]
        units = draft.of("units").values.get("specs", [])
        people = draft.of("people").values.get("specs", [])
        territorial = {spec["key"] for spec in regions}
        offices = [unit for unit in units if unit["region"] in territorial]
        self.offered: dict[str, list[str]] = {
            "region": [spec["name"] for spec in regions],
            "unit": [unit["short_name"] for unit in units],
        }
        """The words to choose from, by a column's key."""
        places = {f"{name}{office}" for name in self.offered["region"] for office in ("", "政府", "人民政府")}
        self._words = {
            "region": places | _names(offices),
            "unit": _names(units),
            "official": {person["name"] for person in people},
        }
        self._words = {key: set(map(plain, words)) for key, words in self._words.items()}

    def options(self, kind: Kind) -> dict[str, list[str]]:
        """What a cell may say, for the columns whose words are few."""
        lists = {column.key: list(column.choices) for column in kind.columns if column.choices}
        keys = {column.key for column in kind.columns}
        return lists | {key: words for key, words in self.offered.items() if key in keys and words}

    def cleaners(self) -> dict[str, Callable[[str], str]]:
        return {key: self._cleaner(key) for key, words in self._words.items() if words}

    def _cleaner(self, key: str) -> Callable[[str], str]:
        def clean(text: str) -> str:
            if plain(text) not in self._words[key]:
                raise ValidationError(f"{UNKNOWN[key]}“{text[:30]}”，请改成那里的写法，或在那里加上")
            return text

        return clean


UNKNOWN = {
    "region": "“区划”一步里没有",
    "unit": "“单位”一步里没有",
    "official": "“人员和账号”一步里没有",
}


def _names(units: Sequence[Mapping[str, Any]]) -> set[str]:
    return {name for unit in units for name in (unit["name"], unit["short_name"])}


def examine(kind_code: str, file: IO[bytes], draft: Draft) -> dict[str, Any]:
    """Rows, bad rows, what is wrong with their cells, which words nobody knows and which columns were not read.

    Raises ``SheetError`` if the header is not understood.
    """
    kind = kind_of(kind_code)
    assert kind is not None
    sheet = open_sheet(file, kind.columns)
    layout, places = sheet.layout, sheet_places(sheet.layout)
    known = Known(draft)
    job, options = _CellsOnly(kind, known), known.options(kind)
    alike: dict[tuple[str, str], list[str]] = {}
    strangers: dict[tuple[str, str], int] = {}
    rows = bad = 0
    for row in sheet.rows():
        read = job.read(row, layout)
        rows += 1
        bad += bool(read.errors)
        for error in read.errors:
            address = cell_address(places, row.line, error["key"])
            words = f"{address}第 {row.line} 行 {error['title']}：{error['text']}".replace(" ：", "：")
            alike.setdefault((error["key"], error["text"]), []).append(words)
            word = _cell(row, layout, error["key"])
            if word and error["key"] in options:
                strangers[error["key"], word] = strangers.get((error["key"], word), 0) + 1
    return {
        "rows": rows,
        "bad": bad,
        "problems": [together(words) for words in alike.values()][:KEPT_PROBLEMS],
        "strangers": [[key, word, lines] for (key, word), lines in strangers.items()][:MOST_STRANGERS],
        "heads": [head for head in layout.headers if head],
        "unused": unused_heads(layout),
    }


def _cell(row: Row, layout: Layout, key: str) -> str:
    place = layout.places.get(key)
    return row.cells[place].text[:200] if place is not None and place < len(row.cells) else ""


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
