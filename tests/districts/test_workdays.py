"""Working days, against the State Council's notice for 2026 written out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from districts.calendar_import import package_years
from districts.workdays import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

# 元旦、春节、清明、劳动节、端午、中秋、国庆
HOLIDAYS = [
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
]
MAKE_UP_DAYS = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
WORKDAYS_OF_MONTHS = {1: 21, 2: 16, 3: 22, 4: 21, 5: 19, 6: 21, 7: 23, 8: 21, 9: 22, 10: 18, 11: 21, 12: 23}


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def expected_of_2026() -> dict[date, bool]:
    expected = {}
    current = day("01-01")
    while current.year == 2026:
        expected[current] = current.isoweekday() not in (6, 7)
        current += timedelta(days=1)
    for first, last in HOLIDAYS:
        for current in expected:
            if day(first) <= current <= day(last):
                expected[current] = False
    for text in MAKE_UP_DAYS:
        expected[day(text)] = True
    return expected


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    years = package_years()
    named = {named_day: works for year in years.values() for named_day, works, _ in year}
    return WorkCalendar(named, years, office_end=time(17, 30))


def at(text: str, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day(text), time(hour, minute), tzinfo=SHANGHAI)


def test_every_day_of_2026_is_as_the_notice_says(calendar: WorkCalendar) -> None:
    expected = expected_of_2026()
    assert len(expected) == 365
    assert {current: calendar.is_workday(current) for current in expected} == expected


def test_each_month_of_2026_has_its_working_days(calendar: WorkCalendar) -> None:
    counted = {}
    for month in range(1, 13):
        before = date(2026, month, 1) - timedelta(days=1)
        last = date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        counted[month] = calendar.count(before, last)
    assert counted == WORKDAYS_OF_MONTHS


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("11-16", 1, "11-17"),
        ("11-20", 1, "11-23"),  # Friday to Monday
        ("02-13", 1, "02-14"),  # the Saturday before 春节 is worked
        ("02-14", 1, "02-24"),  # and then nothing for nine days
        ("02-27", 2, "03-02"),
        ("09-18", 1, "09-20"),  # a Sunday that is worked
        ("09-30", 1, "10-08"),
        ("09-30", 3, "10-10"),
        ("10-03", 1, "10-08"),  # counted from within a holiday
        ("10-03", 0, "10-08"),  # nothing to add, but not on a holiday
        ("10-10", 0, "10-10"),
        ("10-08", -1, "09-30"),
        ("10-04", -1, "09-30"),
        ("12-31", 0, "12-31"),
    ],
)
def test_add(calendar: WorkCalendar, start: str, count: int, expected: str) -> None:
    assert calendar.add(day(start), count) == day(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("11-16", "11-16", 0),
        ("11-16", "11-17", 1),
        ("11-20", "11-22", 0),
        ("09-30", "10-10", 3),
        ("02-13", "02-28", 6),
        ("10-10", "09-30", -3),
    ],
)
def test_count_leaves_out_the_first_day_and_takes_the_last(
    calendar: WorkCalendar, start: str, end: str, expected: int
) -> None:
    assert calendar.count(day(start), day(end)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at("11-16", 6), "11-16"),  # before the office opens: the same day
        (at("11-16", 17, 29), "11-16"),
        (at("11-16", 17, 30), "11-17"),  # office hours are half-open
        (at("11-20", 18), "11-23"),
        (at("11-21", 10), "11-23"),  # Saturday
        (at("10-10", 10), "10-10"),  # a Saturday that is worked
        (at("02-14", 20), "02-24"),
        (datetime(2026, 11, 16, 16, 30, tzinfo=UTC), "11-17"),  # half past midnight in Shanghai
    ],
)
def test_a_receipt_counts_for_a_working_day(calendar: WorkCalendar, moment: datetime, expected: str) -> None:
    assert calendar.received_on(moment) == day(expected)


def test_what_comes_in_time_is_due_when_the_office_closes(calendar: WorkCalendar) -> None:
    assert calendar.due_at(at("11-16", 9), 1) == at("11-17", 17, 30)
    assert calendar.due_at(at("11-16", 9), 0) == at("11-16", 17, 30)


def test_what_comes_after_hours_is_due_a_working_day_later(calendar: WorkCalendar) -> None:
    assert calendar.due_at(at("11-20", 19), 1) == at("11-24", 17, 30)
    assert calendar.due_at(at("09-30", 19), 7) == at("10-16", 17, 30)


def test_a_district_closes_when_its_profile_says(calendar: WorkCalendar) -> None:
    early = calendar.with_office_end(time(17, 0))
    assert early.due_at(at("11-16", 17, 10), 1) == at("11-18", 17)


def test_2027_is_counted_by_the_plain_week_and_provisional(calendar: WorkCalendar) -> None:
    assert calendar.is_workday(date(2027, 1, 1))
    assert not calendar.is_workday(date(2027, 1, 2))
    assert calendar.add(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert not calendar.is_provisional(date(2026, 12, 1), date(2026, 12, 31))
    assert calendar.is_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert calendar.is_provisional(date(2027, 1, 1), date(2026, 12, 31))


def test_provisional_goes_by_the_local_year(calendar: WorkCalendar) -> None:
    new_years_morning = datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert calendar.is_provisional(new_years_morning, new_years_morning)


any_day = st.dates(date(2004, 1, 1), date(2028, 12, 31))


@given(start=any_day, count=st.integers(1, 60))
def test_count_is_the_inverse_of_add(calendar: WorkCalendar, start: date, count: int) -> None:
    end = calendar.add(start, count)
    assert calendar.is_workday(end)
    assert calendar.count(start, end) == count


@given(start=any_day, count=st.integers(0, 60))
def test_going_back_undoes_going_forward(calendar: WorkCalendar, start: date, count: int) -> None:
    workday = calendar.next_workday(start)
    assert calendar.add(calendar.add(workday, count), -count) == workday


@given(start=any_day, length=st.integers(0, 400))
def test_count_agrees_with_looking_at_every_day(calendar: WorkCalendar, start: date, length: int) -> None:
    days = [start + timedelta(days=number) for number in range(1, length + 1)]
    assert calendar.count(start, start + timedelta(days=length)) == sum(map(calendar.is_workday, days))


@given(start=any_day, middle=any_day, end=any_day)
def test_spans_add_up(calendar: WorkCalendar, start: date, middle: date, end: date) -> None:
    assert calendar.count(start, middle) + calendar.count(middle, end) == calendar.count(start, end)
