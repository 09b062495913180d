"""How a district handles appeals: limits, colours, signatures, revisits, reminders. A part of its rules."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field, field_validator, model_validator

from .schema import Code, Frozen, Text

RoleCode = Literal[
    "cadre",
    "window",
    "liaison",
    "section_head",
    "deputy_leader",
    "unit_leader",
    "dispatcher",
    "bureau_leader",
    "district_leader",
    "supervisor",
    "admin",
]


class Choice(Frozen):
    """Something a form offers and a page shows by its label."""

    code: Code
    label: Text


class OfficeHours(Frozen):
    start: time = time(8, 30)
    end: time = time(17, 30)

    @model_validator(mode="after")
    def end_comes_after_start(self) -> OfficeHours:
        if self.end <= self.start:
            raise ValueError("下班时间须晚于上班时间")
        return self


class HandleLimits(Frozen):
    urgent: int = Field(default=5, ge=1)
    normal: int = Field(default=7, ge=1)
    complex: int = Field(default=15, ge=1)


class Limits(Frozen):
    """In working days, but for `reopen_days`, which are calendar days."""

    accept: int = Field(default=1, ge=0)
    dispatch: int = Field(default=1, ge=0)
    sign: int = Field(default=1, ge=0)
    return_ruling: int = Field(default=1, ge=0)
    assist: int = Field(default=3, ge=1)
    handle: HandleLimits = HandleLimits()
    own_handling: int = Field(default=5, ge=1)
    """How long the collecting township or unit may try itself (自办) before the appeal is handed up."""
    revisit: int = Field(default=3, ge=0)
    second_revisit: int = Field(default=3, ge=0)
    redo: int = Field(default=5, ge=1)
    rule: int = Field(default=1, ge=0)
    """Within which the bureau must rule on a dissatisfied rating."""
    withdrawal: int = Field(default=1, ge=0)
    """Within which the bureau asks the firm whether it withdraws of its own free will."""
    instruction: int = Field(default=1, ge=0)
    """Within which a leader writes the instruction (签批) that was asked for."""
    on_file_ruling: int = Field(default=1, ge=0)
    supervision: int = Field(default=3, ge=1)
    """Within which a unit answers a supervision letter (督办单)."""
    objection: int = Field(default=2, ge=0)
    """Within which the bureau's leader must rule on an objection to 不予受理."""
    waiting: int = Field(default=5, ge=1)
    refusal_level: int = Field(default=2, ge=0)
    consult: int = Field(default=3, ge=0)
    explain: int = Field(default=3, ge=0)
    follow_up: int = Field(default=5, ge=1)
    """How often an appeal reported up to the city, or on file, is followed up."""
    left_after_city: int = Field(default=2, ge=0)
    """What a unit has at least when the city's answer comes back."""
    extension_notice: int = Field(default=1, ge=0)
    extension_total: int = Field(default=30, ge=0)
    reopen_days: int = Field(default=30, ge=0)


class Colours(Frozen):
    """Blue: due within so many working days, or so small a share of the time left."""

    blue_within_workdays: int = Field(default=1, ge=0)
    blue_share: float = Field(default=0.2, ge=0, le=1)


class Gates(Frozen):
    """Signatures that one district demands and another does not."""

    instruction_before_dispatch: bool = False
    leader_signs_feedback: bool = False


class SigningLevel(Choice):
    """A level of a unit that signs: whoever of the unit has one of these roles."""

    roles: tuple[RoleCode, ...] = Field(min_length=1)


SIGNING_LEVELS = (
    SigningLevel(
        code="first_asked",
        label="首问承办人",
        roles=("cadre", "window", "liaison", "section_head", "deputy_leader", "dispatcher"),
    ),
    SigningLevel(code="section", label="科室负责人", roles=("section_head",)),
    SigningLevel(code="deputy", label="分管负责人", roles=("deputy_leader",)),
    SigningLevel(code="principal", label="主要负责人", roles=("unit_leader", "bureau_leader")),
)


class RevisitOutcome(Frozen):
    """A frequent result of a revisit, recorded with one click."""

    solved: Literal["yes", "partly", "no"]
    satisfaction: Code


class Handling(Frozen):
    """The rules of the loop beside its limits."""

    signing_levels: tuple[SigningLevel, ...] = Field(default=SIGNING_LEVELS, min_length=2)
    """Who signs a “no”, the proposer first. A redo needs the signature of the next higher level."""
    redos_before_consulting: int = Field(default=2, ge=0)
    """After so many redos the next one goes to consultation."""
    unreached_days: int = Field(default=3, ge=1)
    """On so many different days a revisit must fail before it counts as 未接通."""
    revisit_outcomes: tuple[RevisitOutcome, ...] = ()
    """What the list of revisits offers to record with one click, beside 未接通."""
    revisit_script: tuple[Text, ...] = (
        "您好，我是{unit}的工作人员。贵公司反映的“{title}”（编号{number}）已经答复，想用一分钟听听您的意见。",
        "请问办理单位跟您联系并说明结果了吗？您反映的问题解决了吗？",
        "对办理结果您觉得非常满意、满意、基本满意、不满意，还是非常不满意？",
        "还有什么需要我们转达或继续办理的？感谢您的支持，再次遇到问题可随时反映。",
    )

    @field_validator("revisit_script")
    @classmethod
    def script_placeholders_are_known(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for line in lines:
            try:
                line.format(unit="", title="", number="", firm="")
            except (KeyError, IndexError, ValueError):
                raise ValueError("文中只能用 {unit} {title} {number} {firm} 作占位") from None
        return lines


class Reminder(Frozen):
    """One rung of the ladder: so many working days before or after the due time."""

    when: Literal["before", "due", "overdue"]
    days: int = Field(default=0, ge=0)
    to: tuple[Literal["officer", "unit_leader", "bureau", "supervisor"], ...] = Field(min_length=1)
    text: Text
    drafts_supervision: bool = False

    @field_validator("text")
    @classmethod
    def placeholders_are_known(cls, text: str) -> str:
        try:
            text.format(number="", stage="", unit="", due="", days=0)
        except (KeyError, IndexError, ValueError):
            raise ValueError("文中只能用 {number} {stage} {unit} {due} {days} 作占位") from None
        return text
