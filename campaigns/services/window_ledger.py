"""The window ledger: taken down at the counter, answered at once, later, or by the appeal or opinion it became."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Role, Unit, User
from appeals.models import Appeal
from campaigns.models import WindowEntry
from campaigns.rota_people import acts_for
from core import clock
from core.phones import clean_contact_phone
from core.wording import spoken
from districts.models import DistrictProfile
from enterprises.models import Enterprise, Project
from liaisons.models import Opinion
from liaisons.services.opinions import record_opinion

KEEPING = (Role.WINDOW, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
NOT_YOURS = spoken("窗口台账由窗口工作人员、单位联络员、单位负责人和牵头局调度员登记。")
BACK = timedelta(days=92)
MOST_TEXT = 2000

Way = WindowEntry.Way


def may_keep(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*KEEPING)


def may_answer(user: User, entry: WindowEntry) -> bool:
    """Whoever took it down, the window's people and those who act for its unit."""
    own = user.unit_id == entry.unit_id and may_keep(user)
    return entry.is_open and (own or acts_for(user, entry.unit))


@transaction.atomic
def record_entry(
    *,
    by: User,
    window: str,
    kind: str,
    content: str,
    way: str,
    answer: str = "",
    subject: Enterprise | Project | None = None,
    claimed_name: str = "",
    person: str = "",
    phone: str = "",
    passed_to: Unit | None = None,
    occurred_at: datetime | None = None,
) -> WindowEntry:
    """Counted for the user's own unit. A suggestion may become an opinion at once, heard or passed on."""
    if not may_keep(by):
        raise PermissionDenied(NOT_YOURS)
    assert by.unit is not None
    now = clock.now()
    occurred_at = occurred_at or now
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    errors: dict[str, list[str]] = {}
    if rules.find("windows", window) is None:
        errors["window"] = ["请选择受理窗口。"]
    if kind not in WindowEntry.Kind.values:
        errors["kind"] = ["请选择类别。"]
    if way not in Way.values:
        errors["way"] = ["请选择办理方式。"]
    if not content.strip():
        errors["content"] = ["请填写内容。"]
    if not subject and not claimed_name.strip() and not person.strip():
        errors["person"] = ["请选择企业，或填写来访人、来访企业名称。"]
    if way == Way.ON_SPOT and not answer.strip():
        errors["answer"] = ["当场答复的，请填写答复办理情况。"]
    if not now - BACK <= occurred_at <= now:
        errors["occurred_at"] = ["受理时间不能晚于现在，也不能早于三个月前。"]
    for name, text in (("content", content), ("answer", answer)):
        if len(text) > MOST_TEXT:
            errors[name] = [f"最多{MOST_TEXT}字。"]
    if errors:
        raise ValidationError(errors)
    name = claimed_name.strip() or person.strip()
    opinion = None
    if way == Way.OPINION:
        handling = Opinion.Handling.PASSED_ON if passed_to else Opinion.Handling.HEARD
        opinion = record_opinion(
            by=by,
            content=content,
            handling=handling,
            passed_to=passed_to,
            occurred_at=occurred_at,
            subject=subject,
            claimed_name="" if subject else name,
        )
    entry = WindowEntry.objects.create(
        district=by.unit.district,
        unit=by.unit,
        window=window,
        kind=kind,
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        claimed_name="" if subject else name[:120],
        person=person.strip()[:50],
        phone=clean_contact_phone(phone) if phone.strip() else "",
        content=content.strip(),
        answer=answer.strip(),
        way=way,
        opinion=opinion,
        occurred_at=occurred_at,
        answered_at=now if way in {Way.ON_SPOT, Way.OPINION} else None,
        recorded_by=by,
        recorded_at=now,
    )
    audit.record(by, "window_entry.recorded", entry, way=way)
    return entry


@transaction.atomic
def answer_entry(*, by: User, entry: WindowEntry, answer: str) -> WindowEntry:
    """What could not be answered at once."""
    entry = _open(by, entry)
    if not answer.strip():
        raise ValidationError({"answer": ["请填写答复办理情况。"]})
    if len(answer) > MOST_TEXT:
        raise ValidationError({"answer": [f"最多{MOST_TEXT}字。"]})
    entry.answer, entry.answered_at = answer.strip(), clock.now()
    entry.save()
    audit.record(by, "window_entry.answered", entry)
    return entry


@transaction.atomic
def became_appeal(*, by: User, entry: WindowEntry, appeal: Appeal) -> WindowEntry:
    """The appeal that was registered from it; its own way answers the firm."""
    entry = _open(by, entry)
    if not Appeal.objects.visible_to(by).filter(pk=appeal.pk).exists():
        raise ValidationError({"number": ["没有找到这件诉求，请核对编号。"]})
    if appeal.submitted_at < entry.occurred_at - timedelta(days=1):
        raise ValidationError({"number": ["这件诉求早于窗口受理，请核对编号。"]})
    entry.appeal, entry.way, entry.answered_at = appeal, Way.APPEAL, clock.now()
    entry.save()
    audit.record(by, "window_entry.became_appeal", entry, appeal=appeal.pk)
    return entry


def _open(by: User, entry: WindowEntry) -> WindowEntry:
    entry = WindowEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
    if not entry.is_open:
        raise ValidationError("这一条已经办结。")
    if not may_answer(by, entry):
        raise PermissionDenied(NOT_YOURS)
    return entry
