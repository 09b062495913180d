"""The levels of a unit that sign (首问承办人 → 科室 → 分管 → 主要负责人): who stands where, who is needed.

The levels are profile data; a “no” climbs them one by one, and the answer of a redo needs the next higher.
"""

from accounts.actors import Actor
from accounts.models import Role, Unit, User
from appeals.models import Appeal
from districts.handling import SigningLevel
from districts.profile import Rules

REDOS = ("redo", "redo_to_consulting")


def levels(rules: Rules) -> tuple[SigningLevel, ...]:
    return rules.handling.signing_levels


def stands_on(rules: Rules, actor: Actor, level: int) -> bool:
    """Does the actor sign for this level (0: the proposer)?"""
    return level < len(levels(rules)) and actor.has_role(*levels(rules)[level].roles)


def highest(rules: Rules, actor: Actor) -> int:
    """The highest level the actor stands on; -1 for none."""
    return max((n for n in range(len(levels(rules))) if stands_on(rules, actor, n)), default=-1)


def has_signed(appeal: Appeal, actor: Actor) -> bool:
    """One person signs one level of a “no”."""
    refusal = appeal.facts.refusal
    return refusal is not None and any(signed.by == actor.user for signed in refusal.signatures.all())


def redos(appeal: Appeal) -> int:
    """How often it was done again since it came in, or came back."""
    happened = [event.transition for event in appeal.facts.events]
    if "reopen" in happened:
        happened = happened[len(happened) - happened[::-1].index("reopen") :]
    return sum(transition in REDOS for transition in happened)


def needed_for_answer(appeal: Appeal) -> int:
    """The level that must sign the answer: none at first, a leader where the profile says; one more a redo."""
    rules = appeal.rules
    top = len(levels(rules)) - 1
    least = 0
    if rules.gates.leader_signs_feedback:
        least = next((n for n, level in enumerate(levels(rules)) if Role.UNIT_LEADER in level.roles), top)
    return min(least + redos(appeal), top)


def may_sign_answer(appeal: Appeal, actor: Actor) -> bool:
    needed = needed_for_answer(appeal)
    return not needed or highest(appeal.rules, actor) >= needed


def signers(unit: Unit, rules: Rules, level: int) -> list[User]:
    """The accounts of the unit that can sign for a level; none is a gap that the page must tell."""
    return list(User.objects.filter(unit=unit).with_role(*levels(rules)[level].roles))
