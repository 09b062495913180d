"""Whom a change of a commitment tells: the desk of the responsible unit, and of those who keep the list."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import Role, Unit, User
from appeals.backlog_rules import BUREAU
from campaigns.models import Commitment
from districts.models import DistrictProfile
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.services import notify


def tell_unit(by: User, commitment: Commitment, what: str) -> None:
    _tell(people_of("unit", commitment, _rules(commitment)), commitment, what, by)


def tell_keepers(by: User, commitment: Commitment, what: str) -> None:
    """Those who confirm: the units the profile names, else the lead bureau."""
    rules = _rules(commitment)
    who = "confirming" if rules.commitments.confirming else "bureau"
    _tell(people_of(who, commitment, rules), commitment, what, by)


def people_of(who: str, commitment: Commitment, rules: Rules) -> list[User]:
    """The accounts of "unit", "confirming", "bureau" or "supervisor"."""
    if who == "unit":
        return recipients_of([commitment.unit_id], *UNIT_DESK).get(commitment.unit_id, [])
    codes, roles = {
        "confirming": (rules.commitments.keepers, UNIT_DESK),
        "bureau": ((rules.lead_bureau,), BUREAU),
        "supervisor": ((rules.supervisor,), (Role.SUPERVISOR,)),
    }[who]
    units = Unit.objects.filter(district=commitment.district_id, code__in=codes)
    found = recipients_of(list(units.values_list("pk", flat=True)), *roles)
    return [user for users in found.values() for user in users]


def _tell(people: Iterable[User], commitment: Commitment, what: str, by: User) -> None:
    notify(
        [user for user in people if user.pk != by.pk],
        key=f"commitment:{commitment.pk}:{commitment.version}",
        title=f"{what}：{commitment.title}"[:120],
        body=body_of(commitment),
        url=page(commitment),
    )


def body_of(commitment: Commitment) -> str:
    due = f"{commitment.due_label}{commitment.due_on:%Y-%m-%d}"
    return f"{commitment.get_kind_display()}第{commitment.number}号，责任单位{commitment.unit}，{due}。"


def page(commitment: Commitment) -> str:
    return reverse("campaigns:commitment", args=[commitment.pk])


def _rules(commitment: Commitment) -> Rules:
    return DistrictProfile.objects.in_force(commitment.district).rules
