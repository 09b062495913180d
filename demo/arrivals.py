"""How appeals come in: by every channel of the plan, day by day, and those that make today's desks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from random import Random
from typing import Any

from accounts.models import User
from core import clock
from demo.cases import Case
from demo.data.firms import BRAND_FIRST
from demo.data.phrases import STILL_WRONG
from demo.lives import live
from demo.plots import TODAY, Plot, Today, usual
from demo.provincial import given_number
from demo.wording import is_shop, matter_for, units_with_matters
from demo.world import Firm, Story, World, moment_on
from enterprises.models import Tier

PER_WORKDAY = 3.5
PER_SATURDAY = 2
OF_THIS_MORNING = 3
# Out of a hundred that come in on a working day (those of visits come with the visits).
CHANNELS = {
    "portal": 27, "plaque": 8, "provincial": 12, "hotline": 10, "window": 15, "walk_in": 9, "letter": 3,
    "online_chamber": 4, "township_contact": 6, "tea_talk": 2, "onsite_office": 4,
}  # fmt: skip
FACE_TO_FACE = {"window", "walk_in", "township_contact", "onsite_office", "saturday"}
SOLVED_AT_ONCE = 0.5
COMES_BACK = 0.06
"""Of those solved on the spot: the firm finds that it is not."""


TERRITORIES = frozenset({"datong", "jkq"})
"""Desks of today that handle the matters of their own firms."""


class Arrivals:
    def __init__(self, world: World) -> None:
        self.world = world
        self.large = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE]
        self.small = [firm for firm in world.firms if firm.tier == Tier.SMALL]
        self.windows = [
            user for user in world.people.values() if user.unit is not None and user.unit.kind == "window"
        ]

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        for day in world.workdays():
            rng = world.rng("arrivals", (day - world.today).days)
            number = PER_WORKDAY * world.scale
            for n in range(int(number) + (rng.random() < number % 1)):
                yield self._one(world.rng("arrival", (day - world.today).days, n), day, f"{day}:{n}")
        for day in world.saturdays():
            for n in range(world.times(PER_SATURDAY)):
                rng = world.rng("saturday", (day - world.today).days, n)
                case = self._case(rng, f"{day}:s{n}", self._firm(rng))
                yield self._saturday_moment(rng, day), self._registered(case, "saturday")
        for n in range(OF_THIS_MORNING):
            rng = world.rng("this morning", n)
            moment = moment_on(world.today, time(rng.randint(6, 7), rng.randint(0, 59), rng.randint(0, 59)))
            case = self._case(rng, f"morning:{n}", rng.choice(self.large))
            yield moment, self._submitted(case, "portal")
        for n, today in enumerate(TODAY):
            yield self._for_today(world.rng("today", n), today, f"today:{n}")
        yield from self._newcomers()

    # --- Usual days -------------------------------------------------------------------------------

    def _one(self, rng: Random, day: date, name: str) -> tuple[datetime, Story]:
        channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        if channel in {"portal", "plaque"}:
            # People write in the evening, too, and at weekends for the Monday after.
            hour = rng.choices(range(7, 23), (1, 3, 6, 6, 4, 2, 2, 5, 5, 5, 3, 2, 2, 4, 3, 1))[0]
            moment = moment_on(day, time(hour, rng.randint(0, 59), rng.randint(0, 59)))
            return moment, self._submitted(self._case(rng, name, self._firm(rng)), channel)
        return self.world.in_office(rng, day), self._registered(
            self._case(rng, name, self._firm(rng)), channel
        )

    def _firm(self, rng: Random) -> Firm:
        kind = rng.random()
        if kind < 0.05 and self.world.projects:
            return rng.choice(self.world.projects)
        return rng.choice(self.large if kind < 0.5 else self.small)

    def _case(self, rng: Random, name: str, firm: Firm) -> Case:
        case = Case(self.world, rng, firm, name)
        case.plot = usual(rng)
        return case

    @staticmethod
    def _saturday_moment(rng: Random, day: date) -> datetime:
        return moment_on(day, time(rng.randint(9, 11), rng.randint(0, 59), rng.randint(0, 59)))

    # --- Coming in --------------------------------------------------------------------------------

    def _submitted(self, case: Case, channel: str) -> Story:
        if case.plot.ending == "offered":
            # Nobody was asked first, so nobody can have answered.
            case.plot = replace(case.plot, ending="closed")
        case.submit(channel)
        yield from live(case)

    def _registered(self, case: Case, channel: str) -> Story:
        by = self._recorder(case, channel)
        if channel in FACE_TO_FACE and (is_shop(case.firm) or case.rng.random() < SOLVED_AT_ONCE):
            yield from self._solved_at_once(case, by, channel)
            return
        more: dict[str, Any] = self._event(channel)
        if channel == "provincial":
            more["provincial_number"] = given_number(*case.name.split(":"))
        case.register(by, channel, urgency=case.plot.urgency, **more)
        yield from live(case)

    def _solved_at_once(self, case: Case, by: User, channel: str) -> Story:
        case.solve_on_spot(by, channel, case.question, **self._event(channel))
        if case.rng.random() < COMES_BACK:
            yield self.world.later(case.rng, 1, 2)
            case.do("not_solved", reason=case.pick(STILL_WRONG))
            case.plot = Plot(provincial=False)
            yield from live(case)

    def _event(self, channel: str) -> dict[str, Any]:
        """What comes in on the service day carries it."""
        event = self.world.service_days.get(clock.today()) if channel == "saturday" else None
        return {"service_event": event} if event else {}

    def _recorder(self, case: Case, channel: str) -> User:
        """Who writes it into the register; somebody who may see the firm."""
        world, rng, people = self.world, case.rng, self.world.people
        territory = world.territory(case.firm.region)
        if channel in {"provincial", "hotline"}:
            return case.dispatcher
        if channel == "online_chamber":
            return people["gsl"]
        if channel == "tea_talk":
            return people["qzfb"]
        if channel in {"township_contact", "onsite_office"}:
            return people[territory.code]
        if channel in {"window", "saturday"}:
            near = [
                user for user in self.windows if user.unit and user.unit.region.contains(case.firm.region)
            ]
            return rng.choice(near)
        is_department = case.lead.kind == "department"
        return people[case.lead.code if is_department and rng.random() < 0.7 else territory.code]

    # --- Today's desks ----------------------------------------------------------------------------

    def _for_today(self, rng: Random, today: Today, name: str) -> tuple[datetime, Story]:
        world = self.world
        day = world.calendar.add(world.next_workday, -today.days)
        moment = moment_on(day, time(8, rng.randint(36, 59), rng.randint(0, 59)))
        plot = today.plot
        offered = plot.ending == "offered"
        firm = self._firm_for(rng, today)
        known = units_with_matters(world)
        unit = today.matter_of if today.matter_of in known else "territory" if plot.lead else ""
        case = Case(world, rng, firm, name, matter_for(world, rng, firm, unit))
        case.plot = plot
        if today.claimed:
            case.claimed_name = f"铜陵{''.join(rng.sample(BRAND_FIRST, 2))}商贸有限公司"
        if offered:
            return moment, self._offered_today(case)
        if today.claimed or rng.random() < 0.5:
            return moment, self._submitted(case, "portal")
        return moment, self._asked(case)

    def _firm_for(self, rng: Random, today: Today) -> Firm:
        """A firm of the township, where the township is to handle it."""
        firms = self.large
        if today.plot.lead in TERRITORIES:
            firms = [firm for firm in self.large if self.world.territory(firm.region).code == today.plot.lead]
        if today.plot.ending == "offered":
            firms = [firm for firm in self.small if self.world.territory(firm.region).code == "datong"]
        return rng.choice(firms or self.large)

    def _asked(self, case: Case) -> Story:
        case.register(self.world.people["dispatcher"], "hotline")
        yield from live(case)

    def _offered_today(self, case: Case) -> Story:
        case.register(self.world.people["window"], "window")
        yield from live(case)

    # --- Firms that come onto the roster with their first appeal ----------------------------------

    def _newcomers(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        for n, name in enumerate(("铜陵新桥旁小食品厂", "铜陵和悦洲渡口民宿")):
            rng = world.rng("newcomer", n)
            firm = next(
                firm
                for firm in self.small
                if firm.region.name == "大通镇" and firm.industry in "FH" and is_shop(firm)
            )
            case = Case(world, rng, firm, f"newcomer:{n}")
            case.claimed_name = name
            case.plot = Plot(rated=True, provincial=True)
            day = world.calendar.add(world.start.date(), 4 + 3 * n)
            yield world.in_office(rng, day), self._submitted(case, "portal")
