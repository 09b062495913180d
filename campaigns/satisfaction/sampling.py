"""Drawing a sample: who could be drawn, and a draw that comes out the same for the same seed.

Stratified: every group gets its share of the sample, by the largest remainders, and at least one as long as there are
as many places as groups. Chance is a seed that is written down, so that anybody can draw again and compare.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from accounts.models import Official, Unit
from appeals.models import Event, Status
from districts.models import Region
from enterprises.models import Enterprise, Project, Tier
from liaisons.models import Visit
from liaisons.plaques import leads_of

PROJECT_TIER = "project"
TIERS = {**dict(Tier.choices), PROJECT_TIER: "重点项目"}
Entry = Enterprise | Project


@dataclass(frozen=True)
class Candidate:
    """A firm that can be asked, and whose work it is asked about."""

    entry: Entry
    unit: Unit | None = None
    official: Official | None = None

    @property
    def key(self) -> str:
        return f"{self.entry._meta.model_name}:{self.entry.pk}"

    @property
    def tier(self) -> str:
        return tier_of(self.entry)


def tier_of(entry: Entry) -> str:
    return entry.tier if isinstance(entry, Enterprise) else PROJECT_TIER


def stratum_of(candidate: Candidate, strata: Sequence[str]) -> str:
    """The group it is drawn from, in words."""
    words = {
        "tier": TIERS.get(candidate.tier, candidate.tier),
        "township": candidate.entry.region.name,
        "unit": str(candidate.unit) if candidate.unit else "未定单位",
    }
    return "·".join(words[part] for part in strata) or "全部"


# --- Who can be drawn -----------------------------------------------------------------------------


def frame(district: Region, scope: str, start: datetime, end: datetime) -> list[Candidate]:
    """Everybody in scope, each once, in an order that depends on nothing but who they are."""
    gather = {"appeals": _of_appeals, "visits": _of_visits, "roster": _of_roster}[scope]
    found = {candidate.key: candidate for candidate in gather(district, start, end)}
    return [found[key] for key in sorted(found)]


def _of_appeals(district: Region, start: datetime, end: datetime) -> Iterable[Candidate]:
    closings = (
        Event.objects.filter(
            appeal__district=district, to_status=Status.CLOSED, occurred_at__gte=start, occurred_at__lt=end
        )
        .filter(appeal__lead_unit__isnull=False)
        .select_related("appeal__lead_unit", "appeal__enterprise__region", "appeal__project__region")
        .order_by("occurred_at", "pk")
    )
    for closing in closings:
        entry = closing.appeal.subject
        if entry is not None and entry.active:
            yield Candidate(entry, closing.appeal.lead_unit)


def _of_visits(district: Region, start: datetime, end: datetime) -> Iterable[Candidate]:
    visits = (
        Visit.objects.filter(district=district, occurred_at__gte=start, occurred_at__lt=end)
        .select_related("reporting_unit", "enterprise__region", "project__region")
        .prefetch_related("participants__official")
        .order_by("occurred_at", "pk")
    )
    for visit in visits:
        entry = visit.subject
        if entry is not None and entry.active:
            officials = [one.official for one in visit.participants.all() if one.official]
            yield Candidate(entry, visit.reporting_unit, officials[0] if officials else None)


def _of_roster(district: Region, start: datetime, end: datetime) -> Iterable[Candidate]:
    entries: list[Entry] = [
        *Enterprise.objects.filter(district=district).active().unmerged().select_related("region"),
        *Project.objects.filter(district=district).active().select_related("region"),
    ]
    leads = leads_of(entries)
    for entry in entries:
        lead = leads.get(entry)
        yield Candidate(entry, lead.unit if lead else None, lead.official if lead else None)


# --- The draw -------------------------------------------------------------------------------------


def digest_of(candidates: Sequence[Candidate], strata: Sequence[str]) -> str:
    """The fingerprint of the frame: a later draw can be compared only where this is the same."""
    lines = "\n".join(f"{one.key} {stratum_of(one, strata)}" for one in candidates)
    return hashlib.sha256(lines.encode()).hexdigest()


def draw(candidates: Sequence[Candidate], *, seed: str, size: int, strata: Sequence[str]) -> list[Candidate]:
    """``size`` of them, every group by its share; in an order that tells nothing of the group."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(stratum_of(candidate, strata), []).append(candidate)
    chance = Random(seed)
    shares = allocated({name: len(group) for name, group in groups.items()}, size)
    drawn = [one for name in sorted(groups) for one in chance.sample(groups[name], shares[name])]
    chance.shuffle(drawn)
    return drawn


def allocated(sizes: Mapping[str, int], places: int) -> dict[str, int]:
    """How many each group gets: its proportion, one at least, never more than it has."""
    total = sum(sizes.values())
    places = min(places, total)
    if not places:
        return dict.fromkeys(sizes, 0)
    least = 1 if places >= len(sizes) else 0
    exact = {name: places * size / total for name, size in sizes.items()}
    given = {name: min(sizes[name], max(least, int(exact[name]))) for name in sizes}
    left = places - sum(given.values())
    by_need = sorted(sizes, key=lambda name: (given[name] - exact[name], name))
    while left > 0:
        for name in by_need:
            if left and given[name] < sizes[name]:
                given[name] += 1
                left -= 1
    # The ones that were given one too many by the least are taken from the largest.
    while left < 0:
        above = [name for name in sizes if given[name] > least]
        largest = max(above, key=lambda name: (given[name] - exact[name], given[name], name))
        given[largest] -= 1
        left += 1
    return given
