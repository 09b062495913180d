"""Rows of a sheet held against the roster: new, changed, the same, or not to be trusted.

A firm is known by its credit code, else by its registration number, else by its exact name and place.
What a row leaves empty stays as it is, so an import never deletes anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from core.search import normalise
from districts.models import Region
from enterprises.models import Enterprise, Project, RosterImport, RosterRow
from enterprises.roster_rows import Draft
from enterprises.roster_sheet import COLUMNS, Column

Entry = TypeVar("Entry", Enterprise, Project)

_CODES = ("credit_code", "registration_number")


@dataclass
class Verdict(Generic[Entry]):
    """What becomes of a row; ``entry`` already carries the row's values, unsaved."""

    draft: Draft
    outcome: str = RosterRow.Outcome.BAD
    entry: Entry | None = None
    changed: list[str] = field(default_factory=list)
    """Names of the model's fields to be written."""


class Matcher(Generic[Entry]):
    """Judges an import's rows, chunk after chunk; remembers what the earlier chunks held."""

    kind: str
    model: type[Entry]

    def __init__(self, district: Region, scope: Region | None) -> None:
        self.district = district
        self.allowed = (
            set(Region.objects.subtree(scope).values_list("pk", flat=True)) if scope is not None else set()
        )
        self._seen: dict[tuple, tuple[int, bool]] = {}

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict[Entry]]:
        self._load(drafts)
        return [self._judge_one(draft) for draft in drafts]

    def _judge_one(self, draft: Draft) -> Verdict[Entry]:
        self._refuse_repeats(draft)
        verdict: Verdict[Entry] = Verdict(draft)
        self._refuse_foreign_place(draft)
        if draft.errors:
            return verdict
        entry = self._find(draft)
        if draft.errors:
            return verdict
        if entry is None:
            verdict.entry = self.model(district=self.district)
            self._write(verdict, verdict.entry)
            verdict.outcome = RosterRow.Outcome.NEW
        elif entry.region_id not in self.allowed:
            draft.refuse(self._column("region"), "底册中它属于其他乡镇办或园区，请联系牵头局调度员调整")
        else:
            self._write(verdict, entry)
            verdict.entry = entry
            verdict.outcome = RosterRow.Outcome.CHANGED if verdict.changed else RosterRow.Outcome.SAME
        return verdict

    def _refuse_foreign_place(self, draft: Draft) -> None:
        region_id = draft.values.get("region")
        if region_id is not None and region_id not in self.allowed:
            draft.refuse(self._column("region"), "不在您可维护的范围内")

    def _write(self, verdict: Verdict[Entry], entry: Entry) -> None:
        """Put the row's values on the entry and note which fields they change."""
        is_new = entry.pk is None
        for key, value in verdict.draft.values.items():
            name, new = ("region_id", int(value)) if key == "region" else (key, self._as_stored(key, value))
            old = getattr(entry, name)
            # Another way of writing the same name (full-width brackets …) is no change.
            same = old == new or (key == "name" and not is_new and normalise(old) == normalise(str(new)))
            if not same:
                setattr(entry, name, new)
                verdict.changed.append(key)
        if not entry.active:
            entry.active = True
            verdict.changed.append("active")

    def _as_stored(self, key: str, value: str | int) -> object:
        return value

    def _column(self, key: str) -> Column:
        return next(column for column in COLUMNS[self.kind] if column.key == key)

    def labels(self, changed: Iterable[str]) -> list[str]:
        """The columns' titles, for people."""
        titles = {column.key: column.title for column in COLUMNS[self.kind]}
        return [titles.get(key, "在册") for key in changed]

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


def spellings(name: str) -> set[str]:
    """A name with full-width and with half-width brackets: the database compares letter by letter."""
    half = name.replace("（", "(").replace("）", ")")
    return {name, half, half.replace("(", "（").replace(")", "）")}


class EnterpriseMatcher(Matcher[Enterprise]):
    kind = RosterImport.Kind.ENTERPRISES
    model = Enterprise

    def _load(self, drafts: Sequence[Draft]) -> None:
        """Three queries, whatever the number of rows."""
        known = Enterprise.objects.filter(district=self.district)
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
        for row in load(known.filter(name__in=names)):
            self._by_name.setdefault((normalise(row.name), row.region_id), []).append(row)

    def _find(self, draft: Draft) -> Enterprise | None:
        by_code = self._by_code.get(draft.text("credit_code") or None)
        by_number = self._by_number.get(draft.text("registration_number") or None)
        if by_code and by_number and by_code.pk != by_number.pk:
            draft.refuse(
                self._column("registration_number"),
                f"底册中它属于“{by_number.name}”，与信用代码所属的“{by_code.name}”不是一家",
            )
            return None
        if known := by_code or by_number:
            self._refuse_contradiction(draft, known, by="credit_code" if by_code else "registration_number")
            return known
        return self._find_by_name(draft)

    def _refuse_contradiction(self, draft: Draft, known: Enterprise, by: str) -> None:
        if normalise(known.name) != normalise(draft.text("name")):
            draft.refuse(
                self._column("name"),
                f"底册中这个{self._column(by).title}属于“{known.name}”：如已更名，请先在企业页面修改名称",
            )
        for key in _CODES:
            old, new = getattr(known, key), draft.text(key)
            if old and new and old != new:
                draft.refuse(
                    self._column(key), f"底册中“{known.name}”的{self._column(key).title}是{old}，请核对"
                )

    def _find_by_name(self, draft: Draft) -> Enterprise | None:
        """A firm of the same name and place, unless its codes say that it is another one."""
        same_name = self._by_name.get((normalise(draft.text("name")), int(draft.values["region"])), [])
        fitting = [
            row
            for row in same_name
            if all(
                not getattr(row, key) or not draft.text(key) or getattr(row, key) == draft.text(key)
                for key in _CODES
            )
        ]
        if len(fitting) > 1:
            draft.refuse(self._column("name"), f"底册中该地有{len(fitting)}家同名企业，请填写代码以便区分")
            return None
        return fitting[0] if fitting else None

    def _write(self, verdict: Verdict[Enterprise], entry: Enterprise) -> None:
        super()._write(verdict, entry)
        if (entry.credit_code or entry.registration_number) and entry.no_code_reason:
            entry.no_code_reason = ""
            if "no_code_reason" in verdict.changed:
                verdict.changed.remove("no_code_reason")
            else:
                verdict.changed.append("no_code_reason")

    def _refuse_repeats(self, draft: Draft) -> None:
        has_code = any(draft.text(key) for key in _CODES)
        for key in _CODES:
            if draft.text(key):
                earlier = self._repeat_of((key, draft.text(key)), draft.line, certain=False)
                if earlier:
                    draft.refuse(self._column(key), f"与第{earlier}行重复")
        if draft.text("name") and "region" in draft.values:
            key_of_name = ("name", normalise(draft.text("name")), draft.values["region"])
            earlier = self._repeat_of(key_of_name, draft.line, certain=has_code)
            if earlier:
                draft.refuse(self._column("name"), f"与第{earlier}行同名同地，请填写代码以便区分，或只留一行")


class ProjectMatcher(Matcher[Project]):
    kind = RosterImport.Kind.PROJECTS
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

    def _as_stored(self, key: str, value: str | int) -> object:
        return Decimal(str(value)) if key == "investment" else value

    def _write(self, verdict: Verdict[Project], entry: Project) -> None:
        super()._write(verdict, entry)
        owners = self._owners.get(normalise(verdict.draft.text("owner_name")), [])
        if len(owners) == 1 and entry.owner_id != owners[0]:
            entry.owner_id = owners[0]
            verdict.changed.append("owner")

    def labels(self, changed: Iterable[str]) -> list[str]:
        keys = ["owner_name" if key == "owner" else key for key in changed]
        return super().labels(dict.fromkeys(keys))

    def _refuse_repeats(self, draft: Draft) -> None:
        if draft.text("name"):
            earlier = self._repeat_of(("name", normalise(draft.text("name"))), draft.line, certain=False)
            if earlier:
                draft.refuse(self._column("name"), f"与第{earlier}行重复")


MATCHERS: dict[str, type[EnterpriseMatcher] | type[ProjectMatcher]] = {
    RosterImport.Kind.ENTERPRISES: EnterpriseMatcher,
    RosterImport.Kind.PROJECTS: ProjectMatcher,
}
