"""The records behind a figure, as a list to read: what each counts as, and where it is opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from appeals.models import Appeal, Cluster, Deadline, Effect, Event, Improvement, Refusal, SupervisionLetter
from appeals.provincial import SOLVED_ON_SPOT
from appeals.workflow import TRANSITIONS
from campaigns.models import (
    Commitment,
    FinancingDispatch,
    FinancingNeed,
    InspectionLine,
    Instalment,
    JobOpening,
    JobPlacement,
    JobSeeker,
    LowRating,
    ServiceRating,
    Sitting,
    SurveyAnswer,
    VisitSheet,
)
from campaigns.needs.services.openings import label_of
from campaigns.satisfaction.services.ratings import about as rated_thing
from districts.profile import FormRow, Rules
from enterprises.models import GradeDuty, Inspection
from liaisons.cadence import start_of
from liaisons.models import Assignment, Opinion, ServiceEvent, Visit, VisitParticipant
from policies.models import HandOut, NewsItem, Outreach, Payment
from reports import figures
from reports.indicators import Context
from reports.models import ClusterReport, FrozenFigure, ReportingPeriod, SituationTable


@dataclass(frozen=True)
class Line:
    """One record: when, what, whose, what it adds to the figure."""

    at: datetime | None
    text: str
    unit: str
    counts: str = ""
    url: str = ""
    carried: bool = False
    by_day: bool = False
    """Only the day is known."""


_NEWEST_FIRST: dict[type[Model], tuple[str, ...]] = {
    Visit: ("-occurred_at", "-pk"),
    VisitParticipant: ("person_key", "-visit__occurred_at", "pk"),
    Appeal: ("-submitted_at", "-pk"),
    Event: ("-occurred_at", "-pk"),
    HandOut: ("-occurred_at", "-pk"),
    ServiceEvent: ("-starts_at", "-pk"),
    Outreach: ("-occurred_at", "-pk"),
    Payment: ("-occurred_at", "-pk"),
    NewsItem: ("-occurred_at", "-pk"),
    Opinion: ("-occurred_at", "-pk"),
    Effect: ("-at", "-pk"),
    Assignment: ("official", "pk"),
    Deadline: ("due_at", "pk"),  # whatever has waited longest comes first
    Refusal: ("-at", "-pk"),
    SupervisionLetter: ("-sent_at", "-pk"),
    Commitment: ("-due_on", "-pk"),
    Instalment: ("-paid_on", "-pk"),
    SituationTable: ("-period__due_at", "unit__order", "pk"),
    InspectionLine: ("due", "campaign__no", "task__order", "pk"),
    JobOpening: ("-recorded_at", "-pk"),
    JobSeeker: ("-recorded_at", "-pk"),
    JobPlacement: ("-occurred_at", "-pk"),
    FinancingNeed: ("-recorded_at", "-pk"),
    FinancingDispatch: ("due", "pk"),
    ServiceRating: ("-at", "-pk"),
    LowRating: ("due_at", "pk"),
    SurveyAnswer: ("-round", "pk"),
    GradeDuty: ("due_on", "unit__order", "enterprise__name", "pk"),
    Inspection: ("-held_at", "-pk"),
    Sitting: ("-day", "-pk"),
    VisitSheet: ("-first_handed_in_at", "-pk"),
    Cluster: ("-found_at", "-pk"),
    Improvement: ("due_on", "pk"),
    ClusterReport: ("-submitted_at", "-pk"),
}
_RELATED: dict[type[Model], tuple[str, ...]] = {
    Visit: ("enterprise", "project", "reporting_unit"),
    VisitParticipant: ("official", "visit__enterprise", "visit__project", "visit__reporting_unit"),
    Appeal: ("enterprise", "project", "collecting_unit"),
    Event: ("appeal__enterprise", "appeal__project", "appeal__collecting_unit", "appeal__lead_unit", "unit"),
    HandOut: ("policy", "policy_list", "enterprise", "project", "unit"),
    ServiceEvent: ("organiser",),
    Outreach: (
        "hand_out__policy",
        "hand_out__policy_list",
        "attendance__event",
        "enterprise",
        "project",
        "unit",
    ),
    Payment: ("policy", "enterprise", "project", "unit", "reversal"),
    NewsItem: ("unit",),
    Opinion: ("unit",),
    Effect: ("appeal__enterprise", "appeal__project", "unit"),
    Assignment: ("official", "enterprise", "project", "unit"),
    Deadline: ("appeal__enterprise", "appeal__project", "owner"),
    Refusal: ("appeal__enterprise", "appeal__project", "unit"),
    SupervisionLetter: ("appeal__enterprise", "appeal__project", "unit"),
    SituationTable: ("period", "unit"),
    InspectionLine: ("campaign", "task", "item", "unit"),
    JobOpening: ("enterprise", "project", "unit"),
    JobSeeker: ("unit", "region"),
    JobPlacement: ("opening__enterprise", "opening__project", "unit"),
    FinancingNeed: ("enterprise", "project", "unit"),
    FinancingDispatch: ("need__enterprise", "need__project", "need__unit"),
    ServiceRating: ("unit", "visit", "event", "enterprise", "project"),
    LowRating: ("unit",),
    SurveyAnswer: ("round", "unit"),
    Commitment: ("enterprise", "project", "unit"),
    Instalment: ("commitment__unit", "commitment__enterprise", "commitment__project"),
    GradeDuty: ("enterprise", "unit"),
    Inspection: ("enterprise", "unit"),
    Sitting: ("unit", "official"),
    VisitSheet: ("unit",),
    Cluster: ("district",),
    Improvement: ("cluster", "unit"),
    ClusterReport: ("submitted_by__unit",),
}


def behind(row: FormRow, context: Context) -> QuerySet:
    """The records a figure counts now."""
    indicator = figures.indicator_of(row)
    assert indicator is not None
    return indicator.evidence(context.with_params(row.params))


def behind_frozen(row: FormRow, table: SituationTable) -> QuerySet:
    """The records a frozen figure counted when it was frozen."""
    indicator = figures.indicator_of(row)
    assert indicator is not None
    ids = FrozenFigure.objects.filter(table=table, row=row.no).values_list("evidence", flat=True).first()
    return indicator.source.model._base_manager.filter(pk__in=ids or [])


def behind_all_frozen(row: FormRow, tables: Iterable[SituationTable]) -> QuerySet:
    """The records that the frozen figures of several tables counted together."""
    indicator = figures.indicator_of(row)
    assert indicator is not None
    lists = FrozenFigure.objects.filter(table__in=list(tables), row=row.no).values_list("evidence", flat=True)
    ids = {pk for evidence in lists for pk in evidence}
    return indicator.source.model._default_manager.filter(pk__in=ids)


def visible(records: QuerySet, user: User) -> QuerySet:
    """Those of the records that this user may open, in the order they are read."""
    model: Any = records.model
    if model is VisitParticipant:
        seen = records.filter(visit__in=Visit.objects.visible_to(user).values("pk"))
    else:
        seen = records.filter(pk__in=model.objects.visible_to(user).order_by().values("pk"))
    return seen.select_related(*_RELATED[model]).order_by(*_NEWEST_FIRST[model])


def lines(
    records: Iterable[Any], rules: Rules, period: ReportingPeriod | None = None, *, cumulative: bool = False
) -> list[Line]:
    """Of a week's figure, what happened before the week was recorded too late for its own table, and is marked."""
    found = [_line(record, rules, period) for record in records]
    return [replace(line, carried=False) for line in found] if cumulative else found


def _line(record: Any, rules: Rules, period: ReportingPeriod | None) -> Line:
    match record:
        case Visit():
            text = f"走访 {record.subject_name}"
            return _dated(record.occurred_at, text, record.reporting_unit, "", _visit(record), period)
        case VisitParticipant():
            visit = record.visit
            text = f"走访 {visit.subject_name}"
            who = f"{record.name}（{record.unit_name}{record.title}）"
            return _dated(visit.occurred_at, text, visit.reporting_unit, who, _visit(visit), period)
        case Appeal():
            counts = f"省平台编号 {record.provincial_number}" if record.provincial_number else ""
            return Line(
                record.submitted_at, _about(record), str(record.collecting_unit), counts, _appeal(record)
            )
        case Event():
            appeal = record.appeal
            text = _about(appeal)
            if record.transition in SOLVED_ON_SPOT:
                unit, counts = appeal.collecting_unit, "当场解决"
            else:
                unit = record.unit or appeal.lead_unit or appeal.collecting_unit
                counts = TRANSITIONS[record.transition].label
            return _dated(record.occurred_at, text, unit, counts, _appeal(appeal), period)
        case Deadline():
            appeal = record.appeal
            text = _about(appeal)
            counts = f"{record.get_kind_display()}时限，{record.colour_label}"
            return Line(record.due_at, text, str(record.owner), counts, _appeal(appeal))
        case Refusal():
            appeal = record.appeal
            text = _about(appeal)
            counts = record.get_outcome_display() or "逐级签字中"
            return Line(record.at, text, str(record.unit), counts, _appeal(appeal))
        case SupervisionLetter():
            url = _url("appeals:letter", record.pk)
            return Line(
                record.sent_at,
                f"{record} {record.subject}",
                str(record.unit),
                record.get_state_display(),
                url,
            )
        case SituationTable():
            text = f"截止 {record.period.ending:%Y-%m-%d} 的工作情况表"
            counts = "没有报送" if record.submitted_at is None else "迟报" if record.late else "按时报送"
            return Line(
                record.period.due_at, text, str(record.unit), counts, _url("reports:table", record.pk)
            )
        case InspectionLine():
            what = f"{record.campaign.name}：{record.task}"
            text = f"{what}（{record.item.text[:40]}）" if record.item else what
            at = start_of(record.due) if record.due else None
            url = _url("campaigns:task", record.task_id)
            return Line(at, text, str(record.unit), record.get_state_display(), url, by_day=True)
        case Commitment():
            text = f"{record.title}（{record.to_whom}）"
            owed = f"，{record.owed:,.2f} 万元" if record.owed is not None else ""
            counts = f"{record.get_state_display()}，时限 {record.due_on:%Y-%m-%d}{owed}"
            return Line(None, text, str(record.unit), counts, _url("campaigns:commitment", record.pk))
        case Instalment():
            promise = record.commitment
            text = f"{record.paid_on:%Y-%m-%d} 付款：{promise.title}（{promise.to_whom}）"
            counts = f"{record.amount:,.2f} 万元"
            return Line(None, text, str(promise.unit), counts, _url("campaigns:commitment", promise.pk))
        case Effect():
            appeal, effect = record.appeal, rules.find("effects", record.kind)
            text = _about(appeal)
            counts = f"{record.change.normalize():+f} {effect.unit if effect else ''}"
            return _dated(record.at, text, record.unit, counts, _appeal(appeal), period)
        case HandOut():
            text = f"向 {record.subject_name} 发放{_paper(record)}"
            url = _paper_page(record)
            by_day = bool(record.way)
            return _dated(record.occurred_at, text, record.unit, f"{record.copies} 份", url, period, by_day)
        case ServiceEvent():
            kind = rules.label("event_kinds", record.kind)
            text = f"{record.title}（{record.place}）"
            return _dated(record.starts_at, text, record.organiser, kind, _event(record.pk), period)
        case Outreach():
            counts, by_day = record.get_way_display(), False
            if record.hand_out:
                by_day = bool(record.hand_out.way)
                text = f"向 {record.subject_name} 发放{_paper(record.hand_out)}"
                url = _paper_page(record.hand_out)
            else:
                event = record.attendance.event if hasattr(record, "attendance") else None
                text = f"{record.subject_name} 参加{event.title if event else '座谈会'}"
                url = _event(event.pk) if event else ""
            return _dated(record.occurred_at, text, record.unit, counts, url, period, by_day)
        case Payment():
            text = f"{'冲销：' if record.reverses_id else ''}{record.subject_name}《{record.policy.title}》{record.basis}"
            counts = f"{record.amount:+,.2f} 万元"
            url = _policy(record.policy_id)
            return _dated(record.occurred_at, text, record.unit, counts, url, period, by_day=True)
        case NewsItem():
            unit, outlet = record.unit, record.outlet
            return _dated(record.occurred_at, record.title, unit, outlet, record.url, period, by_day=True)
        case Opinion():
            counts = record.get_handling_display()
            url = _url("liaisons:opinion", record.pk)
            return _dated(record.occurred_at, record.content, record.unit, counts, url, period)
        case ServiceRating():
            counts = rules.label("satisfaction", record.level)
            return Line(record.at, rated_thing(record), str(record.unit), counts)
        case LowRating():
            url = _url("campaigns:low_rating", record.pk)
            return Line(record.due_at, record.about, str(record.unit), record.get_state_display(), url)
        case SurveyAnswer():
            # Anonymous: the round, the unit and the level, and nothing else.
            counts = rules.label("satisfaction", record.level)
            return Line(None, f"{record.round.label}满意度调查答卷", str(record.unit or "—"), counts)
        case GradeDuty():
            # Whether it was graded, never how.
            label = rules.grades.field_label(record.field)
            text = f"{record.enterprise} {record.year}年{label}评定（期限 {record.due_on:%Y-%m-%d}）"
            counts = "已评定" if record.record_id else "未评定"
            return Line(
                None, text, str(record.unit), counts, _url("enterprises:firm_grades", record.enterprise_id)
            )
        case Inspection():
            text = f"检查 {record.enterprise}：{record.matter}"
            counts = "联合检查" if record.joint else "单独检查"
            url = _url("enterprises:inspection", record.pk)
            assert record.held_at is not None
            return _dated(record.held_at, text, record.unit, counts, url, period, by_day=True)
        case Sitting():
            url = _url("campaigns:sitting", record.pk)
            return _dated(
                start_of(record.day), f"{record} {record.item}", record.unit, "", url, period, by_day=True
            )
        case VisitSheet():
            text = f"{record.month:%Y年%-m月}走访联系表"
            url = _url("campaigns:visit_sheet", record.unit_id, f"{record.month:%Y-%m}")
            counts = "逾期报送" if record.late else "按时报送"
            return _dated(record.first_handed_in_at, text, record.unit, counts, url, period)
        case Cluster():
            counts = rules.label("categories", record.category)
            return Line(record.found_at, record.title, "—", counts, _url("appeals:cluster", record.pk))
        case Improvement():
            text = f"{record.cluster.title}：{record.get_kind_display()}（时限 {record.due_on:%Y-%m-%d}）"
            url = _url("appeals:improvement", record.pk)
            return Line(record.adopted_at, text, str(record.unit), record.get_state_display(), url)
        case ClusterReport():
            who = str(record.submitted_by.unit) if record.submitted_by else "—"
            return Line(record.submitted_at, record.title, who, "", _url("reports:cluster_report", record.pk))
        case Assignment():
            text = f"{record.official} 联系 {record.subject_name}（{record.started:%Y-%m-%d} 起）"
            return Line(None, text, str(record.unit), record.get_part_display())
        case JobOpening() | JobSeeker() | JobPlacement() | FinancingNeed() | FinancingDispatch():
            return _need_line(record, rules)
    raise TypeError(f"no line for {type(record)}")


def _need_line(record: Any, rules: Rules) -> Line:
    """Of the needs lists. A seeker stands there by number alone."""
    match record:
        case JobOpening():
            text = f"{record.subject_name} {label_of(record, rules)}"
            url = _url("campaigns:opening", record.pk)
            return Line(record.recorded_at, text, str(record.unit), f"招聘 {record.wanted} 人", url)
        case JobSeeker():
            text = f"求职人员 {record.pk}（{record.region.name}，{rules.label('trades', record.trade) or '其他'}）"
            url = _url("campaigns:seeker", record.pk)
            return Line(record.recorded_at, text, str(record.unit), record.get_state_display(), url)
        case JobPlacement():
            text = f"{record.opening.subject_name} {label_of(record.opening, rules)}"
            url = _url("campaigns:opening", record.opening_id)
            return Line(record.occurred_at, text, str(record.unit), f"{record.persons} 人上岗", url)
        case FinancingNeed():
            url = _url("campaigns:financing_need", record.pk)
            counts = f"{record.amount:,.2f} 万元，{record.get_state_display()}"
            return Line(record.recorded_at, record.subject_name, str(record.unit), counts, url)
    text = f"{record.need.subject_name} → {record.bank_name}"
    counts = record.get_answer_display()
    if record.credit:
        counts = f"授信 {record.credit:,.2f} 万元，放款 {record.lent:,.2f} 万元"
    url = _url("campaigns:financing_need", record.need_id)
    return Line(record.dispatched_at, text, str(record.need.unit), counts, url)


def _dated(
    at: datetime, text: str, unit: Any, counts: str, url: str, period: ReportingPeriod | None,
    by_day: bool = False,
) -> Line:  # fmt: skip
    carried = period is not None and at < period.start
    return Line(at, text, str(unit), counts, url, carried=carried, by_day=by_day)


def _about(appeal: Appeal) -> str:
    return f"{appeal.number} {appeal.title}（{appeal.subject_name}）"


def _paper(given: HandOut) -> str:
    if given.policy_list:
        return f"政策清单《{given.policy_list.title}》"
    return f"《{given.policy.title}》" if given.policy else given.get_paper_display()


def _policy(pk: int | None) -> str:
    return _url("policies:policy", pk) if pk else ""


def _paper_page(given: HandOut) -> str:
    return (
        _url("policies:one_list", given.policy_list_id) if given.policy_list_id else _policy(given.policy_id)
    )


def _event(pk: int) -> str:
    return _url("portal:event", pk)


def _visit(visit: Visit) -> str:
    return _url("portal:visit", visit.pk)


def _appeal(appeal: Appeal) -> str:
    return _url("appeals:detail", appeal.number)


def _url(name: str, *keys: Any) -> str:
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""
