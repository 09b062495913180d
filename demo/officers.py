"""附件2 of the demo: an officer for nearly every unit; one changes on the way, one leaves, one unit never has any."""

from collections.abc import Iterator
from datetime import datetime, time

from core import clock
from demo.people import township_cadres
from demo.world import Story, World, moment_on
from liaisons.models import LiaisonOfficer
from liaisons.services import officers

NEVER, LEAVES, CHANGES = "xfjy", "tjj", "qiaonan"
NOTES = {"kjj": "牵头单位", "gsl": "商会联系人", "jkq": "兼园区企业服务专班"}


def appoint(world: World, at: datetime) -> None:
    """Each unit enters its liaison."""
    with clock.at(at):
        for code, unit in world.units.items():
            if code == NEVER or unit.kind not in world.rules.reporting_unit_kinds:
                continue
            person = world.people[code].official
            post = person.post_on(clock.today()) if person else None
            if person is None or post is None:
                continue
            officers.appoint(
                by=world.people[code],
                unit=unit,
                official=person,
                name=person.name,
                title=post.title,
                office_phone=person.office_phone,
                mobile=person.phone,
                note=NOTES.get(code, ""),
                started=clock.today(),
            )


def moves(world: World) -> Iterator[tuple[datetime, Story]]:
    """In the second week one hands over to a colleague without an account, and one leaves with nobody to follow."""
    days = world.workdays()
    yield moment_on(days[min(5, len(days) - 1)], time(9, 20)), _changed(world)
    yield moment_on(days[min(7, len(days) - 1)], time(16, 5)), _left(world)


def _changed(world: World) -> Story:
    follower = township_cadres(world, CHANGES)[-1]
    post = follower.post_on(clock.today())
    if post is not None:
        officers.change(
            by=world.people[CHANGES],
            officer=LiaisonOfficer.objects.in_force().get(unit=world.units[CHANGES]),
            since=clock.today(),
            official=follower,
            name=follower.name,
            title=post.title,
            office_phone=follower.office_phone,
            mobile=follower.phone,
        )
    return
    yield


def _left(world: World) -> Story:
    officer = LiaisonOfficer.objects.in_force().get(unit=world.units[LEAVES])
    officers.end(by=world.people["dispatcher"], officer=officer, ended=clock.today())
    return
    yield
