"""政策专员 appointed and ended; their units' monthly knowledge handed in, reviewed, taken down."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Official, Unit, User
from campaigns.models import KnowledgeEntry, PolicyOfficer
from campaigns.rotas.people import acts_for, runs_hall
from core import clock
from core.phones import clean_contact_phone
from core.wording import spoken
from districts.models import DistrictProfile
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify

NOT_YOURS = spoken("政策专员由各单位联络员、负责人和牵头局调度员登记。")
WHO_HANDS_IN = spoken("涉企业务知识由政策专员、单位联络员、单位负责人和牵头局调度员报送。")
WHO_REVIEWS = spoken("涉企业务知识由政务服务大厅管理单位和牵头局调度员审核。")
AHEAD = timedelta(days=366)
MOST_TEXT = 3000

State = KnowledgeEntry.State


@transaction.atomic
def appoint(
    *,
    by: User,
    unit: Unit,
    official: Official | None,
    name: str,
    title: str,
    started: date,
    window: str = "",
    phone: str = "",
) -> PolicyOfficer:
    """The 首席代表 of a unit's window becomes its policy officer; one without a post here is named in words."""
    if not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    errors: dict[str, list[str]] = {}
    post = official.post_on(started) if official else None
    name = official.name if official else name.strip()
    title = title.strip() or (post.title if post else "")
    if not name:
        errors["official"] = ["请选择干部，或填写姓名。"]
    if not title:
        errors["title"] = ["请填写职务。"]
    if started > clock.today() + AHEAD:
        errors["started"] = ["最多提前一年登记。"]
    try:
        phone = clean_contact_phone(phone) if phone.strip() else ""
    except ValidationError as error:
        errors["phone"] = error.messages
    if errors:
        raise ValidationError(errors)
    try:
        with transaction.atomic():
            officer = PolicyOfficer.objects.create(
                district=unit.district,
                unit=unit,
                official=official,
                name=name[:50],
                title=title[:60],
                window=window.strip()[:80],
                phone=phone,
                started=started,
                recorded_by=by,
                recorded_at=clock.now(),
            )
    except IntegrityError:
        raise ValidationError({"official": [f"{name}已是{unit}的政策专员。"]}) from None
    audit.record(by, "policy_officer.appointed", officer, unit=unit.pk)
    return officer


@transaction.atomic
def end(*, by: User, officer: PolicyOfficer, ended: date) -> PolicyOfficer:
    officer = PolicyOfficer.objects.select_for_update(of=("self",)).select_related("unit").get(pk=officer.pk)
    if not acts_for(by, officer.unit):
        raise PermissionDenied(NOT_YOURS)
    if officer.ended is not None:
        raise ValidationError(f"已于 {officer.ended:%Y-%m-%d} 结束。")
    if not officer.started <= ended <= clock.today() + AHEAD:
        raise ValidationError({"ended": [f"结束日期不能早于开始日期 {officer.started:%Y-%m-%d}。"]})
    officer.ended = ended
    officer.save(update_fields=["ended"])
    audit.record(by, "policy_officer.ended", officer)
    return officer


# --- Knowledge ------------------------------------------------------------------------------------


def hands_in_for(user: User, unit: Unit) -> bool:
    """Whoever acts for the unit, and its policy officers themselves."""
    if acts_for(user, unit):
        return True
    if user.official_id is None:
        return False
    return PolicyOfficer.objects.in_force().filter(unit=unit, official=user.official_id).exists()


def reviews(user: User) -> bool:
    if user.unit is None:
        return False
    return runs_hall(user, DistrictProfile.objects.in_force(user.unit.district).rules)


@transaction.atomic
def hand_in(
    *,
    by: User,
    unit: Unit,
    category: str,
    question: str,
    answer: str,
    valid_from: date,
    valid_to: date | None = None,
    basis: str = "",
    entry: KnowledgeEntry | None = None,
) -> KnowledgeEntry:
    """A new entry, or an earlier one changed: it is reviewed (again) before everybody reads it."""
    if entry is not None:
        entry = KnowledgeEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
        if entry.state == State.WITHDRAWN:
            raise ValidationError("这一条已下架，请另报新的一条。")
        unit = entry.unit
    if not hands_in_for(by, unit):
        raise PermissionDenied(WHO_HANDS_IN)
    rules = DistrictProfile.objects.in_force(unit.district).rules
    errors: dict[str, list[str]] = {}
    if rules.find("knowledge_categories", category) is None:
        errors["category"] = ["请选择类别。"]
    if not question.strip():
        errors["question"] = ["请填写问题。"]
    if not answer.strip():
        errors["answer"] = ["请填写解答。"]
    elif len(answer) > MOST_TEXT:
        errors["answer"] = [f"解答最多{MOST_TEXT}字。"]
    if valid_to is not None and valid_to < valid_from:
        errors["valid_to"] = ["有效期止不能早于有效期起。"]
    elif valid_to is not None and entry is None and valid_to < clock.today():
        errors["valid_to"] = ["有效期已过，不能报送。"]
    same = KnowledgeEntry.objects.filter(unit=unit, question=question.strip()).exclude(state=State.WITHDRAWN)
    if entry is not None:
        same = same.exclude(pk=entry.pk)
    if question.strip() and same.exists():
        errors["question"] = ["本单位已报送过同样的问题，请修改原来的一条。"]
    if errors:
        raise ValidationError(errors)
    now = clock.now()
    entry = entry or KnowledgeEntry(district=unit.district, unit=unit, first_handed_in_at=now)
    entry.category, entry.question, entry.answer = category, question.strip()[:200], answer.strip()
    entry.basis, entry.valid_from, entry.valid_to = basis.strip()[:200], valid_from, valid_to
    entry.state, entry.recorded_by, entry.recorded_at = State.HANDED_IN, by, now
    entry.reviewed_by = entry.reviewed_at = None
    entry.review_note = ""
    entry.save()
    audit.record(by, "knowledge.handed_in", entry)
    return entry


@transaction.atomic
def review(*, by: User, entry: KnowledgeEntry, accepted: bool, note: str = "") -> KnowledgeEntry:
    if not reviews(by):
        raise PermissionDenied(WHO_REVIEWS)
    entry = KnowledgeEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
    if entry.state != State.HANDED_IN:
        raise ValidationError("这一条已经审核过了。")
    if not accepted and not note.strip():
        raise ValidationError({"note": ["退回的，请写明原因。"]})
    entry.state = State.REVIEWED if accepted else State.GIVEN_BACK
    entry.reviewed_by, entry.reviewed_at, entry.review_note = by, clock.now(), note.strip()[:200]
    entry.save()
    audit.record(by, "knowledge.reviewed", entry, accepted=accepted)
    if not accepted:
        notify(
            [user for user in recipients(entry.unit, *UNIT_DESK) if user != by],
            key=f"knowledge:{entry.pk}:{entry.reviewed_at.timestamp():.0f}",
            title=f"业务知识被退回：{entry.question[:40]}",
            body=f"原因：{entry.review_note}",
            url=reverse("campaigns:knowledge_entry", args=[entry.pk]),
        )
    return entry


@transaction.atomic
def withdraw(*, by: User, entry: KnowledgeEntry) -> KnowledgeEntry:
    """No longer true: by its unit or the reviewer; it stays to be read as taken down."""
    entry = KnowledgeEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
    if not (hands_in_for(by, entry.unit) or reviews(by)):
        raise PermissionDenied(WHO_HANDS_IN)
    if entry.state == State.WITHDRAWN:
        raise ValidationError("这一条已经下架。")
    entry.state = State.WITHDRAWN
    entry.save()
    audit.record(by, "knowledge.withdrawn", entry)
    return entry
