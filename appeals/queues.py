"""What waits for whom: the desks and 今日必办. A queue is a queryset of running deadlines."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Role, User
from appeals import signing
from appeals.deadlines import NOBODYS
from appeals.models import Appeal, Deadline, PendingRequest, RefusalSignature, Status
from appeals.policies import LEADERS
from core import clock
from districts.models import DistrictProfile

Kind = Deadline.Kind

# Whoever works off the clocks of a unit.
DESK_ROLES = (
    Role.LIAISON,
    Role.SECTION_HEAD,
    Role.DEPUTY_LEADER,
    Role.UNIT_LEADER,
    Role.DISPATCHER,
    Role.BUREAU_LEADER,
    Role.SUPERVISOR,
)


@dataclass(frozen=True)
class Queue:
    """A heap of work on somebody's desk."""

    code: str
    label: str
    hint: str
    kinds: tuple[str, ...]


BUREAU_QUEUES = (
    Queue("accept", "待受理", "核对企业和类别后受理", (Kind.ACCEPT,)),
    Queue("dispatch", "待交办", "确定主办单位", (Kind.DISPATCH,)),
    Queue("second_revisit", "待二次回访", "打电话给企业，独立核实", (Kind.SECOND_REVISIT,)),
    Queue("rule", "不满意待裁定", "重办，或说明理由维持答复", (Kind.RULE,)),
    Queue(
        "requests",
        "申请待裁定",
        "退回、延期、挂账、退出协办、撤回、复核",
        (
            Kind.RETURN_RULING,
            Kind.EXTENSION_RULING,
            Kind.ON_FILE_RULING,
            Kind.ASSIST_RULING,
            Kind.WITHDRAWAL,
            Kind.OBJECTION,
        ),
    ),
    Queue("consult", "待会商", "召集有关单位会商研判，形成纪要", (Kind.CONSULT,)),
)
UNIT_QUEUES = (
    Queue("sign", "待签收", "确认收到并落实经办人", (Kind.SIGN,)),
    Queue("handle", "办理中", "办结后向企业反馈", (Kind.HANDLE, Kind.OWN_HANDLING)),
    Queue("assist", "待协办", "向主办单位提出协办意见", (Kind.ASSIST,)),
    Queue("refusal", "说“不”待签字", "签自己的意见，能办的转为“办”", (Kind.REFUSAL_LEVEL,)),
    Queue("explain", "待解释", "按会商意见向企业当面解释", (Kind.EXPLAIN,)),
    Queue("follow_up", "待跟进", "上报市级、挂账的定期跟进", (Kind.FOLLOW_UP,)),
    Queue("supervision", "督办待回复", "回复督办单", (Kind.SUPERVISION,)),
    Queue("revisit", "待回访", "反馈后回访企业", (Kind.REVISIT,)),
)

APPEALS_ON_A_DESK = Appeal.objects.select_related("enterprise", "project", "lead_unit", "profile").defer(
    "profile__data", "content", "search_text"
)

# With what whoever registered an appeal holds for the same matter.
HINTED_APPEALS = APPEALS_ON_A_DESK.select_related("duplicate_hint__main").defer(
    "duplicate_hint__main__content", "duplicate_hint__main__search_text"
)


def owed_by(user: User) -> QuerySet[Deadline]:
    """The clocks that run for the user's unit, the most urgent first; a cadre's are those in their charge."""
    if user.unit_id is None or not user.has_role(*DESK_ROLES, Role.CADRE):
        return Deadline.objects.none()
    running = Deadline.objects.running().owned_by(user.unit)
    if not user.has_role(*DESK_ROLES):
        running = running.filter(appeal__officer=user.pk)
    return (
        running.exclude(kind__in=NOBODYS)
        .select_related("owner")
        .prefetch_related(Prefetch("appeal", HINTED_APPEALS))
        .order_by("due_at", "pk")
    )


def end_of_today() -> datetime:
    tomorrow = clock.today() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time()))


def must_do_today(user: User) -> QuerySet[Deadline]:
    """今日必办: overdue, due today, or turned blue; what stands still is not asked for."""
    now = clock.now()
    owed = owed_by(user).filter(paused_at__isnull=True)
    return owed.filter(due_at__lt=end_of_today()) | owed.filter(blue_at__lte=now)


def awaiting_countersignature(user: User) -> QuerySet[Appeal]:
    """Proposals not to accept that a second officer of the bureau must decide."""
    if not user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
        return Appeal.objects.none()
    proposed = PendingRequest.objects.filter(kind=PendingRequest.Kind.DECLINE, ruling="").exclude(
        asked_by=user
    )
    return APPEALS_ON_A_DESK.visible_to(user).filter(pk__in=proposed.values("appeal"))


def awaiting_my_signature(user: User) -> QuerySet[Appeal]:
    """What a leader signs on a phone: a “no” that has come to their level, an answer that was sent to them."""
    if user.unit is None or not user.has_role(*LEADERS):
        return Appeal.objects.none()
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    actor = Actor.of_user(user)
    mine = [
        level
        for level in range(len(signing.levels(rules)))
        if level and signing.stands_on(rules, actor, level)
    ]
    signed = RefusalSignature.objects.filter(by=user).values("refusal__appeal")
    drafts = PendingRequest.objects.filter(
        kind=PendingRequest.Kind.FEEDBACK,
        ruling="",
        unit=user.unit_id,
        data__level__lte=signing.highest(rules, actor),
    )
    at_my_level = Q(status=Status.REFUSING, refusal_level__in=mine) & ~Q(pk__in=signed)
    return (
        APPEALS_ON_A_DESK.visible_to(user)
        .filter(lead_unit=user.unit_id)
        .filter(at_my_level | Q(status=Status.HANDLING, pk__in=drafts.values("appeal")))
    )


def awaiting_my_instruction(user: User) -> QuerySet[Appeal]:
    """Appeals laid before this leader for an instruction (呈签)."""
    if not user.has_role(Role.DISTRICT_LEADER, Role.BUREAU_LEADER):
        return Appeal.objects.none()
    asked = PendingRequest.objects.filter(
        kind=PendingRequest.Kind.INSTRUCTION, ruling="", data__leader=user.pk
    )
    return APPEALS_ON_A_DESK.visible_to(user).filter(pk__in=asked.values("appeal"))


def ready_to_close(user: User) -> QuerySet[Appeal]:
    """Revisited twice and waiting for the bureau's last look: no clock runs any more."""
    if not user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER):
        return Appeal.objects.none()
    waiting = Deadline.objects.running().filter(kind__in=[Kind.SECOND_REVISIT, Kind.RULE])
    return (
        APPEALS_ON_A_DESK.visible_to(user)
        .filter(status=Status.REVISITED)
        .exclude(pk__in=waiting.values("appeal"))
        .order_by("answered_at", "pk")
    )
