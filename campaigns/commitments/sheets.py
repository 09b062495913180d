"""The 履约清单 from a sheet: what each unit found, a row each.

A row is known by its kind, title and firm among those that are running; what is known already is left as it is,
the rest is new. What an undo takes back is withdrawn, with its history, unless somebody worked on it since.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from appeals.backlog_rules import tidy_course
from campaigns.commitments.services.columns import COLUMNS
from campaigns.commitments.services.commitments import withdraw, write_commitment
from campaigns.commitments.services.parts import locked_commitments
from campaigns.commitments.services.rules import (
    Course,
    Debtor,
    Promise,
    Register,
    may_manage,
    tidy,
)
from campaigns.commitments.services.rules import (
    Kind as CommitmentKind,
)
from campaigns.models import Commitment
from core.search import normalise
from enterprises.models import Enterprise, Project
from enterprises.named import NamedFirms, plain
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow
from liaisons.officer_sheets import UnitNames

NEW, SAME = SheetRow.Outcome.NEW, SheetRow.Outcome.SAME
UNDONE = "撤销导入"


class CommitmentJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self._book = Register(sheet_import.district)
        units = Unit.objects.of_district(sheet_import.district).active().select_related("region")
        self._names = UnitNames(units)
        self._lines: dict[tuple[str, str, str], int] = {}

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"unit": self._names.clean}

    # --- Judging: three queries a chunk ---------------------------------------------------------------

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        self._load(drafts)
        return [self._judge_one(draft) for draft in drafts]

    def _load(self, drafts: Sequence[Draft]) -> None:
        names = {draft.text("subject") for draft in drafts}
        codes = {draft.text("code") for draft in drafts} - {""}
        titles = {plain(draft.text("title")) for draft in drafts} - {""}
        self._firms = NamedFirms(self.sheet_import.uploaded_by, names=names, codes=codes)
        known = Commitment.objects.running().filter(district=self.sheet_import.district, title__in=titles)
        self._known = {
            _key(one.kind, one.title, one.subject_name): one
            for one in known.select_related("enterprise", "project")
        }

    def _judge_one(self, draft: Draft) -> Verdict:
        verdict = Verdict(draft)
        subject = self._subject(draft)
        whom = subject.name if subject else draft.text("subject")
        key = _key(draft.text("kind"), draft.text("title"), whom)
        earlier = self._lines.setdefault(key, draft.line)
        if earlier != draft.line and not draft.errors:
            draft.refuse(self.column("title"), f"与第{earlier}行是同一件")
        if draft.errors:
            return verdict
        known = self._known.get(key)
        if known is not None:
            verdict.outcome, verdict.entry_id = SAME, known.pk
            return verdict
        promise, course = self._promise(draft, subject), self._course(draft)
        wrong = self._book.of_promise(promise) | self._book.of_course(course)
        columns = {column.key for column in self.columns}
        for name, text in wrong.items():
            shown = {"claimed_name": "subject", "debtor_unit": "debtor_name"}.get(name, name)
            draft.refuse(self.column(shown if shown in columns else "title"), text.removesuffix("。"))
        if not draft.errors:
            verdict.entry, verdict.outcome = (promise, course), NEW
        return verdict

    def _subject(self, draft: Draft) -> Enterprise | Project | None:
        try:
            return self._firms.find(draft.text("subject"), draft.text("code"))
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                draft.refuse(self.column("subject" if name == "name" else name), "".join(texts))
            return None

    def _promise(self, draft: Draft, subject: Enterprise | Project | None) -> Promise:
        kind, debtor, owing = draft.text("kind"), draft.text("debtor"), plain(draft.text("debtor_name"))
        debtor_unit = None
        if kind == CommitmentKind.DEBT and debtor == Debtor.UNIT and owing:
            try:
                debtor_unit = self._names.units[self._names.clean(owing)]
            except ValidationError as error:
                draft.refuse(self.column("debtor_name"), "".join(error.messages))
        return tidy(
            Promise(
                kind=kind,
                title=draft.text("title"),
                content=draft.text("content"),
                unit=self._names.units[int(draft.values["unit"])],
                made_on=date.fromisoformat(draft.text("made_on")),
                contract=draft.text("contract"),
                subject=subject,
                claimed_name="" if subject else draft.text("subject"),
                debtor=debtor,
                debtor_unit=debtor_unit,
                debtor_name=owing,
                amount=_money(draft, "amount"),
                acknowledged=_money(draft, "acknowledged"),
                basis=draft.text("basis"),
                contract_due_on=_day(draft, "contract_due_on"),
            )
        )

    def _course(self, draft: Draft) -> Course:
        return tidy_course(
            Course(
                classification=draft.text("classification"),
                due_on=date.fromisoformat(draft.text("due_on")),
                plan=draft.text("plan"),
                route=draft.text("route"),
                next_step=draft.text("next_step"),
            )
        )

    # --- Writing ----------------------------------------------------------------------------------

    def write(self, verdicts: Sequence[Verdict]) -> None:
        by = self.sheet_import.confirmed_by or self.sheet_import.uploaded_by
        for verdict in verdicts:
            promise, course = verdict.entry
            commitment = write_commitment(
                by=by,
                district=self.sheet_import.district,
                promise=promise,
                course=course,
                sheet_import=self.sheet_import,
            )
            verdict.entry_id = commitment.pk

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        """Complete versions make no sense here: nothing is ever proposed to be removed."""
        return {}

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        by = self.sheet_import.undone_by or self.sheet_import.uploaded_by
        commitments = {one.pk: one for one in locked_commitments([row.entry for row in rows if row.entry])}
        reasons = {}
        for row in rows:
            commitment = commitments.get(row.entry or 0)
            # A new one has one event, its being recorded; whatever came later is somebody's work.
            if commitment is None or commitment.version != 1:
                reasons[row.line] = "入库后又有办理，保留现在的内容"
            else:
                withdraw(by=by, commitment=commitment, reason=UNDONE)
        return reasons


def _key(kind: str, title: str, whom: str) -> tuple[str, str, str]:
    return kind, normalise(title), normalise(whom)


def _money(draft: Draft, key: str) -> Decimal | None:
    return Decimal(draft.text(key)) if draft.text(key) else None


def _day(draft: Draft, key: str) -> date | None:
    return date.fromisoformat(draft.text(key)) if draft.text(key) else None


class CommitmentSheet(Kind):
    """By those who keep the list."""

    code, label = "commitments", "履约清单"
    columns = COLUMNS
    back, back_label = "campaigns:commitments", "履约践诺"
    shown = ("kind", "title", "subject", "unit", "amount", "classification", "due_on")
    notes = (
        "每件一行，不合并单元格，不用公式。导入只新增：清单上已有的（类别、事项、企业都相同）不改动。",
        "拖欠账款一律不公开；公开承诺导入后，在它的页面上逐件公开。",
    )

    def may_upload(self, user: User) -> bool:
        return may_manage(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        assert user.unit is not None
        return {"unit": [unit.short_name for unit in Register(user.unit.district).units.values()]}

    def job(self, sheet_import: SheetImport) -> Job:
        return CommitmentJob(sheet_import)
