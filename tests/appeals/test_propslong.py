"""Whatever people do, in whatever order, while days pass: what must never become false of an appeal."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import Actor
from appeals import defaults, selectors
from appeals.models import FINAL, Appeal, Audience, Revisit, Statement, Status
from appeals.perform import Refused, perform
from appeals.workflow import TRANSITIONS, available
from core import clock
from districts.workdays import SHANGHAI
from tests import factories
from tests.appeals.lives import Cast

PEOPLE = (
    "dispatcher",
    "second_dispatcher",
    "bureau_leader",
    "liaison",
    "section_head",
    "deputy_leader",
    "unit_leader",
    "other_liaison",
    "assistant",
    "township_liaison",
    "window",
    "city_liaison",
    "supervisor",
    "district_leader",
)
SATISFIED = {"satisfaction": "satisfied", "solved": "yes", "reached": "yes"}
UNHAPPY = {"satisfaction": "unsatisfied", "solved": "no", "reached": "yes", "comment": "还不行。"}
UNREACHED = {"satisfaction": "", "solved": "", "reached": "no"}
ANSWERS = st.sampled_from([SATISFIED, SATISFIED, UNHAPPY, UNREACHED])
UNITS = st.sampled_from(["rsj", "rsj", "czj", "kjj"])
START = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)
SECRET = "内部机密"
"""Stands in every internal word; the firm's pages must never show it."""

# One handling at a time, one consultation, one wait …: kinds of which at most one clock runs.
ALONE = {"accept", "dispatch", "sign", "handle", "own_handling", "consult", "explain", "revisit", "waiting"}


def check(appeal: Appeal) -> None:
    """What holds after every step."""
    events = list(appeal.events.order_by("seq"))
    assert appeal.version == len(events) == events[-1].seq
    assert appeal.status == events[-1].to_status
    assert all(before.to_status == after.from_status for before, after in pairwise(events))
    assert all(event.transition in TRANSITIONS for event in events)
    clocks = list(appeal.deadlines.all())
    running = [clock for clock in clocks if not clock.verdict]
    # A clock is met, has ended, or runs: nothing in between.
    assert all((clock.met_at is None) == (not clock.verdict) for clock in clocks)
    per_kind = Counter(clock.kind for clock in running)
    assert all(per_kind[kind] <= 1 for kind in ALONE), per_kind
    assert not (per_kind["handle"] and per_kind["own_handling"])
    assert {clock.round for clock in running} <= {appeal.round}
    asked = list(appeal.requests.all())
    assert all((request.ruled_at is None) == (not request.ruling) for request in asked)
    if appeal.status in FINAL:
        assert appeal.ended_at is not None
        assert {clock.kind for clock in running} <= {"objection"}
        assert {request.kind for request in asked if not request.ruling} <= {"objection"}
    else:
        assert appeal.ended_at is None
    assert (appeal.status == Status.WAITING) == bool(per_kind["waiting"]) == bool(appeal.returns_to)
    assert (appeal.status == Status.MERGED) == (appeal.merged_into_id is not None)
    if appeal.status in {Status.DISPATCHED, Status.HANDLING}:
        assert appeal.lead_unit_id is not None
    somebody_owes = bool(running) or appeal.status in {Status.REVISITED, *FINAL}
    assert somebody_owes, f"nobody owes anything in {appeal.status}"
    if appeal.status == Status.CLOSED:
        was_revisited_twice(appeal)
    shows_nothing_internal(appeal)


def was_revisited_twice(appeal: Appeal) -> None:
    """Closed means: in this round the handling side revisited, and then, independently, somebody else."""
    concluded = appeal.revisits.filter(round=appeal.round, concludes=True)
    first = concluded.get(stage=Revisit.Stage.FIRST)
    second = concluded.get(stage=Revisit.Stage.SECOND)
    assert first.unit_id == appeal.lead_unit_id
    assert second.unit_id != appeal.lead_unit_id and second.by.unit_id != appeal.lead_unit_id
    assert first.by_id != second.by_id and second.event_seq > first.event_seq
    assert appeal.events.last().seq > second.event_seq


def shows_nothing_internal(appeal: Appeal) -> None:
    """The firm's page: no internal word, and no official's name."""
    assert not appeal.statements.filter(audience=Audience.FIRM, text__contains=SECRET).exists()
    shown = " ".join(f"{entry.label} {entry.by} {entry.text}" for entry in selectors.firm_timeline(appeal))
    assert SECRET not in shown and "测试" not in shown


# What only officials read, by transition: the words of these fields must stay inside.
INTERNAL = {
    "decline": ("opinion",),
    "refuse_decline": ("opinion",),
    "dispatch": ("requirements",),
    "ask_instruction": ("text",),
    "instruct": ("text",),
    "assist": ("opinion",),
    "request_return": ("ground",),
    "refuse_return": ("opinion",),
    "reassign": ("reason",),
    "request_extension": ("reason", "told"),
    "request_on_file": ("told",),
    "propose_refusal": ("reason", "rule", "tried", "others"),
    "sign_refusal": ("opinion",),
    "sign_refusal_last": ("opinion",),
    "turn_back": ("direction",),
    "find_reasonable": ("minutes", "direction", "attendees"),
    "find_unreasonable": ("minutes", "attendees"),
    "report_up": ("reason",),
    "follow_up": ("note",),
    "redo": ("reason",),
    "close": ("explanation",),
    "revisit": ("note",),
    "second_revisit": ("note",),
    "remind": ("text",),
    "supervise": ("text",),
    "answer_supervision": ("answer",),
    "confirm_withdrawal": ("opinion",),
    "hand_up": ("reason",),
}


class Life(RuleBasedStateMachine):
    """One appeal, everybody who may touch it, and the days that pass."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.taken_back = transaction.atomic()
        self.taken_back.__enter__()
        self.time = clock.at(self.now)
        self.time.__enter__()

    def teardown(self) -> None:
        self.time.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.taken_back.__exit__(None, None, None)

    @initialize(
        by=st.sampled_from(["window", "township_liaison"]), ahead=st.sampled_from([0, 0, 3, 4]), lead=UNITS
    )
    def comes_in(self, by: str, ahead: int, lead: str) -> None:
        self.appeal = self.cast.register(by)
        handler = {"rsj": "liaison", "czj": "other_liaison", "kjj": "dispatcher"}[lead]
        for step in ("accept", "dispatch", "sign", "feedback")[:ahead]:
            more = {"lead_unit": self.cast.unit(lead)} if step == "dispatch" else {}
            who = handler if step in {"sign", "feedback"} else "dispatcher"
            self.appeal = self.cast.do(self.appeal, step, by=who, **more)

    @rule(choice=st.integers(0, 199), answer=ANSWERS, lead=UNITS)
    def somebody_acts(self, choice: int, answer: dict, lead: str) -> None:
        """One of the steps that are open to somebody now. It may still be refused for what it says."""
        actors = [self.cast.actor(part) for part in PEOPLE] + [Actor.holder(self.appeal.pk)]
        options = [(row.name, actor) for actor in actors for row in available(self.appeal, actor)]
        # The steps that lead on, first: the way to the end must be found often.
        options.sort(key=lambda option: TRANSITIONS[option[0]].aside)
        if not options:
            return
        name, actor = options[choice % len(options)]
        data = self.cast.data_for(name, self.appeal) | {"code": "", "explanation": "已解释。"}
        if name in {"revisit", "second_revisit", "revisit_merged", "rate"}:
            data |= answer
        if name == "dispatch":
            data |= {"lead_unit": self.cast.unit(lead), "assisting_units": [self.cast.unit("nyj")]}
        data |= dict.fromkeys(INTERNAL.get(name, ()), f"{SECRET}：请办理。")
        try:
            with transaction.atomic():
                self.appeal = perform(self.appeal, name, actor, data)
        except Refused:
            self.appeal = Appeal.objects.get(pk=self.appeal.pk)

    @rule(days=st.sampled_from([1, 1, 3, 8]))
    def days_pass(self, days: int) -> None:
        """The ticks do what happens by itself."""
        self.now += timedelta(days=days)
        self.time.__exit__(None, None, None)
        self.time = clock.at(self.now)
        self.time.__enter__()
        defaults.apply_due()
        self.appeal = Appeal.objects.get(pk=self.appeal.pk)

    @invariant()
    def stays_true(self) -> None:
        if hasattr(self, "appeal"):
            check(self.appeal)


def test_no_sequence_of_steps_makes_an_appeal_untrue(cast):
    for part in PEOPLE:
        cast.actor(part)  # made outside of what is taken back
    cast.chief()
    cast.main = cast.submit()
    run_state_machine_as_test(
        type("LifeOfThisCast", (Life,), {"cast": cast}),
        settings=settings(
            max_examples=250,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[
                Phase.explicit,
                Phase.generate,
            ],  # an example takes half a second: no minutes of shrinking
        ),
    )


class _Over(Exception):
    """What was tried is taken back."""


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


def test_the_internal_words_the_property_looks_for_are_those_of_the_workflow(cast):
    """The list above names fields that exist; what is written in them is kept as internal."""
    appeal = cast.walk(cast.submit(), "sign")
    appeal = cast.do(appeal, "propose_refusal", reason=SECRET, rule=SECRET, tried=SECRET, others=SECRET)
    assert Statement.objects.filter(appeal=appeal, audience=Audience.INTERNAL, text=SECRET).count() == 4
    for name, fields in INTERNAL.items():
        assert set(fields) <= set(TRANSITIONS[name].form.base_fields), name
    assert factories.unit(cast.district, "rsj").name in " ".join(
        entry.label for entry in selectors.firm_timeline(appeal)
    )
