"""Supervision letters (督办单): drafted, sent, set aside; about an appeal, or about visits a unit owes."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.actors import system_user
from accounts.models import Role, Unit, User
from appeals import numbers
from appeals.models import Appeal, Deadline, SupervisionLetter
from appeals.policies import UNIT_STAFF
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region
from liaisons.address_book import UNIT_DESK, recipients
from liaisons.permissions import may_supervise
from notifications.services import notify

State = SupervisionLetter.State
MOST_TEXT = 3000
WHO_SENDS = spoken("督办单由牵头局和督查发出。")
WHO_ANSWERS = "督办单由被督办单位的联络员、负责人回复。"
WAITS = "该单位还有一份走访督办单没有回复。"
ANSWERED = "这份督办单已经回复过了。"


def draft_letter(deadline: Deadline, text: str, moment: datetime) -> SupervisionLetter:
    """What a rung of the reminder ladder drafts, once a deadline."""
    letter, _ = SupervisionLetter.objects.get_or_create(
        deadline=deadline,
        defaults={
            "district": deadline.appeal.district,
            "appeal": deadline.appeal,
            "unit": deadline.owner,
            "state": State.DRAFT,
            "text": text,
            "drafted_at": moment,
            "drafted_by": system_user(),
        },
    )
    return letter


def send_letter(
    *,
    by: User,
    unit: Unit,
    text: str,
    answer_by: date,
    appeal: Appeal | None = None,
    moment: datetime | None = None,
) -> SupervisionLetter:
    """Send the draft to this unit about this appeal if there is one, else a new letter. Needs a transaction."""
    moment = moment or clock.now()
    district = appeal.district if appeal else unit.district
    drafts = SupervisionLetter.objects.select_for_update().filter(
        district=district, unit=unit, appeal=appeal, state=State.DRAFT
    )
    letter = drafts.order_by("-pk").first() or SupervisionLetter(
        district=district, unit=unit, appeal=appeal, drafted_at=moment, drafted_by=by
    )
    letter.number = _number(district, moment)
    letter.text, letter.answer_by = text, answer_by
    letter.state, letter.sent_at, letter.sent_by, letter.sender = State.SENT, moment, by, by.unit
    letter.save()
    drafts.exclude(pk=letter.pk).update(state=State.SET_ASIDE)
    return letter


@transaction.atomic
def set_aside(*, by: User, letter: SupervisionLetter) -> bool:
    """A draft that need not be sent; False if it was sent or set aside meanwhile."""
    if not may_supervise(by):
        raise PermissionDenied(WHO_SENDS)
    drafts = SupervisionLetter.objects.filter(pk=letter.pk, state=State.DRAFT)
    if not drafts.update(state=State.SET_ASIDE):
        return False
    audit.record(by, "letter.set_aside", letter)
    return True


# --- About visits a unit owes ---------------------------------------------------------------------


@transaction.atomic
def send_visit_letter(*, by: User, unit: Unit, text: str, answer_by: date) -> SupervisionLetter:
    """The unit's desk is told, and answers on the letter's own page. Raises ``ValidationError`` by field."""
    if not may_supervise(by) or by.unit is None or by.unit.district_id != unit.district_id:
        raise PermissionDenied(WHO_SENDS)
    errors: dict[str, str] = {}
    if not text.strip():
        errors["text"] = "请填写督办事项。"
    elif len(text) > MOST_TEXT:
        errors["text"] = f"督办事项最多{MOST_TEXT}字。"
    if answer_by <= clock.today():
        errors["answer_by"] = "要求回复日期应晚于今天。"
    if SupervisionLetter.objects.filter(unit=unit, appeal=None).waiting().exists():
        errors["unit"] = WAITS
    if errors:
        raise ValidationError({field: [message] for field, message in errors.items()})
    letter = send_letter(by=by, unit=unit, text=text.strip(), answer_by=answer_by)
    audit.record(by, "letter.sent", letter, unit=unit.pk)
    people = recipients(unit, *UNIT_DESK, Role.DISPATCHER)
    notify(
        [user for user in people if user != by],
        key=f"letter:{letter.pk}:sent",
        title=f"走访督办单：{letter.number}",
        body=f"{letter.sender}督办走访欠账，请于{answer_by:%Y-%m-%d}前回复。",
        url=reverse("appeals:letter", args=[letter.pk]),
    )
    return letter


def may_answer(user: User, letter: SupervisionLetter) -> bool:
    """Whoever speaks for the unit the letter was sent to."""
    return user.unit_id == letter.unit_id and user.has_role(*UNIT_STAFF)


@transaction.atomic
def answer_letter(*, by: User, letter: SupervisionLetter, answer: str) -> SupervisionLetter:
    """Once; whoever sent it is told. What is about an appeal is answered there, through ``perform``."""
    locked = SupervisionLetter.objects.select_for_update(of=("self",)).select_related("unit", "sent_by")
    letter = locked.get(pk=letter.pk, appeal=None)
    if not may_answer(by, letter):
        raise PermissionDenied(WHO_ANSWERS)
    if letter.state != State.SENT:
        raise ValidationError(ANSWERED, code="answered")
    answer = answer.strip()
    if not answer:
        raise ValidationError({"answer": ["请填写督办回复。"]})
    if len(answer) > MOST_TEXT:
        raise ValidationError({"answer": [f"督办回复最多{MOST_TEXT}字。"]})
    letter.state = State.ANSWERED
    letter.answer, letter.answered_at, letter.answered_by = answer, clock.now(), by
    letter.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    audit.record(by, "letter.answered", letter)
    if letter.sent_by and letter.sent_by != by and letter.sent_by.is_active:
        notify(
            [letter.sent_by],
            key=f"letter:{letter.pk}:answered",
            title=f"督办单已回复：{letter.number}",
            body=f"{letter.unit}回复：{answer[:200]}",
            url=reverse("appeals:letter", args=[letter.pk]),
        )
    return letter


def _number(district: Region, moment: datetime) -> str:
    """JQ督〔2026〕7号: counted by district and year."""
    year = clock.local_date(moment).year
    prefix = DistrictProfile.objects.in_force(district).rules.number_prefix
    return f"{prefix}督〔{year}〕{numbers.count_up(district, 'letter', date(year, 1, 1))}号"
