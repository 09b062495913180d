"""A survey round from its draft to its publication, run by the lead bureau (S1: 每季度委托第三方公司…)."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Role, User
from campaigns.models import SurveyRound, SurveySample
from campaigns.satisfaction import sampling
from campaigns.satisfaction.permissions import may_manage, may_run, rules_in
from core import clock
from core.wording import spoken
from districts.models import Region
from districts.satisfaction import SCOPES
from enterprises.models import Enterprise, Project
from notifications.services import notify

State = SurveyRound.State
WHO_RUNS = spoken("满意度调查由牵头局的调度员、负责人组织。")
MOST_SAMPLES = 20_000
FIRST_YEAR = 2020


@dataclass(frozen=True)
class Plan:
    """What the bureau decides before a round is drawn."""

    year: int
    quarter: int
    last_day: date
    scope: str
    size: int
    agency: str = ""
    surveyors: tuple[User, ...] = ()


def quarter_span(year: int, quarter: int) -> tuple[datetime, datetime]:
    """A quarter, or with 0 the whole year, up to (not including) its end."""
    first = date(year, (quarter - 1) * 3 + 1 if quarter else 1, 1)
    after = date(year + 1, 1, 1) if quarter in {0, 4} else date(year, quarter * 3 + 1, 1)
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@transaction.atomic
def draft(*, by: User, plan: Plan) -> SurveyRound:
    """The questions are the profile's of today; the third party's accounts are the bureau's own."""
    if not may_run(by):
        raise PermissionDenied(WHO_RUNS)
    assert by.unit is not None
    rules = rules_in(by.unit)
    _check(by, plan)
    try:
        with transaction.atomic():
            round = SurveyRound.objects.create(
                district=by.unit.district,
                unit=by.unit,
                year=plan.year,
                quarter=plan.quarter,
                agency=plan.agency.strip(),
                scope=plan.scope,
                size=plan.size,
                strata=list(rules.surveys.strata),
                questions=[question.model_dump(mode="json") for question in rules.surveys.questions],
                last_day=plan.last_day,
                open_token=new_token(),
                created_by=by,
                created_at=clock.now(),
            )
    except IntegrityError:
        raise ValidationError({"quarter": ["这个季度已经有一轮调查。"]}) from None
    round.surveyors.set(plan.surveyors)
    audit.record(by, "survey.drafted", round, surveyors=[user.pk for user in plan.surveyors])
    return round


def _check(by: User, plan: Plan) -> None:
    errors: dict[str, list[str]] = {}
    today = clock.today()
    if not FIRST_YEAR <= plan.year <= today.year:
        errors["year"] = [f"年份应在{FIRST_YEAR}至{today.year}之间。"]
    if plan.quarter not in range(1, 5):
        errors["quarter"] = ["请选择季度。"]
    if not errors and quarter_span(plan.year, plan.quarter)[0] > clock.now():
        errors["quarter"] = ["这个季度还没有开始。"]
    if plan.scope not in SCOPES:
        errors["scope"] = ["请选择调查范围。"]
    if not 1 <= plan.size <= MOST_SAMPLES:
        errors["size"] = [f"样本数应在1至{MOST_SAMPLES}之间。"]
    if plan.last_day < today:
        errors["last_day"] = ["截止日期不能早于今天。"]
    if len(plan.agency) > 80:
        errors["agency"] = ["最多80字。"]
    if any(user.engaged_by_id != by.unit_id or not user.is_active for user in plan.surveyors):
        errors["surveyors"] = ["只能选本单位委托的调查员账号。"]
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def set_team(
    *, by: User, round: SurveyRound, surveyors: Iterable[User], last_day: date, agency: str
) -> SurveyRound:
    """Who enters the answers, and until when: may change as long as the round is not closed."""
    round = _managed(by, round)
    if round.is_over:
        raise ValidationError("调查已经结束，不能再改。")
    surveyors = tuple(surveyors)
    _check(by, Plan(round.year, round.quarter, last_day, round.scope, round.size, agency, surveyors))
    round.agency, round.last_day = agency.strip(), last_day
    round.save(update_fields=["agency", "last_day"])
    round.surveyors.set(surveyors)
    audit.record(by, "survey.team", round, surveyors=[user.pk for user in surveyors])
    return round


@transaction.atomic
def draw_sample(*, by: User, round: SurveyRound, seed: str = "") -> SurveyRound:
    """Draw, or draw anew before it has begun. ``seed``: to draw what another draw drew; else chance gives one."""
    round = _managed(by, round)
    if round.state not in {State.DRAFT, State.SAMPLED}:
        raise ValidationError("调查已经开始，不能重新抽样。")
    seed = seed.strip() or secrets.token_hex(8)
    if len(seed) > 40 or not seed.isalnum() or not seed.isascii():
        raise ValidationError({"seed": ["随机种子只能是字母和数字，最多40位。"]})
    candidates = sampling.frame(round.district, round.scope, *quarter_span(round.year, round.quarter))
    if not candidates:
        raise ValidationError(f"没有可以抽取的企业：{SCOPES[round.scope]}。请换一个调查范围。")
    drawn = sampling.draw(candidates, seed=seed, size=round.size, strata=round.strata)
    round.samples.all().delete()
    SurveySample.objects.bulk_create(
        [
            SurveySample(
                round=round,
                number=number,
                stratum=sampling.stratum_of(one, round.strata),
                enterprise=one.entry if isinstance(one.entry, Enterprise) else None,
                project=one.entry if isinstance(one.entry, Project) else None,
                unit=one.unit,
                official=one.official,
                token=new_token(),
            )
            for number, one in enumerate(drawn, start=1)
        ],
        batch_size=500,
    )
    population: dict[str, int] = {}
    for one in candidates:
        name = sampling.stratum_of(one, round.strata)
        population[name] = population.get(name, 0) + 1
    # Whoever draws until the sample pleases leaves the number of draws behind.
    round.figures = {"population": population, "draws": round.figures.get("draws", 0) + 1}
    round.seed, round.frame_digest = seed, sampling.digest_of(candidates, round.strata)
    round.drawn_at, round.state = clock.now(), State.SAMPLED
    round.save(update_fields=["figures", "seed", "frame_digest", "drawn_at", "state"])
    audit.record(by, "survey.drawn", round, seed=seed, drawn=len(drawn), frame=len(candidates))
    return round


def new_token() -> str:
    """96 random bits: nobody guesses it."""
    return secrets.token_urlsafe(12)


@transaction.atomic
def start(*, by: User, round: SurveyRound) -> SurveyRound:
    """From now on the third party sees the list, and the links open."""
    round = _managed(by, round)
    if round.state != State.SAMPLED:
        raise ValidationError("先抽样，再开始调查。")
    if round.last_day < clock.today():
        raise ValidationError("截止日期已过，请先改截止日期。")
    round.state, round.started_at = State.RUNNING, clock.now()
    round.save(update_fields=["state", "started_at"])
    audit.record(by, "survey.started", round)
    notify(
        list(round.surveyors.filter(is_active=True)),
        key=f"survey:{round.pk}:started",
        title=f"{round}开始",
        body=f"{round.last_day:%m月%d日}截止。",
        url=reverse("campaigns:survey_desk"),
    )
    return round


@transaction.atomic
def close(*, by: User | None, round: SurveyRound) -> SurveyRound:
    """No more answers. The tick that follows cuts the answers off from the firms; without ``by`` the day was over."""
    round = _managed(by, round) if by else _locked(round)
    if round.state != State.RUNNING:
        raise ValidationError("只有正在进行的调查可以结束。")
    round.state, round.closed_at = State.CLOSED, clock.now()
    round.save(update_fields=["state", "closed_at"])
    audit.record(by, "survey.closed", round)
    return round


@transaction.atomic
def publish(*, by: User, round: SurveyRound) -> SurveyRound:
    """To the leaders. Only what no longer leads back to anybody."""
    round = _managed(by, round)
    if round.state != State.CLOSED:
        raise ValidationError("调查结束后才能发布。")
    if round.severed_at is None:
        raise ValidationError("答卷正在匿名化，请过几分钟再发布。")
    round.state, round.published_at = State.PUBLISHED, clock.now()
    round.save(update_fields=["state", "published_at"])
    audit.record(by, "survey.published", round)
    leaders = User.objects.filter(unit__district=round.district_id).with_role(
        Role.DISTRICT_LEADER, Role.BUREAU_LEADER, Role.SUPERVISOR
    )
    notify(
        [user for user in leaders if user != by],
        key=f"survey:{round.pk}:published",
        title=f"{round}结果已发布",
        url=reverse("campaigns:survey_results", args=[round.pk]),
    )
    return round


def close_due(district: Region) -> int:
    """Rounds whose last day is over."""
    over = SurveyRound.objects.filter(
        district=district, state=State.RUNNING, last_day__lt=clock.today()
    ).order_by("pk")
    for round in over:
        close(by=None, round=round)
    return len(over)


def _locked(round: SurveyRound) -> SurveyRound:
    rows = SurveyRound.objects.select_for_update(of=("self",)).select_related("district", "unit__district")
    return rows.get(pk=round.pk)


def _managed(by: User, round: SurveyRound) -> SurveyRound:
    found = _locked(round)
    if not may_manage(by, found):
        raise PermissionDenied(WHO_RUNS)
    return found
