"""The form of another district, as data only: by the month, other rows, other groups, a column for the total."""

import io
import tomllib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core import clock
from districts.loading import load_rules
from districts.models import DistrictProfile
from districts.profile import Rules
from reports import figures, services
from reports.bundle import Bundle, matrix_workbook
from reports.workbook import unit_workbook
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

OTHER = tomllib.loads("""
[week]
every = "month"
cut_off_day = 25
cut_off_time = 17:30:00
starts = 2026-01-01

[form]
title = "千名干部联万企工作月报表"
unit_label = "报送单位"
note = "每月25日前报区营商办"
headers = ["序号", "类别", "内容", "本月", "本年累计"]

[[form.rows]]
no = 1
group = "走访"
item = "走访企业（家）"
source = "indicator"
indicator = "visit_enterprises"
params = { rank_group = "unit_leaders" }

[[form.rows]]
no = 2
group = "走访"
item = "培训（人次）"
source = "hand"

[[form.rows]]
no = 3
group = "诉求"
item = "当场解决（件）"
source = "indicator"
indicator = "solved_on_spot"

[[form.rows]]
no = 4
group = "诉求"
item = "收到（件）"
source = "indicator"
indicator = "received"

[[form.rows]]
no = 5
item = "兑现（万元）"
source = "indicator"
indicator = "policy_paid"
whole_number = false

[[form.rows]]
no = 6
group = "合计"
item = "当场解决和培训"
source = "formula"
formula = [2, 3]
""")


@pytest.fixture
def monthly(work):
    data = DistrictProfile.objects.in_force(work.district).rules.model_dump(mode="json")
    rules = Rules.model_validate(data | OTHER)
    load_rules(district=work.district, rules=rules, effective_from=date(2026, 8, 1))
    head, firm = work.leader("datong"), work.firm()
    for at in ("2026-09-25 17:29", "2026-09-25 17:30", "2026-10-12 09:00", "2026-10-25 17:30"):
        work.visit("datong", at, head, firm=firm)
    work.visit("datong", "2026-10-13 09:00", head, firm=work.firm())
    work.solved("datong", "2026-10-14 09:00")
    work.registered("datong", "2026-10-15 09:00")
    work.paid("datong", "2026-10-16", "3.5", firm)
    return work


def filled(work, ending: str):
    table = work.table("datong", ending)
    return figures.figures(table.period, [table])[table.unit_id]


def test_a_month_is_counted_and_added_up_under_its_own_form(monthly):
    october = filled(monthly, "2026-10-25")
    assert [october[no].week for no in range(1, 7)] == [2, 0, 1, 2, Decimal("3.5"), 1]
    assert [filled(monthly, "2026-09-25")[1].week, filled(monthly, "2026-11-25")[1].week] == [1, 1]


def test_hand_entries_of_months_add_up(monthly):
    for ending, value in (("2026-09-25", 30), ("2026-10-25", 12)):
        table = monthly.table("datong", ending)
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(2),
            value=Decimal(value),
            reason="签到表",
            by=monthly.user("datong"),
        )
    row = filled(monthly, "2026-10-25")[2]
    assert (row.week, row.cumulative) == (12, 42)
    assert filled(monthly, "2026-10-25")[6].week == 13


def test_what_is_recorded_after_a_month_was_handed_in_goes_into_the_next(monthly):
    table = monthly.table("datong", "2026-10-25")
    with clock.at(moment("2026-10-26 09:00")):
        services.submit(table=table, by=monthly.user("datong"))
    head = monthly.leader("datong", name="钱进")
    monthly.visit("datong", "2026-10-01 09:00", head, firm=monthly.firm(), recorded="2026-11-24 09:00")
    november = filled(monthly, "2026-11-25")[1]
    assert (november.week, november.carried) == (2, 1)


def test_the_tick_opens_month_after_month(monthly):
    with clock.at(moment("2026-09-01 09:00")):
        services.open_due_weeks(monthly.district)
    with clock.at(moment("2026-11-20 09:00")):
        current = services.open_due_weeks(monthly.district)
    assert current.ending == date(2026, 11, 25)
    assert (current.start, current.end) == (moment("2026-10-25 17:30"), moment("2026-11-25 17:30"))


def test_from_weeks_to_months_without_a_gap(work):
    week = work.week("2026-07-30")
    data = DistrictProfile.objects.in_force(work.district).rules.model_dump(mode="json")
    rules = Rules.model_validate(data | OTHER)
    load_rules(district=work.district, rules=rules, effective_from=date(2026, 8, 1))
    assert work.week("2026-08-25").start == week.end


def test_the_file_has_the_shape_of_that_form(monthly):
    sheet = load_workbook(io.BytesIO(unit_workbook(monthly.table("datong", "2026-10-25")))).worksheets[0]
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert rows[0][0] == "千名干部联万企工作月报表"
    assert rows[1][0] == "报送单位：铜陵市郊区大通镇人民政府"
    assert rows[3] == ["序号", "类别", "内容", "本月", "本年累计"]
    assert rows[4] == [1, "走访", "走访企业（家）", 2, 2]
    assert rows[8] == [5, "兑现（万元）", None, 3.5, 3.5]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert merged == {"A1:E1", "A2:E2", "A3:E3", "B5:B6", "B7:B8", "B9:C9"}
    assert sheet.print_area.endswith("$E$10")


def test_pages_say_month_and_show_its_rows(monthly, client):
    client.force_login(monthly.user("datong"))
    table = monthly.table("datong", "2026-10-25")
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert "本月" in page and "本周" not in page
    assert "培训（人次）" in page and "需手工填写" in page
    matrix = load_workbook(io.BytesIO(matrix_workbook(Bundle(table.period)))).worksheets[0]
    assert matrix.max_row == 2 + 6


def test_a_form_whose_indicator_nobody_knows_is_refused_in_words(work):
    data = DistrictProfile.objects.in_force(work.district).rules.model_dump(mode="json")
    other = OTHER["form"] | {"rows": [OTHER["form"]["rows"][0] | {"indicator": "nonsense", "params": {}}]}
    rules = Rules.model_validate(data | OTHER | {"form": other})
    load_rules(district=work.district, rules=rules, effective_from=date(2026, 8, 1))
    with pytest.raises(services.Refused, match="第 1 行"):
        work.week("2026-10-25")


@pytest.mark.parametrize("days", [0, 1])
def test_the_cut_off_of_a_month_belongs_to_the_next(monthly, days):
    ending = date(2026, 10, 25) + timedelta(days=days)
    if days:
        with pytest.raises(services.Refused, match="最近的截止日是 2026-10-25"):
            services.open_period(district=monthly.district, ending=ending)
    else:
        assert services.open_period(district=monthly.district, ending=ending).ending == ending
