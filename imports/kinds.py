"""What can be imported from a sheet. A room registers its kinds in its ``AppConfig.ready``.

A kind says which columns its sheet has, who may upload one, and opens a job. A job judges rows against
the database, writes what was approved and takes it back again; how a file travels from the upload to the
database, with progress, previews and claims, is the business of ``imports.engine``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Role, Unit, User
from core.sheets import Column, Layout, says_nothing
from core.xlsx import Cell, Row
from districts.models import Region
from imports.models import SheetImport, SheetRow

Values = dict[str, Any]


@dataclass
class Draft:
    """A row on its way in. ``values`` hold, by column key, what JSON can keep and the job can store."""

    line: int
    cells: list[str]
    values: Values = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, column: Column, text: str) -> None:
        title = "" if text.startswith(str(column.title)) else str(column.title)
        self.errors.append({"key": column.key, "title": title, "text": text})

    def text(self, key: str) -> str:
        return str(self.values.get(key, ""))


@dataclass
class Verdict:
    """What becomes of a row.

    ``changes`` is for people: which column, from what, to what. ``entry`` is the job's own object; once
    written, ``entry_id`` and ``before`` (field -> stored value) are kept with the row, for the undo.
    """

    draft: Draft
    outcome: str = SheetRow.Outcome.BAD
    changes: list[dict[str, str]] = field(default_factory=list)
    entry: Any = None
    entry_id: int | None = None
    before: Values = field(default_factory=dict)
    is_doubtful: bool = False
    """Somebody has to say yes to this row in particular: it is not approved beforehand."""


class Job:
    """One pass over one import. Loads what it needs once; remembers what earlier chunks held."""

    columns: Sequence[Column]

    def __init__(self, sheet_import: SheetImport) -> None:
        self.sheet_import = sheet_import

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        """Cleaners by column key that need the database; the others are on the columns."""
        return {}

    def check(self, draft: Draft) -> None:
        """What only the whole row can tell; errors go to the draft."""

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """One verdict a draft, in a bounded number of queries a chunk. BAD for a draft with errors."""
        raise NotImplementedError

    def gone(self) -> Iterable[Verdict]:
        """After all rows of a complete sheet: entries it no longer holds.

        Each with its ``entry_id`` and, in the order of the sheet's heads, the cells the preview shows.
        """
        return ()

    def write(self, verdicts: Sequence[Verdict]) -> None:
        """Store the NEW and CHANGED ones, with ``entry_id`` and ``before``; called inside a transaction."""
        raise NotImplementedError

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        """Take entries out that a complete sheet no longer holds; what was before, by entry."""
        raise NotImplementedError

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        """Take applied rows back; why not, by line, for those that were changed since or are in use."""
        raise NotImplementedError

    # Reading is the same for every kind.

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def read(self, row: Row, layout: Layout) -> Draft:
        """The row's values, and every error of every cell at once."""
        texts = row.texts()[: layout.width]
        draft = Draft(line=row.line, cells=texts + [""] * (layout.width - len(texts)))
        cleaners = self.cleaners()
        for column in self.columns:
            place = layout.places.get(column.key)
            if place is not None:
                cell = row.cells[place] if place < len(row.cells) else Cell()
                self._take(draft, column, cell, cleaners.get(column.key) or column.clean)
        self.check(draft)
        return draft

    def _take(self, draft: Draft, column: Column, cell: Cell, clean: Callable[[str], Any] | None) -> None:
        if cell.problem:
            draft.refuse(column, cell.problem)
            return
        if says_nothing(cell.text):
            if column.needed:
                draft.refuse(column, "必填")
            return
        try:
            value = clean(cell.text) if clean else cell.text
        except ValidationError as error:
            draft.refuse(column, "".join(error.messages))
            return
        if isinstance(value, str) and len(value) > column.max_length:
            draft.refuse(column, f"有{len(value)}字，最多{column.max_length}字")
            return
        draft.values[column.key] = value


class Kind:
    """A kind of sheet. Subclass it, set the attributes, and :func:`register` an instance."""

    code: str
    label: str
    columns: tuple[Column, ...]
    back: str
    """URL name of the page the import belongs to, and what its link says."""
    back_label: str
    notes: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """Columns of the preview."""
    halves: bool = False
    """Complete half-yearly versions make sense for it."""
    complete_help: str = ""
    kept: tuple[str, ...] = ()
    """What an undo leaves in place whatever happens, said before it is asked for."""

    def columns_in(self, district: Region) -> tuple[Column, ...]:
        """The columns of a district's sheet, where its profile has a say in how they are called."""
        return self.columns

    def may_upload(self, user: User) -> bool:
        raise NotImplementedError

    def may_confirm(self, user: User, sheet_import: SheetImport) -> bool:
        """Who may upload such a sheet, and for no less than the uploader: what is written is checked against them."""
        covers = user.has_role(Role.DISPATCHER) or not sheet_import.uploaded_by.has_role(Role.DISPATCHER)
        return covers and self.may_upload(user)

    def reporters(self, user: User) -> Sequence[Unit]:
        """The units whose complete versions the user may upload: the own one, or also others on their behalf."""
        return [user.unit] if user.unit else []

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        """Words for the template's drop-downs that are not the same for everybody, by column key."""
        return {}

    def job(self, sheet_import: SheetImport) -> Job:
        raise NotImplementedError


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _KINDS[kind.code] = kind


def kind_of(code: str) -> Kind | None:
    return _KINDS.get(code)


def kinds_for(user: User) -> list[Kind]:
    """What this user may upload."""
    return [kind for kind in _KINDS.values() if kind.may_upload(user)]
