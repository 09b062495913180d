"""助企活动: service days every Saturday in turn, talks and tea talks with what was decided, and what is announced."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.models import Official, Unit, User
from core import clock
from demo.cases import Case
from demo.data import events as words
from demo.data.events import Decided, Meeting
from demo.lives import live
from demo.people import leaders
from demo.plots import usual
from demo.wording import is_shop
from demo.world import Firm, Story, World, moment_on
from enterprises.models import Enterprise, Tier
from liaisons.models import EventTask, Opinion, ServiceEvent
from liaisons.services.event_records import Came, Heard, Papers, record_held
from liaisons.services.event_rules import Plan
from liaisons.services.event_tasks import add_task, complete_task
from liaisons.services.events import announce, cancel, plan_event, set_duties
from policies.models import Policy

SATURDAYS_AHEAD = 5
PLANNED_BEFORE, ANNOUNCED_BEFORE = 25, 8
"""In working days. The next Saturday, and mostly the one after, are announced; those behind are only planned."""
COMPANIONS = ("rsj", "czj", "kjj", "swju", "zjj", "jtys", "scjg")


class Happenings:
    def __init__(self, world: World, policies: list[Policy]) -> None:
        self.world, self.policies = world, policies
        self.organisers = [unit for unit in world.units.values() if unit.kind in {"park", "township"}]
        self.first = max(world.start, moment_on(world.workdays()[0], time(14, 0)))

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        past = world.saturdays()
        ahead = (5 - world.today.weekday()) % 7
        coming = [world.today + timedelta(days=ahead + 7 * week) for week in range(SATURDAYS_AHEAD)]
        for number, day in enumerate([*past, *coming]):
            rng = world.rng("service day", (day - world.today).days)
            planned = max(self.first, world.in_office(rng, world.calendar.add(day, -PLANNED_BEFORE)))
            yield planned, self._service_day(rng, day, number, is_latest=day == past[-1])
        for number, meeting in enumerate(words.MEETINGS):
            rng = world.rng("meeting", number)
            day = world.calendar.add(world.next_workday, meeting.days)
            early = world.in_office(rng, world.calendar.add(min(day, world.today), -7))
            planned = max(self.first, early)
            if clock.local_date(planned) <= world.calendar.add(day, -2):
                yield planned, self._meeting(rng, day, meeting, f"meeting:{number}")

    # --- Saturdays --------------------------------------------------------------------------------

    def _service_day(self, rng: Random, day: date, number: int, is_latest: bool) -> Story:
        world = self.world
        unit = self.organisers[number % len(self.organisers)]
        liaison = world.liaison(unit.code)
        event = plan_event(
            by=world.people["dispatcher"],
            plan=Plan(
                kind="saturday",
                topic=words.SATURDAY_TOPICS[number % len(words.SATURDAY_TOPICS)],
                starts_at=moment_on(day, time(9)),
                ends_at=moment_on(day, time(11, 30)),
                organiser=unit,
                place=words.SATURDAY_PLACE.format(unit=unit.short_name),
                leader=self._leader(number),
                units=self._units(rng),
            ),
        )
        world.service_days[day] = event.pk
        announced = world.in_office(rng, world.calendar.add(day, -ANNOUNCED_BEFORE))
        yield max(clock.now() + timedelta(minutes=20), announced)
        announce(by=liaison, event=event)
        set_duties(by=liaison, event=event, officials=world.officials[unit.code][:4])
        same_day = moment_on(day, time(11, 35)) + timedelta(minutes=rng.randint(0, 50))
        if is_latest or rng.random() < 0.3:
            yield world.in_office(rng, world.calendar.add(day, 1))
        else:
            yield same_day
        came = self._firms(rng, unit, rng.randint(3, 7))
        record_held(
            by=liaison,
            event=event,
            minutes=rng.choice(words.SATURDAY_MINUTES).format(n=len(came)),
            came=[self._came(firm) for firm in came],
            present=self._present(rng, event),
            papers=[
                Papers(policy=rng.choice(self.policies), copies=1, to_each=True),
                Papers(policy=None, copies=rng.randint(5, 20), to_each=False),
            ],
        )

    # --- Meetings ---------------------------------------------------------------------------------

    def _meeting(self, rng: Random, day: date, meeting: Meeting, name: str) -> Story:
        world = self.world
        unit = world.units[meeting.unit]
        by = world.liaison(unit.code)
        starts_at = moment_on(day, time(meeting.hour))
        event = plan_event(
            by=by,
            plan=Plan(
                kind=meeting.kind,
                title=meeting.title,
                topic=meeting.topic,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                organiser=unit,
                place=meeting.place,
                leader=self._leader(len(meeting.topic)),
                units=self._units(rng),
                notes="会前向拟邀请企业收集诉求，送参会单位提前研究。",
            ),
        )
        kind = world.rules.find("event_kinds", meeting.kind)
        assert kind is not None
        if kind.public:
            yield world.later(rng, 1, 1)
            announce(by=by, event=event)
        set_duties(by=by, event=event, officials=world.officials[unit.code][:2])
        if meeting.cancelled:
            yield world.later(rng, 2, 3)
            cancel(by=by, event=event, reason=meeting.cancelled)
            return
        yield starts_at + timedelta(minutes=rng.randint(20, 90))
        self._appeal(rng, event, by, kind.channel, name)
        yield max(clock.now(), event.ends_at) + timedelta(minutes=rng.randint(10, 25))
        self._record(rng, event, by, meeting)
        for decided in meeting.decided:
            task = self._decide(event, by, day, decided)
            if decided.done is not None:
                moment = world.in_office(rng, world.calendar.add(day, decided.done))
                world.tell(moment, self._complete(task, decided))

    def _record(self, rng: Random, event: ServiceEvent, by: User, meeting: Meeting) -> None:
        heard = [Heard(content=meeting.opinion, handling=Opinion.Handling.HEARD)] if meeting.opinion else []
        record_held(
            by=by,
            event=event,
            minutes=meeting.minutes,
            came=[self._came(firm) for firm in self._firms(rng, event.organiser, rng.randint(5, 9))],
            present=self._present(rng, event),
            papers=[Papers(policy=rng.choice(self.policies), copies=1, to_each=True)],
            opinions=heard,
        )

    def _decide(self, event: ServiceEvent, by: User, day: date, decided: Decided) -> EventTask:
        world = self.world
        due = world.calendar.add(day, decided.due)
        return add_task(by=by, event=event, content=decided.content, unit=world.units[decided.unit], due=due)

    def _complete(self, task: EventTask, decided: Decided) -> Story:
        complete_task(by=self.world.liaison(decided.unit), task=task, result=decided.result)
        return
        yield

    def _appeal(self, rng: Random, event: ServiceEvent, by: User, channel: str, name: str) -> None:
        """One firm hands in what cannot be settled there and then."""
        firm = self._firms(rng, event.organiser, 1)[0]
        case = Case(self.world, rng, firm, name)
        case.plot = usual(rng)
        case.register(by, channel, service_event=event.pk)
        self.world.tell(clock.now() + timedelta(minutes=1), live(case))

    # --- Who --------------------------------------------------------------------------------------

    def _leader(self, number: int) -> Official:
        """The district's leaders take turns."""
        today = clock.today()
        people = [
            official
            for official in leaders(self.world)
            if (post := official.post_on(today)) and post.rank_group == "district_leaders"
        ]
        return people[number % len(people)]

    def _units(self, rng: Random) -> list[Unit]:
        known = [code for code in COMPANIONS if code in self.world.units]
        return [self.world.units[code] for code in rng.sample(known, 3)]

    def _firms(self, rng: Random, unit: Unit, number: int) -> list[Enterprise]:
        """Firms of the place, or of the whole district for a department; not shops."""
        near = [firm for firm in self.world.firms if unit.region.contains(firm.region) and not is_shop(firm)]
        firms = near or [firm for firm in self.world.firms if firm.tier == Tier.ABOVE_SCALE]
        return rng.sample(firms, min(number, len(firms)))

    def _came(self, firm: Firm) -> Came:
        assert isinstance(firm, Enterprise)
        return Came(enterprise=firm, attendee=firm.contact_name, title=firm.contact_post)

    def _present(self, rng: Random, event: ServiceEvent) -> list[Official]:
        duties = event.duties.select_related("official").order_by("pk")
        return [duty.official for duty in duties if rng.random() < 0.93]
