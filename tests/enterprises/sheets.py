"""Sheets as offices send them."""

import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import User
from imports import engine
from imports.models import SheetImport
from tests.factories import credit_code

HEAD = ["企业名称", "统一社会信用代码", "注册号", "代码暂缺原因", "层级", "所在乡镇办（园区）", "联系电话"]
PROJECT_HEAD = ["项目名称", "所在乡镇办（园区）", "建设单位", "总投资（万元）", "建设阶段"]


def firm(number: int, *, name: str = "", place: str = "大通镇", phone: str = "13900001111") -> list[Any]:
    return [name or f"铜陵示例{number}号有限公司", credit_code(number), "", "", "中小微企业", place, phone]


def book(rows: Sequence[Sequence[Any]], head: Sequence[str] | None = HEAD) -> Workbook:
    made = Workbook()
    sheet = made.active
    if head:
        sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    return made


def upload(made: Workbook, name: str = "底册.xlsx") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    made.save(buffer)
    return SimpleUploadedFile(name, buffer.getvalue())


def received(by: User, made: Workbook, kind: str = "enterprises", *, half: str = "") -> SheetImport:
    return engine.receive(by=by, kind=kind, upload=upload(made), half=half)


def checked(by: User, made: Workbook, kind: str = "enterprises", *, half: str = "") -> SheetImport:
    found = received(by, made, kind, half=half)
    assert engine.check(found)
    return found


def applied(by: User, made: Workbook, kind: str = "enterprises", *, half: str = "") -> SheetImport:
    return written(by, checked(by, made, kind, half=half))


def written(by: User, found: SheetImport) -> SheetImport:
    assert engine.confirm(sheet_import=found, by=by)
    assert engine.apply(found)
    return found


def undone(by: User, found: SheetImport) -> SheetImport:
    assert engine.ask_undo(sheet_import=found, by=by)
    assert engine.undo(found)
    return found


def opened(content: bytes) -> list[list[Any]]:
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].values]


def problems(found: SheetImport) -> dict[int, str]:
    """What is wrong, by line, as one text."""
    return {
        row.line: "；".join(f"{error['title']}：{error['text']}" for error in row.errors)
        for row in found.rows.filter(outcome="bad")
    }


# --- A roster as a township sends it --------------------------------------------------------------


def _full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


MESSY_HEAD = [
    "序号", "企业名称", "统一社会\n信用代码", "注册号", "代码暂缺原因", "企业类型", "所属乡镇", "联系人", "", "", "备注",
]  # fmt: skip
MESSY_ROWS: list[list[Any]] = [
    [1, "铜陵示例1号有限公司", credit_code(1), "", "", "规上", "大通镇", "赵敏", "经理", "13900001111", ""],
    ["２", " 铜陵（示例）2号有限公司　", _full_width(credit_code(2)), "", "", "四上企业", "大通 镇", "李静", "",
     "１３９００００２２２２", "上半年新投产"],
    [],
    [3, "大通镇便民超市", "无", 340711000012345.0, "", "中小微", "大通镇", "吴磊", "店主", 13900001111.0, ""],
    [4, "大通镇老街早点铺", "暂缺", "/", "正在办理营业执照", "个体工商户", "铜陵市郊区大通镇人民政府", "", "", "——", ""],
    [None, "小计", "", "", "", 4, "", "", "", "", ""],
    [5, "铜陵示例5号有限公司", credit_code(5).lower() + " ", "", "", "中小微企业", "大通镇", "周强", "厂长",
     "0562—1234567", ""],
    [6, "铜陵示例7号有限公司", 913407110000000000, "", "", "中小微企业", "大通镇", "", "", "", ""],
    [7, "铜陵示例8号有限公司", credit_code(8), "", "", "中小微企业", "大通镇", "", "", "1390000", ""],
    [8, "铜陵示例1号有限公司", credit_code(1), "", "", "规上", "大通镇", "", "", "", ""],
    [9, "大通镇夜宵摊", "暂缺", "", "", "中小微企业", "大通镇", "", "", "", ""],
]  # fmt: skip


def messy_book(rows: Sequence[Sequence[Any]] = MESSY_ROWS) -> Workbook:
    """Titles, heads merged over two lines, blanks, subtotals, totals, signatures and a second sheet."""
    made = Workbook()
    sheet = made.active
    sheet.title = "底册"
    sheet.append(["大通镇市场主体底册（2026年）"])
    sheet.append(["填报单位（盖章）：大通镇人民政府", *[""] * 6, "填报日期：2026年7月3日"])
    sheet.append(MESSY_HEAD)
    sheet.append(["", "", "", "", "", "", "", "姓名", "职务", "电话"])
    for row in rows:
        sheet.append(list(row))
    sheet.append([])
    sheet.append(["合 计", "", "", "", "", f"{len(rows)}家"])
    sheet.append(["填表人：", "", "", "", "", "审核人：", "", "联系电话：0562-7654321"])
    last = sheet.max_row
    merged = ["A1:K1", "A2:G2", "H2:K2", "H3:J3", f"A{last - 1}:E{last - 1}", f"A{last}:E{last}"]
    for area in [*merged, *(f"{letter}3:{letter}4" for letter in "ABCDEFGK")]:
        sheet.merge_cells(area)
    summary = made.create_sheet("汇总")
    for row in (["类别", "家数"], ["四上企业", 2], ["中小微企业", 3]):
        summary.append(row)
    return made
