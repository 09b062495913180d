"""Why an appeal would make a good or a bad case: each reason in words, counted from its record.

Works on an appeal whose records are loaded (``RECORDS``), so that many can be weighed with a handful of queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from appeals.models import (
    Answer,
    Appeal,
    Deadline,
    Effect,
    Event,
    Participation,
    Rating,
    Revisit,
    Solved,
    Status,
    SupervisionLetter,
)
from appeals.signing import REDOS
from core import clock
from districts.calendars import work_calendar
from reports.models import Case

QUICK_DAYS = 3
"""Answered within so many working days counts as quick."""

RECORDS = (
    Prefetch("events", Event.objects.order_by("seq")),
    Prefetch("deadlines", Deadline.objects.select_related("owner").order_by("pk")),
    Prefetch("answers", Answer.objects.order_by("event_seq")),
    Prefetch("ratings", Rating.objects.order_by("event_seq")),
    Prefetch("revisits", Revisit.objects.order_by("event_seq")),
    Prefetch("effects", Effect.objects.order_by("pk")),
    Prefetch("participations", Participation.objects.order_by("pk")),
    Prefetch("letters", SupervisionLetter.objects.order_by("pk")),
)


@dataclass(frozen=True)
class Reason:
    code: str
    text: str
    weight: float


def reasons_of(appeal: Appeal, kind: str, large: dict[str, Decimal] | None = None) -> list[Reason]:
    """Why, the weightiest first; empty where nothing speaks for it.

    ``large``: from which amount an effect of a kind counts as large; any does where none is given.
    """
    prefetch_related_objects([appeal], *RECORDS)
    found = _good(appeal, large or {}) if kind == Case.Kind.GOOD else _bad(appeal)
    return sorted(found, key=lambda reason: -reason.weight)


# --- Good -----------------------------------------------------------------------------------------


def _good(appeal: Appeal, large: dict[str, Decimal]) -> list[Reason]:
    """Solved and satisfied first of all; then what makes it worth telling."""
    if not _is_well_done(appeal):
        return []
    happened = {event.transition for event in appeal.events.all()}
    found = []
    if appeal.status == Status.SOLVED_ON_SPOT:
        found.append(Reason("on_spot", "首问当场解决，企业当场确认", 1))
    if happened & {"turn_back", "find_reasonable"}:
        found.append(Reason("turned", "单位拟说“不”，经提级审签后转为“办”并解决", 5))
    found += _effects(appeal, large)
    if "city_answered" in happened:
        found.append(Reason("city", "上报市级协调后解决", 3))
    assisting = {
        part.unit_id for part in appeal.participations.all() if part.part == Participation.Part.ASSISTING
    }
    if len(assisting) >= 2:
        found.append(Reason("together", f"{len(assisting)}个单位协同办理", 2))
    if appeal.status == Status.CLOSED and appeal.answered_at:
        days = work_calendar(appeal.rules).count(
            clock.local_date(appeal.submitted_at), clock.local_date(appeal.answered_at)
        )
        if days <= QUICK_DAYS:
            text = "当天答复解决" if days == 0 else f"{days}个工作日内答复解决"
            found.append(Reason("fast", text, 2))
    rating = _last(appeal.ratings.all())
    if found and rating and rating.satisfaction == appeal.rules.satisfied_levels[0]:
        found.append(
            Reason(
                "praised", f"企业评价“{_level(appeal, rating.satisfaction)}”", 1 if rating.comment else 0.5
            )
        )
    return found


def _is_well_done(appeal: Appeal) -> bool:
    """Solved, satisfied at the last word, never done again, in time."""
    if appeal.status not in {Status.CLOSED, Status.SOLVED_ON_SPOT} or any(
        event.transition in {*REDOS, "not_solved", "reopen"} for event in appeal.events.all()
    ):
        return False
    answer = _last(appeal.answers.all())
    if answer is None or answer.solved != Solved.YES:
        return False
    satisfied = appeal.rules.satisfied_levels
    said = [*appeal.ratings.all(), *(one for one in appeal.revisits.all() if one.reached)]
    if any(one.satisfaction and one.satisfaction not in satisfied for one in said):
        return False
    if any(one.solved == Solved.NO for one in said) or overdue(appeal):
        return False
    # The last word counts: 部分解决 is no model.
    if said and max(said, key=lambda one: one.event_seq).solved not in {Solved.YES, ""}:
        return False
    return appeal.status == Status.SOLVED_ON_SPOT or any(
        one.stage == Revisit.Stage.SECOND and one.reached for one in appeal.revisits.all()
    )


def effects_of(appeal: Appeal) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for effect in appeal.effects.all():
        found[effect.kind] = found.get(effect.kind, Decimal()) + effect.change
    return found


def _effects(appeal: Appeal, large: dict[str, Decimal]) -> list[Reason]:
    found = []
    for code, amount in effects_of(appeal).items():
        effect = appeal.rules.find("effects", code)
        if effect and amount > 0 and amount >= large.get(code, Decimal()):
            found.append(Reason("effects", f"{effect.label}{amount.normalize():f}{effect.unit}", 4))
    return found


# --- Bad ------------------------------------------------------------------------------------------


def _bad(appeal: Appeal) -> list[Reason]:
    found = []
    events = [event.transition for event in appeal.events.all()]
    if _said_solved_but_was_not(appeal):
        found.append(Reason("contrary", "单位反馈“已解决”，企业说没有解决", 5))
    if redone := sum(transition in REDOS for transition in events):
        found.append(Reason("redone", f"重办{redone}次", 3 + redone))
    if "not_solved" in events:
        found.append(Reason("reopened", "当场答复后，企业又反映没有解决", 3))
    satisfied = appeal.rules.satisfied_levels
    unhappy = [
        one
        for one in [*appeal.ratings.all(), *appeal.revisits.all()]
        if one.satisfaction and one.satisfaction not in satisfied
    ]
    if unhappy:
        last = max(unhappy, key=lambda one: one.event_seq)
        found.append(Reason("dissatisfied", f"企业评价“{_level(appeal, last.satisfaction)}”", 3))
    late = overdue(appeal)
    if late:
        deadline, days = max(late, key=lambda pair: pair[1])
        verb = "已超期" if not deadline.verdict else "超期"
        found.append(
            Reason(
                "overdue",
                f"{deadline.owner}{deadline.get_kind_display()}环节{verb}{days}个工作日",
                2 + days / 5,
            )
        )
    letters = [one for one in appeal.letters.all() if one.state in {"sent", "answered", "ended"}]
    if letters and found:
        found.append(Reason("supervised", f"发出督办单{len(letters)}次", 2))
    return found


BLAMED = frozenset(
    {Deadline.Kind.SIGN, Deadline.Kind.HANDLE, Deadline.Kind.ASSIST, Deadline.Kind.REVISIT, Deadline.Kind.OWN_HANDLING}
)  # fmt: skip
"""The clocks that a unit answers for towards the firm."""


def overdue(appeal: Appeal) -> list[tuple[Deadline, int]]:
    """Its late stages with the working days they were late by; less than a whole day is let pass."""
    calendar, today = work_calendar(appeal.rules), clock.today()
    found = []
    for deadline in appeal.deadlines.all():
        if deadline.kind not in BLAMED or deadline.paused_at:
            continue
        if deadline.verdict == Deadline.Verdict.LATE and deadline.met_at:
            until: date | None = clock.local_date(deadline.met_at)
        elif not deadline.verdict and deadline.due_at < clock.now():
            until = today
        else:
            continue
        days = calendar.count(clock.local_date(deadline.due_at), until)
        if days > 0:
            found.append((deadline, days))
    return found


def _said_solved_but_was_not(appeal: Appeal) -> bool:
    """In the same round, after the answer."""
    for answer in appeal.answers.all():
        if answer.solved != Solved.YES:
            continue
        said = [*appeal.ratings.all(), *appeal.revisits.all()]
        if any(
            one.round == answer.round and one.event_seq > answer.event_seq and one.solved == Solved.NO
            for one in said
        ):
            return True
    return False


def _last(rows: Iterable[Any]) -> Any | None:
    found = list(rows)
    return found[-1] if found else None


def _level(appeal: Appeal, code: str) -> str:
    return appeal.rules.label("satisfaction", code)
