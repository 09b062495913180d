"""Rotas and the records of windows in the demo: written for any district, by what its profile and roles say."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Official, Role, Unit, User
from accounts.selectors import accounts_of
from campaigns.models import Duty, KnowledgeEntry, Rota, Sitting, SittingProblem, TrainingPlan
from campaigns.rotas.people import units_named
from campaigns.rotas.planning import Turn
from campaigns.rotas.services import knowledge, rotas, sittings, training, visit_sheets, window_ledger
from campaigns.rotas.services.sittings import Found
from campaigns.rotas.services.window_ledger import Registration
from campaigns.rotas.visit_sheet_rows import is_owed, owing_units
from core import clock
from demo.cases import TOKENS
from demo.data import rotas as texts
from demo.world import Story, World, moment_on
from enterprises.models import Enterprise
from liaisons.event_calendar import next_month
from liaisons.services.assignments import assign
from policies.models import Policy

TURNS = 6
SITTING_UNITS = 3
VISITORS = 60


class Rotas:
    """Everything is told by whoever would do it: the hall, the units' liaisons, the clerks, the deciding unit."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.dispatcher = self._bureau()

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for first in sorted({day.replace(day=1) for day in (*days, self.world.today)}):
            began = max(first - timedelta(days=4), days[0])
            yield moment_on(began, time(9, 10)), self._planned(first)
        for day in days:
            yield moment_on(day, time(17, 25)), self._recorded(day)
        yield moment_on(days[2], time(10, 5)), self._officers()
        for number in range(len(texts.KNOWLEDGE)):
            day = days[(number + 1) * len(days) // (len(texts.KNOWLEDGE) + 1)]
            yield moment_on(day, time(15, 40)), self._knowledge(number)
        for number in range(len(texts.ASKED)):
            day = days[(number + 1) * len(days) // (len(texts.ASKED) + 1)]
            yield moment_on(day, time(10, 20)), self._asked(number)
        yield moment_on(days[-1], time(16, 10)), self._waiting()
        for number in range(len(texts.TRAININGS)):
            day = days[number * len(days) // (len(texts.TRAININGS) + 1)]
            yield moment_on(day, time(14, 30)), self._trained(number)
        for month in sorted({day.replace(day=1) for day in days}):
            handed_in = next_month(month) + timedelta(days=2)
            if handed_in < self.world.today:
                yield moment_on(handed_in, time(15, 0)), self._sheets(month)
        yield moment_on(days[1], time(9, 30)), self._guarded()

    # --- Who --------------------------------------------------------------------------------------

    def _bureau(self) -> User:
        unit = self.world.units[self.world.rules.lead_bureau]
        return accounts_of(unit, Role.DISPATCHER)[0]

    def _desk(self, unit: Unit) -> User | None:
        found = accounts_of(unit, Role.LIAISON, Role.UNIT_LEADER)
        return found[0] if found else None

    def _people(self, unit: Unit) -> list[Official]:
        """In office today: the unit's leaders first."""
        today = clock.today()
        people = self.world.officials.get(unit.code, [])
        here = [(post, one) for one in people if (post := one.post_on(today)) and post.unit_id == unit.pk]
        ranks = [group.code for group in self.world.rules.rank_groups]
        here.sort(key=lambda pair: ranks.index(pair[0].rank_group) if pair[0].rank_group in ranks else 99)
        return [one for _, one in here]

    def _sitting_units(self) -> list[Unit]:
        asked = self.world.rules.rotas.sittings
        found = list(units_named(self.world.district, asked.unit_kinds, asked.units))
        if not found:  # The profile names nobody: the units that have a window take part of their own accord.
            parents = {unit.parent_id for unit in self.world.units.values() if unit.kind == "window"}
            found = [
                unit
                for unit in self.world.units.values()
                if unit.pk in parents and unit.kind not in {"township", "park"}
            ][:SITTING_UNITS]
        return [unit for unit in found if self._desk(unit) and self._people(unit)]

    # --- Rotas and sittings -----------------------------------------------------------------------

    def _planned(self, month: date) -> Story:
        units = self._sitting_units()
        for kind in self.world.rules.rotas.kinds:
            named = [
                unit
                for unit in units_named(self.world.district, kind.unit_kinds, kind.units)
                if self._people(unit)
            ]
            # In turn: every unit's first before anybody's second.
            rounds = [(place, unit) for place in range(2) for unit in named or units]
            people = [(unit, self._people(unit)[place : place + 1]) for place, unit in rounds]
            turns = [Turn(unit, person) for unit, found in people for person in found][:TURNS]
            if not turns or rotas.plan_month(by=self.dispatcher, kind=kind, month=month, turns=turns) == 0:
                continue
            rota = Rota.objects.get(district=self.world.district, kind=kind.code, month=month)
            rotas.publish(by=self.dispatcher, rota=rota)
        self._plan_sittings(month, units)
        return
        yield

    def _plan_sittings(self, month: date, units: list[Unit]) -> None:
        asked = self.world.rules.rotas.sittings
        end = next_month(month)
        days = [month + timedelta(days=n) for n in range((end - month).days)]
        days = [day for day in days if day.weekday() == asked.weekday and self.world.calendar.is_workday(day)]
        for number, unit in enumerate(units):
            desk, leader = self._desk(unit), self._people(unit)[:2][-1 if number % 2 else 0]
            chosen = [day for place, day in enumerate(days) if place % 2 == number % 2][: asked.minimum or 2]
            chosen = [day for day in chosen if day >= clock.today()]
            if desk and chosen:
                sittings.plan_sittings(
                    by=desk, unit=unit, official=leader, days=chosen, half=asked.half,
                    place=f"政务服务大厅{unit.short_name}窗口",
                )  # fmt: skip
        coming = Sitting.objects.filter(district=self.world.district, state=Sitting.State.PLANNED)
        sittings.announce(by=self.dispatcher, sittings=list(coming))

    def _recorded(self, day: date) -> Story:
        rng = self.world.rng("rota", day.isoformat())
        duties = Duty.objects.filter(rota__district=self.world.district, day__lte=day, came__isnull=True)
        for duty in duties.select_related("unit").order_by("day", "pk"):
            if rng.random() < 0.1:
                continue  # Somebody has not written it down yet.
            came = rng.random() > 0.08
            received = rng.randint(1, 9) if came else 0
            rotas.record_duty(
                by=self.dispatcher, duty=duty, came=came, received=received,
                solved=rng.randint(0, received), notes=rng.choice(texts.RECEIVED) if came else texts.AWAY,
            )  # fmt: skip
        today = Sitting.objects.filter(district=self.world.district, state=Sitting.State.PLANNED, day=day)
        for sitting in today.select_related("unit").order_by("pk"):
            if (desk := self._desk(sitting.unit)) is None or rng.random() < 0.15:
                continue
            item = rng.choice(texts.ITEMS)
            content, measure = rng.choice(texts.FOUND)
            due = None if rng.random() < 0.5 else self.world.calendar.add(day, rng.randint(5, 20))
            sittings.record(
                by=desk, sitting=sitting, item=item, part=rng.choice(("firm", "citizen")),
                received=rng.randint(2, 12), summary=texts.SUMMARY.format(item=item),
                found=[Found(content=content, measure=measure, due=due)],
            )  # fmt: skip
        open_ones = SittingProblem.objects.open().filter(sitting__district=self.world.district, due__lte=day)
        for problem in open_ones.select_related("sitting__unit").order_by("pk"):
            if rng.random() < 0.5 and (desk := self._desk(problem.sitting.unit)):
                sittings.improve(by=desk, problem=problem, result=texts.IMPROVED)
        return
        yield

    # --- Windows ----------------------------------------------------------------------------------

    def _clerk(self, number: int) -> User:
        clerks = [user for user in self.world.people.values() if user.has_role(Role.WINDOW)]
        return clerks[number % len(clerks)] if clerks else self.dispatcher

    def _asked(self, number: int) -> Story:
        kind, content, answer, said_by = texts.ASKED[number]
        windows = self.world.rules.codes("windows")
        clerk = self._clerk(number)
        window_ledger.record_entry(
            by=clerk,
            window=windows[(kind == "complaint") % len(windows)],
            kind=kind,
            content=content,
            way="on_spot" if answer else "opinion",
            answer=answer,
            phone=f"138{number:04d}{number * 37 % 10000:04d}",
            **({"person": said_by} if said_by else self._visitor(clerk, number)),
        )
        return
        yield

    def _visitor(self, clerk: User, *why: object) -> dict[str, Any]:
        """A firm that the clerk finds on the roster, else one that is not there yet."""
        known = list(Enterprise.objects.visible_to(clerk).order_by("pk")[:VISITORS])
        if not known:
            return {"claimed_name": texts.NEW_FIRM}
        return {"subject": self.world.rng("window", *why).choice(known)}

    def _waiting(self) -> Story:
        """One that becomes an appeal at the counter, and one that nobody could answer yet."""
        windows, categories = self.world.rules.codes("windows"), self.world.rules.codes("categories")
        clerk = self._clerk(0)
        window_ledger.record_entry(
            by=clerk,
            window=windows[-1],
            kind="complaint",
            content=texts.AS_APPEAL,
            way="appeal",
            person="倪先生",
            phone="13800000203",
            registration=Registration(
                category="logistics" if "logistics" in categories else categories[0],
                key=f"{TOKENS}{self.world.scene.name}:window",
            ),
            **self._visitor(clerk, "appeal"),
        )
        content, said_by = texts.WAITING
        window_ledger.record_entry(
            by=clerk, window=windows[0], kind="enquiry", content=content, way="open", person=said_by
        )
        return
        yield

    def _officers(self) -> Story:
        for unit in self._sitting_units():
            if desk := self._desk(unit):
                official = self._people(unit)[-1]
                knowledge.appoint(
                    by=desk, unit=unit, official=official, name="", title="", started=clock.today(),
                    window=f"{unit.short_name}窗口首席代表",
                )  # fmt: skip
        return
        yield

    def _knowledge(self, number: int) -> Story:
        units = self._sitting_units()
        category, question, answer, lasts = texts.KNOWLEDGE[number]
        unit = units[number % len(units)] if units else None
        known = self.world.rules.codes("knowledge_categories")
        if unit and (desk := self._desk(unit)):
            today = clock.today()
            until = None if lasts is None else self.world.today + timedelta(days=lasts)
            if until is not None and until < today:
                until = today
            entry = knowledge.hand_in(
                by=desk, unit=unit, category=category if category in known else known[0], question=question,
                answer=answer, valid_from=today, valid_to=until,
            )  # fmt: skip
            if number < len(texts.KNOWLEDGE) - 1:
                knowledge.review(by=self.dispatcher, entry=entry, accepted=True)
        return
        yield

    # --- Training, sheets, the police -------------------------------------------------------------

    def _trained(self, number: int) -> Story:
        rng = self.world.rng("training", number)
        title, provider, people, fee = texts.TRAININGS[number]
        firm = rng.choice(self.world.firms)
        starts = self.world.calendar.add(clock.today(), 6)
        plan = training.file_plan(
            by=self.dispatcher, enterprise=firm, title=title, starts=starts, ends=starts, participants=people,
            provider=provider, fee=Decimal(fee), place="企业培训室",
        )  # fmt: skip
        deciding = accounts_of(plan.deciding_unit_id, *training.DECIDING)
        others = [user for user in deciding if user.pk != self.dispatcher.pk]
        if not others:
            return
        yield self.world.later(rng, 1, 3)
        training.decide(by=others[0], plan=plan, approved=True)
        yield moment_on(starts, time(17, 0))
        training.hold(
            by=self.dispatcher, plan=plan, attended=people - rng.randint(0, 4),
            invoice_number=f"340{number:02d}{rng.randint(10000, 99999)}", invoice_amount=Decimal(fee),
        )  # fmt: skip
        yield self.world.later(rng, 3, 6)
        training.settle(by=others[0], plan=TrainingPlan.objects.get(pk=plan.pk))
        policy = Policy.objects.filter(district=self.world.district).in_force().order_by("pk").first()
        if policy is None:
            return
        yield self.world.later(rng, 5, 9)
        training.pay(
            by=others[0], plan=plan, policy=policy, basis=f"培训补贴第{number + 1}批", day=clock.today()
        )

    def _sheets(self, month: date) -> Story:
        if not is_owed(month, self.world.rules):
            return
        for number, unit in enumerate(owing_units(self.world.district, month)):
            desk = self._desk(unit)
            if desk and number % 7 != 6:
                visit_sheets.hand_in(by=desk, unit=unit, month=month)
        return
        yield

    def _guarded(self) -> Story:
        """警企包保 where the profile has such a kind: its units' people look after some firms."""
        for kind in self.world.rules.assignment_kinds:
            units = [unit for unit in self.world.units.values() if not kind.units or unit.code in kind.units]
            people = [person for unit in units for person in self._people(unit)]
            for number, firm in enumerate(self.world.firms[: self.world.times(40)] if people else []):
                assign(
                    by=self.dispatcher, official=people[number % len(people)], subject=firm,
                    started=clock.today(), kind=kind.code,
                )  # fmt: skip
        return
        yield


def counts() -> dict[str, int]:
    return {
        "duties of rotas": Duty.objects.count(),
        "sittings at the window": Sitting.objects.count(),
        "trainings": TrainingPlan.objects.count(),
        "knowledge entries": KnowledgeEntry.objects.count(),
    }
