"""Supervision letters (督办单): drafted, sent, set aside; about an appeal, or about visits a unit owes."""

from datetime import date, datetime

from django.db import transaction

from accounts.actors import system_user
from accounts.models import Unit, User
from appeals import numbers
from appeals.models import Appeal, Deadline, SupervisionLetter
from core import clock
from districts.models import DistrictProfile, Region

State = SupervisionLetter.State


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
    letter.state, letter.sent_at, letter.sent_by = State.SENT, moment, by
    letter.save()
    drafts.exclude(pk=letter.pk).update(state=State.SET_ASIDE)
    return letter


@transaction.atomic
def set_aside(letter: SupervisionLetter) -> bool:
    """A draft that need not be sent; False if it was sent or set aside meanwhile."""
    return bool(
        SupervisionLetter.objects.filter(pk=letter.pk, state=State.DRAFT).update(state=State.SET_ASIDE)
    )


def _number(district: Region, moment: datetime) -> str:
    """JQ督〔2026〕7号: counted by district and year."""
    year = clock.local_date(moment).year
    prefix = DistrictProfile.objects.in_force(district).rules.number_prefix
    return f"{prefix}督〔{year}〕{numbers.count_up(district, 'letter', date(year, 1, 1))}号"
