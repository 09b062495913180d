"""Who may do what, when: the expected matrix written by hand from the workflow's design page, not from the code.

A cell is role × transition × situation. A situation is a state, or a state in which something waits
("submitted+offer": an answer on the spot waits for the firm).
"""

import pytest
from django.db import transaction

from accounts.actors import Actor
from appeals.models import Appeal, Event, Status
from appeals.perform import Invalid, NotAllowed, NotYet, Stale, perform
from tests import factories
from tests.appeals.lives import INTAKE, SIGNATURE, Cast

EVERYBODY = (
    "visitor holder other_holder system dispatcher second_dispatcher bureau_leader liaison unit_leader lead_cadre "
    "assistant other_liaison township_liaison cadre window supervisor district_leader admin foreign_dispatcher"
)
ROLES = EVERYBODY.split()

# The appeal was registered by the window, is handled by the unit of liaison, unit_leader and lead_cadre, and
# assisted by the unit of assistant. Where something waits: "+offer" an answer on the spot, "+decline" the
# dispatcher's proposal not to accept, "+unhappy" a dissatisfied rating, "+second" a second revisit was made.
DISPATCHER = "dispatcher second_dispatcher"
BUREAU = "dispatcher second_dispatcher bureau_leader"
LEAD = "liaison unit_leader"
SUBMITTED = "submitted submitted+offer submitted+decline"
ACCEPTED = "accepted accepted+decline"
ANSWERED = "answered answered+unhappy"
REVISITED = "revisited revisited+unhappy revisited+second"
OPEN = f"{SUBMITTED} {ACCEPTED} dispatched handling {ANSWERED} {REVISITED}"

MATRIX = {
    # transition: (situations in which it goes through, who may do it)
    "offer_answer": (SUBMITTED, "window"),
    "confirm_solved": ("submitted+offer", "holder window"),
    "not_solved": ("solved_on_spot", "holder"),
    "supplement": (OPEN, "holder"),
    "accept": (SUBMITTED, DISPATCHER),
    "propose_decline": ("submitted submitted+offer accepted", DISPATCHER),
    "decline": ("submitted+decline accepted+decline", BUREAU),
    "refuse_decline": ("submitted+decline accepted+decline", BUREAU),
    "record_provincial": (f"{OPEN} closed", f"{DISPATCHER} window"),
    "dispatch": ("accepted", DISPATCHER),
    "sign": ("dispatched", LEAD),
    "assist": ("handling", "assistant"),
    "feedback": ("handling", LEAD),
    "rate": (f"{ANSWERED} {REVISITED}", "holder"),
    "uphold": ("answered+unhappy revisited+unhappy", BUREAU),
    "revisit": (ANSWERED, LEAD),
    "second_revisit": ("revisited revisited+unhappy", BUREAU),
    "close": ("revisited+second", BUREAU),
    "redo": (f"{ANSWERED} {REVISITED}", BUREAU),
}
# Nobody signs twice: who proposed not to accept does not countersign.
NOT_THE_PROPOSER = {
    (transition, situation, "dispatcher")
    for transition in ("decline", "refuse_decline")
    for situation in ("submitted+decline", "accepted+decline")
}
# Before an appeal is dispatched no unit is its lead or its assistant.
BEFORE_DISPATCH = f"{SUBMITTED} {ACCEPTED} solved_on_spot declined".split()

CREATES = {
    "submit": "visitor",
    "register": "dispatcher second_dispatcher liaison unit_leader lead_cadre assistant other_liaison "
    "township_liaison cadre window",
    "solve_on_spot": "dispatcher second_dispatcher liaison unit_leader lead_cadre assistant other_liaison "
    "township_liaison cadre window",
}

# What a waiting something can change; the others are asked in the plain states.
WAITS_MATTER = "confirm_solved accept propose_decline decline refuse_decline dispatch rate uphold second_revisit close redo"
SITUATIONS = [*OPEN.split(), "closed", "solved_on_spot", "declined"]


def expected(transition: str, situation: str, role: str) -> str:
    situations, who = (column.split() for column in MATRIX[transition])
    if role not in who or (transition, situation, role) in NOT_THE_PROPOSER:
        return "not allowed"
    if situation in BEFORE_DISPATCH and role in {"liaison", "unit_leader", "assistant"}:
        return "not allowed"
    if situation in situations:
        return "done"
    state = situation.partition("+")[0]
    return "not yet" if state in {other.partition("+")[0] for other in situations} else "stale"


def arranged(cast: Cast, situation: str) -> Appeal:
    """An appeal in the situation, walked there."""
    state, _, waits = situation.partition("+")
    appeal = cast.register("window")
    cast.code = appeal.secret_code
    if state == "solved_on_spot":
        return cast.do(cast.do(appeal, "offer_answer"), "confirm_solved")
    if state == "declined":
        return cast.do(cast.do(appeal, "propose_decline"), "decline")
    last = {
        "accepted": "accept", "dispatched": "dispatch", "handling": "sign",
        "answered": "feedback", "revisited": "revisit", "closed": "close",
    }.get(state)  # fmt: skip
    for step in cast.MAIN_PATH if last else ():
        more = {"assisting_units": [factories.unit(cast.district, "nyj").pk]} if step == "dispatch" else {}
        appeal = cast.do(appeal, step, **more)
        if step == last:
            break
    if waits == "offer":
        return cast.do(appeal, "offer_answer")
    if waits == "decline":
        return cast.do(appeal, "propose_decline")
    if waits == "unhappy":
        return cast.do(appeal, "rate", satisfaction="unsatisfied", comment="人数不够。")
    return cast.do(appeal, "second_revisit") if waits == "second" else appeal


@pytest.fixture
def actors(cast) -> dict[str, Actor]:
    foreign = factories.unit(factories.another_district(cast.district))
    officials = [role for role in ROLES if role in cast.PARTS]
    return {role: cast.actor(role) for role in officials} | {
        "visitor": Actor.holder(),
        "system": Actor.system(),
        "other_holder": Actor.holder(cast.submit().pk),
        "foreign_dispatcher": Actor.of_user(factories.user(foreign, "dispatcher")),
    }


class _TakenBack(Exception):
    pass


def verdict(appeal: Appeal | None, name: str, actor: Actor, data: dict, **more) -> str:
    """What comes of it. Whatever was done is taken back."""
    try:
        with transaction.atomic():
            perform(appeal, name, actor, data, **more)
            raise _TakenBack
    except _TakenBack:
        return "done"
    except NotAllowed:
        return "not allowed"
    except NotYet:
        return "not yet"
    except Stale:
        return "stale"
    except Invalid as refused:
        return f"invalid {dict(refused.form.errors)}"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_role_may_do_what_the_plan_says_and_nothing_else(cast, actors, situation):
    appeal = arranged(cast, situation)
    assert appeal.status == situation.partition("+")[0]
    actors["holder"] = Actor.holder(appeal.pk)
    events = Event.objects.count()
    found, wanted = {}, {}
    for transition in MATRIX if "+" not in situation else WAITS_MATTER.split():
        data = cast.data_for(transition, appeal) | {"code": cast.code}
        for role in ROLES:
            cell = (transition, role)
            found[cell] = verdict(appeal, transition, actors[role], data)
            wanted[cell] = expected(transition, situation, role)
    assert found == wanted
    assert Event.objects.count() == events


def test_only_recorders_of_the_district_and_visitors_bring_appeals_in(cast, actors):
    actors["holder"] = actors["other_holder"]
    by_role = {"window": "window", "cadre": "assignment_visit", "lead_cadre": "assignment_visit",
               "unit_leader": "assignment_visit"}  # fmt: skip
    found, wanted = {}, {}
    for transition, who in CREATES.items():
        for role in ROLES:
            data = INTAKE | {"answer": "已办。", "signature": SIGNATURE}
            if transition != "submit":
                data["channel"] = by_role.get(role, "walk_in")
            found[transition, role] = verdict(None, transition, actors[role], data, district=cast.district)
            wanted[transition, role] = "done" if role in who.split() else "not allowed"
    assert found == wanted


def test_the_matrix_speaks_of_every_transition_and_every_state_that_can_be_reached():
    from appeals.workflow import TRANSITIONS

    assert {*MATRIX, *CREATES} == set(TRANSITIONS)
    reached = {str(row.target) for row in TRANSITIONS.values() if row.target}
    assert {situation.partition("+")[0] for situation in SITUATIONS} == reached
    assert reached <= {str(status) for status in Status}
