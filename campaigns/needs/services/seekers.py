"""求职人员: recorded with their consent, changed, taken off. Forgetting them is in ``forgetting``."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import JobSeeker, Recommendation
from campaigns.needs.permissions import WHO_KEEPS, leads_jobs, may_keep_seeker, may_record_seeker
from campaigns.needs.services.openings import MOST_WAGE
from campaigns.needs.words import Errors, clean_called
from core import clock
from core.phones import clean_contact_phone
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules

State = JobSeeker.State
Step = Recommendation.State
WHO_RECORDS = spoken("求职人员由乡镇办（园区）和用工清单的牵头单位登记。")
ERASED = "个人信息已经删除。"


@dataclass(frozen=True)
class SeekerFacts:
    """What a seeker tells, as it is typed."""

    called: str = ""
    phone: str = ""
    age_band: str = ""
    trade: str = ""
    post: str = ""
    skills: str = ""
    wage_hoped: int | None = None
    consent_on: date | None = None


FIELDS = tuple(SeekerFacts.__dataclass_fields__)


def checked(facts: SeekerFacts, rules: Rules) -> dict[str, Any]:
    errors, today = Errors(), clock.today()
    called = phone = ""
    try:
        called = clean_called(facts.called)
    except ValidationError as error:
        errors.add("called", error.messages[0])
    try:
        phone = clean_contact_phone(facts.phone)
    except ValidationError as error:
        errors.add("phone", error.messages[0])
    if rules.find("age_bands", facts.age_band) is None:
        errors.add("age_band", "请选择年龄段。")
    post = errors.text("post", facts.post, 60)
    if facts.trade and rules.find("trades", facts.trade) is None:
        errors.add("trade", "请从列出的工种中选择。")
    elif not facts.trade and not post and "post" not in errors.found:
        errors.add("post", "没有合适的工种时，请写明意向岗位。")
    skills = errors.text("skills", facts.skills, 200)
    errors.whole("wage_hoped", facts.wage_hoped, 1, MOST_WAGE)
    if facts.consent_on is None:
        errors.add("consent_on", "请填写本人同意登记的日期；没有征得同意的不能登记。")
    elif not today - timedelta(days=rules.needs.retention_days) <= facts.consent_on <= today:
        errors.add("consent_on", f"同意日期应在今天以前、{rules.needs.retention_days} 天以内。")
    errors.stop()
    assert facts.consent_on is not None
    return {
        "called": called, "phone": phone, "age_band": facts.age_band, "trade": facts.trade, "post": post,
        "skills": skills, "wage_hoped": facts.wage_hoped, "consent_on": facts.consent_on,
        "keep_until": facts.consent_on + timedelta(days=rules.needs.retention_days),
        "purpose": rules.needs.purpose,
    }  # fmt: skip


def keep_as_long_as_needed(seeker: JobSeeker, rules: Rules) -> None:
    """Until the consent ends; where what it was given for is over, no longer than it takes to put a mistake right."""
    consented = seeker.consent_on + timedelta(days=rules.needs.retention_days)
    over = clock.today() + timedelta(days=rules.needs.fulfilled_days)
    seeker.keep_until = consented if seeker.state == State.LOOKING else min(consented, over)


@transaction.atomic
def record_seeker(*, by: User, facts: SeekerFacts, region: Region | None = None) -> JobSeeker:
    """With what they were told and the day they agreed. Who looks for work is on the list once."""
    if not may_record_seeker(by):
        raise PermissionDenied(WHO_RECORDS)
    assert by.unit is not None
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    values = checked(facts, rules)
    region = region or by.unit.region
    if not (by.unit.district if leads_jobs(by) else by.unit.region).contains(region):
        raise ValidationError({"region": ["只能登记本辖区的求职人员。"]})
    known = JobSeeker.objects.looking().filter(district=by.unit.district, phone=values["phone"])
    if known.filter(trade=values["trade"], called=values["called"]).exists():
        raise ValidationError({"phone": ["这位求职人员已在清单中，不用重复登记。"]})
    seeker = JobSeeker.objects.create(
        district=by.unit.district,
        region=region,
        unit=by.unit,
        recorded_at=clock.now(),
        recorded_by=by,
        **values,
    )
    audit.record(by, "seeker.recorded", seeker)
    return seeker


@transaction.atomic
def change_seeker(*, by: User, seeker: JobSeeker, facts: SeekerFacts) -> JobSeeker:
    """Also when they agreed anew: their data is kept from that day on."""
    seeker = _locked(by, seeker)
    rules = DistrictProfile.objects.in_force(seeker.district).rules
    for name, value in checked(facts, rules).items():
        setattr(seeker, name, value)
    keep_as_long_as_needed(seeker, rules)
    seeker.save()
    audit.record(by, "seeker.changed", seeker)
    return seeker


@transaction.atomic
def set_looking(*, by: User, seeker: JobSeeker, looking: bool) -> JobSeeker:
    """No longer looks for work, or does again."""
    seeker = _locked(by, seeker)
    if looking == (seeker.state == State.LOOKING):
        raise ValidationError("这位求职人员的状态已有变化，请刷新后再办。")
    seeker.state = State.LOOKING if looking else State.LEFT
    keep_as_long_as_needed(seeker, DistrictProfile.objects.in_force(seeker.district).rules)
    if looking and seeker.keep_until < clock.today():
        raise ValidationError("同意已经到期，请修改登记并填写新的同意日期。")
    seeker.save(update_fields=["state", "keep_until"])
    if not looking:
        Recommendation.objects.running().filter(seeker=seeker).update(
            state=Step.FAILED, result="本人不再求职", changed_at=clock.now(), changed_by=by
        )
    audit.record(by, "seeker.looking" if looking else "seeker.left", seeker)
    return seeker


def _locked(by: User, seeker: JobSeeker) -> JobSeeker:
    """The seeker as they stand now, for whoever keeps them and as long as they are not forgotten."""
    rows = JobSeeker.objects.select_for_update(of=("self",)).select_related("district", "region", "unit")
    seeker = rows.get(pk=seeker.pk)
    if not may_keep_seeker(by, seeker):
        raise PermissionDenied(WHO_KEEPS)
    if seeker.erased_at:
        raise ValidationError(ERASED)
    return seeker
