"""点对点对接: 推荐 → 面试 → 上岗, or 未成 with the reason."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import JobOpening, JobPlacement, JobSeeker, Recommendation
from campaigns.needs.matching import Fit
from campaigns.needs.permissions import WHO_KEEPS, may_keep_opening, may_keep_seeker
from campaigns.needs.services.openings import placement_moment, recount, void
from campaigns.needs.services.seekers import keep_as_long_as_needed
from campaigns.needs.words import Errors
from core import clock
from districts.models import DistrictProfile

State = Recommendation.State
STEPS: dict[str, tuple[str, ...]] = {
    State.RECOMMENDED: (State.INTERVIEW, State.PLACED, State.FAILED),
    State.INTERVIEW: (State.PLACED, State.FAILED),
    # What was recorded by mistake, or did not last: it no longer counts.
    State.PLACED: (State.FAILED,),
}


@transaction.atomic
def recommend(*, by: User, opening: JobOpening, seeker: JobSeeker) -> Recommendation:
    """Put somebody forward whom the user may see, with the reasons as they are now."""
    opening = (
        JobOpening.objects.select_for_update(of=("self",))
        .select_related("district", "region", "unit", "enterprise", "project")
        .get(pk=opening.pk)
    )
    seeker = (
        JobSeeker.objects.select_for_update(of=("self",))
        .select_related("district", "region", "unit")
        .get(pk=seeker.pk)
    )
    if not may_keep_seeker(by, seeker) or seeker.district_id != opening.district_id:
        raise PermissionDenied(WHO_KEEPS)
    if not JobOpening.objects.current().filter(pk=opening.pk).exists():
        raise ValidationError("这条用工需求已经不在招聘中。")
    if not JobSeeker.objects.looking().filter(pk=seeker.pk).exists():
        raise ValidationError("这位求职人员已经不在求职中，或同意已到期。")
    if Recommendation.objects.filter(opening=opening, seeker=seeker).exclude(state=State.FAILED).exists():
        raise ValidationError("这位求职人员已经推荐到这个岗位。")
    rules = DistrictProfile.objects.in_force(opening.district).rules
    now = clock.now()
    found = Recommendation.objects.create(
        opening=opening, seeker=seeker, reasons=Fit.of(opening, seeker, rules).reasons,
        recommended_at=now, recommended_by=by, changed_at=now, changed_by=by,
    )  # fmt: skip
    audit.record(by, "recommendation.made", found, opening=opening.pk, seeker=seeker.pk)
    return found


@transaction.atomic
def advance(
    *, by: User, recommendation: Recommendation, to: str, reason: str = "", day: date | None = None
) -> Recommendation:
    """The next step. 上岗 counts one person at the firm and takes the seeker off the list; 未成 takes that back."""
    opening = JobOpening.objects.select_for_update(of=("self",)).select_related("unit", "region").get(
        pk=recommendation.opening_id
    )  # fmt: skip
    seeker = JobSeeker.objects.select_for_update(of=("self",)).select_related("unit", "region", "district").get(
        pk=recommendation.seeker_id
    )  # fmt: skip
    found = Recommendation.objects.select_for_update(of=("self",)).get(pk=recommendation.pk)
    found.opening, found.seeker = opening, seeker
    if not (may_keep_seeker(by, seeker) or may_keep_opening(by, opening)):
        raise PermissionDenied(WHO_KEEPS)
    if to not in STEPS.get(found.state, ()):
        raise ValidationError("推荐的进展已有变化，请刷新后再办。")
    errors = Errors()
    needed = "请写明未成的原因。" if to == State.FAILED else ""
    reason = errors.text("reason", reason, 200, needed=needed)
    errors.stop()
    if to == State.PLACED:
        _take_up(found, by, day)
    elif found.state == State.PLACED:
        void(found.placement, by=by, reason=reason)
        if seeker.erased_at is None:
            _put_down(seeker, JobSeeker.State.LOOKING)
    found.state, found.result = to, reason if to == State.FAILED else ""
    found.changed_at, found.changed_by = clock.now(), by
    found.save(update_fields=["state", "result", "changed_at", "changed_by"])
    audit.record(by, f"recommendation.{to}", found)
    return found


def _take_up(found: Recommendation, by: User, day: date | None) -> None:
    opening, seeker = found.opening, found.seeker
    if opening.state in {JobOpening.State.PENDING, JobOpening.State.WITHDRAWN}:
        raise ValidationError("这条用工需求已经撤回，不能登记上岗。")
    if seeker.state == JobSeeker.State.PLACED:
        raise ValidationError("这位求职人员已在别处上岗。")
    JobPlacement.objects.create(
        opening=opening, recommendation=found, unit=seeker.unit, persons=1,
        occurred_at=placement_moment(day or clock.today(), "day"), recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    recount(opening)
    _put_down(seeker, JobSeeker.State.PLACED)
    others = Recommendation.objects.running().filter(seeker=seeker).exclude(pk=found.pk)
    others.update(state=State.FAILED, result="已在别处上岗", changed_at=clock.now(), changed_by=by)


def _put_down(seeker: JobSeeker, state: str) -> None:
    seeker.state = state
    keep_as_long_as_needed(seeker, DistrictProfile.objects.in_force(seeker.district).rules)
    seeker.save(update_fields=["state", "keep_until"])
