"""Turns beside the straight way: what is asked and ruled on, and how a “no” climbs its levels."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from accounts.models import Unit, User
from appeals import signing
from appeals.models import Status
from core import clock
from demo.cases import Case
from demo.data import turns as words
from demo.stories import StandStill

Steps = Iterator[datetime]


def signer(case: Case, level: int) -> User:
    """Whoever of the handling unit signs on a level: the liaison first, its leader last."""
    code = case.lead.code
    if case.bureau_is_lead and level == 3:
        return case.world.people["leader"]
    names = (code, f"{code}_section", f"{code}_deputy", f"{code}_leader")
    return case.world.people[names[level]] if level else case.handler


def answer(case: Case, *, files: bool = False, **data: Any) -> Steps:
    """The feedback; after a redo it is drafted for whoever has to sign it."""
    assert case.appeal is not None
    needed = signing.needed_for_answer(case.appeal)
    if not needed:
        case.do("feedback", case.handler, files=files, **data)
        return
    case.do("draft_feedback", case.handler, files=files, **data)
    if case.plot.stops_before == "signature":
        raise StandStill
    yield case.world.later(case.rng, 0, 1)
    case.do("feedback", signer(case, needed), **data)


def take(case: Case) -> Steps:
    """The turn of the plot, once the unit has signed for receipt. Ends where the handling goes on."""
    turn = TURNS.get(case.plot.turn)
    if turn is not None:
        yield case.world.later(case.rng, 0, 1)
        yield from turn(case)


def _wait(case: Case, step: str, least: int = 0, most: int = 1) -> Steps:
    """Until somebody does the next step of the turn; for ever, if the plot stops before it."""
    if case.plot.stops_before == step:
        raise StandStill
    yield case.world.later(case.rng, least, most)


def _day(case: Case, ahead: int) -> date:
    return case.world.calendar.add(clock.today(), ahead)


# --- Asked and ruled on ---------------------------------------------------------------------------


def _asked_firm(case: Case) -> Steps:
    case.do("ask_firm", case.handler, question=case.pick(words.QUESTIONS))
    yield from _wait(case, "supply", 1, 3)
    case.do("supply", content=case.pick(words.SUPPLIED), files=True)


def _extended(case: Case) -> Steps:
    assert case.appeal is not None
    handle = case.appeal.deadlines.running().get(kind="handle")
    until = case.world.calendar.add(clock.local_date(handle.due_at), 5)
    reason, told = case.pick(words.EXTENSION_REASONS), case.pick(words.TOLD)
    case.do("request_extension", case.handler, reason=reason, until=until, told=told)
    yield from _wait(case, "agree_extension", 0, 1)
    case.do("agree_extension", case.dispatcher, until=until)


def _returned(case: Case) -> Steps:
    """Not its business: the bureau agrees and dispatches to the territory."""
    case.do("request_return", case.handler, ground=case.pick(words.RETURN_GROUNDS))
    yield from _wait(case, "agree_return", 0, 0)
    case.do("agree_return", case.dispatcher, opinion=case.pick(words.RETURN_OPINIONS))
    yield from _dispatched_again(case, case.world.territory(case.firm.region))


def _return_refused(case: Case) -> Steps:
    case.do("request_return", case.handler, ground=case.pick(words.RETURN_GROUNDS))
    yield from _wait(case, "refuse_return", 0, 0)
    case.do("refuse_return", case.dispatcher, opinion=words.RETURN_REFUSED)


def _reassigned(case: Case) -> Steps:
    unit = case.world.territory(case.firm.region)
    if unit.pk == case.lead.pk:
        return
    reason = words.REASSIGNED.format(lead=unit.name)
    case.do("reassign", case.dispatcher, lead_unit=unit.pk, reason=reason)
    case.moved_to = unit.code
    yield from _wait(case, "sign")
    case.do("sign", case.handler)


def _dispatched_again(case: Case, unit: Unit) -> Steps:
    case.moved_to = unit.code
    yield from _wait(case, "dispatch")
    case.do("dispatch", case.dispatcher, lead_unit=unit.pk)
    yield from _wait(case, "sign")
    case.do("sign", case.handler)


def _on_file(case: Case) -> Steps:
    reason, told = case.pick(words.ON_FILE_REASONS), case.pick(words.TOLD)
    case.do("request_on_file", case.handler, reason=reason, until=_day(case, 10), told=told)
    yield from _wait(case, "put_on_file")
    case.do("put_on_file", case.dispatcher)
    yield from _wait(case, "renew_file", 8, 10)
    case.do("renew_file", case.handler, reason=words.RENEWED, until=_day(case, 15))
    yield from _wait(case, "resume_file", 10, 14)
    case.do("resume_file", case.handler, reason="条件已具备，恢复办理。")


def _reported_up(case: Case) -> Steps:
    letter = f"郊营商〔{clock.today().year}〕{case.rng.randint(2, 60)}号"
    case.do("report_up", case.dispatcher, city_letter=letter, reason=words.REPORTED)
    city_desk = case.world.people[case.world.rules.city_coordination]
    yield from _wait(case, "follow_up", 3, 5)
    case.do("follow_up", city_desk, note=case.pick(words.FOLLOWED_UP))
    yield from _wait(case, "city_answered", 3, 5)
    case.do("city_answered", city_desk, answer=words.CITY_ANSWERS, lead_unit=case.lead.pk)


def _withdrawn(case: Case) -> Steps:
    case.do("withdraw", reason=case.pick(words.WITHDRAWN))
    yield from _wait(case, "confirm_withdrawal")
    case.do("confirm_withdrawal", case.dispatcher, opinion=words.WITHDRAWAL_CHECKED)


# --- “No” -----------------------------------------------------------------------------------------


def _proposed(case: Case) -> None:
    words_of_no: dict[str, Any] = case.rng.choice(words.REFUSALS)
    case.do("propose_refusal", case.handler, **words_of_no)


def _turned_back(case: Case) -> Steps:
    """The section, or the deputy, finds a way."""
    _proposed(case)
    level = case.rng.choice((1, 1, 2))
    for number in range(1, level):
        yield from _wait(case, f"level_{number}")
        case.do("sign_refusal", signer(case, number), opinion=case.pick(words.SIGN_OPINIONS))
    yield from _wait(case, "turn_back")
    case.do("turn_back", signer(case, level), direction=case.pick(words.DIRECTIONS))


def _consulted(case: Case) -> Steps:
    _proposed(case)
    for level, step in enumerate(("sign_refusal", "sign_refusal", "sign_refusal_last"), start=1):
        yield from _wait(case, f"level_{level}", 0, 2)
        case.do(step, signer(case, level), opinion=case.pick(words.SIGN_OPINIONS))
    yield from _wait(case, "consult", 1, 3)


def _refused(case: Case) -> Steps:
    yield from _consulted(case)
    minutes: dict[str, Any] = {
        "attendees": words.ATTENDEES,
        "minutes": f"{words.MINUTES}{words.UNREASONABLE}",
    }
    case.do("find_unreasonable", case.dispatcher, legal_basis=words.REFUSALS[0]["rule"], **minutes)
    yield from _wait(case, "explained", 1, 2)
    case.do(
        "explained",
        case.handler,
        explained_on=clock.today(),
        explained_by="分管负责人",
        explanation=words.EXPLANATIONS,
        reaction=case.pick(words.REACTIONS),
    )


def _found_reasonable(case: Case) -> Steps:
    yield from _consulted(case)
    finding = words.REASONABLE.format(lead=case.lead.name)
    minutes: dict[str, Any] = {"attendees": words.ATTENDEES, "minutes": f"{words.MINUTES}{finding}"}
    case.do("find_reasonable", case.dispatcher, direction=finding, **minutes)
    yield from _dispatched_again(case, case.lead)


TURNS: dict[str, Callable[[Case], Steps]] = {
    "asked_firm": _asked_firm,
    "extended": _extended,
    "returned": _returned,
    "return_refused": _return_refused,
    "reassigned": _reassigned,
    "on_file": _on_file,
    "reported_up": _reported_up,
    "withdrawn": _withdrawn,
    "turned_back": _turned_back,
    "refused": _refused,
    "found_reasonable": _found_reasonable,
}


def is_over(case: Case) -> bool:
    """Withdrawn, or explained: there is nothing left to answer."""
    return case.status in {Status.WITHDRAWN, Status.ANSWERED}


# --- Before it is dispatched ----------------------------------------------------------------------


def instructed(case: Case) -> Steps:
    """Laid before a leader of the district, who writes on it."""
    leader = case.world.people["district"]
    lead = case.lead.name
    asked = case.pick(words.INSTRUCTION_ASKED).format(lead=lead)
    case.do("ask_instruction", case.dispatcher, leader=leader.pk, text=asked)
    yield from _wait(case, "instruct", 0, 1)
    case.do("instruct", leader, text=case.pick(words.INSTRUCTIONS).format(lead=lead))


def objected(case: Case) -> Steps:
    """The firm does not accept the decline; the bureau's leader rules."""
    yield from _wait(case, "object", 0, 2)
    case.do("object", reason=case.pick(words.OBJECTIONS))
    yield from _wait(case, "object_ruled", 0, 1)
    leader = case.world.people["leader"]
    if case.plot.turn == "overturned":
        case.do("overturn_decline", leader, opinion=words.OVERTURNED)
    else:
        case.do("uphold_decline", leader, opinion=words.OBJECTION_UPHELD)
