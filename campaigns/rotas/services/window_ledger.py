"""The window ledger: taken down at the counter, answered at once, later, or by the appeal or opinion it became.

An appeal is registered from the ledger through the one door, in the same transaction: the firm says it once, the
clerk types it once, and the line carries the number from the beginning.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role, Unit, User
from appeals.duplicates import hint_duplicate
from appeals.models import Appeal
from appeals.perform import Invalid, Refused, perform
from appeals.similar import NEVER_A_DUPLICATE
from campaigns.models import WindowEntry
from campaigns.rotas.people import acts_for
from core import clock
from core.phones import clean_contact_phone
from core.wording import spoken
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from enterprises.subjects import subject_key
from liaisons.models import Opinion
from liaisons.services.opinions import record_opinion

KEEPING = (Role.WINDOW, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
NOT_YOURS = spoken("窗口台账由窗口工作人员、单位联络员、单位负责人和牵头局调度员登记。")
BACK = timedelta(days=92)
MOST_TEXT = 2000
CALLED = {"contact_name": "person", "contact_phone": "phone"}
"""What the registration calls by another name than the ledger."""

Way = WindowEntry.Way


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What an appeal needs beyond what the ledger takes down."""

    category: str
    channel: str = ""
    """Empty: the one usual at windows."""
    repeats: Appeal | None = None
    """The firm has brought it before, as whoever registers believes; the dispatcher decides."""
    key: str | None = None
    """The once-only token, which leads to the slip's secret code."""


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
    registration: Registration | None = None,
) -> WindowEntry:
    """Counted for the user's own unit. It may become an opinion at once, heard or passed on, or an appeal."""
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
    if way == Way.APPEAL and (registration is None or not registration.category):
        errors["category"] = ["登记为企业诉求的，请选择诉求类别。"]
    if way == Way.APPEAL and not subject and not claimed_name.strip():
        errors["claimed_name"] = ["登记为企业诉求的，请选择企业，或填写企业名称。"]
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
    entry = WindowEntry(
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
        answered_at=None if way == Way.OPEN else now,
        recorded_by=by,
        recorded_at=now,
    )
    if way == Way.APPEAL and registration is not None:
        entry.appeal = _registered(by, entry, registration)
    entry.save()
    audit.record(by, "window_entry.recorded", entry, way=way)
    return entry


def usual_channel(by: User, rules: Rules) -> str:
    """The channel of appeals that this user registers from the ledger; "" where somebody must choose."""
    of_windows = rules.usual_channel(Role.WINDOW)
    own = {channel.code for channel in rules.channels_for(*by.roles)}
    return of_windows if of_windows in own else rules.usual_channel(*by.roles)


def _registered(by: User, entry: WindowEntry, registration: Registration) -> Appeal:
    rules = DistrictProfile.objects.in_force(entry.district).rules
    data = {
        "channel": registration.channel or usual_channel(by, rules),
        "category": registration.category,
        "content": entry.content,
        "contact_name": entry.person,
        "contact_phone": entry.phone,
    }
    data |= {"subject": subject_key(entry.subject)} if entry.subject else {"claimed_name": entry.claimed_name}
    try:
        appeal = perform(
            None, "register", Actor.of_user(by), data, key=registration.key, district=entry.district
        )
    except Invalid as invalid:
        errors = {CALLED.get(name, name): list(found) for name, found in invalid.form.errors.items()}
        raise ValidationError(errors) from invalid
    except Refused as refused:
        raise ValidationError({"way": [refused.message]}) from refused
    if registration.repeats is not None:
        hint_duplicate(appeal=appeal, main=registration.repeats, by=by)
    return appeal


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
def register_appeal(
    *, by: User, entry: WindowEntry, person: str, phone: str, registration: Registration
) -> WindowEntry:
    """What could not be answered after all; the appeal's own way answers the firm."""
    entry = _open(by, entry)
    entry.person, entry.phone = person.strip()[:50], phone.strip()
    return _became(by, entry, _registered(by, entry, registration))


@transaction.atomic
def became_appeal(*, by: User, entry: WindowEntry, appeal: Appeal) -> WindowEntry:
    """One of the firm's appeals is about it, registered since or still being handled when the firm came."""
    entry = _open(by, entry)
    seen = Appeal.objects.visible_to(by).filter(pk=appeal.pk, district=entry.district_id)
    if not seen.exists():
        raise ValidationError({"number": ["没有找到这件诉求，请核对编号。"]})
    if appeal.ended_at is not None and appeal.ended_at < entry.occurred_at:
        raise ValidationError({"number": ["窗口受理时这件诉求已经办结，请核对编号，或登记一件新诉求。"]})
    return _became(by, entry, appeal)


def _became(by: User, entry: WindowEntry, appeal: Appeal) -> WindowEntry:
    entry.appeal, entry.way, entry.answered_at = appeal, Way.APPEAL, clock.now()
    entry.save()
    audit.record(by, "window_entry.became_appeal", entry, appeal=appeal.pk)
    return entry


def appeals_of_firm(user: User, entry: WindowEntry) -> QuerySet[Appeal]:
    """The firm's appeals that the line may be about, the latest first."""
    if entry.enterprise_id or entry.project_id:
        same = Q(enterprise=entry.enterprise_id, project=entry.project_id)
    else:
        same = Q(claimed_name=entry.claimed_name)
    if entry.phone:
        same |= Q(contact_phone=entry.phone)
    rows = Appeal.objects.visible_to(user).filter(same, district=entry.district_id).exclude(number="")
    open_then = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=entry.occurred_at))
    return open_then.exclude(status__in=NEVER_A_DUPLICATE).order_by("-submitted_at", "-pk")


def _open(by: User, entry: WindowEntry) -> WindowEntry:
    entry = WindowEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
    if not entry.is_open:
        raise ValidationError("这一条已经办结。")
    if not may_answer(by, entry):
        raise PermissionDenied(NOT_YOURS)
    return entry
