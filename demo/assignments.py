"""包保联系: leaders look after the firms above scale and the projects, townships after the small ones."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from accounts.models import Official, Post, Role
from core import clock
from demo.people import leaders, township_cadres
from demo.world import Firm, Story, World, moment_on
from enterprises.models import Enterprise, Tier
from liaisons.models import Assignment
from liaisons.services.assignments import assign, assign_many
from liaisons.services.handovers import hand_over, running
from liaisons.services.plans import plan_visit

COVERAGE = 0.93
"""Of the small firms. The rest is the gap that coverage lists show."""
MOVES = (("qwb", "qzx", "副主席"), ("qzfb", "qrd", "常委会副主任"), ("chenyaohu", "nyj", "党组成员、副局长"))
"""Who moves on from where to where, as what."""


class Patron:
    """Who looks after whom, as the stories go on."""

    def __init__(self) -> None:
        self.firms_of: dict[int, list[Firm]] = defaultdict(list)
        self.officials: dict[int, Official] = {}
        self._visits: dict[Firm, int] = defaultdict(int)

    def note(self, official: Official, firm: Firm) -> None:
        self.firms_of[official.pk].append(firm)
        self.officials[official.pk] = official

    def next_to_visit(self, rng: Random, official: Official) -> Firm:
        """One of the official's firms that was visited least."""
        firms = self.firms_to_visit(official)
        least = min(self._visits[firm] for firm in firms)
        firm = rng.choice([firm for firm in firms if self._visits[firm] == least])
        self._visits[firm] += 1
        return firm

    def firms_to_visit(self, official: Official) -> list[Firm]:
        return self.firms_of.get(official.pk, [])


def hand_out(world: World, moment: datetime) -> Patron:
    """Everybody's firms, assigned by the dispatcher and the liaisons some time before the story begins."""
    patron = Patron()
    rng = world.rng("assignments")
    started = clock.local_date(moment) - timedelta(days=rng.randint(20, 60))
    with clock.at(moment):
        _leaders(world, patron, started)
        _townships(world, patron, started)
    return patron


def _leaders(world: World, patron: Patron, started: date) -> None:
    """One leader for each firm above scale and each project, here and there a second one beside."""
    rng = world.rng("assignments", "leaders")
    by = world.people["dispatcher"]
    people = list(leaders(world))
    rng.shuffle(people)
    # Whoever tries the portal as a cadre finds firms there, at any scale.
    demo_cadres = {user.official_id for name, user in world.people.items() if name.startswith("cadre")}
    people.sort(key=lambda official: official.pk not in demo_cadres)
    subjects: list[Firm] = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE]
    subjects += world.projects
    for place, firm in enumerate(subjects):
        lead = people[place % len(people)]
        assign(by=by, official=lead, subject=firm, started=started)
        patron.note(lead, firm)
        if rng.random() < 0.15:
            beside = people[(place + len(people) // 2) % len(people)]
            if beside.pk != lead.pk:
                assign(by=by, official=beside, subject=firm, started=started, part=Assignment.Part.SUPPORT)


def _townships(world: World, patron: Patron, started: date) -> None:
    rng = world.rng("assignments", "townships")
    shares: dict[str, list[list[Enterprise]]] = {}
    for firm in world.firms:
        if firm.tier != Tier.SMALL or rng.random() > COVERAGE:
            continue
        code = world.territory(firm.region).code
        of_code = shares.setdefault(code, [[] for _ in township_cadres(world, code)])
        min(of_code, key=len).append(firm)
    for code, of_code in shares.items():
        for official, firms in zip(township_cadres(world, code), of_code, strict=True):
            assign_many(by=world.people[code], official=official, subjects=firms, started=started)
            for firm in firms:
                patron.note(official, firm)


def moves(world: World, patron: Patron) -> Iterator[tuple[datetime, Story]]:
    """Three cadres change their post on the way; their firms are handed over."""
    for number, (code, new_code, title) in enumerate(MOVES, start=1):
        day = world.calendar.add(clock.local_date(world.start), 14 * number)
        yield (
            moment_on(day, world.rules.office_hours.start) + timedelta(minutes=40),
            _move(world, patron, code, new_code, title),
        )


def _move(world: World, patron: Patron, code: str, new_code: str, title: str) -> Story:
    accounts = {user.official_id for user in world.people.values()}
    movable = [person for person in world.officials[code] if person.pk not in accounts]
    person = next((one for one in movable if patron.firms_to_visit(one)), None)
    if person is None:
        return
    successor = next(one for one in world.officials[code] if one.pk != person.pk)
    today, by = clock.today(), world.people["dispatcher"]
    old = person.post_on(today)
    if old is None:
        return
    held = list(running(person, today))
    hand_over(
        by=by,
        official=person,
        day=today,
        reason=f"调任{world.units[new_code].short_name}",
        successors=dict.fromkeys([assignment.pk for assignment in held], successor),
    )
    Post.objects.filter(pk=old.pk).update(ended=today)
    Post.objects.create(
        official=person,
        unit=world.units[new_code],
        title=title,
        rank_group=old.rank_group,
        started=today,
    )
    for firm in patron.firms_of.pop(person.pk, []):
        patron.note(successor, firm)
    world.officials[code].remove(person)
    yield clock.now()


def plan_visits(world: World) -> None:
    """Everybody who signs in as a cadre means to go somewhere in the coming days."""
    for number, user in enumerate(world.people.values()):
        if not user.has_role(Role.CADRE) or not user.official_id:
            continue
        held = Assignment.objects.in_force().held_by(user.official_id).order_by("pk")
        for place, assignment in enumerate(held.select_related("unit", "enterprise", "project")[:2]):
            day = world.calendar.add(world.today, 1 + (number + 3 * place) % 8)
            note = ("看新上的生产线，问用工", "核对底册信息，送政策清单")[place]
            plan_visit(by=user, assignment=assignment, day=day, note=note)
