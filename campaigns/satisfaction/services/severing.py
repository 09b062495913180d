"""After a round is closed: cutting the answers off from the firms, for good.

What is done, in one transaction:

- the figures of the field work (drawn, answered, refused, not reached, by group and by unit) go into the round;
- words are scrubbed of the names of the firm that wrote them, as long as it is known which that was;
- an answer keeps whose work it judged, the class of firm and the township only where enough others share all of that
  with it: whoever draws the sample again finds not one firm for an answer, but many;
- the way it came (phone, web, on site) is counted in the round and kept on no answer: the log of the numbers that
  were looked at would tell who was called;
- the answers are written anew, with new numbers, in an order that chance gives, so that neither the number nor the
  place in the table tells which was taken in when;
- the sample, its links and its calls are deleted, and the once-only tokens of the forms with them.

The seed can draw the sample again, and the log tells whose phone was looked at; neither leads to an answer.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from campaigns.models import SurveyAnswer, SurveyRound, SurveySample
from campaigns.models.surveys import random_number
from campaigns.satisfaction import sampling
from campaigns.satisfaction.scrubbing import scrub
from campaigns.satisfaction.services.answering import questions_of
from campaigns.satisfaction.services.low_ratings import open_case
from campaigns.satisfaction.services.ratings import names_of
from core import clock
from core.models import FormToken
from districts.models import DistrictProfile, Region
from districts.profile import Rules

State = SurveySample.State


def token_prefix(round: SurveyRound | int) -> str:
    """What the once-only tokens of a round's forms begin with."""
    return f"survey-{round if isinstance(round, int) else round.pk}:"


def sever_due(district: Region) -> int:
    """Rounds that are closed and not cut off yet."""
    waiting = SurveyRound.objects.filter(district=district, closed_at__isnull=False, severed_at__isnull=True)
    pks = list(waiting.order_by("pk").values_list("pk", flat=True))
    return sum(sever(pk) for pk in pks)


@transaction.atomic
def sever(pk: int) -> bool:
    """True if it was done now; twice changes nothing."""
    rows = SurveyRound.objects.select_for_update(of=("self",)).select_related("district")
    round = rows.get(pk=pk)
    if round.closed_at is None or round.severed_at is not None:
        return False
    rules = DistrictProfile.objects.in_force(round.district).rules
    samples = list(round.samples.select_related("unit").order_by("number"))
    related = (
        "unit__parent", "official", "sample__enterprise__region", "sample__enterprise__district",
        "sample__project__region", "sample__project__district",
    )  # fmt: skip
    answers = list(round.answers.select_related(*related))
    channels = Counter(answer.channel for answer in answers if answer.sampled)
    round.figures = {**round.figures, **field_work(samples), "channels": channels}
    fresh = anonymous(round, answers, rules)
    secrets.SystemRandom().shuffle(fresh)
    round.answers.all().delete()
    round.samples.all().delete()
    FormToken.objects.filter(key__startswith=token_prefix(round)).delete()
    SurveyAnswer.objects.bulk_create(fresh, batch_size=500)
    round.severed_at = clock.now()
    round.save(update_fields=["figures", "severed_at"])
    for answer in fresh:
        _open_case(round, answer, rules)
    audit.record(None, "survey.severed", round, answers=len(fresh))
    return True


def field_work(samples: Iterable[SurveySample]) -> dict[str, dict[str, dict[str, int]]]:
    """By group, and by unit: how many were drawn, and what became of them."""
    found: dict[str, dict[str, dict[str, int]]] = {"strata": {}, "units": {}}
    for sample in samples:
        for part, key in (("strata", sample.stratum), ("units", str(sample.unit_id or ""))):
            row = found[part].setdefault(key, {"drawn": 0, **dict.fromkeys(State.values, 0)})
            row["drawn"] += 1
            row[sample.state] += 1
    return found


def anonymous(round: SurveyRound, answers: list[SurveyAnswer], rules: Rules) -> list[SurveyAnswer]:
    """The answers as they are kept."""
    words = [question.code for question in questions_of(round) if question.kind == "text"]
    kept = traits_kept([answer for answer in answers if answer.sampled], rules.surveys.minimum)
    fresh = []
    for answer in answers:
        sample = answer.sample
        known: Mapping[str, Any] = names_of(sample.entry) if sample else {}
        said = {
            code: scrub(value, **known) if code in words else value for code, value in answer.answers.items()
        }
        traits = kept[answer.pk] if answer.sampled else {"unit_id": answer.unit_id, "channel": answer.channel}
        fresh.append(
            SurveyAnswer(
                id=random_number(),
                round=round,
                sampled=answer.sampled,
                level=answer.level,
                answers=said,
                shown=answer.sampled and traits["unit_id"] is not None,
                **traits,
            )
        )
    return fresh


def traits_kept(answers: Sequence[SurveyAnswer], least: int) -> dict[int, dict[str, Any]]:
    """Of each answer of the sample: the unit, its cadre, the class of firm and the place, as far as they are kept.

    One after the other, and each only within those that share what was kept so far: where enough share this one as
    well, and what is left without it is enough, too.
    """
    kept: dict[int, dict[str, Any]] = {answer.pk: {} for answer in answers}
    steps: tuple[tuple[str, Callable[[SurveyAnswer], Any]], ...] = (
        ("unit_id", lambda answer: answer.unit_id),
        ("official_id", lambda answer: answer.official_id if kept[answer.pk]["unit_id"] else None),
        ("tier", _tier),
        ("region_id", lambda answer: _region(answer) if kept[answer.pk]["tier"] else None),
    )
    groups = [list(answers)]
    for name, value_of in steps:
        finer: list[list[SurveyAnswer]] = []
        for group in groups:
            hidden = too_few(Counter(map(value_of, group)), least)
            parts: dict[Any, list[SurveyAnswer]] = {}
            for answer in group:
                value = value_of(answer)
                parts.setdefault(None if value in hidden else value, []).append(answer)
            for value, part in parts.items():
                for answer in part:
                    kept[answer.pk][name] = value
            finer += parts.values()
        groups = finer
    return {pk: traits | {"tier": traits["tier"] or ""} for pk, traits in kept.items()}


def too_few(groups: Mapping[Any, int], least: int) -> set[Hashable]:
    """Groups whose figures are not told: the small ones, and so many of the next that no subtraction tells them.

    One small group alone would be what is missing from the sum; together they must be ``least`` at the least. Those
    of no group (None) are what is missing from it anyway.
    """
    small = {key for key, number in groups.items() if number < least or key is None}
    hidden = sum(groups[key] for key in small)
    for key in sorted(set(groups) - small, key=lambda key: (groups[key], str(key))):
        if not small or hidden >= least:
            break
        small.add(key)
        hidden += groups[key]
    return small


def _tier(answer: SurveyAnswer) -> str | None:
    """None where the firm's place in the sample is gone: it was merged into another that was drawn, too."""
    return sampling.tier_of(answer.sample.entry) if answer.sample else None


def _region(answer: SurveyAnswer) -> int | None:
    return answer.sample.entry.region_id if answer.sample else None


def _open_case(round: SurveyRound, answer: SurveyAnswer, rules: Rules) -> None:
    """The unit learns the level and the words, and nothing of who, when or whose cadre.

    Where too few answered about it, it is told of none of them: of two firms it would know which one it was.
    """
    if not answer.sampled or answer.unit is None or answer.level in rules.satisfied_levels:
        return
    said = [
        answer.answers[q.code] for q in questions_of(round) if q.kind == "text" and q.code in answer.answers
    ]
    open_case(
        district=round.district,
        rules=rules,
        unit=answer.unit,
        level=answer.level,
        about=f"{round.label}满意度调查",
        words="\n".join(said),
        survey_answer=answer,
    )
