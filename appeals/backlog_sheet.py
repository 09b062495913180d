"""存量问题清单 in Excel: out as a row an item, and in again.

A row is known by its number on the list, else by source and paper, else by firm and problem among those that are
not solved; what a row leaves empty stays as it is. A complete sheet proposes to remove what it no longer holds.
What an undo takes back is removed from the list, with its history, like everything that does not belong there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import Unit, User
from appeals.backlog import (
    apply_changes,
    locked_items,
    remove_item,
    restore_item,
    tell_listed,
    write_item,
)
from appeals.backlog_rules import (
    CHOICES,
    Course,
    Matter,
    Rulebook,
    course_of,
    differences,
    matter_of,
    may_manage,
)
from appeals.models import Appeal, BacklogItem
from core import clock
from core.search import normalise
from core.sheets import Column, clean_day, keys_of
from core.xlsx import cell_text
from enterprises.models import Enterprise, Project
from enterprises.subjects import MODELS, subject_key
from enterprises.uscc import REGISTRATION_NUMBER, clean_credit_code
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


# --- Cells ----------------------------------------------------------------------------------------


def _number(text: str) -> str:
    digits = normalise(text).removeprefix("第").removesuffix("号").strip()
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:12]) < 2**31):
        raise ValidationError("应为清单编号；新的问题请留空")
    return str(int(digits))


def _one_of(choices: Mapping[str, str]) -> Callable[[str], str]:
    def clean(text: str) -> str:
        found = choices.get(normalise(text).replace(" ", ""))
        if found is None:
            raise ValidationError(f"没有“{text[:30]}”这一项，请从下拉框选择")
        return found

    return clean


def _code(text: str) -> str:
    code = normalise(text).replace(" ", "")
    return code if REGISTRATION_NUMBER.fullmatch(code) else clean_credit_code(code)


def _amount(text: str) -> str:
    try:
        amount = Decimal(normalise(text).replace(",", "").removesuffix("万元").strip())
    except InvalidOperation:
        raise ValidationError("应为数字，单位万元") from None
    if not amount.is_finite():
        raise ValidationError("应为数字，单位万元")
    return str(amount)


_SOURCES = {
    **{label: code for code, label in Source.choices},
    **{label.removesuffix("案件"): code for code, label in Source.choices if label.endswith("案件")},
    "诉求": Source.APPEAL.value, "企业诉求": Source.APPEAL.value, "政策": Source.POLICY.value,
    "合同": Source.CONTRACT.value, "协议": Source.CONTRACT.value, "复议": Source.RECONSIDERATION.value,
    "复议案件": Source.RECONSIDERATION.value, "调解": Source.MEDIATION.value, "平台": Source.PLATFORM.value,
    "12345热线": Source.PLATFORM.value, "商会": Source.CHAMBER.value,
}  # fmt: skip
_CLASSES = {
    word: code
    for code, label in Classification.choices
    for word in (
        label,
        label.removesuffix("类"),
        f"{label.removesuffix('类')}化解",
        f"{label.removesuffix('类')}兑现",
    )
}
_ROUTES = {
    **{label: code for code, label in Route.choices},
    **{label.removeprefix("行政"): code for code, label in Route.choices},
}

COLUMNS = (
    Column("number", "清单编号", 12, "系统给的编号；新的问题留空", 10, aliases=("编号",), clean=_number),
    Column(
        "source", "来源", 20, "从下拉框选择", 16, needed=True, aliases=("问题来源", "类别"),
        choices=tuple(str(label) for label in Source.labels), clean=_one_of(_SOURCES),
    ),
    Column(
        "reference", "文号、案号或编号", 80, "政策文号、合同编号、案号、平台编号；未办结诉求填诉求编号", 24,
        aliases=("文号", "案号", "合同编号", "平台编号", "诉求编号", "文号案号编号"),
    ),
    Column(
        "subject", "企业（项目）名称", 120, "与底册一致；不在底册的照写，不填为诉求的企业", 32,
        aliases=("企业名称", "项目名称", "企业", "市场主体", "企业、项目"),
    ),
    Column("code", "统一社会信用代码", 18, "同名企业须填", 24, aliases=("信用代码",), clean=_code),
    Column(
        "title", "问题", 80, "一句话；未办结诉求不填", 36, expected=True, aliases=("存量问题", "主要问题", "问题标题"),
    ),
    Column("facts", "具体情况", 3000, "", 40, aliases=("问题描述", "情况说明", "基本情况")),
    Column(
        "amount", "涉及金额（万元）", 20, "以万元为单位", 16, aliases=("金额", "金额（万元）", "涉及金额"), clean=_amount
    ),
    Column(
        "unit", "牵头责任单位", 80, "单位全称或简称", 18, needed=True, aliases=("责任单位", "兑现责任单位", "牵头单位"),
    ),
    Column("assisting", "协同责任单位", 300, "多个用顿号分开", 24, aliases=("协同单位", "协办单位", "配合单位")),
    Column("found_on", "发现日期", 20, "如 2026-03-01，不填为今天", 14, aliases=("发现时间", "收集日期"), clean=clean_day),
    Column(
        "classification", "分类", 20, "立即类、限期类或争议类", 10, needed=True, aliases=("问题分类",),
        choices=tuple(str(label) for label in Classification.labels), clean=_one_of(_CLASSES),
    ),
    Column("plan", "化解方案", 3000, "限期类必填", 40, aliases=("兑现方案", "方案", "化解措施")),
    Column(
        "due_on", "完成时限", 20, "如 2026-06-30；争议类填下次跟进日期", 14, needed=True,
        aliases=("化解时限", "兑现时限", "时限", "下次跟进日期"), clean=clean_day,
    ),
    Column(
        "route", "法律途径", 20, "争议类必填", 12, aliases=("化解途径",),
        choices=tuple(str(label) for label in Route.labels), clean=_one_of(_ROUTES),
    ),
    Column("next_step", "下一步", 300, "争议类必填", 32, aliases=("下步打算", "下一步工作")),
)  # fmt: skip
_LAST = (("状态", 10), ("列入日期", 14), ("化解日期", 14), ("化解情况", 40))
HEADERS = [*(column.title for column in COLUMNS), *(title for title, _ in _LAST)]
WIDTHS = [*(column.width for column in COLUMNS), *(width for _, width in _LAST)]


def cells_of(item: BacklogItem) -> dict[str, str]:
    """An item as the sheet shows it, by column, with its units and subject loaded."""
    subject = item.subject
    code = (
        (subject.credit_code or subject.registration_number or "") if isinstance(subject, Enterprise) else ""
    )
    cells = {column.key: getattr(item, column.key, "") for column in COLUMNS}
    cells |= {
        "subject": item.subject_name,
        "code": code,
        "unit": item.unit.short_name,
        "assisting": "、".join(unit.short_name for unit in item.assisting.all()),
        **{name: CHOICES[name](cells[name]).label if cells[name] else "" for name in CHOICES},
    }
    return {key: cell_text(value) if not isinstance(value, str) else value for key, value in cells.items()}


def as_row(item: BacklogItem) -> list[str]:
    cells = cells_of(item)
    return [
        *(cells[column.key] for column in COLUMNS),
        item.get_state_display(),
        clock.local_date(item.opened_at).isoformat(),
        item.ended_on.isoformat() if item.ended_on and item.state == BacklogItem.State.CLEARED else "",
        item.result,
    ]


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
                draft.refuse(self.column("code"), "底册里没有这个代码")
            elif name and normalise(firm.name) != normalise(name):
                draft.refuse(self.column("subject"), f"底册中这个代码属于“{firm.name}”，请核对")
            return firm
        found = self._by_name.get(name, [])
        if len(found) > 1:
            draft.refuse(self.column("subject"), f"底册里有 {len(found)} 家同名，请填统一社会信用代码")
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
