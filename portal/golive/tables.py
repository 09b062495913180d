"""Tables of a setup: rows of texts that come from a sheet, a paste or the page, judged cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from openpyxl.utils import get_column_letter
from pypinyin import Style, lazy_pinyin

from core.search import normalise
from core.sheets import Column, Layout, keys_of, open_sheet, says_nothing
from core.xlsx import Book, Row, SheetError

if TYPE_CHECKING:
    from portal.golive.draft import Draft

LINE, PLACES, PROBLEMS = "_line", "_places", "_problems"
"""Beside the columns of a stored row: the line of the sheet it came from, the sheet's name with the letters of its
columns, what its cells could not say."""
SHEET = "_sheet"
"""Among the places: the sheet's name."""
MERGED = "合并单元格"
LOOKED_AT = 20
MOST_LINES = 12
_LINE = re.compile(r"第 (\d+) 行")
RowOfTexts = dict[str, Any]
_IDLE = re.compile(r"\s*(备\s*注|说\s*明|序\s*号?|编\s*号)\s*")
YES = {"是", "√", "✓", "y", "yes", "1", "对", "有"}
NO = {"否", "×", "n", "no", "0", "不", "无"}


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a part of the step, a row of it (from 0), a column."""

    text: str
    part: str = ""
    row: int | None = None
    key: str = ""
    place: str = ""
    """The place in words: “第 5 行 联系电话”."""
    warning: bool = False
    """To look at, but no reason not to go on."""

    @property
    def words(self) -> str:
        return f"{self.place}：{self.text}" if self.place else self.text


Choices = Callable[["Draft"], Sequence[tuple[str, str]]]
"""(what is stored in the profile, what people call it)"""


@dataclass(frozen=True)
class Col(Column):
    """A column of a setup's table. ``kind`` says how its text becomes a value."""

    kind: str = "text"
    """text · yes (bool) · choice · choices (several, 、 between) · words (several) · number · day"""
    options: Choices | None = None
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Words people use, in plain form, and the code they stand for."""
    example: str = ""
    default: str = ""
    """The text a new row has."""


NUMBER = Column("_no", "序号", 10, "", aliases=("编号", "序", "NO", "No."))
"""Tells a header, and is not kept."""


@dataclass(frozen=True)
class Table:
    code: str
    title: str
    columns: tuple[Col, ...]
    help: str = ""
    examples: tuple[tuple[str, ...], ...] = ()
    """Rows of the template; one row of the columns' own examples where empty."""
    needed: bool = False
    most: int = 2000
    initial: Callable[[Draft], list[RowOfTexts]] | None = None
    """The rows before anybody typed any: what the template district has."""
    uploads: bool = True

    @property
    def kind(self) -> str:
        return "table"

    def column(self, key: str) -> Col:
        return next(column for column in self.columns if column.key == key)

    def blank(self) -> RowOfTexts:
        return {column.key: column.default for column in self.columns}


# --- From a sheet, a paste, the page --------------------------------------------------------------


class UnknownHeader(SheetError):
    """No row of the sheet could be read as the header; ``heads`` is the most likely one, to choose from."""

    def __init__(self, message: str, heads: list[str]) -> None:
        super().__init__(message)
        self.heads = heads


@dataclass(frozen=True)
class ReadSheet:
    rows: list[RowOfTexts]
    heads: list[str]
    """Those of the sheet."""
    unused: list[str]
    """Heads of columns that say something and were not read."""


def read_sheet(table: Table, file: IO[bytes], mapping: Mapping[str, str] | None = None) -> ReadSheet:
    """The rows of an uploaded sheet. ``mapping`` says which head stands for which column, where one was asked."""
    columns = [
        replace(column, aliases=(*column.aliases, mapping[column.key]))
        if mapping and mapping.get(column.key)
        else column
        for column in table.columns
    ]
    try:
        sheet = open_sheet(file, [*columns, NUMBER])
    except SheetError as error:
        if "表头" not in str(error):
            raise
        file.seek(0)
        raise UnknownHeader(str(error), likely_header(Book(file))) from None
    filler = _Filler(sheet.book, sheet.layout.sheet)
    rows: list[RowOfTexts] = []
    for row in sheet.rows():
        cells = filler.filled(row, sheet.layout)
        if cells is not None:
            stored = _stored(table, row, cells, sheet.layout)
            if any(stored[column.key] for column in table.columns):
                rows.append(stored)
        if len(rows) > table.most:
            raise SheetError(f"超过 {table.most} 行：请核对是否传错了表。")
    if not rows:
        raise SheetError("表头下面没有数据。")
    heads = [head for head in sheet.layout.headers if head]
    return ReadSheet(rows, heads, unused_heads(sheet.layout))


def unused_heads(layout: Layout) -> list[str]:
    """Heads of columns that say something and are not read."""
    used = set(layout.places.values())
    return [
        head
        for place, head in enumerate(layout.headers)
        if head and place not in used and not _IDLE.fullmatch(head)
    ]


def likely_header(book: Book) -> list[str]:
    """Among the first lines the one with the most short words."""
    best: list[str] = []
    for name in book.sheet_names():
        for row in islice(book.rows(name), LOOKED_AT):
            words = [text for text in row.texts() if text and len(text) <= 20 and not text.isdigit()]
            if len(words) > len(best):
                best = words
    return best


class _Filler:
    """Merged cells: one that reaches over several lines counts for each of them, as people read it."""

    def __init__(self, book: Book, sheet: str) -> None:
        self._areas = sorted(book.merged(sheet), key=lambda area: area.top)
        self._texts: dict[int, str] = {}

    def filled(self, row: Row, layout: Layout) -> list[tuple[str, str]] | None:
        """(text, problem) of each cell; None for a heading between the rows, and a row only merged cells fill."""
        cells: list[tuple[str, str]] = []
        own = 0
        wide = False
        for place, cell in enumerate(row.cells):
            if MERGED not in cell.problem:
                own += bool(cell.text)
                cells.append((cell.text, cell.problem))
                continue
            area = next(
                (number for number, area in enumerate(self._areas) if area.covers(row.line, place + 1)), None
            )
            found = self._areas[area] if area is not None else None
            if found is None or place + 1 != found.left:
                cells.append(("", ""))
                continue
            wide |= found.right - found.left >= 2
            if row.line == found.top:
                self._texts[area or 0] = cell.text
            cells.append((self._texts.get(area or 0, ""), ""))
        if own == 0 and (wide or not any(text for text, _ in cells)):
            return None
        return cells if own else None


def _stored(table: Table, row: Row, cells: list[tuple[str, str]], layout: Layout) -> RowOfTexts:
    stored: RowOfTexts = {LINE: row.line, PLACES: sheet_places(layout)}
    problems: dict[str, str] = {}
    for column in table.columns:
        place = layout.places.get(column.key)
        text, problem = cells[place] if place is not None and place < len(cells) else ("", "")
        stored[column.key] = text[:1000]
        if problem:
            problems[column.key] = problem
    if problems:
        stored[PROBLEMS] = problems
    return stored


def sheet_places(layout: Layout) -> dict[str, str]:
    """The letters of the sheet's columns by their keys, and its name."""
    letters = {key: get_column_letter(place + 1) for key, place in layout.places.items()}
    return {SHEET: layout.sheet, **letters}


def read_paste(table: Table, text: str) -> list[RowOfTexts]:
    """Rows copied from Excel or typed: tabs (or commas) between the columns; a first line of heads is understood."""
    lines = [
        re.split(r"\t|,|，", line) if "\t" not in line else line.split("\t")
        for line in text.replace("\0", " ").splitlines()
        if line.strip()
    ]
    if not lines:
        return []
    keys = keys_of([cell.strip() for cell in lines[0]], table.columns)
    if sum(1 for key in keys if key) >= 2 or (len(lines[0]) == 1 and keys[0]):
        lines = lines[1:]
    else:
        keys = [column.key for column in table.columns]
    rows = []
    for cells in lines[: table.most]:
        row = dict.fromkeys((column.key for column in table.columns), "")
        row.update(
            {key: cell.strip()[:1000] for key, cell in zip(keys, cells, strict=False) if key and cell.strip()}
        )
        rows.append(row)
    return rows


# --- Judging --------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """As compared: half-width, lower case, without blanks."""
    return normalise(text).replace(" ", "")


def split_words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[、,，;；/+＋\n]", text) if word.strip()]


def is_empty(table: Table, row: RowOfTexts) -> bool:
    return all(
        says_nothing(str(row.get(column.key, ""))) or str(row.get(column.key, "")) == column.default
        for column in table.columns
    )


def where(row: RowOfTexts, number: int, column: Column | None = None) -> str:
    """The line as Excel shows it, where the row came from a sheet; with a column, the cell."""
    line = row.get(LINE) or number + 1
    if column is None:
        return f"第 {line} 行"
    return f"{cell_address(row.get(PLACES) or {}, line, column.key)}第 {line} 行 {column.title}"


def cell_address(places: Mapping[str, str], line: int, key: str) -> str:
    """“干部”F30，; nothing where the column is not in the sheet."""
    return f"“{places[SHEET]}”{places[key]}{line}，" if places.get(key) else ""


def told_together(problems: Iterable[Problem]) -> list[str]:
    """In words; the same mistake of many rows once, with their lines."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for number, problem in enumerate(problems):
        same = (problem.part, problem.key, problem.text) if problem.row is not None else ("", "", str(number))
        alike.setdefault(same, []).append(problem)
    return [together([problem.words for problem in group]) for group in alike.values()]


def together(words: Sequence[str]) -> str:
    """The first of some sentences that say the same, with the lines of the others."""
    lines = [match[1] for text in words[1:] if (match := _LINE.search(text))]
    if not lines:
        return words[0]
    more = "、".join(lines[:MOST_LINES]) + ("……" if len(lines) > MOST_LINES else "")
    return f"{words[0]}（同样的还有 {len(lines)} 行：第 {more} 行）"


def judge(table: Table, rows: Sequence[RowOfTexts], draft: Draft) -> tuple[list[Values], list[Problem]]:
    """The values of every row that is no blank, with its number in ``_row``, and every problem of every cell."""
    values, problems = [], []
    reader = _CellReader(table, draft)
    for number, row in enumerate(rows):
        if is_empty(table, row):
            continue
        found: Values = {"_row": number}
        for column in table.columns:
            text = str(row.get(column.key, "")).strip()
            stuck = (row.get(PROBLEMS) or {}).get(column.key, "")
            try:
                if stuck:
                    raise ValidationError(stuck)
                found[column.key] = reader.value(column, text)
            except ValidationError as error:
                problems.append(
                    Problem(
                        "".join(error.messages),
                        table.code,
                        number,
                        column.key,
                        where(row, number, column),
                    )
                )
        values.append(found)
    if table.needed and not values:
        problems.append(Problem(f"{table.title}：还没有填", table.code))
    return values, problems


Values = dict[str, Any]


class _CellReader:
    """One pass over a table: what the choices are called is asked once."""

    def __init__(self, table: Table, draft: Draft) -> None:
        self._options = {
            column.key: list(column.options(draft)) for column in table.columns if column.options is not None
        }
        self._known = {
            key: {
                **{
                    plain(word): code
                    for word, code in table.column(key).synonyms.items()
                    if any(code == one for one, _ in options)
                },
                **{plain(code): code for code, _ in options},
                **{plain(label): code for code, label in options},
            }
            for key, options in self._options.items()
        }

    def value(self, column: Col, text: str) -> Any:
        if says_nothing(text) and not (column.kind == "yes" and text):
            if column.needed:
                raise ValidationError("必填")
            empty: dict[str, Any] = {"yes": False, "choices": (), "words": (), "number": None}
            return empty.get(column.kind, "")
        if text.startswith("="):
            raise ValidationError("是公式，请改成文字或数字")
        if len(text) > column.max_length:
            raise ValidationError(f"有{len(text)}字，最多{column.max_length}字")
        match column.kind:
            case "yes":
                return _yes_or_no(text)
            case "choice":
                return self._choice(column, text)
            case "choices":
                return tuple(dict.fromkeys(self._choice(column, word) for word in split_words(text)))
            case "words":
                return tuple(split_words(text))
            case "number":
                return _number(text)
        return column.clean(text) if column.clean else text

    def _choice(self, column: Col, text: str) -> str:
        found = self._known[column.key].get(plain(text))
        if found is None:
            offered = [label for _, label in self._options[column.key]]
            shown = "、".join(offered[:12]) + ("……" if len(offered) > 12 else "")
            raise ValidationError(
                f"不认识“{text[:30]}”，应为：{shown}" if offered else f"不认识“{text[:30]}”"
            )
        return found


def _yes_or_no(text: str) -> bool:
    word = plain(text)
    if word in YES or word in NO:
        return word in YES
    raise ValidationError("请填“是”或“否”")


def _number(text: str) -> int:
    word = normalise(text)
    if not word.isdecimal() or len(word) > 6:
        raise ValidationError("应为整数")
    return int(word)


def unknown_words(table: Table, key: str, rows: Iterable[RowOfTexts], draft: Draft) -> list[str]:
    """Words in a column of choices that stand for nothing: to be told once for all their rows."""
    column = table.column(key)
    reader = _CellReader(table, draft)
    found: dict[str, None] = {}
    for row in rows:
        text = str(row.get(key, "")).strip()
        for word in split_words(text) if column.kind == "choices" else [text]:
            if says_nothing(word) or not word:
                continue
            try:
                reader.value(replace(column, kind="choice"), word)
            except ValidationError:
                found[word] = None
    return list(found)


def replace_word(table: Table, key: str, rows: Iterable[RowOfTexts], word: str, by: str) -> list[RowOfTexts]:
    """Every cell of the column that says the word says the other one."""
    several = table.column(key).kind == "choices"
    changed = []
    for row in rows:
        text = str(row.get(key, ""))
        words = split_words(text) if several else [text]
        if any(plain(one) == plain(word) for one in words):
            row = {**row, key: "、".join(by if plain(one) == plain(word) else one for one in words)}
        changed.append(row)
    return changed


# --- Codes ----------------------------------------------------------------------------------------


def code_of(name: str, taken: set[str], otherwise: str, *, whole: bool = False) -> str:
    """A code for a name, from its pinyin: initials, or whole syllables; numbered where it is taken."""
    style = Style.NORMAL if whole else Style.FIRST_LETTER
    letters = "".join(lazy_pinyin(normalise(name), style=style, errors=lambda text: text))
    letters = re.sub(r"[^a-z0-9]", "", letters.lower().replace("ü", "v"))[:30]
    base = letters if re.match(r"[a-z]", letters) else f"{otherwise}{letters}"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}{number}", number + 1
    taken.add(code)
    return code
