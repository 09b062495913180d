"""How many knowledge entries each unit with a policy officer handed in in a month."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from accounts.models import Unit
from campaigns.models import KnowledgeEntry, PolicyOfficer
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


def knowledge_standings(district: Region, rules: Rules, month: date) -> list[KnowledgeStanding]:
    """Units that had an officer on the last day of the month (or today); what was given back does not count."""
    day = min(date.fromordinal(next_month(month).toordinal() - 1), clock.today())
    officers = PolicyOfficer.objects.in_force(day).filter(district=district).order_by()
    units = Unit.objects.filter(pk__in=officers.values("unit"), active=True).order_by("order", "pk")
    handed_in = KnowledgeEntry.objects.filter(
        district=district,
        first_handed_in_at__gte=start_of(month),
        first_handed_in_at__lt=start_of(next_month(month)),
    ).exclude(state=KnowledgeEntry.State.GIVEN_BACK)
    counts = dict(handed_in.order_by().values_list("unit").annotate(Count("pk")))
    found = [KnowledgeStanding(unit, counts.get(unit.pk, 0), rules.rotas.knowledge.minimum) for unit in units]
    return sorted(found, key=lambda one: -one.missing)
