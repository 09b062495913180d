"""企业底册台账 and 重点项目台账."""

from typing import Any

from django.db.models import Max, OuterRef, Prefetch, QuerySet, Subquery

from accounts.models import User
from core.masking import mask_name, mask_phone
from core.wording import spoken
from enterprises.filters import EnterpriseFilter, ProjectFilter
from enterprises.models import Enterprise, Project
from liaisons.models import Assignment, Visit
from reports.ledgers.base import Ledger, LedgerColumn, Reader, column, joined

_CADRES = frozenset({"cadres", "cadre_units"})


def _base_of(model: type[Enterprise] | type[Project]) -> Any:
    return lambda user: model.objects.visible_to(user).order_by("id")


def _with_cadres(rows: QuerySet, user: User) -> QuerySet:
    """Who looks after it today, as far as the reader may know it."""
    running = Assignment.objects.visible_to(user).in_force().select_related("official", "unit")
    running = running.order_by("part", "started", "id")
    return rows.prefetch_related(Prefetch("assignments", running, to_attr="ledger_cadres"))


def _prepare(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    rows = rows.select_related("region", "competent_unit").defer("search_text")
    if rows.model is Project:
        rows = rows.select_related("owner")
    if chosen & _CADRES:
        rows = _with_cadres(rows, reader.user)
    if "last_visit" in chosen:
        field = rows.model._meta.model_name
        visits = Visit.objects.visible_to(reader.user).filter(**{field: OuterRef("pk")})
        last = visits.order_by().values(field).annotate(last=Max("occurred_at")).values("last")
        rows = rows.annotate(ledger_last_visit=Subquery(last))
    return rows


def _full_phone(entry: Any) -> str:
    return entry.contact_phone


_PLACE: tuple[LedgerColumn, ...] = (
    column("region", spoken("乡镇办（园区）"), lambda entry: entry.region.name, 16),
    column("industry", "行业门类", lambda entry: entry.get_industry_display(), 18),
    column(
        "competent_unit",
        "行业主管部门",
        lambda entry: entry.competent_unit.name if entry.competent_unit else "",
        18,
        default=False,
    ),
    column("address", "地址", lambda entry: entry.address, 30, wrap=True),
)
_CONTACT: tuple[LedgerColumn, ...] = (
    column("contact_name", "联系人", lambda entry: mask_name(entry.contact_name), 10),
    column("contact_post", "联系人职务", lambda entry: entry.contact_post, 14, default=False),
    column("contact_phone", "联系电话", lambda entry: mask_phone(entry.contact_phone), 16),
    column("full_phone", "联系电话（完整）", _full_phone, 16, default=False, sensitive=True),
)
_CARE: tuple[LedgerColumn, ...] = (
    column("cadres", spoken("联企干部"), lambda entry: joined(one.official.name for one in entry.ledger_cadres), 18),
    column("cadre_units", "干部所在单位", lambda entry: joined(one.unit.name for one in entry.ledger_cadres), 20),
    column("last_visit", "最近走访", lambda entry: entry.ledger_last_visit, 12, kind="date"),
    column("active", "在册", lambda entry: "在册" if entry.active else "不在册", 8, default=False),
    column("created_at", "入库时间", lambda entry: entry.created_at, 12, kind="date", default=False),
)  # fmt: skip

ENTERPRISES = Ledger(
    code="enterprises",
    title=spoken("企业底册台账"),
    url_name="enterprises:list",
    base=_base_of(Enterprise),
    filterset=lambda data, rows, user: EnterpriseFilter(data, user=user, queryset=rows),
    prepare=_prepare,
    columns=(
        column("name", "企业名称", lambda firm: firm.name, 32),
        column("credit_code", "统一社会信用代码", lambda firm: firm.credit_code, 22),
        column("registration_number", "注册号", lambda firm: firm.registration_number, 18, default=False),
        column("no_code_reason", "代码暂缺原因", lambda firm: firm.no_code_reason, 18, default=False),
        column("tier", "层级", lambda firm: firm.get_tier_display(), 12),
        column("size_class", "规模", lambda firm: firm.get_size_class_display(), 8),
        column(
            "above_scale_kind",
            "四上类别",
            lambda firm: firm.get_above_scale_kind_display(),
            16,
            default=False,
        ),
        column("founded_on", "成立日期", lambda firm: firm.founded_on, 12, kind="date", default=False),
        *_PLACE,
        column("legal_person", "法定代表人", lambda firm: mask_name(firm.legal_person), 12),
        *_CONTACT,
        column("main_products", "主营业务", lambda firm: firm.main_products, 30, wrap=True),
        *_CARE,
    ),
)

PROJECTS = Ledger(
    code="projects",
    title="重点项目台账",
    url_name="enterprises:projects",
    base=_base_of(Project),
    filterset=lambda data, rows, user: ProjectFilter(data, user=user, queryset=rows),
    prepare=_prepare,
    columns=(
        column("name", "项目名称", lambda project: project.name, 32),
        column(
            "owner",
            "建设单位",
            lambda project: project.owner.name if project.owner else project.owner_name,
            28,
        ),
        column(
            "investment", "总投资（万元）", lambda project: project.investment, 16, kind="number", decimals=2
        ),
        column("stage", "建设阶段", lambda project: project.stage, 12),
        *_PLACE,
        *_CONTACT,
        *_CARE,
    ),
)
