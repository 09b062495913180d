"""What policies are matched by: titles, founding days and kinds of the larger firms; conditions; claims and lists."""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.db.models import prefetch_related_objects

from appeals.backlog_rules import Course
from campaigns.commitments.services.commitments import pay_instalment, record_commitment
from campaigns.commitments.services.rules import Promise
from core import clock
from demo.data.commitments import CONDITIONS
from demo.world import Firm, Story, World
from enterprises.models import AboveScaleKind, Enterprise, Tier
from enterprises.services import change_enterprise
from enterprises.titles import set_titles
from policies import claims
from policies.condition_entry import add_condition
from policies.lists import Contents, make_list
from policies.models import Claim, HandOut, Policy, PolicyList
from policies.papers import give
from policies.payments import record_payment
from policies.selectors import policies_for

KINDS = {
    "B": AboveScaleKind.INDUSTRY, "C": AboveScaleKind.INDUSTRY, "D": AboveScaleKind.INDUSTRY,
    "E": AboveScaleKind.BUILDING, "F": AboveScaleKind.TRADE, "H": AboveScaleKind.TRADE,
    "K": AboveScaleKind.PROPERTY,
}  # fmt: skip
FILLED = 0.85
"""Of the firms above scale; about the others something is missing, as everywhere."""
TITLES = (
    ("high_tech", 0.3),
    ("tech_sme", 0.35),
    ("specialised", 0.15),
    ("exporter", 0.25),
    ("green_factory", 0.06),
)
PAPERS_ONLY = ("投诉", "告知", "帮办", "明白纸", "服务办法", "若干措施")
"""Words of the titles of policies under which no money is paid."""
CLAIMS = 14
LISTS = 4


def fill_facts(world: World) -> None:
    """By the dispatcher, from the business register and the lists of the competent departments."""
    by = world.people["dispatcher"]
    known = {title.code for title in world.rules.policy_library.titles}
    for firm in world.firms:
        if firm.tier != Tier.ABOVE_SCALE:
            continue
        rng = world.rng("facts", firm.credit_code)
        founded = date(rng.randint(1996, 2023), rng.randint(1, 12), rng.randint(1, 28))
        kind = KINDS.get(firm.industry, AboveScaleKind.SERVICES)
        if rng.random() > FILLED:
            continue
        change_enterprise(by=by, enterprise=firm, changes={"founded_on": founded, "above_scale_kind": kind})
        firm.founded_on, firm.above_scale_kind = founded, str(kind)
        if rng.random() < FILLED:
            held = [code for code, share in TITLES if code in known and rng.random() < share]
            until = world.today + timedelta(days=rng.randint(60, 900))
            set_titles(by=by, enterprise=firm, titles={code: until for code in held})
            firm.titles_checked_on = clock.today()


def set_conditions(world: World, policies: list[Policy]) -> None:
    """Entered by the units that keep the policies."""
    for policy, (words, conditions) in itertools.product(policies, CONDITIONS):
        if not all(word in policy.title for word in words):
            continue
        for condition in conditions:
            given = dict(condition)
            if "low" in given:
                given["low"] = Decimal(given["low"])
            add_condition(by=world.liaison(world.code_of(policy.unit_id)), policy=policy, **given)


class Matching:
    """Claims on their way from asked for to paid, and lists put together and handed out."""

    def __init__(self, world: World, policies: list[Policy]) -> None:
        self.world = world
        self.public = [policy for policy in policies if policy.public]
        paying = [policy for policy in self.public if not any(word in policy.title for word in PAPERS_ONLY)]
        self.paying = [policy for policy in paying if world.code_of(policy.unit_id) in world.people]
        self.firms = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE] or world.firms

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for n in range(CLAIMS):
            rng = self.world.rng("claim", n)
            yield self.world.in_office(rng, days[n * (len(days) - 3) // CLAIMS]), self._claim(rng, n)
        for n in range(LISTS):
            rng = self.world.rng("list", n)
            yield self.world.in_office(rng, days[(n + 1) * len(days) // (LISTS + 1)]), self._list(rng, n)

    def _fitting(self, rng: Random, policy: Policy) -> Firm | None:
        """Somebody whom the policy may be meant for, as far as anybody knows; nobody, in a very small district."""
        prefetch_related_objects([policy], "conditions")
        firms = [*rng.sample(self.firms, len(self.firms)), *self.world.firms]
        return next((firm for firm in firms if policies_for(firm, [policy], self.world.rules)), None)

    def _claim(self, rng: Random, n: int) -> Story:
        """Every fifth is found without being asked for, every seventh refused, every fourth paid late or not yet."""
        world, policy = self.world, rng.choice(self.paying)
        desk, unit = world.liaison(world.code_of(policy.unit_id)), world.units[world.code_of(policy.unit_id)]
        firm, amount = self._fitting(rng, policy), Decimal(rng.randint(20, 900)) / 10
        if firm is None:
            return
        claim = claims.apply(
            by=desk,
            unit=unit,
            policy=policy,
            subject=firm,
            amount=amount,
            day=clock.today(),
            unasked=n % 5 == 4,
        )
        yield world.later(rng, 2, 6)
        if n % 7 == 6:
            claims.refuse(by=desk, claim=claim, reason="投资额没有达到办法规定的门槛，已向企业说明。")
            return
        promised = world.calendar.add(clock.today(), rng.randint(6, 15))
        claim = claims.approve(by=desk, claim=claim, amount=amount, promised_on=promised)
        if n % 4 == 3:
            yield from self._put_on_the_list(rng, claim)
            return
        yield world.later(rng, 4, 12)
        part = amount if n % 3 else (amount / 2).quantize(Decimal("0.01"))
        record_payment(
            by=desk, unit=unit, policy=policy, subject=firm, amount=part, basis=f"国库支付凭证〔演示〕{rng.randint(10, 99)}号",
            day=clock.today(), claim=claim,
        )  # fmt: skip

    def _put_on_the_list(self, rng: Random, claim: Claim) -> Story:
        """Not paid by the day promised: onto the list of commitments, and half of it paid there."""
        world, policy = self.world, claim.policy
        assert claim.promised_on and claim.approved_on and claim.approved_amount
        yield max(clock.now(), world.in_office(rng, world.calendar.add(claim.promised_on, 3)))
        promise = Promise(
            kind="policy", title=f"兑付《{policy.title}》"[:100], unit=claim.unit, made_on=claim.approved_on,
            basis=policy.document_number or policy.title, subject=claim.subject, amount=claim.approved_amount, claim=claim,
        )  # fmt: skip
        course = Course("limited", world.calendar.add(clock.today(), 15), plan="列入资金计划，分两次付清。")
        commitment = record_commitment(by=world.people["dispatcher"], promise=promise, course=course)
        yield world.later(rng, 3, 6)
        pay_instalment(
            by=world.liaison(world.code_of(claim.unit_id)), commitment=commitment,
            amount=(claim.approved_amount / 2).quantize(Decimal("0.01")), day=clock.today(),
            voucher=f"国库支付凭证〔演示〕{rng.randint(10, 99)}号",
        )  # fmt: skip

    def _list(self, rng: Random, n: int) -> Story:
        by = self.world.people["dispatcher"]
        assert by.unit is not None
        firm: Firm = rng.choice(self.firms)
        fits = [fit.policy for fit in policies_for(firm) if fit.policy.public][:8]
        contents = (
            Contents("适合贵公司的惠企政策（演示）", PolicyList.Kind.FIRM, fits, entry=firm),
            Contents("工业企业政策清单（演示）", PolicyList.Kind.INDUSTRY, self.public[:6], industry="C"),
            Contents(
                "企业恳谈会政策清单（演示）", PolicyList.Kind.EVENT, self.public[2:9], occasion="企业恳谈会"
            ),
            Contents("惠企政策明白纸（演示）", PolicyList.Kind.GENERAL, self.public[:10]),
        )[n % LISTS]
        if not contents.policies:
            return
        made = make_list(by=by, unit=by.unit, contents=contents)
        yield self.world.later(rng, 1, 2)
        given: list[Enterprise] = [firm] if n == 0 else rng.sample(self.firms, min(6, len(self.firms)))  # type: ignore[list-item]
        give(
            by=by, unit=by.unit, policies=[], lists=[made], letter=False, copies=1, day=clock.today(),
            way=HandOut.Way.DOOR, entries=given,
        )  # fmt: skip
