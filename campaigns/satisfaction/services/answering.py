"""Taking in answers: by phone, on the web, on site; and the calls that brought none."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Unit, User
from campaigns.models import ConductRemark, SurveyAnswer, SurveyAttempt, SurveyRound, SurveySample
from campaigns.satisfaction.services import conduct
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.satisfaction import SurveyQuestion

Channel = SurveyAnswer.Channel
State = SurveySample.State
Outcome = SurveyAttempt.Outcome
MOST_WORDS = 500
CLOSED = "这轮调查已经结束，谢谢您。"
ALREADY = "这份问卷已经填过了，谢谢您。"
WHO_ENTERS = spoken("答卷由这轮调查的调查员或牵头局录入。")


def questions_of(round: SurveyRound) -> list[SurveyQuestion]:
    return [SurveyQuestion.model_validate(question) for question in round.questions]


def main_question(round: SurveyRound) -> SurveyQuestion:
    """The first one that asks for a level: satisfied rates are counted from it."""
    return next(question for question in questions_of(round) if question.kind == "level")


def checked(round: SurveyRound, rules: Rules, given: Mapping[str, Any]) -> dict[str, str]:
    """The answers by question, those left out left out. Raises ``ValidationError`` by question."""
    errors: dict[str, list[str]] = {}
    answers: dict[str, str] = {}
    for question in questions_of(round):
        value = str(given.get(question.code) or "").strip()
        if not value:
            if question.required:
                errors[question.code] = ["请回答这一题。"]
            continue
        known = {
            "level": rules.codes("satisfaction"),
            "choice": [option.code for option in question.options],
        }.get(question.kind)
        if known is not None and value not in known:
            errors[question.code] = ["请从列出的选项中选择。"]
        elif known is None and len(value) > MOST_WORDS:
            errors[question.code] = [f"最多{MOST_WORDS}字。"]
        answers[question.code] = value
    if errors:
        raise ValidationError(errors)
    return answers


@transaction.atomic
def answer_sample(
    *, sample: SurveySample, channel: str, given: Mapping[str, Any], remark: str = "", by: User | None = None
) -> None:
    """One answer a firm. ``by``: who entered it; None: the firm itself, by its own link.

    Returns nothing: what remembers that a form was sent must not remember which answer it became.
    """
    sample = _locked(sample)
    if by is None:
        if channel != Channel.WEB:
            raise ValidationError("网上自己填写的只能是网络渠道。")
        if sample.round.state != SurveyRound.State.RUNNING:
            raise ValidationError(CLOSED)
    else:
        _check_entering(by, sample)
        if channel not in {Channel.PHONE, Channel.ON_SITE}:
            raise ValidationError({"channel": ["请选择电话或现场。"]})
    if sample.state == State.ANSWERED:
        raise ValidationError(ALREADY)
    round = sample.round
    rules = DistrictProfile.objects.in_force(round.district).rules
    answers = checked(round, rules, given)
    SurveyAnswer.objects.create(
        round=round,
        sample=sample,
        channel=channel,
        unit=sample.unit,
        official=sample.official,
        level=answers[main_question(round).code],
        answers=answers,
    )
    sample.state = State.ANSWERED
    sample.save(update_fields=["state"])
    conduct.receive(
        district=round.district,
        text=remark,
        source=ConductRemark.Source.SURVEY,
        unit=sample.unit,
        official=sample.official,
    )


@transaction.atomic
def answer_openly(
    *, round: SurveyRound, given: Mapping[str, Any], unit: Unit | None = None, remark: str = ""
) -> None:
    """By the link that anybody may open: no sample, counted apart."""
    round = _locked_round(round.pk)
    if round.state != SurveyRound.State.RUNNING:
        raise ValidationError(CLOSED)
    rules = DistrictProfile.objects.in_force(round.district).rules
    if unit is not None and unit.district_id != round.district_id:
        raise ValidationError({"unit": ["请从列出的单位中选择。"]})
    answers = checked(round, rules, given)
    SurveyAnswer.objects.create(
        round=round,
        sampled=False,
        channel=Channel.WEB,
        unit=unit,
        level=answers[main_question(round).code],
        answers=answers,
    )
    conduct.receive(district=round.district, text=remark, source=ConductRemark.Source.SURVEY, unit=unit)


@transaction.atomic
def record_attempt(*, by: User, sample: SurveySample, outcome: str) -> SurveyAttempt:
    """A call that brought no answer. On enough different days nobody was there: not reached, counted apart."""
    sample = _locked(sample)
    _check_entering(by, sample)
    if sample.state == State.ANSWERED:
        raise ValidationError(ALREADY)
    if outcome not in Outcome.values:
        raise ValidationError({"outcome": ["请选择联系的结果。"]})
    attempt = SurveyAttempt.objects.create(
        sample=sample, day=clock.today(), at=clock.now(), outcome=outcome, by=by
    )
    rules = DistrictProfile.objects.in_force(sample.round.district).rules
    missed = sample.attempts.filter(outcome__in=[Outcome.NO_ANSWER, Outcome.WRONG])
    if outcome == Outcome.REFUSED:
        sample.state = State.REFUSED
    elif len(set(missed.order_by().values_list("day", flat=True))) >= rules.surveys.tries:
        sample.state = State.UNREACHED
    sample.save(update_fields=["state"])
    return attempt


def reveal_phone(*, by: User, sample: SurveySample) -> str:
    """The number to call; who looked at which is in the log."""
    _check_entering(by, sample)
    audit.record(by, "survey.phone", sample, round=sample.round_id)
    return sample.entry.contact_phone


def _check_entering(by: User, sample: SurveySample) -> None:
    if not SurveySample.objects.visible_to(by).filter(pk=sample.pk).exists():
        raise PermissionDenied(WHO_ENTERS)
    if sample.round.state != SurveyRound.State.RUNNING:
        raise ValidationError("这轮调查不在进行中。")


def _locked_round(pk: int) -> SurveyRound:
    """Before any of its samples, so that nothing is taken in behind the back of whoever closes it and cuts it off."""
    rows = SurveyRound.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("district").get(pk=pk)


def _locked(sample: SurveySample) -> SurveySample:
    _locked_round(sample.round_id)
    rows = SurveySample.objects.select_for_update(of=("self",))
    related = ("round__district", "enterprise", "project", "unit", "official")
    found = rows.select_related(*related).filter(pk=sample.pk).first()
    if found is None:
        raise ValidationError(CLOSED)
    return found
