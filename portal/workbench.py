"""今日必办: what the user owes today, gathered from all rooms. Empty when the day's work is done."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts.models import Role, Unit, User
from appeals import queues
from appeals.backlog_rules import has_a_part
from appeals.models import Appeal, BacklogItem, Deadline, Improvement
from appeals.supervision import letters_on_desk
from campaigns.models import Commitment, ConductRemark, LowRating
from campaigns.needs.desk import Duty, duties_of
from campaigns.rotas.desk import errands
from campaigns.satisfaction.permissions import may_rule
from campaigns.satisfaction.querysets import MANAGERS
from core import clock
from core.counting import numbers_of
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.change_reports import may_decide
from enterprises.grades.permissions import CONFIRMING, GRADING
from enterprises.models import ChangeReport, GradeObjection, GradeRecord
from liaisons.models import EventTask, Opinion, ServiceEvent, VisitPlan
from liaisons.permissions import LEADING, OVERSEEING_EVENTS
from liaisons.selectors import my_counts
from reports.models import SituationTable

SHOWN = 30
SOON = timedelta(days=3)
TABLE_SOON = timedelta(days=1)
"""The weekly table is on the desk from the day before it is due."""


@dataclass
class Workbench:
    leads: bool = False
    """Reads first where the district is stuck."""
    must_do: list[Deadline] = field(default_factory=list)
    must_do_count: int = 0
    overdue_count: int = 0
    countersign: list[Appeal] = field(default_factory=list)
    signatures: list[Appeal] = field(default_factory=list)
    instructions: list[Appeal] = field(default_factory=list)
    closable: list[Appeal] = field(default_factory=list)
    open_tables: list[SituationTable] = field(default_factory=list)
    events_to_record: list[ServiceEvent] = field(default_factory=list)
    event_tasks: list[EventTask] = field(default_factory=list)
    backlog: list[BacklogItem] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    needs: list[Duty] = field(default_factory=list)
    """What the needs lists ask for: lists to confirm and publish, needs to check, hand on and answer."""
    improvements: list[Improvement] = field(default_factory=list)
    change_reports: int = 0
    my_firms: int = 0
    my_behind: int = 0
    my_requests: int = 0
    my_plans: list[VisitPlan] = field(default_factory=list)
    opinions: int = 0
    letters: int = 0
    letters_late: int = 0
    letter_drafts: int = 0
    low_ratings: list[LowRating] = field(default_factory=list)
    """Low ratings that the unit has to answer, and appeals against them to rule on."""
    conduct: int = 0
    """Remarks on conduct: how many wait, and nothing of them."""
    grades_to_confirm: int = 0
    grade_objections: int = 0
    errands: list[tuple[str, str]] = field(default_factory=list)
    """Of rotas, windows and what units hand in every month: the words and where it is done."""

    @property
    def is_done(self) -> bool:
        return not (
            self.must_do
            or self.countersign
            or self.signatures
            or self.instructions
            or self.closable
            or self.open_tables
            or self.events_to_record
            or self.event_tasks
            or self.backlog
            or self.commitments
            or self.needs
            or self.improvements
            or self.change_reports
            or self.my_requests
            or self.letters
            or self.letter_drafts
            or self.low_ratings
            or self.conduct
            or self.grades_to_confirm
            or self.grade_objections
            or self.errands
            or any(plan.day <= clock.today() for plan in self.my_plans)
        )


def workbench(user: User) -> Workbench:
    """A constant number of queries, whatever the user's roles."""
    bench = Workbench()
    if user.unit is None or user.unit_id is None:
        return bench
    counted: dict[str, QuerySet] = {}
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    must_do = queues.must_do_today(user)
    bench.must_do = list(must_do[:SHOWN])
    bench.must_do_count = must_do.count() if len(bench.must_do) == SHOWN else len(bench.must_do)
    bench.leads = user.has_role(Role.DISTRICT_LEADER, Role.BUREAU_LEADER)
    now = clock.now()
    bench.overdue_count = sum(deadline.due_at < now for deadline in bench.must_do)
    bench.countersign = list(queues.awaiting_countersignature(user)[:SHOWN])
    bench.signatures = list(queues.awaiting_my_signature(user)[:SHOWN])
    bench.instructions = list(queues.awaiting_my_instruction(user)[:SHOWN])
    bench.closable = list(queues.ready_to_close(user)[:SHOWN])
    if has_a_part(user):
        backlog = BacklogItem.objects.on_desk_of(user, until=clock.today() + SOON)
        related = backlog.select_related("unit", "enterprise", "project")
        bench.backlog = list(related.defer("facts", "plan", "result", "search_text")[:SHOWN])
        promises = Commitment.objects.on_desk_of(user, until=clock.today() + SOON)
        promises = promises.select_related("unit", "enterprise", "project")
        bench.commitments = list(promises.defer("content", "plan", "result", "search_text")[:SHOWN])
        tasks = Improvement.objects.on_desk_of(user, until=clock.today() + SOON)
        bench.improvements = list(tasks.select_related("cluster", "unit")[:SHOWN])
    bench.needs = duties_of(user)
    if user.has_role(*queues.DESK_ROLES):
        counted |= letters_on_desk(user)
    if user.has_role(Role.LIAISON, Role.UNIT_LEADER):
        bench.open_tables = list(
            SituationTable.objects.of_unit(user.unit_id)
            .in_force()
            .filter(
                state__in=SituationTable.OPEN_STATES, period__due_at__lt=queues.end_of_today() + TABLE_SOON
            )
            .select_related("period", "unit")
            .order_by("period__due_at")[:SHOWN]
        )
    if user.has_role(*LEADING):
        counted["opinions"] = Opinion.objects.visible_to(user).to_answer(user.unit_id)
    if user.has_role(*LEADING, *OVERSEEING_EVENTS):
        # Of the own unit: the organiser writes down what happened, the unit does what was decided.
        over = ServiceEvent.objects.filter(organiser=user.unit_id).unrecorded()
        bench.events_to_record = list(over.order_by("starts_at")[:SHOWN])
        due = EventTask.objects.filter(unit=user.unit_id, due__lte=clock.today()).open()
        bench.event_tasks = list(due.select_related("event").order_by("due", "pk")[:SHOWN])
    # Of the own unit, and not what the user graded or confirmed: that is another's to look at.
    if user.has_role(*CONFIRMING):
        waiting = GradeRecord.objects.pending().filter(unit=user.unit_id).exclude(graded_by=user)
        counted["grades_to_confirm"] = waiting
    if user.has_role(*GRADING):
        objections = GradeObjection.objects.open().filter(unit=user.unit_id)
        counted["grade_objections"] = objections.exclude(
            Q(record__graded_by=user) | Q(record__confirmed_by=user)
        )
    if user.official_id and user.has_role(Role.CADRE):
        bench.my_firms, bench.my_behind, bench.my_requests = my_counts(user)
        soon = VisitPlan.objects.open().filter(official=user.official_id, day__lte=clock.today() + SOON)
        bench.my_plans = list(soon.select_related("enterprise", "project").order_by("day", "pk")[:SHOWN])
    if user.has_role(*LEADING, *MANAGERS, Role.SUPERVISOR):
        bench.low_ratings = _low_ratings(user, rules)
    if user.has_role(Role.SUPERVISOR):
        received = ConductRemark.State.RECEIVED
        counted["conduct"] = ConductRemark.objects.visible_to(user).filter(state=received)
    if may_decide(user):
        counted["change_reports"] = ChangeReport.objects.visible_to(user).open()
    _count(bench, user, user.unit_id, rules, counted)
    return bench


def _count(bench: Workbench, user: User, unit: int, rules: Rules, counted: dict[str, QuerySet]) -> None:
    """All plain numbers, and the errands there are, with one query."""
    asked = list(errands(user, rules))
    rows = {f"errand_{place}": errand.rows for place, errand in enumerate(asked)}
    numbers = numbers_of(Unit.objects.filter(pk=unit), counted | rows)
    for name in counted:
        setattr(bench, name, numbers[name])
    for place, errand in enumerate(asked):
        if number := numbers[f"errand_{place}"]:
            bench.errands.append((errand.words(number), errand.url))


def _low_ratings(user: User, rules: Rules) -> list[LowRating]:
    """To be answered by the own unit, or ruled on by the user; the most urgent first."""
    own = Q(unit=user.unit_id) | Q(unit__parent=user.unit_id)
    wanted = Q(pk__in=[])
    if user.has_role(*LEADING, *MANAGERS):
        wanted |= own & Q(state=LowRating.State.OPEN)
    if user.has_role(*MANAGERS, Role.SUPERVISOR):
        wanted |= Q(state=LowRating.State.DISPUTED)
    rows = LowRating.objects.visible_to(user).filter(wanted).select_related("unit__parent", "district")
    found = list(rows.order_by("due_at", "pk")[:SHOWN])
    return [case for case in found if case.state == LowRating.State.OPEN or may_rule(user, case, rules)]
