"""The burn-down against numbers counted by hand."""

from datetime import date, datetime

import pytest

from appeals import backlog
from appeals.backlog_figures import burn_down, figures
from appeals.models import BacklogItem
from core import clock
from districts.workdays import SHANGHAI
from tests import factories
from tests.appeals.backlog_cast import REASON, BacklogCast, disputed, immediate, limited


def on(month: int, day: int, hour: int = 10):
    return clock.at(datetime(2026, month, day, hour, 0, tzinfo=SHANGHAI))


@pytest.fixture
def cast(district) -> BacklogCast:
    return BacklogCast(district)


def clear(cast, item):
    backlog.report_cleared(by=cast.liaison, item=item, result="已兑现。")
    return backlog.confirm_cleared(by=cast.dispatcher, item=item)


@pytest.fixture
def autumn(cast) -> BacklogCast:
    """Five weeks: listed, reclassified, solved, removed, broken out again. Mondays are 19 and 26 October."""
    elsewhere = factories.enterprise(cast.district, region=factories.township(cast.district, "灰河乡"))
    with on(10, 21):
        a, b = cast.item(immediate()), cast.item(limited(20))
        c = cast.item(disputed(), source="contract", reference="HT-7")
    with on(10, 25, 23):  # a Sunday, an hour before its week is over
        d = cast.item(limited(90), subject=elsewhere)
    with on(10, 26, 0):  # the hour after
        clear(cast, a)
    with on(11, 4):
        backlog.set_course(by=cast.dispatcher, item=b, course=disputed(40), reason=REASON)
        backlog.remove_item(by=cast.dispatcher, item=d, reason="与第2号重复")
    with on(11, 18):
        clear(cast, b)
        backlog.restore_item(by=cast.dispatcher, item=a, reason="款项被退回")
        cast.last = cast.item(limited(2), subject=elsewhere)
    cast.third = c
    return cast


def rows(items) -> list[tuple]:
    return [
        (week.ends, week.listed, week.cleared, week.removed, *week.by_class, week.total)
        for week in burn_down(items)
    ]


def test_every_week_shows_what_was_left_at_its_end(autumn):
    with on(11, 19):
        found = rows(BacklogItem.objects.all())
    # ends on, listed, solved, removed; left: at once, by a day, disputed, all
    assert found == [
        (date(2026, 10, 25), 4, 0, 0, 1, 2, 1, 4),
        (date(2026, 11, 1), 0, 1, 0, 0, 2, 1, 3),
        (date(2026, 11, 8), 0, 0, 1, 0, 0, 2, 2),
        (date(2026, 11, 15), 0, 0, 0, 0, 0, 2, 2),
        (date(2026, 11, 19), 2, 1, 0, 1, 1, 1, 3),
    ]


def test_the_filter_narrows_the_weeks_and_a_list_without_items_has_none(autumn):
    with on(11, 19):
        contracts = rows(BacklogItem.objects.filter(source="contract"))
        assert [row[-1] for row in contracts] == [1, 1, 1, 1, 1]
        assert burn_down(BacklogItem.objects.none()) == []
        elsewhere = rows(BacklogItem.objects.filter(region__name="灰河乡"))
    assert [row[-1] for row in elsewhere] == [1, 1, 0, 0, 1]


def test_on_monday_a_new_week_begins_with_what_was_left(autumn):
    with on(11, 23, 9):
        found = rows(BacklogItem.objects.all())
    assert found[-2:] == [
        (date(2026, 11, 22), 2, 1, 0, 1, 1, 1, 3),
        (date(2026, 11, 23), 0, 0, 0, 1, 1, 1, 3),
    ]


def test_the_figures_count_removed_ones_apart(autumn):
    with on(11, 23):
        counted = figures(BacklogItem.objects.all())
    # On the list: a (open again), b (solved after 28 days), c (to be followed up on 4 November), the last (due on 20th).
    assert (counted.total, counted.cleared, counted.open, counted.removed) == (4, 1, 3, 1)
    assert counted.rate == 25.0 and counted.average_days == 28
    assert counted.overdue == 3 and counted.to_confirm == 0
    assert counted.by_class == {"immediate": 1, "limited": 1, "disputed": 1}


def test_without_items_there_is_no_rate(db):
    counted = figures(BacklogItem.objects.all())
    assert (counted.total, counted.rate, counted.average_days) == (0, None, None)


def test_the_pictures_cost_the_same_however_long_the_list_is(autumn, django_assert_num_queries):
    with on(11, 19):
        for _ in range(5):
            autumn.item()
        with django_assert_num_queries(3):
            burn_down(BacklogItem.objects.visible_to(autumn.dispatcher))
            figures(BacklogItem.objects.visible_to(autumn.dispatcher))
