"""企业诉求台账."""

from datetime import datetime
from typing import Any, cast

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from appeals.filters import AppealFilter
from appeals.models import Appeal, Deadline, Event, Participation
from appeals.provincial_export import VALUES, with_all
from appeals.querysets import AppealQuerySet
from core.ledger_sheet import Kind
from core.wording import spoken
from reports.ledgers.base import Ledger, LedgerColumn, Reader, column, joined

# What says when an appeal was taken up, given to a unit, and taken over by it.
ACCEPTING = ("accept", "handle_oneself", "offer_answer", "solve_on_spot")
DISPATCHING = ("dispatch", "reassign")
SIGNING = ("sign",)
HANDLING = (Deadline.Kind.HANDLE, Deadline.Kind.OWN_HANDLING)

_STEPS = frozenset({"accepted_at", "dispatched_at", "signed_at"})
_CLOCKS = frozenset({"due_at", "in_time"})
_SAID = frozenset({"solved", "satisfaction", "answer"})


def _base(user: User) -> QuerySet:
    return Appeal.objects.visible_to(user).order_by("-submitted_at", "-pk")


def _prepare(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    if chosen & _SAID:
        rows = with_all(cast(AppealQuerySet, rows))
    else:
        parts = ("enterprise", "project", "region", "profile", "collecting_unit", "lead_unit")
        rows = rows.select_related(*parts).defer("profile__data", "search_text", "secret_digest")
    if chosen & _STEPS:
        steps = Event.objects.filter(transition__in=[*ACCEPTING, *DISPATCHING, *SIGNING]).order_by("seq")
        steps = steps.only("appeal_id", "seq", "transition", "occurred_at")
        rows = rows.prefetch_related(Prefetch("events", steps, to_attr="ledger_steps"))
    if chosen & _CLOCKS:
        clocks = Deadline.objects.filter(kind__in=HANDLING).exclude(verdict=Deadline.Verdict.VOID)
        clocks = clocks.order_by("round", "started_at", "pk")
        rows = rows.prefetch_related(Prefetch("deadlines", clocks, to_attr="ledger_clocks"))
    if "assisting" in chosen:
        parts_taken = Participation.objects.filter(part=Participation.Part.ASSISTING).select_related("unit")
        rows = rows.prefetch_related(
            Prefetch("participations", parts_taken.order_by("round", "pk"), to_attr="ledger_assisting")
        )
    return rows


def _last(appeal: Any, transitions: tuple[str, ...]) -> Event | None:
    return next((step for step in reversed(appeal.ledger_steps) if step.transition in transitions), None)


def _accepted_at(appeal: Any) -> datetime | None:
    """The first time: an appeal that was handed back is accepted again."""
    return next((step.occurred_at for step in appeal.ledger_steps if step.transition in ACCEPTING), None)


def _dispatched_at(appeal: Any) -> datetime | None:
    step = _last(appeal, DISPATCHING)
    return step.occurred_at if step else None


def _signed_at(appeal: Any) -> datetime | None:
    """Of the unit that has it: what was signed before it was given to another does not count."""
    signed, given = _last(appeal, SIGNING), _last(appeal, DISPATCHING)
    if signed is None or (given is not None and given.seq > signed.seq):
        return None
    return signed.occurred_at


def _clock(appeal: Any) -> Deadline | None:
    return appeal.ledger_clocks[-1] if appeal.ledger_clocks else None


def _in_time(appeal: Any) -> str:
    clock = _clock(appeal)
    if clock is None:
        return ""
    if clock.verdict or clock.paused_at:
        return clock.colour_label
    return "已超期" if clock.colour == "red" else "未到期"


def _provincially(
    field: str, title: str, width: int = 16, code: str = "", full: bool = False, **more: Any
) -> LedgerColumn:
    """A column that the sheet for the provincial platform has too."""
    value = VALUES[field]
    return LedgerColumn(code or field, title, lambda appeal, reader: value(appeal, full), width, **more)


def _moment(code: str, title: str, value: Any, kind: Kind = "datetime", **more: Any) -> LedgerColumn:
    return column(code, title, value, 18, kind=kind, **more)


APPEALS = Ledger(
    code="appeals",
    title="企业诉求台账",
    url_name="appeals:list",
    base=_base,
    filterset=lambda data, rows, user: AppealFilter(data, rows, user=user),
    prepare=_prepare,
    columns=(
        _provincially("number", "编号", 18),
        _provincially("provincial_number", "省平台编号", 20, default=False),
        _provincially("firm", "企业名称", 30),
        _provincially("credit_code", "统一社会信用代码", 22),
        _provincially("region", spoken("乡镇办（园区）"), 16),
        _provincially("contact_name", "联系人", 10),
        _provincially("contact_phone", "联系电话", 16),
        _provincially(
            "contact_phone", "联系电话（完整）", 16, code="full_phone", full=True, default=False, sensitive=True
        ),
        _provincially("title", "标题", 30, wrap=True),
        _provincially("content", "诉求内容", 50, wrap=True),
        _provincially("category", "类别", 14),
        _provincially("channel", "渠道", 16),
        _provincially("urgency", "紧急程度", 10),
        _provincially("collecting_unit", "收集单位", 26),
        _provincially("lead_unit", "主办单位", 26),
        column(
            "assisting", "协办单位", lambda appeal: joined(part.unit.name for part in appeal.ledger_assisting), 24
        ),
        _provincially("status", "状态", 12),
        column("round", "轮次", lambda appeal: appeal.round, 8, kind="number"),
        _moment("submitted_at", "提交时间", lambda appeal: appeal.submitted_at),
        _moment("accepted_at", "受理时间", _accepted_at),
        _moment("dispatched_at", "交办时间", _dispatched_at),
        _moment("signed_at", "签收时间", _signed_at, default=False),
        _moment("answered_at", "答复时间", lambda appeal: appeal.answered_at),
        _moment("ended_at", "办结时间", lambda appeal: appeal.ended_at),
        _moment("due_at", "办理时限到期", lambda appeal: clock.due_at if (clock := _clock(appeal)) else None),
        column("in_time", "是否按时", _in_time, 10),
        _provincially("solved", "是否解决", 10),
        _provincially("satisfaction", "满意度", 12),
        _provincially("answer", "办理结果", 50, wrap=True),
    ),
)  # fmt: skip
