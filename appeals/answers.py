"""What the firm says of the result, and to whom: its own judgement beside what each revisit heard."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects

from appeals.models import Appeal, Rating, Revisit, Solved, Status
from core import clock
from districts.profile import Rules

CONTRARY = "不一致"
DIFFERS = "有差别"
Said = Rating | Revisit

ANSWERS = ("ratings", Prefetch("revisits", Revisit.objects.select_related("unit", "by")))
"""What a list fetches beforehand, so that :func:`answers_of` asks nothing more."""


@dataclass
class Column:
    """One answer, or the place of one that was not given yet."""

    heading: str
    nothing: str
    """What stands there instead."""
    at: datetime | None = None
    by: str = ""
    satisfaction: str = ""
    solved: str = ""
    note: str = ""
    satisfaction_mark: str = ""
    solved_mark: str = ""
    missed: list[date] = field(default_factory=list)
    """The days on which nobody was reached."""
    earlier: list[str] = field(default_factory=list)
    """What the firm said before it changed its mind."""


@dataclass(frozen=True)
class Answers:
    """The answers of one round, side by side."""

    columns: list[Column]
    contradict: bool
    """The firm's own judgement and the second revisit say opposite things: that goes back to the bureau."""

    @property
    def any(self) -> bool:
        return any(column.at or column.missed for column in self.columns)


def satisfaction_mark(rules: Rules, one: Said, other: Said) -> str:
    """The word for how two answers differ in satisfaction."""
    if one.satisfaction == other.satisfaction:
        return ""
    levels = rules.satisfied_levels
    return DIFFERS if (one.satisfaction in levels) == (other.satisfaction in levels) else CONTRARY


def solved_mark(one: Said, other: Said) -> str:
    """The word for how two answers differ in whether it is solved."""
    if one.solved == other.solved:
        return ""
    return CONTRARY if {one.solved, other.solved} == {Solved.YES, Solved.NO} else DIFFERS


def contradict(rules: Rules, one: Said, other: Said) -> bool:
    """Satisfied against dissatisfied, or solved against not solved."""
    return CONTRARY in (satisfaction_mark(rules, one, other), solved_mark(one, other))


def answers_of(appeal: Appeal) -> Answers:
    """The firm's own rating, the revisit and the second revisit of this round; each compared with the first given."""
    prefetch_related_objects([appeal], *ANSWERS)
    ratings = [rating for rating in appeal.ratings.all() if rating.round == appeal.round]
    revisits = [visit for visit in appeal.revisits.all() if visit.round == appeal.round]
    rules = appeal.rules
    heard = {stage: _heard(revisits, stage) for stage in Revisit.Stage}
    own = ratings[-1] if ratings else None
    columns: list[tuple[Column, Said | None]] = [
        (_of_revisit(rules, revisits, stage), heard[stage]) for stage in _stages(appeal)
    ]
    if appeal.status != Status.MERGED:
        columns.insert(0, (_of_firm(rules, ratings), own))
    first: Said | None = None
    for column, said in columns:
        if said is not None and first is not None:
            column.satisfaction_mark = satisfaction_mark(rules, first, said)
            column.solved_mark = solved_mark(first, said)
        first = first or said
    second = heard[Revisit.Stage.SECOND]
    return Answers(
        columns=[column for column, _ in columns],
        contradict=own is not None and second is not None and contradict(rules, own, second),
    )


def missed_days(revisits: list[Revisit]) -> list[date]:
    return sorted({clock.local_date(visit.at) for visit in revisits if not visit.reached})


def _stages(appeal: Appeal) -> tuple[Revisit.Stage, ...]:
    """The firm of a merged appeal is asked once, for itself."""
    if appeal.status == Status.MERGED:
        return (Revisit.Stage.MERGED,)
    return (Revisit.Stage.FIRST, Revisit.Stage.SECOND)


def _heard(revisits: list[Revisit], stage: str) -> Revisit | None:
    """The last answer that was really heard."""
    reached = [visit for visit in revisits if visit.stage == stage and visit.reached]
    return reached[-1] if reached else None


def _of_firm(rules: Rules, ratings: list[Rating]) -> Column:
    column = Column("企业评价", "企业尚未评价")
    if ratings:
        last = ratings[-1]
        column.at, column.by, column.note = last.at, "企业本人", last.comment
        column.satisfaction = rules.label("satisfaction", last.satisfaction)
        column.solved = last.get_solved_display()
        column.earlier = [
            f"{clock.local_date(rating.at):%-m月%-d日} {rules.label('satisfaction', rating.satisfaction)}，"
            f"{rating.get_solved_display()}"
            for rating in ratings[:-1]
        ]
    return column


def _of_revisit(rules: Rules, revisits: list[Revisit], stage: Revisit.Stage) -> Column:
    column = Column(stage.label, f"尚未{stage.label}")
    of_stage = [visit for visit in revisits if visit.stage == stage]
    column.missed = missed_days(of_stage)
    if column.missed:
        column.nothing = "未接通"
    heard = _heard(of_stage, stage)
    if heard is not None:
        column.at, column.note = heard.at, heard.note
        column.by = f"{heard.unit} {heard.by}，{heard.get_method_display()}"
        column.satisfaction = rules.label("satisfaction", heard.satisfaction)
        column.solved = heard.get_solved_display()
    elif of_stage:
        column.note = of_stage[-1].note
    return column
