"""A kept sheet with words that nobody knows replaced, as whoever uploaded it has told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from openpyxl import load_workbook

from core.sheets import Column, open_sheet
from core.xlsx import cell_text, saved
from portal.golive.tables import plain


def reworded(columns: Sequence[Column], file: IO[bytes], told: Mapping[tuple[str, str], str]) -> bytes:
    """``told`` is by the column's key and the word: what each cell of the column that says it is to say."""
    layout = open_sheet(file, columns).layout
    words = {(key, plain(word)): by for (key, word), by in told.items() if by}
    file.seek(0)
    book = load_workbook(file)
    for cells in book[layout.sheet].iter_rows(min_row=layout.header_line + 1):
        for key, place in layout.places.items():
            if place < len(cells):
                by = words.get((key, plain(cell_text(cells[place].value))))
                if by is not None:
                    cells[place].value = by
    return saved(book)
