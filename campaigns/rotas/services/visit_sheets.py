"""Handing in a month's 走访联系表, and giving it back."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Role, Unit, User
from campaigns.models import VisitSheet, VisitSheetLine
from campaigns.rotas.people import acts_for
from campaigns.rotas.visit_sheet_rows import coverage_of, due_on, is_owed, rows_of
from core import clock
from core.wording import speak, spoken
from districts.models import DistrictProfile
from liaisons.address_book import UNIT_DESK, recipients
from liaisons.event_calendar import next_month
from notifications.services import notify

NOT_YOURS = "走访联系表由各单位联络员、负责人汇总报送。"
NOT_THE_BUREAU = spoken("退回走访联系表由牵头局调度员办理。")
MOST_NOTE = 1000
State = VisitSheet.State


def may_give_back(user: User) -> bool:
    return user.unit_id is not None and user.has_role(Role.DISPATCHER)


@transaction.atomic
def hand_in(
    *, by: User, unit: Unit, month: date, note: str = "", notes: Mapping[int, str] | None = None
) -> VisitSheet:
    """Freeze what the month's visits say today; ``notes``: the liaison's remarks by the visit's number."""
    if not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    month = month.replace(day=1)
    if clock.today() < next_month(month):
        raise ValidationError(f"{month.month}月还没有结束，{next_month(month):%m月%d日}起可以报送。")
    note = note.strip()
    if len(note) > MOST_NOTE:
        raise ValidationError({"note": [f"说明最多{MOST_NOTE}字。"]})
    # The unit is the lock: handed in twice at once makes one sheet.
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    sheet = VisitSheet.objects.filter(unit=unit, month=month).first()
    if sheet is not None and sheet.state == State.HANDED_IN:
        raise ValidationError(
            f"{month.year}年{month.month}月的走访联系表已经报送。需要修改的，请{speak('牵头局')}退回。"
        )
    rules = DistrictProfile.objects.in_force(unit.district).rules
    due = due_on(month, rules)
    now = clock.now()
    if sheet is None:
        sheet = VisitSheet(
            district=unit.district,
            unit=unit,
            month=month,
            due_on=due,
            first_handed_in_at=now,
            late=is_owed(month, rules) and clock.today() > due,
        )
    sheet.state, sheet.note, sheet.handed_in_at, sheet.handed_in_by = State.HANDED_IN, note, now, by
    sheet.owed, sheet.visited = coverage_of(unit, month, rules)
    sheet.save()
    sheet.lines.all().delete()
    VisitSheetLine.objects.bulk_create(
        (
            VisitSheetLine(
                sheet=sheet,
                visit_id=row.number,
                note=(notes or {}).get(row.number, "").strip()[:200],
                **row.__dict__,
            )
            for row in rows_of(unit, month, rules)
        ),
        batch_size=500,
    )
    audit.record(by, "visit_sheet.handed_in", sheet)
    return sheet


@transaction.atomic
def give_back(*, by: User, sheet: VisitSheet, reason: str) -> VisitSheet:
    """The bureau asks for another one; that it came on time stays true."""
    if not may_give_back(by):
        raise PermissionDenied(NOT_THE_BUREAU)
    sheet = VisitSheet.objects.select_for_update(of=("self",)).select_related("unit").get(pk=sheet.pk)
    if sheet.state != State.HANDED_IN:
        raise ValidationError("这份走访联系表已经退回。")
    if not reason.strip():
        raise ValidationError({"reason": ["请填写退回原因。"]})
    sheet.state, sheet.given_back_reason = State.GIVEN_BACK, reason.strip()[:200]
    sheet.given_back_by, sheet.given_back_at = by, clock.now()
    sheet.save(update_fields=["state", "given_back_reason", "given_back_by", "given_back_at"])
    audit.record(by, "visit_sheet.given_back", sheet)
    notify(
        recipients(sheet.unit, *UNIT_DESK),
        key=f"visits-sheet-back:{sheet.pk}:{clock.now().timestamp():.0f}",
        title=f"{sheet.month.month}月走访联系表被退回",
        body=f"原因：{sheet.given_back_reason}。请修改后重新报送。",
        url=reverse("campaigns:visit_sheet", args=[sheet.unit_id, f"{sheet.month:%Y-%m}"]),
    )
    return sheet
