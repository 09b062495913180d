"""Whom a transition tells. Notices carry number and title, never the firm's people."""

from collections.abc import Callable

from django.urls import reverse

from accounts.models import Role, Unit, User
from accounts.selectors import accounts_of, unit_of
from appeals import signing
from appeals.models import Appeal, Participation, PendingRequest, SupervisionLetter
from appeals.policies import bureau_is_lead
from appeals.steps.base import Step
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify

BUREAU_DESK = (Role.DISPATCHER,)


def desk_of(unit: Unit, appeal: Appeal) -> list[User]:
    """Whoever sits at the unit's desk: dispatchers in the lead bureau, liaisons and leaders elsewhere.

    Its liaison officers of 附件2 are told with them.
    """
    is_bureau = unit.code == appeal.rules.lead_bureau
    return recipients(unit, *(BUREAU_DESK if is_bureau else UNIT_DESK))


def bureau(step: Step) -> list[User]:
    appeal = step.appeal
    return accounts_of(unit_of(appeal.district, appeal.rules.lead_bureau), *BUREAU_DESK, Role.BUREAU_LEADER)


def bureau_if_dissatisfied(step: Step) -> list[User]:
    return bureau(step) if step.references.get("satisfied") is False else []


def lead_unit(step: Step) -> list[User]:
    return desk_of(step.appeal.lead_unit, step.appeal) if step.appeal.lead_unit else []


def collecting_unit(step: Step) -> list[User]:
    appeal = step.appeal
    people = recipients(appeal.collecting_unit, *UNIT_DESK, Role.WINDOW)
    return [*people, appeal.registered_by] if appeal.registered_by else people


def assisting_units(step: Step) -> list[User]:
    parts = step.appeal.participations.filter(part=Participation.Part.ASSISTING, round=step.appeal.round)
    return [user for part in parts.select_related("unit") for user in desk_of(part.unit, step.appeal)]


def second_revisitors(step: Step) -> list[User]:
    appeal = step.appeal
    if bureau_is_lead(appeal):
        return accounts_of(unit_of(appeal.district, appeal.rules.supervisor), Role.SUPERVISOR)
    return bureau(step)


def in_charge(step: Step) -> list[User]:
    """Whoever holds the appeal now: the unit that handles it, before that the bureau."""
    return lead_unit(step) or bureau(step)


def bureau_leader(step: Step) -> list[User]:
    return accounts_of(unit_of(step.appeal.district, step.appeal.rules.lead_bureau), Role.BUREAU_LEADER)


def main_in_charge(step: Step) -> list[User]:
    """Whoever holds the appeal this one was merged into."""
    main = step.appeal.merged_into
    return desk_of(main.lead_unit, main) if main and main.lead_unit else []


def asked_leader(step: Step) -> list[User]:
    return list(User.objects.filter(pk=step.references.get("leader", 0)))


def answer_signers(step: Step) -> list[User]:
    appeal = step.appeal
    level = signing.needed_for_answer(appeal)
    return signing.signers(appeal.lead_unit, appeal.rules, level) if appeal.lead_unit else []


def refusal_signers(step: Step) -> list[User]:
    """The level whose signature is next."""
    appeal = step.appeal
    if appeal.lead_unit is None:
        return []
    return signing.signers(appeal.lead_unit, appeal.rules, appeal.refusal_level)


def asking_unit(step: Step) -> list[User]:
    asked = PendingRequest.objects.filter(pk=step.references.get("request", 0)).select_related("unit").first()
    return desk_of(asked.unit, step.appeal) if asked and asked.unit else []


def former_lead(step: Step) -> list[User]:
    """The unit that handled it until now."""
    return desk_of(step.former_lead, step.appeal) if step.former_lead else []


def city_desk(step: Step) -> list[User]:
    return desk_of(unit_of(step.appeal.district, step.appeal.rules.city_coordination), step.appeal)


def supervised_unit(step: Step) -> list[User]:
    unit = Unit.objects.filter(pk=step.references.get("unit", 0)).first()
    return desk_of(unit, step.appeal) if unit else []


def letter_sender(step: Step) -> list[User]:
    letter = SupervisionLetter.objects.filter(pk=step.references.get("letter", 0)).first()
    return [letter.sent_by] if letter and letter.sent_by else []


def listed_leader(step: Step) -> list[User]:
    listing = step.appeal.facts.listing
    return list(User.objects.filter(official=listing.leader)) if listing else []


AUDIENCES: dict[str, Callable[[Step], list[User]]] = {
    function.__name__: function
    for function in (
        bureau,
        bureau_if_dissatisfied,
        lead_unit,
        collecting_unit,
        assisting_units,
        second_revisitors,
        in_charge,
        bureau_leader,
        main_in_charge,
        asked_leader,
        answer_signers,
        refusal_signers,
        asking_unit,
        former_lead,
        city_desk,
        supervised_unit,
        letter_sender,
        listed_leader,
    )
}


def tell(row, step: Step) -> None:
    """Queue one notice for everybody the row tells, the actor excepted."""
    people = {user.pk: user for audience in row.tells for user in AUDIENCES[audience](step)}
    if step.actor.user:
        people.pop(step.actor.user.pk, None)
    appeal = step.appeal
    notify(
        people.values(),
        key=f"appeal:{appeal.pk}:{step.seq}",
        title=f"{row.label}：{appeal.number} {appeal.title}",
        body=f"{appeal.subject_name}　现状态：{appeal.get_status_display()}",
        url=reverse("appeals:detail", args=[appeal.number]),
        kind=row.notice,
    )
