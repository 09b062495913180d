"""走流程坐窗口台账, 窗口台账 and 培训补贴台账."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from campaigns.models import Sitting, SittingProblem, TrainingPlan, WindowEntry
from campaigns.rotas.filters import SittingFilter, TrainingFilter, WindowFilter
from core.masking import mask_phone
from core.wording import spoken
from reports.ledgers.base import Ledger, LedgerColumn, Reader, asked_by, column, credit_code


def _base(model: Any, *order: str) -> Callable[[User], QuerySet]:
    return lambda user: model._default_manager.visible_to(user).order_by(*order)


def _filtered(filterset: type) -> Callable[[Any, QuerySet, User], Any]:
    return lambda data, rows, user: filterset(data, queryset=rows, request=asked_by(user))


def _sittings(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    problems = Prefetch("problems", SittingProblem.objects.order_by("pk"), to_attr="ledger_problems")
    return rows.select_related("unit", "official").prefetch_related(problems)


def _found(sitting: Any) -> str:
    return "\n".join(
        f"{one.content}（{'当场解决' if one.on_spot else f'{one.due:%Y-%m-%d}前整改'}）"
        for one in sitting.ledger_problems
    )


SITTINGS = Ledger(
    code="sittings",
    title="走流程坐窗口台账",
    url_name="campaigns:sittings",
    base=_base(Sitting, "-day", "unit__order", "pk"),
    filterset=_filtered(SittingFilter),
    prepare=_sittings,
    columns=(
        column("day", "日期", lambda one: one.day, 12, kind="date"),
        column("half", "时段", lambda one: one.get_half_display(), 8),
        column("unit", "单位", lambda one: one.unit.name, 26),
        column("leader", "分管领导", lambda one: one.official.name, 10),
        column("title", "职务", lambda one: one.title, 18),
        column("place", "地点（窗口）", lambda one: one.place, 24),
        column("state", "状态", lambda one: one.get_state_display(), 10),
        column("announced_at", "公示时间", lambda one: one.announced_at, 18, kind="datetime"),
        column("item", "走流程的事项", lambda one: one.item, 26, wrap=True),
        column("part", "以什么身份", lambda one: one.get_part_display(), 12),
        column("received", "接待人次", lambda one: one.received, 10, kind="number"),
        column("summary", "情况", lambda one: one.summary, 40, wrap=True),
        column("problems", "发现的问题", _found, 40, wrap=True),
    ),
)


def _entries(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related("unit", "enterprise", "project", "appeal", "recorded_by")


WINDOWS = Ledger(
    code="windows",
    title="窗口台账",
    url_name="campaigns:window_ledger",
    base=_base(WindowEntry, "-occurred_at", "-pk"),
    filterset=_filtered(WindowFilter),
    prepare=_entries,
    columns=(
        column("occurred_at", "受理时间", lambda one: one.occurred_at, 18, kind="datetime"),
        column("unit", "单位", lambda one: one.unit.name, 26),
        LedgerColumn("window", "窗口", lambda one, reader: reader.label("windows", one.window), 20),
        column("kind", "类别", lambda one: one.get_kind_display(), 10),
        column("subject", "来访企业", lambda one: one.subject_name, 30),
        column("credit_code", "统一社会信用代码", credit_code, 22, default=False),
        column("person", "来访人", lambda one: one.person, 10),
        column("phone", "联系电话", lambda one: mask_phone(one.phone), 16),
        column("full_phone", "联系电话（完整）", lambda one: one.phone, 16, default=False, sensitive=True),
        column("content", "内容", lambda one: one.content, 40, wrap=True),
        column("answer", "答复办理情况", lambda one: one.answer, 40, wrap=True),
        column("way", "办理方式", lambda one: one.get_way_display(), 14),
        column("number", "诉求编号", lambda one: one.appeal.number if one.appeal else "", 18),
        column("answered_at", "办结时间", lambda one: one.answered_at, 18, kind="datetime"),
        column("recorded_by", "登记人", lambda one: str(one.recorded_by), 10, default=False),
    ),
)


def _plans(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related("enterprise", "region", "filed_unit", "deciding_unit")


def _money(name: str) -> Callable[[Any], Any]:
    return lambda one: getattr(one, name)


TRAINING = Ledger(
    code="training",
    title="企业培训补贴台账",
    url_name="campaigns:training",
    base=_base(TrainingPlan, "-filed_at", "-pk"),
    filterset=_filtered(TrainingFilter),
    prepare=_plans,
    columns=(
        column("filed_at", "备案时间", lambda one: one.filed_at, 18, kind="datetime"),
        column("enterprise", "企业", lambda one: one.enterprise.name, 30),
        column("credit_code", "统一社会信用代码", lambda one: one.enterprise.credit_code or "", 22),
        column("region", spoken("乡镇办（园区）"), lambda one: one.region.name, 16),
        column("title", "培训名称", lambda one: one.title, 30, wrap=True),
        column("provider", "培训机构、师资", lambda one: one.provider, 26),
        column("starts", "开始日期", lambda one: one.starts, 12, kind="date"),
        column("ends", "结束日期", lambda one: one.ends, 12, kind="date"),
        column("participants", "计划人数", lambda one: one.participants, 10, kind="number"),
        column("attended", "实到人数", lambda one: one.attended, 10, kind="number"),
        column("fee", "预算培训费（元）", _money("fee"), 16, kind="number", decimals=2),
        column("invoice_number", "发票号码", lambda one: one.invoice_number, 18),
        column("invoice_amount", "发票金额（元）", _money("invoice_amount"), 16, kind="number", decimals=2),
        column("subsidy", "补贴金额（元）", _money("subsidy"), 16, kind="number", decimals=2),
        column("state", "状态", lambda one: one.get_state_display(), 14),
        column("paid_on", "拨付日期", lambda one: one.paid_on, 12, kind="date"),
        column("filed_unit", "备案单位", lambda one: one.filed_unit.name, 26, default=False),
    ),
)
