"""Who must not be recognised in a case: everybody and everything the file of its appeal names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from accounts.models import Official, Unit, User
from appeals.models import Answer, Appeal, Event, Revisit
from districts.models import Region
from enterprises.models import Enterprise, Project, RosterChange
from liaisons.models import Assignment
from reports.identity_forms import Named
from reports.redaction import Known


def known_of(appeal: Appeal, *, hides_units: bool = False) -> Known:
    """Everybody and everything the file of the appeal names. As it stands now: what changed since counts too."""
    merged = list(Appeal.objects.filter(merged_into=appeal).select_related("enterprise", "project"))
    appeals = [appeal, *merged]
    firms: list[Named] = []
    projects: list[Named] = []
    people, phones, codes, addresses = [], [], [], []

    def learn(entries: Sequence[Enterprise | Project]) -> dict[str, list[str]]:
        ever = _ever(entries)
        people.extend([*ever["legal_person"], *ever["contact_name"]])
        phones.extend(ever["contact_phone"])
        codes.extend([*ever["credit_code"], *ever["registration_number"]])
        addresses.extend(ever["address"])
        return ever

    for one in appeals:
        people.append(one.contact_name)
        phones.append(one.contact_phone)
        codes.append(one.claimed_code)
        entry = one.subject
        if entry is None:
            firms.append(one.claimed_name)
        elif isinstance(entry, Enterprise):
            ever = learn(_with_merged(entry))
            firms.append((entry.name, one.claimed_name, *ever["name"]))
            projects += [tuple(_ever([project])["name"]) for project in entry.projects.all()]
        else:
            ever = learn([entry])
            projects.append((entry.name, one.claimed_name, *ever["name"]))
            owner, former = entry.owner, ever["owner_name"]
            if owner:
                firms.append((entry.owner_name, *learn(_with_merged(owner))["name"]))
                former = [name for name in former if name != entry.owner_name]
            # Whoever built it before may be somebody else.
            firms += former
            for other in _former_owners(entry):
                firms.append(tuple(learn(_with_merged(other))["name"]))
    officials = _officials(appeals)
    people += [name for name, _ in officials]
    phones += [phone for _, numbers in officials for phone in numbers]
    home, places = _places(appeal)
    return Known(
        firms=tuple(filter(None, firms)),
        projects=tuple(filter(None, projects)),
        people=tuple(filter(None, people)),
        phones=tuple(filter(None, phones)),
        codes=tuple(filter(None, codes)),
        numbers=tuple(filter(None, _numbers(appeals))),
        places=places,
        addresses=tuple(filter(None, addresses)),
        home=home,
        units=_units(appeal) if hides_units else (),
    )


_TELLING = (
    "name", "owner_name", "legal_person", "contact_name", "contact_phone", "address",
    "credit_code", "registration_number",
)  # fmt: skip


def _ever(entries: Sequence[Enterprise | Project]) -> dict[str, list[str]]:
    """What stands or ever stood in the fields of these entries that tell who it is; what stands now comes first."""
    found: dict[str, dict[str, None]] = {field: {} for field in _TELLING}

    def note(field: str, value: object) -> None:
        if value and isinstance(value, str):
            found[field].setdefault(value.strip())

    for entry in entries:
        for field in _TELLING:
            note(field, getattr(entry, field, ""))
    for change in _changes_of(entries):
        for values in (change.after, change.before):
            for field in found.keys() & values.keys():
                note(field, values[field])
    return {field: [value for value in values if value] for field, values in found.items()}


def _changes_of(entries: Sequence[Enterprise | Project]) -> Iterable[RosterChange]:
    """The history of these entries, the latest first."""
    firms = [entry.pk for entry in entries if isinstance(entry, Enterprise)]
    projects = [entry.pk for entry in entries if isinstance(entry, Project)]
    return RosterChange.objects.filter(Q(enterprise__in=firms) | Q(project__in=projects)).order_by("-pk")


def _with_merged(firm: Enterprise) -> list[Enterprise]:
    """The firm and those merged away into it, by whatever steps."""
    found = {firm.pk: firm}
    layer = [firm]
    while layer:
        more = Enterprise.objects.filter(merged_into__in=layer).exclude(pk__in=found).order_by("pk")
        layer = list(more)
        found |= {one.pk: one for one in layer}
    return list(found.values())


def _former_owners(project: Project) -> list[Enterprise]:
    """Firms of the roster that the project belonged to before."""
    owners = {
        values.get("owner_id")
        for change in _changes_of([project])
        for values in (change.before, change.after)
    }
    return list(Enterprise.objects.filter(pk__in=owners - {None, project.owner_id}).order_by("pk"))


def _officials(appeals: Iterable[Appeal]) -> list[tuple[str, tuple[str, ...]]]:
    """Whoever took part, by account or by name; their phones."""
    ids = [appeal.pk for appeal in appeals]
    accounts: set[int | None] = set()
    named: set[int | None] = set()
    guests: list[str] = []
    for appeal in appeals:
        accounts |= {appeal.registered_by_id, appeal.officer_id}
        entry = (
            {"enterprise": appeal.enterprise_id} if appeal.enterprise_id else {"project": appeal.project_id}
        )
        if any(entry.values()):
            named |= set(Assignment.objects.filter(**entry).values_list("official", flat=True))
        if appeal.visit:
            named |= set(
                Official.objects.filter(participations__visit=appeal.visit_id).values_list("pk", flat=True)
            )
            guests += [guest.guest_name for guest in appeal.visit.participants.all() if guest.guest_name]
        named |= set(appeal.listings.values_list("leader", flat=True))
    of_appeals = Q(appeal__in=ids)
    accounts |= set(Event.objects.filter(of_appeals).values_list("user", flat=True))
    accounts |= set(Answer.objects.filter(of_appeals).values_list("by", flat=True))
    accounts |= set(Revisit.objects.filter(of_appeals).values_list("by", flat=True))
    users = User.objects.filter(pk__in=accounts - {None}, is_system=False).select_related("official")
    found: list[tuple[str, tuple[str, ...]]] = [
        (user.get_full_name(), ()) for user in users if user.get_full_name()
    ]
    officials = Official.objects.filter(Q(pk__in=named - {None}) | Q(user__in=[user.pk for user in users]))
    found += [(name, ()) for name in guests]
    return [*found, *((one.name, (one.phone, one.office_phone)) for one in officials)]


def _numbers(appeals: Iterable[Appeal]) -> list[str]:
    found = []
    for appeal in appeals:
        found += [appeal.number, appeal.provincial_number, appeal.city_letter]
        found += list(appeal.letters.exclude(number="").values_list("number", flat=True))
        found += list(appeal.documents.exclude(number_text="").values_list("number_text", flat=True))
    return found


_HOME = {Region.Level.DISTRICT: "我区", Region.Level.CITY: "我市", Region.Level.PROVINCE: "我省"}


def _places(appeal: Appeal) -> tuple[tuple[tuple[str, Named], ...], tuple[str, ...]]:
    """The district and what lies above it is home; what lies below would tell where the firm is."""
    district = appeal.district
    home = []
    above = list(Region.objects.ancestors(district))
    for region in above:
        label = _HOME.get(Region.Level(region.level))
        if label:
            if region.level == Region.Level.DISTRICT and region.name.endswith("县"):
                label = "我县"
            local = region.name
            for other in above:
                if other.pk != region.pk:
                    local = local.removeprefix(other.name)
            home.append((label, (region.name, local)))
    below = Region.objects.subtree(district).exclude(pk=district.pk)
    return tuple(home), tuple(below.values_list("name", flat=True))


def _units(appeal: Appeal) -> tuple[Named, ...]:
    """All of the district: a text may name one that had no part in it.

    But for the bureau that publishes and whoever supervises; townships and parks are places.
    """
    rules = appeal.rules
    units = Unit.objects.of_district(appeal.district).exclude(code__in=[rules.lead_bureau, rules.supervisor])
    units = units.exclude(region__level__in=[Region.Level.TOWNSHIP, Region.Level.PARK])
    return tuple((unit.name, unit.short_name) for unit in units.order_by("order", "pk"))
