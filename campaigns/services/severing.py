"""After a round is closed: cutting the answers off from the firms, for good.

What is done, in one transaction:

- the figures of the field work (drawn, answered, refused, not reached, by group and by unit) go into the round;
- words are scrubbed of the names of the firm that wrote them, as long as it is known which that was;
- an answer keeps the class of firm and the township only where enough others share them;
- the answers are written anew, with new numbers, in an order that chance gives, so that neither the number nor the
  place in the table tells which was taken in when;
- the sample, its links and its calls are deleted, and the once-only tokens of the forms with them.

The seed can draw the sample again, and the log tells whose phone was looked at; neither leads to an answer.
"""

import secrets
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from campaigns import sampling
from campaigns.models import SurveyAnswer, SurveyRound, SurveySample
from campaigns.models.surveys import random_number
from campaigns.scrubbing import scrub
from campaigns.services.answering import questions_of
from campaigns.services.low_ratings import open_case
from campaigns.services.ratings import names_of
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
    round.figures = {**round.figures, **field_work(samples)}
    related = (
        "unit__parent", "official", "sample__enterprise__region", "sample__enterprise__district",
        "sample__project__region", "sample__project__district",
    )  # fmt: skip
    answers = list(round.answers.select_related(*related))
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
    least = rules.surveys.minimum
    words = [question.code for question in questions_of(round) if question.kind == "text"]
    of_sample = [answer for answer in answers if answer.sampled and answer.sample]
    tiers = Counter(_tier(answer) for answer in of_sample)
    places = Counter((_tier(answer), _region(answer)) for answer in of_sample)
    units = Counter(answer.unit_id for answer in answers if answer.sampled and answer.unit_id)
    hidden = too_few(units, least)
    fresh = []
    for answer in answers:
        sample = answer.sample
        known: Mapping[str, Any] = names_of(sample.entry) if sample else {}
        kept = {
            code: scrub(value, **known) if code in words else value for code, value in answer.answers.items()
        }
        tier = _tier(answer) if sample and tiers[_tier(answer)] >= least else ""
        region = _region(answer) if tier and places[_tier(answer), _region(answer)] >= least else None
        fresh.append(
            SurveyAnswer(
                id=random_number(),
                round=round,
                sampled=answer.sampled,
                channel=answer.channel,
                unit=answer.unit,
                official=answer.official,
                tier=tier,
                region_id=region,
                level=answer.level,
                answers=kept,
                shown=answer.sampled and answer.unit_id is not None and answer.unit_id not in hidden,
            )
        )
    return fresh


def too_few(groups: Mapping[Any, int], least: int) -> set[Hashable]:
    """Groups whose figures are not told: the small ones, and so many of the next that no subtraction tells them.

    One small group alone would be what is missing from the sum; together they must be ``least`` at the least.
    """
    small = {key for key, number in groups.items() if number < least}
    hidden = sum(groups[key] for key in small)
    for key in sorted(set(groups) - small, key=lambda key: (groups[key], str(key))):
        if not small or hidden >= least:
            break
        small.add(key)
        hidden += groups[key]
    return small


def _tier(answer: SurveyAnswer) -> str:
    assert answer.sample is not None
    return sampling.tier_of(answer.sample.entry)


def _region(answer: SurveyAnswer) -> int:
    assert answer.sample is not None
    return answer.sample.entry.region_id


def _open_case(round: SurveyRound, answer: SurveyAnswer, rules: Rules) -> None:
    """The unit learns the level and the words, and nothing of who, when or whose cadre."""
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
