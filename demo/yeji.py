"""The second district of the demo, 六安市叶集区: smaller, by the month, with a leader's instruction before every dispatch."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from accounts.models import Official, Unit, User
from core import clock
from demo import assignments, officers, papers
from demo import weeks as reporting
from demo.assignments import Patron
from demo.bulletins import Bulletins
from demo.cases import TOKENS, Case
from demo.data import counter, visits
from demo.data import yeji as words
from demo.data.firms import BRAND_FIRST, BRAND_SECOND
from demo.data.people import FIRM_POSTS, SHOP_POSTS
from demo.lives import live
from demo.people import invented_name, leaders, mobile
from demo.plots import BRISK, usual
from demo.wording import blanks, is_shop
from demo.world import Firm, Story, World, moment_on
from districts.models import Region
from enterprises.models import Enterprise, Tier
from enterprises.services import create_enterprise, create_project
from enterprises.uscc import check_character
from liaisons.permissions import VISITING
from liaisons.services.event_records import Came, record_held
from liaisons.services.event_rules import Plan
from liaisons.services.event_tasks import add_task, complete_task
from liaisons.services.events import announce, plan_event, set_duties
from portal.visit_sitting import HeardOpinion, Problem, Subject, record_sitting

LARGE, SMALL = 64, 150
PER_WORKDAY = 1.2
CHANNELS = {
    "portal": 40,
    "service_window": 20,
    "monitor_line": 10,
    "hotline": 8,
    "chamber": 8,
    "stuck_window": 6,
    "promise_line": 4,
}
TURNS = frozenset({"asked_firm", "extended", "on_file", "withdrawn", "turned_back", "instructed"})
"""What may happen on the way here; the words of the others are those of the first district."""
VISITS_DONE = 0.9
"""Of what a month owes; the rest is behind."""
PLACE_OF_TALKS = "区政务服务中心三楼会议室"


def tell(world: World, patron: Patron) -> None:
    for moment, story in (*_visits(world, patron), *_arrivals(world), *_talks(world), *_today(world)):
        world.tell(moment, story)
    for n, fair in enumerate(words.FAIRS):
        day = world.calendar.add(world.today, -fair.days)
        planned = world.in_office(world.rng("fair", n), world.calendar.add(day, -5))
        if planned > world.start:
            world.tell(planned, _fair(world, fair, day, n))
    for moment, story in (*Bulletins(world), *reporting.tell_weeks(world)):
        world.tell(moment, story)


# --- Firms ----------------------------------------------------------------------------------------


class _Registrar:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("roster")
        self.by = world.people["dispatcher"]
        self.regions = list(Region.objects.filter(parent=world.district).order_by("pk"))
        self.number = 0
        self.taken: set[str] = set()

    def brand(self) -> str:
        while True:
            brand = self.rng.choice(BRAND_FIRST) + self.rng.choice(BRAND_SECOND)
            if brand not in self.taken:
                self.taken.add(brand)
                return brand

    def place(self) -> tuple[Region, str]:
        region = self.rng.choices(self.regions, [words.WEIGHTS[region.name] for region in self.regions])[0]
        return (
            region,
            f"{region.name}{self.rng.choice(words.PLACES[region.name])}{self.rng.randint(1, 188)}号",
        )

    def contact(self, posts: tuple[str, ...]) -> dict[str, Any]:
        self.number += 1
        return {
            "contact_name": "".join(invented_name(self.rng)),
            "contact_post": self.rng.choice(posts),
            "contact_phone": mobile(self.rng, 6000 + self.number),
        }

    def firm(self, tier: str) -> Enterprise:
        region, address = self.place()
        shop = tier == Tier.SMALL and self.rng.random() < 0.4
        if shop:
            word, industry = self.rng.choice(words.SHOPS)
            name, products, unit = f"叶集区{region.name}{self.brand()}{word}", "", "swj"
        else:
            word, industry, products, unit = self.rng.choice(words.TRADES)
            name = f"六安市叶集区{self.brand()}{word}有限公司"
        code = f"9{'2' if shop else '1'}341504MA{self.number:07d}"
        return create_enterprise(
            by=self.by,
            region=region,
            name=name,
            tier=tier,
            credit_code=code + check_character(code),
            industry=industry,
            size_class="small" if tier == Tier.ABOVE_SCALE else "micro",
            competent_unit=self.world.units[unit],
            address=address,
            legal_person="".join(invented_name(self.rng)),
            main_products=products,
            **self.contact(SHOP_POSTS if shop else FIRM_POSTS),
        )


def fill_roster(world: World) -> None:
    registrar = _Registrar(world)
    world.firms = [registrar.firm(Tier.ABOVE_SCALE) for _ in range(world.times(LARGE))]
    world.firms += [registrar.firm(Tier.SMALL) for _ in range(world.times(SMALL))]
    park = next(region for region in registrar.regions if region.level == Region.Level.PARK)
    for name in words.PROJECTS:
        project = create_project(
            by=registrar.by,
            region=park,
            name=name,
            owner_name=f"六安市叶集区{registrar.brand()}家居有限公司",
            industry="C",
            competent_unit=world.units["kfq"],
            address=f"叶集经济开发区{registrar.rng.choice(words.PLACES[park.name])}",
            **registrar.contact(("项目经理",)),
        )
        world.projects.append(project)


def hand_out(world: World, moment: datetime) -> Patron:
    """包联: everybody's firms, and the liaison officers of the units."""
    patron = assignments.hand_out(world, moment)
    officers.appoint(world, moment + timedelta(hours=3))
    return patron


# --- “千名干部联万企”: once a month ----------------------------------------------------------------


def _visits(world: World, patron: Patron) -> Iterator[tuple[datetime, Story]]:
    by_month: dict[tuple[int, int], list[date]] = {}
    for day in world.workdays():
        by_month.setdefault((day.year, day.month), []).append(day)
    for month, days in sorted(by_month.items()):
        for pk, official in sorted(patron.officials.items()):
            rng = world.rng("visits", *month, patron_place(patron, pk))
            for n, firm in enumerate(patron.firms_of[pk]):
                if firm.pk and getattr(firm, "tier", "") == Tier.SMALL and rng.random() > 0.06:
                    continue
                if rng.random() < VISITS_DONE:
                    day = rng.choice(days)
                    yield world.in_office(rng, day), _visit(world, rng, official, firm, f"{month}:{pk}:{n}")


def patron_place(patron: Patron, pk: int) -> int:
    """The official's place in the list: ids differ from database to database, chances must not."""
    return sorted(patron.officials).index(pk)


def _visit(world: World, rng: Random, official: Official, firm: Firm, name: str) -> Story:
    post = official.post_on(clock.today())
    if post is None:
        return
    occurred_at = clock.now()
    yield world.shortly(rng)
    theme = world.rules.visits.theme_of(occurred_at.date())
    seen = rng.choice([text for text in visits.FINDINGS if "季度" not in text and "铜" not in text])
    findings = seen.format(**blanks(rng, firm)) + (
        f"按{theme.month}月主题宣传政策、了解需求。" if theme else ""
    )
    sitting = record_sitting(
        by=_recorder(world, official, post.unit, firm),
        subject=Subject.on_roster(firm),
        reporting_unit=post.unit,
        kind=rng.choices(("visit", "onsite", "phone"), (80, 8, 12))[0],
        occurred_at=occurred_at,
        officials=[official],
        findings=findings,
        channel="assignment_visit",
        problems=_problems(world, rng, firm, name),
        opinions=[HeardOpinion(content=rng.choice(visits.OPINIONS[:4]), handling="heard")]
        if rng.random() < 0.12
        else [],
        key=f"{TOKENS}yj:{name}",
    )
    for appeal in sitting.appeals:
        if not appeal.is_final:
            case = _case(world, firm, f"v:{name}")
            case.appeal = appeal
            world.tell(clock.now() + timedelta(minutes=1), live(case))


def _recorder(world: World, official: Official, unit: Unit, firm: Firm) -> User:
    """The cadre, where he signs in; else the liaison of the unit, if the firm lies in its region; else the bureau."""
    accounts = (user for user in world.people.values() if user.official_id == official.pk)
    own = next(accounts, None)
    if own is not None and own.has_role(*VISITING):
        return own
    return world.liaison(unit.code) if unit.region.contains(firm.region) else world.people["dispatcher"]


def _problems(world: World, rng: Random, firm: Firm, name: str) -> list[Problem]:
    if rng.random() > 0.16:
        return []
    if is_shop(firm) or rng.random() < 0.5:
        question = rng.choice([one for one in counter.QUESTIONS if one.category in _categories(world)])
        return [
            Problem(
                solved=True, category=question.category, content=question.content,
                contact_name=firm.contact_name, contact_phone=firm.contact_phone, answer=question.answer,
                basis=question.basis, signature=papers.signature(rng),
            )
        ]  # fmt: skip
    case = _case(world, firm, f"v:{name}")
    return [Problem(solved=False, attachments=[], **case.what())]


def _categories(world: World) -> set[str]:
    return set(world.rules.codes("categories"))


# --- Appeals --------------------------------------------------------------------------------------


def _case(world: World, firm: Firm, name: str) -> Case:
    own = world.rng("case", name)
    case = Case(world, own, firm, f"yj:{name}")
    plot = usual(own)
    if plot.ending in {"offered", "decline_waits"}:
        plot = replace(plot, ending="closed")
    case.plot = replace(plot, turn=plot.turn if plot.turn in TURNS else "", files=False)
    return case


def _arrivals(world: World) -> Iterator[tuple[datetime, Story]]:
    for day in world.workdays():
        days = (day - world.today).days
        rng = world.rng("arrivals", days)
        number = PER_WORKDAY * world.scale
        for n in range(int(number) + (rng.random() < number % 1)):
            own = world.rng("arrival", days, n)
            firms = [firm for firm in world.firms if (firm.tier == Tier.ABOVE_SCALE) == (own.random() < 0.7)]
            case = _case(world, own.choice(firms), f"{days}:{n}")
            channel = own.choices(list(CHANNELS), list(CHANNELS.values()))[0]
            yield world.in_office(own, day), _comes_in(world, case, channel)


def _comes_in(world: World, case: Case, channel: str) -> Story:
    people = world.people
    if channel == "portal":
        case.submit(channel)
    elif channel in {"service_window", "stuck_window", "monitor_line"}:
        case.register(people["window"], channel)
    elif channel == "chamber":
        case.register(people["gsl"], channel)
    elif channel == "promise_line":
        case.register(people["qzfb"], channel)
    else:
        case.register(people["dispatcher"], channel)
    yield from live(case)


def _today(world: World) -> Iterator[tuple[datetime, Story]]:
    """Something on everybody's desk this morning."""
    large = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE]
    steps = (
        (1, BRISK, "accept", ""), (1, BRISK, "accept", ""), (2, BRISK, "instruct", ""), (1, BRISK, "instruct", ""),
        (3, BRISK, "feedback", "rsj"), (9, BRISK, "feedback", "rsj"), (2, BRISK, "sign", "rsj"),
        (6, replace(BRISK, handle=(1, 2)), "revisit", "rsj"), (4, BRISK, "feedback", "kfq"),
        (10, BRISK, "feedback", "yaoli"), (8, replace(BRISK, handle=(1, 2), revisit=(1, 1)), "second_revisit", "jrj"),
    )  # fmt: skip
    for n, (days, plot, before, lead) in enumerate(steps):
        rng = world.rng("today", n)
        case = Case(world, rng, rng.choice(large), f"yj:today:{n}")
        case.plot = replace(plot, stops_before=before, lead=lead, provincial=False)
        day = world.calendar.add(world.next_workday, -days)
        yield moment_on(day, time(8, 40 + n)), _comes_in(world, case, "portal")


# --- “企业恳谈会”: a topic a month -----------------------------------------------------------------


def _talks(world: World) -> Iterator[tuple[datetime, Story]]:
    """Those of the months behind, held; the one ahead, announced."""
    day, number = world.workdays()[6], 0
    last = world.calendar.add(world.next_workday, 8)
    while day <= last:
        planned = max(
            world.start + timedelta(hours=1),
            world.in_office(world.rng("talk", number), world.calendar.add(day, -6)),
        )
        if planned <= world.end:
            yield planned, _talk(world, day, number)
        day, number = world.calendar.add(day, 21), number + 1


def _fair(world: World, fair: words.Fair, day: date, number: int) -> Story:
    """招聘会、银企对接会: announced, held, and counted with the needs lists."""
    rng, by = world.rng("fair", number, "story"), world.liaison(fair.unit)
    starts_at = moment_on(day, time(9))
    event = plan_event(
        by=by,
        plan=Plan(
            kind=fair.kind, title=fair.title, topic="", starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3), organiser=world.units[fair.unit], place=fair.place,
            leader=None, units=[world.units["kfq"]],
        ),
    )  # fmt: skip
    yield world.shortly(rng)
    announce(by=by, event=event)
    yield event.ends_at + timedelta(minutes=30)
    firms = rng.sample(world.firms, min(fair.firms, len(world.firms)))
    came = [Came(enterprise=firm, attendee=firm.contact_name, title=firm.contact_post) for firm in firms]
    record_held(by=by, event=event, minutes=fair.minutes, came=came, present=[], papers=[])


def _talk(world: World, day: date, number: int) -> Story:
    rng, by = world.rng("talk", number, "story"), world.people["dispatcher"]
    topic = next((topic for topic in world.rules.events.topics if topic.month == day.month), None)
    heads = [
        one
        for one in leaders(world)
        if (post := one.post_on(clock.today())) and post.rank_group == "district_leaders"
    ]
    starts_at = moment_on(day, time(15))
    units = [
        world.units[code] for code in rng.sample(("kjjxj", "rsj", "jrj", "czj", "zrzy", "scjg", "kfq"), 3)
    ]
    event = plan_event(
        by=by,
        plan=Plan(
            kind="talk",
            title=topic.title if topic else "企业恳谈会",
            topic=topic.text if topic else "",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            organiser=by.unit,
            place=PLACE_OF_TALKS,
            leader=heads[number % len(heads)],
            units=units,
        ),
    )  # fmt: skip
    yield world.shortly(rng)
    announce(by=by, event=event)
    set_duties(by=by, event=event, officials=world.officials["ysb"][:2])
    yield event.ends_at + timedelta(minutes=30)
    large = [firm for firm in world.firms if firm.tier == Tier.ABOVE_SCALE]
    firms = rng.sample(large, min(6, len(large)))
    record_held(
        by=by,
        event=event,
        minutes="与会企业围绕主题反映用工、融资和道路配套问题，能答复的现场答复，其余现场交办并明确时限。",
        came=[Came(enterprise=firm, attendee=firm.contact_name, title=firm.contact_post) for firm in firms],
        present=[duty.official for duty in event.duties.select_related("official")],
        papers=[],
    )
    case = _case(world, firms[0], f"talk:{number}")
    case.register(by, "talk", service_event=event.pk)
    world.tell(clock.now() + timedelta(minutes=1), live(case))
    task = add_task(
        by=by, event=event, content=f"研究解决{firms[1].name}反映的配套道路问题，提出方案报区营商办。",
        unit=units[0], due=world.calendar.add(day, 15),
    )  # fmt: skip
    done = world.in_office(rng, world.calendar.add(day, 12))
    if done <= world.end:
        yield done
        complete_task(
            by=world.liaison(units[0].code), task=task, result="已现场会商，方案报区营商办并告知企业。"
        )
