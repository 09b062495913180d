"""存量问题清单 in Excel: out as a row an item, and in again.

A row is known by its number on the list, else by source and paper, else by firm and problem among those that are
not solved; what a row leaves empty stays as it is. A complete sheet proposes to remove what it no longer holds.
What an undo takes back is removed from the list, with its history, like everything that does not belong there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Unit, User
from appeals.backlog import (
    apply_changes,
    locked_items,
    remove_item,
    restore_item,
    write_item,
)
from appeals.backlog_columns import COLUMNS, cells_of
from appeals.backlog_notices import tell_listed
from appeals.backlog_rules import (
    Course,
    Matter,
    Rulebook,
    course_of,
    differences,
    matter_of,
    may_manage,
)
from appeals.models import Appeal, BacklogItem
from core.search import normalise
from core.sheets import keys_of
from core.wording import speak
from enterprises.models import Enterprise, Project
from enterprises.subjects import MODELS, subject_key
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow
from liaisons.officer_sheets import UnitNames

NEW, CHANGED, SAME, GONE = (
    SheetRow.Outcome.NEW, SheetRow.Outcome.CHANGED, SheetRow.Outcome.SAME, SheetRow.Outcome.GONE,
)  # fmt: skip
Source, Classification, Route = BacklogItem.Source, BacklogItem.Classification, BacklogItem.Route
Known = tuple[str, str]
REASON = "按导入的 Excel 表更新"
NO_LONGER = "导入的完整清单中已没有这一件"
UNDONE = "撤销导入"
SEPARATORS = re.compile(r"[、,，;；/\s]+")


# --- In -------------------------------------------------------------------------------------------


class BacklogJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self._book = Rulebook(sheet_import.district)
        units = Unit.objects.of_district(sheet_import.district).active().select_related("region")
        self._names = UnitNames(units)
        self._lines: dict[Known, int] = {}
        self._held: set[int] = set()

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"unit": self._names.clean, "assisting": self._units}

    def _units(self, text: str) -> list[int]:
        return [self._names.clean(name) for name in SEPARATORS.split(text.strip()) if name]

    # --- Judging: four queries a chunk -----------------------------------------------------------------

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        self._load(drafts)
        return [self._judge_one(draft) for draft in drafts]

    def _load(self, drafts: Sequence[Draft]) -> None:
        def texts(key: str) -> set[str]:
            return {_plain(draft.text(key)) for draft in drafts} - {""}

        names, codes = texts("subject"), texts("code")
        firms = (
            Enterprise.objects.visible_to(self.sheet_import.uploaded_by).unmerged().select_related("region")
        )
        self._by_code: dict[str, Enterprise] = {}
        self._by_name: dict[str, list[Enterprise | Project]] = {}
        wanted = Q(name__in=names) | Q(credit_code__in=codes) | Q(registration_number__in=codes)
        for firm in firms.filter(wanted):
            self._by_code |= {code: firm for code in (firm.credit_code, firm.registration_number) if code}
            self._by_name.setdefault(firm.name, []).append(firm)
        projects = Project.objects.visible_to(self.sheet_import.uploaded_by).select_related("region")
        for project in projects.filter(name__in=names):
            self._by_name.setdefault(project.name, []).append(project)
        numbers = {number.upper() for number in texts("reference")}
        appeals = Appeal.objects.filter(district=self.sheet_import.district, number__in=numbers)
        self._appeals = {
            appeal.number: appeal for appeal in appeals.select_related("region", "enterprise", "project")
        }
        items = BacklogItem.objects.filter(district=self.sheet_import.district).filter(
            Q(number__in=texts("number"))
            | Q(state="open", reference__in=texts("reference") | numbers)
            | Q(state="open", title__in=texts("title"))
        )
        related = items.select_related(
            "unit", "enterprise__region", "project__region", "appeal__enterprise", "appeal__project", "region"
        )
        self._known: dict[Known, BacklogItem] = {}
        for item in related.prefetch_related("assisting").order_by("number"):
            for key in _keys_of_item(item):
                self._known.setdefault(key, item)

    def _judge_one(self, draft: Draft) -> Verdict:
        verdict = Verdict(draft)
        item = self._item(draft)
        if item is not None:
            self._held.add(item.pk)
        key = ("item", str(item.pk)) if item else _keys(draft)[0] if _keys(draft) else ("", "")
        earlier = self._lines.setdefault(key, draft.line) if key[1] else draft.line
        if earlier != draft.line:
            draft.refuse(self.column("title"), f"与第{earlier}行是同一个问题")
        subject = self._subject(draft)
        if draft.errors:
            return verdict
        was, was_course = (matter_of(item), course_of(item)) if item else (None, None)
        matter, course = self._matter(draft, subject, was), self._course(draft, was_course)
        if matter.source == Source.APPEAL and matter.appeal is None and draft.text("reference"):
            draft.refuse(self.column("reference"), "没有这个编号的诉求")
            return verdict
        changes = differences(was, matter, was_course, course) if was and was_course else []
        if item is None or changes:
            wrong = self._book.of_matter(matter, was)
            wrong |= self._book.of_course(course, was_course, item.classified_on if item else None)
            wrong |= self._about(item, matter)
            for name, text in wrong.items():
                draft.refuse(
                    self.column("subject" if name == "claimed_name" else name), text.removesuffix("。")
                )
        if draft.errors:
            return verdict
        verdict.entry = (item, matter, course)
        verdict.entry_id = item.pk if item else None
        verdict.changes = changes
        verdict.outcome = NEW if item is None else CHANGED if changes else SAME
        return verdict

    def _about(self, item: BacklogItem | None, matter: Matter) -> dict[str, str]:
        """What a sheet cannot do to an item that is there."""
        if item is None:
            return {}
        if not item.is_open:
            return {"number": f"第{item.number}号{item.get_state_display()}，不能再改"}
        if item.reported_at:
            return {"number": f"第{item.number}号已报送化解，请先确认或退回"}
        if matter.appeal != item.appeal:
            return {"reference": "列入后不能改为另一件诉求"}
        return {}

    def _item(self, draft: Draft) -> BacklogItem | None:
        """The one the row speaks of, by the surest thing it says."""
        if number := draft.text("number"):
            found = self._known.get(("number", number))
            if found is None:
                draft.refuse(self.column("number"), f"清单中没有第{number}号；新的问题请留空")
            return found
        return next((self._known[key] for key in _keys(draft) if key in self._known), None)

    def _subject(self, draft: Draft) -> Enterprise | Project | None:
        name, code = _plain(draft.text("subject")), draft.text("code")
        if code:
            firm = self._by_code.get(code)
            if firm is None:
                draft.refuse(self.column("code"), speak("底册里没有这个代码"))
            elif name and normalise(firm.name) != normalise(name):
                draft.refuse(self.column("subject"), f"{speak('底册')}中这个代码属于“{firm.name}”，请核对")
            return firm
        found = self._by_name.get(name, [])
        if len(found) > 1:
            draft.refuse(
                self.column("subject"), f"{speak('底册')}里有 {len(found)} 家同名，请填统一社会信用代码"
            )
        return found[0] if len(found) == 1 else None

    def _matter(self, draft: Draft, subject: Enterprise | Project | None, was: Matter | None) -> Matter:
        values = draft.values
        unit = self._names.units[int(values["unit"])]
        base = was or Matter(source=values["source"], unit=unit)
        appeal = (
            self._appeals.get(draft.text("reference").upper()) if values["source"] == Source.APPEAL else None
        )
        if was and was.appeal and values["source"] == Source.APPEAL and not draft.text("reference"):
            appeal = was.appeal
        given: dict[str, Any] = {
            name: _plain(values[name]) for name in ("title", "reference") if values.get(name)
        }
        if draft.text("facts"):
            given["facts"] = draft.text("facts").strip()
        if draft.text("amount"):
            given["amount"] = Decimal(draft.text("amount"))
        if draft.text("found_on"):
            given["found_on"] = date.fromisoformat(draft.text("found_on"))
        if values.get("assisting"):
            given["assisting"] = tuple(self._names.units[pk] for pk in dict.fromkeys(values["assisting"]))
        if draft.text("subject") or subject:
            given |= {"subject": subject, "claimed_name": "" if subject else _plain(draft.text("subject"))}
        if appeal:
            # Title and firm of an appeal are the appeal's.
            given |= {"reference": appeal.number, "title": was.title if was else ""}
            given |= {
                "subject": was.subject if was else None,
                "claimed_name": was.claimed_name if was else "",
            }
            given.setdefault("facts", base.facts or appeal.content)
        return replace(base, source=values["source"], unit=unit, appeal=appeal, **given)

    def _course(self, draft: Draft, was: Course | None) -> Course:
        classification = draft.text("classification")
        base = was or Course(classification=classification, due_on=date.min)
        is_disputed = classification == Classification.DISPUTED
        return Course(
            classification=classification,
            due_on=date.fromisoformat(draft.text("due_on")),
            plan=draft.text("plan").strip() or base.plan,
            route=draft.text("route") or (base.route if is_disputed else ""),
            next_step=_plain(draft.text("next_step")) or (base.next_step if is_disputed else ""),
        )

    def gone(self) -> Iterator[Verdict]:
        """What is not solved and no longer stands in the complete sheet."""
        keys = keys_of(self.sheet_import.headers, self.columns)
        items = BacklogItem.objects.filter(district=self.sheet_import.district).with_unit()
        related = items.exclude(pk__in=self._held).select_related("unit", "enterprise", "project")
        for item in related.prefetch_related("assisting").order_by("number"):
            cells = cells_of(item)
            yield Verdict(Draft(0, [cells.get(key, "") for key in keys]), entry=item, entry_id=item.pk)

    # --- Writing ----------------------------------------------------------------------------------

    @property
    def _by(self) -> User:
        return self.sheet_import.confirmed_by or self.sheet_import.uploaded_by

    def write(self, verdicts: Sequence[Verdict]) -> None:
        locked = {item.pk: item for item in locked_items([v.entry_id for v in verdicts if v.entry_id])}
        given = []
        for verdict in verdicts:
            known, matter, course = verdict.entry
            if known is None:
                item = write_item(
                    by=self._by, district=self.sheet_import.district, matter=matter, course=course,
                    sheet_import=self.sheet_import,
                )  # fmt: skip
                verdict.entry_id = item.pk
                given.append(item)
                continue
            item = locked[known.pk]
            before = _kept(matter_of(item), course_of(item))
            had = {item.unit_id, *(unit.pk for unit in item.assisting.all())}
            apply_changes(by=self._by, item=item, matter=matter, course=course, reason=REASON)
            verdict.before = before | {"version": item.version}
            if {matter.unit.pk, *(unit.pk for unit in matter.assisting)} - had:
                given.append(item)
        tell_listed(self._by, given)

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        before: dict[int, Values] = {}
        for item in locked_items(entry_ids):
            if item.is_open and not item.reported_at:
                removed = remove_item(by=self._by, item=item, reason=NO_LONGER)
                before[item.pk] = {"version": removed.version}
        return before

    # --- Taking back ------------------------------------------------------------------------------

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        by = self.sheet_import.undone_by or self.sheet_import.uploaded_by
        items = {item.pk: item for item in locked_items([row.entry for row in rows if row.entry])}
        reasons = {}
        for row in rows:
            item = items.get(row.entry or 0)
            # A new item has one event, its being listed; whatever came later is somebody's work.
            if item is None or item.version != row.before.get("version", 1):
                reasons[row.line] = "入库后又有办理，保留现在的内容"
            elif row.outcome == NEW:
                remove_item(by=by, item=item, reason=UNDONE)
            elif row.outcome == GONE:
                restore_item(by=by, item=item, reason=UNDONE)
            else:
                matter, course = self._restored(item, row.before)
                apply_changes(by=by, item=item, matter=matter, course=course, reason=UNDONE)
        return reasons

    def _restored(self, item: BacklogItem, before: Values) -> tuple[Matter, Course]:
        kept, units = (
            before["matter"],
            Unit.objects.in_bulk([before["matter"]["unit"], *before["matter"]["assisting"]]),
        )
        model, _, pk = kept["subject"].partition("-")
        subject = MODELS[model]._default_manager.select_related("region").get(pk=pk) if pk else None
        matter = Matter(
            **(kept | {
                "unit": units[kept["unit"]],
                "assisting": tuple(units[unit] for unit in kept["assisting"]),
                "subject": subject,
                "appeal": item.appeal,
                "amount": Decimal(kept["amount"]) if kept["amount"] else None,
                "found_on": date.fromisoformat(kept["found_on"]),
            })
        )  # fmt: skip
        return matter, Course(
            **(before["course"] | {"due_on": date.fromisoformat(before["course"]["due_on"])})
        )


def _plain(text: str) -> str:
    return " ".join(str(text).split())


def _keys(draft: Draft) -> list[Known]:
    """What tells a row from the others, the surest first."""
    keys = []
    if reference := _plain(draft.text("reference")):
        keys.append((f"paper:{draft.text('source')}", normalise(reference)))
    subject, title = _plain(draft.text("subject")), _plain(draft.text("title"))
    if subject and title:
        keys.append((f"title:{normalise(title)}", normalise(subject)))
    return keys


def _keys_of_item(item: BacklogItem) -> Iterable[Known]:
    yield "number", str(item.number)
    if item.is_open:
        if item.reference:
            yield f"paper:{item.source}", normalise(item.reference)
        yield f"title:{normalise(item.title)}", normalise(item.subject_name)


def _kept(matter: Matter, course: Course) -> Values:
    """What an undo puts back, as JSON takes it."""
    return {
        "matter": {
            "source": matter.source,
            "unit": matter.unit.pk,
            "title": matter.title,
            "subject": subject_key(matter.subject) if matter.subject else "",
            "claimed_name": matter.claimed_name,
            "reference": matter.reference,
            "facts": matter.facts,
            "amount": str(matter.amount) if matter.amount is not None else "",
            "assisting": [unit.pk for unit in matter.assisting],
            "found_on": matter.found_on.isoformat(),
        },
        "course": {
            "classification": course.classification,
            "due_on": course.due_on.isoformat(),
            "plan": course.plan,
            "route": course.route,
            "next_step": course.next_step,
        },
    }


class BacklogSheet(Kind):
    """By the lead bureau."""

    code, label = "backlog", "存量问题清单"
    columns = COLUMNS
    back, back_label = "appeals:backlog", "攻坚清零"
    shown = ("number", "source", "subject", "title", "unit", "classification", "due_on")
    notes = (
        "每件问题一行，不合并单元格，不用公式。导出的清单改好后可以直接上传；状态、列入日期等后几列不读。",
        "按清单编号识别；没有编号的，依次按来源和文号（案号、编号）、企业和问题识别。留空的栏目不改。",
    )
    halves = True
    complete_help = "表中没有的未化解问题，会列出来请您逐件确认是否移出清单。"

    def may_upload(self, user: User) -> bool:
        return may_manage(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        assert user.unit is not None
        return {"unit": [unit.short_name for unit in Rulebook(user.unit.district).units.values()]}

    def job(self, sheet_import: SheetImport) -> Job:
        return BacklogJob(sheet_import)
