"""A bulletin as it is read: numbered sections, paragraphs of words and figures, tables, cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from reports.bulletins import wording
from reports.models import Bulletin

DIGITS = "零一二三四五六七八九"
UrlOf = Callable[[str], str]
"""Where a figure, by its key, opens what is behind it."""


@dataclass(frozen=True)
class RunView:
    text: str
    url: str = ""
    title: str = ""
    was: str = ""
    """What the system had counted, where somebody wrote another number over it."""
    hand: bool = False


@dataclass(frozen=True)
class RowView:
    rank: int | None
    name: str
    cells: list[RunView]


@dataclass(frozen=True)
class TableView:
    columns: list[dict[str, str]]
    ranked: list[RowView]
    others: list[RowView]
    total: list[RunView]
    has_ranks: bool
    ranked_from: int
    ranked_by: str

    @property
    def width(self) -> int:
        return len(self.columns) + 1 + self.has_ranks


@dataclass(frozen=True)
class SectionView:
    code: str
    name: str
    heading: str
    numeral: str
    kind: str
    paragraphs: list[list[RunView]]
    table: TableView | None
    cases: list[dict[str, Any]]
    removed: bool
    by_hand: bool
    is_empty: bool
    version: int


@dataclass(frozen=True)
class Change:
    """A number that is not the one the system counted."""

    heading: str
    label: str
    shown: str
    counted: str


@dataclass
class Reading:
    sections: list[SectionView] = field(default_factory=list)
    """With those that were removed, which have no numeral."""
    changes: list[Change] = field(default_factory=list)

    @property
    def kept(self) -> list[SectionView]:
        return [section for section in self.sections if not section.removed]

    @property
    def removed(self) -> list[SectionView]:
        return [section for section in self.sections if section.removed]


def read(bulletin: Bulletin, url_of: UrlOf = lambda key: "") -> Reading:
    reading = Reading()
    number = 0
    for section in bulletin.sections:
        counts = bool(section["heading"]) and not section["removed"]
        number += counts
        reading.sections.append(
            SectionView(
                code=section["code"],
                name=section["name"],
                heading=section["heading"],
                numeral=numeral(number) if counts else "",
                kind=section["kind"],
                paragraphs=paragraphs(section["runs"], bulletin.figures, url_of),
                table=_table(section["table"], bulletin.figures, url_of) if section.get("table") else None,
                cases=[
                    case | {"numeral": numeral(place)}
                    for place, case in enumerate(section.get("cases", []), 1)
                ],
                removed=section["removed"],
                by_hand=section["by_hand"],
                is_empty=not wording.text_of(section["runs"]).strip() and not section.get("cases"),
                version=section["version"],
            )
        )
        if not section["removed"]:
            reading.changes += _changes(section, bulletin.figures)
    return reading


def numeral(number: int) -> str:
    """一 … 九十九, as sections are counted."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones or not tens else "")


def paragraphs(runs: Iterable[wording.Run], figures: dict[str, Any], url_of: UrlOf) -> list[list[RunView]]:
    found: list[list[RunView]] = [[]]
    for run in runs:
        if "f" in run:
            found[-1].append(_figure(run["f"], run["v"], figures, url_of))
            continue
        for number, line in enumerate(run["t"].split("\n")):
            if number:
                found.append([])
            if line:
                found[-1].append(RunView(line, hand=bool(run.get("hand"))))
    return [paragraph for paragraph in found if paragraph]


def _figure(key: str, shown: str, figures: dict[str, Any], url_of: UrlOf) -> RunView:
    figure = figures.get(key)
    if figure is None:
        return RunView(shown)
    was = figure["text"] if figure["text"] != shown else ""
    return RunView(shown, url_of(key), f"{figure['label']}：{figure['definition']}", was)


def _table(table: dict[str, Any], figures: dict[str, Any], url_of: UrlOf) -> TableView:
    def cells(keys: list[str]) -> list[RunView]:
        return [_figure(key, figures[key]["text"], figures, url_of) for key in keys]

    rows = [RowView(row["rank"], row["name"], cells(row["cells"])) for row in table["rows"]]
    return TableView(
        columns=table["columns"],
        ranked=[row for row in rows if row.rank or not table["ranked"]],
        others=[row for row in rows if not row.rank and table["ranked"]],
        total=cells(table["total"]),
        has_ranks=table["ranked"],
        ranked_from=table["ranked_from"],
        ranked_by=table["ranked_by"],
    )


def _changes(section: dict[str, Any], figures: dict[str, Any]) -> list[Change]:
    found = []
    for run in section["runs"]:
        if "f" in run and run["f"] in figures and run["v"] != figures[run["f"]]["text"]:
            figure = figures[run["f"]]
            found.append(Change(section["name"], figure["label"], run["v"], figure["text"]))
        elif run.get("hand"):
            found.append(Change(section["name"], "手工填写的数", run["t"], ""))
    return found
