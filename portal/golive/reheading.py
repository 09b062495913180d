"""A sheet whose heads nobody knows, with the heads the import knows: told by whoever uploads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.sheets import HEADER_WITHIN, Column
from core.xlsx import Book, SheetError, cell_text, saved

ALL = "全部是："
"""Before a word that holds for every row of a sheet without such a column."""


def rewritten(columns: Sequence[Column], file: IO[bytes], told: Mapping[str, str]) -> bytes:
    """The sheet with the told heads renamed, and a column added for what holds for every row.

    ``told`` is by the column's key: a head of the sheet, or ``ALL`` and a word.
    """
    Book(file)  # refuses what is no workbook, or would unpack into a huge one
    file.seek(0)
    book = load_workbook(file)
    titles = {column.key: column.title for column in columns}
    heads = {
        word: titles[key] for key, word in told.items() if word and key in titles and not word.startswith(ALL)
    }
    fixed = {
        titles[key]: word.removeprefix(ALL)
        for key, word in told.items()
        if word.startswith(ALL) and key in titles
    }
    for sheet in book.worksheets:
        line = _header(sheet, set(heads))
        if line:
            _rename(sheet, line, heads)
            _add(sheet, line, fixed)
            return saved(book)
    raise SheetError("表里没有这样的表头，请重新选择。")


def _header(sheet: Worksheet, heads: set[str]) -> int:
    """The line that has the most of the told heads."""
    counted = [
        (sum(cell_text(cell.value) in heads for cell in row), -number)
        for number, row in enumerate(sheet.iter_rows(max_row=HEADER_WITHIN), start=1)
    ]
    most, line = max(counted, default=(0, 0))
    return -line if most else 0


def _rename(sheet: Worksheet, line: int, heads: Mapping[str, str]) -> None:
    for cell in sheet[line]:
        if (title := heads.get(cell_text(cell.value))) is not None:
            cell.value = title


def _add(sheet: Worksheet, line: int, fixed: Mapping[str, str]) -> None:
    last = sheet.max_column
    for place, (title, word) in enumerate(fixed.items(), start=last + 1):
        sheet.cell(row=line, column=place, value=title)
        rows = sheet.iter_rows(min_row=line + 1, max_col=last)
        for number, row in enumerate(rows, start=line + 1):
            if any(cell_text(cell.value) for cell in row):
                sheet.cell(row=number, column=place, value=word)
