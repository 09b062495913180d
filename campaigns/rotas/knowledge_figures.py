"""How many knowledge entries each unit with a policy officer handed in in a month."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from accounts.models import Unit
from campaigns.models import KnowledgeEntry, PolicyOfficer
from campaigns.states import last_of_month
from core import clock
from districts.models import Region
from districts.profile import Rules
from liaisons.cadence import start_of
from liaisons.event_calendar import next_month


@dataclass(frozen=True)
class KnowledgeStanding:
    unit: Unit
    entries: int
    minimum: int

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.entries)


def entries_in(district: Region, month: date) -> QuerySet[KnowledgeEntry]:
    """What counts for a month: handed in then for the first time, and not given back."""
    return KnowledgeEntry.objects.filter(
        district=district,
        first_handed_in_at__gte=start_of(month),
        first_handed_in_at__lt=start_of(next_month(month)),
    ).exclude(state=KnowledgeEntry.State.GIVEN_BACK)


def is_due_soon(rules: Rules, day: date) -> bool:
    """The month comes to its end, and whoever still owes entries is reminded."""
    asked = rules.rotas.knowledge
    left = (last_of_month(day) - day).days
    return bool(asked.minimum) and left <= max(asked.remind_days_before, default=-1)


def knowledge_standings(district: Region, rules: Rules, month: date) -> list[KnowledgeStanding]:
    """Units that had an officer on the last day of the month (or today)."""
    day = min(last_of_month(month), clock.today())
    officers = PolicyOfficer.objects.in_force(day).filter(district=district).order_by()
    units = Unit.objects.filter(pk__in=officers.values("unit"), active=True).order_by("order", "pk")
    counts = dict(entries_in(district, month).order_by().values_list("unit").annotate(Count("pk")))
    found = [KnowledgeStanding(unit, counts.get(unit.pk, 0), rules.rotas.knowledge.minimum) for unit in units]
    return sorted(found, key=lambda one: -one.missing)
