"""解决一类问题: a department takes a cluster on, works on it, reports the improvement, and the bureau confirms.

S1 千名干部联万企: what is reported often is studied by the department in charge together with the lead bureau,
which brings a proposal. The unit says that it is done, the bureau confirms, nobody what they reported themselves.
Every change is one transaction with one step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Role, Unit, User
from appeals.clusters.correcting import locked, refuse_merged, settle
from appeals.clusters.permissions import BUREAU, leads, may_confirm, may_manage, may_take_on, may_work
from appeals.models import Cluster, Improvement, ImprovementStep
from core import clock
from core.wording import speak, spoken
from districts.models import DistrictProfile, Region
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.services import notify
from policies.models import Policy

Kind, State = Improvement.Kind, Improvement.State
Step = ImprovementStep.Kind
MOST_TEXT = 3000
MOST_REASON = 300
MOST_DOCUMENT = 120
FURTHEST = timedelta(days=3 * 366)
WHO_TAKES_ON = spoken("共性问题由各单位联络员、负责人认领，或由牵头局交办。")
WHO_MANAGES = spoken("责任单位和时限由牵头局调整。")
WHO_WORKS = spoken("工作进展由牵头、协同责任单位和牵头局填报。")
WHO_REPORTS = "改进完成由牵头责任单位报送。"
WHO_CONFIRMS = spoken("完成情况由牵头局确认；牵头局自己报送的，由另一名工作人员确认。")
WHO_GIVES_UP = spoken("不再推进由牵头局决定。")
ENDED = "这项改进{state}，不能再改动。"


@dataclass(frozen=True)
class Task:
    """What is to be improved, by whom and until when."""

    unit: Unit
    kind: str
    goal: str
    due_on: date
    assisting: Sequence[Unit] = ()


@dataclass(frozen=True)
class Result:
    """How it was improved, since when, and the paper that came of it."""

    text: str
    effective_on: date = field(default_factory=clock.today)
    policy: Policy | None = None
    document: str = ""


def handling_units(district: Region):
    """Who can take a kind of problem on."""
    kinds = DistrictProfile.objects.in_force(district).rules.handling_unit_kinds
    return Unit.objects.of_district(district).active().filter(kind__in=kinds).order_by("order", "pk")


# --- Taken on -------------------------------------------------------------------------------------


@transaction.atomic
def take_on(*, by: User, cluster: Cluster, task: Task) -> Improvement:
    """By the department itself, or given to it by the bureau."""
    cluster = locked(cluster)
    refuse_merged(cluster)
    if not may_take_on(by, cluster):
        raise PermissionDenied(WHO_TAKES_ON)
    assert by.unit is not None
    wrong = _wrong(task, cluster.district)
    if task.unit.pk != by.unit_id and not may_manage(by, cluster):
        wrong["unit"] = speak("只能由本单位认领；交给其他单位由牵头局办理。")
    if cluster.improvements.live().exists():
        raise ValidationError("这类问题已有单位认领，正在推进。")
    _refuse(wrong)
    improvement = Improvement.objects.create(
        cluster=cluster,
        district=cluster.district,
        unit=task.unit,
        kind=task.kind,
        goal=task.goal.strip(),
        due_on=task.due_on,
        adopted_by=by,
        adopted_at=clock.now(),
    )
    improvement.assisting.set(task.assisting)
    settle(cluster)
    given = task.unit.pk != by.unit_id
    _step(improvement, Step.ASSIGNED if given else Step.ADOPTED, by, improvement.goal)
    audit.record(by, "improvement.taken_on", improvement, unit=task.unit.pk)
    _tell(
        _units(improvement),
        UNIT_DESK,
        improvement,
        "共性问题交由本单位牵头或协同改进" if given else "共性问题已认领",
        by,
    )
    return improvement


@transaction.atomic
def change(*, by: User, improvement: Improvement, task: Task, reason: str) -> Improvement:
    """Another unit, day or goal, with the reason."""
    improvement = _locked(improvement)
    if not may_manage(by, improvement):
        raise PermissionDenied(WHO_MANAGES)
    _refuse_ended(improvement)
    wrong = _wrong(task, improvement.district, improvement)
    reason = " ".join(reason.split())
    if not reason:
        wrong["reason"] = "请写明为什么调整。"
    elif len(reason) > MOST_REASON:
        wrong["reason"] = f"最多{MOST_REASON}字。"
    _refuse(wrong)
    was = _in_words(improvement)
    improvement.unit, improvement.kind = task.unit, task.kind
    improvement.goal, improvement.due_on = task.goal.strip(), task.due_on
    improvement.assisting.set(task.assisting)
    getattr(improvement, "_prefetched_objects_cache", {}).pop("assisting", None)
    now = _in_words(improvement)
    changes = [f"{name}：{was[name]} → {now[name]}" for name in was if was[name] != now[name]]
    if not changes:
        raise ValidationError("没有改动。")
    _step(improvement, Step.CHANGED, by, "\n".join([reason, *changes]))
    audit.record(by, "improvement.changed", improvement)
    _tell(_units(improvement), UNIT_DESK, improvement, "政策改进任务有调整", by)
    return improvement


# --- Worked on ------------------------------------------------------------------------------------


@transaction.atomic
def add_progress(*, by: User, improvement: Improvement, text: str) -> Improvement:
    improvement = _locked(improvement)
    if not may_work(by, improvement):
        raise PermissionDenied(WHO_WORKS)
    _refuse_ended(improvement)
    text = _text(text, "text", MOST_TEXT, "请写明做了什么。")
    if improvement.state == State.ADOPTED:
        improvement.state = State.UNDER_WAY
    _step(improvement, Step.PROGRESS, by, text)
    audit.record(by, "improvement.progress", improvement)
    return improvement


@transaction.atomic
def report_done(*, by: User, improvement: Improvement, result: Result) -> Improvement:
    """The unit says what was improved and since when; the bureau is to confirm."""
    improvement = _locked(improvement)
    _refuse_ended(improvement)
    if improvement.state == State.REPORTED:
        raise ValidationError(speak("已经报送完成，正等待牵头局确认。"))
    if not leads(by, improvement):
        raise PermissionDenied(WHO_REPORTS)
    wrong: dict[str, str] = {}
    text = result.text.strip()
    if not text:
        wrong["result"] = "请写明怎样改进的。"
    elif len(text) > MOST_TEXT:
        wrong["result"] = f"最多{MOST_TEXT}字。"
    if result.effective_on > clock.today():
        wrong["effective_on"] = "实施日期不能晚于今天；还没有实施的，实施后再报送。"
    elif result.effective_on < clock.today() - FURTHEST:
        wrong["effective_on"] = "日期过早，请核对年份。"
    if result.policy and result.policy.district_id != improvement.district_id:
        wrong["policy"] = "请选择本区县政策库中的政策。"
    if len(result.document) > MOST_DOCUMENT:
        wrong["document"] = f"最多{MOST_DOCUMENT}字。"
    _refuse(wrong)
    improvement.result, improvement.effective_on = text, result.effective_on
    improvement.policy, improvement.document = result.policy, " ".join(result.document.split())
    improvement.state, improvement.reported_by, improvement.reported_at = State.REPORTED, by, clock.now()
    _step(improvement, Step.REPORTED, by, text)
    audit.record(by, "improvement.reported", improvement)
    _tell(_bureau(improvement), BUREAU, improvement, "政策改进已完成，请确认", by)
    return improvement


@transaction.atomic
def confirm(*, by: User, improvement: Improvement, note: str = "") -> Improvement:
    improvement = _reported(improvement)
    if not may_confirm(by, improvement):
        raise PermissionDenied(WHO_CONFIRMS)
    if len(note) > MOST_REASON:
        raise ValidationError({"note": [f"最多{MOST_REASON}字。"]})
    improvement.state, improvement.ended_at = State.DONE, clock.now()
    _step(improvement, Step.CONFIRMED, by, note.strip())
    audit.record(by, "improvement.confirmed", improvement)
    _tell(_units(improvement), UNIT_DESK, improvement, "政策改进已确认完成", by)
    return improvement


@transaction.atomic
def send_back(*, by: User, improvement: Improvement, reason: str) -> Improvement:
    """Not done after all; what the unit wrote stays in the history."""
    improvement = _reported(improvement)
    if not may_manage(by, improvement):
        raise PermissionDenied(WHO_CONFIRMS)
    reason = _text(reason, "reason", MOST_REASON, "请写明还差什么。")
    improvement.state, improvement.reported_by, improvement.reported_at = State.UNDER_WAY, None, None
    _step(improvement, Step.SENT_BACK, by, reason)
    audit.record(by, "improvement.sent_back", improvement)
    _tell(_units(improvement), UNIT_DESK, improvement, "政策改进被退回，请继续推进", by)
    return improvement


@transaction.atomic
def give_up(*, by: User, improvement: Improvement, reason: str) -> Improvement:
    improvement = _locked(improvement)
    if not may_manage(by, improvement):
        raise PermissionDenied(WHO_GIVES_UP)
    _refuse_ended(improvement)
    reason = _text(reason, "reason", MOST_REASON, "请写明不再推进的原因。")
    improvement.state, improvement.ended_at = State.GIVEN_UP, clock.now()
    _step(improvement, Step.GIVEN_UP, by, reason)
    audit.record(by, "improvement.given_up", improvement)
    _tell(_units(improvement), UNIT_DESK, improvement, "政策改进不再推进", by)
    return improvement


# --- Carrying out ---------------------------------------------------------------------------------


def _locked(improvement: Improvement) -> Improvement:
    rows = Improvement.objects.select_for_update(of=("self",)).prefetch_related("assisting")
    return rows.select_related("district", "unit", "cluster").get(pk=improvement.pk)


def _reported(improvement: Improvement) -> Improvement:
    improvement = _locked(improvement)
    _refuse_ended(improvement)
    if improvement.state != State.REPORTED:
        raise ValidationError("牵头责任单位还没有报送完成。")
    return improvement


def _refuse_ended(improvement: Improvement) -> None:
    if not improvement.is_live:
        raise ValidationError(ENDED.format(state=improvement.get_state_display()))


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise ValidationError({name: [text] for name, text in wrong.items()})


def _text(text: str, name: str, most: int, missing: str) -> str:
    text = text.strip()
    _refuse({name: missing} if not text else {name: f"最多{most}字。"} if len(text) > most else {})
    return text


def _wrong(task: Task, district: Region, was: Improvement | None = None) -> dict[str, str]:
    """What is wrong, by field. What stood there before may stay."""
    wrong: dict[str, str] = {}
    units = set(handling_units(district).values_list("pk", flat=True))
    if was is not None:
        units |= {was.unit_id, *(unit.pk for unit in was.assisting.all())}
    if task.unit.pk not in units:
        wrong["unit"] = "请选择本区县办理诉求的单位。"
    if any(unit.pk not in units for unit in task.assisting):
        wrong["assisting"] = "请选择本区县办理诉求的单位。"
    elif task.unit in task.assisting:
        wrong["assisting"] = "牵头责任单位不能同时是协同责任单位。"
    if task.kind not in Kind.values:
        wrong["kind"] = "请选择改进方式。"
    if not task.goal.strip():
        wrong["goal"] = "请写明要改进什么。"
    elif len(task.goal) > MOST_TEXT:
        wrong["goal"] = f"最多{MOST_TEXT}字。"
    if was is None or was.due_on != task.due_on:
        if task.due_on < clock.today():
            wrong["due_on"] = "完成时限不能早于今天。"
        elif task.due_on > clock.today() + FURTHEST:
            wrong["due_on"] = "日期过远，请核对年份。"
    return wrong


def _in_words(improvement: Improvement) -> dict[str, str]:
    return {
        "牵头责任单位": str(improvement.unit),
        "协同责任单位": "、".join(str(unit) for unit in improvement.assisting.all()) or "无",
        "改进方式": improvement.get_kind_display(),
        "要改进什么": improvement.goal,
        "完成时限": f"{improvement.due_on:%Y-%m-%d}",
    }


def _step(improvement: Improvement, kind: str, by: User, text: str) -> None:
    """Write the change and its step."""
    assert by.unit is not None
    improvement.version += 1
    improvement.save()
    ImprovementStep.objects.create(
        improvement=improvement,
        seq=improvement.version,
        kind=kind,
        at=clock.now(),
        by=by,
        unit=by.unit,
        text=text,
    )


def _units(improvement: Improvement) -> list[int]:
    return [improvement.unit_id, *(unit.pk for unit in improvement.assisting.all())]


def _bureau(improvement: Improvement) -> list[int]:
    code = DistrictProfile.objects.in_force(improvement.district).rules.lead_bureau
    return list(Unit.objects.filter(district=improvement.district, code=code).values_list("pk", flat=True))


def _tell(units: Iterable[int], roles: Sequence[Role], improvement: Improvement, what: str, by: User) -> None:
    found = recipients_of(list(units), *roles)
    people = {user.pk: user for them in found.values() for user in them if user.pk != by.pk}
    notify(
        people.values(),
        key=f"improvement:{improvement.pk}:{improvement.version}",
        title=f"{what}：{improvement.cluster.title}",
        body=f"{improvement.get_kind_display()}，牵头责任单位{improvement.unit}，{improvement.due_on:%Y-%m-%d}前完成。",
        url=reverse("appeals:improvement", args=[improvement.pk]),
    )
