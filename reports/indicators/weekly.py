"""The indicators of the weekly situation table. Who counts what is written in the definitions, after 附件3
and the common design.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest

from appeals.models import Appeal, Effect, Event
from appeals.provincial import SOLVED_ON_SPOT
from core.wording import spoken
from districts.rotas import MAIN
from liaisons.models import Assignment, Opinion, ServiceEvent, Visit, VisitParticipant
from policies.models import HandOut, NewsItem, Outreach, Payment
from reports.indicators.base import Context, Indicator, Source, StateSource, distinct, total
from reports.spans import COUNTED_FOR

NOT_SOLVED = "not_solved"


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


def _kinds_that_count(assignments: QuerySet, context: Context) -> QuerySet:
    """包保联系, and what else the profile lets count (``assignment_kinds``: counted)."""
    counted = [MAIN, *(kind.code for kind in context.rules.assignment_kinds if kind.counted)]
    return assignments.filter(kind__in=counted)


VISITS = Source(Visit, "reporting_unit_id")
PARTICIPANTS = Source(
    VisitParticipant, "visit__reporting_unit_id", "visit__occurred_at", "visit__recorded_at"
)
PROBLEMS = Source(
    Appeal, "visit__reporting_unit_id", "visit__occurred_at", "known_at", _with_rank_groups, appeal="pk"
)
HAND_OUTS = Source(HandOut, "unit_id")
MEETINGS = Source(ServiceEvent, "organiser_id", "starts_at", "held_at", _held)
OUTREACH = Source(Outreach, "unit_id")
PAYMENTS = Source(Payment, "unit_id")
NEWS = Source(NewsItem, "unit_id")
SOLVED = Source(Event, "appeal__collecting_unit_id", prepare=_solved_and_still_so, appeal="appeal")
PROVINCIAL = Source(
    Appeal,
    "collecting_unit_id",
    "provincial_recorded_at",
    "provincial_recorded_at",
    _never_solved_on_spot,
    "pk",
)
EFFECTS = Source(Effect, "unit_id", "at", "known_at", _with_time_recorded, "appeal")
OPINIONS = Source(Opinion, "unit_id")
ASSIGNMENTS = StateSource(Assignment, "unit_id", "started")
COUNTED_ASSIGNMENTS = StateSource(
    Assignment, "unit_id", "started", prepare=_kinds_that_count, manager="every_kind"
)


# --- The registry ---------------------------------------------------------------------------------


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


WEEKLY = (
    Indicator(
        "visit_participants",
        "参与走访领导人数",
        "期内走访的参加人员中属于该领导班子类别的人，同一人只计一次；市有关单位人员由陪同单位登记。计入走访的填报单位。",
        PARTICIPANTS,
        distinct("person_key"),
        _rank_group,
        "同一领导与几个单位一同走访的，全区只计一人",
        parameter="rank_group",
    ),
    Indicator(
        "visit_enterprises",
        "走访企业数量",
        spoken(
            "有该类别领导参加的走访所到的企业，同一企业只计一次；几类领导同去的，各类都计。"
            "走访重点项目和尚未与底册匹配的企业不计。计入走访的填报单位。"
        ),
        VISITS,
        distinct("enterprise"),
        _rank_group_present,
        "几个单位都走访过的企业，全区只计一家",
        parameter="rank_group",
    ),
    Indicator(
        "visit_problems",
        "走访收集解决问题",
        "在走访中提出的诉求，按走访时间计入该期，只计入在场的最高一类领导，不重复计。计入走访的填报单位。",
        PROBLEMS,
        distinct("pk"),
        _highest_group,
        parameter="rank_group",
    ),
    Indicator(
        "policy_papers",
        "发放政策清单",
        "走访、活动中和窗口、微信、邮寄发放的政策清单份数；《一封信》不计。计入发放单位。",
        HAND_OUTS,
        total("copies"),
        lambda context: Q(paper=HandOut.Paper.POLICY),
    ),
    Indicator(
        "policy_meetings",
        "召开调研座谈会",
        "已登记举办的座谈类活动（区县方案中定为座谈会的类别），按举办时间计，一次活动计一场。计入承办单位。",
        MEETINGS,
        distinct("pk"),
        _meeting_kinds,
    ),
    Indicator(
        "policy_reached",
        "政策宣传惠及企业",
        "领到政策清单或参加座谈会的企业，同一企业只计一次；只领到《一封信》的不计，重点项目和未入册的企业不计。"
        "计入发放清单、承办座谈会的单位。",
        OUTREACH,
        distinct("enterprise"),
        _of("enterprise"),
        same_once="几个单位都宣传到的企业，全区只计一家",
    ),
    Indicator(
        "policy_paid",
        "帮助兑现政策",
        "登记的政策兑现金额合计，按拨付日期计；冲销的，在冲销时还没有报送的表中减去。计入兑现单位。",
        PAYMENTS,
        total("amount"),
    ),
    Indicator(
        "solved_on_spot",
        "当场解决问题（A）",
        "当场解决并经企业确认的诉求，按解决时间计；截止前企业反映“没有解决”的不计。计入收集单位。",
        SOLVED,
        distinct("appeal"),
    ),
    Indicator(
        "provincial_recorded",
        "录入省平台跟踪办理问题（B）",
        "登记了省为企业服务平台编号的诉求，按登记编号的时间计；曾经当场解决的不计。计入收集单位。",
        PROVINCIAL,
        distinct("pk"),
    ),
    Indicator(
        "effect",
        "帮助企业解决要素问题",
        "办理单位反馈时填写的成效，按反馈时间计；重办后改变的，只计变化的部分。计入主办单位。",
        EFFECTS,
        total("change"),
        lambda context: Q(kind=context.params["kind"]),
        parameter="kind",
    ),
    Indicator(
        "supply_solved",
        "解决其他生产配套服务问题",
        "物流、原材料供应等生产配套类诉求中，反馈为“已解决”的件数；重办后改变的，只计变化的部分。计入主办单位。",
        EFFECTS,
        total("change"),
        lambda context: Q(kind="supply"),
    ),
    Indicator(
        "opinions",
        "听取意见建议",
        "听取的涉企政策、服务、营商环境的意见建议，按登记时的处理方式分为自行听取和提请区级主管部门协调；"
        "以后再提请的，仍按登记时的处理方式计。计入听取单位。",
        OPINIONS,
        distinct("pk"),
        lambda context: Q(handling=context.params["handling"]),
        parameter="handling",
    ),
    Indicator(
        "liaison_cadres",
        "常态联系企业的领导干部数",
        spoken("截止日在任的联企干部，同一人只计一次。计入干部所在单位；是截止时的状态，不逐期累加。"),
        COUNTED_ASSIGNMENTS,
        distinct("official"),
        same_once=spoken("在几个单位都有包保任务的干部，全区只计一人"),
    ),
    Indicator(
        "liaison_enterprises",
        spoken("常态联系包保企业数"),
        spoken(
            "截止日有联企干部联系的企业，同一企业只计一次。计入干部所在单位；是截止时的状态，不逐期累加。"
        ),
        COUNTED_ASSIGNMENTS,
        distinct("enterprise"),
        _of("enterprise"),
        same_once="几个单位都有干部联系的企业，全区只计一家",
    ),
    Indicator(
        "liaison_projects",
        spoken("联系包保项目数量"),
        spoken(
            "截止日有联企干部联系的重点项目，同一项目只计一次。计入干部所在单位；是截止时的状态，不逐期累加。"
        ),
        COUNTED_ASSIGNMENTS,
        distinct("project"),
        _of("project"),
        same_once="几个单位都有干部联系的项目，全区只计一个",
    ),
    Indicator(
        "news_items",
        "宣传报道专项行动",
        "登记的宣传报道，按刊播日期计，一家媒体刊播一篇计一篇次。计入报送单位。",
        NEWS,
        distinct("pk"),
    ),
)
