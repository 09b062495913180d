"""All units' tables of a week: a zip of files, one workbook, and the matrix with the units as columns.

The figures of a whole district are fetched together, so that writing costs queries by the source and not by
the unit; see ``reports.figures``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.xlsx import safe_text, saved
from reports import figures
from reports.figures import Figures, SummaryLine
from reports.models import ReportingPeriod, SituationTable
from reports.workbook import (
    BODY_FONT,
    BOX,
    CENTRE,
    HEAD_FONT,
    LEFT,
    Sheet,
    file_name,
    fill_form,
    fill_summary,
    filled_workbook,
    new_book,
    number,
    number_format,
    one_page,
    summary_workbook,
)

MATRIX_SHEET = "各单位对照"
LONGEST_TITLE = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
STANDING = Alignment(horizontal="center", vertical="center", wrap_text=True, textRotation=255)

Advance = Callable[[int], None]


@dataclass
class Bundle:
    """A week's tables of all its units, with their figures."""

    period: ReportingPeriod

    @cached_property
    def tables(self) -> list[SituationTable]:
        return tables_of(self.period)

    @cached_property
    def figures(self) -> dict[int, Figures]:
        """By unit."""
        return figures.figures(self.period, self.tables)

    @cached_property
    def summary(self) -> list[SummaryLine]:
        return figures.summary(self.period, self.tables, self.figures)

    @property
    def steps(self) -> int:
        """How many steps writing it takes, for whoever shows the progress: one a unit, one for the district."""
        return len(self.tables) + 1


def tables_of(period: ReportingPeriod) -> list[SituationTable]:
    """The tables in force, in the order of the district's units."""
    tables = period.tables.in_force().select_related("unit", "submitted_by")
    found = list(tables.order_by("unit__order", "unit_id"))
    for table in found:
        table.period = period
    return found


def write_zip(bundle: Bundle, file: IO[bytes], advance: Advance = lambda done: None) -> None:
    """A file a unit, the district's summary and the workbook that holds everything.

    The same tables make the same bytes: entries carry the time of the cut-off, not that of the writing.
    """
    period, entries = bundle.period, figures.latest_entries(bundle.tables)
    at = localtime(period.end).timetuple()[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, at), content, zipfile.ZIP_DEFLATED)

        for place, table in enumerate(bundle.tables, 1):
            content = filled_workbook(table, bundle.figures[table.unit_id], entries.get(table.pk, {}))
            add(f"{place:02d}_{file_name(period, table.unit.short_name)}", content)
            advance(place)
        add(file_name(period, f"{period.rules.name}汇总"), summary_workbook(period, bundle.summary))
        add(file_name(period, "全部单位"), everything(bundle))
        advance(bundle.steps)


def everything(bundle: Bundle, advance: Advance = lambda done: None) -> bytes:
    """One workbook: the summary, the matrix, and a sheet a unit."""
    book = new_book(bundle.period)
    fill_summary(book, bundle.period, bundle.summary)
    fill_matrix(book.create_sheet(MATRIX_SHEET), bundle)
    for place, table in enumerate(bundle.tables, 1):
        sheet = Sheet(bundle.period, table.unit.name, bundle.figures[table.unit_id])
        fill_form(book.create_sheet(), sheet, _free_title(book, table.unit.short_name))
        advance(place)
    return saved(book)


def _free_title(book: Workbook, name: str) -> str:
    """A sheet's title: short enough, without what Excel forbids, and given to no other sheet."""
    title = name.translate(_NOT_IN_TITLES).strip("'")[:LONGEST_TITLE] or "单位"
    taken, free, number = {each.lower() for each in book.sheetnames}, title, 1
    while free.lower() in taken:
        number += 1
        suffix = f"_{number}"
        free = title[: LONGEST_TITLE - len(suffix)] + suffix
    return free


def matrix_workbook(bundle: Bundle) -> bytes:
    book = new_book(bundle.period)
    sheet = book.worksheets[0]
    sheet.title = MATRIX_SHEET
    fill_matrix(sheet, bundle)
    return saved(book)


def fill_matrix(sheet: Worksheet, bundle: Bundle) -> None:
    """The form's rows down, the units across, and the district at the end, on one A4 page across."""
    period = bundle.period
    heads = ["序号", "工作内容", *(table.unit.short_name for table in bundle.tables), "合计", "去重"]
    start, end = localtime(period.start), localtime(period.end)
    title = f"{''.join(period.rules.form.title_lines)}（{start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}）"
    _put(sheet, 1, 1, safe_text(title), HEAD_FONT, LEFT)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    for column, head in enumerate(heads, 1):
        _put(sheet, 2, column, safe_text(head), HEAD_FONT, STANDING if column > 2 else CENTRE)
        sheet.column_dimensions[get_column_letter(column)].width = {1: 6, 2: 46}.get(column, 8)
    sheet.row_dimensions[2].height = 110
    for line, summed in enumerate(bundle.summary, 3):
        row = summed.row
        _put(sheet, line, 1, row.no, BODY_FONT, CENTRE)
        label = f"{row.group}：{row.item}" if row.group else row.item
        _put(sheet, line, 2, safe_text(label), BODY_FONT, LEFT)
        values = [bundle.figures[table.unit_id][row.no].week for table in bundle.tables]
        for column, value in enumerate([*values, summed.added.week, summed.once.week], 3):
            _put(sheet, line, column, number(value), BODY_FONT, CENTRE).number_format = number_format(row)
        sheet.row_dimensions[line].height = 34
    sheet.freeze_panes = "C3"
    sheet.print_title_rows, sheet.print_title_cols = "1:2", "A:B"
    one_page(sheet, f"A1:{get_column_letter(len(heads))}{sheet.max_row}", landscape=True)


def _put(sheet: Worksheet, line: int, column: int, value: Any, font: Font, alignment: Alignment) -> Any:
    cell = sheet.cell(line, column, value)
    cell.font, cell.alignment, cell.border = font, alignment, BOX
    return cell
