"""存量问题攻坚清零: put on the list, classified, worked on, reported as solved, confirmed or sent back.

S1 “履约践诺” (三)、13: what can be fulfilled is fulfilled at once, what cannot yet gets a plan and a day, what is
disputed goes the legal way. The unit reports that something is solved, the lead bureau confirms it; nothing
leaves the list otherwise, but for what the bureau removes with a reason, which is counted apart.

Every change is one transaction with one event.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts import audit
from accounts.models import Unit, User
from appeals.backlog_notices import tell, tell_listed, units_of
from appeals.backlog_rules import (
    BUREAU,
    MOST_REASON,
    MOST_TEXT,
    Classification,
    Course,
    Matter,
    Rulebook,
    course_of,
    differences,
    matter_of,
    matter_of_appeal,
    may_confirm,
    may_manage,
    may_manage_item,
    may_plan,
    may_report,
    may_work,
    tidy,
    tidy_course,
)
from appeals.models import Appeal, BacklogEvent, BacklogItem, Event, Status
from appeals.querysets import AppealQuerySet
from appeals.signing import REDOS
from core import clock
from core.wording import speak, spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from imports.models import SheetImport
from liaisons.address_book import UNIT_DESK

State, Kind = BacklogItem.State, BacklogEvent.Kind

MOST_AT_ONCE = 200

WHO_MANAGES = spoken("存量问题清单由牵头局调度员和负责人管理。")
WHO_PLANS = spoken("化解方案由牵头责任单位和牵头局填写。")
WHO_WORKS = spoken("工作进展由牵头、协同责任单位和牵头局填报。")
WHO_REPORTS = "已化解由牵头责任单位报送。"
WHO_CONFIRMS = spoken("化解情况由牵头局确认；牵头局自己报送的，由另一名工作人员确认。")
ENDED = "这件存量问题已{state}，不能再改动。"


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise ValidationError({name: [text] for name, text in wrong.items()})


# --- Onto the list --------------------------------------------------------------------------------


@transaction.atomic
def put_on_list(*, by: User, matter: Matter, course: Course) -> BacklogItem:
    """One problem, found by whatever way; the units are told."""
    _refuse_stranger(by)
    assert by.unit is not None
    book = Rulebook(by.unit.district)
    matter, course = tidy(matter), tidy_course(course)
    _refuse(book.of_matter(matter) | book.of_course(course))
    item = write_item(by=by, district=book.district, matter=matter, course=course)
    tell_listed(by, [item])
    return item


@transaction.atomic
def put_appeals_on_list(*, by: User, appeals: Iterable[Appeal], course: Course) -> list[BacklogItem]:
    """Candidates, all in one go and with one course; the unit is the one that handles, else the one that collected."""
    _refuse_stranger(by)
    assert by.unit is not None
    book, course = Rulebook(by.unit.district), tidy_course(course)
    _refuse(book.of_course(course))
    _lock_list(book.district)
    # Asked again behind the lock: somebody may have put one of them on the list, or ended it, meanwhile.
    wanted = {appeal.pk for appeal in appeals}
    rows = list(
        candidates(by, book.rules).filter(pk__in=wanted).select_related(*_OF_AN_APPEAL).order_by("pk")
    )
    if len(rows) != len(wanted):
        raise ValidationError("选中的诉求有的已经列入清单或已终结，请刷新后再选。")
    items = [
        write_item(by=by, district=book.district, matter=matter_of_appeal(appeal), course=course)
        for appeal in rows
    ]
    tell_listed(by, items)
    return items


_OF_AN_APPEAL = ("enterprise__region", "project__region", "region", "lead_unit", "collecting_unit")


def candidates(user: User, rules: Rules) -> AppealQuerySet:
    """Open appeals that were never on the list: too old, done again too often, or on file. Each has ``redos``."""
    redone = (
        Event.objects.filter(appeal=OuterRef("pk"), transition__in=REDOS).order_by().values("appeal")
        .annotate(n=Count("pk")).values("n")
    )  # fmt: skip
    wanted = rules.backlog
    old = clock.now() - timedelta(days=wanted.after_days)
    found = Appeal.objects.visible_to(user).open().filter(backlog_items__isnull=True)
    return found.annotate(redos=Coalesce(Subquery(redone), 0)).filter(
        Q(submitted_at__lt=old) | Q(redos__gte=wanted.redos) | Q(status=Status.ON_FILE)
    )


def write_item(
    *, by: User, district: Region, matter: Matter, course: Course, sheet_import: SheetImport | None = None
) -> BacklogItem:
    """Give a checked entry its number and write it. For this module and the sheet; needs a transaction."""
    assert by.unit is not None
    _lock_list(district)
    if matter.appeal and BacklogItem.objects.open().filter(appeal=matter.appeal).exists():
        raise ValidationError({"reference": ["这件诉求已经在清单上。"]})
    last = BacklogItem.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0
    now = clock.now()
    item = BacklogItem(
        district=district,
        number=last + 1,
        classified_on=clock.today(),
        opened_at=now,
        opened_by=by,
        sheet_import=sheet_import,
        version=1,
    )
    _take_matter(item, matter)
    _take_course(item, course)
    item.save()
    item.assisting.set(matter.assisting)
    BacklogEvent.objects.create(
        item=item, seq=1, kind=Kind.LISTED, at=now, by=by, unit=by.unit, to_class=item.classification
    )
    audit.record(by, "backlog.listed", item, unit=item.unit_id, classification=item.classification)
    return item


def _take_matter(item: BacklogItem, matter: Matter) -> None:
    appeal = matter.appeal
    item.source, item.appeal, item.unit = matter.source, appeal, matter.unit
    item.reference = appeal.number if appeal else matter.reference
    item.title = matter.title or (appeal.title if appeal else "")
    about: Any = appeal or matter
    item.enterprise = about.subject if isinstance(about.subject, Enterprise) else None
    item.project = about.subject if isinstance(about.subject, Project) else None
    item.claimed_name = about.claimed_name if appeal or not about.subject else ""
    item.claimed_code = appeal.claimed_code if appeal else ""
    item.region = appeal.region if appeal else about.subject.region if about.subject else matter.unit.region
    item.facts, item.amount, item.found_on = matter.facts, matter.amount, matter.found_on


def _take_course(item: BacklogItem, course: Course) -> None:
    for one in fields(Course):
        setattr(item, one.name, getattr(course, one.name))


# --- Put right ------------------------------------------------------------------------------------


@transaction.atomic
def change_item(*, by: User, item: BacklogItem, matter: Matter) -> BacklogItem:
    """Another title, unit, amount …; an item of an appeal stays with it."""
    item = _locked(item)
    if not may_manage_item(by, item):
        raise PermissionDenied(WHO_MANAGES)
    _refuse_ended(item)
    _refuse_reported(item)
    was, matter = matter_of(item), tidy(matter)
    if item.appeal:
        # Title and firm of an appeal are the appeal's.
        matter = replace(matter, title=was.title, subject=was.subject, claimed_name=was.claimed_name)
    book = Rulebook(item.district)
    wrong = book.of_matter(matter, was)
    if matter.appeal != item.appeal:
        wrong["reference"] = "列入后不能改为另一件诉求：请移出清单，另行列入。"
    _refuse(wrong)
    apply_changes(by=by, item=item, matter=matter)
    if item.unit != was.unit or set(matter.assisting) != set(was.assisting):
        tell_listed(by, [item])
    return item


@transaction.atomic
def set_course(*, by: User, item: BacklogItem, course: Course, reason: str) -> BacklogItem:
    """Classify anew, or plan anew. The bureau may do all of it; the unit writes plan and legal way.

    The next day to follow up what is disputed is the unit's to set as well. Another class or day needs a reason.
    """
    item = _locked(item)
    if not may_plan(by, item):
        raise PermissionDenied(WHO_PLANS)
    _refuse_ended(item)
    _refuse_reported(item)
    was, course = course_of(item), tidy_course(course)
    is_disputed = course.classification == Classification.DISPUTED
    if course.classification != was.classification or (course.due_on != was.due_on and not is_disputed):
        reason = _reason(reason, "请写明为什么调整分类或时限。")
    wrong = Rulebook(item.district).of_course(course, was, item.classified_on)
    if not may_manage_item(by, item):
        if course.classification != was.classification:
            wrong["classification"] = speak("分类由牵头局调整。")
        elif course.due_on != was.due_on and not is_disputed:
            wrong["due_on"] = speak("完成时限由牵头局调整。")
    _refuse(wrong)
    apply_changes(by=by, item=item, course=course, reason=reason)
    return item


def apply_changes(
    *,
    by: User,
    item: BacklogItem,
    matter: Matter | None = None,
    course: Course | None = None,
    reason: str = "",
) -> None:
    """Write a checked change of a locked item; nothing at all where nothing differs."""
    was_matter, was_course = matter_of(item), course_of(item)
    changes = differences(was_matter, matter or was_matter, was_course, course or was_course)
    if not changes:
        return
    if matter:
        _take_matter(item, matter)
        item.assisting.set(matter.assisting)
        # What was loaded is the list of before.
        getattr(item, "_prefetched_objects_cache", {}).pop("assisting", None)
    kind = Kind.CHANGED
    if course:
        _take_course(item, course)
        if course != was_course:
            kind = Kind.PLANNED
        if course.classification != was_course.classification:
            kind, item.classified_on = Kind.CLASSIFIED, clock.today()
    _write_event(item, kind, by, text=reason, changes=changes, was_class=was_course.classification)
    audit.record(by, f"backlog.{kind.value}", item, fields=[change["title"] for change in changes])


# --- Working on it --------------------------------------------------------------------------------


@transaction.atomic
def add_progress(*, by: User, item: BacklogItem, text: str, day: date) -> BacklogItem:
    """What was done on a day, by a unit that leads or assists."""
    item = _locked(item)
    if not may_work(by, item):
        raise PermissionDenied(WHO_WORKS)
    _refuse_ended(item)
    text = text.strip()
    wrong: dict[str, str] = {}
    if not text:
        wrong["text"] = "请写明做了什么。"
    elif len(text) > MOST_TEXT:
        wrong["text"] = f"最多{MOST_TEXT}字。"
    if day > clock.today():
        wrong["day"] = "日期不能晚于今天。"
    elif day < min(item.found_on, clock.local_date(item.opened_at)):
        wrong["day"] = f"日期不能早于发现问题的 {item.found_on:%Y-%m-%d}。"
    _refuse(wrong)
    _write_event(item, Kind.PROGRESS, by, text=text, day=day)
    audit.record(by, "backlog.progress", item)
    return item


@transaction.atomic
def report_cleared(*, by: User, item: BacklogItem, result: str) -> BacklogItem:
    """The unit says that it is solved, and how; the bureau is to confirm."""
    item = _locked(item)
    _refuse_ended(item)
    if item.reported_at:
        raise ValidationError(speak("已经报送化解，正等待牵头局确认。"))
    if not may_report(by, item):
        raise PermissionDenied(WHO_REPORTS)
    result = result.strip()
    if not result:
        raise ValidationError({"result": ["请写明怎样化解的。"]})
    if len(result) > MOST_TEXT:
        raise ValidationError({"result": [f"最多{MOST_TEXT}字。"]})
    item.result, item.reported_at, item.reported_by = result, clock.now(), by
    _write_event(item, Kind.REPORTED, by, text=result)
    audit.record(by, "backlog.reported", item)
    bureau = Unit.objects.filter(district=item.district, code=_rules(item).lead_bureau)
    tell(bureau.values_list("pk", flat=True), BUREAU, item, "存量问题已化解，请确认", by)
    return item


@transaction.atomic
def confirm_cleared(*, by: User, item: BacklogItem, note: str = "") -> BacklogItem:
    """Solved: it leaves the list of what is left."""
    item = _locked(item)
    _refuse_ended(item)
    if not item.awaits_confirmation:
        raise ValidationError("牵头责任单位还没有报送化解。")
    if not may_confirm(by, item):
        raise PermissionDenied(WHO_CONFIRMS)
    if len(note) > MOST_REASON:
        raise ValidationError({"note": [f"最多{MOST_REASON}字。"]})
    item.state, item.cleared_at = State.CLEARED, clock.now()
    _write_event(item, Kind.CONFIRMED, by, text=note.strip(), was_class=item.classification)
    audit.record(by, "backlog.confirmed", item)
    tell(units_of(item), UNIT_DESK, item, "存量问题已确认化解", by)
    return item


@transaction.atomic
def send_back(*, by: User, item: BacklogItem, reason: str) -> BacklogItem:
    """Not solved after all; what the unit wrote stays in the history."""
    item = _locked(item)
    _refuse_ended(item)
    if not item.awaits_confirmation:
        raise ValidationError("牵头责任单位还没有报送化解，不用退回。")
    if not may_manage_item(by, item):
        raise PermissionDenied(WHO_CONFIRMS)
    reason = _reason(reason, "请写明还差什么。")
    item.result, item.reported_at, item.reported_by = "", None, None
    _write_event(item, Kind.SENT_BACK, by, text=reason)
    audit.record(by, "backlog.sent_back", item)
    tell(units_of(item), UNIT_DESK, item, "存量问题被退回，请继续化解", by)
    return item


@transaction.atomic
def remove_item(*, by: User, item: BacklogItem, reason: str) -> BacklogItem:
    """What does not belong on the list, a duplicate perhaps; it is kept and counted apart."""
    item = _locked(item)
    if not may_manage_item(by, item):
        raise PermissionDenied(WHO_MANAGES)
    _refuse_ended(item)
    reason = _reason(reason, "请写明移出的原因，如与哪一件重复。")
    item.state, item.removed_at = State.REMOVED, clock.now()
    _write_event(item, Kind.REMOVED, by, text=reason, was_class=item.classification)
    audit.record(by, "backlog.removed", item)
    tell(units_of(item), UNIT_DESK, item, "存量问题已移出清单", by)
    return item


@transaction.atomic
def restore_item(*, by: User, item: BacklogItem, reason: str) -> BacklogItem:
    """Removed by mistake, or solved and broken out again: it counts as not solved from now on."""
    item = _locked(item)
    if not may_manage_item(by, item):
        raise PermissionDenied(WHO_MANAGES)
    if item.is_open:
        raise ValidationError("这件存量问题在清单上，不用恢复。")
    _lock_list(item.district)
    if item.appeal_id and BacklogItem.objects.open().filter(appeal=item.appeal_id).exists():
        raise ValidationError("这件诉求已经另行列入清单。")
    reason = _reason(reason, "请写明恢复的原因。")
    item.state, item.cleared_at, item.removed_at = State.OPEN, None, None
    item.result, item.reported_at, item.reported_by = "", None, None
    _write_event(item, Kind.RESTORED, by, text=reason, was_class=None)
    audit.record(by, "backlog.restored", item)
    tell(units_of(item), UNIT_DESK, item, "存量问题恢复到清单，请继续化解", by)
    return item


# --- Parts ----------------------------------------------------------------------------------------


def _rules(item: BacklogItem) -> Rules:
    return DistrictProfile.objects.in_force(item.district).rules


def _lock_list(district: Region) -> None:
    """Numbers are given one at a time, and an appeal comes onto the list once. Sheets lock the same row."""
    Region.objects.select_for_update(no_key=True).get(pk=district.pk)


def locked_items(pks: Collection[int]) -> list[BacklogItem]:
    """Items to be changed, in the order of their numbers so that nobody waits in a circle."""
    rows = BacklogItem.objects.select_for_update(of=("self",)).filter(pk__in=pks).select_related(
        "district", "region", "unit__region", "enterprise__region", "project__region", "appeal__region"
    )  # fmt: skip
    return list(rows.prefetch_related("assisting").order_by("number"))


def _locked(item: BacklogItem) -> BacklogItem:
    return locked_items([item.pk])[0]


def _refuse_stranger(by: User) -> None:
    if not may_manage(by):
        raise PermissionDenied(WHO_MANAGES)


def _refuse_ended(item: BacklogItem) -> None:
    if not item.is_open:
        ended = "确认化解" if item.state == State.CLEARED else "移出清单"
        raise ValidationError(ENDED.format(state=ended), code="ended")


def _refuse_reported(item: BacklogItem) -> None:
    if item.reported_at:
        raise ValidationError("已报送化解，请先确认或退回。", code="reported")


def _reason(text: str, missing: str = "请写明理由。") -> str:
    text = " ".join(text.split())
    if not text:
        raise ValidationError({"reason": [missing]})
    if len(text) > MOST_REASON:
        raise ValidationError({"reason": [f"最多{MOST_REASON}字。"]})
    return text


def _write_event(
    item: BacklogItem,
    kind: str,
    by: User,
    *,
    text: str = "",
    day: date | None = None,
    changes: Sequence[dict[str, str]] = (),
    was_class: str | None = "",
) -> None:
    """Save the item with the event that changed it.

    ``was_class``: what it counted under before, where that may be something else; None: not at all.
    """
    assert by.unit is not None
    item.version += 1
    item.save()
    BacklogEvent.objects.create(
        item=item,
        seq=item.version,
        kind=kind,
        at=clock.now(),
        by=by,
        unit=by.unit,
        day=day,
        text=text,
        changes=list(changes),
        from_class="" if was_class is None else was_class or item.classification,
        to_class=item.classification if item.is_open else "",
    )
