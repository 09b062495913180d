"""走访台账, 议定事项台账, 意见建议台账."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from appeals.models import Appeal
from core.wording import spoken
from liaisons.filters import EventTaskFilter, OpinionFilter, VisitFilter
from liaisons.models import EventTask, Opinion, Visit, VisitParticipant
from policies.models import HandOut
from reports.ledgers.base import (
    Ledger,
    LedgerColumn,
    Reader,
    asked_by,
    column,
    counted,
    credit_code,
    joined,
    summed,
)

_SUBJECT: tuple[LedgerColumn, ...] = (
    column("subject", "企业、项目", lambda row: row.subject_name, 30),
    column("credit_code", "统一社会信用代码", credit_code, 22),
    column("region", spoken("乡镇办（园区）"), lambda row: row.region.name, 16),
)

# --- 走访 -----------------------------------------------------------------------------------------


def _visits(user: User) -> QuerySet:
    return Visit.objects.visible_to(user).order_by("-occurred_at", "-pk")


def _prepare_visits(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    rows = rows.select_related("enterprise", "project", "region", "reporting_unit", "recorded_by")
    rows = rows.defer("search_text")
    if chosen & {"participants", "people"}:
        people = VisitParticipant.objects.select_related("official").order_by("pk")
        rows = rows.prefetch_related(Prefetch("participants", people, to_attr="ledger_people"))
    if "problems" in chosen:
        raised = Appeal.objects.visible_to(reader.user)
        rows = rows.annotate(ledger_problems=counted(raised, "visit"))
    if "opinions" in chosen:
        rows = rows.annotate(ledger_opinions=counted(Opinion.objects.all(), "visit"))
    if "hand_outs" in chosen:
        rows = rows.annotate(ledger_copies=summed(HandOut.objects.all(), "visits", "copies"))
    return rows


def _participants(visit: Any) -> str:
    return joined(person.name for person in visit.ledger_people)


VISITS = Ledger(
    code="visits",
    title="走访台账",
    url_name="portal:visits",
    base=_visits,
    filterset=lambda data, rows, user: VisitFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_visits,
    columns=(
        column("occurred_at", "走访时间", lambda visit: visit.occurred_at, 18, kind="datetime"),
        *_SUBJECT,
        LedgerColumn(
            "kind", "联系方式", lambda visit, reader: reader.label("visit_kinds", visit.kind), 12
        ),
        column("reporting_unit", "填报单位", lambda visit: visit.reporting_unit.name, 26),
        column("participants", "参与人员", _participants, 24, wrap=True),
        column("people", "参与人数", lambda visit: len(visit.ledger_people), 10, kind="number"),
        column("findings", "走访了解的情况", lambda visit: visit.findings, 50, wrap=True),
        column("problems", "收集问题（个）", lambda visit: visit.ledger_problems, 14, kind="number"),
        column("opinions", "意见建议（条）", lambda visit: visit.ledger_opinions, 14, kind="number"),
        column("hand_outs", "发放材料（份）", lambda visit: visit.ledger_copies, 14, kind="number"),
        column("recorded_by", "登记人", lambda visit: str(visit.recorded_by), 10, default=False),
        column("recorded_at", "登记时间", lambda visit: visit.recorded_at, 18, kind="datetime", default=False),
    ),
)  # fmt: skip

# --- 议定事项 -------------------------------------------------------------------------------------


def _tasks(user: User) -> QuerySet:
    return EventTask.objects.in_order().visible_to(user)


def _prepare_tasks(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related("event__organiser", "unit", "done_by", "recorded_by").defer(
        "event__minutes", "event__notes", "event__search_text"
    )


TASKS = Ledger(
    code="tasks",
    title="议定事项台账",
    url_name="portal:event_tasks",
    base=_tasks,
    filterset=lambda data, rows, user: EventTaskFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_tasks,
    columns=(
        column("content", "议定事项", lambda task: task.content, 44, wrap=True),
        column("unit", "责任单位", lambda task: task.unit.name, 26),
        column("due", "完成时限", lambda task: task.due, 12, kind="date"),
        column("state", "状态", lambda task: task.colour_label, 10),
        column("result", "完成情况", lambda task: task.result, 44, wrap=True),
        column("done_at", "完成时间", lambda task: task.done_at, 18, kind="datetime"),
        column("done_by", "填报人", lambda task: str(task.done_by or ""), 10, default=False),
        column("event", "来自活动", lambda task: task.event.title, 30, wrap=True),
        LedgerColumn(
            "kind", "活动类别", lambda task, reader: reader.label("event_kinds", task.event.kind), 14
        ),
        column("held_on", "活动日期", lambda task: task.event.starts_at, 12, kind="date"),
        column("organiser", "承办单位", lambda task: task.event.organiser.name, 26),
        column("recorded_by", "登记人", lambda task: str(task.recorded_by), 10, default=False),
        column("recorded_at", "登记时间", lambda task: task.recorded_at, 18, kind="datetime", default=False),
    ),
)  # fmt: skip

# --- 意见建议 -------------------------------------------------------------------------------------


def _opinions(user: User) -> QuerySet:
    return Opinion.objects.visible_to(user).order_by("-occurred_at", "-pk")


def _prepare_opinions(rows: QuerySet, reader: Reader, chosen: frozenset[str]) -> QuerySet:
    return rows.select_related(
        "enterprise", "project", "region", "unit", "passed_to", "recorded_by"
    ).defer("search_text")  # fmt: skip


def _heard(opinion: Opinion) -> str:
    return "走访" if opinion.visit_id else "活动" if opinion.event_id else "其他"


def _answer_state(opinion: Opinion) -> str:
    if opinion.answered_at:
        return "已答复"
    return "已提请，待答复" if opinion.passed_to_id else "待答复"


OPINIONS = Ledger(
    code="opinions",
    title="意见建议台账",
    url_name="liaisons:all_opinions",
    base=_opinions,
    filterset=lambda data, rows, user: OpinionFilter(data, queryset=rows, request=asked_by(user)),
    prepare=_prepare_opinions,
    columns=(
        column("occurred_at", "听取时间", lambda opinion: opinion.occurred_at, 18, kind="datetime"),
        column("content", "意见建议", lambda opinion: opinion.content, 50, wrap=True),
        column("subject", "提出人", lambda opinion: opinion.subject_name or "未署名", 30),
        column("credit_code", "统一社会信用代码", credit_code, 22, default=False),
        column("region", spoken("乡镇办（园区）"), lambda opinion: opinion.region.name, 16),
        column("heard", "听取途径", _heard, 10),
        column("unit", "听取单位", lambda opinion: opinion.unit.name, 26),
        column("handling", "处理方式", lambda opinion: opinion.get_handling_display(), 24),
        column("passed_to", "主管部门", lambda opinion: opinion.passed_to.name if opinion.passed_to else "", 26),
        column("passed_at", "提请时间", lambda opinion: opinion.passed_at, 18, kind="datetime", default=False),
        column("state", "状态", _answer_state, 14),
        column("holder", "答复单位", lambda opinion: opinion.holder.name, 26),
        column("answer", "办理答复", lambda opinion: opinion.answer, 50, wrap=True),
        column("answered_at", "答复时间", lambda opinion: opinion.answered_at, 18, kind="datetime"),
        column("recorded_by", "登记人", lambda opinion: str(opinion.recorded_by), 10, default=False),
        column(
            "recorded_at", "登记时间", lambda opinion: opinion.recorded_at, 18, kind="datetime", default=False
        ),
    ),
)  # fmt: skip
