"""Builds the demo's district from its profile to this morning, the same every time for the same day."""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import Official, Unit, User
from appeals.defaults import apply_due
from appeals.models import (
    Appeal,
    BacklogItem,
    Cluster,
    DuplicateHint,
    Event,
    Improvement,
    ListedSupervision,
    Phrase,
    ProvincialResult,
    SavedFilter,
    SupervisionLetter,
)
from appeals.reminders import remind_due
from campaigns.models import Commitment, FinancingNeed, JobOpening, JobSeeker
from campaigns.satisfaction.reminders import keep_satisfaction
from core import clock
from core.models import FormToken
from demo import arrivals, assignments, documents, officers, people, roster, yeji
from demo import weeks as reporting
from demo.backlog import Backlog
from demo.bulletins import Bulletins
from demo.campaigns import Campaigns
from demo.cases import TOKENS
from demo.clusters import Clusters
from demo.commitments import Commitments
from demo.data import yeji as yeji_words
from demo.desk_aids import DeskAids
from demo.events import Happenings
from demo.grades import Grading, seasons
from demo.matching import Matching, fill_facts, set_conditions
from demo.needs import Needs
from demo.opinions import Opinions
from demo.plaques import Plaques
from demo.policies import Publicity, make_policies
from demo.provincial import Results
from demo.rotas import Rotas
from demo.rotas import counts as rota_counts
from demo.satisfaction import Satisfaction
from demo.satisfaction import counts as satisfaction_counts
from demo.scenes import TONGLING, YEJI
from demo.supervising import Supervising
from demo.typical_cases import TypicalCases
from demo.versions import versions
from demo.visiting import Visiting
from demo.world import ENDS_AT, WEEKS, Story, World, moment_on
from demo.yearly import fill_years
from districts.models import Region
from districts.workdays import SHANGHAI
from enterprises.models import Enterprise, Project, Tier
from liaisons import event_reminders
from liaisons.models import (
    Assignment,
    Attendance,
    EventTask,
    LiaisonOfficer,
    Opinion,
    Plaque,
    ServiceEvent,
    Visit,
    VisitRequest,
)
from notifications.models import Notice
from policies.models import Claim, HandOut, NewsItem, Payment, Policy, PolicyList
from reports import reminders
from reports.exports import engine
from reports.exports.tables import ALL_TABLES, params_of, title_of
from reports.models import AssessmentLine, Bulletin, Case, Document, ReportingPeriod, SituationTable
from reports.public_figures import publish_due

DISTRICT = TONGLING.district
PREPARED_BEFORE = timedelta(days=24)
"""Accounts, roster and assignments are there so long before the first appeal."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    counts: dict[str, int]

    def __str__(self) -> str:
        return "\n".join(f"  {number:>6,}  {label}" for label, number in self.counts.items())


def default_today() -> date:
    """Today, or yesterday as long as the office has not opened: nothing may lie in the future."""
    now = clock.now().astimezone(SHANGHAI)
    return now.date() if now.time() >= ENDS_AT else now.date() - timedelta(days=1)


def seed(*, today: date, scale: float = 1.0, weeks: int = WEEKS, say: Say = print) -> Summary:
    """All or nothing, in one transaction."""
    # Nothing of what is made here lives in cycles, and looking for them takes a good part of the time.
    gc.disable()
    try:
        with transaction.atomic():
            steps = _Steps(say)
            _build(World(today, Region.objects.get(code=DISTRICT), scale, weeks), steps)
            # The second district, where its profile is loaded too.
            second = Region.objects.filter(code=YEJI.district, profiles__isnull=False).first()
            if second is not None:
                _build_second(World(today, second, scale, weeks, YEJI), steps)
            return Summary(_counts())
    finally:
        gc.enable()


def _settle(world: World, steps: "_Steps") -> datetime:
    """Units and people; returns when they were there."""
    units = (
        Unit.objects.of_district(world.district).select_related("region", "district").order_by("order", "pk")
    )
    world.units = {unit.code: unit for unit in units}
    prepared = world.in_office(
        world.rng("prepared"), world.calendar.add((world.start - PREPARED_BEFORE).date(), 1)
    )
    with clock.at(prepared):
        people.populate(world)
        people.load_people(world)
        people.make_operator(world)
        world.settle()
    steps.done(
        f"{world.district}: {len(world.people)} accounts, {sum(map(len, world.officials.values()))} officials"
    )
    return prepared


def _build(world: World, steps: "_Steps") -> None:
    prepared = _settle(world, steps)
    roster.fill(world, prepared + timedelta(hours=1))
    steps.done(f"{len(world.firms)} enterprises, {len(world.projects)} projects")
    with clock.at(prepared + timedelta(days=3)):
        policies = make_policies(world)
        fill_years(world)
        fill_facts(world)
        set_conditions(world, policies)
    seasons(world)
    patron = assignments.hand_out(world, prepared + timedelta(days=3))
    steps.done(f"{Assignment.objects.count()} assignments by {len(patron.officials)} cadres")
    officers.appoint(world, prepared + timedelta(days=4))
    for moment, story in (*assignments.moves(world, patron), *officers.moves(world), *versions(world)):
        world.tell(moment, story)
    for moment, story in Happenings(world, policies):
        world.tell(moment, story)
    for moment, story in (
        *arrivals.Arrivals(world),
        *Visiting(world, patron, [policy for policy in policies if policy.public]),
    ):
        world.tell(moment, story)
    for moment, story in (*Publicity(world, policies), *Opinions(world), *Backlog(world), *Grading(world)):
        world.tell(moment, story)
    for moment, story in (*Commitments(world), *Matching(world, policies), *Rotas(world)):
        world.tell(moment, story)
    for moment, story in Supervising(world):
        world.tell(moment, story)
    for moment, story in (*Plaques(world), *Results(world), *DeskAids(world)):
        world.tell(moment, story)
    for moment, story in (*Needs(world), *Satisfaction(world)):
        world.tell(moment, story)
    for moment, story in (*Clusters(world), *TypicalCases(world)):
        world.tell(moment, story)
    for moment, story in (*Campaigns(world), *Bulletins(world)):
        world.tell(moment, story)
    for moment, story in (*reporting.tell_weeks(world), *_office_days(world)):
        world.tell(moment, story)
    world.run(_every_two_weeks(steps))
    steps.done(f"{documents.give_out(world)} official documents")
    _this_morning(world)
    steps.done("This morning")
    FormToken.objects.filter(key__startswith=TOKENS).delete()
    people.give_addresses(world)


def _build_second(world: World, steps: "_Steps") -> None:
    prepared = _settle(world, steps)
    with clock.at(prepared + timedelta(hours=1)):
        yeji.fill_roster(world)
    with clock.at(prepared + timedelta(days=3)):
        policies = make_policies(world, yeji_words.POLICIES, ended=None)
        fill_facts(world)
        set_conditions(world, policies)
    seasons(world)
    patron = yeji.hand_out(world, prepared + timedelta(days=3))
    yeji.tell(world, patron)
    for moment, story in Matching(world, policies):
        world.tell(moment, story)
    for moment, story in (*Campaigns(world), *Grading(world), *Commitments(world), *Rotas(world)):
        world.tell(moment, story)
    for moment, story in (*Needs(world), *Satisfaction(world), *Clusters(world)):
        world.tell(moment, story)
    for moment, story in _office_days(world):
        world.tell(moment, story)
    world.run(_every_two_weeks(steps))
    _this_morning(world)
    FormToken.objects.filter(key__startswith=TOKENS).delete()
    steps.done(f"{world.district} as it stands this morning")


class _Steps:
    def __init__(self, say: Say) -> None:
        self.say, self.began = say, time.monotonic()

    def done(self, what: str) -> None:
        self.say(f"{time.monotonic() - self.began:6.1f} s  {what}")


def _every_two_weeks(steps: _Steps) -> Callable[[date], None]:
    told: list[date] = []

    def progress(day: date) -> None:
        if not told or day - told[-1] >= timedelta(days=14):
            told.append(day)
            steps.done(f"{day}: {Appeal.objects.count()} appeals, {Visit.objects.count()} visits")

    return progress


# --- Every day ------------------------------------------------------------------------------------


def _office_days(world: World) -> Iterator[tuple[datetime, Story]]:
    """Reminders when the office opens; what came in the day before has been read by then."""
    for day in world.workdays():
        opening = moment_on(day, world.rules.office_hours.start)
        yield opening + timedelta(seconds=30), _reminded(world)
        yield opening + timedelta(minutes=30), _read(opening)


def _reminded(world: World) -> Story:
    apply_due()
    remind_due()
    event_reminders.remind(world.district)
    keep_satisfaction(world.district)
    return
    yield


def _read(before: datetime) -> Story:
    Notice.objects.unread().filter(created_at__lt=before).update(read_at=clock.now())
    return
    yield


def _this_morning(world: World) -> None:
    with clock.at(world.end):
        assignments.plan_visits(world)
        if world.calendar.is_workday(world.today):
            remind_due()
            event_reminders.remind(world.district)
            keep_satisfaction(world.district)
        reminders.remind(world.district)
        publish_due(world.district)
        _export_last_week(world)


def _export_last_week(world: World) -> None:
    """What the dispatcher ordered and has not fetched yet."""
    last = (
        ReportingPeriod.objects.filter(district=world.district, end__lte=world.end).order_by("-end").first()
    )
    if last is not None:
        ordered = engine.order(
            kind=ALL_TABLES.code,
            by=world.people["dispatcher"],
            title=title_of(last),
            params=params_of(last),
            key="demo",
        )
        engine.make(ordered)


# --- What there is now ----------------------------------------------------------------------------


def _counts() -> dict[str, int]:
    by_status = {
        f"appeals {status}": Appeal.objects.filter(status=status).count()
        for status in sorted(set(Appeal.objects.values_list("status", flat=True)))
    }
    return {
        "enterprises above scale": Enterprise.objects.filter(tier=Tier.ABOVE_SCALE).count(),
        "projects": Project.objects.count(),
        "small enterprises": Enterprise.objects.filter(tier=Tier.SMALL).count(),
        "officials": Official.objects.count(),
        "accounts": User.objects.filter(is_system=False).count(),
        "assignments": Assignment.objects.count(),
        "visits": Visit.objects.count(),
        "opinions": Opinion.objects.count(),
        "opinions not answered": Opinion.objects.filter(answered_at__isnull=True).count(),
        "liaison officers": LiaisonOfficer.objects.in_force().count(),
        "policies": Policy.objects.count(),
        "hand-outs": HandOut.objects.count(),
        "payments": Payment.objects.count(),
        "news items": NewsItem.objects.count(),
        "plaques in force": Plaque.objects.in_force().count(),
        "plaques to replace": Plaque.objects.to_replace().count(),
        "visits asked for": VisitRequest.objects.count(),
        "service events": ServiceEvent.objects.count(),
        "firms that came to them": Attendance.objects.count(),
        "decisions not carried out": EventTask.objects.open().count(),
        "appeals": Appeal.objects.count(),
        "answers of the province": ProvincialResult.objects.count(),
        **by_status,
        "commitments": Commitment.objects.count(),
        "of these kept": Commitment.objects.filter(state="kept").count(),
        "claims under policies": Claim.objects.count(),
        "policy lists": PolicyList.objects.count(),
        "problems left undone": BacklogItem.objects.exclude(state="removed").count(),
        "of these solved": BacklogItem.objects.filter(state="cleared").count(),
        **{
            f"supervision letters {state}": SupervisionLetter.objects.filter(state=state).count()
            for state in SupervisionLetter.State.values
        },
        "listed cases in force": ListedSupervision.objects.in_force().count(),
        "delisted cases": ListedSupervision.objects.exclude(delisted_at=None).count(),
        "events": Event.objects.count(),
        "kinds of problems": Cluster.objects.active().count(),
        "improvements taken on": Improvement.objects.count(),
        "appeals brought twice": DuplicateHint.objects.count(),
        "saved filters": SavedFilter.objects.count(),
        "phrases": Phrase.objects.count(),
        **{f"typical cases {state}": Case.objects.filter(state=state).count() for state in Case.State.values},
        "weekly tables": SituationTable.objects.count(),
        **{
            f"bulletins {state}": Bulletin.objects.filter(state=state).count()
            for state in Bulletin.State.values
        },
        **satisfaction_counts(),
        "units in the yearly assessment": AssessmentLine.objects.count(),
        "openings": JobOpening.objects.count(),
        "seekers": JobSeeker.objects.count(),
        "financing needs": FinancingNeed.objects.count(),
        "official documents": Document.objects.count(),
        **rota_counts(),
        "notices": Notice.objects.count(),
        "notices not read": Notice.objects.unread().count(),
    }
