"""Who must not be recognised in a case: everybody and everything the file of its appeal names."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Official, Unit, User
from appeals.models import Answer, Appeal, Event, Revisit
from districts.models import Region
from enterprises.models import Enterprise
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
    for one in appeals:
        people.append(one.contact_name)
        phones.append(one.contact_phone)
        codes.append(one.claimed_code)
        entry = one.subject
        if entry is None:
            firms.append(one.claimed_name)
            continue
        people.append(entry.contact_name)
        phones.append(entry.contact_phone)
        addresses.append(entry.address)
        if isinstance(entry, Enterprise):
            former = entry.merged_from.values_list("name", flat=True)
            firms.append((entry.name, one.claimed_name, *former))
            projects += list(entry.projects.values_list("name", flat=True))
            people.append(entry.legal_person)
            codes += [entry.credit_code or "", entry.registration_number or ""]
        else:
            projects.append((entry.name, one.claimed_name))
            owner = entry.owner
            firms.append((entry.owner_name, owner.name) if owner else entry.owner_name)
            if owner:
                people += [owner.legal_person, owner.contact_name]
                phones.append(owner.contact_phone)
                codes += [owner.credit_code or "", owner.registration_number or ""]
                addresses.append(owner.address)
    officials = _officials(appeals)
    people += [name for name, _ in officials]
    phones += [phone for _, numbers in officials for phone in numbers]
    home, places = _places(appeal)
    return Known(
        firms=tuple(filter(None, firms)),
        projects=tuple(projects),
        people=tuple(filter(None, people)),
        phones=tuple(filter(None, phones)),
        codes=tuple(filter(None, codes)),
        numbers=tuple(filter(None, _numbers(appeals))),
        places=places,
        addresses=tuple(filter(None, addresses)),
        home=home,
        units=_units(appeal) if hides_units else (),
    )


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
        if appeal.visit_id:
            named |= set(
                Official.objects.filter(participations__visit=appeal.visit_id).values_list("pk", flat=True)
            )
            guests += appeal.visit.participants.exclude(guest_name="").values_list("guest_name", flat=True)
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
