"""A table as offices print it: a title across, a line below it, boxed rows, a foot; A4, one page wide."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from core.xlsx import A4, TEXT, safe_text, saved

TITLE_FONT = Font(name="宋体", size=18, bold=True)
HEAD_FONT = Font(name="仿宋", size=12, bold=True)
BODY_FONT = Font(name="仿宋", size=12)
LINE = Side(style="thin", color="000000")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
LINE_HEIGHT = 17
SHORT = 12
"""Texts up to so many characters stand in the middle of their cell."""


def official_workbook(
    *,
    sheet: str,
    title: str,
    below: str,
    headers: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Any]],
    foot: str = "",
) -> bytes:
    """``below``: unit, month, when it was handed in; ``widths`` in characters, together an A4 page across."""
    book = Workbook()
    book.properties.creator, book.properties.title = "亲清通", title
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = sheet[:31]
    last = len(headers)
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    _across(page, 1, last, title, TITLE_FONT, CENTRE, 32)
    _across(page, 2, last, below, BODY_FONT, LEFT, 22)
    _write(page, 3, headers, widths, HEAD_FONT)
    line = 3
    for line, row in enumerate(rows, start=4):
        _write(page, line, row, widths, BODY_FONT)
    if foot:
        line += 1
        _across(page, line, last, foot, BODY_FONT, LEFT, LINE_HEIGHT * _lines(foot, sum(widths)) + 6)
    page.freeze_panes = "A4"
    page.print_title_rows = "3:3"
    page.print_area = f"A1:{get_column_letter(last)}{line}"
    page.page_setup.paperSize, page.page_setup.orientation = A4, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    return saved(book)


def _across(
    page: Worksheet, line: int, last: int, text: str, font: Font, alignment: Alignment, height: float
) -> None:
    cell = page.cell(line, 1, safe_text(text))
    cell.font, cell.alignment, cell.number_format = font, alignment, TEXT
    page.merge_cells(start_row=line, start_column=1, end_row=line, end_column=last)
    page.row_dimensions[line].height = height


def _write(page: Worksheet, line: int, values: Sequence[Any], widths: Sequence[int], font: Font) -> None:
    most = 1
    for column, (value, width) in enumerate(zip(values, widths, strict=True), 1):
        text = safe_text(value)
        cell = page.cell(line, column, text)
        cell.font, cell.border, cell.number_format = font, BOX, TEXT
        cell.alignment = CENTRE if len(text) <= SHORT else LEFT
        most = max(most, _lines(text, width))
    page.row_dimensions[line].height = min(LINE_HEIGHT * most + 6, 400)


def _lines(text: str, width: int) -> int:
    """A Chinese character is as wide as two of the standard font."""
    return sum(max(1, ceil(2 * len(part) / max(width - 1, 1))) for part in text.split("\n"))
