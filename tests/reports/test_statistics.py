"""统计分析: every figure against SQL of its own, every figure against the list behind it, and who reads what."""

import html
import io
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Role
from appeals.models import Appeal
from core import clock
from enterprises.subjects import subject_key
from reports.indicators import REGISTRY, Ratio
from reports.indicators.counting import count
from reports.statistics.asked import Asked, Places, days_of
from reports.statistics.report import Report, Stuck, headline
from reports.statistics.shown import ranked
from tests import factories
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-25 15:00")
START, END = moment("2026-11-01 00:00"), moment("2026-12-01 00:00")
RECORDS = re.compile(r'<a\s[^>]*href="(/reports/statistics/records/\?[^"]+)"[^>]*>(.*?)</a>', re.S)
READERS = {
    "dispatcher": ("kjj", Role.DISPATCHER),
    "leader": ("qzfb", Role.DISTRICT_LEADER),
    "liaison": ("rsj", Role.LIAISON),
    "other": ("czj", Role.LIAISON),
}


@pytest.fixture
def world(work):
    """Two months of work: closed, redone, refused, never signed, not even accepted; four places, three channels."""
    district = work.district
    far = factories.enterprise(district, region=factories.township(district, "铜山镇"))

    def dispatched(at, firm=None, **data):
        appeal = work.registered("datong", at, **data)
        day = at.split()[0]
        subject = subject_key(firm or work.firm())
        appeal = work.do(
            appeal, "accept", f"{day} 09:30", category="labour", urgency="normal", subject=subject
        )
        return work.do(appeal, "dispatch", f"{day} 10:00")

    def answered(day, **data):
        appeal = work.do(dispatched(f"{day} 09:00", **data), "sign", f"{day} 11:00")
        return work.do(appeal, "feedback", f"{day} 16:00", result="已办理。", solved="yes")

    def called(appeal, transition, at, satisfaction="satisfied", solved="yes"):
        data = {
            "method": "phone",
            "reached": "yes",
            "solved": solved,
            "satisfaction": satisfaction,
            "note": "",
        }
        return work.do(appeal, transition, at, **data)

    for day in ("2026-10-12", "2026-11-02", "2026-11-03"):
        appeal = called(answered(day, firm=far), "revisit", f"{day} 16:30", "very_satisfied")
        appeal = called(appeal, "second_revisit", f"{day} 17:00", "basic")
        work.do(appeal, "close", f"{day} 17:10")
    redone = called(answered("2026-11-04"), "revisit", "2026-11-05 10:00", "unsatisfied", "no")
    work.do(redone, "redo", "2026-11-06 09:00")
    missed = answered("2026-11-05")
    for day in (6, 9, 10):
        work.do(missed, "revisit", f"2026-11-{day:02d} 10:00", method="phone", reached="no", note="无人接听")
    refused = work.do(dispatched("2026-11-09 09:00"), "sign", "2026-11-09 11:00")
    work.do(refused, "propose_refusal", "2026-11-10 09:00")
    dispatched("2026-11-11 09:00", firm=far)
    dispatched("2026-11-24 09:00")
    work.registered("datong", "2026-11-01 00:00")
    work.registered("datong_window", "2026-11-24 17:00", role=Role.WINDOW)
    work.solved("datong", "2026-11-03 09:00")
    head, firm = work.leader("datong"), work.firm()
    for one in (firm, work.firm(), work.firm()):
        work.assign("datong", head, "2026-10-01", firm=one)
    work.assign("rsj", work.leader("rsj"), "2026-10-01", firm=work.firm())
    work.visit("datong", "2026-11-10 09:00", head, firm=firm)
    return work


@pytest.fixture
def read(work):
    """A page as somebody reads it on the afternoon of 25 November."""
    clients: dict[str, Client] = {}

    def get(path, who="dispatcher"):
        if who not in clients:
            clients[who] = Client()
            clients[who].force_login(work.user(*READERS[who]))
        with clock.at(NOW):
            return clients[who].get(path)

    return get


def report_of(work, who="dispatcher", **asked) -> Report:
    places = Places.of(work.district)
    return Report(Asked(asked, user=work.user(*READERS[who]), places=places).query)


def sql(query, *arguments):
    """What the database itself says, without any of the portal's code about figures."""
    given = [
        connection.ops.adapt_datetimefield_value(one) if hasattr(one, "tzinfo") else one for one in arguments
    ]
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall()


# --- Figures against SQL --------------------------------------------------------------------------

OPEN = "a.submitted_at < %s AND (a.ended_at IS NULL OR a.ended_at >= %s)"
LATE = (
    "EXISTS (SELECT 1 FROM appeals_deadline d WHERE d.appeal_id = a.id AND d.verdict = ''"
    " AND d.paused_at IS NULL AND d.due_at < %s AND d.kind <> 'waiting')"
)
RUNNING = "d.verdict = '' AND d.paused_at IS NULL AND d.kind <> 'waiting'"


def test_the_figures_at_the_top(world):
    with clock.at(NOW):
        found = report_of(world).all
    within = (START, END)
    one = {
        "received": sql(
            "SELECT COUNT(*) FROM appeals_appeal WHERE submitted_at >= %s AND submitted_at < %s", *within
        ),
        "ended": sql(
            "SELECT COUNT(*) FROM appeals_event WHERE occurred_at >= %s AND occurred_at < %s AND to_status IN"
            " ('closed', 'solved_on_spot', 'declined', 'merged', 'withdrawn') AND to_status <> from_status",
            *within,
        ),
        "open": sql(f"SELECT COUNT(*) FROM appeals_appeal a WHERE {OPEN}", END, END),
        "open_overdue": sql(f"SELECT COUNT(*) FROM appeals_appeal a WHERE {OPEN} AND {LATE}", END, END, NOW),
        "stage_running": sql(f"SELECT COUNT(*) FROM appeals_deadline d WHERE {RUNNING}"),
        "stage_overdue": sql(f"SELECT COUNT(*) FROM appeals_deadline d WHERE {RUNNING} AND d.due_at < %s", NOW),
        "stage_due": sql(
            "SELECT COUNT(*) FROM appeals_deadline d WHERE d.due_at >= %s AND d.due_at < %s AND d.kind <>"
            f" 'waiting' AND ((d.verdict IN ('on_time', 'late')) OR ({RUNNING}))", START, NOW,
        ),
        "stage_late": sql(
            "SELECT COUNT(*) FROM appeals_deadline d WHERE d.due_at >= %s AND d.due_at < %s AND d.kind <>"
            f" 'waiting' AND ((d.verdict = 'late') OR ({RUNNING}))", START, NOW,
        ),
        "handle_due": sql(
            "SELECT COUNT(*) FROM appeals_deadline d WHERE d.due_at >= %s AND d.due_at < %s AND d.kind IN"
            f" ('handle', 'own_handling', 'explain') AND ((d.verdict IN ('on_time', 'late')) OR ({RUNNING}))",
            START, NOW,
        ),
        "answered": sql(
            "SELECT COUNT(*) FROM appeals_event WHERE transition IN ('feedback', 'explained')"
            " AND occurred_at >= %s AND occurred_at < %s", *within,
        ),
        "refused": sql("SELECT COUNT(*) FROM appeals_refusal WHERE at >= %s AND at < %s", *within),
        "visits_owed": sql("SELECT COUNT(*) FROM liaisons_assignment WHERE part = 'lead'"),
        "visits_made": sql(
            "SELECT COUNT(*) FROM liaisons_assignment s WHERE s.part = 'lead' AND EXISTS (SELECT 1 FROM"
            " liaisons_visit v WHERE v.enterprise_id = s.enterprise_id)"
        ),
    }  # fmt: skip
    for name, ((expected,),) in one.items():
        assert found.get(name, 0) == expected, name
    assert found["open_overdue"] and found["stage_late"] and found["refused"] and found["visits_made"]


@pytest.mark.parametrize(
    "slug, parameter, column",
    [("categories", "category", "category"), ("channels", "channel", "channel"), ("townships", "township", "region_id")],
)  # fmt: skip
def test_the_figures_of_each_group(world, slug, parameter, column):
    with clock.at(NOW):
        part = report_of(world).part(slug)
    received = dict(
        sql(
            f"SELECT {column}, COUNT(*) FROM appeals_appeal WHERE submitted_at >= %s AND submitted_at < %s"
            f" GROUP BY {column}", START, END,
        )
    )  # fmt: skip
    still_open = dict(
        sql(f"SELECT {column}, COUNT(*) FROM appeals_appeal a WHERE {OPEN} GROUP BY {column}", END, END)
    )
    shown = {}
    for row in part.rows:
        link = next(cell.url for cell in row[1:] if cell.url)
        key = parse_qs(urlsplit(link).query)[parameter][0]
        shown[key] = (int(row[1].text), int(row[3].text))
    keys = {*received, *still_open}
    assert shown == {str(key): (received.get(key, 0), still_open.get(key, 0)) for key in keys}


def test_units_by_what_they_lead_and_by_what_they_owe(world):
    with clock.at(NOW):
        by_unit = report_of(world).by_unit
    led = sql(f"SELECT lead_unit_id, COUNT(*) FROM appeals_appeal a WHERE {OPEN} GROUP BY 1", END, END)
    for unit, appeals in led:
        assert by_unit[unit]["open"] == appeals
    late = sql(
        f"SELECT owner_id, COUNT(*) FROM appeals_deadline d WHERE {RUNNING} AND d.due_at < %s GROUP BY 1", NOW
    )
    assert late
    for unit, clocks in late:
        assert by_unit[unit]["stage_overdue"] == clocks


def test_a_windows_work_counts_for_the_unit_above_it(world):
    datong, window = world.unit("datong"), world.unit("datong_window")
    leader = world.leader("datong_window")
    world.assign("datong_window", leader, "2026-10-01", firm=world.firm())
    with clock.at(NOW):
        assert window.pk not in report_of(world).by_unit
        assert report_of(world, unit=str(datong.pk)).all["visits_owed"] == 4


def test_months_are_told_as_they_stood(world):
    with clock.at(NOW):
        rows = report_of(world, period="year").part("months").rows
    said = {row[0].text: [cell.text for cell in row[1:]] for row in rows}
    assert next(iter(said)) == "2026年11月" and len(said) == 12
    assert said["2026年10月"] == ["1", "1", "0"]
    closed_then = sql(f"SELECT COUNT(*) FROM appeals_appeal a WHERE {OPEN}", END, END)[0][0]
    assert said["2026年11月"][2] == str(closed_then)


def test_satisfaction_by_level_with_those_not_reached_apart(world):
    with clock.at(NOW):
        rows = report_of(world, period="year").part("satisfaction").rows
    assert [(row[0].text, row[1].text) for row in rows] == [
        ("非常满意", "0"), ("满意", "0"), ("基本满意", "3"), ("不满意", "1"), ("非常不满意", "0"), ("未接通", "1"),
    ]  # fmt: skip


def test_ages_go_by_calendar_days(work):
    for at in ("2026-11-25 08:00", "2026-11-18 00:00", "2026-11-17 23:59", "2026-11-10 00:00", "2026-11-09 23:59",
               "2026-10-26 00:00", "2026-10-25 12:00", "2026-09-26 00:00", "2026-09-25 23:59"):  # fmt: skip
        work.registered("datong", at)
    with clock.at(NOW):
        rows = report_of(work).part("ages").rows
    assert [row[1].text for row in rows] == ["2", "2", "2", "2", "1"]


def test_the_longest_is_counted_in_working_days(work):
    work.registered("datong", "2026-11-13 09:00")  # a Friday: to be accepted by Monday the 16th
    with clock.at(NOW):
        report = report_of(work)
    assert report.by_stage["accept"]["stage_longest"] == 7
    assert "受理 1 件超期，最久 7 个工作日" in report.headline


# --- Figures against their records ----------------------------------------------------------------

PAGES = [
    "period=month",
    "period=year",
    "period=last_month",
    "period=month&category=labour",
    "period=month&channel=walk_in",
    "period=days&since=2026-11-02&until=2026-11-10",
]


@pytest.mark.parametrize("asked", PAGES)
def test_every_figure_on_the_page_equals_the_list_behind_it(world, read, asked):
    page = read(f"/reports/statistics/?{asked}").content.decode()
    links = {html.unescape(url): re.sub(r"<[^>]+>|\s|件", "", text) for url, text in RECORDS.findall(page)}
    if asked != "period=last_month":
        assert len(links) > 30
    for url, text in links.items():
        listed = read(url)
        assert listed.status_code == 200, url
        assert listed.context["value"] == re.search(r"\d+", text)[0], url
        if not listed.context["counts_otherwise"]:
            assert str(listed.context["records"]) == listed.context["value"]
        assert listed.context["hidden"] == 0


@pytest.mark.parametrize(
    "asked", [{}, {"category": "labour"}, {"channel": "walk_in"}, {"unit": "rsj"}, {"township": "铜山镇"}]
)
def test_every_indicator_equals_its_list_under_every_filter(world, read, asked):
    asked = dict(asked)
    if "unit" in asked:
        asked["unit"] = str(world.unit("rsj").pk)
    if "township" in asked:
        asked["township"] = str(factories.township(world.district, "铜山镇").pk)
    with clock.at(NOW):
        query = Asked(asked, user=world.user(*READERS["dispatcher"]), places=Places.of(world.district)).query
        counted = {
            name: count([name], query.context(one.source)).get(None, {}).get(name, Decimal(0))
            for name, one in REGISTRY.items()
            if not one.parameter
        }
    for name, value in counted.items():
        listed = read(f"/reports/statistics/records/?indicator={name}&{query.address()}")
        assert listed.status_code == 200, name
        if name in ("closed_days", "stage_longest"):
            continue
        assert Decimal(listed.context["value"]) == value, name
        if not listed.context["counts_otherwise"]:
            assert listed.context["records"] == value, name
    assert counted["stage_running"]


def test_the_list_names_what_is_behind_and_says_what_may_not_be_opened(world, read):
    listed = read("/reports/statistics/records/?indicator=stage_overdue&stage=sign")
    text = listed.content.decode()
    assert "签收时限，已超期" in text and "区人社局" in text
    longest_first = [line.at for line in listed.context["lines"]]
    assert longest_first == sorted(longest_first)
    for name in ("refused", "answered", "ended", "tables_due", "supervised"):
        assert read(f"/reports/statistics/records/?indicator={name}").status_code == 200
    dispatched = read("/reports/statistics/records/?indicator=answered", "liaison")
    assert dispatched.context["hidden"] == 0 and dispatched.context["records"] > 0


@pytest.mark.parametrize(
    "asked",
    ["indicator=nothing", "indicator=", "indicator=effect", "indicator=received&stage=sign", "indicator=open&level=basic",
     "indicator=visits_owed&age=0-7"],
)  # fmt: skip
def test_there_is_no_list_of_what_is_no_figure(world, read, asked):
    assert read(f"/reports/statistics/records/?{asked}").status_code == 404


# --- Filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked, said",
    [
        ("period=never", "没有这一项"),
        ("since=2026-13-45&period=days", "日期"),
        ("period=days", "请填开始日期"),
        ("period=days&since=2026-05-01&until=2026-04-01", "结束日期早于开始日期"),
        ("period=days&since=2001-01-01&until=2026-01-01", "一次最多看三年"),
        ("unit=99999999999999999999999", "没有这一项"),
        ("township=x%00y", "没有这一项"),
        ("category=nothing", "没有这一项"),
        ("channel=%F0%9F%92%A5", "没有这一项"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_the_page_works(world, read, asked, said):
    response = read(f"/reports/statistics/?{asked}")
    assert response.status_code == 200
    assert said in " ".join(str(errors) for errors in response.context["form"].errors.values())
    assert "收到诉求" in response.content.decode()
    for path in ("print/", "records/", "sheets/units/"):
        other = read(f"/reports/statistics/{path}?indicator=received&{asked}")
        assert other.status_code == 200, path


def test_periods_hold_whole_days():
    def days(name, today):
        return tuple(f"{day:%Y-%m-%d}" for day in days_of(name, moment(f"{today} 09:00").date()))

    assert days("month", "2026-02-28") == ("2026-02-01", "2026-02-28")
    assert days("last_month", "2026-01-15") == ("2025-12-01", "2025-12-31")
    assert days("quarter", "2026-12-31") == ("2026-10-01", "2026-12-31")
    assert days("year", "2026-07-01") == ("2026-01-01", "2026-12-31")


def test_filters_narrow_the_figures_and_say_what_they_leave_alone(world, read):
    township = factories.township(world.district, "铜山镇")
    page = read(f"/reports/statistics/?township={township.pk}")
    found = page.context["report"].all
    assert found["received"] == Appeal.objects.filter(region=township, submitted_at__gte=START).count() == 3
    assert found["visits_owed"] == 4
    assert "不受乡镇、类别、渠道筛选影响" in page.content.decode()


# --- Who reads what -------------------------------------------------------------------------------


def test_a_unit_reads_its_own_figures_alone(world, read):
    page = read(f"/reports/statistics/?unit={world.unit('czj').pk}", "liaison")
    report = page.context["report"]
    assert "unit" not in page.context["form"].fields
    with clock.at(NOW):
        assert set(report.by_unit) == {world.unit("rsj").pk}
    assert report.all["open"] == Appeal.objects.filter(lead_unit=world.unit("rsj")).open().count() > 0
    others = read("/reports/statistics/", "other").context["report"].all
    assert not any(others.get(name) for name in ("received", "open", "stage_running", "answered"))
    listed = read(f"/reports/statistics/records/?indicator=received&unit={world.unit('rsj').pk}", "other")
    assert listed.context["records"] == 0


# --- Ranks, words, queries ------------------------------------------------------------------------


def test_too_few_are_not_ranked_and_come_last():
    entries = {"甲": (9, 9), "乙": (8, 10), "丙": (19, 20), "丁": (0, 3), "戊": (16, 20)}

    def ratio(name):
        return Ratio(Decimal(entries[name][0]), Decimal(entries[name][1]))

    assert ranked(entries, ratio) == [(1, "丙"), (2, "乙"), (2, "戊"), (None, "甲"), (None, "丁")]
    assert [name for _, name in ranked(entries, ratio, better="low")][:2] == ["乙", "戊"]


def test_units_are_never_a_bare_league_table(world, read):
    page = read("/reports/statistics/?period=year").content.decode()
    rsj = page[page.index('id="units"') :]
    assert "件数少，不排名" in rsj
    assert re.search(
        r'data-label="堵在哪里"><a href="[^"]+stage=[a-z_]+[^"]*">(签收|办理|受理) \d+ 件，最久 \d+ 个工作日',
        rsj,
    )


def test_the_headline_is_made_of_figures():
    none = headline([Stuck("签收", Decimal(0), Decimal(0))], [], Decimal(5), Decimal(0))
    assert none == "现在没有环节超期。在办 5 件，没有超期的。"
    stages = [
        Stuck(name, Decimal(number), Decimal(9))
        for name, number in zip("甲乙丙丁", (12, 3, 2, 1), strict=True)
    ]
    units = [Stuck("区人社局", Decimal(8), Decimal(9)), Stuck("区财政局", Decimal(0), Decimal(0))]
    assert headline(stages, units, Decimal(40), Decimal(15)) == (
        "现在堵在：甲 12 件超期，最久 9 个工作日；乙 3 件超期，最久 9 个工作日；丙 2 件超期，最久 9 个工作日；"
        "另有 1 个环节超期。超期的主要在区人社局 8 件。在办 40 件，其中 15 件有环节超期。"
    )


def test_the_page_costs_the_same_few_queries_however_much_there_is(work, read):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert read("/reports/statistics/?period=year").status_code == 200
        return sum(
            not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in captured
        )

    queries()
    few = queries()
    for number in range(6):
        appeal = work.registered("datong", f"2026-11-0{number + 2} 09:00")
        subject = subject_key(factories.enterprise(work.district))
        appeal = work.do(
            appeal,
            "accept",
            f"2026-11-0{number + 2} 09:30",
            category="labour",
            urgency="normal",
            subject=subject,
        )
        work.do(appeal, "dispatch", f"2026-11-0{number + 2} 10:00")
        code = ("rsj", "czj", "fgw", "datong", "kjj", "jkq")[number]
        work.assign(code, work.leader(code), "2026-10-01", firm=work.firm())
    assert queries() == few <= 20


# --- Sheets and paper -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slug",
    ["months", "ages", "stages", "units", "categories", "townships", "channels", "visits", "satisfaction"],
)
def test_a_sheet_holds_what_the_page_shows(world, read, slug):
    response = read(f"/reports/statistics/sheets/{slug}/?period=month&category=labour")
    rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    with clock.at(NOW):
        part = report_of(world, period="month", category="labour").part(slug)
    assert rows[0][: len(part.headers)] == part.headers
    assert [row[0] for row in rows[1 : len(part.rows) + 1]] == [row[0].text for row in part.rows]
    below = {row[0]: row[1] for row in rows[len(part.rows) + 1 :] if row[0]}
    assert "用工" in below["筛选"]
    assert all(below[label] == definition for _, label, definition in part.definitions)


def test_there_is_no_sheet_of_another_name(world, read):
    assert read("/reports/statistics/sheets/nothing/").status_code == 404


def test_the_print_view_has_the_headline_the_tiles_and_the_units(world, read):
    text = read("/reports/statistics/print/?period=month").content.decode()
    assert "现在堵在" in text and "按时办结率" in text and "区人社局" in text


def test_without_any_work_the_page_says_so(work, read):
    text = read("/reports/statistics/").content.decode()
    assert "现在没有环节超期。在办 0 件" in text
    assert "这一期没有记录" in text
    assert read("/reports/statistics/print/").status_code == 200


def test_a_month_that_has_not_begun_is_empty(world, read):
    soon = (NOW + timedelta(days=40)).date()
    page = read(f"/reports/statistics/?period=days&since={soon}")
    assert page.status_code == 200 and page.context["report"].all.get("received", 0) == 0
