"""What becomes of what is late: letters sent, set aside and answered, cases listed and delisted, visits demanded."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.actors import Actor
from accounts.models import Official, Unit, User
from appeals import supervision
from appeals.letters import answer_letter, send_visit_letter, set_aside
from appeals.models import Appeal, Deadline, SupervisionLetter
from appeals.perform import perform
from appeals.workflow import TRANSITIONS
from core import clock
from demo.data.supervision import ANSWERS, LETTERS, LISTED, REMINDERS, VISITS_ANSWERED, VISITS_SLOW
from demo.world import Story, World, moment_on
from liaisons.coverage import coverage
from liaisons.selectors import owed_by_unit

SENT, ANSWERED = 0.5, 0.35
"""The chances of a day."""
REMINDED = 3
"""So many of the most urgent are reminded in a morning."""
# The share of the story's days after which a case is listed, working days to its target, whether it is delisted.
LISTINGS = ((0.4, 8, True), (0.75, 4, False), (0.93, 10, False))
VISIT_LETTERS = (0.5, 0.8, 0.95)
OPEN = TRANSITIONS["supervise"].sources


class Supervising:
    def __init__(self, world: World) -> None:
        self.world = world

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for day in days:
            yield moment_on(day, time(10, 5)), self._desk((day - self.world.today).days)
            yield moment_on(day, time(15, 40)), self._answered((day - self.world.today).days)
        for n, (share, ahead, delisted) in enumerate(LISTINGS):
            yield moment_on(_at(days, share), time(9, 50 + n)), self._listed(n, ahead, delisted)
        for n, share in enumerate(VISIT_LETTERS):
            yield moment_on(_at(days, share), time(11, 10 + n)), self._visits_demanded()

    @property
    def _supervisor(self) -> User:
        return self.world.people["supervisor"]

    # --- The desk's morning -----------------------------------------------------------------------

    def _desk(self, days: int) -> Story:
        """The dispatcher goes through the drafts; a few of the most urgent appeals are reminded."""
        rng, by = self.world.rng("supervising", days), self.world.people["dispatcher"]
        drafts = SupervisionLetter.objects.drafts().select_related("appeal", "deadline", "unit")
        for letter in drafts.order_by("drafted_at", "deadline__due_at", "appeal__number"):
            late = letter.deadline
            silent = self._speaker(letter.unit) is None  # 督查 itself is not written to
            if late is None or late.verdict or silent or self._waits(letter):
                set_aside(by=by, letter=letter)
            elif rng.random() < SENT:
                # What the bureau owes itself, 督查 asks for.
                self._send(rng, self._supervisor if letter.unit_id == by.unit_id else by, late)
        for late in self._late()[:REMINDED] if days % 3 == 0 else []:
            self._do(late.appeal, "remind", by, {"text": rng.choice(REMINDERS)})
        return
        yield

    def _waits(self, letter: SupervisionLetter) -> bool:
        """The unit has not answered the letter before."""
        return SupervisionLetter.objects.waiting().filter(appeal=letter.appeal, unit=letter.unit).exists()

    def _send(self, rng: Random, by: User, late: Deadline) -> None:
        text = rng.choice(LETTERS).format(number=late.appeal.number, stage=late.get_kind_display())
        self._do(late.appeal, "supervise", by, {"unit": late.owner_id, "text": text})

    def _do(self, appeal: Appeal, transition: str, by: User, data: dict) -> None:
        perform(appeal, transition, Actor.of_user(by), data)

    def _late(self) -> list[Deadline]:
        """What is most urgent on the desk, one clock an appeal."""
        rows = supervision.clocks(self._supervisor).filter(appeal__status__in=OPEN)
        found: dict[int, Deadline] = {}
        for deadline in rows.select_related("appeal").order_by("due_at", "appeal__number", "kind")[:60]:
            found.setdefault(deadline.appeal_id, deadline)
        return list(found.values())

    # --- Units answer -----------------------------------------------------------------------------

    def _answered(self, days: int) -> Story:
        rng = self.world.rng("supervision answered", days)
        waiting = SupervisionLetter.objects.waiting().filter(sent_at__lt=clock.now() - timedelta(hours=20))
        for letter in waiting.select_related("appeal", "unit").order_by("sent_at", "number"):
            if rng.random() >= ANSWERED:
                continue
            by = self._speaker(letter.unit)
            if by is None:
                continue
            if letter.appeal:
                self._do(letter.appeal, "answer_supervision", by, {"answer": rng.choice(ANSWERS)})
            else:
                answer_letter(by=by, letter=letter, answer=rng.choice(VISITS_ANSWERED))
        return
        yield

    def _speaker(self, unit: Unit) -> User | None:
        """Who answers for a unit."""
        is_bureau = unit.code == self.world.rules.lead_bureau
        return self.world.people.get("dispatcher" if is_bureau else unit.code)

    # --- Listed cases and visits ------------------------------------------------------------------

    def _listed(self, n: int, ahead: int, delisted: bool) -> Story:
        appeal = next((late.appeal for late in self._late() if late.appeal.facts.listing is None), None)
        if appeal is None:
            return
        condition, result = LISTED[n % len(LISTED)]
        data = {
            "leader": self._leader().pk,
            "target_date": self.world.calendar.add(clock.today(), ahead),
            "condition": condition,
        }
        self._do(appeal, "list_supervision", self._supervisor, data)
        if not delisted:
            return
        yield self.world.later(self.world.rng("delisted", n), 3, 5)
        appeal.refresh_from_db()
        if appeal.status in OPEN and appeal.facts.listing:
            self._do(appeal, "delist_supervision", self._supervisor, {"result": result})

    def _leader(self) -> Official:
        leader = self.world.people["district"].official
        assert leader is not None
        return leader

    def _visits_demanded(self) -> Story:
        """The unit that owes most and owes no answer."""
        waiting = set(SupervisionLetter.objects.waiting().filter(appeal=None).values_list("unit", flat=True))
        owed = owed_by_unit(self._supervisor)
        about = [(one.unit, supervision.about_visits(one)) for one in owed] or self._slow()
        for unit, text in about:
            if unit.pk not in waiting and self._speaker(unit) is not None:
                day = self.world.calendar.add(clock.today(), self.world.rules.limits.supervision)
                send_visit_letter(by=self._supervisor, unit=unit, text=text, answer_by=day)
                break
        return
        yield

    def _slow(self) -> list[tuple[Unit, str]]:
        """While nobody owes a visit of the last period: who is furthest behind in the running one."""
        lines = [line for line in coverage(self._supervisor).units if line.led]
        lines.sort(key=lambda line: (line.visited - line.led, line.unit.pk))
        return [(line.unit, VISITS_SLOW.format(led=line.led, visited=line.visited)) for line in lines]


def _at(days: list[date], share: float) -> date:
    return days[min(len(days) - 1, int(len(days) * share))]
