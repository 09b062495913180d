"""Why a transition must wait although the state and the actor fit.

Each gate answers with the Chinese reason, or with nothing when the way is free.
"""

from accounts.actors import Actor
from accounts.models import Role
from appeals.models import Appeal, Deadline, PendingRequest, Revisit


def _pending(appeal: Appeal, kind: str) -> bool:
    return appeal.requests.filter(kind=kind, ruling="").exists()


def answer_is_offered(appeal: Appeal, actor: Actor) -> str:
    return "" if _pending(appeal, PendingRequest.Kind.CONFIRM) else "还没有需要企业确认的当场答复。"


def decline_is_proposed(appeal: Appeal, actor: Actor) -> str:
    return "" if _pending(appeal, PendingRequest.Kind.DECLINE) else "没有待复核的“不予受理”意见。"


def no_decline_is_proposed(appeal: Appeal, actor: Actor) -> str:
    return "已有“不予受理”意见等待复核。" if _pending(appeal, PendingRequest.Kind.DECLINE) else ""


def dissatisfaction_waits(appeal: Appeal, actor: Actor) -> str:
    """The bureau rules on a dissatisfied rating within its limit: redo, or uphold with a reason."""
    waits = appeal.deadlines.running().filter(kind=Deadline.Kind.RULE).exists()
    return "" if waits else "没有等待裁定的不满意评价。"


def second_result(appeal: Appeal) -> Revisit | None:
    """The concluded second revisit of the running round, if there is one."""
    return appeal.revisits.filter(stage=Revisit.Stage.SECOND, round=appeal.round, concludes=True).last()


def second_revisit_is_owed(appeal: Appeal, actor: Actor) -> str:
    return "本轮二次回访已经完成。" if second_result(appeal) else ""


def may_close(appeal: Appeal, actor: Actor) -> str:
    """Two revisits, the second one independent; after 未接通 a second officer; after 不满意 a leader."""
    result = second_result(appeal)
    if result is None:
        return "须先完成二次回访，才能办结。"
    if not dissatisfaction_waits(appeal, actor):
        return "企业评价不满意，须先裁定（重办或维持答复）。"
    if not result.reached and actor.user and result.by_id == actor.user.pk:
        return "二次回访未接通的，须由另一名工作人员审核办结。"
    dissatisfied = result.reached and result.satisfaction not in appeal.rules.satisfied_levels
    if dissatisfied and not actor.has_role(Role.BUREAU_LEADER):
        return "企业不满意的，须由牵头局负责人审核办结，或重办。"
    return ""
