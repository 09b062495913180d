"""附件2 in Excel: out in its exact form, and in again."""

import io
import shutil
import subprocess
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from accounts.models import AuditEntry
from core import clock
from districts.workdays import SHANGHAI
from liaisons.models import LiaisonOfficer
from liaisons.services import officers
from tests import factories as make
from tests.enterprises import sheets

KIND = "officers"
HEAD = ["序号", "单位", "姓名", "职务", "办公号码", "手机号", "备注"]
STARTED = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


@pytest.fixture
def book(district, dispatcher):
    """Three lines in the wrong order of units, one with a text that a spreadsheet would calculate."""
    lines = [
        ("datong", "方圆", "经济发展办主任", "0562-5861234", "13800001234", "=兼信访"),
        ("datong", "安宁", "科员", "", "13900001234", ""),
        ("kjj", "卢春", "企业服务股股长", "0562-5860001", "", "12345-0 值守"),
    ]
    for code, name, title, office_phone, mobile, note in lines:
        officers.appoint(
            by=dispatcher, unit=make.unit(district, code), name=name, title=title,
            office_phone=office_phone, mobile=mobile, note=note, started=STARTED,
        )  # fmt: skip


def rows(unit=None) -> dict[str, str]:
    """Name and post of those in force."""
    lines = LiaisonOfficer.objects.in_force()
    return dict((lines.filter(unit__code=unit) if unit else lines).values_list("name", "title"))


def row(name: str, *, unit="大通镇", title="科员", office="", mobile="13700001234", note="") -> list:
    return [1, unit, name, title, office, mobile, note]


def checked(by, *lines, head=HEAD, half=""):
    return sheets.checked(by, sheets.book(lines, head), KIND, half=half)


def applied(by, *lines, half=""):
    return sheets.written(by, checked(by, *lines, half=half))


def counts(found) -> dict[str, int]:
    found.refresh_from_db()
    named = {"new": found.rows_new, "changed": found.rows_changed, "gone": found.rows_gone,
             "same": found.rows_same, "bad": found.rows_bad}  # fmt: skip
    return {name: number for name, number in named.items() if number}


# --- Out ------------------------------------------------------------------------------------------


def exported(client, dispatcher, **filters) -> bytes:
    client.force_login(dispatcher)
    answer = client.get("/liaisons/officers/export/", filters)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return answer.content


def test_the_sheet_is_that_of_the_plan_cell_by_cell(client, book, dispatcher):
    workbook = load_workbook(io.BytesIO(exported(client, dispatcher)))
    assert workbook.sheetnames == ["联络员情况表"]
    sheet = workbook.active
    assert [[cell.value for cell in line] for line in sheet.iter_rows()] == [
        ["各单位“亲清有约、‘铜’心助企”专项行动联络员情况表", *[None] * 6],
        HEAD,
        [1, "区科经局", "卢春", "企业服务股股长", "0562-5860001", None, "12345-0 值守"],
        [2, "大通镇", "方圆", "经济发展办主任", "0562-5861234", "13800001234", "'=兼信访"],
        [3, "大通镇", "安宁", "科员", None, "13900001234", None],
    ]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:G1"]
    assert {cell.font.name for line in sheet.iter_rows(min_row=2) for cell in line} == {"仿宋"}
    assert sheet["A1"].font.name == "宋体" and sheet["A1"].font.size == 18
    for line in sheet.iter_rows(min_row=2):
        assert all(cell.border.left.style == cell.border.top.style == "thin" for cell in line)
    for phone in (sheet["E3"], sheet["E4"], sheet["F4"], sheet["F5"]):
        assert phone.data_type == "s" and phone.number_format == "@"
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "portrait"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$1:$2" and sheet.print_area == "'联络员情况表'!$A$1:$G$5"
    assert "区科经局测试 2026-11-19 10:00 导出" in sheet.oddFooter.left.text


def test_taking_it_away_is_the_dispatchers_and_on_record(client, book, dispatcher, liaison):
    exported(client, dispatcher)
    assert AuditEntry.objects.get(action="officers.exported").data == {"lines": 3}
    client.force_login(liaison)
    assert client.get("/liaisons/officers/export/").status_code == 403
    assert AuditEntry.objects.filter(action="officers.exported").count() == 1


def test_the_filter_of_the_page_narrows_the_sheet(client, book, dispatcher, district):
    content = exported(client, dispatcher, unit=make.unit(district).pk)
    assert [line[2] for line in sheets.opened(content)[2:]] == ["卢春"]


def test_a_short_name_that_two_units_share_is_written_out(client, book, dispatcher, district):
    park = make.unit(district, "huihe")
    park.short_name = "大通镇"
    park.save()
    names = {line[1] for line in sheets.opened(exported(client, dispatcher))[2:]}
    assert names == {"区科经局", "铜陵市郊区大通镇人民政府"}


@pytest.mark.office
def test_libreoffice_prints_it_a_page_wide_with_its_head_on_every_page(
    client, book, dispatcher, district, tmp_path
):
    for number in range(60):
        officers.appoint(
            by=dispatcher, unit=make.unit(district, "huihe"), name=f"联络员{number}", title="综合办公室副主任",
            mobile=f"1380000{number:04d}", started=STARTED,
        )  # fmt: skip
    source = tmp_path / "officers.xlsx"
    source.write_bytes(exported(client, dispatcher))
    subprocess.run(
        ["libreoffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    if shutil.which("pdftotext"):
        pdf = str(tmp_path / "officers.pdf")
        printed = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
        )
        pages = printed.stdout.split("\f")[:-1]
        assert len(pages) == 2
        assert all("办公号码" in page and "专项行动" in page for page in pages)
        assert "联络员59" in pages[1] and "13800000059" in pages[1]


# --- In -------------------------------------------------------------------------------------------


def test_the_exported_file_imported_again_changes_nothing(client, book, dispatcher):
    upload = sheets.SimpleUploadedFile("联络员情况表.xlsx", exported(client, dispatcher))
    found = sheets.engine.receive(by=dispatcher, kind=KIND, upload=upload, half="2026-H2")
    assert sheets.engine.check(found)
    assert counts(found) == {"same": 3}
    before = list(LiaisonOfficer.objects.order_by("pk").values())
    sheets.written(dispatcher, found)
    assert list(LiaisonOfficer.objects.order_by("pk").values()) == before


def test_a_new_line_is_entered_from_today(book, dispatcher, district):
    found = applied(dispatcher, row("周强", unit="铜陵市郊区大通镇人民政府", mobile=13700001234.0))
    assert counts(found) == {"new": 1}
    officer = LiaisonOfficer.objects.get(name="周强")
    assert (officer.unit.code, officer.mobile, officer.started) == ("datong", "13700001234", clock.today())
    assert (officer.sheet_import, officer.recorded_by) == (found, dispatcher)


def test_heads_as_other_offices_write_them_are_understood(book, dispatcher):
    head = ["单位名称", "联络员姓名", "职务职级", "办公电话", "手机号码"]
    found = checked(
        dispatcher, ["大通 镇", "方　圆", "经济发展办主任", "０５６２—５８６１２３４", ""], head=head
    )
    assert counts(found) == {"same": 1}


def test_a_number_is_changed_in_place_and_a_blank_leaves_it(book, dispatcher):
    found = applied(dispatcher, row("方圆", title="经济发展办主任", mobile="13700009999", note=""))
    assert counts(found) == {"changed": 1}
    assert found.rows.get().changes == [{"title": "手机号", "before": "13800001234", "after": "13700009999"}]
    officer = LiaisonOfficer.objects.get(name="方圆")
    assert (officer.mobile, officer.office_phone, officer.note) == ("13700009999", "0562-5861234", "=兼信访")


def test_another_post_starts_a_new_line_and_the_past_stays_true(book, dispatcher, today):
    applied(dispatcher, row("方圆", title="副镇长", mobile=""))
    old, new = LiaisonOfficer.objects.filter(name="方圆").order_by("started")
    assert (old.title, old.ended) == ("经济发展办主任", today)
    assert (new.title, new.started, new.ended) == ("副镇长", today, None)
    assert (new.mobile, new.note) == ("13800001234", "=兼信访")


def test_every_mistake_is_said_line_by_line(book, dispatcher):
    found = checked(
        dispatcher,
        row("周强", unit="大铜镇"),
        row("周强", office="5861234"),
        row("吴磊", mobile="", office=""),
        row("", title="主任"),
        row("李静", mobile="0562-5861234"),
        row("方圆", title="经济发展办主任"),
        row("方 圆", title="经济发展办主任"),
    )
    said = sheets.problems(found)
    assert "没有“大铜镇”这个单位，是否为" in said[2] and "“大通镇”" in said[2]
    assert "区号" in said[3] and "至少填一个" in said[4] and "姓名：必填" in said[5]
    assert "手机号应为11位" in said[6] and "与第7行重复" in said[8]
    assert set(said) == {2, 3, 4, 5, 6, 8}


def test_a_unit_imports_its_own_and_nobody_elses(book, liaison, district):
    found = checked(liaison, row("周强"), row("吴磊", unit="灰河乡"), row("卢春", unit="区科经局"))
    assert counts(found) == {"new": 1, "bad": 2}
    assert "您只能填报本单位的联络员" in sheets.problems(found)[3]
    complete = checked(liaison, row("方圆", title="经济发展办主任"), half="2026-H2")
    assert [line.cells[2] for line in complete.rows.filter(outcome="gone")] == ["安宁"]


def test_a_complete_sheet_ends_whom_it_no_longer_holds_once_that_is_approved(book, dispatcher, today):
    lines = [row("卢春", unit="区科经局", title="企业服务股股长", mobile="", office="0562-5860001"),
             row("方圆", title="经济发展办主任", mobile="123")]  # fmt: skip
    found = checked(dispatcher, *lines, half="2026-H2")
    # A row with a mistake in it still stands for its line: only 安宁 is missing.
    assert counts(found) == {"gone": 1, "same": 1, "bad": 1}
    assert not found.rows.get(outcome="gone").approved
    sheets.engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
    sheets.written(dispatcher, found)
    assert set(rows()) == {"卢春", "方圆"}
    assert LiaisonOfficer.objects.get(name="安宁").ended == today


def test_everything_is_taken_back_as_one(book, dispatcher):
    before = list(LiaisonOfficer.objects.order_by("pk").values())
    found = checked(
        dispatcher,
        row("周强"),
        row("方圆", title="副镇长", mobile=""),
        row("卢春", unit="区科经局", title="企业服务股股长", mobile="13700001234"),
        half="2026-H2",
    )
    sheets.engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
    sheets.written(dispatcher, found)
    assert set(rows()) == {"周强", "方圆", "卢春"} and rows()["方圆"] == "副镇长"
    sheets.undone(dispatcher, found)
    assert list(LiaisonOfficer.objects.order_by("pk").values()) == before


def test_what_was_changed_since_is_not_taken_back(book, dispatcher, today):
    found = applied(dispatcher, row("周强"), row("吴磊"))
    with clock.at(clock.now() + timedelta(days=3)):
        line = LiaisonOfficer.objects.get(name="周强")
        officers.end(by=dispatcher, officer=line, ended=clock.today())
        sheets.undone(dispatcher, found)
    assert set(rows("datong")) == {"方圆", "安宁", "周强"}  # still in force on the day of the import
    kept = found.rows.get(applied=True)
    assert kept.values["name"] == "周强" and "又有变动" in kept.errors[0]["text"]


def test_two_versions_on_one_day_end_what_began_that_day(book, dispatcher):
    applied(dispatcher, row("周强"))
    lines = [row("方圆", title="经济发展办主任"), row("安宁"),
             row("卢春", unit="区科经局", title="企业服务股股长")]  # fmt: skip
    found = checked(dispatcher, *lines, half="2026-H2")
    sheets.engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
    sheets.written(dispatcher, found)
    assert set(rows()) == {"方圆", "安宁", "卢春"}


def test_judging_costs_the_same_for_one_row_and_for_sixty(book, dispatcher, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as few:
        checked(dispatcher, row("周强"))
    with django_assert_max_num_queries(len(few)):
        checked(dispatcher, *(row(f"联络员{number}") for number in range(60)))


@pytest.mark.parametrize("role", ["cadre", "window", "supervisor", "bureau_leader", "admin"])
def test_others_import_nothing(client, district, role):
    client.force_login(make.user(make.unit(district), role))
    assert client.get("/imports/officers/").status_code == 403


def test_the_pages_of_an_import_work_for_it(client, book, dispatcher):
    client.force_login(dispatcher)
    listed = client.get("/imports/officers/")
    assert "联络员情况表" in listed.content.decode()
    template = client.get("/imports/officers/template/")
    assert [head.rstrip("*") for head in sheets.opened(template.content)[0] if head] == HEAD[1:]
    found = checked(dispatcher, row("周强"), row("方圆", title="副镇长", mobile="13700009999"))
    text = client.get(f"/imports/{found.pk}/sheet/").content.decode()
    assert "周强" in text and "137****9999" in text and "13700009999" not in text


def test_a_sheet_speaks_of_todays_line_where_a_change_of_post_is_planned(book, liaison, today):
    line = LiaisonOfficer.objects.get(name="安宁")
    told = {"name": "安宁", "office_phone": "", "mobile": "13900001234"}
    officers.change(by=liaison, officer=line, since=today + timedelta(days=9), title="股长", **told)
    applied(liaison, row("安宁", mobile="13911112222"))
    line.refresh_from_db()
    assert (line.title, line.mobile) == ("科员", "13911112222")
    assert LiaisonOfficer.objects.get(title="股长").mobile == "13900001234"
