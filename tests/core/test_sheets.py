"""Finding the columns in somebody's sheet, leaving out what is no row, and writing sheets that come back."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from core.sheets import Column, Sheet, keys_of, open_sheet, rejects, says_nothing, template
from core.xlsx import SheetError

COLUMNS = (
    Column("name", "企业名称", 50, "与营业执照一致", needed=True, aliases=("单位名称",)),
    Column("code", "信用代码", 18, "18位", expected=True),
    Column("tier", "层级", 10, "", needed=True, choices=("四上", "中小微")),
    Column("contact", "联系人", 20, "", aliases=("联系人姓名",)),
    Column("post", "联系人职务", 20, "", aliases=("职务",)),
    Column("phone", "联系电话", 20, "", aliases=("电话", "联系人电话")),
)
HEAD = ["企业名称", "信用代码", "层级", "联系人", "联系电话"]
ROW = ["甲公司", "C1", "四上", "赵敏", "13900001111"]


def made(*rows: Sequence[Any], merged: Sequence[str] = ()) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for area in merged:
        book.active.merge_cells(area)
    return book


def opened(book: Workbook) -> Sheet:
    buffer = io.BytesIO()
    book.save(buffer)
    return open_sheet(buffer, COLUMNS)


def read(sheet: Sheet) -> list[dict[str, str]]:
    """The rows by column key, each with its line."""
    return [
        {"line": str(row.line)}
        | {key: row.cells[place].text for key, place in sheet.layout.places.items() if row.cells[place].text}
        for row in sheet.rows()
    ]


EXPECTED = {"name": "甲公司", "code": "C1", "tier": "四上", "contact": "赵敏", "phone": "13900001111"}


# --- Finding the header ---------------------------------------------------------------------------


def test_columns_may_be_reordered_and_a_title_may_stand_above():
    order = [4, 0, 2, 3, 1]
    sheet = opened(
        made(
            ["2026年企业底册"],
            [],
            [f" {HEAD[i]}* " for i in order] + ["备注："],
            [ROW[i] for i in order] + ["随便写的"],
        )
    )
    assert read(sheet) == [{"line": "4"} | EXPECTED]


def test_a_title_merged_over_all_columns_is_no_head():
    sheet = opened(
        made(["2026年企业底册"], ["填报单位：大通镇"], HEAD, ROW, merged=["A1:E1", "A2:C2", "D2:E2"])
    )
    assert sheet.layout.headers == HEAD
    assert read(sheet) == [{"line": "4"} | EXPECTED]


def test_heads_merged_over_two_lines_are_one_header():
    sheet = opened(
        made(
            ["企业底册"],
            ["序号", *HEAD],
            [],
            [1, *ROW],
            merged=["A1:F1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:F3"],
        )
    )
    assert sheet.layout.header_line == 3
    assert read(sheet) == [{"line": "4"} | EXPECTED]


@pytest.mark.parametrize("is_merged_down", [True, False])
def test_heads_under_a_group_are_read_with_it(is_merged_down):
    down = ["A2:A3", "B2:B3", "C2:C3", "D2:D3"] if is_merged_down else []
    sheet = opened(
        made(
            ["企业底册"],
            ["序号", "企业名称", "信用代码", "层级", "联系人", "", ""],
            ["", "", "", "", "姓名", "职务", "电话"],
            [1, "甲公司", "C1", "四上", "赵敏", "经理", "13900001111"],
            merged=["A1:G1", "E2:G2", *down],
        )
    )
    assert sheet.layout.headers == [
        "序号", "企业名称", "信用代码", "层级", "联系人姓名", "联系人职务", "联系人电话",
    ]  # fmt: skip
    assert read(sheet) == [{"line": "4"} | EXPECTED | {"post": "经理"}]
    assert keys_of(sheet.layout.headers, COLUMNS)[1:] == ["name", "code", "tier", "contact", "post", "phone"]


def test_all_heads_may_stand_under_groups():
    sheet = opened(
        made(
            ["企业信息", "", "", "联系方式", ""],
            ["单位名称", "信用代码", "层级", "联系人", "联系电话"],
            ROW,
            merged=["A1:C1", "D1:E1"],
        )
    )
    assert read(sheet) == [{"line": "3"} | EXPECTED]


def test_the_officers_phone_is_not_taken_for_the_firms():
    sheet = opened(
        made(
            [*HEAD, "包保干部", "", ""],
            ["", "", "", "", "", "姓名", "职务", "电话"],
            [*ROW, "孙芳", "科长", "13800001234"],
            merged=["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:H1"],
        )
    )
    assert sheet.layout.headers[5:] == ["包保干部姓名", "包保干部职务", "包保干部电话"]
    assert read(sheet) == [{"line": "3"} | EXPECTED]


def test_it_names_the_missing_columns():
    with pytest.raises(SheetError, match="第2行的表头缺少“信用代码”、“层级”列"):
        opened(made(["底册"], ["企业名称", "联系人"], ["甲公司", "赵敏"]))


def test_it_says_when_there_is_no_header():
    with pytest.raises(SheetError, match="没有找到表头：前20行中应有一行写明企业名称、信用代码、层级"):
        opened(made(ROW))


def test_it_refuses_a_column_that_comes_twice():
    with pytest.raises(SheetError, match="“企业名称”出现了不止一次"):
        opened(made([*HEAD, "单位名称"], ROW))


# --- Several sheets -------------------------------------------------------------------------------


def test_the_sheet_with_the_known_header_is_found_behind_others():
    book = made(HEAD, ROW)
    book.create_sheet("封面", 0)["A1"] = "企业底册"
    summary = book.create_sheet("汇总")
    summary.append(["层级", "家数"])
    summary.append(["四上", 1])
    assert read(opened(book)) == [{"line": "2"} | EXPECTED]


def test_two_sheets_with_rows_are_refused_rather_than_one_left_out():
    book = made(HEAD, ROW)
    book.active.title = "四上"
    other = book.create_sheet("中小微")
    other.append(HEAD)
    other.append(["乙公司", "C2", "中小微"])
    with pytest.raises(SheetError, match="工作表“四上”、“中小微”中都有数据：一次只导入一张"):
        opened(book)
    other.sheet_state = "hidden"
    assert [row["name"] for row in read(opened(book))] == ["甲公司"]


def test_an_empty_form_beside_the_filled_one_does_no_harm():
    book = made(HEAD, ROW)
    empty = book.create_sheet("空表", 0)
    empty.append(HEAD)
    assert read(opened(book)) == [{"line": "2"} | EXPECTED]


# --- What is no row -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        [],
        ["", "  ", "　"],
        ["合计", "", 120],
        ["合 计：120家"],
        ["", "小计", "12"],
        ["总计（家）", "", 3],
        ["备注：四上企业指规上工业等。"],
        ["填表人：", "", "审核人：", "", "联系电话：0562-1234567"],
        ["单位负责人（签章）：", "", ""],
        HEAD,
    ],
    ids=str,
)
def test_blanks_totals_signatures_and_repeated_heads_are_no_rows(row):
    sheet = opened(made(HEAD, ROW, row, ["乙公司", "C2", "中小微"]))
    assert [found["line"] for found in read(sheet)] == ["2", "4"]


def test_a_merged_line_of_notes_below_is_no_row():
    sheet = opened(made(HEAD, ROW, [], ["说明：本表一式两份。"], merged=["A3:E3", "A4:E4"]))
    assert [found["line"] for found in read(sheet)] == ["2"]


@pytest.mark.parametrize("name", ["合计商贸有限公司", "总计财务咨询部", "备注文化传媒公司", "说明书印刷厂"])
def test_a_firm_whose_name_begins_like_a_total_is_a_row(name):
    assert [row["name"] for row in read(opened(made(HEAD, [name, "C1", "四上"])))] == [name]


@pytest.mark.parametrize("text", ["", "/", "——", "－", "无", " 暂 缺 ", "暂无", "N/A"])
def test_some_words_say_that_there_is_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["0", "无锡路1号", "空调维修", "暂缺执照", "-1"])
def test_other_words_say_something(text):
    assert not says_nothing(text)


# --- Writing --------------------------------------------------------------------------------------


def test_the_template_is_understood_when_it_comes_back():
    book = load_workbook(io.BytesIO(template("企业底册", COLUMNS, {})))
    book.worksheets[0].append(["甲公司", "C1", "四上", "赵敏", "", "13900001111"])
    assert read(opened(book)) == [{"line": "2"} | EXPECTED]


def test_the_template_offers_lists_explains_itself_and_keeps_text():
    choices = {"contact": ["赵敏", "钱伟"]}
    book = load_workbook(io.BytesIO(template("企业底册", COLUMNS, choices, ["每行一家。"])))
    sheet, lists = book.worksheets[0], book["选项"]
    assert [cell.value for cell in sheet[1]][:3] == ["企业名称*", "信用代码", "层级*"]
    assert lists.sheet_state == "hidden"
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered == {"C2:C20001": "'选项'!$C$1:$C$2", "D2:D20001": "'选项'!$D$1:$D$2"}
    assert [lists["D1"].value, lists["D2"].value] == ["赵敏", "钱伟"]
    assert sheet.column_dimensions["B"].number_format == "@"
    explained = [cell.value for row in book["填写说明"] for cell in row]
    assert {"每行一家。", "必填", "与营业执照一致；不超过50字"} <= set(explained)


def test_rejected_rows_come_back_with_one_column_of_reasons():
    errors = [{"title": "层级", "text": "必填"}, {"title": "", "text": "信用代码应为18位"}]
    content = rejects("企业底册", [*HEAD, "问题"], [([*ROW, "上次的原因"], errors)])
    rows = [list(row) for row in load_workbook(io.BytesIO(content)).active.values]
    assert rows == [[*HEAD, "问题"], [*ROW, "层级：必填；信用代码应为18位"]]


@pytest.mark.parametrize("start", ["=1+1", "+86", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_what_is_handed_back_is_never_calculated(start):
    errors = [{"title": "", "text": "有误"}]
    content = rejects("企业底册", HEAD, [([f"{start}公司", *ROW[1:]], errors)])
    cells = load_workbook(io.BytesIO(content)).active[2]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert cells[0].value == f"'{start}公司"
    assert read(open_sheet(io.BytesIO(content), COLUMNS))[0]["name"] == f"{start}公司"
