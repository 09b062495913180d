"""用工需求台账, 求职人员台账, 融资需求台账. Phones stay masked: no column of them is ever complete."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from campaigns.models import FinancingDispatch, FinancingNeed, JobOpening, JobSeeker
from campaigns.needs.filters import FinancingFilter, OpeningFilter, SeekerFilter
from campaigns.needs.services.openings import label_of
from campaigns.needs.words import wage_words
from core.masking import mask_name, mask_phone
from core.wording import spoken
from reports.ledgers.base import Ledger, LedgerColumn, Reader, asked_by, column, credit_code, joined

_SUBJECT: tuple[LedgerColumn, ...] = (
    column("subject", "企业、项目", lambda row: row.subject_name, 30),
    column("credit_code", "统一社会信用代码", credit_code, 22),
    column("region", spoken("乡镇办（园区）"), lambda row: row.region.name, 16),
)


def _work(row: Any, reader: Reader) -> str:
    return label_of(row, reader.rules)


def _trade(row: Any, reader: Reader) -> str:
    return reader.label("trades", row.trade) if row.trade else "其他"


# --- 用工 -----------------------------------------------------------------------------------------


def _openings(user: User) -> QuerySet:
    return JobOpening.objects.visible_to(user).order_by("-updated_at", "-pk")


def _prepare_openings(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related("enterprise", "project", "region", "unit", "recorded_by").defer("search_text")


OPENINGS = Ledger(
    code="job_openings",
    title="企业岗位需求清单",
    url_name="campaigns:openings",
    base=_openings,
    filterset=lambda data, rows, user: OpeningFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_openings,
    columns=(
        *_SUBJECT,
        LedgerColumn("work", "岗位", _work, 18),
        LedgerColumn("trade", "工种", _trade, 16),
        column("wanted", "招聘人数", lambda row: row.wanted, 10, kind="number"),
        column("placed", "已上岗", lambda row: row.placed, 10, kind="number"),
        column("wage", "月薪", lambda row: wage_words(row.wage_from, row.wage_to), 18),
        column("place", "工作地点", lambda row: row.place or row.region.name, 20),
        column("requirements", "要求和待遇", lambda row: row.requirements, 40, wrap=True),
        column("contact", "联系人", lambda row: mask_name(row.contact_name), 10, default=False),
        column("phone", "联系电话", lambda row: mask_phone(row.contact_phone), 16, default=False),
        column("valid_until", "有效期至", lambda row: row.valid_until, 12, kind="date"),
        column("state", "状态", lambda row: row.get_state_display(), 10),
        column("unit", "填报单位", lambda row: row.unit.name, 26),
        column("by_firm", "企业自报", lambda row: "是" if row.by_firm else "", 10, default=False),
        column("recorded_at", "登记时间", lambda row: row.recorded_at, 18, kind="datetime", default=False),
    ),
)  # fmt: skip

# --- 求职 -----------------------------------------------------------------------------------------


def _seekers(user: User) -> QuerySet:
    return JobSeeker.objects.visible_to(user).order_by("-recorded_at", "-pk")


def _prepare_seekers(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related("region", "unit").defer("search_text", "purpose")


SEEKERS = Ledger(
    code="job_seekers",
    title="求职人员清单",
    url_name="campaigns:seekers",
    base=_seekers,
    filterset=lambda data, rows, user: SeekerFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_seekers,
    columns=(
        column("called", "称呼", lambda row: row.name, 12),
        column("phone", "联系电话", lambda row: mask_phone(row.phone), 16),
        column("region", "所在乡镇", lambda row: row.region.name, 16),
        LedgerColumn("age_band", "年龄段", lambda row, reader: reader.label("age_bands", row.age_band), 12),
        LedgerColumn("work", "意向岗位", _work, 18),
        LedgerColumn("trade", "意向工种", _trade, 16, default=False),
        column("wage_hoped", "期望月薪（元）", lambda row: row.wage_hoped, 14, kind="number"),
        column("skills", "技能和经历", lambda row: row.skills, 36, wrap=True),
        column("state", "状态", lambda row: row.get_state_display(), 10),
        column("consent_on", "同意日期", lambda row: row.consent_on, 12, kind="date"),
        column("keep_until", "保存至", lambda row: row.keep_until, 12, kind="date"),
        column("unit", "登记单位", lambda row: row.unit.name, 26),
    ),
)  # fmt: skip

# --- 融资 -----------------------------------------------------------------------------------------


def _needs(user: User) -> QuerySet:
    return FinancingNeed.objects.visible_to(user).order_by("-recorded_at", "-pk")


def _prepare_needs(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    """A bank reads its own answers; see ``DispatchQuerySet``."""
    seen = FinancingDispatch.objects.visible_to(reader.user).order_by("pk")
    rows = rows.select_related("enterprise", "project", "region", "unit", "appeal").defer("search_text")
    return rows.prefetch_related(Prefetch("dispatches", seen, to_attr="ledger_dispatches"))


def _answers(need: Any) -> str:
    said = []
    for one in need.ledger_dispatches:
        answer = one.get_answer_display()
        if one.answer == "credit":
            answer = f"授信{one.credit:f}万元" + (f"，放款{one.lent:f}万元" if one.lent else "")
        elif one.answer == "refused":
            answer = f"不予支持（{one.reason}）"
        said.append(f"{one.bank_name}：{answer}")
    return joined(said)


def _sum(field: str) -> Any:
    return lambda need: sum(getattr(one, field) for one in need.ledger_dispatches)


FINANCING = Ledger(
    code="financing",
    title="企业融资需求台账",
    url_name="campaigns:financing",
    base=_needs,
    filterset=lambda data, rows, user: FinancingFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_needs,
    columns=(
        *_SUBJECT,
        column("amount", "需求金额（万元）", lambda need: need.amount, 14, kind="number", decimals=2),
        column("purpose", "用途", lambda need: need.purpose, 28, wrap=True),
        column("term", "期限（月）", lambda need: need.term_months, 10, kind="number"),
        LedgerColumn("guarantee", "可提供的担保", lambda need, reader: reader.label("guarantees", need.guarantee), 18),
        column("current_bank", "现合作银行", lambda need: need.current_bank, 16),
        column("phone", "联系电话", lambda need: mask_phone(need.contact_phone), 16, default=False),
        column("unit", "摸排单位", lambda need: need.unit.name, 26),
        column("state", "状态", lambda need: need.get_state_display(), 12),
        column("answers", "交办和答复", _answers, 50, wrap=True),
        column("credit", "授信（万元）", _sum("credit"), 14, kind="number", decimals=2),
        column("lent", "放款（万元）", _sum("lent"), 14, kind="number", decimals=2),
        column("closing", "结束原因", lambda need: need.closing, 28, wrap=True),
        column("appeal", "转为诉求", lambda need: need.appeal.number if need.appeal else "", 18, default=False),
        column("recorded_at", "登记时间", lambda need: need.recorded_at, 18, kind="datetime"),
    ),
)  # fmt: skip
