"""What a plaque says and where its code leads: the firm's own page, with whoever looks after it today."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from accounts.models import Official, Post, Role, User
from accounts.selectors import accounts_of, unit_of
from core import clock
from core.wording import speak
from districts.models import DistrictProfile, Region
from districts.profile import Hotline, Rules
from enterprises.models import Enterprise, Project
from liaisons.address_book import recipients
from liaisons.models import Assignment, Plaque
from liaisons.querysets import AssignmentQuerySet

Entry = Enterprise | Project

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
SUPERVISION = "监督"
"""What the note of a hotline says if it is a supervision number (附件4)."""


@dataclass(frozen=True)
class Officer:
    """A lead cadre as a plaque and the public page show him: nothing that is not meant for everybody."""

    name: str
    unit: str
    post: str
    phone: str


def new_code() -> str:
    """96 random bits: nobody guesses it, and the QR code stays coarse enough for brass."""
    return secrets.token_urlsafe(12)


def find(token: str, district: Region) -> Plaque | None:
    """The plaque with this code, unless it was revoked: that of a replaced plate still leads to the firm."""
    if not TOKEN.fullmatch(token):
        return None
    plaques = Plaque.objects.filter(district=district, token=token).exclude(state=Plaque.State.REVOKED)
    return plaques.select_related(
        "enterprise__region", "enterprise__district", "project__region", "project__district",
        "enterprise__merged_into__region", "enterprise__merged_into__district",
    ).first()  # fmt: skip


def entry_behind(plaque: Plaque) -> Entry:
    """The plaque's firm or project; of a firm that was merged into another, the one that was kept."""
    entry = plaque.entry
    while isinstance(entry, Enterprise) and entry.merged_into:
        entry = entry.merged_into
    return entry


def address_of(plaque: Plaque) -> str:
    """What the code says. Brass stays for years, so it is the portal's own address, however it was asked."""
    return settings.SITE_URL + reverse("public:plaque", args=[plaque.district.code, plaque.token])


def supervision_numbers(rules: Rules) -> list[Hotline]:
    return [line for line in rules.hotlines if SUPERVISION in line.note]


# --- Who leads ------------------------------------------------------------------------------------


SAME_ENTRY = Q(enterprise__isnull=False, enterprise=OuterRef("enterprise")) | Q(
    project__isnull=False, project=OuterRef("project")
)


def leading(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    """Those in force that name the cadre on the plaque: the earliest lead of each firm on the roster."""
    leads = Assignment.objects.in_force().filter(part=Assignment.Part.LEAD).order_by()
    earlier = Q(started__lt=OuterRef("started")) | Q(started=OuterRef("started"), pk__lt=OuterRef("pk"))
    on_roster = Q(enterprise__isnull=False) | Q(project__isnull=False)
    return (
        assignments.in_force()
        .filter(on_roster, part=Assignment.Part.LEAD)
        .filter(~Exists(leads.filter(SAME_ENTRY, earlier)))
    )


def without_plaque(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    """Covered, and nothing on the wall: the lead assignments of firms on the roster with no plaque in force."""
    active = Q(enterprise__active=True) | Q(project__active=True)
    hanging = Plaque.objects.in_force().order_by().filter(SAME_ENTRY)
    return leading(assignments).filter(active).filter(~Exists(hanging))


def leads_of(entries: Iterable[Entry]) -> dict[Entry, Assignment]:
    """The lead assignment in force of each entry that has one, with what ``officer_of`` needs."""
    entries = list(entries)
    found: dict[Entry, Assignment] = {}
    posts = Prefetch("official__posts", Post.objects.select_related("unit").order_by("order", "pk"))
    for model, name in ((Enterprise, "enterprise"), (Project, "project")):
        by_pk = {entry.pk: entry for entry in entries if isinstance(entry, model)}
        for pks in _in_parts(list(by_pk)):
            assignments = leading(Assignment.objects.filter(**{f"{name}__in": pks}))
            rows = assignments.select_related("official__user", "unit").prefetch_related(posts)
            found |= {by_pk[getattr(row, f"{name}_id")]: row for row in rows}
    return found


def _in_parts(pks: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (pks[start : start + size] for start in range(0, len(pks), size))


def officer_of(official: Official) -> Officer | None:
    """The cadre with the main post held today; the office's phone before the mobile one, then the unit's.

    None without a post: then there is nothing to put on a plate.
    """
    post = official.post_on(clock.today())
    if post is None:
        return None
    phone = official.office_phone or official.phone or post.unit.public_phone
    return Officer(official.name, post.unit.name, post.title, phone)


def text_for(entry: Entry, officer: Officer, rules: Rules) -> dict[str, Any]:
    """What is engraved, kept as it was on that day."""
    return {
        "title": speak(rules.plaque.title),
        "promise": rules.plaque.promise,
        "subject": entry.name,
        "name": officer.name,
        "unit": officer.unit,
        "post": officer.post,
        "phone": officer.phone,
        "hotlines": [{"label": line.label, "number": line.number} for line in supervision_numbers(rules)],
    }


def whom_to_tell(entry: Entry) -> list[User]:
    """The lead cadre's account; else the liaison of that unit; else the bureau that keeps the assignments."""
    lead = leads_of([entry]).get(entry)
    if lead is not None:
        account = getattr(lead.official, "user", None)
        if account is not None and account.is_active:
            return [account]
        if liaisons := recipients(lead.unit, Role.LIAISON):
            return liaisons
    rules = DistrictProfile.objects.in_force(entry.district, clock.today()).rules
    return accounts_of(unit_of(entry.district, rules.lead_bureau), Role.DISPATCHER)
