"""Sheets as offices send them."""

import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import User
from enterprises import roster_import
from enterprises.models import RosterImport
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


def received(by: User, made: Workbook, kind: str = "enterprises") -> RosterImport:
    return roster_import.receive(by=by, kind=kind, upload=upload(made))


def checked(by: User, made: Workbook, kind: str = "enterprises") -> RosterImport:
    found = received(by, made, kind)
    assert roster_import.check(found)
    return found


def applied(by: User, made: Workbook, kind: str = "enterprises") -> RosterImport:
    found = checked(by, made, kind)
    assert roster_import.confirm(roster_import=found, by=by)
    assert roster_import.apply(found)
    return found


def opened(content: bytes) -> list[list[Any]]:
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].values]


def problems(found: RosterImport) -> dict[int, str]:
    """What is wrong, by line, as one text."""
    return {
        row.line: "；".join(f"{error['title']}：{error['text']}" for error in row.errors)
        for row in found.rows.filter(outcome="bad")
    }
