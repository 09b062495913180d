"""Visits: some 35 a week, with what was seen, said, handed out, solved and handed in there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from accounts.models import Official, Unit, User
from core import clock
from demo import papers
from demo.assignments import Patron
from demo.cases import TOKENS, Case
from demo.data import people, visits
from demo.data.counter import QUESTIONS
from demo.lives import live
from demo.people import invented_name
from demo.plots import usual
from demo.wording import blanks, is_shop
from demo.world import Firm, Story, World
from liaisons.models import Opinion
from liaisons.permissions import VISITING
from liaisons.services.visits import Guest
from policies.models import Policy
from portal.visit_sitting import Copies, HeardOpinion, Problem, Sitting, Subject, record_sitting

PER_WORKDAY = 7.0
COMPETENT = ("kjj", "sjzy", "swj", "rsj", "czj", "jtys", "sfj")
"""Departments that opinions are passed on to."""
KINDS = {"visit": 62, "onsite": 8, "phone": 14, "wechat": 8, "talk": 8}


class Visiting:
    def __init__(self, world: World, patron: Patron, policies: list[Policy]) -> None:
        self.world, self.patron, self.policies = world, patron, policies
        self.account_of: dict[int, User] = {
            user.official_id: user for user in world.people.values() if user.official_id
        }

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        for day in world.workdays():
            days = (day - world.today).days
            number = PER_WORKDAY * world.scale
            for n in range(int(number) + (world.rng("visits", days).random() < number % 1)):
                rng = world.rng("visit", days, n)
                yield world.in_office(rng, day), self._visit(rng, f"{day}:v{n}")

    def _visit(self, rng: Random, name: str) -> Story:
        """Told from the moment of the visit; recorded an hour later, or on the next working day."""
        world, today = self.world, clock.today()
        official = self._somebody(rng, today)
        if official is None:
            return
        post = official.post_on(today)
        if post is None:
            return
        firm = self.patron.next_to_visit(rng, official)
        occurred_at = clock.now()
        yield world.later(rng, 1, 1) if rng.random() < 0.12 else world.shortly(rng)
        by = self._recorder(official, post.unit)
        sitting = self._record(rng, name, by, official, post.unit, firm, occurred_at)
        for n, appeal in enumerate(sitting.appeals):
            if appeal.is_final:
                continue
            case = self._case(f"{name}:{n}", firm)
            case.appeal = appeal
            world.tell(clock.now() + timedelta(minutes=1), live(case))

    def _somebody(self, rng: Random, day: date) -> Official | None:
        """District leaders, unit leaders and staff of the townships take turns."""
        groups: dict[str, list[Official]] = {}
        for pk in sorted(self.patron.firms_of):
            if not self.patron.firms_of[pk]:
                continue
            official = self.patron.officials[pk]
            post = official.post_on(day)
            if post:
                groups.setdefault(post.rank_group, []).append(official)
        if not groups:
            return None
        weights = {"district_leaders": 16, "unit_leaders": 50, "staff": 34}
        names = sorted(groups)
        group = rng.choices(names, [weights.get(name, 1) for name in names])[0]
        return rng.choice(groups[group])

    def _recorder(self, official: Official, unit: Unit) -> User:
        account = self.account_of.get(official.pk)
        if account and account.unit_id == unit.pk and account.has_role(*VISITING):
            return account
        return self.world.liaison(unit.code)

    def _record(
        self,
        rng: Random,
        name: str,
        by: User,
        official: Official,
        unit: Unit,
        firm: Firm,
        occurred_at: datetime,
    ) -> Sitting:
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        in_person = kind in {"visit", "onsite", "talk"}
        channel = "township_contact" if unit.kind in {"township", "park"} else "assignment_visit"
        return record_sitting(
            by=by,
            subject=Subject.on_roster(firm),
            reporting_unit=unit,
            kind=kind,
            occurred_at=occurred_at,
            officials=self._participants(rng, official, unit, firm) if in_person else [official],
            guests=self._guests(rng) if in_person and rng.random() < 0.09 else [],
            findings=rng.choice(visits.FINDINGS).format(**blanks(rng, firm)),
            channel="onsite_office" if kind == "onsite" else channel,
            problems=self._problems(rng, name, firm, in_person),
            opinions=self._opinions(rng, unit),
            hand_outs=self._hand_outs(rng) if in_person else [],
            key=f"{TOKENS}{name}",
        )

    def _participants(self, rng: Random, official: Official, unit: Unit, firm: Firm) -> list[Official]:
        """The cadre; beside a district leader the township's leader, beside others now and then a colleague."""
        present = [official]
        territory = self.world.territory(firm.region)
        if unit.kind in {"leading", "judicial"}:
            present.append(self.world.officials[territory.code][0])
        elif rng.random() < 0.35:
            present.append(rng.choice(self.world.officials[unit.code]))
        return present

    def _guests(self, rng: Random) -> list[Guest]:
        unit_name, title = rng.choice(people.CITY_GUESTS)
        # The same post is held by the same person all the time.
        name = "".join(invented_name(Random(unit_name)))
        return [Guest(name=name, unit_name=unit_name, title=title, rank_group="city_leaders")]

    def _problems(self, rng: Random, name: str, firm: Firm, in_person: bool) -> list[Problem]:
        number = rng.choices((0, 1, 2), (60, 34, 6))[0]
        found = []
        for n in range(number):
            if in_person and (is_shop(firm) or rng.random() < 0.42):
                question = rng.choice(QUESTIONS)
                found.append(
                    Problem(
                        solved=True,
                        category=question.category,
                        content=question.content,
                        contact_name=firm.contact_name,
                        contact_phone=firm.contact_phone,
                        answer=question.answer,
                        basis=question.basis,
                        signature=papers.signature(rng),
                    )
                )
            elif not is_shop(firm):
                case = self._case(f"{name}:{n}", firm)
                what = case.what()
                found.append(Problem(solved=False, attachments=case.attachments(), **what))
        return found

    def _case(self, name: str, firm: Firm) -> Case:
        """The same for the same name, so that what was asked and what is answered fit."""
        own = self.world.rng("problem", name)
        case = Case(self.world, own, firm, name)
        case.plot = usual(own)
        return case

    def _opinions(self, rng: Random, heard_by: Unit) -> list[HeardOpinion]:
        chance = rng.random()
        if chance > 0.34:
            return []
        content = rng.choice(visits.OPINIONS)
        if chance < 0.10:
            competent = rng.choice([code for code in COMPETENT if code != heard_by.code])
            unit = self.world.units[competent]
            return [HeardOpinion(content=content, handling=Opinion.Handling.PASSED_ON, passed_to=unit)]
        return [HeardOpinion(content=content, handling=Opinion.Handling.HEARD)]

    def _hand_outs(self, rng: Random) -> list[Copies]:
        number = rng.choices((0, 1, 2), (45, 40, 15))[0]
        return [
            Copies(policy=policy, copies=rng.choices((1, 2, 3, 5, 10), (6, 3, 2, 1, 1))[0])
            for policy in rng.sample(self.policies, number)
        ]
