"""联络员 (附件2): appointing them, putting a line right, a new person or post, ending it.

What a unit hands in stays true for its day: a new person or another post ends the old line and starts a new
one; only what was wrong from the beginning, and numbers and notes, are changed in place.
"""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q

from accounts import audit
from accounts.models import Official, Post, Unit, User
from core import clock
from core.phones import MOBILE, clean_phone
from core.wording import spoken
from districts.models import Region
from imports.models import SheetImport
from liaisons.models import LiaisonOfficer
from liaisons.permissions import may_keep
from liaisons.services.assignments import PLANNED_AHEAD

NOT_YOURS = spoken("联络员由本单位的联络员、负责人和牵头局调度员维护。")
NO_PHONE = "办公号码和手机号至少填一个。"
ENDED = "这名联络员已不在任，记录不能再改。"


def clean_name(text: str) -> str:
    """Chinese names without the blanks that line two characters up with three: 王　芳 is 王芳."""
    words = text.split()
    return " ".join(words) if text.isascii() else "".join(words)


def clean_mobile(text: str) -> str:
    number = clean_phone(text)
    if not MOBILE.fullmatch(number):
        raise ValidationError("手机号应为11位；座机请填在“办公号码”栏。", code="mobile")
    return number


@transaction.atomic
def appoint(
    *,
    by: User,
    unit: Unit,
    name: str,
    title: str,
    office_phone: str = "",
    mobile: str = "",
    note: str = "",
    started: date,
    official: Official | None = None,
    sheet_import: SheetImport | None = None,
) -> LiaisonOfficer:
    """A new line from ``started`` on. Raises ``ValidationError`` by field.

    Without ``official`` the unit's only cadre of this name is meant, if there is one: so that notices arrive.
    """
    _require(by, unit)
    if not unit.active:
        raise ValidationError({"unit": f"{unit}已停用。"})
    _lock(unit)
    fields = _cleaned(
        unit,
        started,
        name=name,
        title=title,
        office_phone=office_phone,
        mobile=mobile,
        note=note,
        official=official,
    )
    if started > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"started": "开始日期最多提前一年填写。"})
    officer = _added(by, unit, started, fields, sheet_import)
    audit.record(by, "officer.appointed", officer, unit=unit.pk)
    return officer


@transaction.atomic
def change(
    *,
    by: User,
    officer: LiaisonOfficer,
    since: date | None = None,
    name: str,
    title: str,
    office_phone: str = "",
    mobile: str = "",
    note: str = "",
    official: Official | None = None,
    sheet_import: SheetImport | None = None,
) -> LiaisonOfficer:
    """Put the line right, or, with ``since``, let a new person or post follow from that day on.

    Returns the line that holds then. Where neither person nor post differs there is nothing to end: numbers
    and notes are changed in place.
    """
    officer = _to_change(by, officer)
    unit = officer.unit
    fields = _cleaned(
        unit,
        since or max(clock.today(), officer.started),
        name=name,
        title=title,
        office_phone=office_phone,
        mobile=mobile,
        note=note,
        official=official,
        known=officer.official,
    )
    is_new = fields["name"] != officer.name or fields["title"] != officer.title
    if since is None or not is_new:
        return _put_right(by, officer, fields)
    if since < officer.started:
        raise ValidationError({"since": f"变动日期不能早于开始日期 {officer.started:%Y-%m-%d}。"})
    if since > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"since": "变动日期最多提前一年填写。"})
    if officer.ended is not None and since >= officer.ended:
        raise ValidationError(
            {"since": f"{officer.name}到 {officer.ended:%Y-%m-%d} 为止，变动须早于这一天。"}
        )
    officer.ended = since
    officer.save(update_fields=["ended"])
    follower = _added(by, unit, since, fields, sheet_import)
    audit.record(by, "officer.replaced", follower, before=officer.pk, unit=unit.pk)
    return follower


@transaction.atomic
def end(*, by: User, officer: LiaisonOfficer, ended: date) -> LiaisonOfficer:
    """Let the line hold up to (not including) ``ended``; on the day it began, it was a mistake."""
    officer = _to_change(by, officer)
    if ended < officer.started:
        raise ValidationError({"ended": f"结束日期不能早于开始日期 {officer.started:%Y-%m-%d}。"})
    if ended > clock.today() + PLANNED_AHEAD:
        raise ValidationError({"ended": "结束日期最多提前一年填写。"})
    officer.ended = ended
    officer.save(update_fields=["ended"])
    audit.record(by, "officer.ended", officer, ended=ended.isoformat())
    return officer


def _require(by: User, unit: Unit) -> None:
    if not may_keep(by, unit):
        raise PermissionDenied(NOT_YOURS)


def _lock(unit: Unit) -> None:
    # Imports of the district wait here too, so that nobody is added twice.
    Region.objects.select_for_update(no_key=True).get(pk=unit.district_id)


def _to_change(by: User, officer: LiaisonOfficer) -> LiaisonOfficer:
    """The line as it stands now, locked; one that is over stays as it is."""
    _lock(officer.unit)
    lines = LiaisonOfficer.objects.select_for_update(of=("self",)).select_related(
        "unit__district", "official"
    )
    officer = lines.get(pk=officer.pk)
    _require(by, officer.unit)
    if officer.ended is not None and officer.ended <= clock.today():
        raise ValidationError(ENDED, code="ended")
    return officer


def _put_right(by: User, officer: LiaisonOfficer, fields: dict[str, Any]) -> LiaisonOfficer:
    changed = [name for name, value in fields.items() if getattr(officer, name) != value]
    if not changed:
        return officer
    if "name" in changed:
        _refuse_double(officer.unit, fields["name"], officer.started, but=officer)
    for name in changed:
        setattr(officer, name, fields[name])
    officer.save(update_fields=changed)
    audit.record(by, "officer.corrected", officer, fields=changed)
    return officer


def _added(
    by: User, unit: Unit, started: date, fields: dict[str, Any], sheet_import: SheetImport | None
) -> LiaisonOfficer:
    _refuse_double(unit, fields["name"], started)
    return LiaisonOfficer.objects.create(
        district=unit.district,
        unit=unit,
        started=started,
        sheet_import=sheet_import,
        recorded_by=by,
        recorded_at=clock.now(),
        **fields,
    )


def _refuse_double(unit: Unit, name: str, started: date, but: LiaisonOfficer | None = None) -> None:
    """A person is on the unit's list once at a time."""
    holds = Q(ended__isnull=True) | Q(ended__gt=started)
    same = LiaisonOfficer.objects.filter(holds, unit=unit, name=name).exclude(ended=F("started"))
    found = same.exclude(pk=but.pk).first() if but else same.first()
    if found:
        raise ValidationError({"name": f"{name}已是{unit}的联络员（{found.started:%Y-%m-%d} 起）。"})


def _cleaned(
    unit: Unit,
    day: date,
    *,
    name: str,
    title: str,
    office_phone: str,
    mobile: str,
    note: str,
    official: Official | None,
    known: Official | None = None,
) -> dict[str, Any]:
    """What is stored, or every error by its field. ``known``: whom the line means already."""
    errors: dict[str, list[str]] = {}
    fields: dict[str, Any] = {
        "name": clean_name(name) or (official.name if official else ""),
        "title": " ".join(title.split()),
        "note": " ".join(note.split()),
    }
    for field, text, clean in (("office_phone", office_phone, clean_phone), ("mobile", mobile, clean_mobile)):
        try:
            fields[field] = clean(text) if text.strip() else ""
        except ValidationError as error:
            errors[field] = error.messages
    for field, label, most in (("name", "姓名", 50), ("title", "职务", 60), ("note", "备注", 100)):
        if not fields[field] and field != "note":
            errors[field] = [f"请填写{label}。"]
        elif len(fields[field]) > most:
            errors[field] = [f"{label}最多{most}字。"]
    if not errors and not (fields["office_phone"] or fields["mobile"]):
        errors["mobile"] = [NO_PHONE]
    if official is None and known is not None and known.name == fields["name"]:
        official = known
    if official is not None and official.name != fields["name"]:
        errors["name"] = [f"姓名与所选干部{official.name}不一致。"]
    elif official not in {None, known} and official not in _serving(unit, official.name, day):
        errors["official"] = [f"{official.name}在 {day:%Y-%m-%d} 没有在{unit}任职的记录，请核对或只填姓名。"]
    if errors:
        raise ValidationError(errors)
    if official is None:
        serving = _serving(unit, fields["name"], day)
        official = serving[0] if len(serving) == 1 else None
    fields["official"] = official
    return fields


def _serving(unit: Unit, name: str, day: date) -> list[Official]:
    """The cadres of this name who hold a post in the unit on the day."""
    held = Post.objects.held_on(day).filter(unit=unit)
    return list(Official.objects.filter(name=name, pk__in=held.values("official")))
