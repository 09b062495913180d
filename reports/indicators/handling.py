"""How appeals are handled: intake and outflow, in time or late, right at once or done again, solved, satisfied.

The rules of the shares (domain notes, “Indicators”): what is overdue or still open stays in the denominator,
what came back is not resolved, who was not reached is shown apart and never made to disappear, and whether it
is solved is another question than whether the firm is satisfied. All of it is told as things stand when it is
asked for; what a bulletin said is frozen with the bulletin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

from appeals.models import (
    FINAL,
    Appeal,
    Deadline,
    Event,
    PendingRequest,
    Rating,
    Refusal,
    Revisit,
    Solved,
    Status,
    SupervisionLetter,
)
from appeals.refusal_figures import DISPATCHING
from core import clock
from core.wording import spoken
from reports.indicators.base import Context, Indicator, Rate, Source, Workdays, distinct
from reports.indicators.weekly import PROVINCIAL, SOLVED, WEEKLY
from reports.spans import Span

Kind = Deadline.Kind
Stage = Revisit.Stage

DONE = (Status.CLOSED, Status.SOLVED_ON_SPOT)
RESPONSES = (
    "accept", "offer_answer", "ask_firm", "decline", "handle_oneself", "merge", "confirm_withdrawal",
)  # fmt: skip
"""What an official does first about an appeal that came in."""
ANSWERING = ("feedback", "explained")
MOST = 1_000_000
"""More rounds than any appeal will ever have."""


# --- Sources --------------------------------------------------------------------------------------


def _with_first_response(appeals: QuerySet, context: Context) -> QuerySet:
    """When somebody had to react to it, and when somebody did. Solved on the spot needs no clock."""
    due = Deadline.objects.filter(appeal=OuterRef("pk"), kind=Kind.ACCEPT).order_by("round", "pk")
    first = Event.objects.filter(appeal=OuterRef("pk"), transition__in=RESPONSES).order_by("seq")
    return appeals.annotate(
        response_due=Subquery(due.values("due_at")[:1]),
        responded_at=Subquery(first.values("occurred_at")[:1]),
    )


@dataclass(frozen=True)
class ClockSource(Source):
    """Clocks that ran out within the span, met or not. One that stands still is not due."""

    def when(self, span: Span) -> Q:
        due = Q(due_at__gte=span.start, due_at__lt=min(span.end, clock.now()))
        running = Q(verdict="", paused_at__isnull=True)
        return due & (running | ~Q(verdict__in=["", Deadline.Verdict.VOID])) & ~Q(kind=Kind.WAITING)


@dataclass(frozen=True)
class OpenSource(Source):
    """Appeals that had come in and not ended at the end of the span."""

    def when(self, span: Span) -> Q:
        return Q(submitted_at__lt=span.end) & (Q(ended_at__isnull=True) | Q(ended_at__gte=span.end))


def _ending(events: QuerySet, context: Context) -> QuerySet:
    """Events that brought an appeal to an end."""
    return events.filter(to_status__in=FINAL).exclude(from_status=F("to_status"))


def _answering(events: QuerySet, context: Context) -> QuerySet:
    """Each answer of a round with what the firm said of it.

    What the firm said itself comes before what a second revisit heard, and that before the first revisit.
    """
    of_round = {"appeal": OuterRef("appeal"), "round": OuterRef("round")}
    own = Rating.objects.filter(**of_round).order_by("-event_seq")
    heard = Revisit.objects.filter(**of_round, concludes=True).order_by("-event_seq")
    reached = heard.filter(reached=True)

    def said(field: str) -> Coalesce:
        return Coalesce(
            Subquery(own.values(field)[:1]),
            Subquery(reached.filter(stage=Stage.SECOND).values(field)[:1]),
            Subquery(reached.filter(stage=Stage.FIRST).values(field)[:1]),
            Value(""),
            output_field=CharField(),
        )

    return events.filter(transition__in=ANSWERING).annotate(
        said_satisfaction=said("satisfaction"),
        said_solved=said("solved"),
        was_revisited=Exists(heard.filter(stage=Stage.FIRST)),
        was_revisited_again=Exists(heard.filter(stage=Stage.SECOND)),
    )


def _dispatching(events: QuerySet, context: Context) -> QuerySet:
    """Each time an appeal was given to a unit, and where the next time begins."""
    following = Event.objects.filter(
        appeal=OuterRef("appeal"), transition__in=DISPATCHING, seq__gt=OuterRef("seq")
    ).order_by("seq")
    return events.filter(transition__in=DISPATCHING).annotate(
        until_seq=Coalesce(Subquery(following.values("seq")[:1]), MOST)
    )


def _after_dispatch(refusals: QuerySet, context: Context) -> QuerySet:
    """“No” of appeals that were dispatched within the span before: see ``appeals.refusal_figures``."""
    before = Event.objects.filter(
        appeal=OuterRef("appeal"),
        transition__in=DISPATCHING,
        occurred_at__gte=context.span.start,
        seq__lt=OuterRef("event_seq"),
    )
    return refusals.filter(Exists(before))


def _sent(letters: QuerySet, context: Context) -> QuerySet:
    return letters.filter(sent_at__isnull=False)


INTAKE = Source(
    Appeal, "collecting_unit_id", "submitted_at", "submitted_at", _with_first_response, appeal="pk"
)
OPEN = OpenSource(Appeal, "lead_unit_id", "submitted_at", "submitted_at", appeal="pk")
CLOCKS = ClockSource(Deadline, "owner_id", "due_at", "started_at", appeal="appeal", keys={"stage": "kind"})
ENDED = Source(Event, "appeal__lead_unit_id", prepare=_ending, appeal="appeal")
ANSWERS = Source(
    Event, "unit_id", prepare=_answering, appeal="appeal", keys={"satisfaction": "said_satisfaction"}
)
DISPATCHES = Source(
    Event, "dispatched_to", prepare=_dispatching, appeal="appeal",
    given={"dispatched_to": Cast(KeyTextTransform("lead", "data"), BigIntegerField())},
)  # fmt: skip
REFUSALS = Source(Refusal, "unit_id", "at", "at", _after_dispatch, "appeal")
LETTERS = Source(SupervisionLetter, "unit_id", "sent_at", "sent_at", _sent, "appeal")


# --- What is counted of them ----------------------------------------------------------------------


def _all_of(**conditions: object) -> Callable[[Context], Q]:
    return lambda context: Q(**conditions)


def _had_to_respond(context: Context) -> Q:
    in_time = Q(responded_at__lte=F("response_due"))
    return Q(response_due__isnull=True) | Q(response_due__lt=clock.now()) | in_time


def _responded_in_time(context: Context) -> Q:
    return Q(response_due__isnull=True) | Q(responded_at__lte=F("response_due"))


def _of_kind(*kinds: str) -> Callable[[Context], Q]:
    return lambda context: Q(kind__in=kinds)


def _on_time(*kinds: str) -> Callable[[Context], Q]:
    return lambda context: Q(kind__in=kinds, verdict=Deadline.Verdict.ON_TIME)


def _answered_on_time_for_good(context: Context) -> Q:
    """What was done again later, or came back, was not done in time."""
    on_time = Q(kind__in=HANDLING, verdict=Deadline.Verdict.ON_TIME)
    return on_time & Q(appeal__round=F("round")) & ~Q(appeal__status=Status.MERGED)


def _overdue(context: Context) -> Q:
    now = min(context.span.end, clock.now())
    late = Deadline.objects.overdue(now).filter(appeal=OuterRef("pk")).exclude(kind=Kind.WAITING)
    return Q(Exists(late))


def _closed(context: Context) -> Q:
    return Q(to_status=Status.CLOSED)


def _right_at_once(context: Context) -> Q:
    """Never returned, never done again, and the firm satisfied at the first revisit."""
    returned = Event.objects.filter(appeal=OuterRef("appeal"), transition="agree_return")
    satisfied = Revisit.objects.filter(
        appeal=OuterRef("appeal"),
        stage=Stage.FIRST,
        reached=True,
        satisfaction__in=context.rules.satisfied_levels,
    )
    return _closed(context) & Q(appeal__round=1) & ~Q(Exists(returned)) & Q(Exists(satisfied))


def _satisfied(context: Context) -> Q:
    return Q(said_satisfaction__in=context.rules.satisfied_levels)


def _told(field: str) -> Callable[[Context], Q]:
    return lambda context: ~Q(**{field: ""})


def _not_reached(context: Context) -> Q:
    return Q(said_satisfaction="", was_revisited=True)


def _done_again(context: Context) -> Q:
    return Q(appeal__round__gt=F("round"))


def _returned(context: Context) -> Q:
    agreed = Event.objects.filter(
        appeal=OuterRef("appeal"),
        transition="agree_return",
        seq__gt=OuterRef("seq"),
        seq__lt=OuterRef("until_seq"),
    )
    return Q(Exists(agreed))


def _extended(context: Context) -> Q:
    agreed = PendingRequest.objects.filter(
        appeal=OuterRef("appeal"),
        kind=PendingRequest.Kind.EXTENSION,
        ruling=PendingRequest.Ruling.AGREED,
        event_seq__gt=OuterRef("seq"),
        event_seq__lt=OuterRef("until_seq"),
    )
    return Q(Exists(agreed))


def _each_pair(unit: str) -> Callable:
    """An appeal counts once for each unit it went to (件次)."""
    return distinct_of(Concat(Cast("appeal", CharField()), Value("-"), Cast(unit, CharField())))


def distinct_of(expression: Concat) -> Callable:
    return distinct(expression)  # type: ignore[arg-type]


HANDLING = (Kind.HANDLE, Kind.OWN_HANDLING)

RECEIVED = Indicator("received", "收到诉求", "期内提交和登记的诉求，含不予受理、并单和撤回的。", INTAKE)
TO_RESPOND = Indicator(
    "to_respond",
    "应响应诉求",
    "期内收到、受理时限已到或已经响应的诉求，当场解决的计入。",
    INTAKE,
    matches=_had_to_respond,
)
RESPONDED = Indicator(
    "responded",
    "按时响应诉求",
    "其中在受理时限内受理、答复、请企业补充或说明不予受理的，当场解决的计入。",
    INTAKE,
    matches=_responded_in_time,
)
RECEIVED_DONE = Indicator(
    "received_done",
    "收到并已办结诉求",
    "期内收到、现在已办结或当场办结的诉求；办结后又再次反映的不算。",
    INTAKE,
    matches=_all_of(status__in=DONE),
)
OPEN_NOW = Indicator("open", "在办诉求", "期末尚未终结的诉求。", OPEN)
OPEN_OVERDUE = Indicator(
    "open_overdue", "超期在办诉求", "期末尚未终结、有环节超期的诉求；等企业补充而暂停计时的不算超期。", OPEN,
    matches=_overdue,
)  # fmt: skip
ENDED_ALL = Indicator("ended", "终结诉求", "期内办结、当场办结、不予受理、并单、撤回的件次。", ENDED)
CLOSED = Indicator(
    "closed", "办结诉求", "期内经二次回访办结的件次，办结后再次反映又办结的另计一次。", ENDED, matches=_closed
)
CLOSED_DAYS = Workdays(
    "closed_days", "办理工作日", "期内办结的诉求从提交到办结的工作日数之和，等待企业、上报市级的时间计入。",
    ENDED, matches=_closed, start="appeal__submitted_at", end="occurred_at",
)  # fmt: skip
CLOSED_AT_ONCE = Indicator(
    "closed_at_once",
    "一次办结诉求",
    "其中没有退回、没有重办或再次反映，且第一次回访时企业满意的。",
    ENDED,
    matches=_right_at_once,
)


def _clock(name: str, label: str, *kinds: str) -> tuple[Indicator, Indicator]:
    due = Indicator(
        f"{name}_due",
        f"应{label}件次",
        f"{label}时限在期内到期的件次，超期仍未完成的计入；环节在到期前终止和暂停计时的不计。",
        CLOCKS,
        matches=_of_kind(*kinds),
    )
    met = Indicator(
        f"{name}_met", f"按时{label}件次", f"其中在时限内{label}的。", CLOCKS, matches=_on_time(*kinds)
    )
    return due, met


ACCEPT_DUE, ACCEPT_MET = _clock("accept", "受理", Kind.ACCEPT)
DISPATCH_DUE, DISPATCH_MET = _clock("dispatch", "交办", Kind.DISPATCH)
SIGN_DUE, SIGN_MET = _clock("sign", "签收", Kind.SIGN)
HANDLE_DUE, _ = _clock("handle", "办结", *HANDLING)
HANDLE_MET = Indicator(
    "handle_met",
    "按时办结件次",
    "其中在时限内办完答复、此后没有重办也没有再次反映的。",
    CLOCKS,
    matches=_answered_on_time_for_good,
)
ASSIST_DUE, ASSIST_MET = _clock("assist", "协办", Kind.ASSIST)
REVISIT_DUE, REVISIT_MET = _clock("revisit", "回访", Kind.REVISIT)
SECOND_DUE, SECOND_MET = _clock("second_revisit", "二次回访", Kind.SECOND_REVISIT)

ANSWERED = Indicator("answered", "答复件次", "期内反馈和解释的件次，重办后再答复的另计一次。", ANSWERS)
REDONE = Indicator("redone", "重办件次", "其中此后重办、或企业再次反映的。", ANSWERS, matches=_done_again)
JUDGED = Indicator(
    "judged",
    "有效评价件次",
    "期内答复、企业表示了满意度的件次：有企业自己的评价，以其评价为准，否则以二次回访、再以回访为准。",
    ANSWERS,
    matches=_told("said_satisfaction"),
)
SATISFIED = Indicator("satisfied", "满意件次", "其中基本满意及以上的。", ANSWERS, matches=_satisfied)
NOT_REACHED = Indicator(
    "not_reached",
    "未接通件次",
    "期内答复、回访三个不同日期都没有接通、企业自己也没有评价的件次；不计入有效评价，单独列出。",
    ANSWERS,
    matches=_not_reached,
)
TOLD_SOLVED = Indicator(
    "told_solved",
    "企业说明是否解决件次",
    "期内答复、企业说明了是否解决的件次：依次以企业自己的评价、二次回访、回访为准。",
    ANSWERS,
    matches=_told("said_solved"),
)
SOLVED_SAID = Indicator(
    "solved_said", "企业认为已解决件次", "其中企业认为已解决的，部分解决的不算。", ANSWERS,
    matches=_all_of(said_solved=Solved.YES),
)  # fmt: skip
REVISITED = Indicator(
    "revisited", "已回访件次", "其中办理单位已经回访的，含三个不同日期都未接通的。", ANSWERS,
    matches=_all_of(was_revisited=True),
)  # fmt: skip
REVISITED_AGAIN = Indicator(
    "revisited_again", "已二次回访件次", spoken("其中牵头局（牵头局主办的为督查）已经二次回访的。"), ANSWERS,
    matches=lambda context: Q(was_revisited=True, was_revisited_again=True),
)  # fmt: skip

DISPATCHED = Indicator("dispatched", "交办件次", "期内交办给主办单位的件次，改派、重办的另计。", DISPATCHES)
RETURNED = Indicator(
    "returned", "退回件次", spoken("其中此后经牵头局同意退回的。"), DISPATCHES, matches=_returned
)
EXTENDED = Indicator("extended", "延期件次", "其中此后经同意延期的。", DISPATCHES, matches=_extended)
DISPATCHED_PAIRS = Indicator(
    "dispatched_pairs", "交办诉求", "期内交办的诉求，同一诉求先后交给几个单位的，各计一次。", DISPATCHES,
    _each_pair("dispatched_to"),
)  # fmt: skip
REFUSED = Indicator(
    "refused", "说“不”诉求", "其中期内拟说“不”的，同一诉求在同一单位只计一次。", REFUSALS, _each_pair("unit")
)
SUPERVISED = Indicator("supervised", "督办单", "期内发出的关于诉求的督办单。", LETTERS)

_SPOT, _PROVINCIAL = (
    next(indicator for indicator in WEEKLY if indicator.source is source) for source in (SOLVED, PROVINCIAL)
)

HANDLED = (
    RECEIVED, TO_RESPOND, RESPONDED, RECEIVED_DONE, OPEN_NOW, OPEN_OVERDUE, ENDED_ALL, CLOSED, CLOSED_DAYS,
    CLOSED_AT_ONCE, ACCEPT_DUE, ACCEPT_MET, DISPATCH_DUE, DISPATCH_MET, SIGN_DUE, SIGN_MET, HANDLE_DUE,
    HANDLE_MET, ASSIST_DUE, ASSIST_MET, REVISIT_DUE, REVISIT_MET, SECOND_DUE, SECOND_MET, ANSWERED, REDONE,
    JUDGED, SATISFIED, NOT_REACHED, TOLD_SOLVED, SOLVED_SAID, REVISITED, REVISITED_AGAIN, DISPATCHED,
    RETURNED, EXTENDED, DISPATCHED_PAIRS, REFUSED, SUPERVISED,
)  # fmt: skip

RATES_OF_HANDLING = (
    Rate("response_rate", "响应率", "收到诉求后按时作出第一次回应的比例。", RESPONDED, (TO_RESPOND,)),
    Rate("accept_rate", "受理及时率", "在受理时限内受理或作出决定的比例。", ACCEPT_MET, (ACCEPT_DUE,)),
    Rate("dispatch_rate", "交办及时率", "在交办时限内交办的比例。", DISPATCH_MET, (DISPATCH_DUE,)),
    Rate("sign_rate", "签收及时率", "在签收时限内签收的比例。", SIGN_MET, (SIGN_DUE,)),
    Rate(
        "on_time_rate",
        "按时办结率",
        "应在期内办结的诉求中按时办结的比例，超期和在办的都在分母里，重办和再次反映的不算办结。",
        HANDLE_MET,
        (HANDLE_DUE,),
    ),
    Rate("assist_rate", "协办及时率", "在协办时限内提出意见的比例。", ASSIST_MET, (ASSIST_DUE,)),
    Rate("done_share", "办结比例", "期内收到的诉求到现在已经办结的比例。", RECEIVED_DONE, (RECEIVED,)),
    Rate(
        "first_time_rate", "一次办结率", "办结的诉求中一次办成、企业满意的比例。", CLOSED_AT_ONCE, (CLOSED,)
    ),
    Rate(
        "on_spot_rate",
        "当场解决率",
        "工作情况表计入的收集问题（当场解决的和录入省平台的）中，当场解决的比例。",
        _SPOT,
        (_SPOT, _PROVINCIAL),
    ),
    Rate(
        "solved_rate", "解决率", "企业认为问题已经解决的比例，与满意率分开统计。", SOLVED_SAID, (TOLD_SOLVED,)
    ),
    Rate(
        "satisfied_rate",
        "满意率",
        "企业基本满意及以上的比例；未接通的单独列出，不算满意也不算不满意。",
        SATISFIED,
        (JUDGED,),
    ),
    Rate("revisit_rate", "回访率", "答复后办理单位已经回访的比例。", REVISITED, (ANSWERED,)),
    Rate("revisit_on_time_rate", "回访及时率", "在回访时限内回访的比例。", REVISIT_MET, (REVISIT_DUE,)),
    Rate(
        "second_revisit_rate",
        "二次回访率",
        spoken("单位回访后牵头局已经二次回访的比例。"),
        REVISITED_AGAIN,
        (REVISITED,),
    ),
    Rate(
        "second_revisit_on_time_rate",
        "二次回访及时率",
        "在二次回访时限内回访的比例。",
        SECOND_MET,
        (SECOND_DUE,),
    ),
    Rate("redo_rate", "重办率", "答复后又重办或再次反映的比例。", REDONE, (ANSWERED,), better="low"),
    Rate("return_rate", "退回率", "交办后退回的比例。", RETURNED, (DISPATCHED,), better="low"),
    Rate("extension_rate", "延期率", "交办后延期的比例。", EXTENDED, (DISPATCHED,), better="low"),
    Rate(
        "refusal_rate",
        "说“不”率",
        "交办的诉求中拟说“不”的比例；停在哪一级见“说‘不’情况”。",
        REFUSED,
        (DISPATCHED_PAIRS,),
        better="low",
    ),
    Rate(
        "mean_days",
        "平均办理工作日",
        "办结的诉求从提交到办结平均用的工作日。",
        CLOSED_DAYS,
        (CLOSED,),
        measure="天",
        better="low",
    ),
)
