"""The weekly table as .xlsx, in the exact shape of 附件3, for Excel, WPS and LibreOffice alike.

The first sheet is the form and nothing else. Cumulative figures, definitions and the reasons of what was
entered by hand stand on a second sheet, so that the form stays as printed in the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from core.xlsx import safe_text, saved
from districts.profile import FormRow, WeeklyForm
from reports import figures
from reports.figures import Figure, SummaryLine
from reports.models import HandEntry, ReportingPeriod, SituationTable

FORM_SHEET = "工作情况表"
NOTES_SHEET = "累计与说明"
TITLE_FONT = Font(name="宋体", size=18, bold=True)
BODY_FONT = Font(name="仿宋", size=12)
HEAD_FONT = Font(name="仿宋", size=12, bold=True)
SMALL_FONT = Font(name="仿宋", size=10)
SMALL_HEAD = Font(name="仿宋", size=10, bold=True)
LINE = Side(style="thin", color="000000")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
A4 = 9
# Sequence number, group, item and figure, in characters of the standard font; together an A4 page wide.
FORM_WIDTHS = (7, 24, 46, 16)
WITH_CUMULATIVE = (7, 22, 38, 13, 13)
LINE_HEIGHT = 17


@dataclass(frozen=True)
class Sheet:
    """What a form is filled with."""

    period: ReportingPeriod
    unit_name: str
    figures: Mapping[int, Figure]

    @property
    def form(self) -> WeeklyForm:
        return self.period.rules.form

    @property
    def widths(self) -> tuple[int, ...]:
        return WITH_CUMULATIVE if self.form.shows_cumulative else FORM_WIDTHS


def file_name(period: ReportingPeriod, unit_name: str) -> str:
    return f"工作情况表_{unit_name}_{period.ending:%Y%m%d}.xlsx"


def unit_workbook(table: SituationTable) -> bytes:
    """One unit's week. The page's download, the zip and the command write the same."""
    filled = figures.figures(table.period, [table])[table.unit_id]
    return filled_workbook(table, filled, figures.latest_entries([table]).get(table.pk, {}))


def filled_workbook(
    table: SituationTable, filled: Mapping[int, Figure], entries: Mapping[int, HandEntry]
) -> bytes:
    """The same from figures that were fetched for many units together."""
    sheet = Sheet(table.period, table.unit.name, filled)
    book = new_book(table.period)
    fill_form(book.worksheets[0], sheet)
    _fill_notes(book.create_sheet(NOTES_SHEET), sheet, entries)
    return saved(book)


def summary_workbook(period: ReportingPeriod, lines: Sequence[SummaryLine]) -> bytes:
    """The district's week: everybody once in the form, the plain sum and the difference beside it."""
    book = new_book(period)
    fill_summary(book, period, lines)
    return saved(book)


def fill_summary(book: Workbook, period: ReportingPeriod, lines: Sequence[SummaryLine]) -> None:
    once = {line.row.no: line.once for line in lines}
    fill_form(book.worksheets[0], Sheet(period, f"{period.rules.name}（汇总）", once))
    fill_comparison(book.create_sheet("去重与合计"), period, lines)


def new_book(period: ReportingPeriod) -> Workbook:
    """A workbook whose properties say the week and not the minute: the same content, the same file."""
    book = Workbook()
    book.properties.creator = "亲清通"
    book.properties.title = f"{''.join(period.rules.form.title_lines)} {period.ending:%Y-%m-%d}"
    book.properties.created = localtime(period.end).replace(tzinfo=None)
    return book


# --- 附件3 ----------------------------------------------------------------------------------------


def fill_form(sheet: Worksheet, filled: Sheet, title: str = FORM_SHEET) -> None:
    """The form with its figures, and nothing else, on one A4 page."""
    form, widths = filled.form, filled.widths
    sheet.title = title
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    line = 0
    for text in form.title_lines:
        line += 1
        _across(sheet, line, text, TITLE_FONT, CENTRE, len(widths))
        sheet.row_dimensions[line].height = 28
    line += 1
    unit = f"{form.unit_label}：{filled.unit_name}"
    _across(sheet, line, unit, BODY_FONT, LEFT, len(widths), boxed=True)
    sheet.row_dimensions[line].height = 24
    if form.full_note:
        line += 1
        _across(sheet, line, form.full_note, BODY_FONT, LEFT, len(widths), boxed=True)
        sheet.row_dimensions[line].height = 24
    line += 1
    for column, header in enumerate(form.headers, 1):
        _cell(sheet, line, column, header, HEAD_FONT, CENTRE)
    sheet.row_dimensions[line].height = 22
    sheet.print_title_rows = f"{line}:{line}"
    for group, rows in form.groups:
        first = line + 1
        for row in rows:
            line += 1
            _fill_row(sheet, line, row, filled)
        if group:
            sheet.cell(first, 2).value = safe_text(group)
            _stretch(sheet, first, line, group, widths[1])
            if line > first:
                sheet.merge_cells(start_row=first, start_column=2, end_row=line, end_column=2)
    one_page(sheet, f"A1:{get_column_letter(len(widths))}{line}", landscape=False)
    end = localtime(filled.period.end)
    footer = HeaderFooterItem()
    footer.right.text, footer.right.size = f"截止 {end:%Y-%m-%d %H:%M}", 9
    sheet.HeaderFooter.oddFooter = footer


def _fill_row(sheet: Worksheet, line: int, row: FormRow, filled: Sheet) -> None:
    item = safe_text(row.item)
    _cell(sheet, line, 1, row.no, BODY_FONT, CENTRE)
    _cell(sheet, line, 2, None if row.group else item, BODY_FONT, CENTRE if row.group else LEFT)
    _cell(sheet, line, 3, item if row.group else None, BODY_FONT, LEFT)
    room = filled.widths[2]
    if not row.group:
        sheet.merge_cells(start_row=line, start_column=2, end_row=line, end_column=3)
        room += filled.widths[1]
    values = filled.figures[row.no]
    figures_shown = [values.week, values.cumulative] if filled.form.shows_cumulative else [values.week]
    for column, value in enumerate(figures_shown, 4):
        figure = _cell(sheet, line, column, number(value), BODY_FONT, CENTRE)
        figure.number_format = number_format(row)
    sheet.row_dimensions[line].height = LINE_HEIGHT * _lines(row.item, room) + 6


def _stretch(sheet: Worksheet, first: int, last: int, group: str, width: int) -> None:
    """A group whose words need more room than its rows have makes them higher."""
    needed = LINE_HEIGHT * _lines(group, width) + 4
    rows = range(first, last + 1)
    room = sum(sheet.row_dimensions[row].height for row in rows)
    if room < needed:
        for row in rows:
            sheet.row_dimensions[row].height += (needed - room) / len(rows)


def _across(
    sheet: Worksheet,
    line: int,
    text: str,
    font: Font,
    alignment: Alignment,
    columns: int,
    *,
    boxed: bool = False,
) -> None:
    _cell(sheet, line, 1, safe_text(text), font, alignment, boxed=boxed)
    for column in range(2, columns + 1):
        _cell(sheet, line, column, None, font, alignment, boxed=boxed)
    sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=columns)


def _cell(
    sheet: Worksheet,
    line: int,
    column: int,
    value: Any,
    font: Font,
    alignment: Alignment,
    *,
    boxed: bool = True,
) -> Any:
    cell = sheet.cell(line, column, value)
    cell.font, cell.alignment = font, alignment
    if boxed:
        cell.border = BOX
    return cell


def number(value: Decimal) -> int | float:
    """A number stays a number; a whole one without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def number_format(row: FormRow) -> str:
    """Where 附件3 prints A, B or A+B, the cell shows it before its number and still holds a number."""
    figure = "0" if row.whole_number else "General"
    return f'"{row.mark}　"{figure}' if row.mark else figure


def _lines(text: str, width: int) -> int:
    """How many lines a Chinese text takes: a character is two wide; a little room is left at the edge."""
    return max(1, ceil(sum(2 if ord(char) > 0x2000 else 1 for char in text) * 1.12 / (width - 1)))


def one_page(sheet: Worksheet, area: str, *, landscape: bool) -> None:
    sheet.print_area = area
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0 if landscape else 1
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top, margins.bottom = 0.7, 0.75
    margins.footer = 0.35


# --- Second sheets --------------------------------------------------------------------------------


def _fill_notes(sheet: Worksheet, filled: Sheet, entries: Mapping[int, HandEntry]) -> None:
    headers = (
        "序号",
        "项目",
        "工作内容",
        f"本{filled.period.word}",
        "累计",
        "系统取数",
        "手工填写的依据或理由",
        "取数口径",
    )
    _head(sheet, filled.period, f"{filled.unit_name} 累计与说明", headers, (6, 22, 32, 9, 11, 10, 34, 48))
    for row in filled.form.rows:
        figure, entry = filled.figures[row.no], entries.get(row.no)
        counted = "" if figure.counted is None else number(figure.counted)
        values = (
            row.no,
            row.group,
            row.item,
            number(figure.week),
            number(figure.cumulative),
            counted,
            _entry_note(entry, figure, filled.period.word),
            _definition(row),
        )
        _append(sheet, values)
    one_page(sheet, f"A1:H{sheet.max_row}", landscape=True)


def _entry_note(entry: HandEntry | None, figure: Figure, word: str) -> str:
    notes = []
    if entry is not None and entry.value is not None:
        notes.append(f"{entry.reason}（{entry.by}，{localtime(entry.at):%Y-%m-%d %H:%M}）")
    if figure.carried:
        notes.append(f"其中补登以前各{word}的 {figure.carried} 条")
    return "；".join(notes)


def _definition(row: FormRow) -> str:
    if row.source == "formula":
        return " + ".join(f"第 {no} 行" for no in row.formula)
    indicator = figures.indicator_of(row)
    return indicator.definition if indicator else "由填报单位手工填写，并注明依据；累计为各期之和。"


def fill_comparison(sheet: Worksheet, period: ReportingPeriod, lines: Iterable[SummaryLine]) -> None:
    headers = (
        "序号",
        "项目",
        "工作内容",
        f"本{period.word}（去重）",
        f"本{period.word}各单位合计",
        "累计（去重）",
        "累计各单位合计",
        "为何不同",
    )
    _head(sheet, period, f"{period.rules.name} 去重与合计", headers, (6, 24, 40, 12, 14, 12, 14, 48))
    for line in lines:
        row = line.row
        numbers = (line.once.week, line.added.week, line.once.cumulative, line.added.cumulative)
        _append(sheet, (row.no, row.group, row.item, *(number(value) for value in numbers), line.why))
    one_page(sheet, f"A1:H{sheet.max_row}", landscape=True)


def _head(
    sheet: Worksheet, period: ReportingPeriod, title: str, headers: Sequence[str], widths: Sequence[int]
) -> None:
    for letter, width in zip("ABCDEFGH", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    start, end = localtime(period.start), localtime(period.end)
    span = f"{start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}"
    _cell(sheet, 1, 1, safe_text(f"{title}（{span}）"), HEAD_FONT, LEFT, boxed=False)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headers))
    sheet.row_dimensions[1].height = 26
    for column, header in enumerate(headers, 1):
        _cell(sheet, 2, column, header, SMALL_HEAD, CENTRE)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"


def _append(sheet: Worksheet, values: Sequence[Any]) -> None:
    line = sheet.max_row + 1
    needed = 1
    for column, value in enumerate(values, 1):
        is_text = isinstance(value, str)
        text = safe_text(value) if is_text else value
        _cell(sheet, line, column, text, SMALL_FONT, LEFT if is_text else CENTRE)
        if is_text:
            width = sheet.column_dimensions["ABCDEFGH"[column - 1]].width
            needed = max(needed, _lines(value, int(width * 1.15)))
    sheet.row_dimensions[line].height = 14 * needed + 3
