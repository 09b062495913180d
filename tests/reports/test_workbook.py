"""The file, opened again: 附件3 cell by cell, as printed in the plan."""

import io
import shutil
import subprocess
import zipfile
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from core import clock
from districts.loading import load_rules
from districts.models import DistrictProfile, Region
from reports import figures, services, workbook
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

# 附件3 as printed: number, words, and the mark printed in the last column. The groups follow with their rows.
ROWS = [
    (1, "参与走访领导人数（人）", ""),
    (2, "走访企业数量（家）", ""),
    (3, "收集解决问题（个）", ""),
    (4, "参与走访领导人数（人）", ""),
    (5, "走访企业数量（家）", ""),
    (6, "收集解决问题（个）", ""),
    (7, "参与走访领导人数（人）", ""),
    (8, "走访企业数量（家）", ""),
    (9, "收集解决问题（个）", ""),
    (10, "发放政策清单（份）", ""),
    (11, "召开调研座谈会（场）", ""),
    (12, "政策宣传惠及企业（家）", ""),
    (13, "帮助兑现政策（万元）", ""),
    (14, "收集解决企业、项目问题（个）", "A+B"),
    (15, "其中当场解决问题（个）", "A"),
    (16, "录入省为企业服务平台跟踪办理问题数（个）", "B"),
    (17, "解决用工（人）", ""),
    (18, "解决融资（万元）", ""),
    (19, "解决土地（亩）", ""),
    (20, "解决物流、原材料供应等其他生产配套服务问题（个）", ""),
    (21, "收集涉企政策、服务、营商环境的意见建议（条）", "A+B"),
    (22, "其中区政府/单位自行听取的意见建议（条）", "A"),
    (23, "其中提请区级主管部门协调听取的意见建议（条）", "B"),
    (24, "区、乡镇（办事处）、开发园区常态联系企业的领导干部数（人）", ""),
    (25, "常态联系包保企业数（家）", ""),
    (26, "联系包保项目数量（个）", ""),
    (27, "宣传报道“亲清有约、‘铜’心助企”专项行动（篇次）", ""),
]
GROUPS = {
    (1, 3): "区四大班子及法检“两长”走访情况",
    (4, 6): "区其他单位领导班子走访情况",
    (7, 9): "市有关单位领导班子走访情况",
    (10, 13): "宣传解读政策",
    (14, 16): "本次活动收集解决问题情况",
    (17, 20): "帮助企业解决要素问题情况",
    (21, 23): "听取意见建议情况",
    (24, 26): "助企服务长效机制建立情况",
    (27, 27): "宣传报道情况",
}
FIRST = 6  # the sheet's line of row 1: two title lines, the unit, the note, the headers


@pytest.fixture
def filled(work):
    head, firm = work.leader("datong"), work.firm()
    visit = work.visit("datong", "2026-11-16 09:00", head, firm=firm)
    work.opinion(visit, "heard")
    work.solved("datong", "2026-11-16 10:00", visit=visit)
    work.registered("datong", "2026-11-16 11:00", visit=visit, provincial_number="AH1")
    table = work.table("datong")
    with clock.at(moment("2026-11-18 10:00")):
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(13),
            value=Decimal("12.5"),
            reason="=1+1 财政拨付凭证",
            by=work.user("datong"),
        )
    return work


def opened(content: bytes):
    return load_workbook(io.BytesIO(content))


def test_the_form_is_that_of_the_plan_cell_by_cell(filled):
    table = filled.table("datong")
    sheet = opened(workbook.unit_workbook(table))["工作情况表"]
    assert sheet["A1"].value == "“亲清有约、‘铜’心助企”专项行动"
    assert sheet["A2"].value == "工作情况表"
    assert sheet["A3"].value == "填报单位：铜陵市郊区大通镇人民政府"
    assert sheet["A4"].value == "此表由各有关单位填写，于每周四上午下班前反馈至区科经局。"
    assert [cell.value for cell in sheet[5]] == ["序号", "项目", "工作内容", "具体情况"]
    values = figures.figures(table.period, [table])[table.unit_id]
    for no, words, mark in ROWS:
        line = FIRST + no - 1
        assert sheet.cell(line, 1).value == no
        assert sheet.cell(line, 3).value == words
        number = sheet.cell(line, 4)
        assert isinstance(number.value, int | float)
        assert number.value == values[no].week
        assert (f'"{mark}　"' in number.number_format) == bool(mark)
    assert sheet.max_row == FIRST + 26
    assert sheet.max_column == 4
    assert [sheet.cell(FIRST + no - 1, 4).value for no in (4, 5, 6, 13, 14, 15, 16, 21)] == [
        1,
        1,
        2,
        12.5,
        2,
        1,
        1,
        1,
    ]


def test_the_group_cells_are_merged_as_in_the_plan(filled):
    sheet = opened(workbook.unit_workbook(filled.table("datong")))["工作情况表"]
    for (first, last), words in GROUPS.items():
        assert sheet.cell(FIRST + first - 1, 2).value == words
        for no in range(first + 1, last + 1):
            assert sheet.cell(FIRST + no - 1, 2).value is None
    merged = {str(area) for area in sheet.merged_cells.ranges}
    groups = {f"B{FIRST + a - 1}:B{FIRST + b - 1}" for a, b in GROUPS if b > a}
    assert merged == groups | {"A1:D1", "A2:D2", "A3:D3", "A4:D4"}


def test_the_form_prints_on_one_a4_page_with_all_its_borders(filled):
    sheet = opened(workbook.unit_workbook(filled.table("datong")))["工作情况表"]
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    assert sheet.print_area == "'工作情况表'!$A$1:$D$32"
    for line in range(3, 33):
        left, right = sheet.cell(line, 1), sheet.cell(line, 4)
        assert left.border.left.style == left.border.bottom.style == right.border.right.style == "thin"
        assert left.font.name == "仿宋"
    for line in range(FIRST, 33):
        assert sheet.cell(line, 3).border.left.style == sheet.cell(line, 3).border.right.style == "thin"


def test_the_second_sheet_explains_and_calculates_nothing_that_was_typed(filled):
    book = opened(workbook.unit_workbook(filled.table("datong")))
    sheet = book["累计与说明"]
    line = next(row for row in sheet.iter_rows(min_row=3) if row[0].value == 13)
    assert line[3].value == line[4].value == 12.5
    assert line[6].value.startswith("'=1+1 财政拨付凭证（")
    assert line[6].data_type == "s"
    assert "同一企业只计一次" in next(row for row in sheet.iter_rows(min_row=3) if row[0].value == 2)[7].value
    assert not any(
        cell.data_type == "f" for name in book.sheetnames for row in book[name].iter_rows() for cell in row
    )


def test_the_command_writes_what_the_page_downloads(filled, client, tmp_path):
    client.force_login(filled.user("datong"))
    table = filled.table("datong")
    response = client.get(f"/reports/tables/{table.pk}/download/")
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    output = tmp_path / "datong.xlsx"
    run(unit="datong", ending="2026-11-19", output=output)
    assert cells(output.read_bytes()) == cells(response.content)


def cells(content: bytes) -> list:
    book = opened(content)
    return [
        (name, cell.coordinate, cell.value, cell.number_format)
        for name in book.sheetnames
        for row in book[name].iter_rows()
        for cell in row
    ]


def run(*, unit: str, ending: str, output, district: str = "340711") -> None:
    with clock.at(moment("2026-11-22 09:00")):
        call_command(
            "situation_table", district=district, unit=unit, ending=ending, output=str(output), verbosity=0
        )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "nowhere", "ending": "2026-11-19"}, "没有代码为 nowhere 的单位"),
        ({"unit": "datong", "ending": "2026-11-20"}, "不是报送截止日，最近的截止日是 2026-11-19"),
        ({"unit": "datong", "ending": "2026-12-24"}, "还没有开始"),
        ({"unit": "datong", "ending": "2024-01-25"}, "不在需要报送的期间"),
        ({"unit": "datong", "ending": "19.11.2026"}, "日期应写成"),
        ({"unit": "datong_window", "ending": "2026-11-19"}, "不报送工作情况表"),
        ({"unit": "datong", "ending": "2026-11-19", "district": "999999"}, "没有代码为 999999 的县区"),
    ],
)
def test_the_command_says_what_is_wrong(district, tmp_path, options, words):
    output = tmp_path / "x.xlsx"
    with pytest.raises(CommandError, match=words):
        run(output=output, **options)
    assert not output.exists()


def test_the_command_writes_all_units_into_one_zip(filled, tmp_path):
    """Of the only district there is, without asking which."""
    output = tmp_path / "all.zip"
    with clock.at(moment("2026-11-22 09:00")):
        call_command("situation_table", all=True, ending="2026-11-19", output=str(output))
    with zipfile.ZipFile(output) as archive:
        one = next(name for name in archive.namelist() if "_大通镇_" in name)
        assert cells(archive.read(one)) == cells(workbook.unit_workbook(filled.table("datong")))
        assert len(archive.namelist()) == filled.week().tables.count() + 2
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def test_the_command_asks_which_district_where_there_are_several(filled, tmp_path):
    other = Region.objects.create(
        code="341504", name="叶集区", level=Region.Level.DISTRICT, parent=filled.district.parent
    )
    load_rules(district=other, rules=DistrictProfile.objects.in_force(filled.district).rules)
    with pytest.raises(CommandError, match="--district"):
        call_command("situation_table", all=True, ending="2026-11-19", output=str(tmp_path / "all.zip"))


def test_the_command_says_where_it_cannot_write(district, tmp_path):
    with pytest.raises(CommandError, match="无法写入"):
        run(unit="datong", ending="2026-11-19", output=tmp_path / "no" / "x.xlsx")


def test_the_summary_file_has_the_shape_of_the_form_and_the_plain_sums_beside_it(filled):
    period = filled.week()
    tables = list(period.tables.in_force().select_related("unit"))
    book = opened(workbook.summary_workbook(period, figures.summary(period, tables)))
    sheet = book["工作情况表"]
    assert sheet["A3"].value == "填报单位：铜陵市郊区（汇总）"
    assert [sheet.cell(FIRST + no - 1, 3).value for no in range(1, 28)] == [words for _, words, _ in ROWS]
    assert sheet.cell(FIRST + 13, 4).value == 2
    assert [cell.value for cell in book["去重与合计"][2]][3:5] == ["本周（去重）", "本周各单位合计"]


@pytest.mark.office
def test_libreoffice_prints_the_form_on_one_page(filled, tmp_path):
    source = tmp_path / "table.xlsx"
    content = workbook.unit_workbook(filled.table("datong"))
    book = opened(content)
    del book["累计与说明"]
    book.save(source)
    subprocess.run(
        ["libreoffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    pdf = (tmp_path / "table.pdf").read_bytes()
    assert pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") == 1
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / "table.pdf"), "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "区四大班子及法检“两长”" in text.replace("\n", "")
        assert text.count("\f") == 1
