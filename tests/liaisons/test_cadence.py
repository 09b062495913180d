from datetime import date

import pytest

from liaisons.cadence import CADENCES, period_before, period_of


@pytest.mark.parametrize(
    ("cadence", "day", "start", "end"),
    [
        ("weekly", date(2026, 11, 25), date(2026, 11, 23), date(2026, 11, 30)),
        ("fortnightly", date(2026, 11, 25), date(2026, 11, 16), date(2026, 11, 30)),
        ("fortnightly", date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 14)),
        ("fortnightly", date(2023, 12, 31), date(2023, 12, 18), date(2024, 1, 1)),
        ("half_monthly", date(2026, 11, 15), date(2026, 11, 1), date(2026, 11, 16)),
        ("half_monthly", date(2026, 12, 16), date(2026, 12, 16), date(2027, 1, 1)),
        ("monthly", date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        ("quarterly", date(2026, 11, 19), date(2026, 10, 1), date(2027, 1, 1)),
        ("quarterly", date(2026, 3, 31), date(2026, 1, 1), date(2026, 4, 1)),
        ("half_yearly", date(2026, 6, 30), date(2026, 1, 1), date(2026, 7, 1)),
        ("yearly", date(2024, 2, 29), date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_a_day_falls_into_its_period(cadence, day, start, end):
    period = period_of(cadence, day)
    assert (period.start, period.end) == (start, end)
    assert period.start <= day <= period.last_day


@pytest.mark.parametrize("cadence", CADENCES)
def test_the_period_before_ends_where_this_one_starts(cadence):
    day = date(2026, 3, 1)
    assert period_before(cadence, day).end == period_of(cadence, day).start
