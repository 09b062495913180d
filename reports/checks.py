"""Cross checks of a week's table: warnings, not blocks, told by the records themselves and not by sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from appeals import provincial
from appeals.models import Appeal
from core.wording import spoken
from reports import figures
from reports.indicators import REGISTRY, VISITS, Context
from reports.models import SituationTable


@dataclass(frozen=True)
class Check:
    name: str
    title: str
    hint: str
    records: Callable[[SituationTable], QuerySet]


def _context(table: SituationTable) -> Context:
    return figures.context_of(table.period).for_units(table.unit_id)


def _in_a_or_b(table: SituationTable) -> Q:
    """Appeals that row 15 or row 16 has counted by the cut-off, for whichever unit."""
    everything = figures.context_of(table.period).within(figures.up_to(table.period))
    solved = REGISTRY["solved_on_spot"].evidence(everything).values("appeal")
    recorded = REGISTRY["provincial_recorded"].evidence(everything).values("pk")
    return Q(pk__in=solved) | Q(pk__in=recorded)


def problems_counted_nowhere(table: SituationTable) -> QuerySet:
    """Problems of this week's visits that are in neither row 15 nor row 16."""
    visits = VISITS.records(_context(table)).filter(VISITS.when(figures.week_of(table.period)))
    appeals = Appeal.objects.filter(visit__in=visits.values("pk"))
    return appeals.exclude(_in_a_or_b(table)).exclude(status__in=provincial.NOT_FOR_THE_TABLE)


def to_be_recorded(table: SituationTable) -> QuerySet:
    """Appeals the unit collected that are still to be entered on the provincial platform (待录入)."""
    context, span = _context(table), figures.up_to(table.period)
    collected = Appeal.objects.filter(
        collecting_unit__in=list(context.counts_for),
        submitted_at__gte=span.start,
        submitted_at__lt=span.end,
    )
    return provincial.to_be_recorded(collected, before=span.end)


def visits_to_unmatched_firms(table: SituationTable) -> QuerySet:
    """Firms visited that nobody has matched with the roster yet: they are in no count of enterprises."""
    visits = VISITS.records(_context(table)).filter(VISITS.when(figures.week_of(table.period)))
    return visits.filter(enterprise__isnull=True, project__isnull=True)


CHECKS = (
    Check(
        "problems",
        "走访中收集的问题，既没有当场解决，也没有录入省平台",
        "当场解决的，请办理当场办结；其余的，录入省平台后登记编号。",
        problems_counted_nowhere,
    ),
    Check(
        "unrecorded",
        "待录入省平台：既未当场解决，也没有省平台编号，不计入收集的问题",
        "录入省为企业服务平台后，在“省平台录入”登记省平台编号。",
        to_be_recorded,
    ),
    Check(
        "unmatched",
        spoken("走访的企业尚未与底册匹配，不在走访企业数量中"),
        spoken("请在走访记录中选定底册中的企业。"),
        visits_to_unmatched_firms,
    ),
)


def find(name: str) -> Check | None:
    return next((check for check in CHECKS if check.name == name), None)


def findings(table: SituationTable) -> list[tuple[Check, int]]:
    """The checks that have found something, and how much."""
    found = ((check, check.records(table).count()) for check in CHECKS)
    return [(check, number) for check, number in found if number]
