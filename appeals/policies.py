"""Who may do what. Each name below stands in the ``who`` column of the table in ``appeals.workflow``.

A policy looks at the actor and the appeal only; whether the moment is right is the table's business.
"""

from collections.abc import Callable

from accounts.actors import Actor, ActorKind
from accounts.models import Role, Unit
from appeals.models import Answer, Appeal, Participation, PendingRequest

Policy = Callable[[Actor, Appeal], bool]

RECORDERS = (Role.CADRE, Role.WINDOW, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
UNIT_STAFF = (Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER, Role.BUREAU_LEADER)


def _unit_is(actor: Actor, appeal: Appeal, code: str) -> bool:
    """Does the actor serve in the appeal's district's unit with this code?"""
    unit = actor.unit
    return unit is not None and unit.district_id == appeal.district_id and unit.code == code


def of_the_bureau(actor: Actor, appeal: Appeal) -> bool:
    return _unit_is(actor, appeal, appeal.rules.lead_bureau)


def bureau_is_lead(appeal: Appeal) -> bool:
    lead: Unit | None = appeal.lead_unit
    return lead is not None and lead.code == appeal.rules.lead_bureau


def enterprise(actor: Actor, appeal: Appeal) -> bool:
    """The holder of this appeal's secret code."""
    return actor.kind == ActorKind.HOLDER and actor.appeal_id is not None and actor.appeal_id == appeal.pk


def dispatcher(actor: Actor, appeal: Appeal) -> bool:
    return actor.has_role(Role.DISPATCHER) and of_the_bureau(actor, appeal)


def bureau(actor: Actor, appeal: Appeal) -> bool:
    """A dispatcher or the leader of the lead bureau."""
    return actor.has_role(Role.DISPATCHER, Role.BUREAU_LEADER) and of_the_bureau(actor, appeal)


def second_officer(actor: Actor, appeal: Appeal) -> bool:
    """Somebody of the bureau other than the one who proposed it."""
    proposal = appeal.requests.filter(kind=PendingRequest.Kind.DECLINE, ruling="").first()
    return bureau(actor, appeal) and not (proposal and actor.user and proposal.asked_by_id == actor.user.pk)


def collecting_unit(actor: Actor, appeal: Appeal) -> bool:
    """Whoever was asked first (首问)."""
    return actor.serves(appeal.collecting_unit_id) and actor.has_role(*RECORDERS)


def collecting_unit_with_code(actor: Actor, appeal: Appeal) -> bool:
    """The one asked first, with the firm's code typed in: the form checks the code."""
    return collecting_unit(actor, appeal)


def lead_unit(actor: Actor, appeal: Appeal) -> bool:
    return actor.serves(appeal.lead_unit_id) and actor.has_role(*UNIT_STAFF)


def assisting_unit(actor: Actor, appeal: Appeal) -> bool:
    return (
        actor.unit_id is not None
        and actor.has_role(*UNIT_STAFF)
        and appeal.participations.filter(
            unit=actor.unit_id, part=Participation.Part.ASSISTING, round=appeal.round
        ).exists()
    )


def revisitor(actor: Actor, appeal: Appeal) -> bool:
    """The lead unit; where the bureau itself handled, an officer other than the one who answered."""
    if not lead_unit(actor, appeal):
        return False
    if not bureau_is_lead(appeal):
        return True
    answer = Answer.objects.filter(appeal=appeal, round=appeal.round).last()
    return not (answer and actor.user and answer.by_id == actor.user.pk)


def second_revisitor(actor: Actor, appeal: Appeal) -> bool:
    """Nobody of the handling unit: the bureau, or 督查 where the bureau itself was lead."""
    if bureau_is_lead(appeal):
        return actor.has_role(Role.SUPERVISOR) and _unit_is(actor, appeal, appeal.rules.supervisor)
    return bureau(actor, appeal)


def recorder(actor: Actor, appeal: Appeal | None = None) -> bool:
    """An official who may write an appeal into the register: that of the own district."""
    unit = actor.unit
    if unit is None or not actor.has_role(*RECORDERS):
        return False
    return appeal is None or unit.district_id == appeal.district_id


def visitor(actor: Actor, appeal: Appeal | None = None) -> bool:
    """An enterprise about to submit: anybody, no account needed."""
    return actor.kind == ActorKind.HOLDER and actor.appeal_id is None
