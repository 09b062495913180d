"""作风意见: taken in without a trace that leads back, handled by 督查.

Neither the log nor a notice holds a word of it. A notice says that there is one, and nothing else.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Official, Role, Unit, User
from accounts.selectors import accounts_of, unit_of
from campaigns.models import ConductRemark
from core import clock
from districts.models import DistrictProfile, Region
from notifications.services import notify

State = ConductRemark.State
MOST_TEXT = 2000
MOST_NOTE = 1000


def check_text(text: str) -> str:
    """Why it cannot be taken, in words; "" if it can."""
    return f"最多{MOST_TEXT}字。" if len(text.strip()) > MOST_TEXT else ""


def receive(
    *, district: Region, text: str, source: str, unit: Unit | None = None, official: Official | None = None
) -> ConductRemark | None:
    """Keep a remark for 督查; nothing where nothing was written. Called within the transaction of what it came with."""
    text = text.strip()
    if not text:
        return None
    if wrong := check_text(text):
        raise ValidationError({"conduct": [wrong]})
    rules = DistrictProfile.objects.in_force(district).rules
    supervisor = unit_of(district, rules.supervisor)
    remark = ConductRemark.objects.create(
        district=district,
        supervisor=supervisor,
        source=source,
        unit=unit,
        official=official,
        text=text,
        received_on=clock.today(),
    )
    notify(
        [user for user in accounts_of(supervisor, Role.SUPERVISOR) if not user.has_role(Role.ADMIN)],
        key=f"conduct:{clock.today()}",
        title="收到作风方面的意见",
        body="今天收到企业对干部作风的意见，内容只在“作风意见”里能看到。",
        url=reverse("campaigns:conduct"),
    )
    return remark


@transaction.atomic
def handle(*, by: User, remark: ConductRemark, state: str, note: str) -> ConductRemark:
    """Passed on to discipline inspection, or closed; with what was done."""
    found = ConductRemark.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=remark.pk).first()
    if found is None:
        raise PermissionDenied("作风意见只由督查处理。")
    note = note.strip()
    errors: dict[str, list[str]] = {}
    if state not in {State.PASSED, State.CLOSED}:
        errors["state"] = ["请选择怎样处理。"]
    if not note or len(note) > MOST_NOTE:
        errors["note"] = [f"请写明处理情况，最多{MOST_NOTE}字。"]
    if errors:
        raise ValidationError(errors)
    if found.state == State.CLOSED:
        raise ValidationError("这条意见已经了结。")
    # What was done before stays: one that was passed on is closed with a second note.
    found.note = f"{found.note}\n{note}" if found.note else note
    found.state, found.handled_by, found.handled_at = state, by, clock.now()
    found.save(update_fields=["state", "note", "handled_by", "handled_at"])
    audit.record(by, "conduct.handled", found, state=state)
    return found
