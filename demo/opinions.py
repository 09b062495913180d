"""What becomes of opinions: most are answered within two weeks, some are passed on first; a few come in at counters."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from accounts.models import Unit, User
from core import clock
from demo.data.opinions import ANSWERS, HEARD, OTHERWISE, WAITING
from demo.visiting import COMPETENT
from demo.world import Story, World, moment_on
from liaisons.models import Opinion
from liaisons.permissions import may_record_opinion
from liaisons.services.opinions import answer_opinion, pass_on, record_opinion

LIES = timedelta(days=3)
"""So long nobody deals with an opinion."""
ANSWERED, PASSED_ON = 0.22, 0.03
"""The chances of a day."""


class Opinions:
    def __init__(self, world: World) -> None:
        self.world = world

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for day in days:
            yield moment_on(day, time(15, 20)), self._dealt_with((day - self.world.today).days)
        for n, (content, said_by, code) in enumerate(HEARD):
            day = days[(n * len(days) + len(days) // 2) // len(HEARD)]
            yield self.world.in_office(self.world.rng("heard", n), day), self._heard(content, said_by, code)
        for n, waiting in enumerate(WAITING):
            yield self.world.in_office(self.world.rng("waiting", n), days[-1]), self._heard(*waiting)

    def _dealt_with(self, days: int) -> Story:
        open_for_long = Opinion.objects.filter(answered_at__isnull=True, occurred_at__lt=clock.now() - LIES)
        related = ("unit__parent", "passed_to", "enterprise", "project")
        for n, opinion in enumerate(open_for_long.select_related(*related).order_by("occurred_at", "pk")):
            rng = self.world.rng("opinion", days, n)
            chance = rng.random()
            if chance < ANSWERED:
                self._answer(rng, opinion)
            elif chance < ANSWERED + PASSED_ON and opinion.passed_to is None:
                codes = [code for code in COMPETENT if code != opinion.unit.code]
                competent = self.world.units[rng.choice(codes)]
                pass_on(by=self._desk(opinion.unit), opinion=opinion, passed_to=competent)
        return
        yield

    def _answer(self, rng: Random, opinion: Opinion) -> None:
        answer = ANSWERS.get(opinion.content) or rng.choice(OTHERWISE)
        answer_opinion(by=self._desk(opinion.holder), opinion=opinion, answer=answer)

    def _heard(self, content: str, said_by: str, code: str, competent: str = "") -> Story:
        record_opinion(
            by=self._recorder(code),
            content=content,
            handling=Opinion.Handling.PASSED_ON if competent else Opinion.Handling.HEARD,
            passed_to=self.world.units[competent] if competent else None,
            claimed_name=said_by,
        )
        return
        yield

    def _recorder(self, code: str) -> User:
        unit = self.world.units[code]
        people = (user for user in self.world.people.values() if user.unit_id == unit.pk)
        return next(user for user in people if may_record_opinion(user))

    def _desk(self, unit: Unit) -> User:
        """A unit answers for its windows."""
        return self.world.liaison(unit.parent.code if unit.kind == "window" and unit.parent else unit.code)
