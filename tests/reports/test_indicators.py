"""Every row of the form, from work done through the services, against figures counted by hand."""

from decimal import Decimal

import pytest

from core import clock
from liaisons.services.opinions import answer_opinion, pass_on
from liaisons.services.visits import Guest
from reports import figures, services
from reports.indicators import REGISTRY
from reports.models import SituationTable
from tests.reports.work import moment

pytestmark = pytest.mark.django_db


def of(work, code: str, ending: str = "2026-11-19") -> dict[int, tuple[int, int]]:
    """Week and cumulative by row, of one unit."""
    table = work.table(code, ending)
    filled = figures.figures(table.period, [table])[table.unit_id]
    return {no: (figure.week, figure.cumulative) for no, figure in filled.items()}


def city_guest(name: str = "陈卫") -> Guest:
    return Guest(name=name, unit_name="市工信局", rank_group="city_leaders", title="副局长")


def test_people_and_firms_count_in_every_group_present(work):
    firm, other = work.firm(), work.firm()
    secretary = work.leader("qwb", "district_leaders")
    head, deputy = work.leader("datong"), work.leader("datong", name="李静")
    work.visit("datong", "2026-11-16 09:00", secretary, head, deputy, firm=firm, guests=(city_guest(),))
    work.visit("datong", "2026-11-17 09:00", head, firm=other)
    rows = of(work, "datong")
    assert [rows[no][0] for no in (1, 2, 4, 5, 7, 8)] == [1, 1, 2, 2, 1, 1]


def test_the_same_person_and_the_same_firm_count_once_a_week_and_once_in_all(work):
    firm, head = work.firm(), work.leader("datong")
    for day in ("2026-11-05 09:00", "2026-11-13 09:00", "2026-11-16 09:00"):
        work.visit("datong", day, head, firm=firm)
    rows = of(work, "datong")
    assert rows[4] == (1, 1)
    assert rows[5] == (1, 1)


def test_cumulative_figures_are_distinct_over_the_whole_period(work):
    head, deputy = work.leader("datong"), work.leader("datong", name="李静")
    work.visit("datong", "2026-11-05 09:00", head, firm=work.firm())
    work.visit("datong", "2026-11-16 09:00", head, deputy, firm=work.firm())
    rows = of(work, "datong")
    assert rows[4] == (2, 2)
    assert rows[5] == (1, 2)


def test_a_guest_of_the_city_is_the_same_person_in_two_visits(work):
    for day in ("2026-11-13 09:00", "2026-11-16 09:00"):
        work.visit("datong", day, firm=work.firm(), guests=(city_guest(),))
    assert of(work, "datong")[7] == (1, 1)
    assert of(work, "datong")[8] == (2, 2)


def test_other_cadres_are_in_none_of_the_three_groups(work):
    work.visit("datong", "2026-11-16 09:00", work.leader("datong", "staff"), firm=work.firm())
    rows = of(work, "datong")
    assert {rows[no][0] for no in range(1, 10)} == {0}


def test_projects_and_unmatched_firms_are_no_enterprises(work):
    head = work.leader("datong")
    work.visit("datong", "2026-11-16 09:00", head, project=work.project())
    work.visit("datong", "2026-11-16 10:00", head, claimed_name="铜陵某新设公司")
    rows = of(work, "datong")
    assert rows[4][0] == 1
    assert rows[5][0] == 0


def test_the_edges_of_the_week_are_half_open(work):
    head = work.leader("datong")
    for at in ("2026-11-12 11:59", "2026-11-12 12:00", "2026-11-19 11:59", "2026-11-19 12:00"):
        work.visit("datong", at, head, firm=work.firm())
    assert of(work, "datong")[5] == (2, 3)
    assert of(work, "datong", "2026-11-26")[5] == (1, 4)


def test_a_problem_counts_once_in_the_highest_group_in_the_week_of_the_visit(work):
    secretary, head = work.leader("qwb", "district_leaders"), work.leader("datong")
    with_both = work.visit(
        "datong", "2026-11-16 09:00", head, secretary, firm=work.firm(), guests=(city_guest(),)
    )
    city_only = work.visit("datong", "2026-11-16 10:00", firm=work.firm(), guests=(city_guest(),))
    staff_only = work.visit("datong", "2026-11-16 11:00", work.leader("datong", "staff"), firm=work.firm())
    work.registered("datong", "2026-11-20 09:00", visit=with_both)  # handed in after the cut-off
    work.registered("datong", "2026-11-16 09:30", visit=with_both)
    work.registered("datong", "2026-11-16 10:30", visit=city_only)
    work.registered("datong", "2026-11-16 11:30", visit=staff_only)
    rows = of(work, "datong")
    assert [rows[no][0] for no in (3, 6, 9)] == [2, 0, 1]


def test_problems_count_for_the_unit_of_the_visit_not_for_the_one_that_registers(work):
    visit = work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=work.firm())
    appeal = work.registered("datong", "2026-11-16 09:30", visit=visit)
    type(appeal).objects.filter(pk=appeal.pk).update(collecting_unit=work.unit("czj"))
    assert of(work, "datong")[6][0] == 1
    assert of(work, "czj")[6][0] == 0


def test_policy_papers_add_up_and_firms_reached_count_once(work):
    firm = work.firm()
    work.papers("datong", "2026-11-16 09:00", 3, firm)
    work.papers("datong", "2026-11-17 09:00", 2, firm)
    work.papers("datong", "2026-11-17 10:00", 4, work.firm())
    work.papers("datong", "2026-11-17 11:00", 1, project=work.project())
    work.papers("datong", "2026-11-05 09:00", 5, firm)
    rows = of(work, "datong")
    assert rows[10] == (10, 15)
    assert rows[12] == (2, 2)


def test_the_letter_is_no_policy_list_and_explains_no_policy(work):
    work.papers("datong", "2026-11-16 09:00", 30, work.firm(), letter=True)
    rows = of(work, "datong")
    assert (rows[10], rows[12]) == ((0, 0), (0, 0))


def test_meetings_count_for_the_organiser_in_the_week_they_were_held(work):
    firm = work.firm()
    work.meeting("datong", "2026-11-17 09:00", firm, kind="talk")
    work.meeting("datong", "2026-11-17 14:00", firm, work.firm(), kind="symposium")
    work.meeting("datong", "2026-11-14 09:00", kind="saturday")  # no meeting, as the profile says
    work.meeting("kjj", "2026-11-17 15:00", firm, kind="tea_talk")
    work.meeting("datong", "2026-11-10 09:00", recorded="2026-11-16 09:00")  # its own table is still open
    announced = work.meeting("datong", "2026-11-18 09:00")
    type(announced).objects.filter(pk=announced.pk).update(state="announced", held_at=None)
    rows = of(work, "datong")
    assert rows[11] == (2, 3)
    assert rows[12] == (2, 2)
    assert (of(work, "kjj")[11], of(work, "kjj")[12]) == ((1, 1), (1, 1))


def test_a_firm_with_a_list_and_at_a_meeting_is_reached_once(work):
    firm = work.firm()
    work.papers("datong", "2026-11-16 09:00", 2, firm)
    work.meeting("datong", "2026-11-17 09:00", firm)
    assert of(work, "datong")[12] == (1, 1)


def test_payments_add_up_to_the_cent(work):
    firm = work.firm()
    work.paid("rsj", "2026-11-16", "12.34", firm)
    work.paid("rsj", "2026-11-17", "0.58", firm)
    work.paid("rsj", "2026-11-05", "100", firm)
    assert of(work, "rsj")[13] == (Decimal("12.92"), Decimal("112.92"))
    assert of(work, "kjj")[13] == (0, 0)


def test_a_payment_reversed_before_handing_in_was_never_there(work):
    payment = work.paid("rsj", "2026-11-16", "12.34", work.firm())
    work.taken_back(payment, "2026-11-18 09:00")
    assert of(work, "rsj")[13] == (0, 0)


def test_a_payment_reversed_after_handing_in_leaves_that_table_and_shows_in_the_next(work):
    payment = work.paid("rsj", "2026-11-16", "12.34", work.firm())
    work.paid("rsj", "2026-11-17", "1", work.firm())
    with clock.at(moment("2026-11-19 11:00")):
        services.submit(table=work.table("rsj"), by=work.user("rsj"))
    work.taken_back(payment, "2026-11-20 09:00")
    work.paid("rsj", "2026-11-23", "5", work.firm())
    assert of(work, "rsj")[13] == (Decimal("13.34"), Decimal("13.34"))
    assert of(work, "rsj", "2026-11-26")[13] == (Decimal("-7.34"), Decimal("6"))
    assert of(work, "rsj", "2026-12-03")[13] == (0, Decimal("6"))
    period = work.week()
    again = figures.computed(period, period.tables.in_force())
    assert again[work.unit("rsj").pk][13].week == Decimal("13.34")


def test_news_count_by_the_day_they_came_out_for_who_handed_them_in(work):
    work.news("xcb", "2026-11-16", "一")
    work.news("xcb", "2026-11-17", "二")
    work.news("xcb", "2026-11-10", "三")
    assert of(work, "xcb")[27] == (2, 3)
    assert of(work, "kjj")[27] == (0, 0)


def test_a_day_without_an_hour_counts_from_its_beginning(work):
    """Of the Thursday on which the week ends at noon, what came out that day belongs to the week that ends."""
    work.news("xcb", "2026-11-19", "当天", at="2026-11-19 11:00")
    work.news("xcb", "2026-11-12", "上周四", at="2026-11-12 16:00")
    assert of(work, "xcb")[27] == (1, 2)
    assert of(work, "xcb", "2026-11-12")[27] == (1, 1)


def test_a_and_b_count_for_the_collecting_unit_and_make_up_row_14(work):
    work.solved("datong", "2026-11-16 09:00")
    handed_in = work.registered("datong", "2026-11-10 09:00")
    work.do(handed_in, "record_provincial", "2026-11-17 09:00")
    work.registered("datong", "2026-11-16 10:00", provincial_number="AH1")
    work.registered("datong", "2026-11-16 11:00")  # in neither
    rows = of(work, "datong")
    assert [rows[no][0] for no in (14, 15, 16)] == [3, 1, 2]
    assert of(work, "czj")[14] == (0, 0)


def test_what_a_window_collects_counts_for_the_township_above_it(work):
    work.solved("datong_window", "2026-11-16 09:00", role="window")
    assert of(work, "datong")[15] == (1, 1)
    assert not SituationTable.objects.filter(unit=work.unit("datong_window")).exists()


def test_an_answer_the_firm_confirms_later_counts_in_the_week_of_confirming(work):
    appeal = work.registered("datong_window", "2026-11-11 09:00", role="window")
    work.do(appeal, "offer_answer", "2026-11-11 10:00", by="")
    work.do(appeal, "confirm_solved", "2026-11-16 09:00")
    assert of(work, "datong")[15] == (1, 1)
    assert of(work, "datong", "2026-11-12")[15] == (0, 0)


def test_an_a_that_comes_back_before_the_cut_off_leaves_row_15_and_never_enters_16(work):
    appeal = work.solved("datong", "2026-11-16 09:00")
    work.do(appeal, "not_solved", "2026-11-18 09:00")
    work.do(appeal, "record_provincial", "2026-11-18 10:00")
    rows = of(work, "datong")
    assert [rows[no] for no in (14, 15, 16)] == [(0, 0)] * 3


def test_an_a_that_comes_back_later_stays_in_its_week_and_leaves_the_cumulative_figure(work):
    appeal = work.solved("datong", "2026-11-16 09:00")
    work.do(appeal, "not_solved", "2026-11-20 09:00")
    assert of(work, "datong")[15] == (1, 1)
    assert of(work, "datong", "2026-11-26")[15] == (0, 0)


def test_effects_count_for_the_lead_unit_when_they_are_answered(work):
    work.answered("2026-11-16 09:00", effect_jobs="18", effect_finance="120.5", effect_land="3.25")
    work.answered("2026-11-05 09:00", effect_jobs="2")
    rows = of(work, "rsj")
    assert rows[17] == (18, 20)
    assert rows[18] == (Decimal("120.5"), Decimal("120.5"))
    assert rows[19] == (Decimal("3.25"), Decimal("3.25"))
    assert of(work, "datong")[17] == (0, 0)


def test_a_supply_problem_answered_as_solved_counts_once(work):
    work.answered("2026-11-16 09:00", category="logistics")
    work.answered("2026-11-17 09:00", category="logistics", solved="partly")
    work.answered("2026-11-18 09:00", category="labour")
    assert of(work, "rsj")[20] == (1, 1)


def test_a_redone_answer_counts_only_what_changed(work):
    appeal = work.answered("2026-11-10 09:00", effect_jobs="18")
    work.do(appeal, "redo", "2026-11-11 09:00")
    work.do(appeal, "sign", "2026-11-13 09:00")
    work.do(appeal, "feedback", "2026-11-16 09:00", effect_jobs="12")
    assert of(work, "rsj", "2026-11-12")[17] == (18, 18)
    assert of(work, "rsj")[17] == (-6, 12)


def test_opinions_are_told_apart_by_who_deals_with_them(work):
    visit = work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=work.firm())
    for handling in ("heard", "heard", "passed_on"):
        work.opinion(visit, handling)
    rows = of(work, "datong")
    assert [rows[no] for no in (21, 22, 23)] == [(3, 3), (2, 2), (1, 1)]


def test_an_opinion_passed_on_weeks_later_leaves_every_table_as_it_was(work):
    visit = work.visit("datong", "2026-11-10 09:00", work.leader("datong"), firm=work.firm())
    heard = work.opinion(visit, "heard")
    before = [of(work, "datong", ending) for ending in ("2026-11-12", "2026-11-19")]
    assert [(rows[22], rows[23]) for rows in before] == [((1, 1), (0, 0)), ((0, 1), (0, 0))]
    with clock.at(moment("2026-11-18 09:00")):
        pass_on(by=work.user("datong"), opinion=heard, passed_to=work.unit("rsj"))
        answer_opinion(by=work.user("rsj"), opinion=heard, answer="已采纳。")
    assert [of(work, "datong", ending) for ending in ("2026-11-12", "2026-11-19")] == before


def test_rows_24_to_26_are_a_state_at_the_cut_off(work):
    head, deputy = work.leader("datong", "staff"), work.leader("datong", "staff", name="李静")
    firm = work.firm()
    work.assign("datong", head, "2026-01-05", firm)
    work.assign("datong", deputy, "2026-01-05", firm, part="support")
    work.assign("datong", deputy, "2026-01-05", project=work.project())
    work.assign("datong", head, "2026-01-05", work.firm(), ended="2026-11-19")  # no longer on that day
    work.assign("datong", head, "2026-11-19", work.firm())
    work.assign("datong", head, "2026-11-20", work.firm())
    rows = of(work, "datong")
    assert [rows[no] for no in (24, 25, 26)] == [(2, 2), (2, 2), (1, 1)]
    assert of(work, "datong", "2026-11-12")[25] == (2, 2)


def test_every_indicator_of_the_form_is_in_the_registry_and_explained(work):
    form = work.week().rules.form
    used = {row.indicator for row in form.rows if row.indicator}
    assert used <= set(REGISTRY)
    for indicator in REGISTRY.values():
        assert indicator.label and indicator.definition.endswith("。")
