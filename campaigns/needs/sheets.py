"""Openings and seekers from a sheet: every row is judged by the service that writes it.

An opening is known by its firm and its work, a seeker by phone and work; what stands in the list already is left as it
is where nothing differs. A row is taken back as long as nothing hangs on it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from campaigns.models import JobOpening, JobSeeker
from campaigns.needs.forms.jobs import USUALLY_VALID
from campaigns.needs.forms.shared import places_of
from campaigns.needs.permissions import (
    leads_jobs,
    may_keep_opening,
    may_keep_seeker,
    may_record_opening,
    may_record_seeker,
)
from campaigns.needs.services import openings, seekers
from campaigns.needs.services.forgetting import SHEET
from campaigns.needs.sheet_parts import (
    CODE,
    FIRM,
    NeedsJob,
    choice_of,
    clean_number,
    day_of,
    labels_of,
    of_firms,
)
from core import clock
from core.phones import clean_contact_phone
from core.search import normalise
from core.sheets import Column, clean_day
from core.wording import spoken
from districts.models import Region
from enterprises.models import Enterprise, Project
from imports.kinds import Draft, Job, Kind, Verdict
from imports.models import SheetImport, SheetRow

NEW, CHANGED, SAME = SheetRow.Outcome.NEW, SheetRow.Outcome.CHANGED, SheetRow.Outcome.SAME


_TRADE = Column("trade", "工种", 40, "从下拉框选；没有合适的留空，在岗位名称里写", 18, aliases=("意向工种",))

OPENING_COLUMNS = (
    replace(FIRM, aliases=(*FIRM.aliases, "用工企业")),
    CODE,
    _TRADE,
    Column("post", "岗位名称", 60, "企业自己的叫法", 18, aliases=("岗位", "招聘岗位")),
    Column("wanted", "招聘人数", 8, "整数", 10, needed=True, aliases=("缺工人数", "人数", "需求人数"), clean=clean_number),
    Column("wage_from", "月薪下限", 10, "元；不写为面议", 12, aliases=("最低工资",), clean=clean_number),
    Column("wage_to", "月薪上限", 10, "元", 12, aliases=("最高工资",), clean=clean_number),
    Column("place", "工作地点", 120, "", 22, aliases=("地点",)),
    Column("requirements", "要求和待遇", 500, "不要写电话", 36, aliases=("岗位要求", "要求", "备注")),
    Column("contact_name", "联系人", 50, "", 12),
    Column("contact_phone", "联系电话", 30, "", 16, aliases=("电话",), clean=clean_contact_phone, private=True),
    Column("valid_until", "有效期至", 10, "如 2026-12-31；不写为90天", 14, clean=clean_day),
)  # fmt: skip
SEEKER_COLUMNS = (
    Column("called", "称呼", 10, "如“王先生”，不写全名", 12, needed=True),
    Column("phone", "联系电话", 30, "11位", 16, needed=True, aliases=("电话", "手机号"), clean=clean_contact_phone, private=True),
    Column("region", "所在乡镇", 40, "乡镇、街道名称", 16, needed=True, aliases=("乡镇", "所在乡镇（街道）", "乡镇街")),
    Column("age_band", "年龄段", 20, "从下拉框选", 14, needed=True),
    Column("trade", "意向工种", 40, "从下拉框选；没有合适的留空，写意向岗位", 18, aliases=("工种", "求职意向")),
    Column("post", "意向岗位", 60, "", 18),
    Column("wage_hoped", "期望月薪", 10, "元；不写为没有要求", 12, aliases=("期望工资",), clean=clean_number),
    Column("skills", "技能和经历", 200, "不要写姓名、电话、身份证号", 30, aliases=("技能",)),
    Column("consent_on", "同意日期", 10, "本人同意登记的日期，如 2026-11-20", 14, needed=True, clean=clean_day),
)  # fmt: skip


class OpeningJob(NeedsJob):
    columns = OPENING_COLUMNS

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {"trade": choice_of(self.rules, "trades")}

    def facts(self, draft: Draft) -> openings.OpeningFacts:
        values = draft.values
        texts: dict[str, Any] = {name: draft.text(name) for name in _TEXTS}
        numbers: dict[str, Any] = {name: values.get(name) for name in ("wanted", "wage_from", "wage_to")}
        until = day_of(values.get("valid_until")) or clock.today() + USUALLY_VALID
        return openings.OpeningFacts(**texts, **numbers, valid_until=until)

    def merged(self, draft: Draft, opening: JobOpening | None) -> openings.OpeningFacts:
        """What a row leaves empty stays as it is in the list."""
        facts = self.facts(draft)
        if opening is None:
            return facts
        kept = {}
        for name in openings.FIELDS:
            given = self._given(draft, name)
            kept[name] = given if given not in (None, "") else getattr(opening, name)
        if kept["valid_until"] < clock.today():
            kept["valid_until"] = facts.valid_until
        return openings.OpeningFacts(**kept)

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """Three queries a chunk."""
        named = self.firms(drafts)
        firms = {draft.line: self.firm_of(draft, named) for draft in drafts}
        of_these = of_firms(firms.values())
        current = JobOpening.objects.filter(of_these, district=self.district, state__in=JobOpening.CURRENT)
        known = {
            (one.subject, one.trade, one.post): one
            for one in current.select_related("enterprise", "project", "unit", "region")
        }
        return [self._judge(draft, firms[draft.line], known) for draft in drafts]

    def _judge(
        self, draft: Draft, firm: Enterprise | Project | None, known: Mapping[Any, JobOpening]
    ) -> Verdict:
        verdict = Verdict(draft)
        key = (firm or draft.text("firm"), draft.text("trade"), draft.text("post"))
        if not self.once(draft, *key) or draft.errors:
            return verdict
        opening = known.get(key)
        try:
            openings.checked(self.merged(draft, opening), self.rules)
        except ValidationError as error:
            self.refuse(draft, error)
            return verdict
        if opening is None:
            verdict.outcome, verdict.entry = NEW, firm
            return verdict
        if not may_keep_opening(self.by, opening):
            draft.refuse(self.column("firm"), f"这个岗位由{opening.unit}填报，请与其联系")
            return verdict
        verdict.entry, verdict.entry_id = opening, opening.pk
        for column in self.columns:
            if column.key not in openings.FIELDS:
                continue
            old, new = getattr(opening, column.key), self._given(draft, column.key)
            if new not in (None, "") and new != old:
                verdict.before[column.key] = old.isoformat() if isinstance(old, date) else old
                shown = (str(value or "") for value in (old, new))
                verdict.changes.append({"title": column.title, "before": next(shown), "after": next(shown)})
        verdict.outcome = CHANGED if verdict.before else SAME
        return verdict

    def _given(self, draft: Draft, key: str) -> Any:
        value = draft.values.get(key)
        return day_of(value) if key == "valid_until" else value

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.outcome == NEW:
                facts = self.facts(verdict.draft)
                verdict.entry_id = openings.record_opening(by=self.by, facts=facts, subject=verdict.entry).pk
                continue
            facts = self.merged(verdict.draft, verdict.entry)
            openings.change_opening(by=self.by, opening=verdict.entry, facts=facts)

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        reasons = {}
        for row in rows:
            opening = JobOpening.objects.filter(pk=row.entry or 0).select_for_update(of=("self",)).first()
            if opening is None:
                reasons[row.line] = "入库后已删除"
            elif opening.placements.exists() or opening.recommendations.exists():
                reasons[row.line] = "入库后已经推荐或登记上岗，保留"
            elif row.outcome == NEW:
                opening.delete()
            else:
                JobOpening.objects.filter(pk=opening.pk).update(**row.before)
        return reasons


_TEXTS = ("trade", "post", "requirements", "place", "contact_name", "contact_phone")


class SeekerJob(NeedsJob):
    columns = SEEKER_COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        places = places_of(self.by, whole=leads_jobs(self.by))
        self._places = {normalise(place.name): place for place in places}

    def cleaners(self) -> Mapping[str, Callable[[str], Any]]:
        return {
            "trade": choice_of(self.rules, "trades"),
            "age_band": choice_of(self.rules, "age_bands"),
            "region": self._place,
        }

    def _place(self, text: str) -> int:
        found = self._places.get(normalise(text))
        if found is None:
            raise ValidationError(f"没有“{text[:20]}”，或不在您的辖区，请写乡镇、街道的全称")
        return int(found.pk)

    def facts(self, draft: Draft) -> seekers.SeekerFacts:
        texts = {
            name: draft.text(name) for name in ("called", "phone", "age_band", "trade", "post", "skills")
        }
        return seekers.SeekerFacts(
            **texts,
            wage_hoped=draft.values.get("wage_hoped"),
            consent_on=day_of(draft.values.get("consent_on")),
        )

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        """One query a chunk."""
        phones = {draft.text("phone") for draft in drafts}
        rows = JobSeeker.objects.looking().filter(district=self.district, phone__in=phones)
        known = {(one.phone, one.called, one.trade): one for one in rows.select_related("unit", "region")}
        return [self._judge(draft, known) for draft in drafts]

    def _judge(self, draft: Draft, known: Mapping[Any, JobSeeker]) -> Verdict:
        verdict = Verdict(draft)
        key = (draft.text("phone"), draft.text("called"), draft.text("trade"))
        if not self.once(draft, *key) or draft.errors:
            return verdict
        try:
            seekers.checked(self.facts(draft), self.rules)
        except ValidationError as error:
            self.refuse(draft, error)
            return verdict
        seeker = known.get(key)
        if seeker is None:
            verdict.outcome = NEW
            return verdict
        if not may_keep_seeker(self.by, seeker):
            draft.refuse(self.column("called"), f"已由{seeker.unit}登记，请与其联系")
            return verdict
        verdict.entry, verdict.entry_id = seeker, seeker.pk
        for name in ("post", "skills", "wage_hoped", "consent_on", "age_band"):
            old = getattr(seeker, name)
            new = getattr(self.facts(draft), name)
            if new not in (None, "") and new != old:
                verdict.before[name] = old.isoformat() if isinstance(old, date) else old
                shown = [
                    self.rules.label("age_bands", str(one)) if name == "age_band" else str(one or "")
                    for one in (old, new)
                ]
                verdict.changes.append(
                    {"title": self.column(name).title, "before": shown[0], "after": shown[1]}
                )
        verdict.outcome = CHANGED if verdict.before else SAME
        return verdict

    def write(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            facts = self.facts(verdict.draft)
            if verdict.outcome == NEW:
                region = Region.objects.get(pk=verdict.draft.values["region"])
                verdict.entry_id = seekers.record_seeker(by=self.by, facts=facts, region=region).pk
                continue
            seeker: JobSeeker = verdict.entry
            verdict.before["keep_until"] = seeker.keep_until.isoformat()
            kept = {
                name: getattr(facts, name)
                if getattr(facts, name) not in (None, "")
                else getattr(seeker, name)
                for name in seekers.FIELDS
            }
            seekers.change_seeker(by=self.by, seeker=seeker, facts=seekers.SeekerFacts(**kept))

    @transaction.atomic
    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        reasons = {}
        for row in rows:
            seeker = JobSeeker.objects.filter(pk=row.entry or 0).select_for_update(of=("self",)).first()
            if seeker is None or seeker.erased_at:
                reasons[row.line] = "入库后已删除"
            elif seeker.recommendations.exists():
                reasons[row.line] = "入库后已经推荐，保留"
            elif row.outcome == NEW:
                seeker.delete()
            else:
                JobSeeker.objects.filter(pk=seeker.pk).update(**row.before)
        return reasons


class OpeningSheet(Kind):
    code, label = "job_openings", "用工需求"
    columns = OPENING_COLUMNS
    back, back_label = "campaigns:openings", "用工需求"
    shown = ("firm", "trade", "post", "wanted", "wage_from", "wage_to", "valid_until")
    notes = (
        spoken("每个岗位一行。企业名称须与底册一致；工种从下拉框选，没有合适的留空，写岗位名称。"),
        "同一企业同一岗位已在招聘中的，按表更新，留空的不改。",
    )

    def may_upload(self, user: User) -> bool:
        return may_record_opening(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        return labels_of(user, {"trade": "trades"})

    def job(self, sheet_import: SheetImport) -> Job:
        return OpeningJob(sheet_import)


class SeekerSheet(Kind):
    code, label = SHEET, "求职人员"
    columns = SEEKER_COLUMNS
    back, back_label = "campaigns:seekers", "求职人员"
    shown = ("called", "phone", "region", "age_band", "trade", "post", "wage_hoped")
    notes = (
        "只写称呼，不写全名和身份证号。登记前须向本人说明用途并征得同意，写明同意日期。",
        "到期或本人要求删除时，导入的表格和这里的内容一并清除。",
    )

    def may_upload(self, user: User) -> bool:
        return may_record_seeker(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        places = [place.name for place in places_of(user, whole=leads_jobs(user))]
        return {
            **labels_of(user, {"trade": "trades", "age_band": "age_bands"}),
            "region": places,
        }

    def job(self, sheet_import: SheetImport) -> Job:
        return SeekerJob(sheet_import)
