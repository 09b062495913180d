import pytest
from django.core.exceptions import ValidationError

from liaisons.assignment_sheet import COLUMNS

STARTED = next(column for column in COLUMNS if column.key == "started")


@pytest.mark.parametrize("text", ["2026年11月起", "2026年11月", "2026.11", "2026-11-1", "2026年11月1日起"])
def test_a_month_stands_for_its_first_day(text):
    assert STARTED.clean(text) == "2026-11-01"


def test_words_are_no_day():
    with pytest.raises(ValidationError):
        STARTED.clean("下月起")
