"""Who is graded: the firms of the profile's tiers (四上企业) and the 样本点企业 that were named; the season's list."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts import audit
from accounts.models import User
from accounts.selectors import unit_of
from core import clock
from districts.models import Region
from districts.profile import Rules
from enterprises.grade_querysets import rules_for
from enterprises.grades.permissions import WHO_GRADES, WHO_KEEPS_SAMPLES, may_grade, may_keep_samples
from enterprises.models import Enterprise, GradeDuty, GradeRecord, SamplePoint
from enterprises.querysets import RosterQuerySet


def subjects(district: Region, rules: Rules) -> RosterQuerySet:
    """The firms on the roster that are graded."""
    named = SamplePoint.objects.running().filter(enterprise=OuterRef("pk"))
    firms = Enterprise.objects.filter(district=district).active().unmerged()
    return firms.filter(Q(tier__in=rules.grades.tiers) | Q(Exists(named)))


def why_not(enterprise: Enterprise, rules: Rules) -> str:
    """Why this firm is not graded, in words; "" if it is."""
    if enterprise.merged_into_id or not enterprise.active:
        return f"“{enterprise.name}”已不在册。"
    if enterprise.tier in rules.grades.tiers:
        return ""
    if SamplePoint.objects.running().filter(enterprise=enterprise).exists():
        return ""
    return f"“{enterprise.name}”不是分类监管对象（四上企业和样本点企业）。"


# --- 样本点企业 -----------------------------------------------------------------------------------


@transaction.atomic
def name_sample(*, by: User, enterprise: Enterprise, reason: str) -> SamplePoint:
    rules = rules_for(by)
    if not may_keep_samples(by, rules) or rules is None:
        raise PermissionDenied(WHO_KEEPS_SAMPLES)
    enterprise = Enterprise.objects.select_for_update(of=("self",)).get(pk=enterprise.pk)
    if by.unit is None or enterprise.district_id != by.unit.district_id:
        raise PermissionDenied(WHO_KEEPS_SAMPLES)
    if not why_not(enterprise, rules):
        raise ValidationError({"reason": "这家企业已经是分类监管对象。"})
    if enterprise.merged_into_id or not enterprise.active:
        raise ValidationError({"reason": "这家企业已不在册。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写明列入理由。"})
    sample = SamplePoint(
        district=enterprise.district,
        enterprise=enterprise,
        reason=reason.strip(),
        added_by=by,
        added_at=clock.now(),
    )
    sample.full_clean()
    sample.save()
    audit.record(by, "grade.sample_named", sample, enterprise=enterprise.pk)
    return sample


@transaction.atomic
def end_sample(*, by: User, enterprise: Enterprise) -> None:
    """Its grades stay where they are; it is not on the next list."""
    rules = rules_for(by)
    if by.unit is None or enterprise.district_id != by.unit.district_id or not may_keep_samples(by, rules):
        raise PermissionDenied(WHO_KEEPS_SAMPLES)
    running = SamplePoint.objects.running().select_for_update().filter(enterprise=enterprise).first()
    if running is None:
        raise ValidationError("这家企业不是样本点企业。")
    running.ended_by, running.ended_at = by, clock.now()
    running.save(update_fields=["ended_by", "ended_at"])
    audit.record(by, "grade.sample_ended", running, enterprise=enterprise.pk)


# --- The season -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    added: int
    removed: int


@transaction.atomic
def open_season(*, by: User, field: str) -> Opened:
    """The organ's list of this year: every firm to be graded, once. Again: who came since, without who is gone."""
    rules = rules_for(by)
    if rules is None or by.unit is None or not may_grade(by, rules, field):
        raise PermissionDenied(WHO_GRADES)
    # The district's row is the lock: two openers at once make one list.
    district = Region.objects.select_for_update(no_key=True).get(pk=by.unit.district_id)
    year, now = clock.today().year, clock.now()
    season = GradeDuty.objects.of_season(district, field, year)
    listed = set(season.values_list("enterprise", flat=True))
    wanted = set(subjects(district, rules).values_list("pk", flat=True))
    unit = unit_of(district, rules.grades.field(field).unit)  # type: ignore[union-attr]
    _, last = rules.grades.season(year)
    GradeDuty.objects.bulk_create(
        GradeDuty(
            district=district, enterprise_id=pk, field=field, year=year, unit=unit, opened_at=now,
            due_on=max(last, clock.today()),
        )
        for pk in sorted(wanted - listed)
    )  # fmt: skip
    waiting = GradeRecord.objects.pending().filter(field=field, enterprise__in=listed - wanted)
    gone = season.filter(record__isnull=True, enterprise__in=listed - wanted)
    removed, _ = gone.exclude(enterprise__in=waiting.values("enterprise")).delete()
    audit.record(by, "grade.season_opened", unit, field=field, year=year, added=len(wanted - listed))
    return Opened(len(wanted - listed), removed)
