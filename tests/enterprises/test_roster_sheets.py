"""Rosters from sheets: what a row means, what a complete version takes out, what an undo puts back."""

import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from core import clock
from core.sheets import rejects, template
from enterprises.models import Enterprise, Project, RosterChange
from enterprises.services import change_enterprise
from imports import engine
from imports.kinds import kind_of
from imports.models import SheetImport
from liaisons.models import Assignment
from liaisons.services.visits import record_visit
from tests import factories
from tests.enterprises.sheets import (
    HEAD,
    PROJECT_HEAD,
    applied,
    book,
    checked,
    firm,
    messy_book,
    opened,
    problems,
    received,
    undone,
    upload,
    written,
)

HALF = "2026-H2"


def numbers(found: SheetImport) -> tuple[int, ...]:
    return (found.rows_new, found.rows_changed, found.rows_gone, found.rows_same, found.rows_bad)


def named(number: int) -> Enterprise:
    return Enterprise.objects.get(name=f"铜陵示例{number}号有限公司")


def rejected(found: SheetImport) -> bytes:
    bad = found.rows.filter(outcome="bad").values_list("cells", "errors")
    return rejects("企业底册", found.headers, bad)


def test_what_is_written_is_found_and_has_a_history(dispatcher):
    found = applied(dispatcher, book([firm(1), firm(2)]))
    assert numbers(found) == (2, 0, 0, 0, 0)
    one = named(1)
    assert (one.region.name, one.tier) == ("大通镇", "small")
    assert list(Enterprise.objects.search("示例1号")) == [one]
    line = RosterChange.objects.get(enterprise=one)
    assert (line.source, line.action, line.recorded_by) == ("import", "added", dispatcher)
    assert line.sheet_import == found


def test_the_same_sheet_again_changes_nothing(dispatcher):
    applied(dispatcher, book([firm(1), firm(2)]))
    assert numbers(checked(dispatcher, book([firm(1), firm(2)]))) == (0, 0, 0, 2, 0)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, "", "企业名称：必填"),
        (0, "长" * 121, "企业名称：有121字，最多120字"),
        (1, "91340711MA00000010", "校验位不对"),
        (1, "340711000012345", "15位工商注册号"),
        (1, 913407110000000000, "末尾几位已丢失"),
        (1, 9.13e17, "末尾几位已丢失"),
        (1, "9.13E+17", "科学计数"),
        (1, "=A1&B1", "是公式"),
        (1, "", "没有代码的，请填注册号"),
        (2, "123", "注册号：工商注册号应为15位数字"),
        (4, "", "层级：必填"),
        (4, "特大型", "层级：没有“特大型”这一项"),
        (5, "大通", "是否为“大通镇”"),
        (5, "火星镇", "没有“火星镇”这个乡镇办或园区"),
        (6, "1390000", "电话号码不正确"),
        (6, "#N/A", "联系电话"),
    ],
)
def test_it_says_what_is_wrong_with_a_cell(dispatcher, place, value, said):
    row = firm(1)
    row[place] = value
    found = checked(dispatcher, book([row, firm(2)]))
    assert (found.rows_new, found.rows_bad) == (1, 1)
    assert said in problems(found)[2]


def test_all_errors_of_a_row_are_said_at_once(dispatcher):
    row = ["", "123", "", "", "无", "无", "没有电话"]
    found = checked(dispatcher, book([row]))
    assert len(found.rows.get().errors) == 5


def test_numbers_that_lost_nothing_are_taken_as_text(dispatcher):
    row = firm(1, phone="")
    row[1], row[2], row[6] = "", 340711000012345, 13900001111
    applied(dispatcher, book([row]))
    one = Enterprise.objects.get()
    assert (one.registration_number, one.contact_phone) == ("340711000012345", "13900001111")


def test_merged_cells_are_pointed_out(dispatcher):
    made = book([firm(1), firm(2), firm(3)])
    made.active.merge_cells("F2:F3")
    assert "合并单元格" in problems(checked(dispatcher, made))[3]


@pytest.mark.parametrize("place", ["大 通 镇", "大通镇人民政府", "大通镇"])
def test_a_place_is_known_by_the_names_people_use(dispatcher, township_unit, place):
    township_unit.name = "大通镇人民政府"
    township_unit.save()
    assert checked(dispatcher, book([firm(1, place=place)])).rows_bad == 0


def test_duplicates_within_the_sheet_name_the_other_line(dispatcher):
    found = checked(dispatcher, book([firm(1), firm(2), firm(1, name="别的名字")]))
    assert "与第2行重复" in problems(found)[4]
    assert found.rows_new == 2


def test_firms_without_code_are_told_apart_by_name_and_place(dispatcher):
    def stall(place: str) -> list[str]:
        return ["便民小店", "", "", "正在办理营业执照", "中小微企业", place, ""]

    found = applied(dispatcher, book([stall("大通镇"), stall("铜山镇"), stall("大通镇")]))
    assert (found.rows_new, found.rows_bad) == (2, 1)
    again = checked(dispatcher, book([stall("大通镇"), stall("铜山镇")]))
    assert (again.rows_new, again.rows_same) == (0, 2)


def test_a_firm_that_gets_its_code_later_is_the_same_firm(dispatcher):
    row = firm(1)
    row[1], row[3] = "", "正在办理营业执照"
    applied(dispatcher, book([row]))
    found = applied(dispatcher, book([firm(1)]))
    assert (found.rows_new, found.rows_changed) == (0, 1)
    one = Enterprise.objects.get()
    assert one.credit_code == factories.credit_code(1)
    assert one.no_code_reason == ""
    assert list(Enterprise.objects.search(one.credit_code)) == [one]


def test_a_new_name_under_a_known_code_waits_for_somebodys_yes(dispatcher):
    applied(dispatcher, book([firm(1), firm(2)]))
    renamed = book([firm(1, name="铜陵更名后有限公司"), firm(2, phone="13900002222")])
    found = checked(dispatcher, renamed)
    row = found.rows.get(line=2)
    assert (row.outcome, row.approved, found.rows.get(line=3).approved) == ("changed", False, True)
    assert row.changes[0]["before"] == "铜陵示例1号有限公司" and "更名" in row.changes[0]["title"]
    engine.confirm(sheet_import=found, by=dispatcher)
    engine.apply(found)
    assert Enterprise.objects.filter(name="铜陵示例1号有限公司").exists()
    again = checked(dispatcher, renamed)
    engine.approve(sheet_import=again, by=dispatcher, rows=[again.rows.get(line=2).pk], approved=True)
    engine.confirm(sheet_import=again, by=dispatcher)
    engine.apply(again)
    assert list(Enterprise.objects.search("更名后")) == [Enterprise.objects.get(name="铜陵更名后有限公司")]
    undone(dispatcher, again)
    assert Enterprise.objects.filter(name="铜陵示例1号有限公司").exists()


def test_a_new_name_under_a_registration_number_is_refused(dispatcher):
    first, second = firm(1), firm(1, name="铜陵另一家有限公司")
    for row in (first, second):
        row[1], row[2] = "", "340711600000001"
    applied(dispatcher, book([first]))
    assert "属于“铜陵示例1号有限公司”" in problems(checked(dispatcher, book([second])))[2]


def test_an_import_that_was_undone_is_no_change_since(dispatcher):
    first = applied(dispatcher, book([firm(1)]))
    second = applied(dispatcher, book([firm(1, phone="13900002222")]))
    undone(dispatcher, second)
    undone(dispatcher, first)
    assert not Enterprise.objects.exists()


def test_a_service_number_is_nobody_to_call(dispatcher):
    found = checked(dispatcher, book([firm(1, phone="12345")]))
    assert "请填能找到联系人的号码" in problems(found)[2]


def test_half_width_brackets_are_the_same_name(dispatcher):
    applied(dispatcher, book([firm(1, name="铜陵（示例）公司")]))
    found = checked(dispatcher, book([firm(1, name="铜陵(示例)公司")]))
    assert found.rows_same == 1


def test_empty_cells_leave_the_roster_as_it_is(dispatcher):
    applied(dispatcher, book([firm(1)]))
    found = applied(dispatcher, book([firm(1, place="铜山镇", phone="")]))
    assert found.rows.get().changes == [
        {"title": "所在乡镇办（园区）", "before": "大通镇", "after": "铜山镇"}
    ]
    one = Enterprise.objects.get()
    assert (one.region.name, one.contact_phone) == ("铜山镇", "13900001111")


def test_a_firm_taken_off_the_roster_comes_back_with_a_new_sheet(dispatcher):
    applied(dispatcher, book([firm(1)]))
    Enterprise.objects.update(active=False)
    found = applied(dispatcher, book([firm(1)]))
    assert found.rows.get().changes == [{"title": "在册", "before": "否", "after": "是"}]
    assert Enterprise.objects.get().active


def test_a_township_imports_only_its_own(dispatcher, township_liaison):
    found = checked(township_liaison, book([firm(1), firm(2, place="铜山镇")]))
    assert found.rows_new == 1
    assert "不在您可维护的范围内" in problems(found)[3]
    applied(dispatcher, book([firm(2, place="铜山镇")]))
    stolen = checked(township_liaison, book([firm(2, place="大通镇")]))
    assert "属于其他乡镇办" in problems(stolen)[2]


def test_rare_characters_and_emoji_survive(dispatcher):
    applied(dispatcher, book([firm(1, name="𠮷祥😀商行")]))
    one = Enterprise.objects.get()
    assert one.name == "𠮷祥😀商行"
    assert list(Enterprise.objects.search("𠮷祥😀")) == [one]


def test_projects_find_their_builder(dispatcher, district):
    builder = factories.enterprise(district, name="铜陵建设者有限公司")
    rows = [
        ["产业园一期", "大通镇", "铜陵建设者有限公司", "12,000.5", "在建"],
        ["产业园二期", "大通镇", "外地公司", 800, ""],
        ["产业园三期", "大通镇", "", "很多", ""],
        ["产业园一期", "铜山镇", "", "", ""],
    ]
    found = applied(dispatcher, book(rows, head=PROJECT_HEAD), "projects")
    assert (found.rows_new, found.rows_bad) == (2, 2)
    assert "应为数字" in problems(found)[4]
    assert "与第2行重复" in problems(found)[5]
    first = Project.objects.get(name="产业园一期")
    assert first.owner == builder
    assert str(first.investment) == "12000.50"
    again = checked(dispatcher, book(rows[:2], head=PROJECT_HEAD), "projects")
    assert again.rows_same == 2


def test_what_changed_between_check_and_confirmation_is_judged_again(dispatcher, district):
    found = checked(dispatcher, book([firm(1), firm(2)]))
    factories.enterprise(district, name="抢先登记的公司", credit_code=factories.credit_code(1))
    written(dispatcher, found)
    assert (found.rows_new, found.rows_bad) == (1, 1)
    assert "检查后又有变化" in problems(found)[2]
    assert Enterprise.objects.filter(name="抢先登记的公司").exists()


# --- Complete versions ----------------------------------------------------------------------------


def test_a_complete_version_shows_what_is_new_changed_and_gone(dispatcher, township_liaison):
    applied(dispatcher, book([firm(1), firm(2), firm(3), firm(4, place="铜山镇")]))
    found = checked(township_liaison, book([firm(1), firm(2, phone="13900002222"), firm(5)]), half=HALF)
    assert numbers(found) == (1, 1, 1, 1, 0)
    assert (found.unit, found.half) == (township_liaison.unit, HALF)
    gone = found.rows.get(outcome="gone")
    assert (gone.entry, gone.approved, gone.cells[:2]) == (
        named(3).pk, False, [named(3).name, named(3).credit_code],
    )  # fmt: skip
    assert found.rows.get(outcome="changed").changes == [
        {"title": "联系电话", "before": "13900001111", "after": "13900002222"}
    ]


def test_nothing_gone_is_taken_out_without_approval(dispatcher, township_liaison):
    applied(dispatcher, book([firm(1), firm(2)]))
    found = applied(township_liaison, book([firm(1)]), half=HALF)
    assert numbers(found) == (0, 0, 0, 1, 0)
    assert named(2).active


def test_who_is_approved_leaves_the_roster_with_a_history(dispatcher, township_liaison):
    applied(dispatcher, book([firm(1), firm(2), firm(3)]))
    found = checked(township_liaison, book([firm(1)]), half=HALF)
    row = found.rows.get(outcome="gone", entry=named(2).pk)
    engine.approve(sheet_import=found, by=dispatcher, rows=[row.pk], approved=True)
    written(dispatcher, found)
    assert numbers(found) == (0, 0, 1, 1, 0)
    assert [named(number).active for number in (1, 2, 3)] == [True, False, True]
    line = RosterChange.objects.filter(enterprise=named(2)).latest("pk")
    assert (line.action, line.recorded_by, line.sheet_import) == ("removed", dispatcher, found)


@pytest.mark.parametrize("place", [3, 4, 6])
def test_a_firm_whose_row_is_wrong_is_not_gone(dispatcher, township_liaison, place):
    applied(dispatcher, book([firm(1), firm(2)]))
    row: list[Any] = firm(2)
    row[place] = "坏" * 101
    found = checked(township_liaison, book([firm(1), row]), half=HALF)
    assert numbers(found) == (0, 0, 0, 1, 1)


def test_a_firm_that_left_is_not_missed_again(dispatcher, township_liaison):
    applied(dispatcher, book([firm(1), firm(2)]))
    Enterprise.objects.filter(pk=named(2).pk).update(active=False)
    assert numbers(checked(township_liaison, book([firm(1)]), half=HALF)) == (0, 0, 0, 1, 0)


# --- Undo -----------------------------------------------------------------------------------------


def second_version(dispatcher, township_liaison) -> SheetImport:
    """After firms 1, 2 and 3: 2 gets another phone, 3 is taken out, 4 and 5 are new."""
    applied(dispatcher, book([firm(1), firm(2), firm(3)]))
    rows = [firm(1), firm(2, phone="13900002222"), firm(4), firm(5)]
    found = checked(township_liaison, book(rows), half=HALF)
    engine.approve(sheet_import=found, by=township_liaison, rows=None, approved=True)
    return written(township_liaison, found)


def test_an_import_is_undone_as_one(dispatcher, township_liaison):
    found = second_version(dispatcher, township_liaison)
    assert numbers(found) == (2, 1, 1, 1, 0)
    undone(township_liaison, found)
    assert (found.state, found.message) == ("undone", "已撤销4行。")
    assert set(Enterprise.objects.values_list("name", "contact_phone", "active")) == {
        (f"铜陵示例{number}号有限公司", "13900001111", True) for number in (1, 2, 3)
    }
    actions = RosterChange.objects.filter(source="undo").values_list("enterprise__name", "action")
    assert set(actions) == {(named(2).name, "changed"), (named(3).name, "restored")}


def test_what_was_changed_since_stays_and_says_why(dispatcher, township_liaison):
    found = second_version(dispatcher, township_liaison)
    change_enterprise(by=dispatcher, enterprise=named(2), changes={"contact_phone": "13900003333"})
    change_enterprise(by=dispatcher, enterprise=named(4), changes={"address": "新路1号"})
    undone(dispatcher, found)
    assert found.message == "已撤销2行。另有2行没有撤销，原因见各行。"
    assert (named(2).contact_phone, named(4).address) == ("13900003333", "新路1号")
    reasons = {row.entry: row.errors[0]["text"] for row in found.rows.filter(applied=True)}
    assert reasons == {
        named(2).pk: "入库后又有改动，保留现在的内容",
        named(4).pk: "入库后又有改动，保留在册",
    }
    assert not Enterprise.objects.filter(name="铜陵示例5号有限公司").exists()
    assert named(3).active


def test_another_field_changed_since_does_not_keep_the_row(dispatcher, township_liaison):
    found = second_version(dispatcher, township_liaison)
    change_enterprise(by=dispatcher, enterprise=named(2), changes={"address": "新路1号"})
    undone(dispatcher, found)
    assert (named(2).contact_phone, named(2).address) == ("13900001111", "新路1号")


def test_a_new_firm_somebody_works_with_stays(dispatcher, township_liaison, district):
    found = second_version(dispatcher, township_liaison)
    official = factories.official(township_liaison.unit)
    Assignment.objects.create(
        district=district, region=named(4).region, enterprise=named(4), official=official,
        unit=township_liaison.unit, started=clock.today(), recorded_by=dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    record_visit(
        by=dispatcher, reporting_unit=dispatcher.unit, kind="visit", occurred_at=clock.now(),
        region=named(5).region, officials=[official], enterprise=named(5),
    )  # fmt: skip
    undone(dispatcher, found)
    reasons = {row.entry: row.errors[0]["text"] for row in found.rows.filter(applied=True)}
    assert reasons == {named(4).pk: "已有包保联系，保留在册", named(5).pk: "已有走访，保留在册"}
    assert (found.message, named(4).active) == ("已撤销2行。另有2行没有撤销，原因见各行。", True)


def test_undo_asked_twice_undoes_once(dispatcher, township_liaison):
    found = second_version(dispatcher, township_liaison)
    undone(dispatcher, found)
    assert not engine.ask_undo(sheet_import=found, by=dispatcher)
    assert RosterChange.objects.filter(source="undo").count() == 2


def test_the_older_of_two_imports_leaves_what_the_newer_one_wrote(dispatcher, township_liaison):
    first = applied(dispatcher, book([firm(1), firm(2)]))
    applied(dispatcher, book([firm(1, phone="13900002222")]))
    undone(dispatcher, first)
    assert [one.name for one in Enterprise.objects.all()] == [named(1).name]
    assert named(1).contact_phone == "13900002222"


# --- As offices send it ---------------------------------------------------------------------------


def test_a_messy_roster_is_read_twice_with_changes_between(dispatcher, township_liaison):
    code = factories.credit_code
    first = checked(township_liaison, messy_book(), half="2026-H1")
    assert numbers(first) == (5, 0, 0, 0, 4)
    said = problems(first)
    assert list(said) == [12, 13, 14, 15]
    assert "末尾几位已丢失" in said[12]
    assert "电话号码不正确" in said[13]
    assert "与第5行重复" in said[14]
    assert "没有代码的，请填注册号，或写明代码暂缺原因" in said[15]
    written(township_liaison, first)
    firms = {one.credit_code or one.registration_number or one.name: one for one in Enterprise.objects.all()}
    assert {key: one.name for key, one in firms.items()} == {
        code(1): "铜陵示例1号有限公司",
        code(2): "铜陵（示例）2号有限公司",
        "340711000012345": "大通镇便民超市",
        "大通镇老街早点铺": "大通镇老街早点铺",
        code(5): "铜陵示例5号有限公司",
    }
    assert {one.contact_phone for one in firms.values()} == {"13900001111", "13900002222", "0562-1234567", ""}
    assert firms["大通镇老街早点铺"].no_code_reason == "正在办理营业执照"
    assert firms["340711000012345"].contact_post == "店主"

    change_enterprise(by=dispatcher, enterprise=firms[code(1)], changes={"address": "大通镇新路1号"})
    rows = [
        ["１", "铜陵(示例)2号有限公司 ", code(2), "", "", "规上", "大通镇", "李静", "厂长", 13900002222.0, ""],
        [2, "大通镇老街早点铺", f" {code(4)} ", "/", "/", "中小微", "大通镇", "", "", "", ""],
        [3, "铜陵示例1号有限公司", code(1).lower(), "", "", "四上企业", "大通镇", "赵敏", "", "13900001111", ""],
        [4, "铜陵示例6号有限公司", code(6), "无", "", "中小微企业", "大通镇", "周强", "经理", "无", ""],
        [5, "铜陵示例5号有限公司", code(5), "", "", "中小微", "大通镇", "", "", "139", ""],
    ]  # fmt: skip
    second = checked(township_liaison, messy_book(rows), half=HALF)
    assert numbers(second) == (1, 2, 1, 1, 1)
    changes = {
        row.line: [change["title"] for change in row.changes] for row in second.rows.all() if row.changes
    }
    assert changes == {5: ["联系人职务"], 6: ["统一社会信用代码", "代码暂缺原因"]}
    assert list(problems(second)) == [9]
    assert second.rows.get(outcome="gone").entry == firms["340711000012345"].pk
    engine.approve(sheet_import=second, by=township_liaison, rows=None, approved=True)
    written(township_liaison, second)
    stall = Enterprise.objects.get(name="大通镇老街早点铺")
    assert (stall.pk, stall.credit_code, stall.no_code_reason) == (
        firms["大通镇老街早点铺"].pk, code(4), "",
    )  # fmt: skip
    assert Enterprise.objects.get(credit_code=code(1)).address == "大通镇新路1号"
    assert not Enterprise.objects.get(registration_number="340711000012345").active
    undone(township_liaison, second)
    assert second.message == "已撤销4行。"
    assert set(Enterprise.objects.filter(active=True)) == set(firms.values())


# --- Sheets handed out and back -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["enterprises", "projects"])
def test_the_template_is_understood_when_it_comes_back(dispatcher, kind):
    made = load_workbook(io.BytesIO(empty_sheet(kind, dispatcher)))
    found = engine.receive(by=dispatcher, kind=kind, upload=upload(made))
    assert len(found.headers) == made.worksheets[0].max_column


def empty_sheet(code: str, user) -> bytes:
    kind = kind_of(code)
    return template(kind.label, kind.columns, kind.choices(user), kind.notes)


def test_the_template_offers_the_words_a_roster_knows(township_liaison):
    made = load_workbook(io.BytesIO(empty_sheet("enterprises", township_liaison)))
    sheet, lists = made.worksheets[0], made["选项"]
    heads = {cell.value.rstrip("*"): cell.column_letter for cell in sheet[1]}
    assert list(heads) == [
        "企业名称", "统一社会信用代码", "注册号", "代码暂缺原因", "层级", "所在乡镇办（园区）", "行业门类", "规模", "四上类别",
        "成立日期", "地址", "法定代表人", "主营业务", "联系人", "联系人职务", "联系电话",
    ]  # fmt: skip
    offered = {rule.formula1.split("!")[1][1] for rule in sheet.data_validations.dataValidation}
    assert offered == {
        heads[title] for title in ("层级", "所在乡镇办（园区）", "行业门类", "规模", "四上类别")
    }
    place = heads["所在乡镇办（园区）"]
    assert [lists[f"{place}1"].value, lists[f"{place}2"].value] == ["大通镇", None]


def test_bad_rows_come_back_as_they_were_with_the_reason(dispatcher):
    bad = [*firm(1), "多出来的列"]
    bad[1] = "123"
    found = checked(dispatcher, book([bad, firm(2)], head=[*HEAD, "备注"]))
    sheet = opened(rejected(found))
    assert sheet[0] == [*HEAD, "备注", "问题"]
    assert sheet[1][:2] == ["铜陵示例1号有限公司", "123"]
    assert sheet[1][7] == "多出来的列"
    assert sheet[1][8] == "统一社会信用代码应为18位，现为3位。"
    assert len(sheet) == 2


def test_a_corrected_sheet_of_bad_rows_is_taken_and_its_reasons_replaced(dispatcher):
    bad = firm(1)
    bad[6] = "没电话"
    made = load_workbook(io.BytesIO(rejected(checked(dispatcher, book([bad])))))
    again = checked(dispatcher, made)
    assert opened(rejected(again))[0] == [*HEAD, "问题"]
    made.active["G2"] = "13900001111"
    assert applied(dispatcher, made).rows_new == 1


# --- Many rows ------------------------------------------------------------------------------------


def test_4057_rows_cost_a_bounded_number_of_queries(dispatcher):
    places = ["大通镇", "铜山镇", "灰河乡", "老洲乡"]
    rows = [firm(number, place=places[number % 4]) for number in range(1, 4058)]
    rows[2000][1] = "坏"
    found = received(dispatcher, book(rows))
    chunks = 4057 // engine.CHUNK + 1
    with CaptureQueriesContext(connection) as checking:
        engine.check(found)
    assert (found.rows_total, found.rows_new, found.rows_bad) == (4057, 4056, 1)
    engine.confirm(sheet_import=found, by=dispatcher)
    with CaptureQueriesContext(connection) as applying:
        engine.apply(found)
    assert Enterprise.objects.count() == 4056
    engine.ask_undo(sheet_import=found, by=dispatcher)
    with CaptureQueriesContext(connection) as undoing:
        engine.undo(found)
    assert not Enterprise.objects.exists()
    # SQLite takes 999 values a statement, so a chunk of 500 becomes several INSERTs there.
    assert len(checking) <= chunks * 20
    assert len(applying) <= chunks * 40
    assert len(undoing) <= chunks * 100


def test_a_larger_chunk_of_rows_asks_no_more_questions(dispatcher, township_liaison):
    def questions(rows: int) -> list[int]:
        applied(dispatcher, book([firm(number) for number in range(rows * 10, rows * 12)]))
        sheet = book([firm(number, phone="13900002222") for number in range(rows * 11, rows * 13)])
        found = received(township_liaison, sheet, half=HALF)
        counted = []
        for ask, step in [
            (None, engine.check),
            (engine.confirm, engine.apply),
            (engine.ask_undo, engine.undo),
        ]:
            if ask:
                engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
                ask(sheet_import=found, by=dispatcher)
            with CaptureQueriesContext(connection) as asked:
                step(found)
            counted.append(sum(1 for query in asked if query["sql"].startswith("SELECT")))
        return counted

    assert questions(3) == questions(100)


# --- Firms that were merged, names with blanks ----------------------------------------------------


def test_a_name_that_was_merged_into_another_does_not_come_back(dispatcher, district):
    kept = factories.enterprise(district, name="铜陵保留商贸有限公司")
    gone = factories.enterprise(
        district,
        name="铜陵重复商贸有限公司",
        credit_code=None,
        no_code_reason="已并入",
        active=False,
        merged_into=kept,
    )
    row = firm(1, name=gone.name)
    row[1], row[3] = "", "正在办理"
    found = checked(dispatcher, book([row]), half="2026-H2")
    assert "已并入“铜陵保留商贸有限公司”" in problems(found)[2]
    # The row still says that the firm is there: its keeper is not proposed to go.
    assert not found.rows.filter(outcome="gone", entry=kept.pk).exists()


def test_a_blank_inside_a_name_is_no_other_firm(dispatcher):
    applied(dispatcher, book([firm(1)]))
    again = checked(dispatcher, book([firm(1, name="铜陵 示例1号　有限公司")]))
    assert (again.rows_same, again.rows_new, again.rows_bad) == (1, 0, 0)
