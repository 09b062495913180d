"""Planning a month's rota, publishing it, swapping turns, and writing down what came of a duty."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, prefetch_related_objects
from django.urls import reverse

from accounts import audit
from accounts.models import Official, Post, Unit, User
from appeals.models import Appeal
from campaigns.models import Duty, DutySwap, Rota
from campaigns.rotas.people import acts_for, post_for, runs_hall
from campaigns.rotas.planning import Turn, days_of, earlier_turns, fair
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.rotas import RotaKind
from liaisons.address_book import UNIT_DESK, recipients
from liaisons.event_calendar import next_month
from notifications.services import notify

NOT_THE_HALL = spoken("排班由政务服务大厅管理单位的联络员、负责人和牵头局调度员编排。")
NOT_YOURS = "这次值班由值班人、所在单位和政务服务大厅管理单位办理。"
AHEAD = timedelta(days=190)
MOST_DUTIES = 200
MOST_COUNT = 999


@dataclass(frozen=True, kw_only=True)
class Line:
    """One duty as it is entered."""

    day: date
    unit: Unit
    official: Official | None = None
    begins: time
    ends: time
    place: str = ""


def _rules_for(by: User, district: Region) -> Rules:
    rules = DistrictProfile.objects.in_force(district).rules
    if not runs_hall(by, rules):
        raise PermissionDenied(NOT_THE_HALL)
    return rules


@transaction.atomic
def rota_of(*, by: User, district: Region, kind: str, month: date) -> Rota:
    """The month's rota, locked; made when its first duty is."""
    rules = _rules_for(by, district)
    if rules.find("rota_kinds", kind) is None:
        raise ValidationError("本区县没有这类排班。")
    if not date(2020, 1, 1) <= month <= clock.today() + AHEAD:
        raise ValidationError("最多提前半年排班。")
    Region.objects.select_for_update(of=("self",)).get(pk=district.pk)
    rota, _ = Rota.objects.get_or_create(
        district=district,
        kind=kind,
        month=month.replace(day=1),
        defaults={"recorded_by": by, "recorded_at": clock.now()},
    )
    return rota


@transaction.atomic
def plan_month(
    *, by: User, kind: RotaKind, month: date, turns: Sequence[Turn], days: Collection[date] | None = None
) -> int:
    """Fill the days nobody has yet, in turn; how many. Without ``days``: all that are no holidays."""
    if by.unit is None:
        raise PermissionDenied(NOT_THE_HALL)
    rules = _rules_for(by, by.unit.district)
    if not turns:
        raise ValidationError({"people": ["请选择轮流值班的单位或人员。"]})
    rota = rota_of(by=by, district=by.unit.district, kind=kind.code, month=month)
    offered = {one.day: one for one in days_of(kind, month, rules)}
    wanted = set(days) if days is not None else {day for day, one in offered.items() if not one.is_off}
    if not wanted <= offered.keys():
        raise ValidationError({"days": ["有的日期不是这类排班的值班日，请刷新后再排。"]})
    free = wanted - set(rota.duties.values_list("day", flat=True))
    made = fair(free, turns, earlier_turns(by.unit.district, kind, month))
    lines = [
        Line(
            day=day,
            unit=turn.unit,
            official=turn.official,
            begins=kind.begins,
            ends=kind.ends,
            place=kind.place,
        )
        for day, turn in made
    ]
    add_duties(by=by, rota=rota, lines=lines)
    return len(lines)


@transaction.atomic
def add_duties(*, by: User, rota: Rota, lines: Iterable[Line]) -> list[Duty]:
    _rules_for(by, rota.district)
    lines = list(lines)
    if rota.duties.count() + len(lines) > MOST_DUTIES:
        raise ValidationError(f"一张排班表最多 {MOST_DUTIES} 班。")
    prefetch_related_objects([line.official for line in lines if line.official], "posts__unit")
    made = [Duty(rota=rota, **_fields(rota, line)) for line in lines]
    try:
        with transaction.atomic():
            made = Duty.objects.bulk_create(made)
    except IntegrityError:
        raise ValidationError("同一天同一单位（或同一人）已经排了班。") from None
    _refuse_two_places(made, "official")
    return made


@transaction.atomic
def change_duty(*, by: User, duty: Duty, line: Line) -> Duty:
    """By whoever plans; the unit itself names its person through :func:`name_person`."""
    duty = _locked(duty)
    _rules_for(by, duty.rota.district)
    if duty.came is not None:
        raise ValidationError("已经记录值班情况的，不能再改。")
    for name, value in _fields(duty.rota, line).items():
        setattr(duty, name, value)
    try:
        with transaction.atomic():
            duty.save()
    except IntegrityError:
        raise ValidationError("同一天同一单位（或同一人）已经排了班。") from None
    _refuse_two_places([duty], "official")
    return duty


def _fields(rota: Rota, line: Line) -> dict[str, object]:
    if not rota.month <= line.day < next_month(rota.month):
        raise ValidationError({"day": [f"日期须在 {rota.month:%Y年%m月} 之内。"]})
    if line.ends <= line.begins:
        raise ValidationError({"ends": ["结束时间须晚于开始时间。"]})
    title = ""
    if line.official:
        title = _post_there(line.official, line.unit, line.day).title
    return {
        "day": line.day,
        "unit": line.unit,
        "official": line.official,
        "title": title,
        "begins": line.begins,
        "ends": line.ends,
        "place": line.place.strip()[:120],
    }


def _post_there(official: Official, unit: Unit, day: date) -> Post:
    post = post_for(official, unit, day)
    if post is None:
        raise ValidationError({"official": [f"{official.name}在 {day:%Y-%m-%d} 不在{unit}任职。"]})
    return post


def _refuse_two_places(duties: Collection[Duty], field: str) -> None:
    """Nobody sits in two places at once, whatever the rotas; undone with the transaction."""
    new = {duty.pk for duty in duties}
    people = {duty.person.pk for duty in duties if duty.person}
    rows = Duty.objects.filter(day__in={duty.day for duty in duties}).select_related(
        "official", "substitute", "unit"
    )
    there = rows.filter(Q(official__in=people, substitute__isnull=True) | Q(substitute__in=people))
    before: dict[tuple[int, date], Duty] = {}
    for duty in there.order_by("begins", "pk"):
        assert duty.person is not None
        key = (duty.person.pk, duty.day)
        earlier = before.get(key)
        if earlier and duty.begins < earlier.ends and not new.isdisjoint({duty.pk, earlier.pk}):
            other = earlier if duty.pk in new else duty
            raise ValidationError(
                {
                    field: [
                        f"{duty.person.name}在 {duty.day:%Y-%m-%d} {other.begins:%H:%M}—{other.ends:%H:%M} "
                        f"已有{other.unit.short_name}的值班，时间重叠。"
                    ]
                }
            )
        if earlier is None or duty.ends > earlier.ends:
            before[key] = duty


@transaction.atomic
def remove_duty(*, by: User, duty: Duty) -> None:
    """Only as long as nobody was told; afterwards a turn is swapped, not taken away."""
    duty = _locked(duty)
    _rules_for(by, duty.rota.district)
    if duty.rota.published_at is not None:
        raise ValidationError("排班表已公布，不能删除值班；请调班或代班并写明原因。")
    audit.record(by, "rota.duty_removed", duty.rota, day=duty.day.isoformat(), unit=duty.unit_id)
    duty.delete()


@transaction.atomic
def publish(*, by: User, rota: Rota) -> Rota:
    """On the public page where the kind is public, and to everybody whose turn it is."""
    rota = Rota.objects.select_for_update(of=("self",)).select_related("district").get(pk=rota.pk)
    rules = _rules_for(by, rota.district)
    if rota.published_at is not None:
        raise ValidationError("这张排班表已经公布。")
    duties = list(rota.duties.select_related("unit", "official"))
    if not duties:
        raise ValidationError("还没有排班，不能公布。")
    rota.published_at, rota.published_by = clock.now(), by
    rota.save(update_fields=["published_at", "published_by"])
    audit.record(by, "rota.published", rota, duties=len(duties))
    label = rules.label("rota_kinds", rota.kind)
    people = User.objects.filter(official__in=[duty.official_id for duty in duties], is_active=True)
    by_person: dict[int, list[str]] = {}
    for duty in duties:
        by_person.setdefault(duty.official_id or 0, []).append(f"{duty.day:%m月%d日}")
    for user in people:
        notify(
            [user],
            key=f"rota-published:{rota.pk}",
            title=f"{rota.month.month}月{label}排班已公布",
            body=f"您的值班：{'、'.join(by_person[user.official_id or 0])}。",
            url=reverse("campaigns:rota", args=[rota.kind, f"{rota.month:%Y-%m}"]),
        )
    return rota


# --- Turns that change ----------------------------------------------------------------------------


def may_swap(user: User, duty: Duty, rules: Rules) -> bool:
    """Whose turn it is, the unit it belongs to, and whoever plans."""
    own = user.official_id is not None and user.official_id == (duty.substitute_id or duty.official_id)
    return own or acts_for(user, duty.unit) or runs_hall(user, rules)


@transaction.atomic
def name_person(*, by: User, duty: Duty, official: Official, reason: str) -> Duty:
    """Somebody else sits there (代班), or the unit says whom it sends."""
    duty = _locked(duty)
    rules = DistrictProfile.objects.in_force(duty.rota.district).rules
    if not may_swap(by, duty, rules):
        raise PermissionDenied(NOT_YOURS)
    _refuse_past(duty)
    if official == duty.person:
        raise ValidationError({"official": [f"这一班本来就是{official.name}。"]})
    before = _who(duty)
    if duty.official is None:
        duty.official, duty.title = official, _post_there(official, duty.unit, duty.day).title
    elif official.post_on(duty.day) is None:
        raise ValidationError({"official": [f"{official.name}在 {duty.day:%Y-%m-%d} 没有任职记录。"]})
    else:
        reason = _needed(reason)
        duty.substitute = None if official == duty.official else official
        duty.substitute_reason = "" if official == duty.official else reason
    duty.save()
    _refuse_two_places([duty], "official")
    _write_down(by, duty, before, reason or "单位确定值班人")
    return duty


@transaction.atomic
def swap(*, by: User, duty: Duty, other: Duty, reason: str) -> None:
    """Two turns of one rota change hands (调班)."""
    reason = _needed(reason)
    first, second = sorted([duty, other], key=lambda one: one.pk)
    first, second = _locked(first), _locked(second)
    rules = DistrictProfile.objects.in_force(first.rota.district).rules
    if not (may_swap(by, first, rules) or may_swap(by, second, rules)):
        raise PermissionDenied(NOT_YOURS)
    if first.rota_id != second.rota_id or first == second:
        raise ValidationError({"other": ["请选择同一张排班表中的另一班。"]})
    _refuse_past(first)
    _refuse_past(second)
    told = _who(first), _who(second)
    names = ("unit", "official", "title", "substitute", "substitute_reason")
    mine, theirs = [getattr(first, name) for name in names], [getattr(second, name) for name in names]
    for name, ours, others in zip(names, mine, theirs, strict=True):
        setattr(first, name, others)
        setattr(second, name, ours)
    try:
        with transaction.atomic():
            first.save()
            second.save()
    except IntegrityError:
        raise ValidationError({"other": ["对调后同一天会有重复的班，请另选一班。"]}) from None
    _refuse_two_places([first, second], "other")
    for one, before in zip((first, second), told, strict=True):
        _write_down(by, one, before, reason)


def _needed(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": ["请填写原因。"]})
    return reason.strip()[:200]


def _refuse_past(duty: Duty) -> None:
    if duty.day < clock.today() or duty.came is not None:
        raise ValidationError("已经过去或已记录的值班不能再调。")


def _who(duty: Duty) -> str:
    person = duty.person
    return f"{duty.unit.short_name}{' ' + person.name if person else ''}"[:120]


def _write_down(by: User, duty: Duty, before: str, reason: str) -> None:
    swap_ = DutySwap.objects.create(
        duty=duty, before=before, after=_who(duty), reason=reason, by=by, at=clock.now()
    )
    audit.record(by, "rota.swapped", duty.rota, duty=duty.pk)
    if duty.rota.published_at is None:
        return
    person = duty.person
    people = User.objects.filter(official=person, is_active=True) if person else User.objects.none()
    notify(
        {user.pk: user for user in (*people, *recipients(duty.unit, *UNIT_DESK)) if user != by}.values(),
        key=f"rota-swapped:{swap_.pk}",
        title=f"值班调整：{duty.day:%m月%d日} {duty.begins:%H:%M} {duty.place}",
        body=f"{before} 改为 {swap_.after}。原因：{reason}",
        url=reverse("campaigns:rota", args=[duty.rota.kind, f"{duty.rota.month:%Y-%m}"]),
    )


# --- What came of it ------------------------------------------------------------------------------


@transaction.atomic
def record_duty(
    *,
    by: User,
    duty: Duty,
    came: bool,
    received: int = 0,
    solved: int = 0,
    notes: str = "",
    appeals: Collection[Appeal] = (),
) -> Duty:
    """From the day on; written again, the record is corrected."""
    duty = _locked(duty)
    rules = DistrictProfile.objects.in_force(duty.rota.district).rules
    if not may_swap(by, duty, rules):
        raise PermissionDenied(NOT_YOURS)
    if duty.day > clock.today():
        raise ValidationError("还没有到值班日期，当天起才能记录。")
    if not came and (received or solved or appeals):
        raise ValidationError({"came": ["没有到岗的，不能有接待和解决的数字。"]})
    for name, number in (("received", received), ("solved", solved)):
        if not 0 <= number <= MOST_COUNT:
            raise ValidationError({name: [f"请填 0 至 {MOST_COUNT}。"]})
    if not came and not notes.strip():
        raise ValidationError({"notes": ["没有到岗的，请写明原因。"]})
    duty.came, duty.received, duty.solved, duty.notes = came, received, solved, notes.strip()
    duty.held_by, duty.held_at = by, clock.now()
    duty.save()
    duty.appeals.set(appeals)
    audit.record(by, "rota.recorded", duty.rota, duty=duty.pk, came=came)
    return duty


def _locked(duty: Duty) -> Duty:
    rows = Duty.objects.select_for_update(of=("self",))
    return rows.select_related("rota__district", "unit", "official", "substitute").get(pk=duty.pk)
