"""Numbers and results coming back from the provincial platform as a sheet."""

import io

import pytest
import time_machine
from django.test import Client
from openpyxl import Workbook, load_workbook

from accounts.models import AuditEntry
from appeals.models import Appeal, Event, ProvincialResult
from appeals.provincial_entry import enter_number
from core.sheets import rejects
from core.xlsx import SheetError
from districts.models import DistrictProfile
from imports import engine
from imports.models import SheetImport
from tests.appeals.lives import Cast
from tests.enterprises.sheets import applied, book, checked, problems, undone, upload, written

KIND = "provincial"
HEAD = ["诉求编号", "省平台编号", "省平台状态", "省平台办理结果", "省平台结果日期"]
DAY = "2026-11-18"


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False):
        yield


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


def sheet(*rows: list, head: list[str] | None = None) -> Workbook:
    return book(rows, head or HEAD)


def fresh(appeal: Appeal) -> Appeal:
    return Appeal.objects.get(pk=appeal.pk)


def numbers(found: SheetImport) -> tuple[int, int, int]:
    found.refresh_from_db()
    return found.rows_changed, found.rows_same, found.rows_bad


def recorded(appeal: Appeal) -> int:
    return Event.objects.filter(appeal=appeal, transition="record_provincial").count()


def said(by, *rows: list) -> str:
    found = checked(by, sheet(*rows), KIND)
    return "\n".join(problems(found).values())


# --- Filling in -----------------------------------------------------------------------------------


def test_exported_filled_in_and_brought_back(cast: Cast):
    first, second, third = cast.submit(), cast.register("window"), cast.submit()
    client = Client()
    client.force_login(cast.dispatcher)
    made = load_workbook(io.BytesIO(client.get("/appeals/provincial/export/").content))
    lines = list(made.active.iter_rows())
    head = {cell.value: place for place, cell in enumerate(lines[0])}
    by_number = {line[head["诉求编号"]].value: line for line in lines[1:]}
    by_number[first.number][head["省平台编号"]].value = "AH2026001"
    by_number[second.number][head["省平台编号"]].value = "AH2026002"
    by_number[second.number][head["省平台状态"]].value = "已办结"
    by_number[second.number][head["省平台办理结果"]].value = "已协调解决。"
    answer = client.post("/imports/provincial/", {"file": upload(made), "token": "t"}, follow=True)
    shown = answer.content.decode()
    assert "原为空，改为AH2026001" in shown and "改为省平台已办结" in shown
    found = SheetImport.objects.get()
    assert numbers(found) == (2, 1, 0)  # nobody filled in the third yet: that is no mistake
    assert fresh(first).provincial_number == ""
    written(cast.dispatcher, found)
    assert [fresh(one).provincial_number for one in (first, second, third)] == ["AH2026001", "AH2026002", ""]
    result = second.provincial_results.get()
    assert (result.status, result.text, result.on.isoformat()) == ("省平台已办结", "已协调解决。", DAY)
    assert result.sheet_import == found and result.recorded_by == cast.dispatcher
    event = first.events.last()
    assert (event.transition, event.user) == ("record_provincial", cast.dispatcher)
    assert fresh(second).status == "submitted"


def test_the_same_sheet_again_changes_nothing(cast: Cast):
    appeal = cast.submit()
    rows = [[appeal.number, "AH2026001", "已办结", "办好了。", "2026-11-16"]]
    applied(cast.dispatcher, sheet(*rows), KIND)
    again = checked(cast.dispatcher, sheet(*rows), KIND)
    assert numbers(again) == (0, 1, 0)
    written(cast.dispatcher, again)
    assert recorded(appeal) == 1 and appeal.provincial_results.count() == 1
    # Without a day, what was told last counts, also on another day.
    with time_machine.travel("2026-11-20 10:00+08:00"):
        assert numbers(checked(cast.dispatcher, sheet([appeal.number, "", "已办结", "办好了。", ""]), KIND)) == (
            0, 1, 0,
        )  # fmt: skip


def test_what_the_export_holds_is_known_when_it_comes_back(cast: Cast):
    appeal = cast.walk(cast.register("window"), "close")
    cast.solve_on_spot()
    applied(cast.dispatcher, sheet([appeal.number, "AH2026001", "办理中", "-1 起", "2026-11-16"]), KIND)
    client = Client()
    client.force_login(cast.dispatcher)
    content = client.get("/appeals/provincial/export/?state=recorded").content
    found = checked(cast.dispatcher, load_workbook(io.BytesIO(content)), KIND)
    assert numbers(found) == (0, 1, 0)


def test_the_platforms_own_sheet_is_matched_by_its_number(cast: Cast):
    appeal = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    made = sheet(["AH2026001", "转办中", "", 46342], head=["办件编号", "办件状态", "答复内容", "备注"])
    applied(cast.dispatcher, made, KIND)
    assert appeal.provincial_results.get().status == "省平台办理中"


def test_every_answer_is_kept_and_the_latest_day_counts(cast: Cast):
    appeal = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    for day, status in (("2026/11/16", "已办结"), ("2026年11月12日", "办理中")):
        applied(cast.dispatcher, sheet([appeal.number, "", status, "", day]), KIND)
    assert [result.status for result in appeal.provincial_results.all()] == ["省平台已办结", "省平台办理中"]


def test_sheets_as_people_send_them(cast: Cast):
    """A title, merged heads in two lines, full-width digits, blanks, a line of totals and a signature."""
    first, second = cast.submit(), cast.submit()
    made = Workbook()
    lines = [
        ["郊区省平台办件情况", "", "", "", ""],
        ["诉求编号", "省平台", "", "", "备注"],
        ["", "省平台编号", "省平台状态", "省平台结果日期", ""],
        [first.number.replace("JQ", "ｊｑ"), "ＡＨ２０２６ ００１", " 办 结", "2026.11.16", "x"],
        [f" {second.number} ", 20260012, "无", "", ""],
        ["合计", "", "", "", ""],
        ["填表人：", "", "", "", ""],
    ]
    for line in lines:
        made.active.append(line)
    for area in ("A1:E1", "A2:A3", "B2:D2", "E2:E3"):
        made.active.merge_cells(area)
    found = applied(cast.dispatcher, made, KIND)
    assert numbers(found) == (2, 0, 0)
    assert fresh(first).provincial_number == "AH2026001"
    assert fresh(second).provincial_number == "20260012"
    assert first.provincial_results.get().on.isoformat() == "2026-11-16"


def test_the_heads_are_those_of_the_districts_profile(cast: Cast, district):
    data = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json")
    data["provincial"] |= {
        "columns": [
            {"field": "number", "header": "区里的号"},
            {"field": "provincial_number", "header": "省里的号", "aliases": ["省号"]},
        ],
        "number_pattern": r"SZ\d{4}",
    }
    DistrictProfile.objects.create(district=district, effective_from="2026-11-18", data=data)
    appeal = cast.submit()
    applied(cast.dispatcher, sheet([appeal.number, "sz２０２６"], head=["区里的号", "省号"]), KIND)
    assert fresh(appeal).provincial_number == "SZ2026"
    client = Client()
    client.force_login(cast.dispatcher)
    template = load_workbook(io.BytesIO(client.get("/imports/provincial/template/").content)).active
    assert [cell.value for cell in template[1]][:3] == ["区里的号", "省里的号", "省平台状态"]


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["{number}", "编号", "", "", ""], "省平台编号：不像安徽省为企服务平台的编号"),
        (["{number}", "", "飞走了", "", ""], "省平台状态：“飞走了”不认识，应为省平台已受理、"),
        (["{number}", "AH2026009", "", "办好了。", ""], "省平台状态：有结果或日期的，须填状态"),
        (["{number}", "AH2026009", "已办结", "", "2026-11-19"], "省平台结果日期：晚于今天"),
        (["{number}", "AH2026009", "已办结", "", "昨天"], "省平台结果日期：不是日期"),
        (["{number}", "AH2026009", "已办结", "字" * 2001, ""], "省平台办理结果：有2001字，最多2000字"),
        (["{number}", "", "已办结", "", ""], "省平台编号：还没有编号，不能登记省平台结果"),
        (["", "", "已办结", "", ""], "诉求编号：与省平台编号至少填一个"),
        (["JQ20990101-0001", "AH2026009", "", "", ""], "诉求编号：台账中没有这个编号"),
        (["", "AH2026009", "已办结", "", ""], "省平台编号：台账中没有这个编号"),
        (["{number}", "=A1", "", "", ""], "省平台编号：是公式"),
        (["{number}", 123456789012345678, "", "", ""], "省平台编号：按数字保存，末尾几位已丢失"),
    ],
)
def test_what_is_wrong_is_said_cell_by_cell(cast: Cast, row, words):
    appeal = cast.submit()
    row = [str(cell).format(number=appeal.number) if isinstance(cell, str) else cell for cell in row]
    assert words in said(cast.dispatcher, row)
    assert recorded(appeal) == 0 and not ProvincialResult.objects.exists()


def test_another_number_and_a_number_of_another_appeal_are_conflicts(cast: Cast):
    first, second = cast.submit(), cast.submit()
    enter_number(appeal=first, number="AH2026001", by=cast.dispatcher)
    found = applied(
        cast.dispatcher,
        sheet([first.number, "AH2026002", "已办结", "", ""], [second.number, "AH2026001", "", "", ""]),
        KIND,
    )
    assert problems(found) == {
        2: "省平台编号：已录入 AH2026001，与表中不同；确需更正的，请在“省平台录入”页逐件更正",
        3: f"省平台编号：AH2026001 已登记在诉求 {first.number} 上，请核对。",
    }
    assert (fresh(first).provincial_number, fresh(second).provincial_number) == ("AH2026001", "")
    assert not ProvincialResult.objects.exists()
    # What was wrong can be taken away as it was, put right and uploaded again.
    bad = found.rows.filter(outcome="bad").values_list("cells", "errors")
    back = load_workbook(io.BytesIO(rejects("省平台", found.headers, bad)))
    back.active["B2"] = "AH2026001"
    back.active["B3"] = "AH2026003"
    assert numbers(applied(cast.dispatcher, back, KIND)) == (2, 0, 0)
    assert fresh(second).provincial_number == "AH2026003"


def test_doubles_within_a_sheet_are_refused(cast: Cast):
    first, second = cast.submit(), cast.submit()
    words = said(
        cast.dispatcher,
        [first.number, "AH2026001", "", "", ""],
        [second.number, "AH2026001", "", "", ""],
        [first.number, "AH2026001", "已办结", "", ""],
    )
    assert words == "省平台编号：与第2行重复\n诉求编号：与第2行是同一件诉求，请只保留一行"


def test_a_number_that_was_taken_between_check_and_confirmation_is_a_conflict(cast: Cast):
    first, second = cast.submit(), cast.submit()
    found = checked(cast.dispatcher, sheet([first.number, "AH2026001", "", "", ""]), KIND)
    enter_number(appeal=second, number="AH2026001", by=cast.second_dispatcher)
    written(cast.dispatcher, found)
    assert numbers(found) == (0, 0, 1) and "已登记在诉求" in problems(found)[2]
    assert fresh(first).provincial_number == ""


def test_what_perform_refuses_at_the_last_moment_is_a_bad_row(cast: Cast, monkeypatch):
    appeal, other = cast.submit(), cast.submit()
    found = checked(
        cast.dispatcher,
        sheet([appeal.number, "AH2026001", "", "", ""], [other.number, "AH2026002", "", "", ""]),
        KIND,
    )
    enter = enter_number

    def taken_first(**arguments):
        if arguments["number"] == "AH2026001":
            Appeal.objects.filter(pk=other.pk).update(provincial_number="AH2026001")
            monkeypatch.setattr("appeals.provincial_entry.refuse_taken_number", lambda *args, **kw: None)
        return enter(**arguments)

    monkeypatch.setattr("appeals.provincial_sheet.enter_number", taken_first)
    written(cast.dispatcher, found)
    assert "已登记在" in problems(found)[2]
    assert fresh(appeal).provincial_number == ""


@pytest.mark.parametrize("head", [["名称", "电话"], ["诉求编号", "省平台状态"]])
def test_a_sheet_of_something_else_is_refused_as_a_whole(cast: Cast, head):
    with pytest.raises(SheetError, match="省平台编号"):
        engine.receive(by=cast.dispatcher, kind=KIND, upload=upload(sheet(["x", "y"], head=head)))


# --- Whose ----------------------------------------------------------------------------------------


def test_a_window_enters_what_it_collected_and_learns_nothing_of_the_rest(cast: Cast):
    mine, other = cast.register("window"), cast.submit()
    found = applied(
        cast.window,
        sheet([mine.number, "AH2026001", "", "", ""], [other.number, "AH2026002", "", "", ""]),
        KIND,
    )
    assert problems(found) == {3: "诉求编号：台账中没有这个编号，或不是您可以录入的诉求"}
    assert fresh(mine).events.last().unit == cast.window.unit
    assert fresh(other).provincial_number == ""


def test_a_township_does_not_enter_for_its_window(cast: Cast):
    appeal = cast.register("window")
    words = said(cast.township_liaison, [appeal.number, "AH2026001", "", "", ""])
    assert "或牵头局调度员录入" in words
    # What nobody filled in is no mistake.
    assert numbers(checked(cast.township_liaison, sheet([appeal.number, "", "", "", ""]), KIND)) == (0, 1, 0)


def test_what_is_not_entered_on_the_platform_is_said(cast: Cast):
    solved = cast.solve_on_spot()
    assert "这件诉求是“当场办结”，不录入省平台" in said(
        cast.dispatcher, [solved.number, "AH2026001", "", "", ""]
    )


@pytest.mark.parametrize(
    ("person", "status"),
    [("dispatcher", 200), ("window", 200), ("liaison", 200), ("cadre", 200), ("bureau_leader", 403),
     ("supervisor", 403), ("admin", 403)],
)  # fmt: skip
def test_who_brings_sheets_back(cast: Cast, person, status):
    client = Client()
    client.force_login(getattr(cast, person))
    assert client.get("/imports/provincial/").status_code == status
    assert client.get("/imports/provincial/template/").status_code == status


# --- Taking back ----------------------------------------------------------------------------------


def test_an_undo_takes_results_back_and_says_that_numbers_stay(cast: Cast):
    numbered = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    appeal = cast.submit()
    found = applied(
        cast.dispatcher,
        sheet([numbered.number, "", "已办结", "", ""], [appeal.number, "AH2026002", "已受理", "", ""]),
        KIND,
    )
    client = Client()
    client.force_login(cast.dispatcher)
    assert "编号已记入办理过程，不能撤销" in client.get(f"/imports/{found.pk}/undo/").content.decode()
    undone(cast.dispatcher, found)
    assert not ProvincialResult.objects.exists()
    assert fresh(appeal).provincial_number == "AH2026002" and recorded(appeal) == 1
    found.refresh_from_db()
    assert found.message == "已撤销1行。另有1行没有撤销，原因见各行。"
    assert found.rows.get(applied=True).errors[0]["text"] == (
        "省平台结果已撤销；省平台编号已记入办理过程，不能撤销；录错的，请在“省平台录入”页更正为正确的编号"
    )
    assert AuditEntry.objects.filter(action="import.undo").exists()
