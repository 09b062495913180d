"""附件2 as .xlsx, exactly in its form: a title across, seven columns, on A4, phones as text.

What comes out can be filled in and imported again: every row is complete, nothing below the title is merged.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import Unit
from core.xlsx import TEXT, safe_text, saved
from districts.profile import Rules
from liaisons.models import LiaisonOfficer

HEADERS = ("序号", "单位", "姓名", "职务", "办公号码", "手机号", "备注")
WIDTHS = (6, 18, 11, 22, 17, 15, 14)
"""In characters of the standard font; together an A4 page wide."""
SHEET = "联络员情况表"
A4 = 9
TITLE_FONT = Font(name="宋体", size=18, bold=True)
HEAD_FONT = Font(name="仿宋", size=12, bold=True)
BODY_FONT = Font(name="仿宋", size=12)
LINE = Side(style="thin", color="000000")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LINE_HEIGHT = 17


def title_of(rules: Rules) -> str:
    return f"各单位{rules.action_name}联络员情况表"


def workbook(
    *, title: str, officers: Iterable[LiaisonOfficer], units: Sequence[Unit], by: str, at: datetime
) -> bytes:
    """``units``: all of the district, so that a short name that two share is written out."""
    book = Workbook()
    book.properties.creator, book.properties.title = "亲清通", title
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    for letter, width in zip("ABCDEFG", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    _write(sheet, 1, (title, *[None] * (len(HEADERS) - 1)), TITLE_FONT, boxed=False)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADERS))
    # The title is half as large again as what the widths are measured in.
    sheet.row_dimensions[1].height = 28 * _lines(title, int(sum(WIDTHS) / 1.5))
    _write(sheet, 2, HEADERS, HEAD_FONT)
    sheet.row_dimensions[2].height = LINE_HEIGHT + 8
    names = _unit_names(units)
    line = 2
    for line, officer in enumerate(officers, start=3):
        unit = names.get(officer.unit_id, officer.unit.name)
        texts = (unit, officer.name, officer.title, officer.office_phone, officer.mobile, officer.note)
        _write(sheet, line, (line - 2, *texts), BODY_FONT)
        lines = max(_lines(text, width) for text, width in zip(texts, WIDTHS[1:], strict=True))
        sheet.row_dimensions[line].height = LINE_HEIGHT * lines + 6
    _on_a4(sheet, f"A1:G{line}", footer=f"{by} {at:%Y-%m-%d %H:%M} 导出")
    return saved(book)


def _unit_names(units: Sequence[Unit]) -> dict[int, str]:
    """The short name, or the full one where units of the district share the short one."""
    times: dict[str, int] = {}
    for unit in units:
        times[unit.short_name] = times.get(unit.short_name, 0) + 1
    return {unit.pk: unit.short_name if times[unit.short_name] == 1 else unit.name for unit in units}


def _write(
    sheet: Worksheet, line: int, values: Sequence[str | int | None], font: Font, *, boxed: bool = True
) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(line, column, safe_text(value) if isinstance(value, str) else value)
        cell.font, cell.alignment = font, CENTRE
        if isinstance(value, str):
            cell.data_type, cell.number_format = "s", TEXT
        if boxed:
            cell.border = BOX


def _lines(text: str, width: int) -> int:
    """How many lines a text takes: a Chinese character is two wide."""
    return max(1, ceil(sum(2 if ord(char) > 0x2000 else 1 for char in text) * 1.12 / (width - 1)))


def _on_a4(sheet: Worksheet, area: str, *, footer: str) -> None:
    sheet.print_area = area
    sheet.print_title_rows = "1:2"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "portrait"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top, margins.bottom, margins.footer = 0.7, 0.75, 0.35
    said = HeaderFooterItem()
    said.left.text, said.left.size = footer.replace("&", "&&"), 9
    said.right.text, said.right.size = "第 &P 页，共 &N 页", 9
    sheet.HeaderFooter.oddFooter = said
