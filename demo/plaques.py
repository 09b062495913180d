"""公示牌 of the firms above scale and the projects, and what these firms ask for and tell by them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random

from accounts.models import User
from core import clock
from demo.data import plaques as words
from demo.world import Firm, Story, World, moment_on
from enterprises import change_reports
from enterprises.models import ChangeReport, Enterprise, Project, Tier
from liaisons.models import Plaque, VisitRequest
from liaisons.plaques import leads_of
from liaisons.services.plaques import (
    collect,
    mark_printed,
    order,
    order_many,
    replace_many,
    revoke,
    sign,
)
from liaisons.services.requests import request_visit, settle_request
from liaisons.services.visits import record_visit

LATECOMERS = 0.07
"""The share of firms whose plaque is only made in the last days: some of them still lie at the bureau."""
NOT_SIGNED = 0.05
NEW_NUMBERS = (12, 26, 50)
"""Working days after which a cadre gets another office phone; what the last one brings is still to be done."""


class Plaques:
    def __init__(self, world: World) -> None:
        self.world = world
        self.dispatcher = world.people["dispatcher"]
        firms: list[Firm] = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE]
        self.firms = [*firms, *world.projects]

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world, days = self.world, self.world.workdays()
        late = max(1, round(len(self.firms) * LATECOMERS))
        first, last = self.firms[:-late], self.firms[-late:]
        yield self.at("first", days[0]) - timedelta(days=12), self._made("first", first, first)
        # Of the last ones three quarters are printed, and half of those fetched, by this morning.
        yield self.at("last", days[-min(5, len(days))]), self._made("last", last, last[: -max(1, late // 4)])
        yield self.at("lost", days[len(days) // 2]), self._lost()
        begun = clock.local_date(world.start)
        for number in NEW_NUMBERS:
            day = world.calendar.add(begun, number)
            yield self.at(f"number{number}", day), self._new_number(number)
        for n in range(min(world.times(9), len(words.WISHES))):
            yield self._evening("wish", n, days), self._asked(n)
        for n in range(min(world.times(6), len(words.CHANGES))):
            yield self._evening("change", n, days), self._told(n)

    def at(self, name: str, day) -> datetime:
        return self.world.in_office(self.world.rng("plaques", name), day)

    # --- Plates -----------------------------------------------------------------------------------

    def _made(self, name: str, firms: Sequence[Firm], to_print: Sequence[Firm]) -> Story:
        """Ordered, printed two days later, then fetched by each unit for its cadres."""
        batch = order_many(by=self.dispatcher, entries=firms)
        yield self.world.later(self.world.rng("plaques", name, "printed"), 1, 2)
        wanted = set(to_print)
        yield from self._printed(name, [plaque for plaque in batch.done if plaque.entry in wanted])

    def _printed(self, name: str, plaques: Sequence[Plaque]) -> Story:
        printed = mark_printed(by=self.dispatcher, plaques=plaques).done
        of_unit: dict[int, list[Plaque]] = {}
        leads = leads_of(plaque.entry for plaque in printed)
        for plaque in printed:
            of_unit.setdefault(leads[plaque.entry].unit_id, []).append(plaque)
        for unit, own in of_unit.items():
            code = self.world.code_of(unit)
            rng = self.world.rng("plaques", name, code)
            if name != "last" or rng.random() < 0.5:
                self.world.tell(self.world.later(rng, 1, 4), self._fetched(rng, code, own))
        return
        yield

    def _fetched(self, rng: Random, code: str, plaques: Sequence[Plaque]) -> Story:
        """The unit's liaison fetches them; whoever visits a firm next takes its plaque along."""
        liaison = self.world.liaison(code)
        collect(by=self.dispatcher, plaques=plaques, collected_by=liaison.get_full_name())
        for plaque in plaques:
            if rng.random() >= NOT_SIGNED:
                self.world.tell(self.world.later(rng, 1, 15), self._signed(liaison, plaque))
        return
        yield

    def _signed(self, by: User, plaque: Plaque) -> Story:
        """Unless it was replaced on the way."""
        found = Plaque.objects.get(pk=plaque.pk)
        if found.state == Plaque.State.COLLECTED:
            sign(by=by, plaque=found, signed_by=plaque.entry.contact_name)
        return
        yield

    def _new_number(self, number: int) -> Story:
        """Somebody moves to another office; some days later his plates are replaced, and whatever else is untrue."""
        rng = self.world.rng("plaques", number)
        official = rng.choice(Plaque.objects.in_force().order_by("pk").select_related("official")).official
        official.office_phone = f"0562-00{900 + number:05d}"
        official.save(update_fields=["office_phone"])
        if number == NEW_NUMBERS[-1]:
            return
        yield self.world.later(rng, 3, 4)
        outdated = Plaque.objects.to_replace().filter(has_left=False, has_no_lead=False).order_by("pk")
        new = replace_many(by=self.dispatcher, plaques=outdated, reason=words.REPLACED_BECAUSE).done
        yield self.world.later(rng, 1, 2)
        yield from self._printed(f"number{number}", new)

    def _lost(self) -> Story:
        plaque = Plaque.objects.filter(state=Plaque.State.SIGNED).order_by("pk").first()
        if plaque is None:
            return
        revoke(by=self.dispatcher, plaque=plaque, reason=words.LOST_BECAUSE)
        new = order(by=self.dispatcher, entry=plaque.entry)
        yield self.world.later(self.world.rng("plaques", "lost", "printed"), 1, 2)
        yield from self._printed("lost", [new])

    # --- What firms ask for and tell ----------------------------------------------------------------

    def _evening(self, what: str, n: int, days: Sequence) -> datetime:
        """Spread over the second half of the story, the last ones yesterday."""
        rng = self.world.rng("plaques", what, n)
        half = days[len(days) // 2 :]
        number = len(words.WISHES if what == "wish" else words.CHANGES)
        day = half[min(len(half) - 1, (n + 1) * len(half) // number)]
        return moment_on(day, time(rng.randint(9, 20), rng.randint(0, 59), rng.randint(0, 59)))

    def _scanned(self, rng: Random) -> Firm | None:
        """A firm that has its plaque."""
        hanging = Plaque.objects.filter(state=Plaque.State.SIGNED).order_by("pk")
        plaques = list(hanging.select_related("enterprise__region", "project__region"))
        return rng.choice(plaques).entry if plaques else None

    def _asked(self, n: int) -> Story:
        rng = self.world.rng("plaques", "wish", n, "firm")
        firm = self._scanned(rng)
        if firm is None:
            return
        found = request_visit(
            entry=firm,
            contact_name=firm.contact_name,
            contact_phone=firm.contact_phone,
            wish=words.WISHES[n],
        )
        yield self.world.later(rng, 1, 4)
        found.refresh_from_db()
        if found.state != VisitRequest.State.OPEN:
            return  # somebody was there anyway
        if n % 3 == 2:
            liaison = self._liaison(firm)
            settle_request(by=liaison, request=found, outcome=rng.choice(words.OUTCOMES))
        else:
            self._gone_there(found, firm)

    def _gone_there(self, found: VisitRequest, firm: Firm) -> None:
        lead = leads_of([firm])[firm]
        liaison = self._liaison(firm)
        assert liaison.unit is not None
        visit = record_visit(
            by=liaison,
            reporting_unit=liaison.unit,
            kind="visit",
            occurred_at=clock.now() - timedelta(minutes=50),
            region=firm.region,
            officials=[lead.official],
            findings=words.FINDINGS,
            enterprise=firm if isinstance(firm, Enterprise) else None,
            project=firm if isinstance(firm, Project) else None,
        )
        settle_request(by=liaison, request=found, outcome="", visit=visit)

    def _liaison(self, firm: Firm) -> User:
        """Of the lead cadre's unit."""
        return self.world.liaison(self.world.code_of(leads_of([firm])[firm].unit_id))

    def _told(self, n: int) -> Story:
        rng = self.world.rng("plaques", "change", n, "firm")
        firm = self._scanned(rng)
        if firm is None:
            return
        changes, note = words.CHANGES[n]
        allowed = change_reports.reportable(firm)
        found = change_reports.report(
            entry=firm,
            changes={name: value for name, value in changes.items() if name in allowed},
            note=note or "联系人职务调整。",
            contact_name=firm.contact_name,
            contact_phone=firm.contact_phone,
        )
        yield self.world.later(rng, 1, 3)
        self._decide(n, found)

    def _decide(self, n: int, found: ChangeReport) -> None:
        """The first ones are taken over, one is not, the others wait."""
        if n == 3:
            change_reports.refuse(by=self.dispatcher, report=found, answer=words.REFUSED_BECAUSE)
        elif n < 3 and found.changes:
            change_reports.accept(by=self.dispatcher, report=found, fields=list(found.changes))
