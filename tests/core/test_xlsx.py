import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from core.xlsx import Book, SheetError, cell_text, download, row_height, safe_text, text_workbook


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


# --- Sheets built to keep a reader busy -------------------------------------------------------------


def rebuilt(made: Workbook, before: bytes, after: bytes) -> Book:
    """The workbook with its first sheet edited as no program would write it."""
    buffer, edited = io.BytesIO(), io.BytesIO()
    made.save(buffer)
    with zipfile.ZipFile(buffer) as package, zipfile.ZipFile(edited, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in package.infolist():
            content = package.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert before in content
                content = content.replace(before, after)
            copy.writestr(part, content)
    return Book(edited)


def test_a_row_in_the_millions_is_not_waited_for():
    made = Workbook()
    made.active.append(["一"])
    far = b'<row r="1048576000000"><c r="A1048576000000"><v>1</v></c></row></sheetData>'
    assert len(list(rebuilt(made, b"</sheetData>", far).rows("Sheet"))) < 10_000


def test_merged_ranges_by_the_thousand_are_refused_and_wide_ones_cost_little():
    made = Workbook()
    made.active.append(["一"])

    def with_areas(number: int) -> Book:
        areas = b'<mergeCell ref="A3:BH1048576"/>' * number
        return rebuilt(made, b"</sheetData>", b"</sheetData><mergeCells>" + areas + b"</mergeCells>")

    assert [row.line for row in with_areas(500).rows("Sheet")] == [1]
    with pytest.raises(SheetError, match="合并单元格超过"):
        list(with_areas(3_000).rows("Sheet"))


def test_a_merged_range_that_cannot_be_is_refused():
    made = Workbook()
    made.active.append(["一"])
    nowhere = b'</sheetData><mergeCells><mergeCell ref="AAAAAA1:AAAAAB2"/></mergeCells>'
    with pytest.raises(SheetError, match="无法读取"):
        list(rebuilt(made, b"</sheetData>", nowhere).rows("Sheet"))


def test_a_row_is_as_high_as_its_wrapped_texts_need():
    long = "长" * 30
    content = text_workbook(
        title="表", headers=["甲", "乙"], rows=[["短", long], ["短", "短"]], widths=[10, 21], wrapped=True
    )
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet.row_dimensions[2].height == 3 * sheet.row_dimensions[3].height - 2 * 3
    assert sheet["B2"].alignment.wrap_text and row_height([long * 99], [10]) <= 409
