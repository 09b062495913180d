import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core import ledger_sheet
from core.ledger_sheet import MAX_ROWS, MAX_TEXT, Column, TooManyRows, write_ledger

COLUMNS = [
    Column("统一社会信用代码", 22),
    Column("诉求内容", 50, wrap=True),
    Column("提交时间", 18, kind="datetime"),
    Column("完成时限", 12, kind="date"),
    Column("金额（万元）", 14, kind="number", decimals=2),
]
AT = datetime(2026, 3, 1, 16, 30, 45, tzinfo=UTC)


def written(rows, *, columns=COLUMNS, mark="区科经局 王小明 2026-03-02 09:00", **more) -> io.BytesIO:
    file = io.BytesIO()
    write_ledger(
        file,
        title="企业诉求台账",
        columns=columns,
        rows=rows,
        remarks=[("筛选条件", "状态：办理中")],
        mark=mark,
        **more,
    )
    file.seek(0)
    return file


def cells(*values, kind="text"):
    """The written values of one column."""
    file = written(([value] for value in values), columns=[Column("值", kind=kind)])
    sheet = load_workbook(file).worksheets[0]
    return [row[0] for row in sheet.iter_rows(min_row=2, max_col=1)]


def test_the_head_stays_is_bold_and_can_be_filtered_by():
    sheet = load_workbook(written([["1", "x", AT, None, 2]] * 3)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.title for column in COLUMNS]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E4"
    assert [round(sheet.column_dimensions[letter].width) for letter in "AB"] == [23, 51]


def test_an_empty_ledger_still_has_its_head():
    sheet = load_workbook(written([])).worksheets[0]
    assert sheet.max_row == 1
    assert sheet.auto_filter.ref == "A1:E1"


def test_it_is_printed_across_on_a4_one_page_wide_with_the_head_on_each():
    sheet = load_workbook(written([["1", "x", AT, None, 2]])).worksheets[0]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    # One page across is what holds where nothing is said; as many down as it takes.
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"


def test_codes_are_text_days_are_days_and_numbers_are_numbers():
    row = ["913407110000123456", "01", AT, date(2026, 3, 9), Decimal("12.50")]
    sheet = load_workbook(written([row])).worksheets[0]
    code, text, moment, day, amount = sheet[2]
    assert (code.value, code.number_format, code.data_type) == ("913407110000123456", "@", "s")
    assert text.value == "01"
    # Half past midnight of the next day in China, to the minute that is shown.
    assert (moment.value, moment.number_format) == (datetime(2026, 3, 2, 0, 30), "yyyy-mm-dd hh:mm")
    assert (day.value.date(), day.number_format) == (date(2026, 3, 9), "yyyy-mm-dd")
    assert (amount.value, amount.number_format, amount.data_type) == (12.5, "0.00", "n")


def test_a_moment_in_a_column_of_days_is_the_day_in_china():
    assert [cell.value for cell in cells(AT, kind="date")] == [datetime(2026, 3, 2)]


@pytest.mark.parametrize("value", [10**16, float("nan"), float("inf"), True, "约30", Decimal("NaN")])
def test_what_no_number_can_hold_is_kept_as_text(value):
    (cell,) = cells(value, kind="number")
    assert (cell.value, cell.data_type) == (str(value), "s")


def test_a_day_before_excels_calendar_is_kept_as_text():
    assert [cell.value for cell in cells(date(1899, 1, 2), kind="date")] == ["1899-01-02"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0="])
def test_nothing_is_calculated(start):
    (cell,) = cells(f'{start}HYPERLINK("http://x","点这里")')
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_heads_are_no_formulas_either():
    sheet = load_workbook(written([["1"]], columns=[Column("=1+1")])).worksheets[0]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("'=1+1", "s")


def test_text_that_looks_like_ready_made_xml_stays_text():
    said = '<r><t>假</t></r></is></c><c r="B2"><f>1+1</f></c><r></r>'
    file = written([[said]], columns=[Column("内容")])
    sheet = load_workbook(file).worksheets[0]
    assert sheet["A2"].value.strip() == said
    assert sheet["B2"].value is None


def test_characters_that_no_xml_holds_are_dropped_and_rare_ones_kept():
    values = [cell.value for cell in cells("坏\x00字\x0b符\ufffe\ud842", "𠮷祥汽修😀", "甲\r\n乙", "_x0041_")]
    assert values[:3] == ["坏字符", "𠮷祥汽修😀", "甲\n乙"]
    # Escaped in the file; Excel shows what was typed, not "A".
    assert values[3] in {"_x0041_", "_x005F_x0041_"}


@pytest.mark.parametrize("text", ["字" * 40_000, "𠮷" * 20_000, "字" + "𠮷" * 20_000])
def test_text_that_is_too_long_for_a_cell_is_cut_and_says_so(text):
    value = cells(text)[0].value
    assert len(value.encode("utf-16-le")) // 2 <= MAX_TEXT
    assert value.endswith("此处截断）")
    assert text.startswith(value[:10_000])


def test_the_longest_text_that_fits_is_whole():
    assert cells("字" * MAX_TEXT)[0].value == "字" * MAX_TEXT


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written():
    file = io.BytesIO()

    def rows():
        raise AssertionError("no row is read")
        yield

    with pytest.raises(TooManyRows, match="1,048,576 行"):
        write_ledger(
            file, title="台账", columns=COLUMNS, rows=rows(), remarks=[], mark="", count=MAX_ROWS + 1
        )
    assert file.getvalue() == b""


def test_rows_that_nobody_counted_are_refused_where_the_sheet_is_full(monkeypatch):
    monkeypatch.setattr(ledger_sheet, "MAX_ROWS", 3)
    with pytest.raises(TooManyRows):
        written([["1", "x", AT, None, 2]] * 4)


def test_the_second_sheet_says_what_it_is():
    book = load_workbook(written([["1", "x", AT, None, 2]] * 2))
    sheet = book["导出说明"]
    assert sheet["A1"].value == "企业诉求台账"
    said = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=3)}
    assert said["筛选条件"] == "状态：办理中"
    assert said["行数"] == "2"
    assert "仅供内部使用" in said["使用范围"]


def test_every_printed_page_says_who_took_it():
    book = load_workbook(written([["1", "x", AT, None, 2]], mark="甲&乙公司专班 王小明 2026-03-02 09:00"))
    for sheet in book.worksheets:
        for text in (sheet.oddHeader.right.text, sheet.oddFooter.left.text):
            assert "甲&&乙公司专班 王小明 2026-03-02 09:00 仅供内部使用" in text
    assert "王小明" in book.properties.creator
    assert book.properties.title == "企业诉求台账"


def test_the_mark_is_drawn_behind_the_cells():
    file = written([["1", "x", AT, None, 2]], picture_mark="wang 王 2026-03-02 09:00")
    with zipfile.ZipFile(file) as parts:
        assert [name for name in parts.namelist() if name.endswith(".png")]
        assert b"<picture " in parts.read("xl/worksheets/sheet1.xml")


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        with (tmp_path / "l.xlsx").open("wb") as file:
            rows = ([f"91340711MA{number:07d}X", "内容" * 50, AT, None, number] for number in range(count))
            write_ledger(file, title="台账", columns=COLUMNS, rows=rows, remarks=[], mark="")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(6_000) < peak(1_000) + 500_000
