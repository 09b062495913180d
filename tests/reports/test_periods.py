from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from districts.profile import Week
from districts.workdays import SHANGHAI, WorkCalendar
from reports import periods

WEEK = Week(starts=date(2024, 2, 1))
# National Day 2026: off from 1 to 7 October.
HOLIDAYS = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
CALENDAR = WorkCalendar(HOLIDAYS, [2026])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_week_runs_from_thursday_noon_to_thursday_noon():
    week = periods.week_ending(date(2026, 11, 19), WEEK, CALENDAR)
    assert week.start == at("2026-11-12T12:00")
    assert week.end == at("2026-11-19T12:00")
    assert week.due_at == at("2026-11-19T12:00")


@pytest.mark.parametrize(
    ("moment", "ending"),
    [
        ("2026-11-19T11:59:59", date(2026, 11, 19)),
        ("2026-11-19T12:00:00", date(2026, 11, 26)),
        ("2026-11-12T12:00:00", date(2026, 11, 19)),
        ("2026-11-15T03:00:00", date(2026, 11, 19)),
        ("2026-12-31T12:00:00", date(2027, 1, 7)),
        ("2027-01-01T00:00:00", date(2027, 1, 7)),
    ],
)
def test_every_moment_lies_in_exactly_one_week(moment, ending):
    assert periods.week_of(at(moment), WEEK, CALENDAR).ending == ending


def test_weeks_follow_each_other_without_gap_or_overlap():
    ending = date(2026, 1, 1)
    for _ in range(60):
        this = periods.week_ending(ending, WEEK, CALENDAR)
        following = periods.week_ending(ending + timedelta(days=7), WEEK, CALENDAR)
        assert this.end == following.start
        assert periods.week_of(this.end, WEEK, CALENDAR) == following
        assert periods.week_of(this.end - timedelta(microseconds=1), WEEK, CALENDAR) == this
        ending = following.ending


def test_a_cut_off_on_a_holiday_bounds_the_week_and_falls_due_on_the_next_working_day():
    week = periods.week_ending(date(2026, 10, 1), WEEK, CALENDAR)
    assert week.end == at("2026-10-01T12:00")
    assert week.due_at == at("2026-10-08T12:00")


def test_a_make_up_saturday_is_a_working_day_to_hand_in_on():
    week = Week(starts=date(2024, 2, 1), cut_off_weekday=4)  # Friday 9 October is worked, 2 October is not
    friday_off = WorkCalendar({date(2026, 10, 9): False, date(2026, 10, 10): True}, [2026])
    assert periods.week_ending(date(2026, 10, 9), week, friday_off).due_at == at("2026-10-10T12:00")


def test_a_day_that_is_no_cut_off_is_refused_and_the_last_one_before_it_is_suggested():
    with pytest.raises(ValueError):
        periods.week_ending(date(2026, 11, 20), WEEK, CALENDAR)
    assert periods.nearest_cut_off_day(date(2026, 11, 20), WEEK) == date(2026, 11, 19)
    assert periods.nearest_cut_off_day(date(2026, 11, 19), WEEK) == date(2026, 11, 19)


def test_the_duty_has_a_start_and_may_have_an_end():
    march = Week(starts=date(2024, 2, 1), ends=date(2024, 3, 31))
    assert not periods.is_on_duty(date(2024, 1, 25), march)
    assert periods.is_on_duty(date(2024, 2, 1), march)
    assert periods.is_on_duty(date(2024, 3, 28), march)
    assert not periods.is_on_duty(date(2024, 4, 4), march)
    assert periods.is_on_duty(date(2034, 3, 30), WEEK)


def test_another_district_may_close_its_week_at_another_time():
    week = Week(starts=date(2024, 2, 1), cut_off_weekday=0, cut_off_time=time(17, 30))
    assert periods.week_of(at("2026-11-18T09:00"), week, CALENDAR).end == at("2026-11-23T17:30")


@pytest.mark.parametrize(
    ("cut_off_day", "endings"),
    [
        (25, [date(2026, 1, 25), date(2026, 2, 25), date(2026, 3, 25)]),
        (31, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
    ],
)
def test_a_district_may_report_by_the_month(cut_off_day, endings):
    month = Week(starts=date(2024, 2, 1), every="month", cut_off_day=cut_off_day)
    for ending, following in pairwise(endings):
        assert periods.following(ending, month) == following
        assert periods.previous(following, month) == ending
        assert periods.nearest_cut_off_day(following - timedelta(days=1), month) == ending
        this = periods.week_ending(following, month, CALENDAR)
        assert (this.start.date(), this.end.date()) == (ending, following)
        assert periods.week_of(this.start, month, CALENDAR) == this
        assert periods.week_of(this.end, month, CALENDAR).start == this.end
    assert not periods.is_cut_off_day(endings[0] + timedelta(days=1), month)


def test_months_follow_each_other_over_years_without_gap_or_overlap():
    month = Week(starts=date(2024, 2, 1), every="month", cut_off_day=30)
    ending = date(2023, 12, 30)
    for _ in range(40):
        this = periods.week_ending(ending, month, CALENDAR)
        ending = periods.following(ending, month)
        assert periods.week_ending(ending, month, CALENDAR).start == this.end


def test_a_week_lies_across_the_turn_of_the_year():
    week = periods.week_ending(date(2026, 1, 1), WEEK, CALENDAR)
    assert (week.start, week.end) == (at("2025-12-25T12:00"), at("2026-01-01T12:00"))


def test_two_weeks_go_in_twos_from_the_first_cut_off_of_the_duty():
    week = Week(every="two_weeks", starts=date(2026, 11, 1), cut_off_weekday=1, cut_off_time=time(17))
    assert periods.following(date(2026, 11, 1), week) == date(2026, 11, 3)
    assert periods.following(date(2026, 11, 3), week) == date(2026, 11, 17)
    assert periods.previous(date(2026, 11, 3), week) == date(2026, 10, 20)
    assert not periods.is_cut_off_day(date(2026, 11, 10), week)
    this = periods.week_ending(date(2026, 11, 17), week, CALENDAR)
    assert (this.start, this.end) == (at("2026-11-03T17:00"), at("2026-11-17T17:00"))
    assert periods.week_of(at("2026-11-17T17:00"), week, CALENDAR).ending == date(2026, 12, 1)
    assert week.word == "双周"


def test_half_months_end_on_the_fifteenth_and_the_last_day():
    week = Week(every="half_month", starts=date(2026, 1, 1), cut_off_time=time(17))
    ends = [date(2026, 1, 31), date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 15)]
    for before, after in pairwise(ends):
        assert periods.following(before, week) == after
        assert periods.previous(after, week) == before
    assert periods.nearest_cut_off_day(date(2026, 3, 1), week) == date(2026, 2, 28)
    assert periods.week_ending(date(2026, 3, 15), week, CALENDAR).start == at("2026-02-28T17:00")
