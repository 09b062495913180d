"""What a round found: question by question, the sample and the open link apart, nothing below the minimum."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from campaigns.models import SurveyAnswer, SurveyRound
from campaigns.satisfaction.services.answering import questions_of
from core.charts import BarChart, bar_chart
from districts.profile import Rules
from districts.satisfaction import SurveyQuestion

WORDS_SHOWN = 60


@dataclass(frozen=True)
class QuestionResult:
    text: str
    chart: BarChart | None
    rows: tuple[tuple[str, int], ...]
    total: int
    satisfied: str = ""
    """The rate with its fraction, of a question that asks for a level."""


@dataclass(frozen=True)
class Part:
    """The sample, or what came by the open link."""

    total: int
    hidden: bool
    questions: list[QuestionResult]
    channels: tuple[tuple[str, int], ...]
    words: list[str]


@dataclass(frozen=True)
class Results:
    sample: Part
    open: Part
    field_work: list[tuple[str, int, int, int, int, int]]
    """By group: how many there are, were drawn, answered, refused, not reached, not asked."""
    minimum: int
    low_untold: int
    """Low ones of the sample that no unit is told of: too few answered about it."""


def results_of(round: SurveyRound, rules: Rules) -> Results:
    answers = list(round.answers.order_by("pk").only("sampled", "shown", "level", "answers"))
    sample = [answer for answer in answers if answer.sampled]
    counted = round.figures.get("channels", {})
    channels = tuple((label, counted.get(value, 0)) for value, label in SurveyAnswer.Channel.choices)
    population = round.figures.get("population", {})
    field_work = [
        (name, population.get(name, 0), row["drawn"], row["answered"], row["refused"], row["unreached"])
        for name, row in sorted(round.figures.get("strata", {}).items())
    ]
    least = rules.surveys.minimum
    return Results(
        _part(sample, round, rules, channels),
        _part([answer for answer in answers if not answer.sampled], round, rules),
        field_work,
        least,
        sum(not answer.shown and answer.level not in rules.satisfied_levels for answer in sample),
    )


def _part(
    answers: Sequence[SurveyAnswer],
    round: SurveyRound,
    rules: Rules,
    channels: tuple[tuple[str, int], ...] = (),
) -> Part:
    least = rules.surveys.minimum
    if len(answers) < least:
        return Part(len(answers), True, [], (), [])
    questions = questions_of(round)
    asked = [question for question in questions if question.kind != "text"]
    texts = [question.code for question in questions if question.kind == "text"]
    words = [answer.answers[code] for answer in answers for code in texts if code in answer.answers]
    return Part(
        len(answers),
        False,
        [_question(question, answers, rules) for question in asked],
        channels,
        words[:WORDS_SHOWN],
    )


def _question(question: SurveyQuestion, answers: Sequence[SurveyAnswer], rules: Rules) -> QuestionResult:
    given = Counter(answer.answers[question.code] for answer in answers if question.code in answer.answers)
    options = rules.choices("satisfaction") if question.kind == "level" else [
        (option.code, option.label) for option in question.options
    ]  # fmt: skip
    rows = tuple((label, given[code]) for code, label in options)
    total = sum(number for _, number in rows)
    if total < rules.surveys.minimum:
        return QuestionResult(question.text, None, (), total)
    satisfied = ""
    if question.kind == "level":
        part = sum(given[code] for code in rules.satisfied_levels)
        share = (Decimal(part) / total * 100).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
        satisfied = f"{share}%（{part}/{total}）"
    chart = bar_chart(f"{question.text} {total} 份", [(label, number, 0) for label, number in rows])
    return QuestionResult(question.text, chart, rows, total, satisfied)
