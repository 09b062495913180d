"""Taking an import of a roster back: as one, but never over what people did since.

What the import added goes again unless something hangs on it or it was changed since. What it changed gets its
earlier values back, field by field, unless one of these fields was changed since or its old code is taken.
"""

from collections.abc import Sequence
from typing import Any

from core.wording import speak
from enterprises import history
from enterprises.models import Enterprise, Project, RosterChange
from enterprises.relations import pointers, refresh_search_about
from imports.models import SheetImport, SheetRow

CODES = ("credit_code", "registration_number")


class RosterUndo:
    """For one kind of entry and one import; a chunk of rows costs a bounded number of queries."""

    def __init__(self, model: type[Enterprise] | type[Project], sheet_import: SheetImport) -> None:
        self.model: Any = model
        self.field = str(model._meta.model_name)
        self.sheet_import = sheet_import

    def take_back(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        """Why not, by line, for the rows that stay."""
        entries = self.model._default_manager.select_for_update(of=("self",)).in_bulk(
            [row.entry for row in rows if row.entry]
        )
        new = [row for row in rows if row.outcome == SheetRow.Outcome.NEW]
        reasons = self._remove(new, entries)
        others = [row for row in rows if row.outcome != SheetRow.Outcome.NEW]
        return reasons | self._restore(others, entries)

    # --- What was added -------------------------------------------------------------------------------

    def _remove(self, rows: Sequence[SheetRow], entries: dict[int, Any]) -> dict[int, str]:
        pks = [row.entry for row in rows if row.entry]
        changed = set(
            RosterChange.objects.filter(**{f"{self.field}__in": pks})
            .exclude(sheet_import=self.sheet_import)
            .exclude(sheet_import__state=SheetImport.State.UNDONE)
            .values_list(self.field, flat=True)
        )
        used = self._used(pks)
        reasons: dict[int, str] = {}
        for row in rows:
            if row.entry not in entries:
                reasons[row.line] = speak("入库后已从底册删除")
            elif row.entry in used:
                reasons[row.line] = f"已有{used[row.entry]}，保留在册"
            elif row.entry in changed:
                reasons[row.line] = "入库后又有改动，保留在册"
        going = [row.entry for row in rows if row.line not in reasons]
        self.model._default_manager.filter(pk__in=going).delete()
        return reasons

    def _used(self, pks: Sequence[int | None]) -> dict[int, str]:
        """What hangs on the entries besides their own history, in words."""
        used: dict[int, str] = {}
        for model, name in pointers(self.model):
            if model is RosterChange:
                continue
            held = model._base_manager.filter(**{f"{name}__in": pks}).values_list(name, flat=True).distinct()
            words = "其他企业并入它" if name == "merged_into" else str(model._meta.verbose_name)
            for pk in held:
                used.setdefault(pk, words)
        return used

    # --- What was changed or removed ------------------------------------------------------------------

    def _restore(self, rows: Sequence[SheetRow], entries: dict[int, Any]) -> dict[int, str]:
        written = {
            getattr(change, f"{self.field}_id"): change.after
            for change in RosterChange.objects.filter(
                sheet_import=self.sheet_import,
                **{f"{self.field}__in": [row.entry for row in rows if row.entry]},
            ).exclude(source=RosterChange.Source.UNDO)
        }
        taken = self._taken_codes(rows)
        reasons: dict[int, str] = {}
        restored: list[Any] = []
        lines: list[RosterChange] = []
        fields = {"search_text"}
        for row in rows:
            entry: Any = entries.get(row.entry or 0)
            after = written.get(row.entry or 0, {})
            reason = self._why_not(entry, row, after, taken)
            if reason:
                reasons[row.line] = reason
                continue
            before = self._values(row.before)
            lines.append(self._line(entry, before))
            for name, value in before.items():
                setattr(entry, name, value)
            entry.refresh_search_text()
            restored.append(entry)
            fields |= before.keys()
        if restored:
            self.model._default_manager.bulk_update(restored, sorted(fields), batch_size=200)
            history.record_many(lines)
        for line in lines:
            if "name" in line.after:
                refresh_search_about(line.entry)
        return reasons

    def _why_not(
        self, entry: Any, row: SheetRow, after: dict[str, Any], taken: dict[str, dict[str, int]]
    ) -> str:
        if entry is None:
            return speak("入库后已从底册删除")
        if getattr(entry, "merged_into_id", None):
            return "入库后已并入另一家企业"
        meant = self._values(after)
        if any(getattr(entry, name) != meant.get(name) for name in row.before):
            return "入库后又有改动，保留现在的内容"
        for name in CODES:
            holder = taken.get(name, {}).get(row.before.get(name) or "")
            if holder not in {None, entry.pk}:
                return "原来的代码已被另一家企业使用"
        return ""

    def _taken_codes(self, rows: Sequence[SheetRow]) -> dict[str, dict[str, int]]:
        """Who holds now the codes that would come back."""
        found: dict[str, dict[str, int]] = {}
        for name in CODES:
            wanted = [row.before[name] for row in rows if row.before.get(name)]
            if wanted:
                holders = self.model._default_manager.filter(
                    district=self.sheet_import.district_id, **{f"{name}__in": wanted}
                )
                found[name] = dict(holders.values_list(name, "pk"))
        return found

    def _values(self, kept: dict[str, Any]) -> dict[str, Any]:
        """What JSON kept, as the model holds it."""
        return {name: self.model._meta.get_field(name).to_python(value) for name, value in kept.items()}

    def _line(self, entry: Any, before: dict[str, Any]) -> RosterChange:
        comes_back = before.get("active") is True and not entry.active
        leaves = before.get("active") is False and entry.active
        action = RosterChange.Action.CHANGED
        if comes_back:
            action = RosterChange.Action.RESTORED
        elif leaves:
            action = RosterChange.Action.REMOVED
        return history.change_of(
            entry,
            source=RosterChange.Source.UNDO,
            action=action,
            before={name: getattr(entry, name) for name in before},
            after=before,
            by=self.sheet_import.undone_by,
            sheet_import=self.sheet_import,
        )
