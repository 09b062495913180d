"""All units of a week: the zip, the one workbook, the matrix."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from core import clock
from reports import figures, services
from reports.bundle import Bundle, everything, matrix_workbook, write_zip
from reports.workbook import unit_workbook
from tests.reports.work import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(work):
    """大通镇 and 区科经局 visited the same firm with the same leader; 区人社局 did nothing."""
    head, firm = work.leader("datong"), work.firm()
    work.visit("datong", "2026-11-16 09:00", head, firm=firm)
    work.visit("kjj", "2026-11-17 09:00", head, firm=firm)
    work.visit("kjj", "2026-11-17 10:00", head, firm=work.firm())
    table = work.table("datong")
    with clock.at(moment("2026-11-18 10:00")):
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(13),
            value=Decimal("12.5"),
            reason="=cmd() 财政拨付",
            by=work.user("datong"),
        )
    return work.week()


def zipped(bundle: Bundle) -> zipfile.ZipFile:
    file = io.BytesIO()
    write_zip(bundle, file)
    return zipfile.ZipFile(file)


def test_the_zip_holds_a_file_a_unit_the_summary_and_everything(week, work):
    bundle = Bundle(week)
    archive = zipped(bundle)
    names = archive.namelist()
    assert len(names) == len(bundle.tables) + 2
    assert "工作情况表_铜陵市郊区汇总_20261119.xlsx" in names
    assert "工作情况表_全部单位_20261119.xlsx" in names
    one = next(name for name in names if "_大通镇_" in name)
    alone = load_workbook(io.BytesIO(unit_workbook(work.table("datong"))))
    together = load_workbook(io.BytesIO(archive.read(one)))
    assert alone.sheetnames == together.sheetnames
    for sheet in alone.sheetnames:
        assert cells(alone[sheet]) == cells(together[sheet])


def cells(sheet) -> list[list]:
    return [[cell.value for cell in line] for line in sheet.iter_rows()]


def test_the_zip_says_how_far_it_is(week):
    told: list[int] = []
    bundle = Bundle(week)
    write_zip(bundle, io.BytesIO(), told.append)
    assert told == list(range(1, bundle.steps + 1))


def test_the_same_week_makes_the_same_zip_at_any_hour(week):
    with clock.at(moment("2026-11-20 09:00")):
        one = zipped(Bundle(week))
    with clock.at(moment("2027-11-20 09:00")):
        other = zipped(Bundle(week))
    assert one.namelist() == other.namelist()
    for name in one.namelist():
        books = [load_workbook(io.BytesIO(archive.read(name))) for archive in (one, other)]
        assert [cells(sheet) for sheet in books[0]] == [cells(sheet) for sheet in books[1]]


def test_the_one_workbook_has_a_sheet_a_unit(week):
    bundle = Bundle(week)
    book = load_workbook(io.BytesIO(everything(bundle)))
    assert book.sheetnames[:3] == ["工作情况表", "去重与合计", "各单位对照"]
    assert len(book.sheetnames) == 3 + len(bundle.tables)
    assert book["大通镇"]["A3"].value == "填报单位：铜陵市郊区大通镇人民政府"
    assert book["大通镇"].cell(5 + 5, 4).value == 1


def test_units_of_one_name_and_names_that_excel_forbids_get_sheets_of_their_own(week, work):
    work.unit("datong").__class__.objects.filter(code__in=["datong", "laozhou"]).update(
        short_name="大通/老洲[合署]" + "很长" * 10
    )
    book = load_workbook(io.BytesIO(everything(Bundle(week))))
    titles = [title for title in book.sheetnames if title.startswith("大通_老洲_合署_")]
    assert len(titles) == 2 and all(len(title) <= 31 for title in titles)


def test_the_matrix_has_the_units_across_and_the_district_at_the_end(week):
    sheet = load_workbook(io.BytesIO(matrix_workbook(Bundle(week)))).worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    assert heads[:2] == ["序号", "工作内容"] and heads[-2:] == ["合计", "去重"]
    by_unit = dict(zip(heads, [cell.value for cell in sheet[2 + 5]], strict=True))
    assert (by_unit["大通镇"], by_unit["区科经局"], by_unit["区人社局"]) == (1, 2, 0)
    assert (by_unit["合计"], by_unit["去重"]) == (3, 2)
    assert sheet.cell(2 + 13, heads.index("大通镇") + 1).value == 12.5
    assert sheet.freeze_panes == "C3" and sheet.page_setup.orientation == "landscape"


def test_a_bundle_costs_queries_by_the_source_and_not_by_the_unit(week):
    assert not week.has_merged_units
    with CaptureQueriesContext(connection) as queries:
        write_zip(Bundle(week), io.BytesIO())
    assert len(queries) <= 40


def test_a_week_without_any_work_is_a_table_of_zeros(work):
    period = work.week("2026-10-08")
    bundle = Bundle(period)
    assert {figure.week for filled in bundle.figures.values() for figure in filled.values()} == {0}
    assert cells(load_workbook(io.BytesIO(everything(bundle)))["区财政局"])[5][3] == 0


def test_a_week_across_the_turn_of_the_year(work):
    head = work.leader("datong")
    for at in ("2025-12-31 23:59", "2026-01-01 00:00", "2026-01-01 11:59", "2026-01-01 12:00"):
        work.visit("datong", at, head, firm=work.firm())
    table = work.table("datong", "2026-01-01")
    assert table.period.ending == date(2026, 1, 1)
    assert figures.figures(table.period, [table])[table.unit_id][5].week == 3
    following = work.table("datong", "2026-01-08")
    assert figures.figures(following.period, [following])[following.unit_id][5].week == 1


# --- The pages ------------------------------------------------------------------------------------


def test_the_matrix_page_leads_from_each_figure_to_its_records(week, work, client):
    client.force_login(work.user("kjj", "dispatcher"))
    page = client.get("/reports/summary/matrix/?ending=2026-11-19")
    table = work.table("kjj")
    assert f"/reports/tables/{table.pk}/rows/5/" in page.content.decode()
    with CaptureQueriesContext(connection) as queries:
        client.get("/reports/summary/matrix/?ending=2026-11-19")
    assert len(queries) <= 45
    file = client.get("/reports/summary/matrix/download/?ending=2026-11-19")
    assert load_workbook(io.BytesIO(file.content)).sheetnames == ["各单位对照"]


def test_the_weeks_of_a_unit_are_drawn_and_those_of_others_are_not_found(week, work, client):
    client.force_login(work.user("datong"))
    assert "还没有报送过" in client.get("/reports/weeks/").content.decode()
    for ending, at in (("2026-11-12", "2026-11-12 11:00"), ("2026-11-19", "2026-11-19 13:00")):
        with clock.at(moment(at)):
            services.submit(table=work.table("datong", ending), by=work.user("datong"))
    page = client.get("/reports/weeks/").content.decode()
    assert "大通镇" in page and page.count("<polyline") == 27
    assert "11月19日" in page and ">12.5<" in page
    assert client.get(f"/reports/weeks/?unit={work.unit('kjj').pk}").status_code == 404
    assert client.get("/reports/weeks/?unit=x").status_code == 404


def test_the_district_sees_who_was_late_or_missing(week, work, client):
    with clock.at(moment("2026-11-19 13:00")):
        services.submit(table=work.table("datong"), by=work.user("datong"))
    client.force_login(work.user("jwdc", "supervisor"))
    with clock.at(moment("2026-11-19 14:00")):
        page = client.get("/reports/weeks/").content.decode()
    units = week.tables.count()
    assert f"{units} 个单位有迟报或未报" in page and "0 个单位次次按时" in page
    assert page.count(">未报<") >= units - 1 and ">迟报<" in page
