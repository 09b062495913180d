"""The policy library, money paid under it, the letter sent round and what the papers wrote, week by week."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import prefetch_related_objects

from core import clock
from demo.data.policies import (
    ENDED,
    HEADLINES,
    LOCAL_OUTLETS,
    MISTAKEN_REASON,
    OUTLETS,
    POLICIES,
    Paper,
)
from demo.world import Firm, Story, World
from enterprises.models import Enterprise, Tier
from policies.library import end_policy, publish_policy
from policies.models import HandOut, Policy
from policies.news import record_news
from policies.papers import give
from policies.payments import record_payment, reverse_payment
from policies.selectors import policies_for

PAID_A_WEEK = {"kjj": 1.4, "rsj": 2.2, "czj": 0.8, "nyj": 0.5, "swj": 0.9}
LEAST_PAID = 0.4
"""Of that, however small the demo: an empty list shows nothing."""
NEWS_A_WEEK = {"xcb": 2.6, "jkq": 0.6, "datong": 0.4, "gsl": 0.4, "zhoutan": 0.3, "qiaonan": 0.3}
SENDS_LETTERS = ("jkq", "huihe", "datong", "tongshan", "laozhou", "chenyaohu", "zhoutan", "qiaonan")
LETTERS_A_TIME = 28
"""Firms in one township's WeChat group that get the letter in a week."""
BY_HAND = "人工核对"
"""What the unit looks at itself before it pays."""
MISTAKEN = ("czj", 2)
"""The unit and its payment, counted from the first, that was recorded wrongly and reversed two days later."""


def make_policies(
    world: World, papers: Iterable[Paper] = POLICIES, ended: Paper | None = ENDED
) -> list[Policy]:
    """Published by the liaisons of their units; one may have run out. Returns what can be handed out."""
    if ended:
        end_policy(by=world.liaison(ended.unit), policy=_publish(world, ended))
    return [_publish(world, paper) for paper in papers]


def _publish(world: World, paper: Paper) -> Policy:
    published = min(world.today - timedelta(days=paper.published), clock.today())
    until = None if paper.open_for is None else world.today + timedelta(days=paper.open_for)
    facts = {
        "title": paper.title,
        "document_number": paper.number,
        "unit": world.units[paper.unit],
        "summary": paper.summary,
        "published_on": published,
        "apply_until": until,
        "tiers": list(paper.tiers),
        "industries": list(paper.industries),
        "size_classes": list(paper.sizes),
        "public": paper.public,
    }
    return publish_policy(by=world.liaison(paper.unit), facts=facts)


class Publicity:
    """Payments, letters and news, each told on a day of its own."""

    def __init__(self, world: World, policies: list[Policy]) -> None:
        self.world = world
        self.for_small_firms = [
            policy
            for policy in policies
            if policy.public and (not policy.tiers or Tier.SMALL in policy.tiers)
        ]
        # Under which of its policies a unit pays, with the words of what is paid.
        self.paying: dict[str, list[tuple[Policy, Paper]]] = {}
        for policy, paper in zip(policies, POLICIES, strict=True):
            if paper.paid:
                self.paying.setdefault(paper.unit, []).append((policy, paper))

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        yield from self._payments()
        yield from self._letters()
        yield from self._news()

    def _weeks_days(self, *names: object) -> Iterator[tuple[Random, datetime]]:
        """A working day in every week of the story."""
        days = self.world.workdays()
        for number, start in enumerate(range(0, len(days), 5)):
            rng = self.world.rng(*names, number)
            yield rng, self.world.in_office(rng, rng.choice(days[start : start + 5]))

    # --- Payments ---------------------------------------------------------------------------------

    def _payments(self) -> Iterator[tuple[datetime, Story]]:
        for unit, number in PAID_A_WEEK.items():
            counter = itertools.count()
            for rng, moment in self._weeks_days("payments", unit):
                for _ in range(_times(rng, number * max(self.world.scale, LEAST_PAID))):
                    n = next(counter)
                    yield moment + timedelta(minutes=n % 7), self._pay(rng, unit, (unit, n) == MISTAKEN)

    def _pay(self, rng: Random, unit: str, is_mistaken: bool) -> Story:
        policy, paper = rng.choice(self.paying[unit])
        firm = self._firm_for(rng, policy)
        if firm is None:
            return
        words, least, most = rng.choice(paper.paid)
        amount = Decimal(rng.randint(least, most)) / 100
        by, day = self.world.liaison(unit), clock.today()
        told: dict[str, Any] = {
            "by": by,
            "unit": self.world.units[unit],
            "policy": policy,
            "subject": firm,
            "basis": words.format(n=rng.randint(1, 4), m=rng.randint(11, 96)),
            "day": day,
        }
        if is_mistaken:
            wrong = record_payment(amount=amount * 100, **told)
            yield self.world.later(rng, 2, 2)
            reverse_payment(by=by, payment=wrong, reason=MISTAKEN_REASON)
        record_payment(amount=amount, **told)

    def _firm_for(self, rng: Random, policy: Policy) -> Firm | None:
        """Somebody who meets every condition, if there is anybody among a good number tried."""
        prefetch_related_objects([policy], "conditions")
        entries: list[Firm] = [*self.world.firms, *self.world.projects]
        for firm in rng.sample(entries, min(len(entries), 400)):
            fits = policies_for(firm, [policy], self.world.rules)
            if firm.active and fits and all(check.label == BY_HAND for check in fits[0].unsure):
                return firm
        return None

    # --- The letter -------------------------------------------------------------------------------

    def _letters(self) -> Iterator[tuple[datetime, Story]]:
        """Each township in turn, every second week, into the WeChat group of its small firms."""
        for code in SENDS_LETTERS:
            for week, (rng, moment) in enumerate(self._weeks_days("letters", code)):
                if (week + SENDS_LETTERS.index(code)) % 2 == 0:
                    yield moment, self._send(rng, code)

    def _send(self, rng: Random, code: str) -> Story:
        unit = self.world.units[code]
        own = [
            firm
            for firm in self.world.firms
            if isinstance(firm, Enterprise) and firm.active and firm.region_id == unit.region_id
        ]
        number = min(len(own), self.world.times(LETTERS_A_TIME))
        with_list = rng.random() < 0.4
        if number:
            give(
                by=self.world.liaison(code),
                unit=unit,
                policies=[rng.choice(self.for_small_firms)] if with_list else [],
                letter=True,
                copies=1,
                day=clock.today(),
                way=HandOut.Way.WECHAT,
                entries=rng.sample(own, number),
            )
        return
        yield

    # --- News -------------------------------------------------------------------------------------

    def _news(self) -> Iterator[tuple[datetime, Story]]:
        for unit, number in NEWS_A_WEEK.items():
            outlets = OUTLETS if unit == "xcb" else LOCAL_OUTLETS
            written = list(itertools.product(HEADLINES, outlets))
            self.world.rng("news", unit).shuffle(written)
            for rng, moment in self._weeks_days("news", unit):
                for _ in range(_times(rng, number)):
                    yield moment, self._report(unit, *written.pop())

    def _report(self, unit: str, headline: str, outlet: str) -> Story:
        record_news(
            by=self.world.liaison(unit),
            unit=self.world.units[unit],
            title=f"{self.world.units[unit].short_name}：{headline}" if unit != "xcb" else headline,
            outlet=outlet,
            day=clock.today(),
        )
        return
        yield


def _times(rng: Random, number: float) -> int:
    """So many on average: 2.6 is two, and three more often than not."""
    return int(number) + (rng.random() < number % 1)
