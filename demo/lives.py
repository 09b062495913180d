"""The lives of appeals, told as stories: each ``yield`` sleeps until somebody does the next step."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from appeals.models import Status
from demo import turns
from demo.cases import Case
from demo.data import counter, phrases
from demo.provincial import entered_number
from demo.stories import StandStill
from demo.world import Story

Steps = Iterator[datetime]


def live(case: Case) -> Story:
    """From 待受理 to wherever the plot leads."""
    try:
        yield from _live(case)
    except StandStill:
        return


def _live(case: Case) -> Steps:
    plot = case.plot
    if plot.ending == "offered":
        yield from _offered(case)
        return
    if plot.supplemented:
        yield case.world.later(case.rng, 0, 0)
        case.do("supplement", files=plot.files, content=case.pick(phrases.SUPPLEMENTS))
    if plot.ending in {"declined", "decline_refused", "decline_waits"}:
        yield from _declined(case)
        if case.status == Status.DECLINED and plot.turn in {"objected", "overturned"}:
            yield from turns.objected(case)
        if case.status == Status.DECLINED:
            return
    if case.status == Status.SUBMITTED:
        yield from _accepted(case)
    if plot.turn == "instructed" or case.world.rules.gates.instruction_before_dispatch:
        yield from turns.instructed(case)
    yield from _dispatched(case)
    yield from _handled(case)
    if case.status == Status.WITHDRAWN:
        return
    if plot.ending == "redo":
        yield from _redone(case)
    elif plot.ending in {"upheld", "against"}:
        yield from _judged_badly(case)
    elif plot.rated:
        yield from _rated_well(case)
    yield from _revisited(case)
    yield from _closed(case)


def _next(case: Case, step: str, days: tuple[int, int]) -> Steps:
    """Sleep until the step's time; for ever, if the plot stops before it."""
    if case.plot.stops_before == step:
        raise StandStill
    brisk = case.plot.brisk and days == (0, 0)
    yield case.world.shortly(case.rng) if brisk else case.world.later(case.rng, *days)


# --- The bureau's desk ----------------------------------------------------------------------------


def _declined(case: Case) -> Steps:
    plot, rng = case.plot, case.rng
    yield from _next(case, "propose_decline", (0, 1))
    first = case.dispatcher
    reason = counter.NOT_ACCEPTED[case.ground][1]
    case.do("propose_decline", first, ground=case.ground, reason=reason)
    if plot.ending == "decline_waits":
        raise StandStill
    yield case.world.later(rng, 0, 1)
    second = case.other_dispatcher(first)
    if plot.ending == "declined":
        case.do("decline", second, opinion=case.pick(phrases.DECLINE_OPINIONS))
    else:
        case.do("refuse_decline", second, opinion=case.pick(phrases.REFUSE_DECLINE_OPINIONS))


def _offered(case: Case) -> Steps:
    """Answered by whoever was asked first; the firm confirms with its code."""
    assert case.appeal is not None
    yield case.world.later(case.rng, 0, 0)
    by = case.appeal.registered_by or case.dispatcher
    by = case.world.person(by)
    answer = case.question.answer + phrases.PLEASE_CONFIRM
    case.do("offer_answer", by, answer=answer, basis=case.question.basis)
    if case.plot.offered_only:
        raise StandStill
    yield case.world.later(case.rng, 0, 1)
    case.do("confirm_solved")


def _accepted(case: Case) -> Steps:
    yield from _next(case, "accept", case.plot.accept)
    assert case.appeal is not None
    data: dict[str, Any] = {"category": case.matter.category, "urgency": case.plot.urgency}
    if not case.appeal.is_matched:
        if case.claimed_name:
            data |= {
                "add_to_roster": "on",
                "region": str(case.firm.region_id),
                "industry": case.firm.industry,
                "tier": "small",
            }
        else:
            data |= {"subject": f"{case.firm._meta.model_name}-{case.firm.pk}"}
    case.do("accept", case.dispatcher, **data)
    if case.plot.provincial and not case.appeal.provincial_number:
        yield case.world.shortly(case.rng)
        number = entered_number(case.appeal)
        case.do("record_provincial", case.dispatcher, provincial_number=number)


def _dispatched(case: Case) -> Steps:
    yield from _next(case, "dispatch", case.plot.dispatch)
    assisting = case.assisting if case.plot.assisted else []
    case.do(
        "dispatch",
        case.dispatcher,
        lead_unit=case.lead.pk,
        assisting_units=[unit.pk for unit in assisting],
        requirements=case.pick(phrases.REQUIREMENTS),
    )


# --- The handling unit ----------------------------------------------------------------------------


def _handled(case: Case, again: bool = False) -> Steps:
    plot = case.plot
    yield from _next(case, "second_sign" if again else "sign", plot.sign)
    case.do("sign", case.handler)
    if not again and plot.assisted and plot.assists:
        for unit in case.assisting:
            yield case.world.later(case.rng, 1, 1)
            case.do("assist", case.world.liaison(unit.code), opinion=case.pick(phrases.ASSISTING_OPINIONS))
    if not again:
        yield from turns.take(case)
        if turns.is_over(case):
            return
    yield from _next(case, "second_feedback" if again else "feedback", (1, 3) if again else plot.handle)
    answer = case.answer()
    if again:
        answer |= {"result": case.pick(phrases.REDO_ANSWERS), "solved": "yes"}
    yield from turns.answer(case, files=plot.files, **answer)


def _redone(case: Case) -> Steps:
    """The firm is not satisfied, or tells so when it is revisited; the unit has to do it again."""
    if case.rng.random() < 0.7:
        yield from _rated_badly(case)
    else:
        yield from _next(case, "revisit", case.plot.revisit)
        case.do("revisit", case.revisitor, **case.dissatisfied())
    yield from _next(case, "redo", (0, 1))
    case.do("redo", case.dispatcher, reason=case.pick(phrases.REDO_REASONS))
    yield from _handled(case, again=True)
    if case.plot.rated:
        yield from _rated_well(case)


def _judged_badly(case: Case) -> Steps:
    """The bureau upholds the answer; the firm hears why."""
    yield from _rated_badly(case)
    yield from _next(case, "uphold", (0, 1))
    case.do("uphold", case.dispatcher, reason=case.pick(phrases.UPHOLD_REASONS))


def _rated_badly(case: Case) -> Steps:
    yield case.world.later(case.rng, 0, 1)
    case.do(
        "rate",
        satisfaction=case.rng.choices(("unsatisfied", "very_unsatisfied"), (3, 1))[0],
        solved=case.rng.choice(("no", "partly")),
        comment=case.pick(phrases.COMPLAINTS),
    )


def _rated_well(case: Case) -> Steps:
    yield case.world.later(case.rng, 0, 1)
    level = case.rng.choices(("very_satisfied", "satisfied", "basic"), (5, 4, 1))[0]
    solved = "partly" if level == "basic" else "yes"
    case.do("rate", satisfaction=level, solved=solved, comment=case.pick(phrases.COMMENTS))


# --- Revisits and the end -------------------------------------------------------------------------


def _revisited(case: Case) -> Steps:
    plot = case.plot
    if case.status == Status.ANSWERED:
        yield from _next(case, "revisit", plot.revisit)
        case.do("revisit", case.revisitor, **case.satisfied())
    yield from _next(case, "second_revisit", plot.second_revisit)
    if plot.ending == "against":
        case.do("second_revisit", case.second_revisitor, **case.dissatisfied())
        return
    attempts = {"unreached": 3, "unreached_once": 1}.get(plot.ending, 0)
    for attempt in range(attempts):
        if attempt:
            yield case.world.later(case.rng, 1, 1)
        case.do("second_revisit", case.second_revisitor, **case.missed())
    if attempts < 3:
        if attempts:
            yield case.world.later(case.rng, 1, 1)
        case.do("second_revisit", case.second_revisitor, **case.satisfied(phrases.SECOND_NOTES))


def _closed(case: Case) -> Steps:
    yield from _next(case, "close", case.plot.close)
    assert case.appeal is not None
    if case.appeal.facts.listing:
        case.do("delist_supervision", case.world.people["supervisor"], result=phrases.DELISTED)
    if case.plot.ending in {"against", "upheld"}:
        case.do("close", case.world.people["leader"], explanation=phrases.CLOSE_AFTER_EXPLANATION)
        return
    last = case.appeal.revisits.order_by("-event_seq").select_related("by").first()
    assert last is not None
    closer = case.dispatcher
    if closer.pk == last.by_id:
        closer = case.other_dispatcher(closer)
    case.do("close", closer)
