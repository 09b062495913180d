"""Whatever people do, in whatever order: what must never become false of an appeal."""

from collections import Counter
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor
from appeals.models import FINAL, Appeal, Revisit, Status
from appeals.perform import Refused, perform
from appeals.workflow import TRANSITIONS, available
from tests import factories

PEOPLE = (
    "dispatcher",
    "second_dispatcher",
    "bureau_leader",
    "liaison",
    "other_liaison",
    "window",
    "supervisor",
)
SATISFIED = {"satisfaction": "satisfied", "solved": "yes", "reached": "yes"}
UNHAPPY = {"satisfaction": "unsatisfied", "solved": "no", "reached": "yes", "comment": "还不行。"}
UNREACHED = {"satisfaction": "", "solved": "", "reached": "no"}
ANSWERS = st.sampled_from([SATISFIED, SATISFIED, UNHAPPY, UNREACHED])
STEPS = st.lists(st.tuples(st.integers(0, 99), ANSWERS, st.sampled_from(["rsj", "czj", "kjj"])), max_size=16)


class _Over(Exception):
    """The example is done; what it wrote is taken back."""


def check(appeal: Appeal) -> None:
    """What holds after every step."""
    events = list(appeal.events.order_by("seq"))
    assert appeal.version == len(events) == events[-1].seq
    assert appeal.status == events[-1].to_status
    assert all(before.to_status == after.from_status for before, after in pairwise(events))
    running = list(appeal.deadlines.running())
    assert max(Counter((d.kind, d.owner_id) for d in running).values(), default=1) == 1
    assert {d.round for d in running} <= {appeal.round}
    if appeal.status in FINAL:
        assert not running and appeal.ended_at is not None
    else:
        assert appeal.ended_at is None
    if appeal.status == Status.CLOSED:
        was_revisited_twice(appeal)


def was_revisited_twice(appeal: Appeal) -> None:
    """Closed means: in this round the handling side revisited, and then, independently, somebody else."""
    concluded = appeal.revisits.filter(round=appeal.round, concludes=True)
    first = concluded.get(stage=Revisit.Stage.FIRST)
    second = concluded.get(stage=Revisit.Stage.SECOND)
    assert first.unit_id == appeal.lead_unit_id
    assert second.unit_id != appeal.lead_unit_id and second.by.unit_id != appeal.lead_unit_id
    assert first.by_id != second.by_id and second.event_seq > first.event_seq
    assert appeal.events.last().seq > second.event_seq


@pytest.mark.parametrize("start", ["submitted", "answered"])
@settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # an example takes half a second: shrinking would take minutes
)
@given(steps=STEPS)
def test_no_sequence_of_steps_closes_an_appeal_without_an_independent_second_revisit(cast, start, steps):
    for part in PEOPLE:
        cast.actor(part)  # made outside of what is taken back
    try:
        with transaction.atomic():
            appeal = cast.register("window")
            if start == "answered":
                lead = steps[0][2] if steps else "rsj"
                appeal = cast.do(
                    cast.do(appeal, "accept"), "dispatch", lead_unit=factories.unit(cast.district, lead).pk
                )
                by = {"rsj": "liaison", "czj": "other_liaison", "kjj": "dispatcher"}[lead]
                appeal = cast.do(cast.do(appeal, "sign", by=by), "feedback", by=by)
            for choice, answer, lead in steps:
                appeal = a_step(cast, appeal, choice, answer, lead)
                check(appeal)
            raise _Over
    except _Over:
        pass


def a_step(cast, appeal: Appeal, choice: int, answer: dict, lead: str) -> Appeal:
    """One of the steps that are open to somebody now. It may still be refused for what it says."""
    actors = [cast.actor(part) for part in PEOPLE] + [Actor.holder(appeal.pk)]
    options = [(row.name, actor) for actor in actors for row in available(appeal, actor)]
    # The steps that lead on, first: the way to the end must be found often.
    options.sort(key=lambda option: TRANSITIONS[option[0]].target is None and option[0] != "second_revisit")
    if not options:
        return appeal
    name, actor = options[choice % len(options)]
    data = cast.data_for(name, appeal) | {"code": "", "explanation": "已解释。"}
    if name in {"revisit", "second_revisit", "rate"}:
        data |= answer
    if name == "dispatch":
        data["lead_unit"] = factories.unit(cast.district, lead).pk
    try:
        return perform(appeal, name, actor, data)
    except Refused:
        return Appeal.objects.get(pk=appeal.pk)


def test_pressing_every_button_in_turn_never_closes_before_the_second_revisit(cast):
    """Not by chance: at every station of the main path, everybody tries to close."""
    for part in PEOPLE:
        cast.actor(part)
    appeal = cast.submit()
    for step in (*cast.MAIN_PATH[:-1], None):
        second = appeal.revisits.filter(stage="second", concludes=True).exists()
        for part in PEOPLE:
            try:
                with transaction.atomic():
                    perform(appeal, "close", cast.actor(part), {"explanation": "办结。"})
                    assert second, f"{part} closed it before {step}"
                    raise _Over
            except (Refused, _Over):
                pass
        if step:
            appeal = cast.do(appeal, step)
    assert second
