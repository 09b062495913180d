"""The kinds of notices, in one table: over which channels each goes, and what of it nobody can switch off."""

from dataclasses import dataclass

from core.wording import spoken
from notifications.models import Channel, Kind

PERSONAL = (Channel.INBOX, Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True)
class Duty:
    hint: str
    keys: tuple[str, ...] = ()
    """What the key of a notice begins with that names no kind itself."""
    group: bool = True
    """The robots of the unit's group chats tell it too."""
    locked: frozenset[str] = frozenset({Channel.INBOX})
    """Channels that cannot be switched off. The inbox is the record of what somebody was told."""
    sms: bool = False
    """Its urgent notices may go by SMS."""
    always_urgent: bool = False


_AT_LEAST_MAIL = frozenset({Channel.INBOX, Channel.EMAIL})

DUTIES: dict[str, Duty] = {
    Kind.DISPATCH: Duty("诉求的受理、交办、签收、反馈等进展", keys=("appeal:",)),
    Kind.DEADLINE: Duty(
        "办理时限将到、已到、已超期", keys=("deadline:", "digest:"), locked=_AT_LEAST_MAIL, sms=True
    ),
    Kind.SUPERVISION: Duty(
        "督办、挂牌督办和领导批示", keys=("letter:",), locked=_AT_LEAST_MAIL, sms=True, always_urgent=True
    ),
    Kind.REVISIT: Duty("需要回访、二次回访的诉求"),
    Kind.APPROVAL: Duty("等您审批、签字的事项", sms=True),
    Kind.VISIT: Duty("应走访未走访、企业约访", keys=("visits-", "visit_request:")),
    Kind.EVENT: Duty("活动和议定事项，窗口排班、走流程坐窗口", keys=("event", "rota", "sitting")),
    Kind.REPORT: Duty(
        "工作情况表、通报、年度考核和专项行动进展", keys=("table", "bulletin", "assessment", "campaign")
    ),
    Kind.GENERAL: Duty(spoken("意见建议、底册变更、公示牌、企业分级和检查等其他通知"), group=False),
}


def kind_of(key: str) -> str:
    """The kind of a notice whose sender named none."""
    for kind, duty in DUTIES.items():
        if key.startswith(duty.keys):
            return kind
    return Kind.GENERAL


def is_urgent(kind: str, tone: str) -> bool:
    """Urgent notices wait for no morning: what is overdue, and whatever is urgent by its kind."""
    return DUTIES[kind].always_urgent or (kind == Kind.DEADLINE and tone == "red")


def channels_of(kind: str) -> list[str]:
    """The channels by which a notice of this kind can reach a person."""
    return [channel for channel in PERSONAL if channel != Channel.SMS or DUTIES[kind].sms]


def switchable(kind: str) -> list[str]:
    return [channel for channel in channels_of(kind) if channel not in DUTIES[kind].locked]
