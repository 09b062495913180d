"""用工需求: recorded or reported by the firm, checked, changed, closed; and how many took up work there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from accounts import audit
from accounts.models import Unit, User
from accounts.selectors import unit_of
from campaigns.models import JobOpening, JobPlacement
from campaigns.needs.permissions import (
    WHO_KEEPS,
    WHO_RECORDS,
    may_cancel_placement,
    may_collect,
    may_keep_opening,
    may_record_opening,
)
from campaigns.needs.words import Errors
from core import clock
from core.phones import clean_contact_phone
from core.wording import speak
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.address_book import UNIT_DESK, recipients
from liaisons.cadence import start_of
from notifications.services import notify

State = JobOpening.State
MOST_WANTED = 5_000
MOST_WAGE = 200_000
LONGEST = timedelta(days=366)
OLDEST_PLACEMENT = timedelta(days=92)
"""A placement is recorded within a quarter: later, the lists and reports of its month are long read."""
OUTDATED = "这条用工需求的状态已有变化，请刷新后再办。"
Firm = Enterprise | Project


@dataclass(frozen=True)
class OpeningFacts:
    """What an opening says, as it is typed."""

    trade: str = ""
    post: str = ""
    wanted: int | None = None
    wage_from: int | None = None
    wage_to: int | None = None
    requirements: str = ""
    place: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    valid_until: date | None = None


FIELDS = tuple(OpeningFacts.__dataclass_fields__)


def checked(facts: OpeningFacts, rules: Rules, *, by_firm: bool = False) -> dict[str, Any]:
    """The fields as they are stored. Raises ``ValidationError`` by field."""
    errors, today = Errors(), clock.today()
    post = errors.text("post", facts.post, 60)
    if facts.trade and rules.find("trades", facts.trade) is None:
        errors.add("trade", "请从列出的工种中选择。")
    elif not facts.trade and not post and "post" not in errors.found:
        errors.add("post", "没有合适的工种时，请写明岗位名称。")
    errors.whole("wanted", facts.wanted, 1, MOST_WANTED, needed="请填写招聘人数。")
    errors.whole("wage_from", facts.wage_from, 1, MOST_WAGE)
    errors.whole("wage_to", facts.wage_to, 1, MOST_WAGE)
    if facts.wage_from and facts.wage_to and facts.wage_from > facts.wage_to:
        errors.add("wage_to", "月薪上限不能低于下限。")
    requirements = errors.text("requirements", facts.requirements, 500)
    place = errors.text("place", facts.place, 120)
    name = errors.text("contact_name", facts.contact_name, 50, needed="请填写联系人。" if by_firm else "")
    phone = ""
    if facts.contact_phone.strip() or by_firm:
        try:
            phone = clean_contact_phone(facts.contact_phone)
        except ValidationError as error:
            errors.add("contact_phone", error.messages[0])
    if facts.valid_until is None:
        errors.add("valid_until", "请填写有效期。")
    elif not today <= facts.valid_until <= today + LONGEST:
        errors.add("valid_until", "有效期应在今天至一年以内。")
    errors.stop()
    return {
        "trade": facts.trade, "post": post, "wanted": facts.wanted, "wage_from": facts.wage_from,
        "wage_to": facts.wage_to, "requirements": requirements, "place": place, "contact_name": name,
        "contact_phone": phone, "valid_until": facts.valid_until,
    }  # fmt: skip


def claimed_firm(unit: Unit, subject: Firm | None, claimed_name: str) -> str:
    """The name of a firm that is not on the roster, or "" for one that is; refused where there is neither."""
    if subject is not None:
        if subject.district_id != unit.district_id:
            raise ValidationError({"subject": ["请选择本区县的企业。"]})
        return ""
    errors = Errors()
    claimed = errors.text("claimed_name", claimed_name, 120)
    if not claimed and not errors.found:
        errors.add("subject", speak("请选择企业；不在底册的，填写企业名称。"))
    errors.stop()
    return claimed


@transaction.atomic
def record_opening(
    *,
    by: User,
    facts: OpeningFacts,
    subject: Firm | None = None,
    claimed_name: str = "",
    region: Region | None = None,
) -> JobOpening:
    """By an official, of a firm of the roster or one that is only claimed so far; counted for the own unit."""
    if not may_record_opening(by):
        raise PermissionDenied(WHO_RECORDS)
    assert by.unit is not None
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    claimed = claimed_firm(by.unit, subject, claimed_name)
    values = checked(facts, rules)
    now = clock.now()
    opening = JobOpening.objects.create(
        district=by.unit.district,
        region=subject.region if subject else (region or by.unit.region),
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        claimed_name=claimed,
        unit=by.unit,
        recorded_at=now,
        updated_at=now,
        checked_at=now,
        recorded_by=by,
        **values,
    )
    audit.record(by, "opening.recorded", opening)
    return opening


@transaction.atomic
def report_opening(*, entry: Firm, facts: OpeningFacts, by: User | None = None) -> JobOpening:
    """By the firm itself, without an account, or by a cadre who heard of it at a visit (``by``): waits until the
    township (or the leading unit) has checked it."""
    if by is not None and not may_collect(by):
        raise PermissionDenied(WHO_RECORDS)
    rules = DistrictProfile.objects.in_force(entry.district).rules
    values = checked(facts, rules, by_firm=by is None)
    entry = type(entry)._default_manager.select_for_update(of=("self",)).get(pk=entry.pk)
    same = {"trade": values["trade"], "post": values["post"]}
    if entry.jobopenings.filter(state__in=[State.PENDING, *JobOpening.CURRENT], **same).exists():
        raise ValidationError(speak("同样岗位的用工需求已经收到，有变化请与乡镇办（园区）联系。"))
    now = clock.now()
    unit = keeper_of(entry, rules.jobs_unit, rules)
    opening = JobOpening.objects.create(
        district=entry.district,
        region=entry.region,
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        unit=unit,
        by_firm=by is None,
        state=State.PENDING,
        recorded_at=now,
        recorded_by=by,
        updated_at=now,
        **values,
    )
    audit.record(by, "opening.reported", opening)
    notify(
        recipients(unit, *UNIT_DESK),
        key=f"needs-opening:{opening.pk}",
        title=f"{told_by(by)}用工需求：{entry.name}",
        body=f"{label_of(opening, rules)} {opening.wanted} 人，请核实。",
        url=reverse("campaigns:opening", args=[opening.pk]),
    )
    return opening


def told_by(by: User | None) -> str:
    return f"{by}走访了解到" if by else "企业填报"


def keeper_of(entry: Firm, leading: str, rules: Rules) -> Unit:
    """Who looks into what a firm reports: the unit of its township or park, else the one that leads the list."""
    units = Unit.objects.of_district(entry.district).active().select_related("region", "district")
    of_place = units.filter(region=entry.region, kind__in=rules.needs.list_kinds).order_by("order", "pk")
    return of_place.first() or unit_of(entry.district, leading)


def label_of(opening: Any, rules: Rules | None) -> str:
    """What work it is: the post in the firm's own words, else the trade. Of openings and of seekers."""
    if opening.post:
        return str(opening.post)
    return rules.label("trades", opening.trade) if rules else opening.trade


@transaction.atomic
def change_opening(*, by: User, opening: JobOpening, facts: OpeningFacts) -> JobOpening:
    opening = _locked(by, opening)
    if opening.state in {State.WITHDRAWN}:
        raise ValidationError("已撤回的不能修改，请先恢复。")
    rules = DistrictProfile.objects.in_force(opening.district).rules
    for name, value in checked(facts, rules).items():
        setattr(opening, name, value)
    _settle(opening)
    opening.updated_at = clock.now()
    opening.save()
    audit.record(by, "opening.changed", opening)
    return opening


@transaction.atomic
def check_opening(*, by: User, opening: JobOpening) -> JobOpening:
    """What a firm reported is right: it counts from now on."""
    opening = _locked(by, opening)
    if opening.state != State.PENDING:
        raise ValidationError(OUTDATED)
    opening.state, opening.checked_at, opening.updated_at = State.OPEN, clock.now(), clock.now()
    _settle(opening)
    opening.save()
    audit.record(by, "opening.checked", opening)
    return opening


@transaction.atomic
def withdraw_opening(*, by: User, opening: JobOpening, reason: str) -> JobOpening:
    """No longer wanted, or what was reported is not so."""
    opening = _locked(by, opening)
    if opening.state == State.WITHDRAWN:
        raise ValidationError(OUTDATED)
    errors = Errors()
    reason = errors.text("reason", reason, 200, needed="请写明原因。")
    errors.stop()
    opening.state, opening.closing, opening.updated_at = State.WITHDRAWN, reason, clock.now()
    opening.save()
    audit.record(by, "opening.withdrawn", opening)
    return opening


@transaction.atomic
def restore_opening(*, by: User, opening: JobOpening) -> JobOpening:
    opening = _locked(by, opening)
    if opening.state != State.WITHDRAWN:
        raise ValidationError(OUTDATED)
    opening.state, opening.closing, opening.updated_at = State.OPEN, "", clock.now()
    opening.checked_at = opening.checked_at or clock.now()
    _settle(opening)
    opening.save()
    audit.record(by, "opening.restored", opening)
    return opening


def expire_openings(district: Region) -> int:
    """What ran out yesterday or earlier is no longer looked for; done again it changes nothing."""
    over = JobOpening.objects.filter(
        district=district, state__in=JobOpening.CURRENT, valid_until__lt=clock.today()
    )
    return over.update(state=State.EXPIRED, updated_at=clock.now())


# --- Taking up work -------------------------------------------------------------------------------


@transaction.atomic
def record_placement(
    *, by: User, opening: JobOpening, persons: int | None, day: date | None, note: str = ""
) -> JobPlacement:
    """送工进企: a batch of people took up work there."""
    opening = _locked(by, opening)
    if opening.state in {State.PENDING, State.WITHDRAWN}:
        raise ValidationError("待核实和已撤回的用工需求不能登记上岗。")
    errors = Errors()
    errors.whole("persons", persons, 1, MOST_WANTED, needed="请填写上岗人数。")
    note = errors.text("note", note, 200)
    errors.stop()
    assert persons is not None and by.unit is not None
    moment = placement_moment(day, "day")
    placement = JobPlacement.objects.create(
        opening=opening, unit=by.unit, persons=persons, note=note, occurred_at=moment,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    recount(opening)
    audit.record(by, "placement.recorded", placement, persons=persons)
    return placement


def placement_moment(day: date | None, field: str) -> datetime:
    """When it happened: now for today, the beginning of an earlier day. Raises for a day that cannot be."""
    today = clock.today()
    if day is None:
        raise ValidationError({field: ["请填写上岗日期。"]})
    if not today - OLDEST_PLACEMENT <= day <= today:
        raise ValidationError({field: [f"日期应在 {today - OLDEST_PLACEMENT} 至今天之间。"]})
    return clock.now() if day == today else start_of(day)


@transaction.atomic
def cancel_placement(*, by: User, placement: JobPlacement, reason: str) -> JobPlacement:
    """It was a mistake: it stays, and counts no longer. Who was put forward is where they were before."""
    opening = JobOpening.objects.select_for_update(of=("self",)).get(pk=placement.opening_id)
    placement = JobPlacement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
    placement.opening = opening
    if not may_cancel_placement(by, placement):
        raise PermissionDenied(WHO_KEEPS)
    if placement.cancelled_at:
        raise ValidationError("这条上岗记录已经作废。")
    if placement.recommendation_id:
        raise ValidationError("通过推荐上岗的，请在推荐记录里更正。")
    errors = Errors()
    reason = errors.text("reason", reason, 200, needed="请写明作废原因。")
    errors.stop()
    void(placement, by=by, reason=reason)
    return placement


def void(placement: JobPlacement, *, by: User, reason: str) -> None:
    """Within a transaction that holds the opening."""
    placement.cancelled_at, placement.cancelled_by, placement.cancel_reason = clock.now(), by, reason
    placement.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    recount(placement.opening)
    audit.record(by, "placement.cancelled", placement)


def recount(opening: JobOpening) -> None:
    """How many are there by now, and whether that is all that were wanted."""
    standing = JobPlacement.objects.filter(opening=opening).standing()
    opening.placed = standing.aggregate(total=Sum("persons"))["total"] or 0
    _settle(opening)
    opening.updated_at = clock.now()
    opening.save(update_fields=["placed", "state", "updated_at"])


def _settle(opening: JobOpening) -> None:
    """The state that follows from how many are there and until when it holds."""
    if opening.state in {State.PENDING, State.WITHDRAWN}:
        return
    if opening.placed >= opening.wanted:
        opening.state = State.FILLED
    elif opening.valid_until < clock.today():
        opening.state = State.EXPIRED
    else:
        opening.state = State.PARTLY if opening.placed else State.OPEN


def _locked(by: User, opening: JobOpening) -> JobOpening:
    """The opening as it stands now, for whoever keeps it."""
    rows = JobOpening.objects.select_for_update(of=("self",)).select_related(
        "district", "region", "unit", "enterprise", "project"
    )
    opening = rows.get(pk=opening.pk)
    if not may_keep_opening(by, opening):
        raise PermissionDenied(WHO_KEEPS)
    return opening
