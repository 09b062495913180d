"""附件2 from a sheet: a line is known by its unit and name; the others are new.

Another post of the same person ends the old line today and starts a new one; numbers and notes are changed in
place, and what a row leaves empty stays as it is. A complete sheet proposes to end, as of today, whom it no
longer holds. Everything is written through ``liaisons.services.officers``.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q

from accounts.models import Unit, User
from core import clock
from core.phones import clean_phone
from core.search import normalise
from core.sheets import Column, keys_of
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow
from liaisons.models import LiaisonOfficer
from liaisons.permissions import may_keep_officers, units_to_keep
from liaisons.services import officers

NEW, CHANGED, SAME = SheetRow.Outcome.NEW, SheetRow.Outcome.CHANGED, SheetRow.Outcome.SAME
FOLLOWS = "follows"
"""Among what was before: the line that the written one follows."""

COLUMNS = (
    Column(
        "unit", "单位", 80, "单位全称或简称", 22, needed=True,
        aliases=("单位名称", "工作单位", "所在单位", "部门"),
    ),
    Column(
        "name", "姓名", 50, "", 12, needed=True, aliases=("联络员", "联络员姓名"), clean=officers.clean_name
    ),
    Column("title", "职务", 60, "", 22, needed=True, aliases=("职务职级", "岗位", "现任职务")),
    Column(
        "office_phone", "办公号码", 30, "如 0562-1234567；与手机号至少填一个", 18,
        aliases=("办公电话", "座机", "固定电话", "单位电话"), clean=clean_phone,
    ),
    Column(
        "mobile", "手机号", 30, "11位", 16,
        aliases=("手机", "手机号码", "联系电话", "移动电话", "联系方式"),
        clean=officers.clean_mobile, private=True,
    ),
    Column("note", "备注", 100, "", 18, aliases=("说明",)),
)  # fmt: skip
FIELDS = ("name", "title", "office_phone", "mobile", "note")


class UnitNames:
    """The district's units by their names and short names, however they are spaced."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = {unit.pk: unit for unit in units}
        self._known: dict[str, set[int]] = {}
        for unit in self.units.values():
            for name in (unit.name, unit.short_name):
                self._known.setdefault(_plain(name), set()).add(unit.pk)

    def clean(self, text: str) -> int:
        found = self._known.get(_plain(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise ValidationError(f"有{len(found)}个单位都叫“{text[:30]}”，请写单位全称")
        like = difflib.get_close_matches(_plain(text), self._known, n=2, cutoff=0.5)
        hint = f"，是否为{'、'.join(f'“{self._name(name)}”' for name in like)}" if like else ""
        raise ValidationError(f"没有“{text[:30]}”这个单位{hint}")

    def _name(self, known: str) -> str:
        return self.units[min(self._known[known])].short_name


def _plain(text: str) -> str:
    return normalise(text).replace(" ", "")


class OfficerJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        units = Unit.objects.of_district(sheet_import.district).active().select_related("district")
        self._names = UnitNames(units)
        self._mine = units_to_keep(sheet_import.uploaded_by)
        self._allowed = set(self._mine.values_list("pk", flat=True))
        self._seen: dict[tuple[int, str], int] = {}

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"unit": self._names.clean}

    # --- Judging ----------------------------------------------------------------------------------

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """One query a chunk."""
        units = {draft.values["unit"] for draft in drafts if "unit" in draft.values}
        lines = _running().filter(unit__in=units).select_related("unit", "official")
        # Where a change of post is planned, the sheet speaks of the line that holds today.
        today = clock.today()
        by_day = sorted(lines, key=lambda line: (line.started <= today, line.started))
        known = {(line.unit_id, line.name): line for line in by_day}
        return [self._judge_one(draft, known) for draft in drafts]

    def _judge_one(self, draft: Draft, known: dict[tuple[int, str], LiaisonOfficer]) -> Verdict:
        verdict = Verdict(draft)
        if "unit" not in draft.values or "name" not in draft.values:
            return verdict
        key = (int(draft.values["unit"]), draft.text("name"))
        earlier = self._seen.setdefault(key, draft.line)
        if earlier != draft.line:
            draft.refuse(self.column("name"), f"与第{earlier}行重复")
        if key[0] not in self._allowed:
            draft.refuse(self.column("unit"), "您只能填报本单位的联络员")
        line = known.get(key)
        if not any(
            draft.text(field) or (line and getattr(line, field)) for field in ("office_phone", "mobile")
        ):
            wrong = {error["key"] for error in draft.errors}
            if not wrong & {"office_phone", "mobile"}:
                draft.refuse(self.column("mobile"), "办公号码和手机号至少填一个")
        if draft.errors:
            return verdict
        verdict.entry = line
        if line is None:
            verdict.outcome = NEW
            return verdict
        verdict.entry_id = line.pk
        for field in FIELDS[1:]:
            old, new = getattr(line, field), draft.text(field)
            if new and new != old:
                verdict.before[field] = old
                title = self.column(field).title
                verdict.changes.append({"title": title, "before": old, "after": new})
        verdict.outcome = CHANGED if verdict.before else SAME
        return verdict

    def gone(self) -> Iterator[Verdict]:
        """Whom the sheet of everybody no longer holds; a row with a mistake in it still stands for its line."""
        keys = keys_of(self.sheet_import.headers, self.columns)
        lines = LiaisonOfficer.objects.in_force().filter(unit__in=self._mine).select_related("unit")
        for line in lines.order_by("unit__order", "unit_id", "pk"):
            if (line.unit_id, line.name) not in self._seen:
                cells = [_cell(line, key) for key in keys]
                yield Verdict(Draft(line=0, cells=cells), entry=line, entry_id=line.pk)

    # --- Writing ----------------------------------------------------------------------------------

    @property
    def _by(self) -> User:
        return self.sheet_import.confirmed_by or self.sheet_import.uploaded_by

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            texts: dict[str, Any] = {field: verdict.draft.text(field) for field in FIELDS}
            if verdict.outcome == NEW:
                unit = self._names.units[int(verdict.draft.values["unit"])]
                written = officers.appoint(
                    by=self._by, unit=unit, started=clock.today(), sheet_import=self.sheet_import, **texts
                )
            else:
                written = self._changed(verdict, verdict.entry, texts)
            verdict.entry_id = written.pk

    def _changed(self, verdict: Verdict, line: LiaisonOfficer, texts: dict[str, Any]) -> LiaisonOfficer:
        kept = {field: texts[field] or getattr(line, field) for field in FIELDS}
        # A line that begins today or later has no past to keep true.
        follows = "title" in verdict.before and line.started < clock.today()
        since = clock.today() if follows else None
        written = officers.change(
            by=self._by, officer=line, since=since, sheet_import=self.sheet_import, **kept
        )
        if written.pk != line.pk:
            verdict.before = {FOLLOWS: line.pk}
        return written

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        before: dict[int, Values] = {}
        today = clock.today()
        for line in LiaisonOfficer.objects.in_force().filter(pk__in=entry_ids).select_related("unit"):
            before[line.pk] = {"ended": line.ended.isoformat() if line.ended else None}
            officers.end(by=self._by, officer=line, ended=today)
        return before

    # --- Taking back ------------------------------------------------------------------------------

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        reasons: dict[int, str] = {}
        for row in rows:
            line = LiaisonOfficer.objects.filter(pk=row.entry or 0).select_for_update(of=("self",)).first()
            reason = self._take_back(row, line) if line else "入库后已删除"
            if reason:
                reasons[row.line] = reason
        return reasons

    def _take_back(self, row: SheetRow, line: LiaisonOfficer) -> str:
        """Why not; "" once it is done."""
        if row.outcome == SheetRow.Outcome.GONE:
            return _restored(line, row.before.get("ended"))
        if line.ended is not None or any(
            getattr(line, field) != str(row.values[field]) for field in FIELDS if field in row.values
        ):
            return "入库后又有变动，保留现在的内容"
        if row.outcome == NEW:
            line.delete()
            return ""
        if FOLLOWS in row.before:
            earlier = LiaisonOfficer.objects.get(pk=row.before[FOLLOWS])
            line.delete()
            return _restored(earlier, None)
        LiaisonOfficer.objects.filter(pk=line.pk).update(**row.before)
        return ""


def _restored(line: LiaisonOfficer, ended: str | None) -> str:
    """Let an ended line hold again, unless the person is on the list again by now."""
    again = _running().filter(unit=line.unit_id, name=line.name).exclude(pk=line.pk)
    if line.ended is None or again.exists():
        return "入库后又有变动，保留现在的内容"
    LiaisonOfficer.objects.filter(pk=line.pk).update(ended=ended)
    return ""


def _running():
    """Lines that hold today or will."""
    lasts = Q(ended__isnull=True) | Q(ended__gt=clock.today())
    return LiaisonOfficer.objects.filter(lasts).exclude(ended=F("started"))


def _cell(line: LiaisonOfficer, key: str) -> str:
    if key == "unit":
        return line.unit.short_name
    return str(getattr(line, key)) if key else ""


class OfficerSheet(Kind):
    """By the dispatcher for the district, by a unit's liaison or leader for the own unit."""

    code, label = "officers", "联络员情况表"
    columns = COLUMNS
    back, back_label = "liaisons:officers", "联络员"
    shown = ("unit", "name", "title", "office_phone", "mobile")
    notes = (
        "每人一行，不合并单元格，不用公式；电话按文本填写。导出的联络员情况表改好后可以直接上传。",
        "按单位和姓名识别：职务变了的，原来一行到今天为止，另起一行；号码和备注直接更新，留空的不改。",
    )
    halves = True
    complete_help = "表中没有的联络员，会列出来请您逐人确认是否不再担任。"

    def may_upload(self, user: User) -> bool:
        return may_keep_officers(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        return {"unit": [unit.short_name for unit in units_to_keep(user)]}

    def job(self, sheet_import: SheetImport) -> Job:
        return OfficerJob(sheet_import)
