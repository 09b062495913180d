"""Who may do what. Each name below stands in the ``who`` column of the table in ``appeals.workflow``.

A policy looks at the actor and the appeal only; whether the moment is right is the table's business.
"""

from collections.abc import Callable

from accounts.actors import Actor, ActorKind
from accounts.models import Role, Unit
from appeals import signing
from appeals.models import Answer, Appeal, Participation, PendingRequest, SupervisionLetter

Policy = Callable[[Actor, Appeal], bool]

RECORDERS = (Role.CADRE, Role.WINDOW, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
LEADERS = (Role.SECTION_HEAD, Role.DEPUTY_LEADER, Role.UNIT_LEADER, Role.BUREAU_LEADER)
UNIT_STAFF = (Role.LIAISON, Role.DISPATCHER, *LEADERS)


def _unit_is(actor: Actor, appeal: Appeal, code: str) -> bool:
    """Does the actor serve in the appeal's district's unit with this code?"""
    unit = actor.unit
    return unit is not None and unit.district_id == appeal.district_id and unit.code == code


def _asked_by_somebody_else(actor: Actor, appeal: Appeal, kind: str) -> bool:
    request = appeal.facts.pending(kind)
    return not (request and actor.user and request.asked_by_id == actor.user.pk)


# --- The bureau and those who watch ---------------------------------------------------------------


def of_the_bureau(actor: Actor, appeal: Appeal) -> bool:
    return _unit_is(actor, appeal, appeal.rules.lead_bureau)


def bureau_is_lead(appeal: Appeal) -> bool:
    lead: Unit | None = appeal.lead_unit
    return lead is not None and lead.code == appeal.rules.lead_bureau


def dispatcher(actor: Actor, appeal: Appeal) -> bool:
    return actor.has_role(Role.DISPATCHER) and of_the_bureau(actor, appeal)


def bureau(actor: Actor, appeal: Appeal) -> bool:
    """A dispatcher or the leader of the lead bureau."""
    return actor.has_role(Role.DISPATCHER, Role.BUREAU_LEADER) and of_the_bureau(actor, appeal)


def bureau_leader(actor: Actor, appeal: Appeal) -> bool:
    return actor.has_role(Role.BUREAU_LEADER) and of_the_bureau(actor, appeal)


def leader(actor: Actor, appeal: Appeal) -> bool:
    """Who writes an instruction (签批): a leader of the district, or of the lead bureau."""
    unit = actor.unit
    of_the_district = unit is not None and unit.district_id == appeal.district_id
    return (actor.has_role(Role.DISTRICT_LEADER) and of_the_district) or bureau_leader(actor, appeal)


def second_officer(actor: Actor, appeal: Appeal) -> bool:
    """Somebody of the bureau other than the one who proposed it."""
    return bureau(actor, appeal) and _asked_by_somebody_else(actor, appeal, PendingRequest.Kind.DECLINE)


def supervisor(actor: Actor, appeal: Appeal) -> bool:
    return actor.has_role(Role.SUPERVISOR) and _unit_is(actor, appeal, appeal.rules.supervisor)


def city_liaison(actor: Actor, appeal: Appeal) -> bool:
    """The unit that speaks to the city (区营商环境办, by the profile)."""
    return actor.has_role(*UNIT_STAFF) and _unit_is(actor, appeal, appeal.rules.city_coordination)


def system(actor: Actor, appeal: Appeal) -> bool:
    """A tick: what happens by default when a clock has run out."""
    return actor.kind == ActorKind.SYSTEM


# --- The firm -------------------------------------------------------------------------------------


def enterprise(actor: Actor, appeal: Appeal) -> bool:
    """The holder of this appeal's secret code."""
    return actor.kind == ActorKind.HOLDER and actor.appeal_id is not None and actor.appeal_id == appeal.pk


def visitor(actor: Actor, appeal: Appeal | None = None) -> bool:
    """An enterprise about to submit: anybody, no account needed."""
    return actor.kind == ActorKind.HOLDER and actor.appeal_id is None


# --- The units ------------------------------------------------------------------------------------


def recorder(actor: Actor, appeal: Appeal | None = None) -> bool:
    """An official who may write an appeal into the register: that of the own district."""
    unit = actor.unit
    if unit is None or not actor.has_role(*RECORDERS):
        return False
    return appeal is None or unit.district_id == appeal.district_id


def collecting_unit(actor: Actor, appeal: Appeal) -> bool:
    """Whoever was asked first (首问)."""
    return actor.serves(appeal.collecting_unit_id) and actor.has_role(*RECORDERS)


def collecting_unit_with_code(actor: Actor, appeal: Appeal) -> bool:
    """The one asked first, with the firm's code typed in: the form checks the code."""
    return collecting_unit(actor, appeal)


def own_handler(actor: Actor, appeal: Appeal) -> bool:
    """The township, park or cadre's unit that collected it (自办); a window only receives."""
    return (
        collecting_unit(actor, appeal)
        and not of_the_bureau(actor, appeal)
        and appeal.collecting_unit.kind in appeal.rules.handling_unit_kinds
    )


def lead_unit(actor: Actor, appeal: Appeal) -> bool:
    """The staff of the unit that handles it, and the officer in charge whatever their role."""
    if not actor.serves(appeal.lead_unit_id):
        return False
    is_in_charge = actor.user is not None and appeal.officer_id == actor.user.pk
    return is_in_charge or actor.has_role(*UNIT_STAFF)


def lead_unit_leader(actor: Actor, appeal: Appeal) -> bool:
    return actor.serves(appeal.lead_unit_id) and actor.has_role(*LEADERS)


def first_asked(actor: Actor, appeal: Appeal) -> bool:
    """Whoever of the handling unit stands on the first level of signing: the one who may propose “no”."""
    return lead_unit(actor, appeal) and signing.stands_on(appeal.rules, actor, 0)


def refusal_signer(actor: Actor, appeal: Appeal) -> bool:
    """The level whose signature is next. One person signs one level."""
    if not appeal.refusal_level or not actor.serves(appeal.lead_unit_id):
        return False
    stands_there = signing.stands_on(appeal.rules, actor, appeal.refusal_level)
    return stands_there and not signing.has_signed(appeal, actor)


def assisting_unit(actor: Actor, appeal: Appeal) -> bool:
    return (
        actor.unit_id is not None
        and actor.has_role(*UNIT_STAFF)
        and any(
            (part.unit_id, part.part, part.round)
            == (actor.unit_id, Participation.Part.ASSISTING, appeal.round)
            for part in appeal.facts.parts
        )
    )


def supervised_unit(actor: Actor, appeal: Appeal) -> bool:
    """A unit that a supervision letter about this appeal was sent to."""
    return (
        actor.unit_id is not None
        and actor.has_role(*UNIT_STAFF)
        and any(
            (letter.unit_id, letter.state) == (actor.unit_id, SupervisionLetter.State.SENT)
            for letter in appeal.facts.letters
        )
    )


# --- Revisits -------------------------------------------------------------------------------------


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
    return supervisor(actor, appeal) if bureau_is_lead(appeal) else bureau(actor, appeal)


def merged_revisitor(actor: Actor, appeal: Appeal) -> bool:
    """Who revisits the firm of a merged appeal: the bureau, or the unit that handles the main one."""
    main = appeal.merged_into
    return bureau(actor, appeal) or (main is not None and lead_unit(actor, main))
