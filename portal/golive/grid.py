"""A table of a setup on a page: a window of its rows as inputs, and what comes back from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from portal.golive.draft import Draft, Result
from portal.golive.tables import (
    PROBLEMS,
    Col,
    Problem,
    RowOfTexts,
    Table,
    plain,
    split_words,
    unknown_words,
    where,
)

PER_PAGE = 25
BLANK = 3
MOST_STRANGERS = 30
MOST_OPTIONS = 90
"""More than that and the cell is typed, with a list that suggests."""


@dataclass
class Cell:
    name: str
    label: str
    column: Col
    text: str
    errors: list[str]
    options: list[str] | None = None
    lists: str = ""
    unknown: bool = False
    """The text is none of the options."""
    note: str = ""

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def breadth(self) -> str:
        """How wide its column is, as a class: s, m, l or xl."""
        return next(
            name for most, name in ((10, "s"), (18, "m"), (28, "l"), (999, "xl")) if self.column.width <= most
        )


@dataclass
class GridRow:
    number: int
    line: str
    cells: list[Cell]
    delete_name: str = ""
    is_new: bool = False

    @property
    def has_errors(self) -> bool:
        return any(cell.errors for cell in self.cells)


@dataclass
class Stranger:
    key: str
    title: str
    word: str
    rows: int
    options: list[str]


@dataclass
class Grid:
    table: Table
    rows: list[GridRow]
    total: int
    page: int
    pages: int
    only: bool
    wrong: int
    lists: dict[str, list[str]]
    numbers: str
    general: list[Problem]
    strangers: list[Stranger] = field(default_factory=list)
    """Words nobody knows, to be told once for all their rows."""

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        return self.page + 1


def grid(step_code: str, table: Table, draft: Draft, result: Result, query: QueryDict) -> Grid:
    texts = draft.rows(step_code, table)
    own = [problem for problem in result.problems if problem.part == table.code]
    by_cell: dict[tuple[int, str], list[str]] = {}
    for problem in own:
        if problem.row is not None:
            by_cell.setdefault((problem.row, problem.key), []).append(problem.text)
    wrong = sorted({row for row, _ in by_cell})
    only = query.get("only") == table.code and bool(wrong)
    shown = wrong if only else list(range(len(texts)))
    pages = max(1, -(-len(shown) // PER_PAGE))
    asked = query.get(f"page-{table.code}", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1
    window = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    options = {
        column.key: [label for _, label in column.options(draft)]
        for column in table.columns
        if column.options is not None
    }
    rows = [_row(table, number, texts[number], by_cell, options) for number in window]
    if page == pages and not only:
        rows += [
            _row(table, len(texts) + extra, table.blank(), {}, options, is_new=True) for extra in range(BLANK)
        ]
    lists = {
        f"{table.code}-{key}-list": words
        for key, words in options.items()
        if _by_list(table.column(key), words)
    }
    return Grid(
        table, rows, len(texts), page, pages, only, len(wrong), lists,
        ",".join(str(row.number) for row in rows), [problem for problem in own if problem.row is None],
        _strangers(table, texts, draft, options),
    )  # fmt: skip


def _strangers(
    table: Table, texts: Sequence[RowOfTexts], draft: Draft, options: dict[str, list[str]]
) -> list[Stranger]:
    found = []
    for key, offered in options.items():
        column = table.column(key)
        for word in unknown_words(table, key, texts, draft)[:MOST_STRANGERS]:
            rows = sum(
                1 for row in texts if plain(word) in map(plain, split_words(str(row.get(key, ""))) or [""])
            )
            found.append(Stranger(key, column.title, word, max(rows, 1), offered))
    return found[:MOST_STRANGERS]


def _by_list(column: Col, words: Sequence[str]) -> bool:
    return column.kind == "choice" and len(words) > MOST_OPTIONS


def _row(
    table: Table,
    number: int,
    row: RowOfTexts,
    by_cell: dict[tuple[int, str], list[str]],
    options: dict[str, list[str]],
    *,
    is_new: bool = False,
) -> GridRow:
    cells = []
    for column in table.columns:
        text = str(row.get(column.key, ""))
        words = options.get(column.key)
        cell = Cell(
            name=f"{table.code}-{number}-{column.key}",
            label=f"第 {number + 1} 行 {column.title}",
            column=column,
            text=text,
            errors=by_cell.get((number, column.key), []),
        )
        if column.kind == "yes":
            cell.options = ["是", "否"]
            cell.text = "是" if plain(text) in {"是", "√", "yes", "y", "1"} else (text or "否")
        elif column.kind == "choice" and words is not None:
            if _by_list(column, words):
                cell.lists = f"{table.code}-{column.key}-list"
            else:
                cell.options = words
        if cell.options is not None:
            same = next((word for word in cell.options if plain(word) == plain(cell.text)), None)
            if same is not None:
                cell.text = same
            cell.unknown = bool(cell.text) and same is None
        if column.key == "source" and row.get("_why") and row.get("_guess") == text:
            cell.note = f"把握{row.get('_sure', '')}：{row['_why']}"
        cells.append(cell)
    return GridRow(number, where(row, number), cells, f"{table.code}-{number}-delete", is_new)


def take_back(table: Table, texts: Sequence[RowOfTexts], data: QueryDict) -> list[RowOfTexts]:
    """The rows with what the page's window says about them: changed, deleted, added."""
    numbers = [
        int(number)
        for number in data.get(f"{table.code}-rows", "").split(",")
        if number.isdecimal() and len(number) < 6
    ]
    rows: list[RowOfTexts | None] = [dict(row) for row in texts]
    for number in numbers[: PER_PAGE + BLANK]:
        if number >= len(texts) + BLANK:
            continue
        while len(rows) <= number:
            rows.append(table.blank())
        row = rows[number] or {}
        if data.get(f"{table.code}-{number}-delete"):
            rows[number] = None
            continue
        rows[number] = _typed(table, number, row, data)
    return [row for row in rows if row is not None and not _is_blank(table, row)]


def _typed(table: Table, number: int, row: RowOfTexts, data: QueryDict) -> RowOfTexts:
    typed = dict(row)
    stuck = dict(row.get(PROBLEMS) or {})
    for column in table.columns:
        text = data.get(f"{table.code}-{number}-{column.key}")
        if text is None:
            continue
        text = " ".join(text.replace("\0", " ").split())[:1000]
        if text != str(row.get(column.key, "")):
            stuck.pop(column.key, None)
        typed[column.key] = text
    typed.pop(PROBLEMS, None)
    if stuck:
        typed[PROBLEMS] = stuck
    return typed


def _is_blank(table: Table, row: RowOfTexts) -> bool:
    return all(
        not str(row.get(column.key, "")).strip()
        or str(row.get(column.key, "")) == column.default
        or column.kind == "yes"
        for column in table.columns
    )
