"""Financing needs from a sheet, as banks and townships send them round by round.

A need is known by its firm and purpose among those that still run; one that was handed to banks is left as it is. A row
is taken back as long as the need was not handed on.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from campaigns.models import FinancingNeed
from campaigns.needs.permissions import may_keep_need, may_record_financing
from campaigns.needs.services import financing
from campaigns.needs.sheet_parts import CODE, FIRM, NeedsJob, choice_of, labels_of, of_firms
from core.phones import clean_contact_phone
from core.search import normalise
from core.sheets import Column, clean_amount
from core.wording import spoken
from core.xlsx import cell_text
from enterprises.models import Enterprise, Project
from imports.kinds import Draft, Job, Kind, Verdict
from imports.models import SheetImport, SheetRow

NEW, CHANGED, SAME = SheetRow.Outcome.NEW, SheetRow.Outcome.CHANGED, SheetRow.Outcome.SAME
State = FinancingNeed.State


def clean_months(text: str) -> Any:
    """12, 12个月, 1年, 半年."""
    plain = normalise(text).replace(" ", "")
    if plain == "半年":
        return 6
    is_years, number = plain.endswith("年"), plain.removesuffix("年")
    for unit in ("个月", "月"):
        number = number.removesuffix(unit)
    if not number.isascii() or not number.isdigit() or len(number) > 3:
        raise ValidationError("请写月数，如 12；或写成 1年")
    return int(number) * (12 if is_years else 1)


COLUMNS = (
    FIRM,
    CODE,
    Column("amount", "需求金额（万元）", 20, "以万元为单位，如 300", 16, needed=True,
           aliases=("需求金额", "融资金额（万元）", "融资金额", "金额（万元）", "金额"), clean=clean_amount),
    Column("purpose", "用途", 200, "如：购原料、技改设备", 30, needed=True, aliases=("融资用途", "资金用途", "贷款用途")),
    Column("term_months", "期限（月）", 10, "如 12；或写 1年", 12, needed=True, aliases=("期限", "融资期限"), clean=clean_months),
    Column("guarantee", "可提供的担保", 40, "从下拉框选", 22, needed=True, aliases=("担保方式", "担保", "抵押担保")),
    Column("current_bank", "现合作银行", 60, "没有可不填", 20, aliases=("合作银行", "开户银行")),
    Column("contact_name", "联系人", 50, "", 12),
    Column("contact_phone", "联系电话", 30, "", 16, aliases=("电话",), clean=clean_contact_phone, private=True),
)  # fmt: skip


class FinancingJob(NeedsJob):
    columns = COLUMNS

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"guarantee": choice_of(self.rules, "guarantees")}

    def facts(self, draft: Draft, need: FinancingNeed | None = None) -> financing.NeedFacts:
        """What a row leaves empty stays as it is in the list."""
        given: dict[str, Any] = {name: draft.values.get(name) for name in financing.FIELDS}
        if given["amount"] is not None:
            given["amount"] = Decimal(given["amount"])
        empty = financing.NeedFacts()
        for name, value in given.items():
            if value in (None, ""):
                given[name] = getattr(need or empty, name)
        return financing.NeedFacts(**given)

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """Three queries a chunk."""
        named = self.firms(drafts)
        firms = {draft.line: self.firm_of(draft, named) for draft in drafts}
        running = FinancingNeed.objects.filter(
            of_firms(firms.values()),
            district=self.district,
            state__in=[State.PENDING, *FinancingNeed.RUNNING],
        )
        known = {
            (one.subject, normalise(one.purpose)): one
            for one in running.select_related("enterprise", "project", "unit", "region").order_by("pk")
        }
        return [self._judge(draft, firms[draft.line], known) for draft in drafts]

    def _judge(
        self, draft: Draft, firm: Enterprise | Project | None, known: Mapping[Any, FinancingNeed]
    ) -> Verdict:
        verdict = Verdict(draft)
        key = (firm or draft.text("firm"), normalise(draft.text("purpose")))
        if not self.once(draft, *key) or draft.errors:
            return verdict
        need = known.get(key)
        facts = self.facts(draft, need)
        try:
            checked = financing.checked(facts, self.rules)
        except ValidationError as error:
            self.refuse(draft, error)
            return verdict
        if need is None:
            verdict.outcome, verdict.entry = NEW, firm
            return verdict
        verdict.entry, verdict.entry_id = need, need.pk
        for name, new in checked.items():
            old = getattr(need, name)
            if new != old:
                verdict.before[name] = str(old) if isinstance(old, Decimal) else old
                shown = [self._shown(name, value) for value in (old, new)]
                verdict.changes.append(
                    {"title": self.column(name).title, "before": shown[0], "after": shown[1]}
                )
        verdict.outcome = CHANGED if verdict.before else SAME
        if verdict.before and not may_keep_need(self.by, need):
            draft.refuse(self.column("firm"), f"这个需求由{need.unit}摸排，请与其联系")
        elif verdict.before and need.state not in {State.PENDING, State.OPEN}:
            draft.refuse(
                self.column("firm"),
                f"这个需求已在办理（{need.get_state_display()}），不能再改，请在它的页面上办理",
            )
        if draft.errors:
            return Verdict(draft)
        return verdict

    def _shown(self, name: str, value: Any) -> str:
        if name == "guarantee":
            return self.rules.label("guarantees", str(value))
        return str(cell_text(value) if isinstance(value, Decimal) else value)

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.outcome == NEW:
                facts = self.facts(verdict.draft)
                made = financing.record_need(by=self.by, facts=facts, subject=verdict.entry)
                verdict.entry_id = made.pk
                continue
            facts = self.facts(verdict.draft, verdict.entry)
            financing.change_need(by=self.by, need=verdict.entry, facts=facts)

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        reasons = {}
        for row in rows:
            need = FinancingNeed.objects.filter(pk=row.entry or 0).select_for_update(of=("self",)).first()
            if need is None:
                reasons[row.line] = "入库后已删除"
            elif need.state not in {State.PENDING, State.OPEN} or need.dispatches.exists():
                reasons[row.line] = "入库后已经交办或结束，保留"
            elif row.outcome == NEW:
                need.delete()
            else:
                FinancingNeed.objects.filter(pk=need.pk).update(**row.before)
        return reasons


class FinancingSheet(Kind):
    code, label = "financing_needs", "融资需求"
    columns = COLUMNS
    back, back_label = "campaigns:financing", "融资需求"
    shown = ("firm", "amount", "purpose", "term_months", "guarantee")
    notes = (
        spoken("每个需求一行，列入本轮摸排。企业名称须与底册一致；金额以万元为单位，1.2亿元写 12000。"),
        "同一企业同一用途的需求还没有交办的，按表更新，留空的不改；已经交办的不再改。",
    )

    def may_upload(self, user: User) -> bool:
        return may_record_financing(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        return labels_of(user, {"guarantee": "guarantees"})

    def job(self, sheet_import: SheetImport) -> Job:
        return FinancingJob(sheet_import)
