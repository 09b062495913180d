"""The assessment sheet as .xlsx: the sheet, and behind it how every point was computed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from core.xlsx import A4, safe_text, saved, style_head
from reports.assessments.reading import Sheet
from reports.models import Assessment

LINE = Side(style="thin", color="000000")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
TITLE, BODY = Font(name="宋体", size=16, bold=True), Font(name="仿宋", size=12)


def file_name(assessment: Assessment) -> str:
    return f"{assessment.profile.rules.name}{assessment}.xlsx"


def workbook(sheet: Sheet) -> bytes:
    book = Workbook()
    book.properties.creator = "亲清通"
    book.properties.title = f"{sheet.assessment}"
    book.properties.created = localtime(sheet.assessment.counted_at).replace(tzinfo=None)
    _sheet(book.worksheets[0], sheet)
    _basis(book.create_sheet("计算过程"), sheet)
    return saved(book)


def _sheet(page: Worksheet, sheet: Sheet) -> None:
    page.title = "年度考核"
    heads = ["名次", "单位", *(f"{item.label}（{item.weight:g}分）" for item in sheet.items), "总分", "备注"]
    _title(page, sheet, len(heads))
    _row(page, 3, heads, head=True)
    for number, row in enumerate(sheet.rows, 4):
        line = row.line
        points = [_number(cell.score.points) if cell else "—" for cell in row.cells]
        rank: Any = line.rank if line.rank else "—"
        _row(page, number, [rank, line.name, *points, _number(line.total), row.note])
        page.cell(number, 2).alignment = page.cell(number, len(heads)).alignment = LEFT
    widths = [8, 22, *([18] * len(sheet.items)), 10, 34]
    _finish(page, widths, last=3 + len(sheet.rows))


def _basis(page: Worksheet, sheet: Sheet) -> None:
    heads = ["单位", "项目", "权重", "分子", "分母", "数值", "计算得分", "得分", "计算过程", "调整理由"]
    _title(page, sheet, len(heads))
    _row(page, 3, heads, head=True)
    number = 3
    for row in sheet.rows:
        for item, cell in zip(sheet.items, row.cells, strict=True):
            if cell is None:
                continue
            number += 1
            score = cell.score
            values = (
                score.weight,
                score.numerator,
                score.denominator,
                score.value,
                score.computed,
                score.points,
            )
            reasons = "；".join(f"{adjusted.reason}（{adjusted.by}）" for adjusted in cell.adjustments)
            _row(page, number, [row.line.name, item.label, *map(_number, values), score.basis, reasons])
            for column in (1, 2, 9, 10):
                page.cell(number, column).alignment = LEFT
            page.row_dimensions[number].height = (
                17 * max(1, *(len(part) // 30 + 1 for part in [score.basis])) + 6
            )
    _finish(page, [16, 16, 8, 8, 8, 9, 10, 8, 62, 24], last=number)


def _title(page: Worksheet, sheet: Sheet, width: int) -> None:
    assessment = sheet.assessment
    page.cell(1, 1, safe_text(f"{assessment.profile.rules.name}{assessment.year}年度企业诉求办理考核表"))
    page.cell(1, 1).font, page.cell(1, 1).alignment = TITLE, CENTRE
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    page.row_dimensions[1].height = 30
    state = assessment.get_state_display()
    counted = f"计算于 {localtime(assessment.counted_at):%Y-%m-%d %H:%M}，{state}。{sheet.rank_note}"
    page.cell(2, 1, safe_text(counted)).alignment = LEFT
    page.cell(2, 1).font = BODY
    page.merge_cells(start_row=2, start_column=1, end_row=2, end_column=width)
    page.row_dimensions[2].height = 34


def _row(page: Worksheet, number: int, values: list[Any], *, head: bool = False) -> None:
    for column, value in enumerate(values, 1):
        cell = page.cell(number, column, safe_text(value) if isinstance(value, str) else value)
        cell.font, cell.alignment, cell.border = BODY, CENTRE, BOX
        if head:
            style_head(cell)


def _number(value: Decimal | None) -> float | int | str:
    if value is None:
        return "—"
    return int(value) if value == value.to_integral_value() else float(value)


def _finish(page: Worksheet, widths: list[int], last: int) -> None:
    for column, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A4"
    page.print_title_rows = "1:3"
    page.print_area = f"A1:{get_column_letter(len(widths))}{last}"
    page.page_setup.paperSize, page.page_setup.orientation = A4, "landscape"
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.print_options.horizontalCentered = True
