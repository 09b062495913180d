"""Reading sheets that offices upload, and writing sheets that open as they were meant.

Codes and phone numbers are text. A number of 16 digits or more has lost digits in Excel before we see
it, a formula has no value of its own and a merged cell belongs to no row: such cells carry a problem.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from math import ceil
from typing import IO, Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.properties import PageSetupProperties

from core.rehearsing import NOTICE, is_rehearsing
from core.width import display_width

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "@"
A4 = 9
MAX_COLUMNS = 60
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_PARTS = 1_000
MAX_MERGED = 2_000
MAX_BLANK_LINES = 5_000
"""After so many blank lines nothing more is looked for: many a sheet is formatted to its last line."""

# What a spreadsheet takes for a formula at the start of a cell, and the ' that tells it not to.
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_DIGITS_LOST_FROM = 1e15
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+(?::[A-Z]+\d+)?)"')

HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")


class SheetError(Exception):
    """The file cannot be used; the message says in Chinese what is wrong and what to do."""


@dataclass(frozen=True)
class Cell:
    text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.text for cell in self.cells)

    def texts(self) -> list[str]:
        return [cell.text for cell in self.cells]


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """A merged range, counted from 1 as Excel shows it; its text stands in the upper left cell."""

    left: int
    top: int
    right: int
    bottom: int

    def covers(self, line: int, column: int) -> bool:
        return self.top <= line <= self.bottom and self.left <= column <= self.right


class Book:
    """An uploaded workbook, read row by row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._package = _checked_package(file)
        self._merged: dict[str, list[Merged]] = {}
        try:
            file.seek(0)
            self._book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except Exception as error:  # openpyxl raises whatever the broken part made it stumble over
            raise SheetError(UNREADABLE) from error

    def sheet_names(self) -> list[str]:
        """The sheets a reader sees."""
        return [sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"]

    def rows(self, name: str, columns: int = MAX_COLUMNS) -> Iterator[Row]:
        """Every row of a sheet, blank ones included, so that the line is the one Excel shows."""
        sheet = self._book[name]
        areas = sorted(self.merged(name), key=lambda area: area.top, reverse=True)
        open_areas: list[Merged] = []
        try:
            sheet.reset_dimensions()
            blank = 0
            for line, cells in enumerate(sheet.iter_rows(max_col=columns), start=1):
                # A row numbered in the millions makes the reader fill in all that are missing before it.
                blank = 0 if any(cell.value is not None for cell in cells) else blank + 1
                if blank > MAX_BLANK_LINES:
                    return
                open_areas = [area for area in open_areas if area.bottom >= line]
                while areas and areas[-1].top <= line:
                    open_areas.append(areas.pop())
                inside = {column for area in open_areas for column in range(area.left, area.right + 1)}
                yield Row(
                    line, tuple(_read(cell, column in inside) for column, cell in enumerate(cells, start=1))
                )
        except Exception as error:
            raise SheetError(UNREADABLE) from error

    def merged(self, name: str) -> list[Merged]:
        """The merged ranges of a sheet; the streaming reader leaves them out, so they are looked up here."""
        if name not in self._merged:
            sheet: Any = self._book[name]
            content = self._package.read(sheet._worksheet_path.lstrip("/"))
            areas = [match[1].decode() for match in islice(_MERGED.finditer(content), MAX_MERGED + 1)]
            if len(areas) > MAX_MERGED:
                raise SheetError(f"合并单元格超过{MAX_MERGED}处：请全部取消合并后再上传。")
            try:
                bounds = [range_boundaries(area) for area in areas]
            except ValueError as error:
                raise SheetError(UNREADABLE) from error
            self._merged[name] = [
                Merged(left, top, min(right, MAX_COLUMNS), bottom)
                for left, top, right, bottom in bounds
                if left and top and right and bottom
            ]
        return self._merged[name]


UNREADABLE = "文件无法读取：请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"


def _checked_package(file: IO[bytes]) -> zipfile.ZipFile:
    """Refuses what is no workbook, and a small file that would unpack into a huge one."""
    try:
        package = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise SheetError(UNREADABLE) from error
    parts = package.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise SheetError("表格内容过大：请删除图片和多余的工作表，或分成几个文件上传。")
    return package


def _read(cell: Any, is_merged: bool) -> Cell:
    value = cell.value
    if is_merged:
        return Cell(cell_text(value), "是合并单元格，请取消合并，每行填写完整")
    if value is None:
        return Cell()
    if cell.data_type == "f":
        formula = str(getattr(value, "text", value))
        return Cell(formula, "是公式，请复制后用“选择性粘贴—数值”粘贴为文字")
    if cell.data_type == "e":
        return Cell(str(value), "是错误值，请改正")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _DIGITS_LOST_FROM:
        return Cell(f"{value:.5g}", "按数字保存，末尾几位已丢失：请把该列设为“文本”格式后重新填写完整")
    return Cell(cell_text(value))


def cell_text(value: Any) -> str:
    """A cell's value as its reader sees it; the guard of :func:`safe_text` is taken off again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_START) else text


# --- Writing --------------------------------------------------------------------------------------


def safe_text(value: Any) -> str:
    """Text that no spreadsheet will calculate, also after it was saved as CSV; XML can hold it."""
    text = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    return f"'{text}" if text.startswith(_FORMULA_START) else text


def text_workbook(
    *,
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[int] = (),
    wrapped: bool = False,
) -> bytes:
    """One sheet, a head line that stays, and nothing but text cells; memory does not grow with the rows.

    ``wrapped``: long texts stand whole in their cells, over several lines; needs the widths of all columns.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(title))
    sheet.freeze_panes = "A2"
    # Printed, all columns stand on one A4 page across, the head on each page.
    sheet.page_setup.paperSize, sheet.page_setup.orientation = A4, "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = "1:1"
    for number in range(1, len(headers) + 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = widths[number - 1] if number <= len(widths) else 16
        dimension.number_format = TEXT
    sheet.append([_text_cell(sheet, header, head=True) for header in headers])
    for line, row in enumerate(rows, start=2):
        if wrapped:
            sheet.row_dimensions[line].height = row_height(row, widths)
        sheet.append([_text_cell(sheet, value, wrapped=wrapped) for value in row])
    return saved(book)


_LINE = 15
"""Points, of a line of text."""
_HIGHEST = 409
"""That a row may be in Excel."""


def row_height(texts: Iterable[Any], widths: Iterable[float]) -> float:
    """Points that a row needs to show its wrapped cells whole. Not every program finds that out by itself."""
    lines = [_lines_of(str(text), width) for text, width in zip(texts, widths, strict=False) if text]
    return min(_HIGHEST, _LINE * max(lines, default=1) + 3)


def _lines_of(text: str, width: float) -> int:
    return sum(max(1, ceil(display_width(line) / max(1, width - 1))) for line in text.split("\n"))


def _text_cell(sheet: Any, value: Any, *, head: bool = False, wrapped: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=safe_text(value))
    cell.data_type = "s"
    cell.number_format = TEXT
    if head:
        style_head(cell)
    elif wrapped:
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def style_head(cell: Any) -> None:
    cell.font = Font(bold=True)
    cell.fill = HEAD_FILL
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    if is_rehearsing():
        for sheet in book.worksheets:
            header = sheet.oddHeader.center if sheet.oddHeader is not None else None
            if header is not None:
                header.text = f'&"SimHei,Regular"&16 {NOTICE}'
    book.save(buffer)
    return buffer.getvalue()


def download(content: bytes, filename: str) -> HttpResponse:
    """The workbook as a file to save, with a Chinese name that every browser understands."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
