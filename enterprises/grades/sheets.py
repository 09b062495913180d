"""Grades from a sheet: one line a firm, in the organ's own field. Each becomes a record of its own, as on the page.

A firm is known by its credit code, else by its name. An annual grade is new; a firm that has this year's already is
adjusted, and a line that changes nothing is left out. An undo takes back what is still as the sheet made it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from core import clock
from core.search import normalise
from core.sheets import Column, clean_day
from core.wording import speak, spoken
from enterprises.grade_querysets import rules_for
from enterprises.grades.grading import MOST_BASIS, MOST_REASON, grade_firm
from enterprises.grades.permissions import GRADING, fields_to_grade
from enterprises.grades.subjects import subjects
from enterprises.models import Enterprise, GradeDuty, GradeRecord
from imports.kinds import Draft, Job, Kind, Verdict
from imports.models import SheetImport, SheetRow

NEW, CHANGED, SAME = SheetRow.Outcome.NEW, SheetRow.Outcome.CHANGED, SheetRow.Outcome.SAME
MOST_SCORE = 10_000

COLUMNS = (
    Column("name", "企业名称", 120, spoken("底册中的全称"), 34, needed=True, aliases=("单位名称", "企业")),
    Column(
        "code", "统一社会信用代码", 18, "18位；有代码的按代码识别", 24,
        aliases=("信用代码", "统一信用代码", "代码"),
    ),
    Column("field", "领域", 20, "本单位评定几个领域的才填", 12),
    Column("grade", "等级", 10, "如 绿标", 10, needed=True, aliases=("分级", "评定等级", "类别")),
    Column("score", "得分", 6, "整数；没有评分的不填", 8, aliases=("评分", "总分")),
    Column(
        "reason", "评定理由", MOST_REASON, "处罚次数、整改情况、整改效果", 50, needed=True, aliases=("理由", "依据和理由"),
    ),
    Column("basis", "依据文号", MOST_BASIS, "", 22, aliases=("文号",)),
    Column("effective_from", "生效日期", 20, "不填的，今天起", 14, clean=clean_day),
)  # fmt: skip


class GradeJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        rules = rules_for(self._by)
        self._fields = fields_to_grade(self._by, rules)
        assert rules is not None
        self._grades = rules.grades
        self._firms = subjects(sheet_import.district, rules)
        self._seen: dict[tuple[int, str], int] = {}

    @property
    def _by(self) -> User:
        return self.sheet_import.confirmed_by or self.sheet_import.uploaded_by

    def cleaners(self) -> Mapping[str, Any]:
        return {"grade": self._grade, "field": self._field, "score": _score}

    def _grade(self, text: str) -> str:
        plain = normalise(text).replace(" ", "")
        for grade in self._grades.grades:
            # “绿” and “绿标企业” are meant as well.
            if plain in {
                grade.code,
                grade.label,
                grade.label[0],
                f"{grade.label}企业",
                f"{grade.label[0]}色",
            }:
                return grade.code
        raise ValidationError(
            f"没有“{text[:20]}”这个等级，请填{'、'.join(grade.label for grade in self._grades.grades)}"
        )

    def _field(self, text: str) -> str:
        plain = normalise(text).replace(" ", "")
        for field in self._fields:
            if plain in {field.code, field.label}:
                return field.code
        known = "、".join(field.label for field in self._fields)
        raise ValidationError(f"只能评定本单位的领域：{known}")

    # --- Judging ----------------------------------------------------------------------------------

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """A bounded number of queries a chunk."""
        firms = self._named(drafts)
        pks = [firm.pk for found in firms.values() for firm in found]
        graded = set(self._firms.filter(pk__in=pks).values_list("pk", flat=True))
        year = clock.today().year
        held: dict[tuple[int, str], GradeRecord] = {}
        for record in (
            GradeRecord.objects.in_force().filter(enterprise__in=pks).order_by("effective_from", "pk")
        ):
            held[record.enterprise_id, record.field] = record
        pending = set(
            GradeRecord.objects.pending().filter(enterprise__in=pks).values_list("enterprise", "field")
        )
        done = GradeDuty.objects.filter(enterprise__in=pks, year=year, record__isnull=False)
        annual = set(done.values_list("enterprise", "field"))
        return [self._judge_one(draft, firms, graded, held, pending, annual) for draft in drafts]

    def _named(self, drafts: Sequence[Draft]) -> dict[str, list[Enterprise]]:
        """The district's firms by code and by name."""
        codes = {draft.text("code").upper() for draft in drafts if draft.text("code")}
        names = {draft.text("name") for draft in drafts if draft.text("name")}
        rows = Enterprise.objects.filter(district=self.sheet_import.district).unmerged()
        found: dict[str, list[Enterprise]] = {}
        for firm in rows.filter(credit_code__in=codes):
            found.setdefault(str(firm.credit_code), []).append(firm)
        for firm in rows.filter(name__in=names):
            found.setdefault(firm.name, []).append(firm)
        return found

    def _judge_one(
        self,
        draft: Draft,
        firms: dict[str, list[Enterprise]],
        graded: set[int],
        held: dict[tuple[int, str], GradeRecord],
        pending: set[tuple[int, str]],
        annual: set[tuple[int, str]],
    ) -> Verdict:
        verdict = Verdict(draft)
        firm = self._firm(draft, firms)
        if "field" not in draft.values and len(self._fields) > 1:
            draft.refuse(self.column("field"), "本单位评定几个领域，必填")
        field = draft.text("field") or (self._fields[0].code if self._fields else "")
        if firm is None or draft.errors:
            return verdict
        name, key = self.column("name"), (firm.pk, field)
        earlier = self._seen.setdefault(key, draft.line)
        now = held.get(key)
        if earlier != draft.line:
            draft.refuse(name, f"与第{earlier}行重复")
        elif firm.pk not in graded:
            draft.refuse(name, "不是分类监管对象（在册的四上企业和样本点企业）")
        elif key in pending:
            draft.refuse(name, "这家企业有一个等级正等待审定")
        if wrong := _wrong_day(draft.text("effective_from"), now):
            draft.refuse(self.column("effective_from"), wrong)
        if draft.errors:
            return verdict
        verdict.entry = (firm, field)
        if key not in annual:
            verdict.outcome = NEW
        elif now is not None and now.grade == draft.text("grade"):
            verdict.outcome = SAME
            return verdict
        else:
            verdict.outcome = CHANGED
        before = self._grades.grade_label(now.grade) if now else ""
        after = self._grades.grade_label(draft.text("grade"))
        verdict.changes.append({"title": "等级", "before": before, "after": after})
        return verdict

    def _firm(self, draft: Draft, firms: dict[str, list[Enterprise]]) -> Enterprise | None:
        code = draft.text("code").upper()
        found = firms.get(code, []) if code else firms.get(draft.text("name"), [])
        if len(found) == 1:
            return found[0]
        if code:
            draft.refuse(self.column("code"), speak("底册中没有这个代码"))
        elif draft.text("name"):
            said = (
                f"有{len(found)}家同名，请填统一社会信用代码"
                if found
                else speak("底册中没有这家企业，请核对全称或填代码")
            )
            draft.refuse(self.column("name"), said)
        return None

    # --- Writing and taking back ------------------------------------------------------------------

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            draft = verdict.draft
            firm, field = verdict.entry
            day = draft.text("effective_from")
            record = grade_firm(
                by=self._by,
                enterprise=firm,
                field=field,
                grade=draft.text("grade"),
                reason=draft.text("reason"),
                basis=draft.text("basis"),
                total=int(draft.text("score")) if draft.text("score") else None,
                effective_from=date.fromisoformat(day) if day else None,
                sheet_import=self.sheet_import,
            )
            verdict.entry_id = record.pk

    def remove(self, entry_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """No sheet is a complete version here: nothing is ever gone from it."""
        return {}

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        reasons: dict[int, str] = {}
        for row in rows:
            record = GradeRecord.objects.select_for_update(of=("self",)).filter(pk=row.entry or 0).first()
            if record is None:
                continue
            if said := _settled(record):
                reasons[row.line] = said
                continue
            GradeDuty.objects.filter(record=record).update(record=None)
            record.delete()
        return reasons


def _settled(record: GradeRecord) -> str:
    """Why it stays: somebody has acted on it since."""
    if record.told_at is not None:
        return "已告知企业，请用动态调整更正"
    if record.confirmed_at is not None:
        return "已经审定，请用动态调整更正"
    if record.objections.exists():
        return "企业已提出异议"
    same = GradeRecord.objects.filter(enterprise=record.enterprise_id, field=record.field, pk__gt=record.pk)
    return "之后又有评定，保留现在的内容" if same.exists() else ""


def _score(text: str) -> str:
    plain = normalise(text).replace(" ", "").removesuffix("分")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 5 or int(plain) > MOST_SCORE:
        raise ValidationError(f"应为 0 到 {MOST_SCORE} 的整数")
    return plain


def _wrong_day(text: str, now: GradeRecord | None) -> str:
    day = date.fromisoformat(text) if text else clock.today()
    if day.year != clock.today().year:
        return "须在今年内"
    if now is not None and day < now.effective_from:
        return f"不能早于现行等级的 {now.effective_from:%Y-%m-%d}"
    return ""


class GradeSheet(Kind):
    """By the organ that grades, in its own field alone."""

    code, label = "grades", "企业分级"
    columns = COLUMNS
    back, back_label = "enterprises:grades", "企业分级"
    shown = ("name", "code", "grade", "reason")
    notes = (
        "只导入本单位领域的等级；每行一家，按统一社会信用代码识别，没有代码的按全称。",
        "今年还没有评定的，记为年度评定；已经评定的，等级变了记为动态调整，没变的跳过。",
        "红标等须审定的等级，导入后由单位负责人审定才生效。",
    )

    def may_upload(self, user: User) -> bool:
        return user.has_role(*GRADING) and bool(fields_to_grade(user, rules_for(user)))

    def may_confirm(self, user: User, sheet_import: SheetImport) -> bool:
        return self.may_upload(user) and user.unit_id == sheet_import.unit_id

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        rules = rules_for(user)
        if rules is None:
            return {}
        return {
            "grade": [grade.label for grade in rules.grades.ordered],
            "field": [field.label for field in fields_to_grade(user, rules)],
        }

    def job(self, sheet_import: SheetImport) -> Job:
        return GradeJob(sheet_import)
