"""The weekly situation tables: opened by the tick, filled by hand where needed, handed in, accepted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from accounts.models import User
from core import clock
from demo.data import phrases
from demo.world import Story, World
from reports import periods, reminders, services
from reports.models import ReportingPeriod, SituationTable

# Who has something to correct by hand, row by row, and how likely it is in a week: taxes paid back are in no register.
BY_HAND = {13: {"swju": 0.5}}
LATE = 0.02
HANDED_IN_BEFORE = (152, 38)
"""Minutes before it is due. Units share these moments, so that their figures are counted together."""
SENT_BACK = (3, "jkq")
"""The week, counted from the first, and the unit whose table is sent back and handed in again."""


CORRECTED = (5, "czj")
"""The week and the unit whose accepted table turns out wrong, and gets a second version."""


def tell_weeks(world: World) -> Iterator[tuple[datetime, Story]]:
    week = periods.week_of(world.start, world.rules.week, world.calendar)
    number = 0
    while week.start <= world.end:
        yield week.start + timedelta(minutes=5), _week(world, number)
        for hours in (20, 3):
            yield week.due_at - timedelta(hours=hours) + timedelta(minutes=4), _reminded(world)
        yield week.due_at + timedelta(minutes=4), _reminded(world)
        week = periods.week_ending(
            periods.following(week.ending, world.rules.week), world.rules.week, world.calendar
        )
        number += 1


def _reminded(world: World) -> Story:
    reminders.remind(world.district)
    return
    yield


def _week(world: World, number: int) -> Story:
    period = services.open_due_weeks(world.district)
    if period is None:
        return
    handed_in: dict[datetime, list[SituationTable]] = {}
    tables = period.tables.in_force().select_related("unit", "period__profile")
    for table in tables.order_by("unit__order", "unit"):
        rng = world.rng("table", number, table.unit.code)
        moment = _handed_in_at(world, rng, number, period, table)
        if moment is None:
            continue
        handed_in.setdefault(moment, []).append(table)
        by = world.people[table.unit.code]
        world.tell(moment - timedelta(minutes=rng.randint(5, 20)), _fill(rng, period, table, by))
        if (number, table.unit.code) == SENT_BACK:
            world.tell(period.due_at + timedelta(minutes=130), _send_back(world, table, by))
        else:
            accepted = _accepted_at(world, rng, period, moment)
            world.tell(accepted, _accept(world, table))
            if (number, table.unit.code) == CORRECTED:
                day = world.calendar.add(clock.local_date(accepted), 2)
                world.tell(world.in_office(rng, day), _correct(world, table, by))
    for moment, together in sorted(handed_in.items(), key=lambda item: item[0]):
        world.tell(moment, _hand_in(world, together))
    yield clock.now()


def _handed_in_at(
    world: World, rng: Random, number: int, period: ReportingPeriod, table: SituationTable
) -> datetime | None:
    """Most in the morning it is due, some the afternoon before, a few too late; one is missing now."""
    code = table.unit.code
    if (number, code) == (world.weeks - 1, "laozhou"):
        return None
    late = rng.random() < LATE and (number, code) != SENT_BACK
    if late or (number, code) == (world.weeks - 1, "xfjy"):
        return period.due_at + timedelta(minutes=157)
    before = rng.choices(HANDED_IN_BEFORE, (2, 3))[0] + number % 7
    return period.due_at - timedelta(minutes=before)


def _accepted_at(world: World, rng: Random, period: ReportingPeriod, handed_in: datetime) -> datetime:
    day = world.calendar.add(clock.local_date(max(handed_in, period.due_at)), 1)
    return world.in_office(rng, day)


def _fill(rng: Random, period: ReportingPeriod, table: SituationTable, by: User) -> Story:
    for row in period.rules.form.rows:
        if row.no in BY_HAND and rng.random() < BY_HAND[row.no].get(table.unit.code, 0):
            reason, least, most = rng.choice(phrases.HAND_ENTRIES[row.no])
            value = rng.randint(least, most)
            services.enter_by_hand(
                table=table, row=row, value=Decimal(value), reason=reason.format(n=value), by=by
            )
    return
    yield


def _hand_in(world: World, tables: list[SituationTable]) -> Story:
    services.submit_together((table, world.people[table.unit.code]) for table in tables)
    return
    yield


def _send_back(world: World, table: SituationTable, by: User) -> Story:
    dispatcher = world.people["dispatcher"]
    services.send_back(table=table, reason=phrases.SENT_BACK_REASONS[0], by=dispatcher)
    yield clock.now() + timedelta(minutes=70)
    services.submit(table=table, by=by)
    yield clock.now() + timedelta(minutes=25)
    services.accept(table=table, by=dispatcher)


def _accept(world: World, table: SituationTable) -> Story:
    services.accept(table=table, by=world.people["dispatcher"])
    return
    yield


def _correct(world: World, table: SituationTable, by: User) -> Story:
    dispatcher = world.people["dispatcher"]
    new = services.correct(table=table, reason=phrases.CORRECTION_REASON, by=dispatcher)
    yield clock.now() + timedelta(minutes=95)
    row, value, reason = phrases.CORRECTION
    services.enter_by_hand(
        table=new, row=new.period.rules.form.row(row), value=Decimal(value), reason=reason, by=by
    )
    services.submit(table=new, by=by)
    yield clock.now() + timedelta(minutes=40)
    services.accept(table=new, by=dispatcher)
