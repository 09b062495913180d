"""Sheets people fill in: their columns, the template, finding the columns in somebody's file, bad rows back."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.search import normalise
from core.xlsx import TEXT, Book, Merged, Row, SheetError, safe_text, saved, style_head, text_workbook

MAX_ROWS = 20_000
HEADER_WITHIN = 20
HEADER_LINES = 4
PROBLEM_TITLE = "问题"

# What people write into a cell to say that there is nothing, and the rows that are no entries.
_NOTHING = re.compile(r"[-/\\|_.—–―一]*|无|没有|空|暂无|暂缺|待补|n/a")
_TOTAL = re.compile(r"(合计|总计|小计|共计|本页小计|本页合计)([:(].*|\d+[家户个项条]?)?")
_FOOT = re.compile(
    r"(备?注|说明|填报说明|填[报表](人|单位|日期|时间)|制表人?|审核人?|(单位|主要)?负责人|主要领导)"
    r"(签[字章名])?(\(.*\))?:.*"
)


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    max_length: int
    hint: str
    width: int = 16
    needed: bool = False
    """Must stand in the sheet and be filled in every row."""
    expected: bool = False
    """Must stand in the sheet; a row may leave it empty."""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    clean: Callable[[str], str] | None = None
    """The text as it is stored; raises ``ValidationError`` with what is wrong."""
    private: bool = False
    """A phone: masked in the preview."""

    def is_called(self, title: str) -> bool:
        return title in {_plain(name) for name in (self.title, str(self.title), *self.aliases)}

    def is_surely_called(self, title: str) -> bool:
        """Also where the word alone may be about somebody else: “电话” under “包保干部”."""
        return (
            self.is_called(title)
            if self.needed or self.expected
            else title in {_plain(self.title), _plain(str(self.title))}
        )


def _plain(title: str) -> str:
    """A head without blanks, line breaks, stars and colons: how people decorate them."""
    return re.sub(r"[\s*:]", "", normalise(title))


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """Where the known columns stand in somebody's sheet."""

    sheet: str
    header_line: int
    headers: list[str]
    places: dict[str, int] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """What stands further right than the last head is nobody's column."""
        return len(self.headers)


@dataclass(frozen=True)
class Sheet:
    layout: Layout
    book: Book

    def rows(self) -> Iterator[Row]:
        """The rows below the header that say anything, cut or filled up to the header's width.

        A header that is repeated for printing, a line of totals and the signatures below are no rows.
        """
        found = 0
        for row in self.book.rows(self.layout.sheet, self.layout.width):
            if row.line <= self.layout.header_line or row.is_blank or self._is_no_entry(row):
                continue
            found += 1
            if found > MAX_ROWS:
                raise SheetError(f"超过{MAX_ROWS:,}行：请分成几个文件上传。")
            yield row

    def _is_no_entry(self, row: Row) -> bool:
        texts = [*row.texts(), *([""] * self.layout.width)]
        first = _plain_text(next(filter(None, texts)))
        if _TOTAL.fullmatch(first) or _FOOT.fullmatch(first):
            return True
        heads = [(self.layout.headers[place], texts[place]) for place in self.layout.places.values()]
        return all(_plain(head) == _plain(text) for head, text in heads)


def says_nothing(text: str) -> bool:
    """Empty, or filled with “/”, “无”, “暂缺” …"""
    return _NOTHING.fullmatch(_plain_text(text)) is not None


def _plain_text(text: str) -> str:
    return normalise(text).replace(" ", "")


def clean_day(text: str) -> str:
    """A day as Excel or people write it: 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日."""
    words = normalise(text).replace("年", "-").replace("月", "-").replace("日", "")
    numbers = words.replace("/", "-").replace(".", "-").split(" ")[0].split("-")
    try:
        found = parse_date("-".join(number.zfill(2) for number in numbers))
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise ValidationError("不是日期，请写成 2026-03-01 这样")
    return found.isoformat()


def clean_amount(text: str) -> str:
    """万元, with or without the unit, separators and full-width digits; which amounts are sensible, the service says."""
    try:
        amount = Decimal(normalise(text).replace(",", "").removesuffix("万元").strip())
    except InvalidOperation:
        raise ValidationError("应为数字，单位万元") from None
    if not amount.is_finite() or abs(amount.adjusted()) > 20:
        raise ValidationError("应为数字，单位万元")
    return str(amount)


def open_sheet(file: IO[bytes] | Any, columns: Sequence[Column]) -> Sheet:
    """The visible sheet whose header is known; a title above it and another order do no harm.

    Several such sheets with rows are refused: nobody would notice that all but one were left out.
    """
    book = Book(file)
    found: list[Sheet] = []
    best: Layout | None = None
    for name in book.sheet_names():
        layout = _find_header(book, name, columns)
        if layout and not _missing(layout, columns):
            found.append(Sheet(layout, book))
        elif layout and (best is None or len(layout.places) > len(best.places)):
            best = layout
    if found:
        return _only(found, columns)
    wanted = "、".join(str(column.title) for column in columns if column.needed or column.expected)
    if best is None:
        raise SheetError(f"没有找到表头：前{HEADER_WITHIN}行中应有一行写明{wanted}。请使用下载的模板填写。")
    missing = "、".join(f"“{title}”" for title in _missing(best, columns))
    raise SheetError(f"第{best.header_line}行的表头缺少{missing}列。请对照模板补上后再上传。")


def _only(found: Sequence[Sheet], columns: Sequence[Column]) -> Sheet:
    filled = found
    if len(found) > 1:
        filled = [sheet for sheet in found if next(sheet.rows(), None)]
    if len(filled) > 1:
        names = "、".join(f"“{sheet.layout.sheet}”" for sheet in filled)
        raise SheetError(
            f"工作表{names}中都有数据：一次只导入一张。请把其余的删去或隐藏，或合并成一张后再上传。"
        )
    sheet = (filled or found)[0]
    _refuse_double_columns(sheet.layout, columns)
    return sheet


def _find_header(book: Book, name: str, columns: Sequence[Column]) -> Layout | None:
    """The row, among the first ones, with the most known heads; one known word alone is no header.

    Heads merged over several lines, and heads grouped under a merged one, are taken together.
    """
    lines = [row.texts() for row in islice(book.rows(name), HEADER_WITHIN + HEADER_LINES)]
    heads = _Heads(lines, book.merged(name))
    best: Layout | None = None
    for line in range(1, min(len(lines), HEADER_WITHIN) + 1):
        top, bottom = heads.block(line)
        headers = heads.read(top, bottom, columns)
        places = {
            column.key: place
            for column in columns
            for place, title in reversed(list(enumerate(headers)))
            if title and column.is_called(_plain(title))
        }
        if len(places) >= 2 and (best is None or len(places) > len(best.places)):
            best = Layout(name, bottom, headers, places)
    return best


class _Heads:
    """The first lines of a sheet, with what is merged in them."""

    def __init__(self, lines: Sequence[Sequence[str]], merged: Iterable[Merged]) -> None:
        self.lines = lines
        self.width = max(map(len, lines), default=0)
        self.merged = [
            area for area in merged if area.top <= len(lines) and area.bottom - area.top < HEADER_LINES
        ]

    def block(self, line: int) -> tuple[int, int]:
        """The lines that make up the header, if this is one of them."""
        top = bottom = line
        for area in self.merged:
            if area.top <= line <= area.bottom and self._text(area.top, area.left):
                top, bottom = min(top, area.top), max(bottom, area.bottom)
        if self._is_grouping(top - 1):
            top -= 1
        below = {place for place, text in enumerate(self._line(bottom + 1)) if text}
        if len(below) > 1 and self._is_grouping(bottom) and below <= self._groups(bottom):
            bottom += 1
        return top, bottom

    def read(self, top: int, bottom: int, columns: Sequence[Column]) -> list[str]:
        """One head a column: with the word it is grouped under, where that makes it a known one.

        Under a group, an everyday word (电话, 职务) may be about somebody else and counts for nothing.
        """
        headers = []
        for place in range(self.width):
            group, word = self._stack(place, top, bottom)
            if group and not any(column.is_surely_called(_plain(word)) for column in columns):
                word = group + word
            headers.append(word)
        while headers and not headers[-1]:
            headers.pop()
        return headers

    def _stack(self, place: int, top: int, bottom: int) -> tuple[str, str]:
        """The lowest word over a column, and the one that stands over it and its neighbours."""
        for line in range(bottom, top - 1, -1):
            word = self._text(line, place + 1) or self._hanging(line, place + 1)
            if word:
                return (self._group(line - 1, place + 1) if line > top else ""), word
        return "", ""

    def _hanging(self, line: int, column: int) -> str:
        """The text of a merged range that reaches down to this cell."""
        for area in self.merged:
            if area.left == column and area.covers(line, column):
                return self._text(area.top, area.left)
        return ""

    def _group(self, line: int, column: int) -> str:
        for area in self.merged:
            if area.right > area.left and area.bottom == line and area.covers(line, column):
                return self._text(area.top, area.left)
        return ""

    def _groups(self, line: int) -> set[int]:
        """The places that stand under a merged head of this line."""
        return {place for place in range(self.width) if self._group(line, place + 1)}

    def _is_grouping(self, line: int) -> bool:
        """Has a head over several columns; a title alone, or “填报单位：大通镇”, is none."""
        texts = [text for text in self._line(line) if text]
        return len(texts) > 1 and ":" not in normalise("".join(texts)) and bool(self._groups(line))

    def _line(self, line: int) -> Sequence[str]:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ()

    def _text(self, line: int, column: int) -> str:
        found = self._line(line)
        return found[column - 1] if 0 < column <= len(found) else ""


def _missing(layout: Layout, columns: Sequence[Column]) -> list[str]:
    return [
        str(column.title)
        for column in columns
        if (column.needed or column.expected) and column.key not in layout.places
    ]


def _refuse_double_columns(layout: Layout, columns: Sequence[Column]) -> None:
    titles = [_plain(title) for title in layout.headers]
    for column in columns:
        if sum(1 for title in titles if title and column.is_called(title)) > 1:
            raise SheetError(f"表头中“{column.title}”出现了不止一次，请只保留一列。")


def keys_of(headers: Iterable[str], columns: Sequence[Column]) -> list[str]:
    """Which column each head of a sheet stands for; "" for those we do not read."""
    titles = [_plain(header) for header in headers]
    return [
        next((column.key for column in columns if title and column.is_called(title)), "") for title in titles
    ]


# --- Writing --------------------------------------------------------------------------------------


def template(
    title: str,
    columns: Sequence[Column],
    choices: Mapping[str, Sequence[str]],
    notes: Sequence[str] = (),
    examples: Sequence[Sequence[str]] = (),
) -> bytes:
    """A sheet to fill in: all text, with lists to choose from, and a page that explains.

    ``choices`` are the words a column takes, by its key, where they are not the same for everybody.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = str(title)
    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 30
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        head = sheet.cell(row=1, column=number, value=f"{column.title}{'*' if column.needed else ''}")
        style_head(head)
        if column.hint:
            head.comment = Comment(str(column.hint), "亲清通", width=220, height=70)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = TEXT
        offered = tuple(choices.get(column.key, column.choices))
        if offered:
            _offer(sheet, lists, letter, column, offered)
    for line, example in enumerate(examples, start=2):
        for number, text in enumerate(example, start=1):
            cell = sheet.cell(row=line, column=number, value=safe_text(text) or None)
            cell.number_format = TEXT
    _explain(book, columns, notes)
    return saved(book)


def _offer(sheet: Worksheet, lists: Worksheet, letter: str, column: Column, choices: tuple[str, ...]) -> None:
    for line, choice in enumerate(choices, start=1):
        lists[f"{letter}{line}"] = choice
    where = f"{quote_sheetname(lists.title)}!${letter}$1:${letter}${len(choices)}"
    rule = DataValidation("list", formula1=where, allow_blank=not column.needed, showErrorMessage=True)
    rule.errorTitle, rule.error = str(column.title), "请从下拉框中选择。"
    rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
    sheet.add_data_validation(rule)


def _explain(book: Workbook, columns: Iterable[Column], notes: Iterable[str]) -> None:
    sheet = book.create_sheet("填写说明")
    sheet.append(["栏目", "是否必填", "怎样填"])
    for cell in sheet[1]:
        style_head(cell)
    for column in columns:
        needed = "必填" if column.needed else "选填"
        sheet.append(
            [
                str(column.title),
                needed,
                "；".join(filter(None, [str(column.hint), f"不超过{column.max_length}字"])),
            ]
        )
    for note in notes:
        sheet.append([])
        sheet.append([str(note)])
        sheet.cell(row=sheet.max_row, column=1).font = Font(italic=True)
    for letter, width in (("A", 24), ("B", 12), ("C", 60)):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True)


def rejects(title: str, headers: list[str], bad: Iterable[tuple[list[str], list[dict]]]) -> bytes:
    """The bad rows (cells, errors) as they were in the sheet, with a last column that says what is wrong."""
    # A sheet that was handed back before carries that column already.
    old = [place for place, head in enumerate(headers) if _plain(head) == PROBLEM_TITLE]

    def as_uploaded(cells: list[str]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place not in old]

    return text_workbook(
        title=title,
        headers=[*as_uploaded(headers), PROBLEM_TITLE],
        rows=([*as_uploaded(cells), problem_text(errors)] for cells, errors in bad),
        widths=[*([18] * len(as_uploaded(headers))), 60],
    )


def problem_text(errors: list[dict]) -> str:
    return "；".join(
        f"{error['title']}：{error['text']}" if error["title"] else error["text"] for error in errors
    )
