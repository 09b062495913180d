"""Counting, adjusting, giving to the units, objecting, confirming."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from accounts.audit import record
from accounts.models import Role, Unit, User
from accounts.selectors import unit_of
from core import clock
from core.wording import speak, spoken
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from liaisons.address_book import UNIT_DESK, recipients, recipients_of
from notifications.services import notify
from reports.assessments import computing, scoring
from reports.bulletins.counted import unknown_names
from reports.bulletins.permissions import leads_bureau, works_for_bureau
from reports.indicators import RATES
from reports.models import (
    Assessment,
    AssessmentAdjustment,
    AssessmentLine,
    AssessmentObjection,
    AssessmentScore,
)
from reports.services import Refused

State = Assessment.State
WRITERS = spoken("年度考核由牵头局的调度员和负责人计算和调整。")
_FILLED = (
    "weight", "value", "numerator", "denominator", "computed", "points", "basis", "months", "evidence",
)  # fmt: skip
OBJECTING = (Role.LIAISON, Role.UNIT_LEADER)


def may_write(user: User, assessment: Assessment) -> bool:
    return works_for_bureau(user, assessment.district, assessment.profile.rules)


def may_confirm(user: User, assessment: Assessment) -> bool:
    return leads_bureau(user, assessment.district, assessment.profile.rules)


def may_object(user: User, line: AssessmentLine) -> bool:
    return user.unit_id == line.unit_id and user.has_role(*OBJECTING)


# --- Counting -------------------------------------------------------------------------------------


def start(*, district: Region, year: int, by: User) -> Assessment:
    """The sheet of a year, counted for the first time; one a year."""
    profile = _profile(district)
    if not works_for_bureau(by, district, profile.rules):
        raise PermissionDenied(WRITERS)
    if year > clock.today().year:
        raise Refused(f"{year} 年还没有开始。")
    try:
        with transaction.atomic():
            assessment = Assessment.objects.create(
                district=district, profile=profile, year=year, counted_at=clock.now(), counted_by=by,
                weights=profile.rules.assessment.model_dump(mode="json"),
            )  # fmt: skip
            _count(assessment, by)
    except IntegrityError as error:
        raise Refused(f"{year} 年度考核已经建立。") from error
    return assessment


def recount(*, assessment: Assessment, by: User) -> None:
    """From the figures and the rules of today. What was adjusted by hand stays adjusted."""
    if not may_write(by, assessment):
        raise PermissionDenied(WRITERS)
    with transaction.atomic():
        assessment = locked(assessment)
        if not assessment.is_draft:
            raise Refused(f"年度考核现在是“{assessment.get_state_display()}”，不再重新计算。")
        assessment.profile = _profile(assessment.district)
        _count(assessment, by)


def _profile(district: Region) -> DistrictProfile:
    try:
        profile = DistrictProfile.objects.in_force(district)
    except DistrictProfile.DoesNotExist as error:
        raise Refused(f"{district}还没有载入区县配置。") from error
    if unknown := unknown_names(profile.rules):
        raise Refused("区县配置有误：" + "；".join(unknown) + "。")
    return profile


def _count(assessment: Assessment, by: User) -> None:
    rules = assessment.profile.rules
    items = rules.assessment.items
    units = list(
        Unit.objects.of_district(assessment.district)
        .active()
        .filter(kind__in=rules.handling_unit_kinds)
        .order_by("order", "pk")
    )
    year = computing.measure(assessment.district, rules, assessment.year, units)
    assessment.lines.exclude(unit__in=units).delete()
    AssessmentScore.objects.filter(line__assessment=assessment).exclude(
        item__in=[item.code for item in items]
    ).delete()
    lines = _lines(assessment, units)
    known = {(score.line_id, score.item): score for score in AssessmentScore.objects.filter(line__in=lines)}
    scores = []
    for line in lines:
        scored = scoring.score_unit(items, RATES, year.measured[line.unit_id])
        for item in items:
            score = known.get((line.pk, item.code)) or AssessmentScore(line=line, item=item.code)
            _fill(score, scored[item.code], year.evidence[line.unit_id][item.code])
            scores.append(score)
    AssessmentScore.objects.bulk_create([score for score in scores if score.pk is None])
    AssessmentScore.objects.bulk_update(known.values(), _FILLED)
    _keep_adjustments(assessment)
    assessment.weights = rules.assessment.model_dump(mode="json")
    assessment.__dict__.pop("rules", None)
    assessment.counted_at, assessment.counted_by = clock.now(), by
    assessment.save()
    _sum_up(assessment)


def _lines(assessment: Assessment, units: list[Unit]) -> list[AssessmentLine]:
    """One for each unit, in the order of the offices."""
    known = {line.unit_id: line for line in assessment.lines.all()}
    lines = [known.get(unit.pk) or AssessmentLine(assessment=assessment, unit=unit) for unit in units]
    for place, (line, unit) in enumerate(zip(lines, units, strict=True)):
        line.name, line.place = unit.short_name, place
    AssessmentLine.objects.bulk_create([line for line in lines if line.pk is None])
    AssessmentLine.objects.bulk_update(known.values(), ["name", "place"])
    return lines


def _fill(score: AssessmentScore, scored: scoring.Scored, evidence: dict[str, list[int]]) -> None:
    score.weight, score.value = scored.weight, scored.value
    score.numerator, score.denominator = scored.measured.part, scored.measured.whole
    score.computed = score.points = scored.points
    score.basis = "\n".join(scored.basis)
    score.months = [
        {
            "month": month.month,
            "bulletin": month.bulletin,
            "number": month.number,
            "part": scoring.said(month.part),
            "whole": scoring.said(month.whole),
        }
        for month in scored.measured.months
    ]
    score.evidence = evidence


def _keep_adjustments(assessment: Assessment) -> None:
    adjusted = AssessmentScore.objects.filter(line__assessment=assessment, weight__isnull=False)
    latest = adjusted.annotate(latest=Max("adjustments__pk")).exclude(latest=None)
    points = dict(
        AssessmentAdjustment.objects.filter(pk__in=latest.values("latest")).values_list("score", "points")
    )
    for score in latest:
        if (wanted := points[score.pk]) is not None:
            assert score.weight is not None
            score.points = min(wanted, score.weight)
            score.save(update_fields=["points"])


def _sum_up(assessment: Assessment) -> None:
    """Totals and ranks; ranked is whoever could be scored on enough of the 100 points."""
    rules = assessment.rules
    weights = {item.code: scoring.exact(item.weight) for item in rules.items}
    lines = list(assessment.lines.prefetch_related("scores"))
    totals: dict[int, Decimal] = {}
    for line in lines:
        counted = [score for score in line.scores.all() if score.points is not None]
        points = [score.points for score in counted if score.points is not None]
        line.total = sum(points, Decimal(0)) if points else None
        own = sum((weights[score.item] for score in counted), Decimal(0))
        if line.total is not None and own >= scoring.exact(rules.ranked_from):
            totals[line.pk] = line.total
    ranks = scoring.ranks(totals)
    for line in lines:
        line.rank = ranks.get(line.pk)
    AssessmentLine.objects.bulk_update(lines, ["total", "rank"])


def locked(assessment: Assessment) -> Assessment:
    rows = Assessment.objects.select_for_update(of=("self",))
    return rows.select_related("profile", "district").get(pk=assessment.pk)


# --- By hand --------------------------------------------------------------------------------------


def adjust(*, score: AssessmentScore, points: Decimal | None, reason: str, by: User) -> AssessmentAdjustment:
    """Other points than those computed, with the reason; without points back to the computed ones."""
    assessment = score.line.assessment
    if not may_write(by, assessment):
        raise PermissionDenied(WRITERS)
    with transaction.atomic():
        assessment = locked(assessment)
        if assessment.is_confirmed:
            raise Refused("年度考核已审定，得分不再变动。")
        score = AssessmentScore.objects.get(pk=score.pk)
        if score.weight is None:
            raise Refused("本项件数少、不计分，不能调整。")
        if points is not None and not 0 <= points <= score.weight:
            raise Refused(f"得分应在 0 到 {scoring.said(score.weight)} 之间。")
        made = AssessmentAdjustment.objects.create(
            score=score, points=points, computed=score.computed, reason=reason, by=by, at=clock.now()
        )
        score.points = score.computed if points is None else points
        score.save(update_fields=["points"])
        _sum_up(assessment)
        record(by, "assessment.adjust", score)
    return made


# --- With the units -------------------------------------------------------------------------------


def show(*, assessment: Assessment, by: User) -> None:
    """To the units, each its own line, to check and to object to within some working days."""
    if not may_write(by, assessment):
        raise PermissionDenied(WRITERS)
    with transaction.atomic():
        assessment = locked(assessment)
        if not assessment.is_draft:
            raise Refused("已经发给各单位核对了。")
        calendar = work_calendar(assessment.profile.rules)
        assessment.objections_until = calendar.add(clock.today(), assessment.rules.objection_days)
        assessment.state = State.SHOWN
        assessment.save(update_fields=["state", "objections_until"])
        record(by, "assessment.show", assessment)
        lines = {line.unit_id: line for line in assessment.lines.filter(total__isnull=False)}
        for unit, people in recipients_of(list(lines), *UNIT_DESK).items():
            notify(
                people,
                key=f"assessment-shown:{assessment.pk}:{unit}",
                title=f"请核对本单位{assessment}得分",
                body=f"有异议的，请于 {assessment.objections_until:%m月%d日} 前在线提出，写明理由。",
                url=reverse("reports:assessment_unit", args=[assessment.pk, unit]),
            )


def object_to(*, line: AssessmentLine, reason: str, by: User) -> AssessmentObjection:
    if not may_object(by, line):
        raise PermissionDenied("异议由本单位的联络员、负责人提出。")
    try:
        with transaction.atomic():
            assessment = locked(line.assessment)
            if assessment.state != State.SHOWN or assessment.objections_until is None:
                raise Refused("现在不在核对期内。")
            if clock.today() > assessment.objections_until:
                raise Refused(f"核对期已于 {assessment.objections_until:%m月%d日} 结束。")
            made = AssessmentObjection.objects.create(line=line, reason=reason, by=by, at=clock.now())
    except IntegrityError as error:
        raise Refused("本单位已提出异议，等待答复。") from error
    bureau = unit_of(line.assessment.district, line.assessment.profile.rules.lead_bureau)
    notify(
        User.objects.filter(unit=bureau).with_role(Role.DISPATCHER),
        key=f"assessment-objection:{made.pk}",
        title=f"{line.name}对{line.assessment}得分有异议",
        body=reason,
        url=reverse("reports:assessment_unit", args=[line.assessment_id, line.unit_id]),
    )
    return made


def answer(*, objection: AssessmentObjection, text: str, by: User) -> None:
    """The points themselves are changed by :func:`adjust`, with their own reason."""
    line = objection.line
    if not may_write(by, line.assessment):
        raise PermissionDenied(speak("异议由牵头局答复。"))
    waiting = AssessmentObjection.objects.filter(pk=objection.pk, answered_at__isnull=True)
    if not waiting.update(answer=text, answered_by=by, answered_at=clock.now()):
        raise Refused("这条异议已经答复。")
    notify(
        {objection.by, *recipients(line.unit_id, *UNIT_DESK)},
        key=f"assessment-answer:{objection.pk}",
        title=f"{line.assessment}得分异议的答复",
        body=text,
        url=reverse("reports:assessment_unit", args=[line.assessment_id, line.unit_id]),
    )


# --- The end --------------------------------------------------------------------------------------


def confirm(*, assessment: Assessment, by: User) -> Assessment:
    """Nothing of it changes any more."""
    if not may_confirm(by, assessment):
        raise PermissionDenied(speak("年度考核由牵头局负责人审定。"))
    with transaction.atomic():
        assessment = locked(assessment)
        if assessment.state != State.SHOWN:
            state = assessment.get_state_display()
            raise Refused(f"年度考核现在是“{state}”，发给各单位核对后才能审定。")
        if assessment.counted_by_id == by.pk:
            raise Refused("得分由您计算，须由另一位负责人审定。")
        today, month = clock.today(), assessment.rules.final_month
        if today.year == assessment.year and today.month < month:
            raise Refused(f"{assessment.year} 年度考核从 {month} 月起才能审定。")
        if assessment.objections_until and today <= assessment.objections_until:
            raise Refused(f"核对期到 {assessment.objections_until:%m月%d日} 为止，之后才能审定。")
        waiting = AssessmentObjection.objects.filter(line__assessment=assessment, answered_at__isnull=True)
        if names := list(waiting.values_list("line__name", flat=True)):
            raise Refused(f"{'、'.join(names)}的异议还没有答复。")
        assessment.state, assessment.confirmed_by, assessment.confirmed_at = State.CONFIRMED, by, clock.now()
        assessment.save(update_fields=["state", "confirmed_by", "confirmed_at"])
        record(by, "assessment.confirm", assessment)
    return assessment
