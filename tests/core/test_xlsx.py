import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from core.xlsx import Book, SheetError, cell_text, download, safe_text, text_workbook


def book_of(*rows) -> Book:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    return opened(made)


def opened(made: Workbook) -> Book:
    buffer = io.BytesIO()
    made.save(buffer)
    return Book(buffer)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("  a \n b ", "a b"), (12, "12"), (12.0, "12"), (0.1, "0.1"), (True, "是"),
        (340711000012345.0, "340711000012345"), (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2), "2026-01-02"), (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),
        ("'=1+1", "=1+1"), ("'a", "'a"), ("𠮷😀", "𠮷😀"),
    ],
)  # fmt: skip
def test_a_cell_reads_as_a_person_sees_it(value, text):
    assert cell_text(value) == text


def test_cells_that_lost_their_content_carry_a_problem():
    row = next(iter(book_of([9.13e17, "=A1", "文字"]).rows("Sheet")))
    assert [bool(cell.problem) for cell in row.cells[:4]] == [True, True, False, False]


def test_lines_are_counted_as_excel_shows_them():
    made = Workbook()
    made.active["A3"] = "三"
    assert [row.line for row in opened(made).rows("Sheet") if not row.is_blank] == [3]


def test_hidden_sheets_are_not_read():
    made = Workbook()
    made.create_sheet("选项").sheet_state = "hidden"
    assert opened(made).sheet_names() == ["Sheet"]


@pytest.mark.parametrize("content", [b"", b"PK", b"\0" * 100])
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(SheetError, match="无法读取"):
        Book(io.BytesIO(content))


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_formulas_are_neutralised(value):
    assert safe_text(value) == f"'{value}"


def test_a_written_sheet_holds_text_only_and_no_forbidden_characters():
    content = text_workbook(title="表", headers=["代码", "名称"], rows=[["0012", "坏\x00\x0b字"], [12, None]])
    sheet = load_workbook(io.BytesIO(content)).active
    assert [list(row) for row in sheet.values] == [["代码", "名称"], ["0012", "坏字"], ["12", None]]
    assert sheet["A2"].number_format == "@"
    assert sheet.freeze_panes == "A2"


def test_a_download_keeps_its_chinese_name():
    answer = download(b"x", "底册 模板.xlsx")
    assert "filename*=utf-8''%E5%BA%95" in answer["Content-Disposition"]
