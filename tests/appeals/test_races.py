"""Two people, or two processes, at the same moment. Real threads, each with a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from accounts.actors import Actor
from appeals import reminders
from appeals.models import Appeal, Deadline, DeadlineReminder, NumberCounter, Status
from appeals.perform import Stale, perform
from appeals.reminders import remind_due
from core import clock
from notifications.models import Notice
from tests import factories
from tests.appeals.lives import INTAKE

pytestmark = pytest.mark.django_db(transaction=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gives back, or the exception it ends with, all let loose at the same moment."""
    results: list[object] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place: int) -> None:
        try:
            gate.wait(timeout=30)
            results[place] = calls[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def kinds(results: list[object]) -> dict[str, int]:
    return dict(Counter(type(result).__name__ for result in results))


def test_of_twelve_who_press_the_same_button_one_wins(cast):
    appeal = cast.submit()
    data = cast.data_for("accept", appeal)
    actor = cast.actor("dispatcher")
    seen = appeal.version
    results = at_once(*[lambda: perform(appeal, "accept", actor, data, seen=seen)] * 12)
    assert kinds(results) == {"Appeal": 1, "Stale": 11}
    for result in results:
        if isinstance(result, Stale):
            assert [event.transition for event in result.meanwhile] == ["accept"]
    appeal.refresh_from_db()
    assert (appeal.status, appeal.version) == (Status.ACCEPTED, 2)
    assert appeal.events.count() == 2
    assert Deadline.objects.running().get().kind == "dispatch"


def test_of_two_hundred_requests_through_a_pool_one_wins(cast):
    """As many web workers would carry them: twenty at a time."""
    appeal = cast.do(cast.submit(), "accept")
    data, actor, seen = cast.data_for("dispatch", appeal), cast.actor("dispatcher"), appeal.version

    def request(_: int) -> str:
        try:
            return type(perform(appeal, "dispatch", actor, data, seen=seen)).__name__
        except Stale as stale:
            return type(stale).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        results = Counter(pool.map(request, range(200)))
    assert results == {"Appeal": 1, "Stale": 199}
    appeal.refresh_from_db()
    assert (appeal.version, appeal.events.count()) == (3, 3)
    assert sorted(clock.kind for clock in appeal.deadlines.running()) == ["handle", "sign"]
    assert Notice.objects.filter(key__startswith=f"appeal:{appeal.pk}:3:").count() <= 1


def test_of_two_dispatchers_with_different_plans_one_wins(cast):
    appeal = cast.do(cast.submit(), "accept")
    seen, actors = appeal.version, [cast.actor("dispatcher"), cast.actor("second_dispatcher")]
    units = [factories.unit(cast.district, code).pk for code in ("rsj", "czj")]
    results = at_once(
        lambda: perform(appeal, "dispatch", actors[0], {"lead_unit": units[0]}, seen=seen),
        lambda: perform(appeal, "dispatch", actors[1], {"lead_unit": units[1]}, seen=seen),
    )
    assert kinds(results) == {"Appeal": 1, "Stale": 1}
    appeal.refresh_from_db()
    winner = appeal.events.last().user
    assert appeal.lead_unit_id == units[[actor.user for actor in actors].index(winner)]
    assert appeal.participations.filter(part="lead").count() == 1


def test_a_form_sent_eight_times_at_once_is_one_appeal(cast):
    results = at_once(
        *[lambda: perform(None, "submit", Actor.holder(), INTAKE, district=cast.district, key="one-form")] * 8
    )
    assert kinds(results) == {"Appeal": 8}
    assert len({(result.number, result.secret_code) for result in results}) == 1
    assert Appeal.objects.count() == 1 and NumberCounter.objects.get().last == 1


def test_numbers_are_unique_and_without_gaps(cast):
    results = at_once(*[lambda: cast.submit()] * 8, *[lambda: cast.submit(content="")] * 4)
    assert kinds(results) == {"Appeal": 8, "Invalid": 4}
    day = f"{clock.today():%Y%m%d}"
    assert sorted(result.number for result in results if isinstance(result, Appeal)) == [
        f"JQ{day}-{number:04d}" for number in range(1, 9)
    ]


def test_four_ticks_at_once_remind_once(cast):
    cast.dispatcher, cast.bureau_leader  # noqa: B018 - they exist before the ticks
    with clock.at(datetime(2026, 11, 18, 10, tzinfo=SHANGHAI)):
        for _ in range(3):
            cast.submit()
    Notice.objects.all().delete()
    now = datetime(2026, 11, 19, 9, tzinfo=SHANGHAI)
    climbed = at_once(*[lambda: remind_due(now)] * 4)
    assert sum(climbed) == 3
    assert DeadlineReminder.objects.count() == 3
    per_person = Counter(Notice.objects.filter(channel="inbox").values_list("recipient__username", flat=True))
    assert per_person == {"dispatcher": 3, "bureau_leader": 3}


def test_a_worker_killed_among_a_thousand_reminders_reminds_each_once_after_all(cast, monkeypatch):
    cast.dispatcher, cast.bureau_leader  # noqa: B018 - they exist before the ticks
    with clock.at(datetime(2026, 11, 18, 10, tzinfo=SHANGHAI)):
        first = cast.submit()
    pattern = Deadline.objects.get(appeal=first)
    many = [copy(first) for _ in range(999)]
    for number, appeal in enumerate(many):
        appeal.pk, appeal.number, appeal._state.adding = None, f"JQ20261118-X{number:03d}", True
    Appeal.objects.bulk_create(many)
    clocks = [copy(pattern) for _ in many]
    for appeal, deadline in zip(Appeal.objects.exclude(pk=first.pk), clocks, strict=True):
        deadline.pk, deadline.appeal, deadline._state.adding = None, appeal, True
    Deadline.objects.bulk_create(clocks)
    Notice.objects.all().delete()
    now = datetime(2026, 11, 19, 9, tzinfo=SHANGHAI)
    climb, climbed = reminders._climb, []

    def killed_in_the_middle(deadline, moment):
        climbed.append(deadline.pk)
        if len(climbed) == 700:
            raise SystemExit
        return climb(deadline, moment)

    monkeypatch.setattr(reminders, "_climb", killed_in_the_middle)
    with pytest.raises(SystemExit):
        remind_due(now)
    assert DeadlineReminder.objects.count() == 500  # the first batch stands, the broken one is taken back
    assert remind_due(now) == 500
    assert remind_due(now) == 0
    assert (
        DeadlineReminder.objects.count()
        == DeadlineReminder.objects.values("deadline").distinct().count()
        == 1000
    )
    # More than ten at once are a digest: one for each batch and person, none of them twice.
    assert Notice.objects.filter(channel="inbox", recipient=cast.dispatcher).count() == 2
