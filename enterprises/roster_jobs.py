"""Rosters from sheets: rows held against the roster, written to it, and taken back again.

A firm is known by its credit code, else by its registration number, else by its exact name and place.
What a row leaves empty stays as it is. A complete version proposes to take out what it no longer holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from accounts.models import Unit
from core import clock
from core.search import normalise
from core.sheets import keys_of
from core.wording import speak
from districts.models import Region
from enterprises import history
from enterprises.models import Enterprise, Project, RosterChange
from enterprises.policies import TERRITORIAL, editable_region, importable_region, places
from enterprises.relations import refresh_search_about
from enterprises.roster_columns import ENTERPRISE_COLUMNS, PROJECT_COLUMNS, Places
from enterprises.roster_undo import RosterUndo
from imports.kinds import Draft, Job, Values, Verdict
from imports.models import SheetImport, SheetRow

Entry = TypeVar("Entry", Enterprise, Project)

_CODES = ("credit_code", "registration_number")


@dataclass
class RosterVerdict(Verdict, Generic[Entry]):
    """``entry`` already carries the row's values, unsaved; ``before`` what they replace."""

    entry: Entry | None = None

    def change(self, entry: Entry, name: str, value: object) -> None:
        self.before.setdefault(name, getattr(entry, name))
        setattr(entry, name, value)


class RosterJob(Job, Generic[Entry]):
    """Judges and writes an import's rows, chunk after chunk; remembers what the earlier chunks held."""

    model: type[Entry]

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self.district = sheet_import.district
        uploader = sheet_import.uploaded_by
        scope = importable_region(uploader)
        self.allowed = (
            set(Region.objects.subtree(scope).values_list("pk", flat=True)) if scope is not None else set()
        )
        self.department = uploader.unit if editable_region(uploader) is None else None
        """A competent department keeps only the firms of its trade, wherever they lie."""
        self._seen: dict[tuple, tuple[int, bool]] = {}
        self._held: set[int] = set()
        self._places = _places(self.district)

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"region": self._places.clean}

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        self._load(drafts)
        return [self._judge_one(draft) for draft in drafts]

    def _judge_one(self, draft: Draft) -> RosterVerdict[Entry]:
        # A row that is refused still says that the firm is there.
        self._held |= self._may_mean(draft)
        self._refuse_repeats(draft)
        verdict: RosterVerdict[Entry] = RosterVerdict(draft)
        self._refuse_foreign_place(draft)
        if draft.errors:
            return verdict
        entry = self._find(draft)
        if draft.errors:
            return verdict
        if entry is None:
            verdict.entry = self.model(district=self.district)
            self._write(verdict, verdict.entry)
            verdict.outcome = SheetRow.Outcome.NEW
        elif entry.region_id not in self.allowed:
            draft.refuse(self.column("region"), speak("底册中它属于其他乡镇办或园区，请联系牵头局调度员调整"))
        elif self.department and entry.competent_unit_id not in {None, self.department.pk}:
            draft.refuse(
                self.column("name"), speak("底册中它的行业主管部门是其他单位，请联系牵头局调度员调整")
            )
        else:
            self._write(verdict, entry)
            verdict.entry = entry
            verdict.outcome = SheetRow.Outcome.CHANGED if verdict.before else SheetRow.Outcome.SAME
            verdict.changes = self._differences(verdict)
            verdict.is_doubtful = "name" in verdict.before
        return verdict

    def _refuse_foreign_place(self, draft: Draft) -> None:
        region_id = draft.values.get("region")
        if region_id is not None and region_id not in self.allowed:
            draft.refuse(self.column("region"), "不在您可维护的范围内")

    def _write(self, verdict: RosterVerdict[Entry], entry: Entry) -> None:
        """Put the row's values on the entry and note which fields they change, from what."""
        is_new = entry.pk is None
        for key, value in verdict.draft.values.items():
            name, new = ("region_id", int(value)) if key == "region" else (key, self._as_stored(key, value))
            old = getattr(entry, name)
            # Another way of writing the same name (full-width brackets …) is no change.
            same = old == new or (key == "name" and not is_new and _plain(old) == _plain(str(new)))
            if not same:
                verdict.change(entry, name, new)
        if not entry.active:
            verdict.change(entry, "active", True)
        if self.department and entry.competent_unit_id is None:
            verdict.change(entry, "competent_unit_id", self.department.pk)

    def _differences(self, verdict: RosterVerdict[Entry]) -> list[dict[str, str]]:
        """The changes for people: column, before and after."""
        titles = {column.key: str(column.title) for column in self.columns} | {
            "name": f"{self.column('name').title}（更名，请核对后再同意）",
            "region_id": str(self.column("region").title),
            "owner_id": "建设单位",
            "competent_unit_id": "行业主管部门",
            "active": "在册",
        }
        return [
            {
                "title": titles[name],
                "before": self._shown(name, old),
                "after": self._shown(name, getattr(verdict.entry, name)),
            }
            for name, old in verdict.before.items()
        ]

    def _shown(self, name: str, value: object) -> str:
        if name == "region_id":
            return self._places.regions[value].name if value in self._places.regions else ""
        if name == "competent_unit_id":
            return self.department.short_name if self.department and value == self.department.pk else ""
        if isinstance(value, bool):
            return "是" if value else "否"
        choices: dict[Any, Any] = dict(getattr(self.model._meta.get_field(name), "flatchoices", ()))
        return str(choices.get(value, value) if value is not None else "")

    # --- Writing ----------------------------------------------------------------------------------

    def write(self, verdicts: Sequence[Verdict]) -> None:
        """New entries and changed ones in two statements, and a line of history each."""
        new: list[Entry] = []
        changed: list[Entry] = []
        fields = {"search_text"}
        for verdict in verdicts:
            if verdict.outcome == SheetRow.Outcome.NEW:
                verdict.entry.created_at = clock.now()
                new.append(verdict.entry)
            else:
                changed.append(verdict.entry)
                fields.update(verdict.before)
        for entry in [*new, *changed]:
            entry.refresh_search_text()
        entries = self.model._default_manager
        entries.bulk_create(new)
        if changed:
            entries.bulk_update(changed, sorted(fields))
        lines = [self._history_of(verdict) for verdict in verdicts]
        for verdict in verdicts:
            verdict.entry_id = verdict.entry.pk
            if verdict.outcome == SheetRow.Outcome.NEW:
                verdict.before = {}
        history.record_many(lines)
        for verdict in verdicts:
            if verdict.is_doubtful:
                refresh_search_about(verdict.entry)

    def _history_of(self, verdict: Verdict) -> RosterChange:
        is_new = verdict.outcome == SheetRow.Outcome.NEW
        return history.change_of(
            verdict.entry,
            source=RosterChange.Source.IMPORT,
            action=RosterChange.Action.ADDED if is_new else RosterChange.Action.CHANGED,
            before={} if is_new else verdict.before,
            after={name: getattr(verdict.entry, name) for name in verdict.before},
            by=self.sheet_import.confirmed_by or self.sheet_import.uploaded_by,
            sheet_import=self.sheet_import,
        )

    # --- A complete version: what it no longer holds ----------------------------------------------

    def gone(self) -> Iterator[Verdict]:
        """The unit's own entries that no row of the sheet can mean."""
        keys = keys_of(self.sheet_import.headers, self.columns)
        own = self.model._default_manager.active().kept_by(self.sheet_import.unit)
        for entry in own.select_related("region").order_by("pk"):
            if entry.pk not in self._held:
                cells = [self._cell(entry, key) for key in keys]
                yield Verdict(Draft(line=0, cells=cells), entry=entry, entry_id=entry.pk)

    def _cell(self, entry: Entry, key: str) -> str:
        if not key:
            return ""
        if key == "region":
            return entry.region.name
        return self._shown(key, getattr(entry, key))

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        entries = self.model._default_manager.active().filter(pk__in=entry_ids)
        going = list(entries.select_for_update(of=("self",)))
        before = {"active": True}
        history.record_many(
            history.change_of(
                entry,
                source=RosterChange.Source.IMPORT,
                action=RosterChange.Action.REMOVED,
                before=before,
                after={"active": False},
                by=self.sheet_import.confirmed_by or self.sheet_import.uploaded_by,
                sheet_import=self.sheet_import,
            )
            for entry in going
        )
        entries.filter(pk__in=[entry.pk for entry in going]).update(active=False)
        return {entry.pk: dict(before) for entry in going}

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        return RosterUndo(self.model, self.sheet_import).take_back(rows)

    def _as_stored(self, key: str, value: str | int) -> object:
        return date.fromisoformat(str(value)) if key == "founded_on" else value

    def _repeat_of(self, key: tuple, line: int, certain: bool = True) -> int | None:
        """The earlier line with the same key, where one of the two has nothing better to be known by."""
        earlier = self._seen.setdefault(key, (line, certain))
        return earlier[0] if earlier[0] != line and not (earlier[1] and certain) else None

    def _load(self, drafts: Sequence[Draft]) -> None:
        raise NotImplementedError

    def _find(self, draft: Draft) -> Entry | None:
        raise NotImplementedError

    def _refuse_repeats(self, draft: Draft) -> None:
        raise NotImplementedError

    def _may_mean(self, draft: Draft) -> set[int]:
        """The entries with the row's code or name, whatever else is wrong with the row."""
        raise NotImplementedError


def spellings(name: str) -> set[str]:
    """A name with full-width and with half-width brackets: the database compares letter by letter."""
    half = name.replace("（", "(").replace("）", ")")
    found = {name, half, half.replace("(", "（").replace(")", "）")}
    return found | {one.replace(" ", "") for one in found}


def _plain(name: str) -> str:
    """A name as it is compared: one way of writing brackets and letters, no blanks."""
    return normalise(name).replace(" ", "")


class EnterpriseJob(RosterJob[Enterprise]):
    columns = ENTERPRISE_COLUMNS
    model = Enterprise

    def check(self, draft: Draft) -> None:
        wrong = {error["key"] for error in draft.errors}
        codes = {"credit_code", "registration_number", "no_code_reason"}
        if not wrong & codes and not any(draft.text(key) for key in codes):
            draft.refuse(self.column("credit_code"), "没有代码的，请填注册号，或写明代码暂缺原因")

    def _load(self, drafts: Sequence[Draft]) -> None:
        """Three queries, whatever the number of rows."""
        known = Enterprise.objects.filter(district=self.district).select_related("merged_into")
        codes = {draft.text("credit_code") for draft in drafts} - {""}
        numbers = {draft.text("registration_number") for draft in drafts} - {""}
        names = {name for draft in drafts if draft.text("name") for name in spellings(draft.text("name"))}
        found: dict[int, Enterprise] = {}

        def load(rows: Iterable[Enterprise]) -> list[Enterprise]:
            # One object for one firm, also where two keys lead to it.
            return [found.setdefault(row.pk, row) for row in rows]

        self._by_code = {row.credit_code: row for row in load(known.filter(credit_code__in=codes))}
        self._by_number = {
            row.registration_number: row for row in load(known.filter(registration_number__in=numbers))
        }
        self._by_name: dict[tuple[str, int], list[Enterprise]] = {}
        self._named: dict[str, set[int]] = {}
        self._merged: dict[str, Enterprise] = {}
        for row in load(known.filter(name__in=names)):
            if row.merged_into is not None:
                self._merged[_plain(row.name)] = row.merged_into
                self._named.setdefault(_plain(row.name), set()).add(row.merged_into.pk)
                continue
            self._by_name.setdefault((_plain(row.name), row.region_id), []).append(row)
            self._named.setdefault(_plain(row.name), set()).add(row.pk)

    def _find(self, draft: Draft) -> Enterprise | None:
        by_code = self._by_code.get(draft.text("credit_code") or None)
        by_number = self._by_number.get(draft.text("registration_number") or None)
        if by_code and by_number and by_code.pk != by_number.pk:
            draft.refuse(
                self.column("registration_number"),
                f"{speak('底册')}中它属于“{by_number.name}”，与信用代码所属的“{by_code.name}”不是一家",
            )
            return None
        if known := by_code or by_number:
            self._refuse_contradiction(draft, known, by="credit_code" if by_code else "registration_number")
            return known
        return self._find_by_name(draft)

    def _may_mean(self, draft: Draft) -> set[int]:
        by_code = self._by_code.get(draft.text("credit_code") or None)
        by_number = self._by_number.get(draft.text("registration_number") or None)
        by_name = self._named.get(_plain(draft.text("name")), set())
        return {row.pk for row in (by_code, by_number) if row} | by_name

    def _refuse_contradiction(self, draft: Draft, known: Enterprise, by: str) -> None:
        # A credit code checks itself: under it another name is a new name, which somebody has to look at.
        if by != "credit_code" and _plain(known.name) != _plain(draft.text("name")):
            draft.refuse(
                self.column("name"),
                f"{speak('底册')}中这个{self.column(by).title}属于“{known.name}”：如已更名，请先在企业页面修改名称",
            )
        for key in _CODES:
            old, new = getattr(known, key), draft.text(key)
            if old and new and old != new:
                draft.refuse(
                    self.column(key),
                    f"{speak('底册')}中“{known.name}”的{self.column(key).title}是{old}，请核对",
                )

    def _find_by_name(self, draft: Draft) -> Enterprise | None:
        """A firm of the same name and place, unless its codes say that it is another one."""
        name = _plain(draft.text("name"))
        same_name = self._by_name.get((name, int(draft.values["region"])), [])
        if not same_name and (kept := self._merged.get(name)):
            draft.refuse(self.column("name"), f"已并入“{kept.name}”，请改用它的名称和代码，或删去这一行")
            return None
        fitting = [
            row
            for row in same_name
            if all(
                not getattr(row, key) or not draft.text(key) or getattr(row, key) == draft.text(key)
                for key in _CODES
            )
        ]
        if len(fitting) > 1:
            draft.refuse(
                self.column("name"), f"{speak('底册')}中该地有{len(fitting)}家同名企业，请填写代码以便区分"
            )
            return None
        return fitting[0] if fitting else None

    def _write(self, verdict: RosterVerdict[Enterprise], entry: Enterprise) -> None:
        super()._write(verdict, entry)
        if (entry.credit_code or entry.registration_number) and entry.no_code_reason:
            verdict.change(entry, "no_code_reason", "")

    def _refuse_repeats(self, draft: Draft) -> None:
        has_code = any(draft.text(key) for key in _CODES)
        for key in _CODES:
            if draft.text(key):
                earlier = self._repeat_of((key, draft.text(key)), draft.line, certain=False)
                if earlier:
                    draft.refuse(self.column(key), f"与第{earlier}行重复")
        if draft.text("name") and "region" in draft.values:
            key_of_name = ("name", _plain(draft.text("name")), draft.values["region"])
            earlier = self._repeat_of(key_of_name, draft.line, certain=has_code)
            if earlier:
                draft.refuse(self.column("name"), f"与第{earlier}行同名同地，请填写代码以便区分，或只留一行")


class ProjectJob(RosterJob[Project]):
    columns = PROJECT_COLUMNS
    model = Project

    def _load(self, drafts: Sequence[Draft]) -> None:
        """Two queries: the projects of these names, and the enterprises that build them."""
        names = {name for draft in drafts if draft.text("name") for name in spellings(draft.text("name"))}
        self._by_name = {
            normalise(row.name): row for row in Project.objects.filter(district=self.district, name__in=names)
        }
        owners = {
            name
            for draft in drafts
            if draft.text("owner_name")
            for name in spellings(draft.text("owner_name"))
        }
        self._owners: dict[str, list[int]] = {}
        firms = Enterprise.objects.filter(district=self.district, name__in=owners).values_list("pk", "name")
        for pk, name in firms:
            self._owners.setdefault(normalise(name), []).append(pk)

    def _find(self, draft: Draft) -> Project | None:
        return self._by_name.get(normalise(draft.text("name")))

    def _may_mean(self, draft: Draft) -> set[int]:
        found = self._find(draft)
        return {found.pk} if found else set()

    def _as_stored(self, key: str, value: str | int) -> object:
        return Decimal(str(value)) if key == "investment" else value

    def _write(self, verdict: RosterVerdict[Project], entry: Project) -> None:
        super()._write(verdict, entry)
        owners = self._owners.get(normalise(verdict.draft.text("owner_name")), [])
        if len(owners) == 1 and entry.owner_id != owners[0]:
            verdict.change(entry, "owner_id", owners[0])

    def _refuse_repeats(self, draft: Draft) -> None:
        if draft.text("name"):
            earlier = self._repeat_of(("name", _plain(draft.text("name"))), draft.line, certain=False)
            if earlier:
                draft.refuse(self.column("name"), f"与第{earlier}行重复")


def _places(district: Region) -> Places:
    """Townships and parks, also by the names of the offices that run them (经开区, 大通镇政府 …)."""
    offices = Unit.objects.of_district(district).active().filter(region__level__in=TERRITORIAL)
    names = [(name, unit.region_id) for unit in offices for name in (unit.name, unit.short_name)]
    names += [
        (f"{place.name}{office}", place.pk) for place in places(district) for office in ("政府", "人民政府")
    ]
    return Places(places(district), names)
