"""The needs lists of the demo: openings and seekers that townships collect, people who take up work, loans.

Who leads which list, which units owe lists, and which banks there are, come from the district's rules.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import cycle, islice
from random import Random

from accounts.models import Unit, User
from campaigns.models import (
    FinancingDispatch,
    FinancingNeed,
    FinancingRound,
    JobOpening,
    NeedsConfirmation,
    PublishedNeeds,
    Recommendation,
)
from campaigns.needs import reminders
from campaigns.needs.matching import seekers_for
from campaigns.needs.permissions import banks_of, leads_finance, leads_jobs, may_confirm_lists, owes_lists
from campaigns.needs.public_lists import Preview, fingerprint, first_of
from campaigns.needs.services.financing import (
    BankAnswer,
    NeedFacts,
    answer_dispatch,
    dispatch_need,
    record_need,
    report_need,
)
from campaigns.needs.services.lists import confirm_list, publish_lists
from campaigns.needs.services.openings import (
    OpeningFacts,
    check_opening,
    expire_openings,
    record_opening,
    record_placement,
    report_opening,
)
from campaigns.needs.services.recommendations import advance, recommend
from campaigns.needs.services.rounds import close_round, round_of_today
from campaigns.needs.services.seekers import SeekerFacts, record_seeker
from core import clock
from demo.data import needs as words
from demo.people import mobile
from demo.world import Story, World, moment_on
from enterprises.models import Enterprise, Industry

OPENINGS, SEEKERS, FINANCING = 60, 130, 24
"""At full scale; at the least one of each kind of line, so that the lists are never empty."""
LEAST_OPENINGS, LEAST_SEEKERS, LEAST_FINANCING = 20, 48, 8
PHONES = 7000
"""Numbers of seekers begin here, so that they are nobody else's."""


class Needs:
    def __init__(self, world: World) -> None:
        self.world = world
        people = list(world.people.values())
        self.jobs = self._leading(people, leads_jobs, world.rules.jobs_unit)
        self.finance = self._leading(people, leads_finance, world.rules.finance_unit)
        self.places = [unit for unit in world.units.values() if owes_lists(unit, world.rules)]

    def _leading(self, people: list[User], leads, code: str) -> User:  # type: ignore[no-untyped-def]
        found = [user for user in people if leads(user)]
        return next((user for user in found if user.unit and user.unit.code == code), found[0])

    def _desk(self, unit: Unit) -> User:
        return self.world.liaison(unit.code)

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world, days = self.world, self.world.workdays()
        if not self.places:
            return
        for n in range(max(LEAST_SEEKERS, world.times(SEEKERS))):
            rng = world.rng("needs", "seeker", n)
            yield world.in_office(rng, rng.choice(days)), self._seeker(rng, n)
        for n in range(max(LEAST_OPENINGS, world.times(OPENINGS))):
            rng = world.rng("needs", "opening", n)
            yield world.in_office(rng, rng.choice(days)), self._opening(rng, n)
        for n in range(max(LEAST_FINANCING, world.times(FINANCING))):
            rng = world.rng("needs", "financing", n)
            yield world.in_office(rng, rng.choice(days)), self._financing(rng, n)
        for n, day in enumerate(days):
            yield moment_on(day, time(16, 20)), self._matched(world.rng("needs", "matched", n))
            yield moment_on(day, time(16, 40)), self._lists(world.rng("needs", "lists", n))
        # Two that came in yesterday by the plaque, and nobody has looked into yet.
        yield moment_on(days[-1], time(15, 10)), self._by_plaque(world.rng("needs", "plaque"))

    def _rounds(self) -> None:
        """The one of today is open; the one before is summed up."""
        round_of_today(self.world.district, self.world.rules)
        over = FinancingRound.objects.filter(
            district=self.world.district, closed_at=None, ends__lt=clock.today()
        )
        for found in over:
            close_round(by=self.finance, financing_round=found, summary=words.SUMMARY)

    # --- Work -------------------------------------------------------------------------------------

    def _firm(self, rng: Random, unit: Unit | None = None) -> Enterprise | None:
        """A works where there is one: shops and offices seldom look for a welder."""
        firms = [firm for firm in self.world.firms if unit is None or firm.region_id == unit.region_id]
        works = [firm for firm in firms if firm.industry == Industry.C]
        return rng.choice(works or firms) if firms else None

    def _facts(self, rng: Random, n: int) -> OpeningFacts:
        trade, post, low, high, requirements = words.OPENINGS[n % len(words.OPENINGS)]
        return OpeningFacts(
            trade=trade if self.world.rules.find("trades", trade) else "",
            post=post or self.world.rules.label("trades", trade),
            wanted=rng.choice((1, 2, 3, 5, 8, 10, 20)),
            wage_from=low,
            wage_to=high,
            requirements=requirements,
            contact_name=words.CONTACTS[n % len(words.CONTACTS)],
            contact_phone=mobile(rng, PHONES - 500 + n),
            valid_until=clock.today() + timedelta(days=rng.choice((60, 90, 120))),
        )

    def _opening(self, rng: Random, n: int) -> Story:
        unit = rng.choice(self.places)
        firm = self._firm(rng, unit)
        if firm is None:
            return
        if n % 6 == 5:
            found = report_opening(entry=firm, facts=self._facts(rng, n))
            yield self.world.later(rng, 0, 2)
            check_opening(by=self._desk(found.unit), opening=found)
        else:
            found = record_opening(by=self._desk(unit), facts=self._facts(rng, n), subject=firm)
        if n % 3 == 0:
            yield self.world.later(rng, 3, 12)
            expire_openings(self.world.district)
            found.refresh_from_db()
            if found.is_current:
                persons, note = rng.randint(1, max(1, found.wanted - 1)), rng.choice(words.BATCHES)
                record_placement(by=self.jobs, opening=found, persons=persons, day=clock.today(), note=note)

    def _seeker(self, rng: Random, n: int) -> Story:
        called, trade, post, age, hoped, skills = words.SEEKERS[n % len(words.SEEKERS)]
        homes = [unit for unit in self.places if unit.kind == "township"] or self.places
        rules = self.world.rules
        facts = SeekerFacts(
            called=called, phone=mobile(rng, PHONES + n), age_band=age if rules.find("age_bands", age) else
            rules.codes("age_bands")[0], trade=trade if rules.find("trades", trade) else "",
            post=post or ("" if rules.find("trades", trade) else "普工"), skills=skills, wage_hoped=hoped,
            consent_on=clock.today(),
        )  # fmt: skip
        # Most come from the nearest two townships, so that some groups are large enough to be published.
        home = homes[n % min(2, len(homes))] if n % 3 else rng.choice(homes)
        record_seeker(by=self._desk(home), facts=facts)
        return
        yield

    def _matched(self, rng: Random) -> Story:
        """The leading unit puts somebody forward, and hears what became of the others."""
        running = Recommendation.objects.running().filter(opening__district=self.world.district)
        for found in list(running.select_related("opening", "seeker").order_by("pk")):
            chance = rng.random()
            if chance < 0.25 and found.state == Recommendation.State.RECOMMENDED:
                advance(by=self.jobs, recommendation=found, to="interview")
            elif chance < 0.4:
                advance(by=self.jobs, recommendation=found, to="placed", day=clock.today())
            elif chance < 0.5:
                advance(by=self.jobs, recommendation=found, to="failed", reason=rng.choice(words.FAILED))
        openings = list(JobOpening.objects.current().filter(district=self.world.district).order_by("pk"))
        if openings and rng.random() < 0.5:
            opening = JobOpening.objects.select_related("region", "enterprise").get(
                pk=rng.choice(openings).pk
            )
            if fits := seekers_for(opening, self.jobs, self.world.rules)[:3]:
                recommend(by=self.jobs, opening=opening, seeker=rng.choice(fits).seeker)
        return
        yield

    def _lists(self, rng: Random) -> Story:
        """Around the report day the units confirm, all but the last; at the beginning of the month it is published."""
        today, needs = clock.today(), self.world.rules.needs
        expire_openings(self.world.district)
        self._rounds()
        if needs.report_day - 4 <= today.day <= needs.report_day:
            for unit in self.places[:-1]:
                if rng.random() < 0.6:
                    self._confirm(unit)
        if today.day <= needs.publish_day:
            month = first_of(today)
            for unit in self.places[:-1]:
                self._confirm(unit)
            preview = Preview.of(self.world.district, self.world.rules, month)
            public = PublishedNeeds.objects.public().filter(district=self.world.district, month=month)
            if not public.exists() and (preview.openings or preview.seekers):
                publish_lists(by=self.jobs, month=month, seen=fingerprint(preview))
        return
        yield

    def _confirm(self, unit: Unit) -> None:
        by = self._desk(unit)
        if may_confirm_lists(by):
            for kind in NeedsConfirmation.Kind:
                confirm_list(by=by, kind=kind)

    # --- Money ------------------------------------------------------------------------------------

    def _need_facts(self, rng: Random, n: int) -> NeedFacts:
        amount, purpose, months, guarantee = words.FINANCING[n % len(words.FINANCING)]
        rules = self.world.rules
        known = rules.find("guarantees", guarantee)
        return NeedFacts(
            amount=Decimal(amount) * rng.choice((1, 1, 2)),
            purpose=purpose,
            term_months=months,
            guarantee=guarantee if known else rules.codes("guarantees")[0],
            current_bank=rng.choice(("", words.BANKS[0])),
            contact_name=words.CONTACTS[(n + 1) % len(words.CONTACTS)],
            contact_phone=mobile(rng, PHONES - 900 + n),
        )

    def _financing(self, rng: Random, n: int) -> Story:
        unit = rng.choice(self.places)
        firm = self._firm(rng, unit)
        if firm is None:
            return
        found = record_need(by=self._desk(unit), facts=self._need_facts(rng, n), subject=firm)
        if n % 5 == 4:
            return  # still to be handed out
        yield self.world.later(rng, 1, 3)
        units = list(banks_of(self.world.district, self.world.rules)[:1])
        named = list(self.world.rules.needs.banks) or list(words.BANKS)
        names = list(islice(cycle(named), n % len(named), n % len(named) + 1 + n % 2))
        for dispatch in dispatch_need(by=self.finance, need=found, units=units, names=names):
            yield self.world.later(rng, 2, 9)
            self._answered(rng, dispatch, found)

    def _answered(self, rng: Random, dispatch: FinancingDispatch, need: FinancingNeed) -> None:
        chance = rng.random()
        if chance < 0.2:
            return  # the day passes
        if chance < 0.45:
            given = BankAnswer("refused", reason=rng.choice(words.REFUSED))
        else:
            credit = (need.amount * rng.choice((Decimal("0.6"), Decimal("0.8"), Decimal(1)))).quantize(
                Decimal(1)
            )
            given = BankAnswer("credit", credit=credit, product=rng.choice(words.PRODUCTS))
            if rng.random() < 0.6:
                given = replace(
                    given, lent=(credit * rng.choice((Decimal("0.5"), Decimal(1)))).quantize(Decimal(1))
                )
        answer_dispatch(by=self.finance, dispatch=dispatch, given=given)

    def _by_plaque(self, rng: Random) -> Story:
        for n in (1, 2):
            firm = self._firm(rng)
            if firm is not None and not firm.jobopenings.exists():
                report_opening(entry=firm, facts=self._facts(rng, n))
        firm = self._firm(rng)
        if firm is not None:
            report_need(entry=firm, facts=self._need_facts(rng, 2))
        reminders.remind(self.world.district)
        return
        yield
