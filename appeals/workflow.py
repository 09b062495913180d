"""The closed loop (收集→办理→反馈→回访) as one table. Read it top to bottom and you know the workflow.

Each row says: its name and label, from which states it leads to which, who may do it, what must be given,
which clocks it meets and starts, what else it does, when it must wait, whom it tells, and how the firm reads
it. ``appeals.perform`` carries rows out; buttons, the API, the flow chart and the manual derive from them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.actors import Actor
from appeals import forms, gates, intake_forms, policies, steps
from appeals.models import FINAL, Appeal, Deadline, Status
from appeals.policies import Policy
from appeals.steps import Step

S = Status
K = Deadline.Kind

OPEN = frozenset(S) - FINAL


@dataclass(frozen=True, kw_only=True)
class Transition:
    name: str
    label: str
    sources: frozenset[Status] = frozenset()
    """The states it can start from; none if it only creates."""
    target: Status | None = None
    """The state it leads to; None leaves the state as it is."""
    creates: bool = False
    who: tuple[Policy, ...]
    """Any of these may do it."""
    who_label: str
    form: type[forms.TransitionForm] = forms.TransitionForm
    meets: tuple[str, ...] = ()
    """Clocks it ends with a verdict."""
    starts: tuple[str, ...] = ()
    """Clocks it starts; those whose owner or length depends on the data are started by the step."""
    does: Callable[[Step], None] | None = None
    gate: Callable[[Appeal, Actor], str] | None = None
    """Why it must wait although state and actor fit; empty when it need not."""
    tells: tuple[str, ...] = ()
    """Whom the inbox tells: see ``appeals.notices``."""
    public: str = ""
    """How the firm's timeline words it; empty keeps it from the firm. ``{unit}`` is the acting unit."""
    danger: bool = False
    """Asks for confirmation."""

    @property
    def source_labels(self) -> list[str]:
        """The states it starts from, in the order of the loop."""
        return [status.label for status in Status if status in self.sources]

    def leads_to(self, status: str) -> str:
        return str(self.target or status)


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


TRANSITIONS: dict[str, Transition] = {
    row.name: row
    for row in (
        # --- Collect 收集 ---
        Transition(
            name="submit",
            label="提交",
            creates=True,
            target=S.SUBMITTED,
            who=(policies.visitor,),
            who_label="企业",
            form=intake_forms.SubmitForm,
            starts=(K.ACCEPT,),
            does=steps.take_in,
            tells=("bureau",),
            public="已提交，等待受理",
        ),
        Transition(
            name="register",
            label="登记",
            creates=True,
            target=S.SUBMITTED,
            who=(policies.recorder,),
            who_label="窗口、联企干部、单位联络员、调度员",
            form=intake_forms.RegisterForm,
            starts=(K.ACCEPT,),
            does=steps.take_in,
            tells=("bureau",),
            public="{unit}已登记，等待受理",
        ),
        Transition(
            name="solve_on_spot",
            label="当场解决",
            creates=True,
            target=S.SOLVED_ON_SPOT,
            who=(policies.recorder,),
            who_label="首问单位",
            form=intake_forms.SolveOnSpotForm,
            does=steps.solve_on_spot,
            public="{unit}当场答复解决，企业已签名确认",
        ),
        Transition(
            name="offer_answer",
            label="当场答复",
            sources=_from(S.SUBMITTED),
            who=(policies.collecting_unit,),
            who_label="首问单位",
            form=intake_forms.OfferAnswerForm,
            does=steps.offer_answer,
            public="{unit}已当场答复，请确认是否解决",
        ),
        Transition(
            name="confirm_solved",
            label="确认已解决",
            sources=_from(S.SUBMITTED),
            target=S.SOLVED_ON_SPOT,
            who=(policies.enterprise, policies.collecting_unit_with_code),
            who_label="企业（凭查询码）",
            form=intake_forms.ConfirmForm,
            meets=(K.ACCEPT,),
            does=steps.confirm_solved,
            gate=gates.answer_is_offered,
            tells=("collecting_unit",),
            public="企业确认当场解决",
        ),
        Transition(
            name="not_solved",
            label="没有解决",
            sources=_from(S.SOLVED_ON_SPOT),
            target=S.SUBMITTED,
            who=(policies.enterprise,),
            who_label="企业",
            form=forms.ReasonForm,
            starts=(K.ACCEPT,),
            does=steps.not_solved,
            tells=("bureau", "collecting_unit"),
            public="企业反映问题没有解决，重新等待受理",
        ),
        Transition(
            name="supplement",
            label="补充说明",
            sources=OPEN,
            who=(policies.enterprise,),
            who_label="企业",
            form=intake_forms.SupplementForm,
            does=steps.supplement,
            tells=("in_charge",),
            public="企业补充了说明",
        ),
        # --- Triage 研判 ---
        Transition(
            name="accept",
            label="受理",
            sources=_from(S.SUBMITTED),
            target=S.ACCEPTED,
            who=(policies.dispatcher,),
            who_label="调度员",
            form=forms.AcceptForm,
            meets=(K.ACCEPT,),
            starts=(K.DISPATCH,),
            does=steps.accept,
            public="{unit}已受理，正在确定办理单位",
        ),
        Transition(
            name="propose_decline",
            label="拟不予受理",
            sources=_from(S.SUBMITTED, S.ACCEPTED),
            who=(policies.dispatcher,),
            who_label="调度员",
            form=forms.ProposeDeclineForm,
            does=steps.propose_decline,
            gate=gates.no_decline_is_proposed,
            tells=("bureau",),
        ),
        Transition(
            name="decline",
            label="复核同意不予受理",
            sources=_from(S.SUBMITTED, S.ACCEPTED),
            target=S.DECLINED,
            who=(policies.second_officer,),
            who_label="牵头局另一名工作人员",
            form=forms.DeclineForm,
            meets=(K.ACCEPT,),
            does=steps.decline,
            gate=gates.decline_is_proposed,
            tells=("collecting_unit",),
            public="不予受理",
            danger=True,
        ),
        Transition(
            name="refuse_decline",
            label="不同意，继续办理",
            sources=_from(S.SUBMITTED, S.ACCEPTED),
            who=(policies.second_officer,),
            who_label="牵头局另一名工作人员",
            form=forms.DeclineForm,
            does=steps.refuse_decline,
            gate=gates.decline_is_proposed,
            tells=("bureau",),
        ),
        Transition(
            name="record_provincial",
            label="录入省平台编号",
            sources=OPEN | {S.CLOSED},
            who=(policies.dispatcher, policies.collecting_unit),
            who_label="收集单位、调度员",
            form=forms.RecordProvincialForm,
            does=steps.record_provincial,
        ),
        Transition(
            name="dispatch",
            label="交办",
            sources=_from(S.ACCEPTED),
            target=S.DISPATCHED,
            who=(policies.dispatcher,),
            who_label="调度员",
            form=forms.DispatchForm,
            meets=(K.DISPATCH,),
            does=steps.dispatch,
            gate=gates.no_decline_is_proposed,
            tells=("lead_unit", "assisting_units"),
            public="已交{lead}办理",
        ),
        # --- Handle 办理 ---
        Transition(
            name="sign",
            label="签收",
            sources=_from(S.DISPATCHED),
            target=S.HANDLING,
            who=(policies.lead_unit,),
            who_label="主办单位",
            form=forms.SignForm,
            meets=(K.SIGN,),
            does=steps.sign,
            public="{unit}已签收，正在办理",
        ),
        Transition(
            name="assist",
            label="协办意见",
            sources=_from(S.HANDLING),
            who=(policies.assisting_unit,),
            who_label="协办单位",
            form=forms.AssistForm,
            does=steps.assist,
            tells=("lead_unit",),
        ),
        # --- Feed back 反馈 ---
        Transition(
            name="feedback",
            label="反馈",
            sources=_from(S.HANDLING),
            target=S.ANSWERED,
            who=(policies.lead_unit,),
            who_label="主办单位",
            form=forms.FeedbackForm,
            meets=(K.HANDLE,),
            starts=(K.REVISIT,),
            does=steps.feedback,
            public="{unit}已答复，请评价",
        ),
        Transition(
            name="rate",
            label="评价",
            sources=_from(S.ANSWERED, S.REVISITED),
            who=(policies.enterprise,),
            who_label="企业",
            form=forms.RateForm,
            does=steps.rate,
            tells=("bureau_if_dissatisfied",),
            public="企业已评价",
        ),
        Transition(
            name="uphold",
            label="维持答复",
            sources=_from(S.ANSWERED, S.REVISITED),
            who=(policies.bureau,),
            who_label="牵头局",
            form=forms.ReasonForm,
            meets=(K.RULE,),
            does=steps.uphold,
            gate=gates.dissatisfaction_waits,
            public="{unit}核实后维持原答复，说明如下",
        ),
        # --- Revisit 回访 ---
        Transition(
            name="revisit",
            label="回访",
            sources=_from(S.ANSWERED),
            target=S.REVISITED,
            who=(policies.revisitor,),
            who_label="主办单位（牵头局主办的，由另一名工作人员）",
            form=forms.RevisitForm,
            meets=(K.REVISIT,),
            starts=(K.SECOND_REVISIT,),
            does=steps.revisit,
            tells=("second_revisitors",),
            public="{unit}已回访",
        ),
        Transition(
            name="second_revisit",
            label="二次回访",
            sources=_from(S.REVISITED),
            who=(policies.second_revisitor,),
            who_label="牵头局（牵头局主办的，由督查）",
            form=forms.RevisitForm,
            meets=(K.SECOND_REVISIT,),
            does=steps.second_revisit,
            gate=gates.second_revisit_is_owed,
            tells=("bureau",),
            public="{unit}已二次回访",
        ),
        Transition(
            name="close",
            label="办结",
            sources=_from(S.REVISITED),
            target=S.CLOSED,
            who=(policies.bureau,),
            who_label="牵头局",
            form=forms.CloseForm,
            does=steps.close,
            gate=gates.may_close,
            tells=("lead_unit", "collecting_unit"),
            public="已办结",
            danger=True,
        ),
        Transition(
            name="redo",
            label="重办",
            sources=_from(S.ANSWERED, S.REVISITED),
            target=S.DISPATCHED,
            who=(policies.bureau,),
            who_label="牵头局",
            form=forms.RedoForm,
            meets=(K.RULE,),
            does=steps.redo,
            tells=("lead_unit",),
            public="已退回{lead}重新办理",
            danger=True,
        ),
    )
}


def allowed(transition: Transition, actor: Actor, appeal: Appeal) -> bool:
    """May the actor do it at all? The state and the gate are asked separately."""
    return any(policy(actor, appeal) for policy in transition.who)


def available(appeal: Appeal, actor: Actor) -> list[Transition]:
    """What the actor may do with the appeal now: the buttons of its page."""
    return [
        row
        for row in TRANSITIONS.values()
        if appeal.status in row.sources
        and allowed(row, actor, appeal)
        and not (row.gate and row.gate(appeal, actor))
    ]


def next_steps(appeal: Appeal) -> list[Transition]:
    """The steps that lead onward from where the appeal stands: who is expected to do what next."""
    return [
        row
        for row in TRANSITIONS.values()
        if appeal.status in row.sources and (row.target or row.name == "second_revisit") and not row.danger
    ]
