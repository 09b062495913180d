"""政策兑现台账."""

from django.db.models import QuerySet

from accounts.models import User
from core.wording import spoken
from policies.filters import PaymentFilter
from policies.models import Payment
from reports.ledgers.base import Ledger, Reader, asked_by, column, credit_code


def _base(user: User) -> QuerySet:
    return Payment.objects.visible_to(user).order_by("-occurred_at", "-pk")


def _prepare(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related(
        "policy", "unit", "region", "enterprise", "project", "reversal", "recorded_by"
    ).defer("policy__summary", "policy__search_text")  # fmt: skip


def _state(payment: Payment) -> str:
    if payment.reverses_id:
        return "冲销"
    return "正常" if payment.is_standing else "已冲销"


PAYMENTS = Ledger(
    code="payments",
    title="政策兑现台账",
    url_name="policies:payments",
    base=_base,
    filterset=lambda data, rows, user: PaymentFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare,
    columns=(
        column("occurred_at", "拨付日期", lambda payment: payment.occurred_at, 12, kind="date"),
        column("subject", "企业、项目", lambda payment: payment.subject_name, 30),
        column("credit_code", "统一社会信用代码", credit_code, 22),
        column("region", spoken("乡镇办（园区）"), lambda payment: payment.region.name, 16),
        column("policy", "政策", lambda payment: payment.policy.title, 36, wrap=True),
        column("document_number", "文号", lambda payment: payment.policy.document_number, 20, default=False),
        column("amount", "金额（万元）", lambda payment: payment.amount, 14, kind="number", decimals=2),
        column("basis", "依据、冲销原因", lambda payment: payment.basis, 30, wrap=True),
        column("unit", "兑现单位", lambda payment: payment.unit.name, 26),
        column("state", "状态", _state, 10),
        column("recorded_by", "登记人", lambda payment: str(payment.recorded_by), 10, default=False),
        column("recorded_at", "登记时间", lambda payment: payment.recorded_at, 18, kind="datetime", default=False),
    ),
)  # fmt: skip
