"""Revisits, the firm's judgement, closing, doing again."""

from appeals import answers, deadlines
from appeals.gates import second_result
from appeals.models import Audience, Deadline, Participation, Rating, Revisit
from appeals.steps.base import Step
from core import clock

Part = Participation.Part
Stage = Revisit.Stage


def revisit(step: Step, stage: str = Stage.FIRST) -> None:
    """One attempt. Not reached counts as a result after attempts on as many different days as the profile says."""
    data = step.data
    step.concluded = data["reached"] or _missed_days(step, stage) >= step.rules.handling.unreached_days
    made = Revisit.objects.create(
        stage=stage,
        unit=step.unit,
        by=step.user,
        method=data["method"],
        reached=data["reached"],
        solved=data["solved"],
        satisfaction=data["satisfaction"],
        note=data["note"],
        concludes=step.concluded,
        **step._of_event(),
    )
    step.references |= {"revisit": made.pk, "reached": made.reached, "satisfaction": made.satisfaction}


def second_revisit(step: Step) -> None:
    revisit(step, Stage.SECOND)
    step.leave_out(Deadline.Kind.RULE)
    if step.concluded:
        _compare_answers(step)


def revisit_merged(step: Step) -> None:
    """The firm of a merged appeal is asked for itself."""
    revisit(step, Stage.MERGED)


def _missed_days(step: Step, stage: str) -> int:
    """On how many different days nobody was reached in this round, this attempt included."""
    earlier = step.appeal.revisits.filter(stage=stage, round=step.appeal.round, reached=False)
    days = {clock.local_date(at) for at in earlier.values_list("at", flat=True)}
    return len(days | {clock.local_date(step.moment)})


def rate(step: Step) -> None:
    data = step.data
    Rating.objects.create(
        satisfaction=data["satisfaction"], solved=data["solved"], comment=data["comment"], **step._of_event()
    )
    satisfied = data["satisfaction"] in step.rules.satisfied_levels
    step.references |= {"satisfaction": data["satisfaction"], "satisfied": satisfied}
    step.leave_out(Deadline.Kind.RULE)
    if satisfied and not _contradicted(step):
        deadlines.void(step.appeal, step.moment, [Deadline.Kind.RULE])
    else:
        _put_before_the_bureau(step)


def _compare_answers(step: Step) -> None:
    """The firm's own answer by link and the one noted at the second revisit must agree, or the bureau rules."""
    if _contradicted(step):
        step.references["contradicts"] = True
        _put_before_the_bureau(step)


def _contradicted(step: Step) -> bool:
    """Do the firm's last rating of this round and the second revisit say different things?

    What the bureau has ruled on since (维持答复) is not brought before it again.
    """
    appeal = step.appeal
    rating = appeal.ratings.filter(round=appeal.round).last()
    second = appeal.revisits.filter(round=appeal.round, stage=Stage.SECOND, reached=True).last()
    if rating is None or second is None:
        return False
    ruled = [event.seq for event in appeal.facts.events if event.transition == "uphold"]
    if ruled and max(ruled) > rating.event_seq:
        return False
    return answers.contradict(step.rules, rating, second)


def _put_before_the_bureau(step: Step) -> None:
    """A second complaint does not give the bureau a second day."""
    if not step.appeal.deadlines.running().filter(kind=Deadline.Kind.RULE).exists():
        step.start(Deadline.Kind.RULE)


def uphold(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)


def close(step: Step) -> None:
    step.say(step.data["explanation"], Audience.INTERNAL)
    last = second_result(step.appeal)
    if last is None:
        raise LookupError("no second revisit to close after")
    step.references["rated"] = last.satisfaction if last.reached else "unrated"


def redo(step: Step) -> None:
    """A new round: the clocks of the old one end, sign and handle start anew, marked as returned."""
    _new_round(step)
    appeal = step.appeal
    if step.data["lead_unit"]:
        appeal.lead_unit = step.data["lead_unit"]
    appeal.officer = None
    step.take_part(step.lead, Part.LEAD)
    step.references["lead"] = appeal.lead_unit_id
    step.start(Deadline.Kind.HANDLE, workdays=step.rules.limits.redo, behind=True)


def redo_to_consulting(step: Step) -> None:
    """Done again often enough: all units concerned sit down together."""
    _new_round(step)
    step.take_part(step.lead, Part.LEAD)


def _new_round(step: Step) -> None:
    deadlines.void(step.appeal, step.moment, set(Deadline.Kind) - {Deadline.Kind.RULE})
    step.appeal.round += 1
    step.appeal.answered_at = None
    step.say(step.data["reason"], Audience.INTERNAL)
