"""“信息发生变化的，及时反馈”: what a cadre, or the firm itself, says is no longer right, and the bureau's decision.

A report changes nothing by itself. What the dispatcher accepts is written through the roster's own services,
so that the history shows it.
"""

from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.audit import record
from accounts.models import Role, User
from accounts.selectors import accounts_of, unit_of
from core import clock
from core.phones import clean_contact_phone
from core.wording import speak
from districts.models import DistrictProfile
from enterprises.models import ChangeReport, Enterprise, Project, RosterChange
from enterprises.services import change_enterprise, change_project
from notifications.services import notify

CLOSED = "closed"
REPORTABLE = {
    "name": "名称",
    "address": "地址",
    "contact_name": "联系人",
    "contact_post": "联系人职务",
    "contact_phone": "联系电话",
    "legal_person": "法定代表人",
    "main_products": "主营业务",
    CLOSED: "已停业或搬离",
}
"""What a report may touch, with its label. ``closed`` is a statement: accepted, the entry leaves the roster."""

REPORTING = (Role.CADRE, Role.LIAISON, Role.UNIT_LEADER, Role.WINDOW, Role.DISPATCHER)
MOST_NOTE = 500
ALREADY_DECIDED = "这份反馈已经审核过了。"


def reportable(entry: Enterprise | Project) -> dict[str, str]:
    """The fields of this entry that a report may touch, with their labels."""
    own = {field.name for field in entry._meta.concrete_fields} | {CLOSED}
    return {name: label for name, label in REPORTABLE.items() if name in own}


def may_report(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*REPORTING)


def may_decide(user: User) -> bool:
    return user.unit_id is not None and user.has_role(Role.DISPATCHER)


@transaction.atomic
def report(
    *,
    entry: Enterprise | Project,
    changes: Mapping[str, Any],
    note: str,
    by: User | None = None,
    contact_name: str = "",
    contact_phone: str = "",
) -> ChangeReport:
    """Tell the bureau what should stand on the roster. Without ``by`` it comes from the firm, by its plaque.

    Blank values and those that stand there already are left out. Raises ``ValidationError`` by field; the
    reporter's own number is ``reporter_phone`` there.
    """
    if by is not None and not may_report(by):
        raise PermissionDenied(speak("信息变化由联企干部、单位联络员、单位负责人、服务窗口和调度员反馈。"))
    if by is not None and not type(entry)._default_manager.visible_to(by).filter(pk=entry.pk).exists():
        raise PermissionDenied("您只能反馈自己看得到的企业和项目。")
    errors: dict[str, list[str]] = {}
    wanted = _wanted(entry, changes, errors)
    note = note.strip()
    if len(note) > MOST_NOTE:
        errors["note"] = [f"说明最多{MOST_NOTE}字。"]
    try:
        contact_phone = clean_contact_phone(contact_phone) if contact_phone.strip() else ""
    except ValidationError as error:
        errors["reporter_phone"] = error.messages
    if errors:
        raise ValidationError(errors)
    if not wanted and not note:
        raise ValidationError(speak("请填写发生变化的栏目，或在说明中写清楚。填的内容与底册相同的不用反馈。"))
    _refuse_repeated(entry, wanted, note)
    found = ChangeReport.objects.create(
        district=entry.district,
        region=entry.region,
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        source=ChangeReport.Source.CADRE if by else ChangeReport.Source.PLAQUE,
        changes=wanted,
        note=note,
        reported_by=by,
        unit=by.unit if by else None,
        contact_name=contact_name.strip()[:50],
        contact_phone=contact_phone,
        recorded_at=clock.now(),
    )
    record(by, "change_report.create", found, fields=list(wanted))
    _tell_the_desk(found, by)
    return found


@transaction.atomic
def accept(*, by: User, report: ChangeReport, fields: Collection[str], answer: str = "") -> ChangeReport:
    """Write the chosen fields to the roster; of what was not chosen, the answer says so."""
    report = _to_decide(by, report)
    chosen = [name for name in report.changes if name in fields]
    if report.changes and not chosen:
        raise ValidationError({"fields": "请至少勾选一栏；都不采纳的，请选“不采纳”。"})
    changes: dict[str, Any] = {name: report.changes[name] for name in chosen if name != CLOSED}
    if CLOSED in chosen:
        changes["active"] = False
    entry, source = report.entry, RosterChange.Source.REPORT
    if changes and isinstance(entry, Enterprise):
        change_enterprise(by=by, enterprise=entry, changes=changes, source=source)
    elif changes and isinstance(entry, Project):
        change_project(by=by, project=entry, changes=changes, source=source)
    if len(chosen) < len(report.changes):
        answer = f"采纳：{'、'.join(REPORTABLE[name] for name in chosen)}。{answer.strip()}"
    return _decide(by, report, ChangeReport.State.ACCEPTED, answer, chosen)


@transaction.atomic
def refuse(*, by: User, report: ChangeReport, answer: str) -> ChangeReport:
    """Leave the roster as it is; whoever reported learns why."""
    report = _to_decide(by, report)
    if not answer.strip():
        raise ValidationError({"answer": "不采纳的，请写明原因。"})
    return _decide(by, report, ChangeReport.State.REFUSED, answer, [])


def _wanted(
    entry: Enterprise | Project, changes: Mapping[str, Any], errors: dict[str, list[str]]
) -> dict[str, Any]:
    """What really differs, checked like the roster's own form."""
    allowed = reportable(entry)
    wanted: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in allowed:
            raise ValidationError(f"这一栏不能反馈变化：{name}")
        if name == CLOSED:
            if value:
                wanted[CLOSED] = True
            continue
        text = " ".join(str(value or "").split())
        try:
            text = clean_contact_phone(text) if name == "contact_phone" and text else text
        except ValidationError as error:
            errors[name] = error.messages
        if text and text != getattr(entry, name):
            wanted[name] = text
    candidate = copy(entry)
    for name in wanted.keys() - {CLOSED}:
        setattr(candidate, name, wanted[name])
    others = {field.name for field in entry._meta.concrete_fields} - wanted.keys()
    try:
        candidate.clean_fields(exclude=others)
    except ValidationError as error:
        errors |= {name: messages for name, messages in error.message_dict.items() if name not in errors}
    if isinstance(entry, Project) and "name" in wanted:
        same_name = Project.objects.filter(district=entry.district, name=wanted["name"])
        if same_name.exclude(pk=entry.pk).exists():
            errors["name"] = [speak("底册中已有同名项目。")]
    return wanted


def _refuse_repeated(entry: Enterprise | Project, wanted: Mapping[str, Any], note: str) -> None:
    """The same thing, told twice, waits once."""
    type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    for earlier in entry.changereports.open():
        if earlier.changes == wanted and earlier.note == note:
            raise ValidationError("同样的反馈已经收到，正等待审核，不用再报。")


def _to_decide(by: User, report: ChangeReport) -> ChangeReport:
    if not may_decide(by):
        raise PermissionDenied(speak("信息变更由牵头局调度员审核。"))
    visible = ChangeReport.objects.visible_to(by).select_for_update(of=("self",))
    found = visible.select_related("enterprise__region", "project__region", "reported_by").get(pk=report.pk)
    if found.state != ChangeReport.State.OPEN:
        raise ValidationError(ALREADY_DECIDED, code="decided")
    return found


def _decide(by: User, report: ChangeReport, state: str, answer: str, chosen: list[str]) -> ChangeReport:
    report.state = state
    report.answer = answer.strip()
    if len(report.answer) > 300:
        raise ValidationError({"answer": "审核意见太长，请控制在250字以内。"})
    report.decided_by = by
    report.decided_at = clock.now()
    report.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    record(by, f"change_report.{state}", report, fields=chosen)
    if report.reported_by and report.reported_by != by:
        notify(
            [report.reported_by],
            key=f"change_report:{report.pk}:decided",
            title=f"您反馈的信息变化{report.get_state_display()}：{report.entry}",
            body=report.answer,
            url=reverse("enterprises:change_report", args=[report.pk]),
        )
    return report


def _tell_the_desk(report: ChangeReport, by: User | None) -> None:
    """The bureau's dispatchers; whoever reported it themselves knows already."""
    rules = DistrictProfile.objects.in_force(report.district, clock.today()).rules
    desk = accounts_of(unit_of(report.district, rules.lead_bureau), Role.DISPATCHER)
    notify(
        [user for user in desk if user != by],
        key=f"change_report:{report.pk}",
        title=f"待审核的信息变更：{report.entry}",
        body=f"{report.get_source_display()}反馈：{'、'.join(REPORTABLE[name] for name in report.changes)}",
        url=reverse("enterprises:change_report", args=[report.pk]),
    )
