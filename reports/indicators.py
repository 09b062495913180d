"""The one registry of indicators. An indicator is a queryset and an aggregate over it.

``Indicator.evidence(context)`` is the list of records behind a figure, ``Indicator.value(context)`` the
aggregate over that very queryset. Whole districts are computed by grouping the same querysets by unit,
see ``reports.figures``. Who counts what is written in the definitions, after 附件3 and the common design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Greatest

from appeals.models import Appeal, Effect, Event
from appeals.provincial import SOLVED_ON_SPOT
from districts.profile import Rules
from liaisons.models import Assignment, Opinion, ServiceEvent, Visit, VisitParticipant
from policies.models import HandOut, NewsItem, Outreach, Payment
from reports.spans import COUNTED_FOR, Span

NOT_SOLVED = "not_solved"


@dataclass(frozen=True)
class Context:
    """What is asked: which units' work, in which span, under which rules, with which parameters of a row.

    ``counts_for`` maps every unit whose records count to the reporting unit they count for: a service
    window hands in no table, its work counts for the unit above it.
    """

    rules: Rules
    span: Span
    counts_for: Mapping[int, int]
    params: Mapping[str, Any] = field(default_factory=dict)

    def for_units(self, *units: int) -> Context:
        kept = {unit: target for unit, target in self.counts_for.items() if target in units}
        return Context(self.rules, self.span, kept, self.params)

    def with_params(self, params: Mapping[str, Any]) -> Context:
        return Context(self.rules, self.span, self.counts_for, params)

    def within(self, span: Span) -> Context:
        return Context(self.rules, span, self.counts_for, self.params)


@dataclass(frozen=True)
class Source:
    """Where records come from: one kind of row, whose work it is, when it happened and was recorded."""

    model: type[Model]
    unit: str
    occurred: str = "occurred_at"
    recorded: str = "recorded_at"
    prepare: Callable[[QuerySet, Context], QuerySet] = lambda records, context: records

    def records(self, context: Context) -> QuerySet:
        """All rows of the units asked for, each with the reporting unit it counts for; no time yet."""
        targets: dict[int, list[int]] = {}
        for unit, target in context.counts_for.items():
            if unit != target:
                targets.setdefault(target, []).append(unit)
        whose = Case(
            *(When(**{f"{self.unit}__in": units}, then=Value(target)) for target, units in targets.items()),
            default=F(self.unit),
            output_field=BigIntegerField(),
        )
        manager = self.model._default_manager  # order_by(): a grouped query must not group by the order too
        rows = manager.filter(**{f"{self.unit}__in": list(context.counts_for)}).order_by()
        return self.prepare(rows.annotate(**{COUNTED_FOR: whose}), context)

    def when(self, span: Span) -> Q:
        return span.holds(self.occurred, self.recorded)


@dataclass(frozen=True)
class StateSource(Source):
    """Rows that hold at a moment, the end of the span, instead of happening within it."""

    def when(self, span: Span) -> Q:
        # A cut-off is looked at by its day, as assignments begin and end by days.
        day = span.period.ending if span.period else span.end.date()
        running = Q(**{f"{self.occurred}__lte": day}) & (Q(ended__isnull=True) | Q(ended__gt=day))
        return running & span.known(self.recorded)


@dataclass(frozen=True)
class Indicator:
    name: str
    label: str
    definition: str
    source: Source
    aggregate: Callable[[Q | None], Aggregate]
    matches: Callable[[Context], Q] = lambda context: Q()
    same_once: str = ""
    """Why the district's figure can be smaller than the sum of its units' figures."""

    def evidence(self, context: Context) -> QuerySet:
        """The records behind the figure."""
        counted = self.source.records(context).filter(self.source.when(context.span))
        return counted.filter(self.matches(context))

    def value(self, context: Context) -> Decimal:
        total = self.evidence(context).aggregate(value=self.aggregate(None))["value"]
        return Decimal(total or 0)


# --- Sources --------------------------------------------------------------------------------------


def _with_rank_groups(appeals: QuerySet, context: Context) -> QuerySet:
    """Each problem with the highest leadership group present at its visit, and when all of it was known."""
    rank = Case(
        *(When(rank_group=group.code, then=Value(group.order)) for group in context.rules.rank_groups),
        default=Value(len(context.rules.rank_groups) + 1000),
        output_field=IntegerField(),
    )
    present = VisitParticipant.objects.filter(visit=OuterRef("visit")).order_by(rank, "pk")
    return appeals.filter(visit__isnull=False).annotate(
        highest_group=Subquery(present.values("rank_group")[:1]),
        known_at=Greatest("visit__recorded_at", "submitted_at"),
    )


def _solved_and_still_so(events: QuerySet, context: Context) -> QuerySet:
    """Solved on the spot, and the firm has not said otherwise before the end of the span."""
    taken_back = Event.objects.filter(
        context.span.known("recorded_at", unit=OuterRef(OuterRef(COUNTED_FOR))),
        appeal=OuterRef("appeal"),
        transition=NOT_SOLVED,
        seq__gt=OuterRef("seq"),
        occurred_at__lt=context.span.end,
    )
    return events.filter(~Exists(taken_back), transition__in=SOLVED_ON_SPOT)


def _never_solved_on_spot(appeals: QuerySet, context: Context) -> QuerySet:
    """An A that comes back never becomes a B."""
    solved = Event.objects.filter(
        appeal=OuterRef("pk"), transition__in=SOLVED_ON_SPOT, occurred_at__lt=context.span.end
    )
    return appeals.filter(~Exists(solved), provincial_recorded_at__isnull=False).exclude(provincial_number="")


def _with_time_recorded(effects: QuerySet, context: Context) -> QuerySet:
    """An effect was recorded with the event that brought it."""
    event = Event.objects.filter(appeal=OuterRef("appeal"), seq=OuterRef("event_seq"))
    return effects.annotate(known_at=Subquery(event.values("recorded_at")[:1]))


def _held(events: QuerySet, context: Context) -> QuerySet:
    """It took place, and somebody has said so."""
    return events.filter(state=ServiceEvent.State.HELD)


VISITS = Source(Visit, "reporting_unit_id")
PARTICIPANTS = Source(
    VisitParticipant, "visit__reporting_unit_id", "visit__occurred_at", "visit__recorded_at"
)
PROBLEMS = Source(Appeal, "visit__reporting_unit_id", "visit__occurred_at", "known_at", _with_rank_groups)
HAND_OUTS = Source(HandOut, "unit_id")
MEETINGS = Source(ServiceEvent, "organiser_id", "starts_at", "held_at", _held)
OUTREACH = Source(Outreach, "unit_id")
PAYMENTS = Source(Payment, "unit_id")
NEWS = Source(NewsItem, "unit_id")
SOLVED = Source(Event, "appeal__collecting_unit_id", prepare=_solved_and_still_so)
PROVINCIAL = Source(
    Appeal, "collecting_unit_id", "provincial_recorded_at", "provincial_recorded_at", _never_solved_on_spot
)
EFFECTS = Source(Effect, "unit_id", "at", "known_at", _with_time_recorded)
OPINIONS = Source(Opinion, "unit_id")
ASSIGNMENTS = StateSource(Assignment, "unit_id", "started")


# --- The registry ---------------------------------------------------------------------------------


def _distinct(path: str) -> Callable[[Q | None], Aggregate]:
    return lambda condition: Count(path, distinct=True, filter=condition)


def _sum(path: str) -> Callable[[Q | None], Aggregate]:
    return lambda condition: Sum(path, filter=condition)


def _rank_group(context: Context) -> Q:
    return Q(rank_group=context.params["rank_group"])


def _rank_group_present(context: Context) -> Q:
    present = VisitParticipant.objects.filter(visit=OuterRef("pk"), rank_group=context.params["rank_group"])
    return Q(Exists(present), enterprise__isnull=False)


def _of(path: str) -> Callable[[Context], Q]:
    """Only records that name such a thing: a visit to a project is none to an enterprise."""
    return lambda context: Q(**{f"{path}__isnull": False})


def _highest_group(context: Context) -> Q:
    return Q(highest_group=context.params["rank_group"])


def _meeting_kinds(context: Context) -> Q:
    return Q(kind__in=[kind.code for kind in context.rules.events.kinds if kind.meeting])


_ALL = (
    Indicator(
        "visit_participants",
        "参与走访领导人数",
        "本周走访的参加人员中属于该领导班子类别的人，同一人只计一次；市有关单位人员由陪同单位登记。计入走访的填报单位。",
        PARTICIPANTS,
        _distinct("person_key"),
        _rank_group,
        "同一领导与几个单位一同走访的，全区只计一人",
    ),
    Indicator(
        "visit_enterprises",
        "走访企业数量",
        "有该类别领导参加的走访所到的企业，同一企业只计一次；几类领导同去的，各类都计。"
        "走访重点项目和尚未与底册匹配的企业不计。计入走访的填报单位。",
        VISITS,
        _distinct("enterprise"),
        _rank_group_present,
        "几个单位都走访过的企业，全区只计一家",
    ),
    Indicator(
        "visit_problems",
        "走访收集解决问题",
        "在走访中提出的诉求，按走访时间计入该周，只计入在场的最高一类领导，不重复计。计入走访的填报单位。",
        PROBLEMS,
        _distinct("pk"),
        _highest_group,
    ),
    Indicator(
        "policy_papers",
        "发放政策清单",
        "走访、活动中和窗口、微信、邮寄发放的政策清单份数；《一封信》不计。计入发放单位。",
        HAND_OUTS,
        _sum("copies"),
        lambda context: Q(paper=HandOut.Paper.POLICY),
    ),
    Indicator(
        "policy_meetings",
        "召开调研座谈会",
        "已登记举办的座谈类活动（区县方案中定为座谈会的类别），按举办时间计，一次活动计一场。计入承办单位。",
        MEETINGS,
        _distinct("pk"),
        _meeting_kinds,
    ),
    Indicator(
        "policy_reached",
        "政策宣传惠及企业",
        "领到政策清单或参加座谈会的企业，同一企业只计一次；只领到《一封信》的不计，重点项目和未入册的企业不计。"
        "计入发放清单、承办座谈会的单位。",
        OUTREACH,
        _distinct("enterprise"),
        _of("enterprise"),
        same_once="几个单位都宣传到的企业，全区只计一家",
    ),
    Indicator(
        "policy_paid",
        "帮助兑现政策",
        "登记的政策兑现金额合计，按拨付日期计；冲销的，在冲销时还没有报送的表中减去。计入兑现单位。",
        PAYMENTS,
        _sum("amount"),
    ),
    Indicator(
        "solved_on_spot",
        "当场解决问题（A）",
        "当场解决并经企业确认的诉求，按解决时间计；截止前企业反映“没有解决”的不计。计入收集单位。",
        SOLVED,
        _distinct("appeal"),
    ),
    Indicator(
        "provincial_recorded",
        "录入省平台跟踪办理问题（B）",
        "登记了省为企业服务平台编号的诉求，按登记编号的时间计；曾经当场解决的不计。计入收集单位。",
        PROVINCIAL,
        _distinct("pk"),
    ),
    Indicator(
        "effect",
        "帮助企业解决要素问题",
        "办理单位反馈时填写的成效，按反馈时间计；重办后改变的，只计变化的部分。计入主办单位。",
        EFFECTS,
        _sum("change"),
        lambda context: Q(kind=context.params["kind"]),
    ),
    Indicator(
        "supply_solved",
        "解决其他生产配套服务问题",
        "物流、原材料供应等生产配套类诉求中，反馈为“已解决”的件数；重办后改变的，只计变化的部分。计入主办单位。",
        EFFECTS,
        _sum("change"),
        lambda context: Q(kind="supply"),
    ),
    Indicator(
        "opinions",
        "听取意见建议",
        "听取的涉企政策、服务、营商环境的意见建议，按登记时的处理方式分为自行听取和提请区级主管部门协调；"
        "以后再提请的，仍按登记时的处理方式计。计入听取单位。",
        OPINIONS,
        _distinct("pk"),
        lambda context: Q(handling=context.params["handling"]),
    ),
    Indicator(
        "liaison_cadres",
        "常态联系企业的领导干部数",
        "截止日在任的联企干部，同一人只计一次。计入干部所在单位；是截止时的状态，不跨周累加。",
        ASSIGNMENTS,
        _distinct("official"),
        same_once="在几个单位都有包保任务的干部，全区只计一人",
    ),
    Indicator(
        "liaison_enterprises",
        "常态联系包保企业数",
        "截止日有联企干部联系的企业，同一企业只计一次。计入干部所在单位；是截止时的状态，不跨周累加。",
        ASSIGNMENTS,
        _distinct("enterprise"),
        _of("enterprise"),
        same_once="几个单位都有干部联系的企业，全区只计一家",
    ),
    Indicator(
        "liaison_projects",
        "联系包保项目数量",
        "截止日有联企干部联系的重点项目，同一项目只计一次。计入干部所在单位；是截止时的状态，不跨周累加。",
        ASSIGNMENTS,
        _distinct("project"),
        _of("project"),
        same_once="几个单位都有干部联系的项目，全区只计一个",
    ),
    Indicator(
        "news_items",
        "宣传报道专项行动",
        "登记的宣传报道，按刊播日期计，一家媒体刊播一篇计一篇次。计入报送单位。",
        NEWS,
        _distinct("pk"),
    ),
)

REGISTRY: Mapping[str, Indicator] = {indicator.name: indicator for indicator in _ALL}
