"""Why a transition must wait although the state and the actor fit.

Each gate answers with the Chinese reason, or with nothing when the way is free.
"""

from collections.abc import Callable

from accounts.actors import Actor
from accounts.models import Role
from appeals import signing
from appeals.models import Appeal, Deadline, PendingRequest, Revisit, Status
from core import clock
from core.wording import speak
from districts.calendars import work_calendar

Gate = Callable[[Appeal, Actor], str]
Request = PendingRequest.Kind
Clock = Deadline.Kind


def all_of(*gates: Gate) -> Gate:
    """The first reason that any of them has."""

    def gate(appeal: Appeal, actor: Actor) -> str:
        return next((why for each in gates if (why := each(appeal, actor))), "")

    return gate


def waits(kind: PendingRequest.Kind) -> Gate:
    """Something must have been asked before it can be ruled on."""

    def gate(appeal: Appeal, actor: Actor) -> str:
        return "" if appeal.facts.pending(kind) else f"没有待裁定的“{kind.label}”。"

    return gate


def not_waiting(kind: PendingRequest.Kind) -> Gate:
    """What was asked is ruled on before anything else, and is not asked twice."""

    def gate(appeal: Appeal, actor: Actor) -> str:
        return f"“{kind.label}”正在等待裁定。" if appeal.facts.pending(kind) else ""

    return gate


# --- Triage ---------------------------------------------------------------------------------------


def instruction_is_given(appeal: Appeal, actor: Actor) -> str:
    """Where the profile says so, a leader writes an instruction before dispatch."""
    if not appeal.rules.gates.instruction_before_dispatch:
        return ""
    given = appeal.facts.happened("instruct", appeal.round)
    return "" if given else "须先呈请领导签批，才能交办。"


def not_objected_before(appeal: Appeal, actor: Actor) -> str:
    """A decline may be objected to once."""
    return "已经申请过复核，复核结果为最终结果。" if appeal.facts.happened("object") else ""


def nothing_merged_into_it(appeal: Appeal, actor: Actor) -> str:
    """Whoever follows this appeal must not fall with it."""
    return "有其他诉求并入本件，请先取消并单。" if appeal.facts.merged else ""


def main_is_answered(appeal: Appeal, actor: Actor) -> str:
    """The firms of merged appeals are asked once the main one is answered, each for itself."""
    main = appeal.merged_into
    if main is None or main.answered_at is None:
        return "主件答复后再回访并单企业。"
    asked = [
        visit
        for visit in appeal.facts.revisits
        if visit.stage == Revisit.Stage.MERGED and visit.concludes and visit.at >= main.answered_at
    ]
    return "并单企业已经回访。" if asked else ""


# --- Handling -------------------------------------------------------------------------------------


def handled_by_itself(appeal: Appeal, actor: Actor) -> str:
    return "" if appeal.facts.running(Clock.OWN_HANDLING) else speak("本件由牵头局交办，不是自办。")


def not_handled_before(appeal: Appeal, actor: Actor) -> str:
    """A unit tries itself once; what was handed up, returned or came back is the bureau's to dispatch."""
    tried = {"handle_oneself", "dispatch"}
    again = appeal.round > 1 or any(event.transition in tried for event in appeal.facts.events)
    return speak("已经办理过的诉求由牵头局交办。") if again else ""


def extension_not_lapsed(appeal: Appeal, actor: Actor) -> str:
    """Unruled at due is refused: nobody agrees afterwards."""
    handle = appeal.facts.running(Clock.HANDLE)
    return "已到期，未裁定的延期申请视为不同意。" if handle and clock.now() >= handle.due_at else ""


def dispatched_by_the_bureau(appeal: Appeal, actor: Actor) -> str:
    """What a unit took on itself (自办) it hands up rather than refuse, extend or shelve it."""
    return "" if appeal.facts.running(Clock.HANDLE) else speak("自办的诉求办不了的，请上交牵头局。")


def return_not_ruled_before(appeal: Appeal, actor: Actor) -> str:
    """Once ruled, final: a unit asks once to be let off."""
    ruled = any(
        asked.kind == Request.RETURN
        and asked.unit_id == actor.unit_id
        and asked.ruling == PendingRequest.Ruling.REFUSED
        for asked in appeal.facts.requests
    )
    return "退回申请已经裁定过，裁定为最终结果。" if ruled else ""


def extension_in_time(appeal: Appeal, actor: Actor) -> str:
    """Asked once a round, before the clock is due, and some working days before it."""
    handle = appeal.facts.running(Clock.HANDLE)
    if handle is None:
        return ""
    notice = appeal.rules.limits.extension_notice
    calendar = work_calendar(appeal.rules)
    last = calendar.add(handle.due_at.astimezone(calendar.tz).date(), -notice) if notice else clock.today()
    if clock.now() >= handle.due_at or clock.today() > last:
        return f"延期须在到期前至少{notice}个工作日提出。"
    asked = [request.round for request in appeal.facts.requests if request.kind == Request.EXTENSION]
    return "本轮已经申请过延期。" if appeal.round in asked else ""


def not_refused_before(appeal: Appeal, actor: Actor) -> str:
    """“No” is proposed once a round; after that it is done."""
    return "本轮已经提出过说“不”，请继续办理。" if appeal.facts.refusal else ""


def levels_remain(appeal: Appeal, actor: Actor) -> str:
    return "" if appeal.refusal_level < _levels(appeal) - 1 else "已到最后一级，签字后提请会商。"


def last_level(appeal: Appeal, actor: Actor) -> str:
    return "" if appeal.refusal_level == _levels(appeal) - 1 else "还没有到最后一级。"


def _levels(appeal: Appeal) -> int:
    return len(signing.levels(appeal.rules))


def answer_may_be_signed(appeal: Appeal, actor: Actor) -> str:
    """A redo needs the signature of the next higher level; a profile may want a leader's at once."""
    if signing.may_sign_answer(appeal, actor):
        return ""
    return f"本轮答复须由{_signer(appeal)}签发，请先送签。"


def answer_needs_a_signature(appeal: Appeal, actor: Actor) -> str:
    return "" if signing.needed_for_answer(appeal) else "本轮答复无须送签，可直接反馈。"


def _signer(appeal: Appeal) -> str:
    return signing.levels(appeal.rules)[signing.needed_for_answer(appeal)].label


# --- Judging and closing --------------------------------------------------------------------------


def dissatisfaction_waits(appeal: Appeal, actor: Actor) -> str:
    """The bureau rules on a dissatisfied or contradictory answer: redo, or uphold with a reason."""
    return "" if appeal.facts.running(Clock.RULE) else "没有等待裁定的不满意评价。"


def redo_remains(appeal: Appeal, actor: Actor) -> str:
    return "" if _redos_left(appeal) else "多次重办仍未解决的，须转会商研判。"


def redos_are_used_up(appeal: Appeal, actor: Actor) -> str:
    return "可先重办，多次重办仍未解决的再转会商。" if _redos_left(appeal) else ""


def _redos_left(appeal: Appeal) -> bool:
    return signing.redos(appeal) < appeal.rules.handling.redos_before_consulting


def second_result(appeal: Appeal) -> Revisit | None:
    """The concluded second revisit of the running round, if there is one."""
    second = [
        visit for visit in appeal.facts.revisits if visit.stage == Revisit.Stage.SECOND and visit.concludes
    ]
    return second[-1] if second else None


def second_revisit_is_owed(appeal: Appeal, actor: Actor) -> str:
    return "本轮二次回访已经完成。" if second_result(appeal) else ""


def is_dissatisfied(appeal: Appeal) -> bool:
    """The second revisit heard it, or the firm says so itself, whatever an official noted."""
    levels = appeal.rules.satisfied_levels
    result, own = second_result(appeal), appeal.ratings.filter(round=appeal.round).last()
    heard = result is not None and result.reached and result.satisfaction not in levels
    return heard or (own is not None and own.satisfaction not in levels)


def may_close(appeal: Appeal, actor: Actor) -> str:
    """Two revisits, the second one independent; after 未接通 a second officer; after 不满意 a leader."""
    result = second_result(appeal)
    if result is None:
        return "须先完成二次回访，才能办结。"
    if appeal.facts.running(Clock.RULE):
        return "企业评价不满意，或与回访记录不一致，须先裁定（重办或维持答复）。"
    if not result.reached and actor.user and result.by_id == actor.user.pk:
        return "二次回访未接通的，须由另一名工作人员审核办结。"
    if is_dissatisfied(appeal) and not actor.has_role(Role.BUREAU_LEADER):
        return speak("企业不满意的，须由牵头局负责人审核办结，或重办。")
    if appeal.facts.merged_to_revisit:
        return "并入本件的企业还没有全部回访。"
    return "挂牌督办尚未摘牌，不能办结。" if appeal.facts.listing else ""


def may_reopen(appeal: Appeal, actor: Actor) -> str:
    """Within the window stored when it ended; a declined one once, and not while an objection waits."""
    if appeal.reopen_until is None or clock.now() >= appeal.reopen_until:
        return "再次反映的期限已过，请重新提交诉求。"
    if appeal.status != Status.DECLINED:
        return ""
    if appeal.facts.pending(Request.OBJECTION):
        return "已申请复核，请等待复核结果。"
    reopened = any(
        event.transition == "reopen" and event.from_status == Status.DECLINED for event in appeal.facts.events
    )
    return "不予受理的诉求只能再次反映一次。" if reopened else ""


# --- Supervision ----------------------------------------------------------------------------------


def listed(appeal: Appeal, actor: Actor) -> str:
    return "" if appeal.facts.listing else "本件没有挂牌督办。"


def not_listed(appeal: Appeal, actor: Actor) -> str:
    return "本件已经挂牌督办。" if appeal.facts.listing else ""
