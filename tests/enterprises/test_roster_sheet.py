"""The template and the bad rows handed back: sheets that can be uploaded again as they are."""

import io

import pytest
from openpyxl import load_workbook

from enterprises import roster_import as rosters
from enterprises.roster_sheet import rejects, template
from tests.enterprises.sheets import HEAD, applied, book, checked, firm, opened, upload


@pytest.mark.parametrize("kind", ["enterprises", "projects"])
def test_the_template_is_understood_when_it_comes_back(dispatcher, kind):
    made = load_workbook(io.BytesIO(template(kind, ["大通镇", "铜山镇"])))
    sheet = made.worksheets[0]
    found = rosters.receive(by=dispatcher, kind=kind, upload=upload(made))
    assert len(found.headers) == sheet.max_column


def test_the_template_offers_lists_and_keeps_codes_as_text():
    made = load_workbook(io.BytesIO(template("enterprises", ["大通镇", "铜山镇"])))
    sheet, lists = made.worksheets[0], made["选项"]
    heads = {cell.value.rstrip("*"): cell.column_letter for cell in sheet[1]}
    assert list(heads) == [
        "企业名称", "统一社会信用代码", "注册号", "代码暂缺原因", "层级", "所在乡镇办（园区）", "行业门类", "规模", "地址",
        "法定代表人", "主营业务", "联系人", "联系人职务", "联系电话",
    ]  # fmt: skip
    assert lists.sheet_state == "hidden"
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    place = heads["所在乡镇办（园区）"]
    assert offered[f"{place}2:{place}20001"] == f"'选项'!${place}$1:${place}$2"
    assert [lists[f"{place}1"].value, lists[f"{place}2"].value] == ["大通镇", "铜山镇"]
    assert {rule.split("!")[1][1] for rule in offered.values()} == {
        heads[title] for title in ("层级", "所在乡镇办（园区）", "行业门类", "规模")
    }
    assert sheet.column_dimensions[heads["统一社会信用代码"]].number_format == "@"


def test_bad_rows_come_back_as_they_were_with_the_reason(dispatcher):
    bad = [*firm(1), "多出来的列"]
    bad[1] = "123"
    found = checked(dispatcher, book([bad, firm(2)], head=[*HEAD, "备注"]))
    sheet = opened(rejects(found))
    assert sheet[0] == [*HEAD, "备注", "问题"]
    assert sheet[1][:2] == ["铜陵示例1号有限公司", "123"]
    assert sheet[1][7] == "多出来的列"
    assert sheet[1][8] == "统一社会信用代码应为18位，现为3位。"
    assert len(sheet) == 2


def test_a_corrected_sheet_of_bad_rows_is_taken_and_its_reasons_replaced(dispatcher):
    bad = firm(1)
    bad[6] = "无"
    made = load_workbook(io.BytesIO(rejects(checked(dispatcher, book([bad])))))
    again = checked(dispatcher, made)
    assert opened(rejects(again))[0] == [*HEAD, "问题"]
    made.active["G2"] = "13900001111"
    assert applied(dispatcher, made).rows_new == 1


@pytest.mark.parametrize("start", ["=1+1", "+86", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_what_is_handed_back_is_never_calculated(dispatcher, start):
    row = firm(1, name=f"{start}公司")
    row[1] = "坏"
    made = book([row])
    made.active["A2"].data_type = "s"
    found = checked(dispatcher, made)
    cells = load_workbook(io.BytesIO(rejects(found))).active[2]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert cells[0].value == f"'{start}公司"
    again = checked(dispatcher, load_workbook(io.BytesIO(rejects(found))))
    assert again.rows.get().cells[0] == f"{start}公司"
