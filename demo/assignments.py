"""包保联系: leaders look after the firms above scale and the projects, townships after the small ones."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from accounts.models import Official, Post
from core import clock
from demo.people import leaders, township_cadres
from demo.world import Firm, Story, World, moment_on
from enterprises.models import Enterprise, Project, Tier
from liaisons.models import Assignment
from liaisons.services import assign, assign_many, end_assignment

COVERAGE = 0.93
"""Of the small firms. The rest is the gap that coverage lists show."""


class Patron:
    """Who looks after whom, as the stories go on."""

    def __init__(self) -> None:
        self.firms_of: dict[int, list[Firm]] = defaultdict(list)
        self.officials: dict[int, Official] = {}

    def note(self, official: Official, firm: Firm) -> None:
        self.firms_of[official.pk].append(firm)
        self.officials[official.pk] = official

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
    demo_cadres = {user.official_id for user in world.people.values() if user.username.startswith("cadre")}
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
            assign_many(by=world.people[code], official=official, enterprises=firms, started=started)
            for firm in firms:
                patron.note(official, firm)


def moves(world: World, patron: Patron) -> Iterator[tuple[datetime, Story]]:
    """Three cadres change their post on the way; their firms are handed over."""
    for number, (code, new_code) in enumerate(
        (("fgw", "tjj"), ("zjj", "cgj"), ("chenyaohu", "nyj")), start=1
    ):
        day = world.calendar.add(clock.local_date(world.start), 14 * number)
        yield (
            moment_on(day, world.rules.office_hours.start) + timedelta(minutes=40),
            _move(world, patron, code, new_code),
        )


def _move(world: World, patron: Patron, code: str, new_code: str) -> Story:
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
    Post.objects.filter(pk=old.pk).update(ended=today)
    Post.objects.create(
        official=person,
        unit=world.units[new_code],
        title="党组成员、副职领导",
        rank_group="unit_leaders",
        started=today,
    )
    running = Assignment.objects.in_force(today).held_by(person.pk).select_related("enterprise", "project")
    handed_over = []
    for assignment in running.order_by("pk"):
        firm = assignment.subject
        end_assignment(by=by, assignment=assignment, ended=today)
        if firm is not None and not firm.assignments.in_force(today).held_by(successor.pk).exists():
            handed_over.append(firm)
    enterprises = [firm for firm in handed_over if isinstance(firm, Enterprise)]
    if enterprises:
        assign_many(by=by, official=successor, enterprises=enterprises, started=today)
    for firm in handed_over:
        if isinstance(firm, Project):
            assign(by=by, official=successor, subject=firm, started=today)
        patron.note(successor, firm)
    patron.firms_of.pop(person.pk, None)
    world.officials[code].remove(person)
    yield clock.now()
