"""Quiet hours: from when on something may leave the house."""

from datetime import date, datetime, time, timedelta

import pytest

from core import clock
from districts.workdays import SHANGHAI
from notifications.delivery import deliver_queued
from notifications.models import Notice, Preference
from notifications.quiet import LONGEST, Quiet, earliest
from notifications.services import notify
from tests import factories
from tests.notifications.conftest import NOW

NIGHT = Quiet(time(21, 0), time(7, 30))
NOON = Quiet(time(12, 0), time(14, 0))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def weekday(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("quiet", "moment", "expected"),
    [
        (NIGHT, at(19, 20, 59), at(19, 20, 59)),
        (NIGHT, at(19, 21), at(20, 7, 30)),
        (NIGHT, at(20, 0), at(20, 7, 30)),
        (NIGHT, at(20, 7, 29), at(20, 7, 30)),
        (NIGHT, at(20, 7, 30), at(20, 7, 30)),
        (NOON, at(19, 11, 59), at(19, 11, 59)),
        (NOON, at(19, 12), at(19, 14)),
        (NOON, at(19, 14), at(19, 14)),
        (Quiet(None, None), at(19, 3), at(19, 3)),
        # Friday night, over the weekend, to Monday morning.
        (Quiet(time(21, 0), time(7, 30), days_off=True), at(20, 21), at(23, 7, 30)),
        (Quiet(None, None, days_off=True), at(21, 10), at(23, 0)),
        (Quiet(time(21, 0), time(7, 30), days_off=True), at(19, 22), at(20, 7, 30)),
    ],
)
def test_the_end_of_the_quiet_time_a_moment_lies_in(quiet, moment, expected):
    assert earliest(moment, quiet, weekday) == expected


def test_nobody_waits_for_ever_in_a_calendar_without_working_days():
    waited = earliest(at(19, 10), Quiet(None, None, days_off=True), lambda day: False) - at(19, 10)
    assert waited <= timedelta(days=LONGEST)


def sent_from(user, **more) -> datetime:
    notify([user], key=f"deadline:{clock.now()}", title="时限", **more)
    return Notice.objects.filter(channel="email").latest("pk").next_try_at


def test_by_default_the_night_is_quiet_but_for_what_is_urgent(officer):
    with clock.at(at(19, 23)):
        assert sent_from(officer) == at(20, 7, 30)
    with clock.at(at(19, 23, 1)):
        assert sent_from(officer, tone="red") == at(19, 23, 1)
    assert Notice.objects.filter(channel="inbox", state="sent").count() == 2


def test_everybody_has_their_own(officer):
    Preference.objects.create(user=officer, quiet_from=None, quiet_to=None)
    with clock.at(at(19, 23)):
        assert sent_from(officer) == at(19, 23)
    Preference.objects.filter(user=officer).update(quiet_days_off=True)
    # 10 October 2026 is a Saturday that is worked; the 11th is a plain Sunday.
    for day, expected in ((10, 10), (11, 12)):
        with clock.at(datetime(2026, 10, day, 9, tzinfo=SHANGHAI)):
            assert sent_from(officer).astimezone(SHANGHAI).day == expected


def test_a_second_try_waits_for_the_morning_too(officer, mail_server):
    mail_server.to_message = lambda text: "451 busy"
    with clock.at(at(19, 20, 59)):
        assert sent_from(officer) == at(19, 20, 59)
        deliver_queued()
    notice = Notice.objects.get(channel="email")
    assert (notice.attempts, notice.next_try_at) == (1, at(20, 7, 30))


def test_a_group_has_the_night_off(officer):
    factories.robot(officer.unit)
    with clock.at(NOW.replace(hour=22)):
        notify([officer], key="appeal:1:1", title="交办")
    assert Notice.objects.get(channel="robot").next_try_at == at(20, 7, 30)
