"""The demo's time machine: stories that sleep until their next moment, told in the order of time.

A story is a generator that yields the moment it goes on at. Everything happens under ``clock.at`` of that
moment, through the portal's services; a story whose next moment lies beyond the end stays where it is,
which is how today's desks come to be full.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.models import Official, Unit, User
from core import clock
from demo.scenes import TONGLING, Scene
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.workdays import SHANGHAI
from enterprises.models import Enterprise, Project
from reports import periods

Story = Iterator[datetime]
Firm = Enterprise | Project

WEEKS = 12
ENDS_AT = time(8, 30)
"""The demo ends when the office of its day opens, so that the day's work lies before everybody."""


@dataclass
class World:
    today: date
    district: Region
    scale: float = 1.0
    weeks: int = WEEKS
    scene: Scene = TONGLING
    people: dict[str, User] = field(default_factory=dict)
    """By user name, without what the scene puts before it."""
    units: dict[str, Unit] = field(default_factory=dict)
    """By code."""
    officials: dict[str, list[Official]] = field(default_factory=dict)
    """By code of the unit, its leaders first."""
    firms: list[Enterprise] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    service_days: dict[date, int] = field(default_factory=dict)
    """The event of each Saturday, once it is planned."""

    def __post_init__(self) -> None:
        self.rules: Rules = DistrictProfile.objects.in_force(self.district, self.today).rules
        self.calendar = work_calendar(self.rules)
        self.end = moment_on(self.today, ENDS_AT)
        week = periods.week_of(self.end, self.rules.week, self.calendar)
        self.start = week.start - self.weeks * timedelta(days=7)
        self.next_workday = self.calendar.next_workday(self.today)
        self._heap: list[tuple[datetime, int, Story]] = []
        self._order = itertools.count()

    def rng(self, *names: object) -> Random:
        """A source of chance of its own for each story, so that one more story changes no other."""
        return Random("/".join(map(str, (self.scene.name, *names))))

    def times(self, number: float) -> int:
        """So many at full scale; at least one at any."""
        return max(1, round(number * self.scale))

    # --- Telling ----------------------------------------------------------------------------------

    def tell(self, moment: datetime, story: Story) -> None:
        """Let a story begin at ``moment``."""
        if moment <= self.end:
            heapq.heappush(self._heap, (moment, next(self._order), story))

    def run(self, progress: Callable[[date], None]) -> None:
        """Tell everything to the end, the earliest moment first."""
        day = None
        while self._heap:
            moment, _, story = heapq.heappop(self._heap)
            if moment.date() != day:
                day = moment.date()
                progress(day)
            with clock.at(moment):
                following = next(story, None)
            if following is not None:
                self.tell(max(following, moment), story)

    # --- Moments ----------------------------------------------------------------------------------

    def workdays(self) -> list[date]:
        """From the first day of the story to the last one before today."""
        first, last = self.start.astimezone(SHANGHAI).date(), self.today
        days = (first + timedelta(days=n) for n in range((last - first).days))
        return [day for day in days if self.calendar.is_workday(day)]

    def saturdays(self) -> list[date]:
        first = self.start.astimezone(SHANGHAI).date()
        days = [first + timedelta(days=n) for n in range((self.today - first).days)]
        return [day for day in days if day.weekday() == 5]

    def in_office(self, rng: Random, day: date) -> datetime:
        """Sometime in the morning or afternoon of a day."""
        first, last = ((8 * 60 + 40, 11 * 60 + 45), (14 * 60, 17 * 60 + 10))[rng.random() < 0.48]
        minutes = rng.randint(first, last)
        return moment_on(day, time(minutes // 60, minutes % 60, rng.randint(0, 59)))

    def later(self, rng: Random, least: int, most: int) -> datetime:
        """In office hours, so many working days from now; 0 is still today where the day allows it."""
        now = clock.now().astimezone(SHANGHAI)
        days = rng.randint(least, most)
        if days == 0 and self.calendar.is_workday(now.date()):
            soon = max(now, moment_on(now.date(), time(8, 35))) + timedelta(minutes=rng.randint(12, 150))
            if soon.time() < time(17, 20) and soon.date() == now.date():
                return soon
        return self.in_office(rng, self.calendar.add(now.date(), max(days, 1)))

    def shortly(self, rng: Random) -> datetime:
        """Within the hour, or when the office opens again."""
        soon = clock.now().astimezone(SHANGHAI) + timedelta(
            minutes=rng.randint(9, 40), seconds=rng.randint(0, 59)
        )
        if self.calendar.is_workday(soon.date()) and time(8, 30) <= soon.time() < time(17, 25):
            return soon
        return self.later(rng, 0, 0)

    # --- Who and where ----------------------------------------------------------------------------

    def territory(self, region: Region) -> Unit:
        """The township or park a firm lies in, as a unit."""
        return self._territories[region.pk]

    def settle(self) -> None:
        """Look up what does not change any more once people and roster are there."""
        self._territories = {
            unit.region_id: unit for unit in self.units.values() if unit.kind in {"township", "park"}
        }
        self._by_pk = {unit.pk: unit.code for unit in self.units.values()}

    def code_of(self, unit_id: int) -> str:
        return self._by_pk[unit_id]

    def liaison(self, unit_code: str) -> User:
        return self.people[unit_code]

    def person(self, account: User) -> User:
        """The same as the story knows it, with unit and roles at hand."""
        return self.people[account.username.removeprefix(self.scene.prefix)]


def moment_on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=SHANGHAI)
