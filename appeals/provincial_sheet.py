"""The provincial platform's sheet coming back: numbers and results filled in, previewed row by row.

An appeal is known by our number, else by its provincial one. A number goes through the one door; a result
is kept beside the appeal and changes nothing of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from appeals.models import Appeal, ProvincialResult
from appeals.perform import Refused
from appeals.policies import RECORDERS
from appeals.provincial import LONGEST, clean_provincial_number, kept_by, record_result, taken
from appeals.provincial_entry import ENTER, enter_number, may_enter
from core import clock
from core.search import normalise
from core.sheets import Column, clean_day
from core.wording import speak
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.provincial import FIELDS, READ
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow

Outcome = SheetRow.Outcome
NUMBER, PROVINCIAL, STATUS, RESULT, DAY = READ
_LENGTHS = {NUMBER: 30, PROVINCIAL: LONGEST, STATUS: 40, RESULT: 2000, DAY: 20}
_WIDTHS = {NUMBER: 20, PROVINCIAL: 24, RESULT: 50}


def _number(text: str) -> str:
    return normalise(text).replace(" ", "").upper()


def columns_of(rules: Rules) -> tuple[Column, ...]:
    """The columns that are read, called as the district's profile calls them."""
    platform = rules.provincial
    hints = {
        NUMBER: "本平台的编号，导出的表里已有",
        PROVINCIAL: f"{platform.name}给的编号，{platform.number_hint}",
        STATUS: "、".join(status.label for status in platform.statuses),
        RESULT: f"{platform.name}上的办理结果",
        DAY: "如 2026-03-01，不填为导入当天",
    }
    states = tuple(status.label for status in platform.statuses)
    return tuple(
        Column(
            field,
            platform.column(field).title,
            _LENGTHS[field],
            hints[field],
            _WIDTHS.get(field, 16),
            expected=field == PROVINCIAL,
            aliases=(*platform.column(field).aliases, FIELDS[field]),
            choices=states if field == STATUS else (),
            clean=clean_day if field == DAY else None,
        )
        for field in READ
    )


class ProvincialJob(Job):
    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self.rules = DistrictProfile.objects.in_force(sheet_import.district).rules
        self.columns = columns_of(self.rules)
        self.user = sheet_import.confirmed_by or sheet_import.uploaded_by
        self._lines: dict[int, int] = {}
        self._numbers: dict[str, int] = {}

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {
            NUMBER: _number,
            PROVINCIAL: lambda text: clean_provincial_number(text, self.rules),
            STATUS: self._status,
        }

    def _status(self, text: str) -> str:
        status = self.rules.provincial.status_of(text)
        if not status:
            known = "、".join(status.label for status in self.rules.provincial.statuses)
            raise ValidationError(f"“{text[:40]}”不认识，应为{known}，或在区县配置中补充对应的说法")
        return status

    def check(self, draft: Draft) -> None:
        if not draft.errors and not draft.text(NUMBER) and not draft.text(PROVINCIAL):
            draft.refuse(self.column(NUMBER), "与省平台编号至少填一个，否则认不出是哪件诉求")
        if draft.text(DAY) > clock.today().isoformat():
            draft.refuse(self.column(DAY), "晚于今天，请核对")
        if not draft.text(STATUS) and (draft.text(RESULT) or draft.text(DAY)) and not draft.errors:
            draft.refuse(self.column(STATUS), "有结果或日期的，须填状态")

    # --- What a chunk needs, in a bounded number of queries -------------------------------------------

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        numbers = {draft.text(NUMBER) for draft in drafts} - {""}
        provincial = {draft.text(PROVINCIAL) for draft in drafts} - {""}
        district = self.sheet_import.district
        wanted = Q(number__in=numbers) | Q(provincial_number__in=provincial)
        mine = kept_by(self.user).filter(wanted, district=district)
        if self.sheet_import.state == SheetImport.State.APPLYING:
            # Whoever enters one of these numbers by the page waits for us.
            ids = list(mine.order_by("pk").values_list("pk", flat=True))
            list(Appeal.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        found = list(
            mine.select_related("profile", "district", "collecting_unit", "lead_unit")
            .defer("profile__data", "content", "search_text")
            .prefetch_related("provincial_results")
        )
        self._by_number = {appeal.number: appeal for appeal in found}
        self._by_provincial = {
            appeal.provincial_number: appeal for appeal in found if appeal.provincial_number
        }
        self._holders = dict(
            Appeal.objects.filter(district=district, provincial_number__in=provincial).values_list(
                "provincial_number", "pk"
            )
        )
        return [self._judge_one(draft) for draft in drafts]

    # --- One row --------------------------------------------------------------------------------------

    def _judge_one(self, draft: Draft) -> Verdict:
        verdict = Verdict(draft)
        if draft.errors:
            return verdict
        appeal = self._appeal(draft)
        if appeal is None:
            return verdict
        changes = self._changes(draft, appeal)
        earlier = self._lines.setdefault(appeal.pk, draft.line)
        if earlier != draft.line:
            draft.refuse(self.column(NUMBER), f"与第{earlier}行是同一件诉求，请只保留一行")
        elif changes:
            self._refuse_what_is_not_theirs(draft, appeal)
            self._refuse_conflicts(draft, appeal)
        if draft.errors:
            return verdict
        verdict.entry, verdict.entry_id, verdict.changes = appeal, appeal.pk, changes
        verdict.outcome = Outcome.CHANGED if changes else Outcome.SAME
        return verdict

    def _appeal(self, draft: Draft) -> Appeal | None:
        """The row's appeal, if it is on the user's list."""
        ours, theirs = draft.text(NUMBER), draft.text(PROVINCIAL)
        found = self._by_number.get(ours) if ours else self._by_provincial.get(theirs)
        if found is None:
            column = self.column(NUMBER if ours else PROVINCIAL)
            draft.refuse(column, "台账中没有这个编号，或不是您可以录入的诉求")
        return found

    def _changes(self, draft: Draft, appeal: Appeal) -> list[dict[str, str]]:
        before = {PROVINCIAL: appeal.provincial_number}
        after = {PROVINCIAL: draft.text(PROVINCIAL) or appeal.provincial_number}
        if draft.text(STATUS) and self._is_news(draft, appeal):
            last = next(iter(appeal.provincial_results.all()), None)
            if last is not None:
                before |= {STATUS: last.status, RESULT: last.text, DAY: last.on.isoformat()}
            day = draft.text(DAY) or clock.today().isoformat()
            after |= {STATUS: draft.text(STATUS), RESULT: draft.text(RESULT), DAY: day}
        return [
            {"title": self.column(key).title, "before": before.get(key, ""), "after": words}
            for key, words in after.items()
            if words != before.get(key, "")
        ]

    def _refuse_what_is_not_theirs(self, draft: Draft, appeal: Appeal) -> None:
        column = self.column(NUMBER)
        if appeal.status in ENTER.sources:
            if not may_enter(self.user, appeal):
                draft.refuse(column, f"由收集单位（{appeal.collecting_unit}）或{speak('牵头局')}调度员录入")
        elif not appeal.provincial_number:
            draft.refuse(column, f"这件诉求是“{appeal.get_status_display()}”，不录入省平台")

    def _refuse_conflicts(self, draft: Draft, appeal: Appeal) -> None:
        column, number = self.column(PROVINCIAL), draft.text(PROVINCIAL)
        if not number:
            if not appeal.provincial_number:
                draft.refuse(column, "还没有编号，不能登记省平台结果")
            return
        if appeal.provincial_number not in {"", number}:
            draft.refuse(
                column,
                f"已录入 {appeal.provincial_number}，与表中不同；确需更正的，请在“省平台录入”页逐件更正",
            )
            return
        if self._holders.get(number, appeal.pk) != appeal.pk:
            other = self._by_provincial.get(number)
            draft.refuse(column, taken(number, other.number if other else ""))
            return
        earlier = self._numbers.setdefault(number, draft.line)
        if earlier != draft.line:
            draft.refuse(column, f"与第{earlier}行重复")

    @staticmethod
    def _is_news(draft: Draft, appeal: Appeal) -> bool:
        """Not told before: without a day it is compared with what was told last."""
        told = list(appeal.provincial_results.all())
        if not draft.text(DAY):
            told = told[:1]
        return not any(
            (one.status, one.text) == (draft.text(STATUS), draft.text(RESULT))
            and draft.text(DAY) in {"", one.on.isoformat()}
            for one in told
        )

    # --- Writing and taking back ----------------------------------------------------------------------

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            try:
                verdict.before = self._write_one(verdict.draft, verdict.entry)
            except (ValidationError, Refused) as refused:
                words = refused.messages if isinstance(refused, ValidationError) else [refused.message]
                verdict.draft.refuse(self.column(PROVINCIAL), "".join(words))
                verdict.outcome, verdict.entry_id, verdict.changes = Outcome.BAD, None, []

    def _write_one(self, draft: Draft, appeal: Appeal) -> Values:
        number = draft.text(PROVINCIAL)
        written: Values = {}
        if number and number != appeal.provincial_number:
            enter_number(appeal=appeal, number=number, by=self.user)
            written["number"] = number
        if draft.text(STATUS) and self._is_news(draft, appeal):
            result = record_result(
                appeal=appeal,
                status=draft.text(STATUS),
                text=draft.text(RESULT),
                on=date.fromisoformat(draft.text(DAY)) if draft.text(DAY) else None,
                by=self.user,
                sheet_import=self.sheet_import,
            )
            written["result"] = result.pk
        return written

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        raise NotImplementedError("The provincial platform's sheet has no complete versions.")

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        """Results go; a number that was recorded is an event, and events are never taken back."""
        results = [row.before["result"] for row in rows if "result" in row.before]
        ProvincialResult.objects.filter(pk__in=results, sheet_import=self.sheet_import).delete()
        return {
            row.line: ("省平台结果已撤销；" if "result" in row.before else "") + KEPT
            for row in rows
            if "number" in row.before
        }


KEPT = "省平台编号已记入办理过程，不能撤销；录错的，请在“省平台录入”页更正为正确的编号"


class ProvincialSheet(Kind):
    code, label = "provincial", "省平台编号和结果"
    back, back_label = "appeals:provincial", "省平台录入"
    shown = READ[:3]
    notes = (
        "先在“省平台录入”导出，在省平台录入后把编号、状态和结果填回同一张表，再上传；省平台导出的表也可以。",
        "按诉求编号认诉求；没有诉求编号的，按已录入的省平台编号认。其余栏目只供查看，改了也不读。",
        "状态、结果和日期只作记录，不改变本平台的办理状态。",
    )
    kept = (f"{KEPT}。",)
    columns: tuple[Column, ...] = ()

    def columns_in(self, district: Region) -> tuple[Column, ...]:
        return columns_of(DistrictProfile.objects.in_force(district).rules)

    def may_upload(self, user: User) -> bool:
        return user.unit_id is not None and user.has_role(*RECORDERS)

    def job(self, sheet_import: SheetImport) -> Job:
        return ProvincialJob(sheet_import)
