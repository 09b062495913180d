"""包保联系全覆盖: how many firms of which tier and township have somebody, who was there, and who has too many.

Everything here is counted by the database in a fixed number of queries, over what the reader may see; each figure
leads to the very list it counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import Official, Post, Unit, User
from core import clock
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.duties import PROJECT, TIERS, duties, visited
from liaisons.models import Assignment

MOST_PEOPLE = 30


@dataclass
class Share:
    """How many of a group are covered, and how many of them were visited in the running period."""

    label: str
    tier: str = ""
    region: Region | None = None
    total: int = 0
    covered: int = 0
    visited: int = 0

    @property
    def gaps(self) -> int:
        return self.total - self.covered

    @property
    def note(self) -> str:
        return f"在册 {self.total:,}，已有干部 {self.covered:,}"

    @property
    def percent(self) -> str:
        return _percent(self.covered, self.total)

    @property
    def visited_percent(self) -> str:
        return _percent(self.visited, self.total)

    @property
    def bar(self) -> int:
        """The length of the bar, of 100; full only when nothing is missing."""
        return self.covered * 100 // self.total if self.total else 0

    @property
    def gaps_url(self) -> str:
        return self._list(covered="no")

    @property
    def total_url(self) -> str:
        return self._list()

    def _list(self, **more: str) -> str:
        query = dict(more)
        if self.region is not None:
            query["region"] = str(self.region.pk)
        if self.tier not in {"", PROJECT}:
            query["tier"] = self.tier
        address = reverse("enterprises:projects" if self.tier == PROJECT else "enterprises:list")
        return f"{address}?{urlencode(query)}" if query else address


def _percent(part: int, whole: int) -> str:
    """Cut, not rounded: 100 % is said only when nothing is missing."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


@dataclass
class Township:
    region: Region
    tiers: list[Share]
    all: Share


@dataclass
class UnitLine:
    unit: Unit
    cadres: int
    enterprises: int
    projects: int
    led: int
    visited: int

    @property
    def visited_percent(self) -> str:
        return _percent(self.visited, self.led)


@dataclass
class Person:
    """A cadre who stands out: too many firms, or gone from the unit."""

    official: Official
    firms: int
    unit: str = ""


@dataclass
class Coverage:
    tiers: list[Share]
    all: Share
    townships: list[Township]
    units: list[UnitLine]
    overloaded: list[Person]
    left: list[Person]
    without_lead: int = 0
    most_per_cadre: int = 0
    duties: dict[str, Any] = field(default_factory=dict)


def coverage(user: User) -> Coverage:
    """What the reader sees of it today."""
    assert user.unit is not None
    rules = DistrictProfile.objects.in_force(user.unit.district, clock.today()).rules
    counted = [*_counted(Enterprise, user, rules), *_counted(Project, user, rules)]
    regions = {
        region.pk: region
        for region in Region.objects.filter(pk__in={row["region"] for row in counted}).order_by("path")
    }
    tiers = [
        _sum(label, (row for row in counted if row["tier"] == tier), tier) for tier, label in TIERS.items()
    ]
    return Coverage(
        tiers=tiers,
        all=_sum("全部", counted),
        townships=[_township(region, counted) for region in regions.values()],
        units=_units(user, rules),
        overloaded=_overloaded(user, rules),
        left=_left(user),
        without_lead=_without_lead(user),
        most_per_cadre=rules.visits.most_per_cadre,
        duties=duties(rules),
    )


def _counted(model: type[Enterprise] | type[Project], user: User, rules: Rules) -> list[dict[str, Any]]:
    """Per township and tier: how many firms, covered ones, visited ones."""
    name = str(model._meta.model_name)
    firms = model._default_manager.visible_to(user).active()
    assigned = Assignment.objects.in_force().filter(**{name: OuterRef("pk")})
    marked = firms.annotate(
        is_covered=Exists(assigned), is_visited=visited(duties(rules).values(), on=name)
    ).order_by()
    keys = ["region"] if model is Project else ["region", "tier"]
    rows = marked.values(*keys).annotate(
        total=Count("pk"),
        covered=Count("pk", filter=Q(is_covered=True)),
        visited=Count("pk", filter=Q(is_visited=True)),
    )
    return [{"tier": PROJECT} | row for row in rows]


def _sum(label: str, rows: Iterable[dict[str, Any]], tier: str = "", region: Region | None = None) -> Share:
    share = Share(label, tier, region)
    for row in rows:
        share.total += row["total"]
        share.covered += row["covered"]
        share.visited += row["visited"]
    return share


def _township(region: Region, counted: list[dict[str, Any]]) -> Township:
    here = [row for row in counted if row["region"] == region.pk]
    tiers = [
        _sum(label, (row for row in here if row["tier"] == tier), tier, region)
        for tier, label in TIERS.items()
    ]
    return Township(region, tiers, _sum(region.name, here, region=region))


def _in_force(user: User) -> QuerySet[Assignment]:
    return Assignment.objects.visible_to(user).in_force().order_by()


def _units(user: User, rules: Rules) -> list[UnitLine]:
    lead = Q(part=Assignment.Part.LEAD)
    rows = (
        _in_force(user)
        .annotate(was_visited=visited(duties(rules).values()))
        .values("unit")
        .annotate(
            cadres=Count("official", distinct=True),
            enterprises=Count("enterprise", distinct=True),
            projects=Count("project", distinct=True),
            led=Count("pk", filter=lead),
            visited=Count("pk", filter=lead & Q(was_visited=True)),
        )
    )
    counted: dict[int, Any] = {row["unit"]: row for row in rows}
    units = Unit.objects.filter(pk__in=counted).order_by("order", "pk")
    names = ("cadres", "enterprises", "projects", "led", "visited")
    return [UnitLine(unit, *(counted[unit.pk][name] for name in names)) for unit in units]


def _overloaded(user: User, rules: Rules) -> list[Person]:
    most = rules.visits.most_per_cadre
    rows = (
        _in_force(user)
        .values("official", "unit__short_name")
        .annotate(firms=Count("pk"))
        .filter(firms__gt=most)
        .order_by("-firms", "official")
    )
    return _people(rows[:MOST_PEOPLE])


def _left(user: User) -> list[Person]:
    """Still written down as looking after firms for a unit in which they hold no post today."""
    posts = Post.objects.held_on(clock.today())
    rows = (
        _in_force(user)
        .filter(~Exists(posts.filter(official=OuterRef("official"), unit=OuterRef("unit"))))
        .values("official", "unit__short_name")
        .annotate(firms=Count("pk"))
        .order_by("-firms", "official")
    )
    return _people(rows[:MOST_PEOPLE])


def _people(found: Iterable[Mapping[str, Any]]) -> list[Person]:
    rows = list(found)
    officials = Official.objects.in_bulk([row["official"] for row in rows])
    return [Person(officials[row["official"]], row["firms"], row["unit__short_name"]) for row in rows]


def _without_lead(user: User) -> int:
    """Firms that only supporting cadres look after: nobody's name belongs on their plaque."""
    supported = _in_force(user).filter(part=Assignment.Part.SUPPORT)
    leads = Assignment.objects.in_force().filter(part=Assignment.Part.LEAD)
    alone = (
        supported.filter(~Exists(leads.filter(enterprise=OuterRef("enterprise"))), enterprise__isnull=False)
        .values("enterprise")
        .distinct()
        .count()
    )
    return (
        alone
        + supported.filter(~Exists(leads.filter(project=OuterRef("project"))), project__isnull=False)
        .values("project")
        .distinct()
        .count()
    )
