"""今日必办: what the user owes today, gathered from all rooms. Empty when the day's work is done."""

from dataclasses import dataclass, field
from datetime import timedelta

from accounts.models import Role, User
from appeals import queues
from appeals.backlog_rules import has_a_part
from appeals.models import Appeal, BacklogItem, Deadline, Improvement
from appeals.supervision import letter_counts
from core import clock
from enterprises.change_reports import may_decide
from enterprises.models import ChangeReport
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
            or self.improvements
            or self.change_reports
            or self.my_requests
            or self.letters
            or self.letter_drafts
            or any(plan.day <= clock.today() for plan in self.my_plans)
        )


def workbench(user: User) -> Workbench:
    """A constant number of queries, whatever the user's roles."""
    bench = Workbench()
    if user.unit_id is None:
        return bench
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
        tasks = Improvement.objects.on_desk_of(user, until=clock.today() + SOON)
        bench.improvements = list(tasks.select_related("cluster", "unit")[:SHOWN])
    if user.has_role(*queues.DESK_ROLES):
        bench.letters, bench.letters_late, bench.letter_drafts = letter_counts(user)
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
        bench.opinions = Opinion.objects.visible_to(user).to_answer(user.unit_id).count()
    if user.has_role(*LEADING, *OVERSEEING_EVENTS):
        # Of the own unit: the organiser writes down what happened, the unit does what was decided.
        over = ServiceEvent.objects.filter(organiser=user.unit_id).unrecorded()
        bench.events_to_record = list(over.order_by("starts_at")[:SHOWN])
        due = EventTask.objects.filter(unit=user.unit_id, due__lte=clock.today()).open()
        bench.event_tasks = list(due.select_related("event").order_by("due", "pk")[:SHOWN])
    if user.official_id and user.has_role(Role.CADRE):
        bench.my_firms, bench.my_behind, bench.my_requests = my_counts(user)
        soon = VisitPlan.objects.open().filter(official=user.official_id, day__lte=clock.today() + SOON)
        bench.my_plans = list(soon.select_related("enterprise", "project").order_by("day", "pk")[:SHOWN])
    if may_decide(user):
        bench.change_reports = ChangeReport.objects.visible_to(user).open().count()
    return bench
