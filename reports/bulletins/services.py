"""Editing, putting forward, signing, sending and withdrawing a bulletin."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.audit import record
from accounts.models import Role, Unit, User
from accounts.selectors import unit_of
from appeals import numbers
from core import clock
from core.wording import speak, spoken
from liaisons.address_book import UNIT_DESK, recipients_of
from notifications.models import Kind as NoticeKind
from notifications.services import notify
from reports.bulletins import cases, wording
from reports.bulletins.drafting import locked
from reports.bulletins.permissions import has_drafted, may_sign, may_write
from reports.models import Bulletin, BulletinRecipient, BulletinStep
from reports.services import Refused

State = Bulletin.State
Step = BulletinStep.Kind
WRITERS = spoken("通报由牵头局的调度员和负责人起草和修改。")
SIGNER = spoken("通报由牵头局负责人签发。")


class Outdated(Exception):
    """Somebody has changed the same section meanwhile."""


# --- Editing --------------------------------------------------------------------------------------


def section_of(bulletin: Bulletin, code: str) -> dict[str, Any] | None:
    return next((section for section in bulletin.sections if section["code"] == code), None)


def edit(
    *, bulletin: Bulletin, code: str, version: int, by: User, heading: str, text: str,
    case_refs: Collection[int] | None = None,
) -> Bulletin:  # fmt: skip
    """A section's heading and text, and which of its cases stay. Raises ``Outdated`` if it has moved on."""
    with transaction.atomic():
        bulletin, section = _opened(bulletin, code, version, by)
        before = wording.text_of(section["runs"])
        text = wording.tidy(text)
        section["runs"] = (
            wording.joined([{"t": text}])
            if section["by_hand"]
            else wording.edited(section["runs"], text, mark_numbers=section["kind"] == "text")
        )
        section["edited"] = section["edited"] or text != before
        if section["heading"]:
            section["heading"] = section["name"] = heading
        if section["kind"] == "cases" and case_refs is not None:
            left = [case["ref"] for case in section["cases"] if case["ref"] not in case_refs]
            section["cases"] = [case for case in section["cases"] if case["ref"] in case_refs]
            section["left_out"] = [*section["left_out"], *left]
        _save(bulletin, section, Step.EDITED, by)
    return bulletin


def set_removed(*, bulletin: Bulletin, code: str, version: int, by: User, removed: bool) -> Bulletin:
    """Leave a section out on purpose, or take it in again; its text is kept."""
    with transaction.atomic():
        bulletin, section = _opened(bulletin, code, version, by)
        section["removed"] = removed
        _save(bulletin, section, Step.REMOVED if removed else Step.RESTORED, by)
    return bulletin


def rename(*, bulletin: Bulletin, title: str, by: User) -> None:
    with transaction.atomic():
        bulletin = _draft(bulletin, by)
        bulletin.title = title
        bulletin.save(update_fields=["title"])
        _step(bulletin, Step.EDITED, by, "标题")


def _draft(bulletin: Bulletin, by: User) -> Bulletin:
    if not may_write(by, bulletin):
        raise PermissionDenied(WRITERS)
    bulletin = locked(bulletin)
    if not bulletin.is_draft:
        raise Refused(f"通报现在是“{bulletin.get_state_display()}”，不能再改；退回修改后才能改。")
    return bulletin


def _opened(bulletin: Bulletin, code: str, version: int, by: User) -> tuple[Bulletin, dict[str, Any]]:
    bulletin = _draft(bulletin, by)
    section = section_of(bulletin, code)
    if section is None:
        raise Refused("通报里没有这一部分。")
    if section["version"] != version:
        raise Outdated
    return bulletin, section


def _save(bulletin: Bulletin, section: dict[str, Any], kind: str, by: User) -> None:
    section["version"] += 1
    bulletin.save(update_fields=["sections"])
    _step(bulletin, kind, by, section["name"])


def _step(bulletin: Bulletin, kind: str, by: User, note: str = "") -> None:
    BulletinStep.objects.create(bulletin=bulletin, kind=kind, by=by, at=clock.now(), note=note)


# --- What is still missing ------------------------------------------------------------------------


def unwritten(bulletin: Bulletin) -> list[str]:
    """Names of the sections that people have to write, or to remove, first."""
    return [
        section["name"]
        for section in bulletin.sections
        if not section["removed"]
        and (
            (section["kind"] == "text" and not wording.text_of(section["runs"]).strip())
            or (section["kind"] == "cases" and not section["cases"])
        )
    ]


def _complete(bulletin: Bulletin) -> None:
    if missing := unwritten(bulletin):
        raise Refused(f"{'、'.join(f'“{heading}”' for heading in missing)}还是空的：请写好，或删去这一部分。")
    cases.still_approved(_told(bulletin))
    if all(section["removed"] for section in bulletin.sections):
        raise Refused("通报没有内容。")


def _told(bulletin: Bulletin) -> list[dict[str, Any]]:
    return [
        case
        for section in bulletin.sections
        if section["kind"] == "cases" and not section["removed"]
        for case in section["cases"]
    ]


# --- Signing --------------------------------------------------------------------------------------


def submit(*, bulletin: Bulletin, by: User) -> None:
    """To the bureau's leader, for signature."""
    with transaction.atomic():
        bulletin = _draft(bulletin, by)
        _complete(bulletin)
        bulletin.state, bulletin.submitted_by = State.SUBMITTED, by
        bulletin.save(update_fields=["state", "submitted_by"])
        _step(bulletin, Step.SUBMITTED, by)
        number = bulletin.steps.filter(kind=Step.SUBMITTED).count()
    leaders = User.objects.filter(unit=unit_of(bulletin.district, bulletin.rules.lead_bureau))
    notify(
        leaders.with_role(Role.BUREAU_LEADER).exclude(pk=by.pk),
        key=f"bulletin-to-sign:{bulletin.pk}:{number}",
        kind=NoticeKind.APPROVAL,
        title=f"请审签：{bulletin.title}",
        body="手工改动过的数字在正文中标出，旁边是系统数。",
        url=reverse("reports:bulletin", args=[bulletin.pk]),
    )


def send_back(*, bulletin: Bulletin, reason: str, by: User) -> None:
    if not may_sign(by, bulletin):
        raise PermissionDenied(SIGNER)
    with transaction.atomic():
        bulletin = locked(bulletin)
        if bulletin.state != State.SUBMITTED:
            raise Refused(f"通报现在是“{bulletin.get_state_display()}”，不能退回。")
        bulletin.state = State.DRAFT
        bulletin.save(update_fields=["state"])
        _step(bulletin, Step.SENT_BACK, by, reason)
        number = bulletin.steps.filter(kind=Step.SENT_BACK).count()
    notify(
        [user for user in (bulletin.submitted_by, bulletin.drafted_by) if user],
        key=f"bulletin-sent-back:{bulletin.pk}:{number}",
        title=f"通报退回修改：{bulletin.title}",
        body=f"修改意见：{reason}",
        url=reverse("reports:bulletin", args=[bulletin.pk]),
    )


def approve(*, bulletin: Bulletin, by: User) -> Bulletin:
    """Sign: the number is given, and nothing of it changes any more."""
    if not may_sign(by, bulletin):
        raise PermissionDenied(SIGNER)
    with transaction.atomic():
        bulletin = locked(bulletin)
        if bulletin.state != State.SUBMITTED:
            raise Refused(f"通报现在是“{bulletin.get_state_display()}”，不能签发。")
        if has_drafted(by, bulletin):
            raise Refused("通报由您起草或送签，须由另一位负责人签发。")
        _complete(bulletin)
        now = clock.now()
        year = clock.local_date(now).year
        no = numbers.count_up(bulletin.district, "bulletin", date(year, 1, 1))
        bulletin.number = f"{bulletin.rules.bulletin.number_mark}〔{year}〕{no}号"
        bulletin.state, bulletin.approved_by, bulletin.approved_at = State.APPROVED, by, now
        bulletin.save(update_fields=["number", "state", "approved_by", "approved_at"])
        _step(bulletin, Step.APPROVED, by, bulletin.number)
        record(by, "bulletin.approve", bulletin, number=no)
    notify(
        [user for user in (bulletin.submitted_by,) if user],
        key=f"bulletin-approved:{bulletin.pk}",
        title=f"通报已签发：{bulletin.number}",
        body="请选定主送单位后印发。",
        url=reverse("reports:bulletin", args=[bulletin.pk]),
    )
    return bulletin


# --- Sending --------------------------------------------------------------------------------------


def send(*, bulletin: Bulletin, units: Collection[Unit], by: User) -> bool:
    """To the units' liaison officers and leaders. False if it had been sent before: nothing is done twice."""
    if not may_write(by, bulletin):
        raise PermissionDenied(speak("通报由牵头局印发。"))
    with transaction.atomic():
        bulletin = locked(bulletin)
        if bulletin.state == State.SENT:
            return False
        if bulletin.state != State.APPROVED:
            raise Refused(f"通报现在是“{bulletin.get_state_display()}”，签发后才能印发。")
        if not units:
            raise Refused("请选定主送单位。")
        bulletin.state, bulletin.sent_at = State.SENT, clock.now()
        bulletin.save(update_fields=["state", "sent_at"])
        BulletinRecipient.objects.bulk_create(
            [BulletinRecipient(bulletin=bulletin, unit=unit) for unit in units]
        )
        if bulletin.replaces_id:
            Bulletin.objects.filter(pk=bulletin.replaces_id).update(superseded=True)
        cases.still_approved(_told(bulletin))
        cases.published(_told(bulletin), bulletin.number, by)
        _step(bulletin, Step.SENT, by, f"主送 {len(units)} 个单位")
        record(by, "bulletin.send", bulletin, units=len(units))
        # Within the transaction: the notices are rows too, and their keys make each come once.
        _tell_units(
            bulletin,
            [unit.pk for unit in units],
            key=f"bulletin-sent:{bulletin.pk}",
            title=f"{bulletin.number}已印发，请阅",
            body=bulletin.title,
        )
    return True


def withdraw(*, bulletin: Bulletin, reason: str, by: User) -> None:
    """Take it back, with a reason that everybody who got it reads. Once it is signed only the leader may."""
    may = may_sign if bulletin.is_frozen else may_write
    if not may(by, bulletin):
        raise PermissionDenied(speak("签发后的通报由牵头局负责人撤回。") if bulletin.is_frozen else WRITERS)
    with transaction.atomic():
        bulletin = locked(bulletin)
        if bulletin.is_frozen and not may_sign(by, bulletin):
            raise PermissionDenied(speak("签发后的通报由牵头局负责人撤回。"))
        if bulletin.state == State.WITHDRAWN:
            raise Refused("通报已经撤回了。")
        bulletin.state = State.WITHDRAWN
        bulletin.save(update_fields=["state"])
        if bulletin.replaces_id:
            # What it corrected holds again.
            Bulletin.objects.filter(pk=bulletin.replaces_id).update(superseded=False)
        _step(bulletin, Step.WITHDRAWN, by, reason)
        record(by, "bulletin.withdraw", bulletin)
        if bulletin.sent_at:
            _tell_units(
                bulletin,
                list(bulletin.recipients.values_list("unit", flat=True)),
                key=f"bulletin-withdrawn:{bulletin.pk}",
                title=f"{bulletin.number}已撤回",
                body=f"{bulletin.title}\n撤回原因：{reason}",
            )


def _tell_units(bulletin: Bulletin, units: list[int], *, key: str, title: str, body: str) -> None:
    people = [user for users in recipients_of(units, *UNIT_DESK).values() for user in users]
    notify(people, key=key, title=title, body=body, url=reverse("reports:bulletin", args=[bulletin.pk]))


def mark_read(*, bulletin: Bulletin, by: User) -> bool:
    """阅知: the first of the unit who says so is recorded. False if the unit has read it before."""
    if not bulletin.recipients.filter(unit=by.unit_id).exists():
        raise PermissionDenied("通报没有主送您的单位。")
    unread = bulletin.recipients.filter(unit=by.unit_id, read_at__isnull=True)
    return bool(unread.update(read_at=clock.now(), read_by=by))
