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
    "visitor holder other_holder system dispatcher second_dispatcher bureau_leader liaison section_head "
    "deputy_leader unit_leader lead_cadre assistant other_liaison township_liaison cadre window city_liaison "
    "supervisor district_leader admin foreign_dispatcher"
)
ROLES = EVERYBODY.split()

# The appeal was registered by the window, is handled by the unit of liaison, section_head, deputy_leader,
# unit_leader and lead_cadre, and assisted by the unit of assistant. "+township": the township collected it.
DISPATCHER = "dispatcher second_dispatcher"
BUREAU = "dispatcher second_dispatcher bureau_leader"
# Resolved by situation: who collected it, who handles it, whose signature is next, who was sent a letter.
COLLECTOR, LEAD, LEADERS, FIRST, SIGNER, SUPERVISED = (
    "COLLECTOR", "LEAD", "LEADERS", "FIRST", "SIGNER", "SUPERVISED",
)  # fmt: skip

FINAL = "closed solved_on_spot declined merged withdrawn"
OPEN = (
    "submitted accepted dispatched handling waiting refusing consulting explaining reported_up on_file "
    "answered revisited"
)
# What waits, in which state.
WAITING = (
    "submitted+offer submitted+decline submitted+township accepted+decline accepted+instruction "
    "dispatched+return handling+own handling+return handling+extension handling+file handling+out "
    "handling+redo handling+draft handling+withdrawal handling+letter handling+listed refusing+2 refusing+3 "
    "answered+unhappy answered+redone revisited+unhappy revisited+second declined+objection merged+answered"
)
SITUATIONS = f"{OPEN} {FINAL} {WAITING}".split()

# transition: (states it starts from, in which of their situations, who). "in all", "only …", "not …".
MATRIX = {
    "offer_answer": ("submitted", "", COLLECTOR),
    "confirm_solved": ("submitted", "only submitted+offer", f"holder {COLLECTOR}"),
    "not_solved": ("solved_on_spot", "", "holder"),
    "supplement": (OPEN.replace("waiting ", ""), "", "holder"),
    "ask_firm": (OPEN.replace("waiting ", "").replace(" revisited", ""), "", f"{BUREAU} {LEAD}"),
    "supply": ("waiting", "", "holder"),
    "stop_waiting": ("waiting", "", f"{BUREAU} {LEAD} system"),
    "withdraw": (OPEN, "not handling+withdrawal", "holder"),
    "confirm_withdrawal": (OPEN, "only handling+withdrawal", BUREAU),
    "refuse_withdrawal": (OPEN, "only handling+withdrawal", BUREAU),
    "accept": ("submitted", "not submitted+decline", DISPATCHER),
    "handle_oneself": ("submitted accepted", "only submitted+township", "township_liaison"),
    "propose_decline": ("submitted accepted", "not submitted+decline accepted+decline", DISPATCHER),
    "decline": ("submitted accepted", "only submitted+decline accepted+decline", BUREAU),
    "refuse_decline": ("submitted accepted", "only submitted+decline accepted+decline", BUREAU),
    "object": ("declined", "not declined+objection", "holder"),
    "overturn_decline": ("declined", "only declined+objection", "bureau_leader"),
    "uphold_decline": ("declined", "only declined+objection", "bureau_leader"),
    "merge": ("submitted accepted", "not submitted+decline accepted+decline", DISPATCHER),
    "unmerge": ("merged", "", DISPATCHER),
    "record_provincial": (f"{OPEN} closed", "", f"{DISPATCHER} {COLLECTOR}"),
    "ask_instruction": ("accepted", "not accepted+instruction", DISPATCHER),
    "instruct": ("accepted", "", "district_leader bureau_leader"),
    "dispatch": ("accepted", "not accepted+decline", DISPATCHER),
    "sign": ("dispatched", "", LEAD),
    "feedback": ("handling", "", LEAD),
    "draft_feedback": ("handling", "only handling+redo", LEAD),
    "return_draft": ("handling", "only handling+draft", LEADERS),
    "hand_up": ("handling", "only handling+own", f"{LEAD} system"),
    "assist": ("handling", "", "assistant"),
    "request_assist_withdrawal": ("dispatched handling", "not handling+out", "assistant"),
    "agree_assist_withdrawal": ("dispatched handling", "only handling+out", DISPATCHER),
    "refuse_assist_withdrawal": ("dispatched handling", "only handling+out", DISPATCHER),
    "request_return": ("dispatched handling", "not dispatched+return handling+return handling+own", LEAD),
    "agree_return": ("dispatched handling", "only dispatched+return handling+return", DISPATCHER),
    "refuse_return": (
        "dispatched handling",
        "only dispatched+return handling+return",
        f"{DISPATCHER} system",
    ),
    "reassign": ("handling", "not handling+own", DISPATCHER),
    "request_extension": ("handling", "not handling+own handling+extension", LEAD),
    "agree_extension": ("handling", "only handling+extension", DISPATCHER),
    "refuse_extension": ("handling", "only handling+extension", f"{DISPATCHER} system"),
    "propose_refusal": ("handling", "not handling+own", FIRST),
    "turn_back": ("refusing", "", SIGNER),
    "sign_refusal": ("refusing", "not refusing+3", SIGNER),
    "sign_refusal_last": ("refusing", "only refusing+3", SIGNER),
    "find_reasonable": ("consulting", "", BUREAU),
    "find_unreasonable": ("consulting", "", BUREAU),
    "explained": ("explaining", "", LEAD),
    "report_up": ("accepted handling consulting", "not accepted+decline", f"{BUREAU} city_liaison"),
    "follow_up": ("reported_up", "", f"{BUREAU} city_liaison"),
    "city_answered": ("reported_up", "", f"{BUREAU} city_liaison"),
    "request_on_file": ("handling", "not handling+own handling+file", LEAD),
    "put_on_file": ("handling", "only handling+file", BUREAU),
    "refuse_on_file": ("handling", "only handling+file", BUREAU),
    "renew_file": ("on_file", "", f"{BUREAU} {LEAD}"),
    "resume_file": ("on_file", "", f"{BUREAU} {LEAD}"),
    "rate": ("answered revisited", "", "holder"),
    "uphold": ("answered revisited", "only answered+unhappy revisited+unhappy", BUREAU),
    "revisit": ("answered", "", LEAD),
    "second_revisit": ("revisited", "not revisited+second", BUREAU),
    "revisit_merged": ("merged", "only merged+answered", f"{BUREAU} MAIN"),
    "close": ("revisited", "only revisited+second", BUREAU),
    "redo": ("answered revisited", "not answered+redone", BUREAU),
    "redo_to_consulting": ("answered revisited", "only answered+redone", BUREAU),
    "reopen": ("closed declined merged", "not declined+objection", "holder"),
    "remind": (OPEN, "", f"{BUREAU} supervisor"),
    "supervise": (OPEN, "", f"{BUREAU} supervisor"),
    "answer_supervision": (OPEN, "", SUPERVISED),
    "list_supervision": (OPEN, "not handling+listed", f"{BUREAU} supervisor"),
    "delist_supervision": (OPEN, "only handling+listed", f"{BUREAU} supervisor"),
    "recount": (f"{OPEN} declined", "", "system"),
}
# Nobody signs twice: who proposed not to accept does not countersign.
NOT_THE_PROPOSER = {
    (transition, situation, "dispatcher")
    for transition in ("decline", "refuse_decline")
    for situation in ("submitted+decline", "accepted+decline")
}
# A redo's answer needs the next higher signature: the liaison drafts it.
NEEDS_A_HIGHER_SIGNATURE = {
    ("feedback", "handling+redo", "liaison"),
    ("feedback", "handling+draft", "liaison"),
}
# Everything is well but the words: a unit that owes an answer gets no second letter; no calendar came.
NO_GOOD = {("supervise", "handling+letter")} | {("recount", situation) for situation in SITUATIONS}

CREATES = {
    "submit": "visitor",
    "register": "dispatcher second_dispatcher liaison unit_leader lead_cadre assistant other_liaison "
    "township_liaison cadre window city_liaison",
    "solve_on_spot": "dispatcher second_dispatcher liaison unit_leader lead_cadre assistant other_liaison "
    "township_liaison cadre window city_liaison",
}

# What a waiting something can change; the others are asked in the plain states.
WAITS_MATTER = {
    "submitted": "confirm_solved accept handle_oneself propose_decline decline refuse_decline merge report_up",
    "accepted": "propose_decline decline refuse_decline merge ask_instruction instruct dispatch report_up",
    "dispatched": "sign request_return agree_return refuse_return request_assist_withdrawal",
    "handling": "feedback draft_feedback return_draft hand_up assist request_assist_withdrawal "
    "agree_assist_withdrawal refuse_assist_withdrawal request_return agree_return refuse_return reassign "
    "request_extension agree_extension refuse_extension propose_refusal report_up request_on_file put_on_file "
    "refuse_on_file withdraw confirm_withdrawal refuse_withdrawal supervise answer_supervision list_supervision "
    "delist_supervision record_provincial ask_firm",
    "refusing": "turn_back sign_refusal sign_refusal_last",
    "answered": "rate uphold revisit redo redo_to_consulting ask_firm",
    "revisited": "rate uphold second_revisit close redo redo_to_consulting",
    "declined": "object overturn_decline uphold_decline reopen",
    "merged": "unmerge revisit_merged reopen",
}

BEFORE_DISPATCH = ["submitted", "accepted", "solved_on_spot", "declined", "merged", "withdrawn"]
UNIT = {"liaison", "section_head", "deputy_leader", "unit_leader"}


def who_is(column: str, situation: str) -> set[str]:
    """The roles behind a name that depends on the situation."""
    state, _, waits = situation.partition("+")
    handled_by_the_unit = state not in BEFORE_DISPATCH and waits != "own"
    match column:
        case "COLLECTOR":
            return {"township_liaison"} if waits in {"township", "own"} else {"window"}
        case "LEAD" if waits == "own":
            return {"township_liaison"}
        case "LEAD":
            return UNIT if handled_by_the_unit else set()
        case "MAIN":
            # The unit that handles the main appeal asks the merged ones too.
            return UNIT if waits == "answered" else set()
        case "LEADERS":
            return UNIT - {"liaison"} if handled_by_the_unit else set()
        case "FIRST" if waits == "own":
            return {"township_liaison"}
        case "FIRST":
            return UNIT - {"unit_leader"} if handled_by_the_unit else set()
        case "SIGNER":
            signers = {"refusing": "section_head", "refusing+2": "deputy_leader", "refusing+3": "unit_leader"}
            return {signers[situation]} if situation in signers else set()
        case "SUPERVISED":
            return UNIT if waits == "letter" else set()
        case "assistant":
            assisted = handled_by_the_unit and waits not in {"redo", "draft"}
            return {"assistant"} if assisted else set()
        case "township_liaison":
            return {"township_liaison"} if waits in {"township", "own"} else set()
        case role:
            return {role}


def expected(transition: str, situation: str, role: str) -> str:
    states, where, columns = MATRIX[transition]
    who = set().union(*(who_is(column, situation) for column in columns.split()))
    if role not in who or (transition, situation, role) in NOT_THE_PROPOSER:
        return "not allowed"
    if situation.partition("+")[0] not in states.split():
        return "stale"
    how, _, named = where.partition(" ")
    goes = {"": True, "only": situation in named.split(), "not": situation not in named.split()}[how]
    if not goes or (transition, situation, role) in NEEDS_A_HIGHER_SIGNATURE:
        return "not yet"
    return "invalid" if (transition, situation) in NO_GOOD else "done"


ARRIVE = {
    # How each state is reached from 登记; the main path in between.
    "submitted": "",
    "accepted": "accept",
    "dispatched": "accept dispatch",
    "handling": "accept dispatch sign",
    "waiting": "accept dispatch sign ask_firm",
    "refusing": "accept dispatch sign propose_refusal",
    "consulting": "accept dispatch sign propose_refusal sign_refusal sign_refusal sign_refusal_last",
    "explaining": "accept dispatch sign propose_refusal sign_refusal sign_refusal sign_refusal_last "
    "find_unreasonable",
    "reported_up": "accept dispatch sign report_up",
    "on_file": "accept dispatch sign request_on_file put_on_file",
    "answered": "accept dispatch sign feedback",
    "revisited": "accept dispatch sign feedback revisit",
    "closed": "accept dispatch sign feedback revisit second_revisit close",
    "solved_on_spot": "offer_answer confirm_solved",
    "declined": "propose_decline decline",
    "merged": "merge",
    "withdrawn": "withdraw confirm_withdrawal",
}
THEN = {
    "offer": "offer_answer",
    "decline": "propose_decline",
    "township": "",
    "instruction": "ask_instruction",
    "return": "request_return",
    "extension": "request_extension",
    "file": "request_on_file",
    "out": "request_assist_withdrawal",
    "redo": "feedback redo sign",
    "draft": "feedback redo sign draft_feedback",
    "withdrawal": "withdraw",
    "letter": "supervise",
    "listed": "list_supervision",
    "2": "sign_refusal",
    "3": "sign_refusal sign_refusal",
    "redone": "redo sign feedback redo sign feedback",
    "second": "second_revisit",
    "objection": "object",
}


def arranged(cast: Cast, situation: str) -> Appeal:
    """An appeal in the situation, walked there."""
    state, _, waits = situation.partition("+")
    appeal = cast.register("township_liaison" if waits in {"township", "own"} else "window")
    cast.code = appeal.secret_code
    if waits == "own":
        return cast.do(appeal, "handle_oneself")
    if waits == "answered":
        cast.main = cast.walk(cast.submit(), "feedback")
        main = cast.do(cast.submit(), "accept")
        appeal = cast.do(appeal, "merge", main=main.number)
        cast.through(main, "dispatch", "sign", "feedback")
        return appeal
    for step in ARRIVE[state].split():
        more = {"assisting_units": [cast.unit("nyj")]} if step == "dispatch" else {}
        appeal = cast.do(appeal, step, **more)
    if waits == "unhappy":
        return cast.do(appeal, "rate", satisfaction="unsatisfied", comment="人数不够。")
    return cast.through(appeal, *THEN.get(waits, "").split())


@pytest.fixture
def actors(cast) -> dict[str, Actor]:
    foreign = factories.unit(factories.another_district(cast.district))
    officials = [role for role in ROLES if role in cast.PARTS]
    cast.main = cast.submit()
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
        return "invalid" if name in {"supervise", "recount"} else f"invalid {dict(refused.form.errors)}"


@pytest.mark.once
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_role_may_do_what_the_plan_says_and_nothing_else(cast, actors, situation):
    appeal = arranged(cast, situation)
    state, _, waits = situation.partition("+")
    assert appeal.status == state
    actors["holder"] = Actor.holder(appeal.pk)
    events = Event.objects.count()
    found, wanted = {}, {}
    for transition in WAITS_MATTER[state].split() if waits else MATRIX:
        data = cast.data_for(transition, appeal) | {"code": cast.code}
        for role in ROLES:
            cell = (transition, role)
            found[cell] = verdict(appeal, transition, actors[role], data)
            wanted[cell] = expected(transition, situation, role)
    wrong = {cell: (found[cell], wanted[cell]) for cell in found if found[cell] != wanted[cell]}
    assert not wrong, wrong
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
    assert (
        {situation.partition("+")[0] for situation in SITUATIONS}
        == reached
        == {str(status) for status in Status}
    )
