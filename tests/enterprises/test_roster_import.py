"""A sheet on its way into the roster: what is checked, what is written, and what happens in between."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from accounts.models import AuditEntry
from core import clock
from core.xlsx import SheetError
from enterprises import roster_import as rosters
from enterprises.models import Enterprise, Project, RosterImport, RosterRow
from enterprises.tasks import check_rosters
from tests import factories
from tests.enterprises.sheets import (
    HEAD,
    PROJECT_HEAD,
    applied,
    book,
    checked,
    firm,
    problems,
    received,
    upload,
)


def test_a_checked_sheet_writes_nothing_until_it_is_confirmed(dispatcher):
    found = checked(dispatcher, book([firm(1), firm(2)]))
    assert (found.state, found.rows_new, found.rows_bad) == ("checked", 2, 0)
    assert not Enterprise.objects.exists()
    assert rosters.confirm(roster_import=found, by=dispatcher)
    assert rosters.apply(found)
    assert found.state == "applied"
    assert Enterprise.objects.count() == 2
    one = Enterprise.objects.get(name="铜陵示例1号有限公司")
    assert one.region.name == "大通镇"
    assert one.tier == "small"
    assert list(Enterprise.objects.search("示例1号")) == [one]
    assert AuditEntry.objects.filter(action="roster.apply", object_id=str(found.pk)).count() == 1


def test_the_same_sheet_again_changes_nothing(dispatcher):
    applied(dispatcher, book([firm(1), firm(2)]))
    again = checked(dispatcher, book([firm(1), firm(2)]))
    assert (again.rows_new, again.rows_changed, again.rows_same, again.rows_bad) == (0, 0, 2, 0)


def test_columns_may_be_reordered_and_a_title_may_stand_above(dispatcher):
    made = Workbook()
    sheet = made.active
    sheet.append(["2026年企业底册"])
    sheet.append([])
    order = [5, 0, 4, 1, 6, 2, 3]
    sheet.append([f" {HEAD[i]}* " if i == 0 else HEAD[i] for i in order] + ["备注"])
    sheet.append([firm(1)[i] for i in order] + ["随便写的"])
    found = checked(dispatcher, made)
    assert (found.rows_new, found.rows_bad) == (1, 0)
    assert found.rows.get().line == 4


def test_the_sheet_with_the_known_header_is_found_behind_another_one(dispatcher):
    made = book([firm(1)])
    cover = made.create_sheet("封面", 0)
    cover["A1"] = "企业底册"
    assert checked(dispatcher, made).rows_new == 1


def test_it_names_the_missing_column(dispatcher):
    with pytest.raises(SheetError, match="缺少“层级”"):
        received(dispatcher, book([], head=[title for title in HEAD if title != "层级"]))
    assert not RosterImport.objects.exists()


def test_it_says_when_there_is_no_header(dispatcher):
    with pytest.raises(SheetError, match="没有找到表头"):
        received(dispatcher, book([firm(1)], head=None))


def test_it_refuses_a_column_that_comes_twice(dispatcher):
    with pytest.raises(SheetError, match="“企业名称”出现了不止一次"):
        received(dispatcher, book([], head=[*HEAD, "单位名称"]))


def test_it_refuses_a_broken_file(dispatcher):
    with pytest.raises(SheetError, match="无法读取"):
        rosters.receive(
            by=dispatcher, kind="enterprises", upload=SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")
        )


def test_an_empty_sheet_fails_with_a_reason(dispatcher):
    found = checked(dispatcher, book([]))
    assert found.state == "failed"
    assert "没有数据" in found.message


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
    row = ["", "123", "", "", "无", "无", "无"]
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


def test_a_code_of_a_firm_with_another_name_is_refused(dispatcher):
    applied(dispatcher, book([firm(1)]))
    found = checked(dispatcher, book([firm(1, name="铜陵另一家有限公司")]))
    assert "属于“铜陵示例1号有限公司”" in problems(found)[2]


def test_half_width_brackets_are_the_same_name(dispatcher):
    applied(dispatcher, book([firm(1, name="铜陵（示例）公司")]))
    found = checked(dispatcher, book([firm(1, name="铜陵(示例)公司")]))
    assert found.rows_same == 1


def test_empty_cells_leave_the_roster_as_it_is(dispatcher):
    applied(dispatcher, book([firm(1)]))
    found = applied(dispatcher, book([firm(1, place="铜山镇", phone="")]))
    assert found.rows.get().changes == ["所在乡镇办（园区）"]
    one = Enterprise.objects.get()
    assert (one.region.name, one.contact_phone) == ("铜山镇", "13900001111")


def test_a_firm_taken_off_the_roster_comes_back_with_a_new_sheet(dispatcher):
    applied(dispatcher, book([firm(1)]))
    Enterprise.objects.update(active=False)
    found = applied(dispatcher, book([firm(1)]))
    assert found.rows.get().changes == ["在册"]
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


# --- Workers --------------------------------------------------------------------------------------


def test_the_tick_checks_what_waits_and_applies_what_is_confirmed(dispatcher):
    found = received(dispatcher, book([firm(1)]))
    check_rosters()
    found.refresh_from_db()
    assert found.state == "checked"
    rosters.confirm(roster_import=found, by=dispatcher)
    check_rosters()
    check_rosters()
    found.refresh_from_db()
    assert found.state == "applied"
    assert Enterprise.objects.count() == 1


def test_only_one_worker_gets_an_import(dispatcher):
    found = received(dispatcher, book([firm(1)]))
    other = RosterImport.objects.get(pk=found.pk)
    assert rosters.check(found)
    assert not rosters.check(other)
    assert rosters.confirm(roster_import=found, by=dispatcher)
    assert not rosters.confirm(roster_import=other, by=dispatcher)
    assert rosters.apply(found)
    assert not rosters.apply(other)
    assert Enterprise.objects.count() == 1


def test_a_killed_workers_claim_is_taken_again_after_ten_minutes(dispatcher):
    found = received(dispatcher, book([firm(1), firm(2)]))
    RosterImport.objects.update(state="checking", claimed_at=clock.now(), rows_total=2, rows_done=1)
    RosterRow.objects.create(roster_import=found, line=2, cells=[], outcome="bad")
    check_rosters()
    found.refresh_from_db()
    assert found.state == "checking"
    with clock.at(clock.now() + timedelta(minutes=11)):
        check_rosters()
    found.refresh_from_db()
    assert (found.state, found.rows_new, found.rows.count()) == ("checked", 2, 2)


def test_a_worker_whose_claim_was_taken_stops(dispatcher, monkeypatch):
    found = received(dispatcher, book([firm(1)]))
    real = rosters.read_row

    def slow(*args):
        RosterImport.objects.filter(pk=found.pk).update(claimed_at=clock.now() + timedelta(minutes=11))
        return real(*args)

    monkeypatch.setattr(rosters, "read_row", slow)
    with pytest.raises(rosters.ClaimLost):
        rosters.check(found)
    assert not found.rows.exists()


def test_a_fault_of_the_program_is_shown_and_not_repeated_for_ever(dispatcher, monkeypatch):
    found = received(dispatcher, book([firm(1)]))

    def stumble(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(rosters, "read_row", stumble)
    check_rosters()
    found.refresh_from_db()
    assert found.state == "failed"
    assert "程序出错" in found.message
    assert rosters.due() == []


def test_what_changed_between_check_and_confirmation_is_judged_again(dispatcher, district):
    found = checked(dispatcher, book([firm(1), firm(2)]))
    factories.enterprise(district, name="抢先登记的公司", credit_code=factories.credit_code(1))
    rosters.confirm(roster_import=found, by=dispatcher)
    assert rosters.apply(found)
    assert (found.rows_new, found.rows_bad) == (1, 1)
    assert "抢先登记的公司" in problems(found)[2]


def test_4057_rows_cost_a_bounded_number_of_queries(dispatcher):
    places = ["大通镇", "铜山镇", "灰河乡", "老洲乡"]
    rows = [firm(number, place=places[number % 4]) for number in range(1, 4058)]
    rows[2000][1] = "坏"
    found = received(dispatcher, book(rows))
    chunks = 4057 // rosters.CHUNK + 1
    with CaptureQueriesContext(
        connection,
    ) as checking:
        rosters.check(found)
    assert (found.rows_total, found.rows_new, found.rows_bad) == (4057, 4056, 1)
    rosters.confirm(roster_import=found, by=dispatcher)
    with CaptureQueriesContext(connection) as applying:
        rosters.apply(found)
    assert Enterprise.objects.count() == 4056
    # SQLite takes 999 values a statement, so a chunk of 500 becomes several INSERTs there.
    assert len(checking) <= chunks * 20
    assert len(applying) <= chunks * 30


def test_a_larger_chunk_of_rows_asks_no_more_questions(dispatcher):
    def questions(rows: int) -> int:
        found = received(dispatcher, book([firm(number) for number in range(rows * 10, rows * 11)]))
        with CaptureQueriesContext(connection) as asked:
            rosters.check(found)
        return sum(1 for query in asked if query["sql"].startswith("SELECT"))

    assert questions(3) == questions(300)


def test_a_file_beyond_the_limit_of_rows_is_refused(dispatcher, monkeypatch):
    monkeypatch.setattr("enterprises.roster_sheet.MAX_ROWS", 2)
    found = received(dispatcher, book([firm(1), firm(2), firm(3)]))
    rosters.check(found)
    assert found.state == "failed"
    assert "分成几个文件" in found.message


def test_a_bomb_is_refused_before_it_is_unpacked(dispatcher, monkeypatch):
    monkeypatch.setattr("core.xlsx.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(SheetError, match="过大"):
        rosters.receive(by=dispatcher, kind="enterprises", upload=upload(book([firm(1)])))
