"""“每半年更新一次”: which complete versions of the roster were handed in, and who owes one since when.

铜陵市郊区's plan, 健全市场主体动态更新机制. Which units keep a roster is profile data (``rules.roster``).
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q, QuerySet

from accounts.models import Unit, User
from core import clock
from core.halves import first_day, following, half_label, half_of
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise
from enterprises.querysets import DISTRICT_WIDE
from imports.models import SheetImport

ROSTER = "enterprises"


@dataclass(frozen=True)
class Keeper:
    """A unit that keeps a roster: its last complete version, and from when the next one is owed."""

    unit: Unit
    last: SheetImport | None
    owed: str
    """The earliest half-year without a version, "" if none is owed."""
    running: SheetImport | None
    """A version of the running half-year that is uploaded but not yet in force."""

    @property
    def owed_since(self) -> date | None:
        return first_day(self.owed) if self.owed else None

    @property
    def is_late(self) -> bool:
        """A half-year that is over has no version."""
        return bool(self.owed) and self.owed < half_of(clock.today())

    @property
    def owed_label(self) -> str:
        return half_label(self.owed) if self.owed else ""

    @property
    def last_label(self) -> str:
        return half_label(self.last.half) if self.last else ""


def keepers_of(district: Region) -> QuerySet[Unit]:
    roster = DistrictProfile.objects.in_force(district, clock.today()).rules.roster
    keeps = Q(kind__in=roster.unit_kinds) | Q(code__in=roster.units)
    return Unit.objects.of_district(district).active().filter(keeps).select_related("region")


def keepers(user: User) -> list[Keeper]:
    """Those the user may know of: the district's for who oversees it, else the own unit. Two queries."""
    if user.unit is None:
        return []
    units = keepers_of(user.unit.district).order_by("order", "pk")
    if not user.has_role(*DISTRICT_WIDE):
        units = units.filter(pk=user.unit.pk)
    return _keepers(list(units), _first_half(user.unit.district))


def owing(district: Region) -> list[Keeper]:
    """The units that owe a version today."""
    found = _keepers(list(keepers_of(district).order_by("order", "pk")), _first_half(district))
    return [keeper for keeper in found if keeper.owed]


def _first_half(district: Region) -> str:
    """Nothing is owed for the time before the district's roster was there."""
    first = Enterprise.objects.filter(district=district).aggregate(first=Min("created_at"))["first"]
    return half_of(clock.local_date(first)) if first else ""


def _keepers(units: list[Unit], first: str) -> list[Keeper]:
    versions = SheetImport.objects.filter(unit__in=units, kind=ROSTER, complete=True).exclude(half="")
    last: dict[int, SheetImport] = {}
    running: dict[int, SheetImport] = {}
    now = half_of(clock.today())
    for version in versions.select_related("uploaded_by").order_by("half", "pk"):
        if version.state == SheetImport.State.APPLIED:
            last[version.unit_id] = version
        elif version.half == now and (version.is_busy or version.state == SheetImport.State.CHECKED):
            running[version.unit_id] = version
    return [
        Keeper(unit, done := last.get(unit.pk), _owed(done, first, now), running.get(unit.pk))
        for unit in units
    ]


def _owed(last: SheetImport | None, first: str, now: str) -> str:
    """The half-year after the last version; without any, the one in which the roster was first filled."""
    earliest = following(last.half) if last else first or now
    return earliest if earliest <= now else ""
