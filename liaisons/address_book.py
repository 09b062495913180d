"""联络员 as the address book of every notice to a unit (附件2).

Whoever notifies a unit asks here: the accounts of its liaison officers in force, together with its accounts
that hold one of the roles. Each person once. An officer whose account belongs to another unit by now is not
told: a notice carries what is that unit's business alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, Q

from accounts.models import Role, Unit, User
from core import clock
from districts.models import Region
from districts.profile import Rules
from liaisons.models import LiaisonOfficer

UNIT_DESK = (Role.LIAISON, Role.UNIT_LEADER)


def recipients(unit: Unit | int, *roles: Role) -> list[User]:
    """Whom a notice to the unit reaches."""
    pk: int = unit.pk if isinstance(unit, Unit) else unit
    return recipients_of([pk], *roles).get(pk, [])


def recipients_of(units: Collection[int], *roles: Role) -> dict[int, list[User]]:
    """The same for many units, in one query."""
    lines = LiaisonOfficer.objects.in_force().filter(unit=OuterRef("unit"), official=OuterRef("official"))
    told = Q(Exists(lines)) | Q(grants__role__in=roles)
    found: dict[int, list[User]] = {}
    for user in User.objects.filter(told, unit__in=units, is_active=True).distinct().order_by("pk"):
        found.setdefault(user.unit_id or 0, []).append(user)
    return found


# --- Who is missing from the book -----------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """A unit that hands in the weekly table and has no liaison officer."""

    unit: Unit
    since: date | None
    """From when; None: there never was one."""


@dataclass(frozen=True)
class Unreached:
    """A unit none of whose officers has an account of it: notices do not reach them."""

    unit: Unit
    names: list[str]
    by_desk: bool
    """Another account of the unit, of its desk, is told instead."""


def gaps(district: Region, rules: Rules) -> list[Gap]:
    """缺联络员: active units of the kinds that hand in the weekly table, without anybody in force today."""
    without = _expected(district, rules).exclude(pk__in=LiaisonOfficer.objects.in_force().values("unit"))
    over = Q(
        liaison_officers__ended__lte=clock.today(),
        liaison_officers__ended__gt=F("liaison_officers__started"),
    )
    dated = without.annotate(since=Max("liaison_officers__ended", filter=over))
    return [Gap(unit, unit.since) for unit in dated]


def unreached(district: Region) -> list[Unreached]:
    """通知送不到: units with officers of whom none signs in for this unit. Two queries."""
    lines = LiaisonOfficer.objects.in_force().filter(unit__district=district, unit__active=True)
    own = User.objects.filter(unit=OuterRef("unit"), official=OuterRef("official"), is_active=True)
    reached = lines.filter(Exists(own)).order_by().values("unit")
    silent: dict[Unit, list[LiaisonOfficer]] = {}
    for line in (
        lines.exclude(unit__in=reached).select_related("unit").order_by("unit__order", "unit_id", "pk")
    ):
        silent.setdefault(line.unit, []).append(line)
    desks = set(User.objects.filter(unit__in=silent).with_role(*UNIT_DESK).values_list("unit", flat=True))
    return [Unreached(unit, [line.name for line in them], unit.pk in desks) for unit, them in silent.items()]


def _expected(district: Region, rules: Rules):
    units = Unit.objects.of_district(district).active()
    return units.filter(kind__in=rules.reporting_unit_kinds).order_by("order", "pk")
