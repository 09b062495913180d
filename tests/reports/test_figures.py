"""Figures of whole districts: against the evidence of each unit, and against SQL that knows no indicator."""

import random
from datetime import UTC
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from liaisons.services.visits import Guest
from reports import figures, services
from reports.models import HandEntry, SituationTable
from tests.reports.work import moment

pytestmark = pytest.mark.django_db
UNITS = ("datong", "kjj", "czj")


@pytest.fixture
def busy(work):
    """Some hundred things done by three units and a window over three weeks, the same every time."""
    chance = random.Random(7)
    firms = [work.firm() for _ in range(6)]
    people = [
        work.leader(code, group, name)
        for code in UNITS
        for group, name in (("unit_leaders", "王小明"), ("staff", "李静"))
    ] + [work.leader("qwb", "district_leaders", "周正")]
    guest = Guest(name="陈卫", unit_name="市工信局", rank_group="city_leaders")
    # The boundaries themselves are among the moments; everything happens after the clocks of the form.
    times = [f"2026-11-{day:02d} {hour}" for day in range(1, 20) for hour in ("09:00", "11:59", "12:00")]
    for at in chance.sample(times, 30):
        code, firm = chance.choice(UNITS), chance.choice(firms)
        visit = work.visit(
            code, at, *chance.sample(people, 2), firm=firm, guests=(guest,) if chance.random() < 0.3 else ()
        )
        if chance.random() < 0.5:
            work.opinion(visit, chance.choice(["heard", "passed_on"]))
        if chance.random() < 0.6:
            work.papers(code, at, chance.randint(1, 4), firm)
        if chance.random() < 0.4:
            work.solved(code, at, visit=visit)
        if chance.random() < 0.6:
            appeal = work.registered(code, at, visit=visit)
            if chance.random() < 0.5:
                work.do(appeal, "record_provincial", "2026-11-18 15:00")
    for at in ("2026-11-09 10:00", "2026-11-17 10:00"):
        work.do(work.solved("datong_window", at, role="window"), "not_solved", "2026-11-18 16:00")
    work.solved("datong_window", "2026-11-17 11:00", role="window")
    work.answered("2026-11-10 09:00", effect_jobs="5")
    work.answered("2026-11-18 09:00", category="logistics", effect_finance="12.5")
    for code, firm in zip(UNITS, firms, strict=False):
        work.assign(code, people[0], "2026-03-01", firm)
    _publicise(work, chance, firms)
    return work


def _publicise(work, chance: random.Random, firms: list) -> None:
    """Letters, meetings of every kind, payments and their reversals, news."""
    for n, day in enumerate(chance.choices(range(1, 20), k=16)):
        code, firm, at = chance.choice(UNITS), chance.choice(firms), f"2026-11-{day:02d} 11:59"
        work.papers(code, at, 7, firm, letter=True)
        kind = chance.choice(["saturday", "tea_talk", "talk", "onsite_office", "symposium"])
        guests = chance.sample(firms, 2) if kind != "saturday" else ()
        work.meeting(code, at, *guests, kind=kind, recorded=at)
        payment = work.paid(code, at.split()[0], f"{chance.randint(1, 9999) / 100}", firm)
        if n % 5 == 0:
            work.taken_back(payment, at)
        work.news(code, at.split()[0], f"第{n}篇报道")


def test_grouped_figures_equal_the_evidence_of_each_unit(busy):
    period = busy.week()
    tables = list(period.tables.in_force())
    grouped = figures.figures(period, tables)
    whole = figures.context_of(period)
    something = 0
    for code in (*UNITS, "rsj", "qwb"):
        unit = busy.unit(code).pk
        for row in period.rules.form.rows:
            indicator = figures.indicator_of(row)
            if indicator is None:
                continue
            context = whole.for_units(unit).with_params(row.params)
            assert grouped[unit][row.no].week == indicator.value(context), (code, row.no)
            upto = context.within(figures.up_to(period))
            assert grouped[unit][row.no].cumulative == indicator.value(upto), (code, row.no)
            something += bool(grouped[unit][row.no].week)
    assert something > 20


# ruff: noqa: E501
# Written from the plan and the design alone: no word of reports/indicators.py in here.
SQL = {
    1: ("SELECT COUNT(DISTINCT p.person_key) FROM liaisons_visitparticipant p JOIN liaisons_visit v ON v.id = p.visit_id "
        "WHERE p.rank_group = 'district_leaders' AND v.reporting_unit_id IN ({units}) AND {v}"),
    2: ("SELECT COUNT(DISTINCT v.enterprise_id) FROM liaisons_visit v JOIN liaisons_visitparticipant p ON v.id = p.visit_id "
        "WHERE p.rank_group = 'district_leaders' AND v.reporting_unit_id IN ({units}) AND {v}"),
    4: ("SELECT COUNT(DISTINCT p.person_key) FROM liaisons_visitparticipant p JOIN liaisons_visit v ON v.id = p.visit_id "
        "WHERE p.rank_group = 'unit_leaders' AND v.reporting_unit_id IN ({units}) AND {v}"),
    3: ("SELECT COUNT(*) FROM appeals_appeal a JOIN liaisons_visit v ON v.id = a.visit_id "
        "WHERE EXISTS (SELECT 1 FROM liaisons_visitparticipant p WHERE p.visit_id = v.id AND p.rank_group = 'district_leaders') "
        "AND v.reporting_unit_id IN ({units}) AND {v}"),
    6: ("SELECT COUNT(*) FROM appeals_appeal a JOIN liaisons_visit v ON v.id = a.visit_id "
        "WHERE EXISTS (SELECT 1 FROM liaisons_visitparticipant p WHERE p.visit_id = v.id AND p.rank_group = 'unit_leaders') "
        "AND NOT EXISTS (SELECT 1 FROM liaisons_visitparticipant p WHERE p.visit_id = v.id AND p.rank_group = 'district_leaders') "
        "AND v.reporting_unit_id IN ({units}) AND {v}"),
    9: ("SELECT COUNT(*) FROM appeals_appeal a JOIN liaisons_visit v ON v.id = a.visit_id "
        "WHERE EXISTS (SELECT 1 FROM liaisons_visitparticipant p WHERE p.visit_id = v.id AND p.rank_group = 'city_leaders') "
        "AND NOT EXISTS (SELECT 1 FROM liaisons_visitparticipant p WHERE p.visit_id = v.id "
        "AND p.rank_group IN ('district_leaders', 'unit_leaders')) AND v.reporting_unit_id IN ({units}) AND {v}"),
    10: "SELECT SUM(copies) FROM policies_handout v WHERE v.paper = 'policy' AND v.unit_id IN ({units}) AND {v}",
    11: ("SELECT COUNT(*) FROM liaisons_serviceevent WHERE state = 'held' AND kind IN ('tea_talk', 'talk', 'symposium') "
         "AND organiser_id IN ({units}) AND starts_at >= %(start)s AND starts_at < %(end)s"),
    12: ("SELECT COUNT(*) FROM (SELECT enterprise_id FROM policies_handout v "
         "WHERE v.paper = 'policy' AND enterprise_id IS NOT NULL AND v.unit_id IN ({units}) AND {v} "
         "UNION SELECT enterprise_id FROM policies_outreach v "
         "WHERE v.way = 'meeting' AND enterprise_id IS NOT NULL AND v.unit_id IN ({units}) AND {v}) reached"),
    13: "SELECT SUM(amount) FROM policies_payment v WHERE v.unit_id IN ({units}) AND {v}",
    15: ("SELECT COUNT(DISTINCT a.id) FROM appeals_appeal a JOIN appeals_event v ON v.appeal_id = a.id "
         "WHERE v.transition IN ('solve_on_spot', 'confirm_solved') AND a.collecting_unit_id IN ({units}) AND {v} "
         "AND NOT EXISTS (SELECT 1 FROM appeals_event n WHERE n.appeal_id = a.id AND n.transition = 'not_solved' "
         "AND n.seq > v.seq AND n.occurred_at < %(end)s)"),
    16: ("SELECT COUNT(*) FROM appeals_appeal a WHERE a.collecting_unit_id IN ({units}) AND a.provincial_number <> '' "
         "AND a.provincial_recorded_at >= %(start)s AND a.provincial_recorded_at < %(end)s "
         "AND NOT EXISTS (SELECT 1 FROM appeals_event n WHERE n.appeal_id = a.id "
         "AND n.transition IN ('solve_on_spot', 'confirm_solved'))"),
    17: ("SELECT SUM(change) FROM appeals_effect WHERE kind = 'jobs' AND unit_id IN ({units}) "
         "AND at >= %(start)s AND at < %(end)s"),
    18: ("SELECT SUM(change) FROM appeals_effect WHERE kind = 'finance' AND unit_id IN ({units}) "
         "AND at >= %(start)s AND at < %(end)s"),
    20: ("SELECT SUM(change) FROM appeals_effect WHERE kind = 'supply' AND unit_id IN ({units}) "
         "AND at >= %(start)s AND at < %(end)s"),
    22: "SELECT COUNT(*) FROM liaisons_opinion v WHERE v.handling = 'heard' AND v.unit_id IN ({units}) AND {v}",
    23: "SELECT COUNT(*) FROM liaisons_opinion v WHERE v.handling = 'passed_on' AND v.unit_id IN ({units}) AND {v}",
    24: ("SELECT COUNT(DISTINCT official_id) FROM liaisons_assignment WHERE unit_id IN ({units}) "
         "AND started <= '2026-11-19' AND (ended IS NULL OR ended > '2026-11-19')"),
    25: ("SELECT COUNT(DISTINCT enterprise_id) FROM liaisons_assignment WHERE unit_id IN ({units}) "
         "AND started <= '2026-11-19' AND (ended IS NULL OR ended > '2026-11-19')"),
    27: "SELECT COUNT(*) FROM policies_newsitem v WHERE v.unit_id IN ({units}) AND {v}",
}  # fmt: skip
STATES = {24, 25}
WINDOWS = {"datong": ("datong", "datong_window")}


def ask(row: int, units: list[int], start, end) -> Decimal:
    query = SQL[row].format(
        units=", ".join(map(str, units)), v="v.occurred_at >= %(start)s AND v.occurred_at < %(end)s"
    )
    parameters = {"start": start, "end": end}
    if connection.vendor == "sqlite":
        # As Django stores it there: UTC, without an offset.
        parameters = {
            name: value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
            for name, value in parameters.items()
        }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        # SQLite adds amounts up as binary fractions.
        return round(Decimal(str(cursor.fetchone()[0] or 0)), 2)


@pytest.mark.parametrize("ending", ["2026-11-19", "2026-11-12"])
def test_figures_equal_independent_sql(busy, ending):
    period = busy.week(ending)
    grouped = figures.figures(period, period.tables.in_force())
    started = moment("2024-02-01 00:00")
    for code in (*UNITS, "rsj"):
        units = [busy.unit(name).pk for name in WINDOWS.get(code, (code,))]
        for row in SQL:
            figure = grouped[busy.unit(code).pk][row]
            if row in STATES and ending != "2026-11-19":
                continue
            assert figure.week == ask(row, units, period.start, period.end), (code, row)
            if row not in STATES:
                assert figure.cumulative == ask(row, units, started, period.end), (code, row)


def test_a_district_costs_as_many_queries_as_a_unit(busy):
    period = busy.week()
    assert not period.has_merged_units  # looked up once for a period
    tables = list(period.tables.in_force())
    period.rules  # noqa: B018  (parsed once a process)
    with CaptureQueriesContext(
        connection,
    ) as one:
        figures.figures(period, tables[:1])
    with CaptureQueriesContext(connection) as all_units:
        figures.figures(period, tables)
    assert len(tables) > 40
    assert len(all_units) == len(one) <= 18


# --- By hand --------------------------------------------------------------------------------------


def enter(work, code: str, ending: str, row: int, value: str | None, at: str) -> HandEntry:
    table = work.table(code, ending)
    with clock.at(moment(at)):
        return services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(row),
            value=None if value is None else Decimal(value),
            reason="会议签到表",
            by=work.user(code),
        )


def figure(work, code: str, row: int, ending: str = "2026-11-19"):
    table = work.table(code, ending)
    return figures.figures(table.period, [table])[table.unit_id][row]


def test_hand_rows_add_up_over_the_weeks(work):
    enter(work, "datong", "2026-11-12", 11, "2", "2026-11-12 10:00")
    enter(work, "datong", "2026-11-12", 11, "3", "2026-11-12 11:00")  # the latest counts
    enter(work, "datong", "2026-11-19", 13, "12.5", "2026-11-18 10:00")
    enter(work, "datong", "2026-11-19", 11, "1", "2026-11-18 10:00")
    assert (figure(work, "datong", 11).week, figure(work, "datong", 11).cumulative) == (1, 4)
    assert figure(work, "datong", 13).cumulative == Decimal("12.5")
    with clock.at(moment("2026-11-13 09:00")):
        services.submit(table=work.table("datong", "2026-11-12"), by=work.user("datong"))
    assert figure(work, "datong", 11).cumulative == 4


def test_a_correction_keeps_the_counted_figure_and_moves_the_sums(work):
    work.solved("datong", "2026-11-16 09:00")
    entry = enter(work, "datong", "2026-11-19", 15, "3", "2026-11-18 10:00")
    assert entry.counted == 1
    corrected = figure(work, "datong", 15)
    assert (corrected.week, corrected.cumulative, corrected.counted) == (3, 3, 1)
    assert corrected.is_corrected
    assert figure(work, "datong", 14).week == 3
    following = figure(work, "datong", 15, "2026-11-26")
    assert (following.week, following.cumulative) == (0, 3)


def test_a_correction_of_a_week_still_open_is_measured_against_what_the_records_say_now(work):
    """Three visits were typed in before they were registered."""
    enter(work, "datong", "2026-11-12", 5, "3", "2026-11-10 09:00")
    for day in ("09", "10", "11"):
        work.visit(
            "datong",
            f"2026-11-{day} 15:00",
            work.leader("datong"),
            firm=work.firm(),
            recorded="2026-11-11 16:00",
        )
    assert figure(work, "datong", 5, "2026-11-12").cumulative == 3
    assert figure(work, "datong", 5, "2026-11-19").cumulative == 3


def test_a_correction_can_be_taken_back_and_both_are_kept(work):
    work.solved("datong", "2026-11-16 09:00")
    enter(work, "datong", "2026-11-19", 15, "3", "2026-11-18 10:00")
    enter(work, "datong", "2026-11-19", 15, None, "2026-11-18 11:00")
    assert figure(work, "datong", 15).week == 1
    assert work.table("datong").hand_entries.count() == 2
    assert figure(work, "datong", 15, "2026-11-26").cumulative == 1


def test_a_corrected_state_does_not_add_up(work):
    enter(work, "datong", "2026-11-12", 25, "7", "2026-11-12 10:00")
    enter(work, "datong", "2026-11-19", 25, "5", "2026-11-18 10:00")
    assert figure(work, "datong", 25).cumulative == 5


# --- Freezing -------------------------------------------------------------------------------------


def hand_in(work, code: str, ending: str, at: str) -> SituationTable:
    with clock.at(moment(at)):
        return services.submit(table=work.table(code, ending), by=work.user(code))


def test_figures_do_not_move_after_handing_in(work):
    visit = work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=work.firm())
    hand_in(work, "datong", "2026-11-19", "2026-11-19 11:00")
    visit.participants.all().delete()
    work.solved("datong", "2026-11-19 11:30")
    assert figure(work, "datong", 4).week == 1
    assert figure(work, "datong", 15).week == 0
    frozen = work.table("datong").figures.get(row=5)
    assert frozen.evidence == [visit.pk]


def test_what_is_recorded_after_freezing_counts_in_the_next_table_once(work):
    head = work.leader("datong")
    work.visit("datong", "2026-11-16 09:00", head, firm=work.firm())
    hand_in(work, "datong", "2026-11-19", "2026-11-19 10:00")
    work.visit("datong", "2026-11-17 09:00", head, firm=work.firm(), recorded="2026-11-20 09:00")
    work.visit("datong", "2026-11-19 11:00", head, firm=work.firm())  # before the cut-off, after handing in
    work.visit("datong", "2026-11-23 11:00", head, firm=work.firm())
    assert figure(work, "datong", 5).week == 1
    assert (
        figure(work, "datong", 5, "2026-11-26").week,
        figure(work, "datong", 5, "2026-11-26").cumulative,
    ) == (3, 4)
    assert figure(work, "datong", 5, "2026-12-03").week == 0


def test_what_is_late_for_two_frozen_tables_counts_in_the_third(work):
    head = work.leader("datong")
    hand_in(work, "datong", "2026-11-12", "2026-11-12 11:00")
    hand_in(work, "datong", "2026-11-19", "2026-11-19 11:00")
    work.visit("datong", "2026-11-09 09:00", head, firm=work.firm(), recorded="2026-11-20 09:00")
    weeks = ("2026-11-12", "2026-11-19", "2026-11-26", "2026-12-03")
    assert [figure(work, "datong", 5, ending).week for ending in weeks] == [0, 0, 1, 0]
    assert [figure(work, "datong", 5, ending).cumulative for ending in weeks] == [0, 0, 1, 1]


def test_a_table_not_yet_handed_in_takes_what_is_recorded_late(work):
    work.week("2026-11-12")
    hand_in(work, "datong", "2026-11-19", "2026-11-19 11:00")
    work.visit(
        "datong", "2026-11-09 09:00", work.leader("datong"), firm=work.firm(), recorded="2026-11-20 09:00"
    )
    weeks = ("2026-11-12", "2026-11-19", "2026-11-26")
    assert [figure(work, "datong", 5, ending).week for ending in weeks] == [1, 0, 0]


def test_a_frozen_week_computed_again_a_year_later_is_the_same(busy):
    period = busy.week()
    before = figures.computed(period, period.tables.in_force())
    for code in (*UNITS, "rsj"):
        hand_in(busy, code, "2026-11-19", "2026-11-19 12:05")
    head = busy.leader("datong", name="钱进")
    busy.visit("datong", "2026-11-18 09:00", head, firm=busy.firm(), recorded="2026-11-25 09:00")
    for code in ("datong", "kjj"):
        busy.solved(code, "2026-11-20 09:00")
    period = busy.week()
    after = figures.computed(period, period.tables.in_force())
    assert after == before
    assert figures.figures(period, period.tables.in_force()) == before


# --- The district ---------------------------------------------------------------------------------


def lines(work, ending: str = "2026-11-19"):
    period = work.week(ending)
    tables = list(period.tables.in_force().select_related("unit"))
    return {line.row.no: line for line in figures.summary(period, tables)}


def test_the_summary_counts_a_shared_leader_and_firm_once_and_says_why(work):
    secretary, firm = work.leader("qwb", "district_leaders"), work.firm()
    for code in ("datong", "kjj"):
        work.visit(code, "2026-11-16 09:00", secretary, firm=firm)
        enter(work, code, "2026-11-19", 11, "2", "2026-11-18 10:00")
    summary = lines(work)
    assert (summary[1].once.week, summary[1].added.week) == (1, 2)
    assert (summary[2].once.week, summary[2].added.week) == (1, 2)
    assert "只计一人" in summary[1].why and "只计一家" in summary[2].why
    assert (summary[11].once.week, summary[11].added.week) == (4, 4)
    assert summary[11].why == ""


def test_the_summary_holds_what_units_corrected_by_hand(work):
    work.solved("datong", "2026-11-16 09:00")
    enter(work, "datong", "2026-11-19", 15, "3", "2026-11-18 10:00")
    hand_in(work, "datong", "2026-11-19", "2026-11-19 11:00")
    summary = lines(work)
    assert (summary[15].once.week, summary[15].added.week) == (3, 3)
    assert summary[14].once.week == 3
    following = lines(work, "2026-11-26")
    assert (following[15].once.cumulative, following[15].added.cumulative) == (3, 3)
