"""Task lists in Excel: read as offices make them, with merged cells; written in exactly the eight columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from campaigns.models import Campaign, Task
from campaigns.task_lists.columns import COLUMNS, NEEDED, TITLES, is_header, places_of
from campaigns.task_lists.posts import with_posts
from campaigns.task_lists.reading import Line, Piece, Reading, read_lines
from core.wording import speak, spoken
from core.xlsx import A4, Book, SheetError, row_height, safe_text, saved, style_head

MOST_ROWS = 2000
WIDTHS = (6, 20, 48, 14, 18, 24, 16, 28)
_MERGED = "合并单元格"
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


# --- Reading --------------------------------------------------------------------------------------


def read_book(file: IO[bytes], posts: dict[str, str] | None = None) -> list[tuple[str, Reading]]:
    """The task list of every sheet that has one. Raises ``SheetError`` where none has."""
    book = Book(file)
    found = []
    for name in book.sheet_names():
        lines = _lines(book, name)
        if any(line.is_head for line in lines):
            found.append((name, read_lines(with_posts(lines, posts or {}), numbers_on_top=True)))
    if not found:
        wanted = "、".join(TITLES[key] for key in NEEDED)
        raise SheetError(f"没有找到任务清单的表头：应有一行写明{wanted}等栏目。请对照模板。")
    return found


def _lines(book: Book, name: str) -> list[Line]:
    covered = {
        (line, column): (area.top, area.left)
        for area in book.merged(name)
        if area.bottom - area.top < MOST_ROWS
        for line in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
        if line > area.top
    }
    tops: dict[tuple[int, int], str] = {}
    wanted = set(covered.values())
    found: list[Line] = []
    places: Sequence[str] = ()
    page = 0
    for row in book.rows(name):
        if row.line > MOST_ROWS:
            raise SheetError(f"超过{MOST_ROWS}行：这不像一张任务清单。")
        texts = row.texts()
        for column, text in enumerate(texts, start=1):
            if (row.line, column) in wanted:
                tops[row.line, column] = text
        if not any(texts) and not any((row.line, column) in covered for column in range(1, len(texts) + 1)):
            continue
        if is_header(texts):
            page += 1
            places = places_of(texts)
            found.append(Line(row.line, {}, is_head=True, page=page))
        elif not places:
            found.append(Line(row.line, {}, loose="".join(texts)))
        else:
            cells: dict[str, Piece] = {}
            problems = {}
            for column, (cell, key) in enumerate(zip(row.cells, places, strict=False), start=1):
                if not key or cells.get(key, Piece()).text:
                    continue
                if above := covered.get((row.line, column)):
                    cells[key] = Piece("" if key == "number" else tops.get(above, ""), above=True)
                else:
                    cells[key] = Piece(cell.text)
                if cell.problem and not cell.problem.startswith("是" + _MERGED):
                    problems[key] = cell.problem
            if any(piece.text for piece in cells.values()):
                found.append(Line(row.line, cells, page=page, problems=problems))
    return found


# --- Writing --------------------------------------------------------------------------------------

_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP = Alignment(wrap_text=True, vertical="center")
_MIDDLE = Alignment(wrap_text=True, vertical="center", horizontal="center")


def write_list(campaign: Campaign, tasks: Iterable[Task], statuses: dict[int, str]) -> bytes:
    """The list as the plan prints it: eight columns, section rows, sub-items under a merged task, notes.

    ``statuses``: what stands under 完成情况 instead of the plan's words, by the task's id.
    """
    book = Workbook()
    sheet: Any = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _SHEET_NAME.sub(" ", campaign.name)[:28] or "任务清单"
    title = campaign.list_title or f"“{campaign.name}”专项行动任务清单"
    _across(sheet, title, Font(bold=True, size=16), _MIDDLE, box=False)
    sheet.row_dimensions[1].height = 34
    _row(sheet, [name for _, name, _ in COLUMNS])
    for cell in sheet[sheet.max_row]:
        style_head(cell)
        cell.border = _BOX
    section = ""
    for task in tasks:
        if task.section != section:
            section = task.section
            if section:
                _across(sheet, section, Font(bold=True), _MIDDLE)
        _task(sheet, task, statuses.get(task.pk, task.status_text))
    for note in campaign.notes.splitlines():
        _across(sheet, note, Font(), _WRAP, box=False)
    _for_print(sheet, WIDTHS, title_rows="2:2")
    return saved(book)


def _task(sheet: Any, task: Task, status: str) -> None:
    items = [item for item in task.items.all() if not item.withdrawn and not item.is_told_by_its_deadline]
    first = sheet.max_row + 1
    if not items:
        _row(sheet, [task.number, task.title, task.measure, task.leader, task.lead_text, task.assisting_text,
                     task.deadline_text, status])  # fmt: skip
        return
    own_status = status != task.status_text
    for place, item in enumerate(items):
        head = place == 0
        words = status if own_status and head else "" if own_status else item.status_text
        _row(sheet, [task.number if head else "", task.title if head else "", item.text,
                     task.leader if head else "", task.lead_text if head else "",
                     item.assisting_text or (task.assisting_text if head else ""), item.deadline_text, words])  # fmt: skip
    last = sheet.max_row
    merged = [1, 2, 4, 5] + ([] if any(item.assisting_text for item in items) else [6])
    if last > first:
        _share_height(sheet, range(first, last + 1), merged)
        for column in merged:
            sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)


def _share_height(sheet: Any, lines: range, merged: Sequence[int]) -> None:
    """What stands in merged cells has the height of all their rows."""

    def height(line: int, columns: Iterable[int]) -> float:
        texts = [sheet.cell(line, column).value or "" for column in columns]
        return row_height(texts, [WIDTHS[column - 1] for column in columns])

    share = height(lines[0], merged) / len(lines)
    own = [column for column in range(1, len(COLUMNS) + 1) if column not in merged]
    for line in lines:
        sheet.row_dimensions[line].height = max(share, height(line, own))


def _row(sheet: Any, values: Sequence[str]) -> None:
    line = sheet.max_row + 1
    sheet.row_dimensions[line].height = row_height(values, WIDTHS)
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row=line, column=column, value=safe_text(value) or None)
        cell.alignment = _MIDDLE if column in (1, 2, 4, 5, 7) else _WRAP
        cell.border = _BOX
        cell.number_format = "@"
        cell.data_type = "s" if value else "n"


def _across(sheet: Any, text: str, font: Font, alignment: Alignment, *, box: bool = True) -> None:
    """One text over all columns."""
    line = 1 if sheet.max_row == 1 and sheet["A1"].value is None else sheet.max_row + 1
    cell = sheet.cell(row=line, column=1, value=safe_text(text))
    cell.font, cell.alignment = font, alignment
    sheet.row_dimensions[line].height = row_height([text], [sum(WIDTHS)])
    for column in range(1, len(COLUMNS) + 1):
        if box:
            sheet.cell(row=line, column=column).border = _BOX
    sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(COLUMNS))


def _for_print(sheet: Any, widths: Sequence[int], *, title_rows: str) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.page_setup.paperSize, sheet.page_setup.orientation = A4, "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = title_rows


def template() -> bytes:
    """An empty list to fill in, with two lines that show how."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "任务清单"
    _across(sheet, "“示例”专项行动任务清单", Font(bold=True, size=16), _MIDDLE, box=False)
    _row(sheet, [name for _, name, _ in COLUMNS])
    for cell in sheet[2]:
        style_head(cell)
        cell.border = _BOX
    _across(sheet, "一、加强组织领导", Font(bold=True), _MIDDLE)
    example = ["1", "成立工作专班", "成立由分管副区长任组长的工作专班，每月调度。", "区政府副区长", speak("牵头局"),
               "区直各单位", "3月中旬", ""]  # fmt: skip
    _row(sheet, example)
    for number, (measure, deadline) in enumerate(
        (("1.制定培训计划。", "5月底前"), ("2.举办培训班，不少于3期。", "11月底前"))
    ):
        head = ["2", "开展企业培训"] if not number else ["", ""]
        units = ["区政府副区长", "区人社局", speak("各乡镇办")] if not number else ["", "", ""]
        _row(sheet, [*head, measure, *units, deadline, ""])
    for column in (1, 2, 4, 5, 6):
        sheet.merge_cells(start_row=5, end_row=6, start_column=column, end_column=column)
    _for_print(sheet, WIDTHS, title_rows="2:2")
    help_sheet: Any = book.create_sheet("填写说明")
    for line in HELP:
        help_sheet.append([str(line)])
    help_sheet.column_dimensions["A"].width = 100
    return saved(book)


HELP = (
    "一行一项任务，八栏与文件附件一致；分项标题（一、二、…）单独占一行，可以合并单元格。",
    "一项任务的几条举措各有时限的，分几行写，序号、工作任务等合并单元格。",
    "几个序号共用一个工作任务的，工作任务可以合并单元格。",
    "完成时限照文件写：3月10日前、3月中旬、6月底前、每月10日前、1-5月、全年、适时、长期开展、立即办理等都认得；认不出的导入后人工定日期。",
    "牵头领导写职务，不写姓名；姓名可在导入时统一换成职务。",
    spoken("单位写全称或简称；“各乡镇办”等合称也可以。"),
)
