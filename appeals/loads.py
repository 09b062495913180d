"""How much each unit has on its desk: shown beside its name wherever an appeal is given to one."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Unit
from appeals.models import FINAL, Appeal, Deadline, Status
from districts.models import Region

OPEN = [status for status in Status if status not in FINAL]


@dataclass(frozen=True)
class Load:
    """The appeals a unit leads that are open, and those of them in which it is late."""

    open: int = 0
    overdue: int = 0

    def __str__(self) -> str:
        if not self.open:
            return "在办 0"
        return f"在办 {self.open}，超期 {self.overdue}" if self.overdue else f"在办 {self.open}"


def loads(district: Region | int) -> dict[int, Load]:
    """By unit, for all units of a district that have anything: one query."""
    late = Deadline.objects.overdue().filter(appeal=OuterRef("pk"), owner=OuterRef("lead_unit"))
    rows = (
        Appeal.objects.filter(district=district, status__in=OPEN, lead_unit__isnull=False)
        .annotate(late=Exists(late))
        .order_by()
        .values("lead_unit")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(late=True)))
    )
    return {row["lead_unit"]: Load(row["open"], row["overdue"]) for row in rows}


def name_with_load(unit: Unit, of_all: dict[int, Load]) -> str:
    return f"{unit}（{of_all.get(unit.pk, Load())}）"
