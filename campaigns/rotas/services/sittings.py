"""走流程、坐窗口: planned by the unit, announced by the hall, recorded by the unit, its findings carried out.

审批助企 二（六）: “参加活动的单位每月不少于2次，活动前政务服务中心在媒体上公示参加活动的单位，活动时间为每周五下午，
每次时长不少于半天，…… 现场解决实际问题，并报送工作记录表”. Minimum, weekday and half day are profile data.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import Official, Unit, User
from campaigns.models import Sitting, SittingProblem
from campaigns.rotas.people import acts_for, post_in, runs_hall
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region

NOT_YOURS = spoken("走流程坐窗口由参加单位的联络员、负责人和牵头局调度员安排、记录。")
NOT_THE_HALL = spoken("公示由政务服务大厅管理单位和牵头局调度员办理。")
AHEAD = timedelta(days=190)
BACK = timedelta(days=62)
"""So far back a sitting that was not planned is still entered."""
MOST_DAYS = 12
MOST_RECEIVED = 999

State = Sitting.State


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found; ``due`` None: solved on the spot."""

    content: str
    measure: str
    due: date | None = None


@transaction.atomic
def plan_sittings(
    *, by: User, unit: Unit, official: Official, days: Collection[date], half: str, place: str = ""
) -> list[Sitting]:
    """One leader of a unit on some days. A past day is allowed: then it is recorded at once."""
    if not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    today = clock.today()
    if not days:
        raise ValidationError({"days": ["请至少选择一天。"]})
    if len(days) > MOST_DAYS:
        raise ValidationError({"days": [f"一次最多安排{MOST_DAYS}天。"]})
    if any(not today - BACK <= day <= today + AHEAD for day in days):
        raise ValidationError({"days": ["日期最早可补到两个月前，最多提前半年安排。"]})
    if half not in Sitting.Half.values:
        raise ValidationError({"half": ["请选择上午或下午。"]})
    made = []
    for day in sorted(set(days)):
        post = post_in(official, unit, day)
        if post is None:
            raise ValidationError({"official": [f"{official.name}在 {day:%Y-%m-%d} 不在{unit}任职。"]})
        made.append(
            Sitting(
                district=unit.district,
                unit=unit,
                official=official,
                title=post.title,
                day=day,
                half=half,
                place=place.strip(),
                recorded_by=by,
                recorded_at=clock.now(),
            )
        )
    taken = Sitting.objects.filter(unit=unit, half=half, day__in=days).exclude(state=State.DROPPED)
    if found := taken.order_by("day").first():
        raise ValidationError({"days": [f"{unit}在 {found.when} 已经安排过了。"]})
    try:
        with transaction.atomic():
            return Sitting.objects.bulk_create(made)
    except IntegrityError:
        raise ValidationError({"days": ["刚才有人为本单位安排了同一天，请刷新后再试。"]}) from None


def to_announce(district: Region, until: date | None = None) -> QuerySet[Sitting]:
    """Planned, still to come and not announced; ``until``: no later than a day."""
    rows = Sitting.objects.filter(
        district=district, state=State.PLANNED, announced_at__isnull=True, day__gte=clock.today()
    )
    return rows.filter(day__lte=until) if until else rows


@transaction.atomic
def announce(*, by: User, sittings: Sequence[Sitting]) -> int:
    """Tell the public which units take part; how many were new."""
    rules = DistrictProfile.objects.in_force(by.unit.district).rules if by.unit else None
    if rules is None or not runs_hall(by, rules):
        raise PermissionDenied(NOT_THE_HALL)
    assert by.unit is not None
    rows = to_announce(by.unit.district).filter(pk__in=[one.pk for one in sittings]).select_for_update()
    pks = list(rows.values_list("pk", flat=True))
    Sitting.objects.filter(pk__in=pks).update(announced_at=clock.now())
    if pks:
        audit.record(by, "sitting.announced", sittings=pks)
    return len(pks)


@transaction.atomic
def drop(*, by: User, sitting: Sitting, reason: str) -> Sitting:
    sitting = _locked(sitting)
    if not acts_for(by, sitting.unit):
        raise PermissionDenied(NOT_YOURS)
    if sitting.state != State.PLANNED:
        raise ValidationError("已经记录或取消的，不能再取消。")
    if not reason.strip():
        raise ValidationError({"reason": ["请填写取消原因。"]})
    sitting.state, sitting.drop_reason = State.DROPPED, reason.strip()[:200]
    sitting.save(update_fields=["state", "drop_reason"])
    audit.record(by, "sitting.dropped", sitting)
    return sitting


@transaction.atomic
def record(
    *,
    by: User,
    sitting: Sitting,
    item: str,
    part: str,
    received: int,
    summary: str,
    found: Sequence[Found] = (),
) -> Sitting:
    """The 工作记录表. Handed in once; findings that are to be improved go on by themselves."""
    sitting = _locked(sitting)
    if not acts_for(by, sitting.unit):
        raise PermissionDenied(NOT_YOURS)
    if sitting.state != State.PLANNED:
        raise ValidationError("这次的工作记录表已经报送，或活动已取消。")
    errors: dict[str, list[str]] = {}
    if sitting.day > clock.today():
        raise ValidationError("还没有到活动日期，当天起才能填写工作记录表。")
    if not item.strip():
        errors["item"] = ["请填写走流程的事项。"]
    if part not in Sitting.Part.values:
        errors["part"] = ["请选择以什么身份走流程。"]
    if not summary.strip():
        errors["summary"] = ["请填写走流程、坐窗口的情况。"]
    if not 0 <= received <= MOST_RECEIVED:
        errors["received"] = [f"请填 0 至 {MOST_RECEIVED}。"]
    if any(one.due is not None and one.due < sitting.day for one in found):
        errors["problems"] = ["整改时限不能早于活动当天。"]
    if errors:
        raise ValidationError(errors)
    sitting.item, sitting.part, sitting.received = item.strip(), part, received
    sitting.summary, sitting.state = summary.strip(), State.HELD
    sitting.held_at, sitting.held_by = clock.now(), by
    sitting.save()
    SittingProblem.objects.bulk_create(
        SittingProblem(
            sitting=sitting,
            content=one.content.strip(),
            measure=one.measure.strip(),
            on_spot=one.due is None,
            due=one.due,
            done_on=sitting.day if one.due is None else None,
        )
        for one in found
    )
    audit.record(by, "sitting.recorded", sitting, found=len(found))
    return sitting


@transaction.atomic
def improve(*, by: User, problem: SittingProblem, result: str) -> SittingProblem:
    """What was to be improved has been."""
    problem = (
        SittingProblem.objects.select_for_update(of=("self",))
        .select_related("sitting__unit")
        .get(pk=problem.pk)
    )
    if not acts_for(by, problem.sitting.unit):
        raise PermissionDenied(NOT_YOURS)
    if problem.done_on is not None:
        raise ValidationError("这个问题已经整改完成。")
    if not result.strip():
        raise ValidationError({"result": ["请填写整改结果。"]})
    problem.result, problem.done_on = result.strip()[:300], clock.today()
    problem.save(update_fields=["result", "done_on"])
    audit.record(by, "sitting.improved", problem.sitting, problem=problem.pk)
    return problem


def _locked(sitting: Sitting) -> Sitting:
    return Sitting.objects.select_for_update(of=("self",)).select_related("unit").get(pk=sitting.pk)
