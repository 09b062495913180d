"""The monthly lists: confirmed by the units, looked at as they will be, published with a second click, withdrawn."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from campaigns.models import JobOpening, JobSeeker, NeedsConfirmation, PublishedNeeds
from campaigns.needs.permissions import WHO_LEADS_JOBS, leads_jobs, may_confirm_lists
from campaigns.needs.public_lists import Preview, fingerprint, list_month, months_open
from campaigns.needs.words import Errors
from core import clock
from districts.models import DistrictProfile, Region

Kind = NeedsConfirmation.Kind
CHANGED = "预览之后清单又有变化，没有发布。请核对现在的内容，再发布。"


@transaction.atomic
def confirm_list(*, by: User, kind: str) -> NeedsConfirmation:
    """The own unit has looked through its list for the month that is next published. Doing it again renews the day."""
    if not may_confirm_lists(by) or by.unit is None:
        raise PermissionDenied("清单由填报单位的联络员、负责人确认。")
    if kind not in Kind.values:
        raise ValidationError("没有这样的清单。")
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    mine = {"unit": by.unit}
    if kind == Kind.OPENINGS:
        entries = JobOpening.objects.current().filter(**mine).count()
    else:
        entries = JobSeeker.objects.looking().filter(**mine).count()
    found, _ = NeedsConfirmation.objects.update_or_create(
        unit=by.unit,
        kind=kind,
        month=list_month(clock.today(), rules),
        defaults={"entries": entries, "confirmed_at": clock.now(), "confirmed_by": by},
    )
    audit.record(by, "needs_list.confirmed", found, kind=kind, entries=entries)
    return found


@transaction.atomic
def publish_lists(*, by: User, month: date, seen: str) -> PublishedNeeds:
    """Exactly what the preview showed (``seen``: its fingerprint), frozen. Raises if it would be something else by now."""
    if by.unit is None or not leads_jobs(by):
        raise PermissionDenied(WHO_LEADS_JOBS)
    district: Region = by.unit.district
    rules = DistrictProfile.objects.in_force(district).rules
    if month not in months_open(clock.today()):
        raise ValidationError("只能发布本月和下月的清单。")
    preview = Preview.of(district, rules, month)
    if PublishedNeeds.objects.public().filter(district=district, month=month).exists():
        raise ValidationError("这个月的清单已经发布；有误的请先撤下，再重新发布。")
    if fingerprint(preview) != seen:
        raise ValidationError(CHANGED)
    if not preview.openings and not preview.seekers:
        raise ValidationError("没有可以公布的内容。")
    try:
        with transaction.atomic():
            published = PublishedNeeds.objects.create(
                district=district,
                month=month,
                openings=preview.openings,
                seekers=preview.seekers,
                left_out=preview.left_out,
                contact=preview.contact,
                minimum=rules.needs.minimum_group,
                published_at=clock.now(),
                published_by=by,
            )
    except IntegrityError:
        raise ValidationError("这个月的清单刚刚已经发布。") from None
    audit.record(
        by, "needs_list.published", published, openings=len(preview.openings), seekers=len(preview.seekers)
    )
    return published


@transaction.atomic
def withdraw_lists(*, by: User, published: PublishedNeeds, reason: str) -> PublishedNeeds:
    """Something in it was wrong: it is no longer public, and may be published anew."""
    found = PublishedNeeds.objects.select_for_update().get(pk=published.pk)
    if by.unit is None or not leads_jobs(by) or by.unit.district_id != found.district_id:
        raise PermissionDenied(WHO_LEADS_JOBS)
    if found.withdrawn_at:
        raise ValidationError("这份清单已经撤下。")
    errors = Errors()
    reason = errors.text("reason", reason, 200, needed="请写明撤下的原因。")
    errors.stop()
    found.withdrawn_at, found.withdrawn_by, found.withdraw_reason = clock.now(), by, reason
    found.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    audit.record(by, "needs_list.withdrawn", found)
    return found
