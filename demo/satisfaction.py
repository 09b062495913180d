"""Ratings of visits, events, windows and payments, what becomes of low ones; last quarter's survey, and the one that runs."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.models import Role, User
from accounts.selectors import unit_of
from accounts.services import create_surveyor
from campaigns.models import LowRating, ServiceRating, SurveyRound, SurveySample
from campaigns.satisfaction.services import answering, low_ratings, ratings, surveys
from campaigns.satisfaction.services.ratings import Judgement
from campaigns.satisfaction.services.severing import sever
from campaigns.satisfaction.services.surveys import Plan
from core import clock
from demo.data import satisfaction as words
from demo.world import Story, World, moment_on
from districts.satisfaction import SurveyQuestion
from liaisons.models import ServiceEvent, Visit
from policies.models import Payment

PER_WORKDAY = 1.6
"""Ratings a day at full scale."""
SAMPLE, RUNNING_SAMPLE = 320, 160
MOODS = (30, 40, 20, 8, 2)
"""Of a hundred firms, from the best level to the worst."""
UNREACHABLE, UNWILLING = 0.07, 0.05
IN_ORDER = ("unit__order", "opened_at", "pk")
"""Answers of a survey are cut off from the firms by a chance that no seed governs: their ids tell no order."""
ANSWERED = 0.45
"""The chance of a day that a unit answers a low rating."""


class Satisfaction:
    def __init__(self, world: World) -> None:
        self.world = world
        self.levels = world.rules.codes("satisfaction")
        self.days = world.workdays()
        self.bureau = unit_of(world.district, world.rules.lead_bureau)
        self.dispatcher = User.objects.filter(unit=self.bureau).with_role(Role.DISPATCHER).order_by("pk")[0]

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world, days = self.world, self.days
        for day in days:
            yield moment_on(day, time(16, 10)), self._ratings(day)
            if day < days[-2]:  # what came in since lies on the desks this morning
                yield moment_on(day, time(16, 40)), self._low_ones(day)
        yield moment_on(days[-4], time(15, 0)), self._about_conduct()
        yield moment_on(days[-1], time(16, 50)), self._disputed()
        running = of(days[-9])
        begins = self._after_quarter(running)
        year, quarter = before(*running)
        yield moment_on(begins, time(9, 10)), self._round(year, quarter, world.times(SAMPLE), closes=True)
        size = world.times(RUNNING_SAMPLE)
        yield moment_on(days[-9], time(9, 10)), self._round(*running, size, closes=False)

    def _after_quarter(self, running: tuple[int, int]) -> date:
        """Some days into the running quarter, if it lasts long enough to close the round; else earlier."""
        within = [day for day in self.days if of(day) == running]
        return within[5] if len(within) > 16 else self.days[len(self.days) // 3]

    # --- Ratings ----------------------------------------------------------------------------------

    def _mood(self, rng: Random) -> str:
        """A level of the profile, however many it has."""
        weights = [*MOODS, *[1] * len(self.levels)][: len(self.levels)]
        return rng.choices(self.levels, weights)[0]

    def _judgement(
        self, rng: Random, good: tuple[str, ...] = words.GOOD, low: tuple[str, ...] = words.LOW
    ) -> Judgement:
        level = self._mood(rng)
        satisfied = level in self.world.rules.satisfied_levels
        return Judgement(level, rng.choice(good if satisfied else low), unnamed=rng.random() < 0.7)

    def _ratings(self, day: date) -> Story:
        world = self.world
        rng = world.rng("ratings", (day - world.today).days)
        number = PER_WORKDAY * world.scale
        for _ in range(int(number) + (rng.random() < number % 1) or (rng.random() < 0.3)):
            visit = self._unrated(rng)
            if visit is not None:
                channel = rng.choice([ServiceRating.Channel.PLAQUE, ServiceRating.Channel.LINK])
                ratings.rate_visit(visit=visit, given=self._judgement(rng), channel=channel)
        windows = [unit for unit in world.units.values() if unit.kind in world.rules.ratings.window_kinds]
        if windows and rng.random() < 0.6:
            ratings.rate_window(unit=rng.choice(windows), given=self._judgement(rng))
        over = ServiceEvent.objects.filter(district=world.district, announced_at__isnull=False)
        event = over.filter(starts_at__lt=clock.now()).order_by("-starts_at", "-pk").first()
        if event is not None and rng.random() < 0.4 and ratings.is_rateable(event, world.rules):
            ratings.rate_event(event=event, given=self._judgement(rng, words.EVENTS))
        paid = Payment.objects.standing().filter(district=world.district, ratings__isnull=True)
        payment = paid.filter(occurred_at__lte=clock.now()).order_by("-occurred_at", "-pk").first()
        if payment is not None and payment.subject and rng.random() < 0.15:
            ratings.rate_payment(
                payment=payment, given=self._judgement(rng, words.PAYMENTS, words.LOW_PAYMENTS)
            )
        return
        yield

    def _unrated(self, rng: Random) -> Visit | None:
        lately = Visit.objects.filter(
            district=self.world.district,
            occurred_at__gte=clock.now() - timedelta(days=6),
            ratings__isnull=True,
        )
        found = list(
            lately.select_related("reporting_unit", "district", "enterprise", "project").order_by("pk")
        )
        return rng.choice(found) if found else None

    def _about_conduct(self) -> Story:
        rng = self.world.rng("conduct")
        visit = self._unrated(rng)
        if visit is not None:
            given = Judgement(self._low_level(), words.LOW[0], unnamed=True, conduct=words.CONDUCT[0])
            ratings.rate_visit(visit=visit, given=given, channel=ServiceRating.Channel.PLAQUE)
        return
        yield

    def _low_level(self) -> str:
        return next(level for level in self.levels if level not in self.world.rules.satisfied_levels)

    # --- Low ones ---------------------------------------------------------------------------------

    def _low_ones(self, day: date) -> Story:
        """Most are answered within some days; now and then one is appealed, and ruled on."""
        rng = self.world.rng("low", (day - self.world.today).days)
        now = clock.now()
        open_cases = LowRating.objects.filter(
            district=self.world.district, opened_at__lt=now - timedelta(days=1)
        )
        for case in list(open_cases.open().select_related("unit__parent").order_by(*IN_ORDER)):
            by = self._desk(case)
            if by is None or rng.random() > ANSWERED:
                continue
            if rng.random() < 0.15 and case.disputed_at is None and case.due_at > now:
                reason, evidence = words.DISPUTE
                low_ratings.dispute(by=by, case=case, reason=reason, evidence=evidence)
            else:
                low_ratings.answer(by=by, case=case, answer=rng.choice(words.ANSWERS))
        settled = open_cases.disputed().filter(disputed_at__lt=now - timedelta(days=1))
        for case in list(settled.select_related("unit__parent", "district").order_by(*IN_ORDER)):
            rulers = low_ratings.rulers(case, self.world.rules)
            if rulers and rng.random() < 0.6:
                uphold = rng.random() < 0.4
                ruling = words.RULING_UPHELD if uphold else words.RULING_REFUSED
                low_ratings.rule(by=rulers[0], case=case, uphold=uphold, ruling=ruling)
        return
        yield

    def _desk(self, case: LowRating) -> User | None:
        people = low_ratings.desk_of(case.unit)
        return people[0] if people else None

    def _disputed(self) -> Story:
        """One waits for its ruling this morning."""
        cases = LowRating.objects.filter(district=self.world.district, disputed_at__isnull=True)
        for case in (
            cases.open().filter(due_at__gt=clock.now()).select_related("unit__parent").order_by(*IN_ORDER)
        ):
            by = self._desk(case)
            if by is not None:
                reason, evidence = words.DISPUTE
                low_ratings.dispute(by=by, case=case, reason=reason, evidence=evidence)
                break
        return
        yield

    # --- The survey -------------------------------------------------------------------------------

    def _surveyor(self) -> User:
        """The account of the table of demo accounts, or one of the district's own."""
        found = User.objects.filter(engaged_by=self.bureau).with_role(Role.SURVEYOR).order_by("pk").first()
        return found or create_surveyor(
            username=f"surveyor_{self.world.district.code}",
            family_name="调",
            given_name="查员",
            engaged_by=self.bureau,
        )

    def _round(self, year: int, quarter: int, size: int, *, closes: bool) -> Story:
        """Drawn, called for some days; closed, cut off and published, or left running this morning."""
        world = self.world
        surveyor = self._surveyor()
        last_day = clock.today() + timedelta(days=24)
        plan = Plan(year, quarter, last_day, world.rules.surveys.scope, size, words.AGENCY, (surveyor,))
        round = surveys.draft(by=self.dispatcher, plan=plan)
        surveys.draw_sample(by=self.dispatcher, round=round, seed=f"demo{year}{quarter}")
        round = surveys.start(by=self.dispatcher, round=round)
        rng = world.rng("survey", quarter)
        samples = list(round.samples.select_related("unit").order_by("number"))
        fates = {sample.pk: rng.random() for sample in samples}
        unreachable = [sample for sample in samples if fates[sample.pk] < UNREACHABLE]
        asked = [sample for sample in samples if sample not in unreachable]
        parts = 5 if closes else 14
        day = clock.today()
        for part in range(parts):
            day = world.calendar.add(day, 1)
            yield moment_on(day, time(10, 20))
            for sample in asked[part::parts]:
                self._ask(rng, round, sample, surveyor, fates[sample.pk], closes)
            if part < world.rules.surveys.tries:
                for sample in unreachable:
                    answering.record_attempt(by=surveyor, sample=sample, outcome="no_answer")
        if not closes:
            return
        yield moment_on(world.calendar.add(day, 1), time(17, 0))
        surveys.close(by=self.dispatcher, round=round)
        sever(round.pk)
        yield moment_on(world.calendar.add(clock.today(), 2), time(9, 30))
        surveys.publish(by=self.dispatcher, round=round)

    def _ask(
        self, rng: Random, round: SurveyRound, sample: SurveySample, by: User, fate: float, closes: bool
    ) -> None:
        if fate < UNREACHABLE + UNWILLING:
            answering.record_attempt(by=by, sample=sample, outcome="refused")
            return
        given = {question.code: self._said(rng, question) for question in answering.questions_of(round)}
        channel = rng.choices(["phone", "on_site", "web"], [70, 15, 15])[0]
        remark = words.CONDUCT[1] if sample.number == 3 and closes else ""
        answering.answer_sample(
            sample=sample, channel=channel, given=given, remark=remark, by=None if channel == "web" else by
        )

    def _said(self, rng: Random, question: SurveyQuestion) -> str:
        if question.kind == "level":
            return self._mood(rng)
        if question.kind == "choice":
            options = [option.code for option in question.options]
            return rng.choices(options, [len(options) - n for n in range(len(options))])[0]
        return rng.choice(words.WISHES) or ("没有" if question.required else "")


def of(day: date) -> tuple[int, int]:
    """The quarter of a day."""
    return day.year, (day.month - 1) // 3 + 1


def before(year: int, quarter: int) -> tuple[int, int]:
    return (year, quarter - 1) if quarter > 1 else (year - 1, 4)


def counts() -> dict[str, int]:
    return {
        "ratings of visits, events, windows, payments": ServiceRating.objects.count(),
        **{
            f"low ratings {state}": LowRating.objects.filter(state=state).count()
            for state in LowRating.State.values
        },
        "survey rounds": SurveyRound.objects.count(),
    }
