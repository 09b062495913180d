"""An opinion's way: heard, passed on to the competent department, answered (rows 21–23).

Rows 22 and 23 count what was heard in the week, by what the unit did with it when it recorded it
(``handling``). An opinion that is passed on later was still heard by the unit itself in that week: it keeps
its ``handling`` and its row, and only ``passed_to`` and ``passed_at`` tell where it went. Otherwise a table of
last month, and every cumulative figure since, would come out differently next year. Counting it a second time
in row 23 of the week in which it was passed on is no way out either: row 21 is 22 + 23 and would count one
opinion twice.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Role, Unit, User
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.address_book import UNIT_DESK, recipients
from liaisons.cadence import start_of
from liaisons.models import Opinion, ServiceEvent, Visit
from liaisons.permissions import may_answer, may_pass_on, may_record_opinion
from notifications.services import notify

MOST_TEXT = 3000
PASSED_ON = Opinion.Handling.PASSED_ON
WHO_RECORDS = spoken("意见建议由联企干部、服务窗口、单位联络员、单位负责人和牵头局登记。")
WHO_PASSES_ON = spoken("意见建议由听取单位或牵头局调度员提请协调。")
WHO_ANSWERS = "意见建议由主管部门答复；没有提请的，由听取单位答复。"
ANSWERED = "这条意见建议已经答复过了。"


@transaction.atomic
def record_opinion(
    *,
    by: User,
    content: str,
    handling: str,
    passed_to: Unit | None = None,
    visit: Visit | None = None,
    event: ServiceEvent | None = None,
    unit: Unit | None = None,
    occurred_at: datetime | None = None,
    region: Region | None = None,
    subject: Enterprise | Project | None = None,
    claimed_name: str = "",
) -> Opinion:
    """An opinion heard at a visit, at an event, or otherwise; counted for ``unit`` in the week of ``occurred_at``.

    With a visit or an event, unit, time, region and firm are theirs unless told otherwise; without, the unit is
    the user's and the time now. Who said it may stay unnamed. Raises ``ValidationError`` by field.
    """
    if not may_record_opinion(by):
        raise PermissionDenied(WHO_RECORDS)
    assert by.unit is not None
    if visit is not None:
        unit, region = unit or visit.reporting_unit, region or visit.region
        occurred_at = occurred_at or visit.occurred_at
        if subject is None and not claimed_name:
            subject, claimed_name = visit.subject, visit.claimed_name
    elif event is not None:
        unit, region = unit or event.organiser, region or event.region
        occurred_at = occurred_at or event.starts_at
    if unit is None:
        unit = by.unit
    occurred_at = occurred_at or clock.now()
    rules = DistrictProfile.objects.in_force(unit.district, timezone.localdate(occurred_at)).rules
    passed_on = handling == PASSED_ON
    errors: dict[str, str] = {}
    if visit is None and event is None and unit != by.unit:
        errors["unit"] = "只能登记本单位听取的意见建议。"
    if not content.strip():
        errors["content"] = "请填写意见建议。"
    elif len(content) > MOST_TEXT:
        errors["content"] = f"意见建议最多{MOST_TEXT}字。"
    if handling not in Opinion.Handling.values:
        errors["handling"] = "请选择怎样处理。"
    if occurred_at > clock.now():
        errors["occurred_at"] = "听取时间不能晚于现在。"
    elif occurred_at < start_of(rules.action_started):
        errors["occurred_at"] = f"听取时间不能早于专项行动开始的 {rules.action_started:%Y-%m-%d}。"
    if passed_on and (wrong := _wrong_department(unit, passed_to, rules)):
        errors["passed_to"] = wrong
    if errors:
        raise ValidationError({field: [text] for field, text in errors.items()})
    now = clock.now()
    opinion = Opinion.objects.create(
        district=unit.district,
        region=region or (subject.region if subject else unit.region),
        visit=visit,
        event=event,
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        claimed_name=claimed_name.strip(),
        unit=unit,
        content=content.strip(),
        handling=handling,
        passed_to=passed_to if passed_on else None,
        passed_by=by if passed_on else None,
        passed_at=now if passed_on else None,
        occurred_at=occurred_at,
        recorded_at=now,
        recorded_by=by,
    )
    audit.record(by, "opinion.recorded", opinion, handling=handling)
    if passed_on:
        _tell_department(by, opinion)
    return opinion


@transaction.atomic
def pass_on(*, by: User, opinion: Opinion, passed_to: Unit | None) -> Opinion:
    """Ask a department to deal with what was heard earlier, or another one than before.

    It stays counted as it was; see above.
    """
    opinion = _locked(opinion)
    if opinion.answered_at:
        raise ValidationError(ANSWERED, code="answered")
    if not may_pass_on(by, opinion):
        raise PermissionDenied(WHO_PASSES_ON)
    rules = DistrictProfile.objects.in_force(opinion.district).rules
    wrong = _wrong_department(opinion.unit, passed_to, rules)
    if not wrong and passed_to == opinion.passed_to:
        wrong = f"已经提请{passed_to}协调，正等待答复。"
    if wrong:
        raise ValidationError({"passed_to": [wrong]})
    opinion.passed_to, opinion.passed_by, opinion.passed_at = passed_to, by, clock.now()
    opinion.save(update_fields=["passed_to", "passed_by", "passed_at"])
    audit.record(by, "opinion.passed_on", opinion, unit=opinion.passed_to_id)
    _tell_department(by, opinion)
    return opinion


@transaction.atomic
def answer_opinion(*, by: User, opinion: Opinion, answer: str) -> Opinion:
    """By the unit that holds it; whoever recorded it learns the answer and can tell the firm."""
    opinion = _locked(opinion)
    if opinion.answered_at:
        raise ValidationError(ANSWERED, code="answered")
    if not may_answer(by, opinion):
        raise PermissionDenied(WHO_ANSWERS)
    answer = answer.strip()
    if not answer:
        raise ValidationError({"answer": ["请填写办理答复。"]})
    if len(answer) > MOST_TEXT:
        raise ValidationError({"answer": [f"办理答复最多{MOST_TEXT}字。"]})
    opinion.answer, opinion.answered_by, opinion.answered_at = answer, by, clock.now()
    opinion.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record(by, "opinion.answered", opinion)
    if opinion.recorded_by != by and opinion.recorded_by.is_active:
        notify(
            [opinion.recorded_by],
            key=f"opinion:{opinion.pk}:answered",
            title=f"您登记的意见建议已答复：{opinion.content[:30]}",
            body=f"{opinion.holder}答复：{answer[:200]}",
            url=reverse("liaisons:opinion", args=[opinion.pk]),
        )
    return opinion


def _locked(opinion: Opinion) -> Opinion:
    rows = Opinion.objects.select_for_update(of=("self",))
    return rows.select_related("district", "unit", "passed_to", "recorded_by").get(pk=opinion.pk)


def _wrong_department(unit: Unit, passed_to: Unit | None, rules: Rules) -> str:
    """Why not to this department, in words; "" if it is one (“提请区级主管部门协调”)."""
    if passed_to is None:
        return "请选择提请协调的主管部门。"
    if passed_to == unit:
        return "听取单位就是它自己：请选“本单位自行听取”，直接答复。"
    known = passed_to.active and passed_to.district_id == unit.district_id
    if not known or passed_to.kind not in rules.handling_unit_kinds:
        return f"{passed_to}不办理提请协调的意见建议，请选择区级主管部门。"
    return ""


def _tell_department(by: User, opinion: Opinion) -> None:
    assert opinion.passed_to is not None and opinion.passed_at is not None
    people = recipients(opinion.passed_to, *UNIT_DESK, Role.DISPATCHER)
    notify(
        [user for user in people if user != by],
        key=f"opinion:{opinion.pk}:passed:{opinion.passed_at.timestamp():.0f}",
        title=f"提请协调的意见建议：{opinion.content[:30]}",
        body=f"{opinion.unit}提请{opinion.passed_to}协调，请研究答复。",
        url=reverse("liaisons:opinion", args=[opinion.pk]),
    )
