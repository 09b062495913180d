"""Who sits where and when, what windows write down, and the other kinds of assignments: profile data (M39).

After 叶集区's plans: “审批助企” (reception days, weekend duty, 走流程坐窗口, policy officers), “司法助企” (警企包保),
“千名干部联万企” (走访联系表) and “企业家素质提升” (training subsidy). Every number is a default.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator, model_validator

from .handling import Choice
from .schema import Cadence, Code, Frozen

MAIN = "main"
"""The kind of every assignment that is no other: 包保联系. Never listed in ``assignment_kinds``."""


class AssignmentKind(Choice):
    """Another way to look after a firm, beside 包保联系, with a lead and a cadence of its own (警企包保)."""

    cadence: Cadence = "monthly"
    visit_kinds: tuple[Code, ...] = ()
    """Contacts that count; empty: all."""
    counted: bool = False
    """Its cadres and firms also count in the rows of 常态联系 of the weekly table."""
    public: bool = False
    """Published: firm and unit, with the title and the unit's phone, no names (“及时向社会公示包保信息”)."""
    units: tuple[Code, ...] = ()
    """Whose people look after firms in this way; empty: every unit's."""

    @field_validator("code")
    @classmethod
    def is_not_the_main_kind(cls, code: str) -> str:
        if code == MAIN:
            raise ValueError(f"代码 {MAIN} 留给包保联系，请换一个")
        return code


class RotaKind(Choice):
    """A rota: who sits where on which days (领导接待日、周末延时服务 …)."""

    weekdays: tuple[int, ...] = Field(min_length=1)
    """0: Monday. On public holidays nobody sits; make-up working days on a weekend are warned of."""
    begins: time
    ends: time
    place: str = ""
    who: str = ""
    """In words, for the sheet and the public page: 窗口单位负责人 …"""
    unit_kinds: tuple[Code, ...] = ()
    units: tuple[Code, ...] = ()
    """Whose people take turns; both empty: every unit's."""
    minimum: int = Field(default=0, ge=0, le=31)
    """Duties a month."""
    announced_days: int = Field(default=0, ge=0, le=31)
    """So many days before the first duty of a month the rota is to be published."""
    public: bool = True

    @field_validator("weekdays")
    @classmethod
    def weekdays_exist(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 <= day <= 6 for day in days) or len(set(days)) < len(days):
            raise ValueError("星期用 0（星期一）到 6（星期日）表示，不能重复")
        return days

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> RotaKind:
        if self.ends <= self.begins:
            raise ValueError("结束时间须晚于开始时间")
        return self


class Sittings(Frozen):
    """“走流程、坐窗口、优服务”: 每月不少于2次, 每周五下午, 每次不少于半天, 活动前公示."""

    minimum: int = Field(default=2, ge=0, le=31)
    """A month and unit."""
    weekday: int = Field(default=4, ge=0, le=6)
    half: Literal["morning", "afternoon"] = "afternoon"
    unit_kinds: tuple[Code, ...] = ()
    units: tuple[Code, ...] = ()
    """Who owes it: the units with a window in the service hall; both empty: nobody."""
    announced_days: int = Field(default=1, ge=0, le=31)
    """In advance, by whoever runs the hall."""


class VisitSheets(Frozen):
    """走访联系表: gathered by each unit's liaison officer, handed to the lead bureau on time."""

    starts: str = Field(default="", pattern=r"^(20\d{2}-(0[1-9]|1[0-2]))?$")
    """The first month that is owed (2026-01); empty: none is owed, sheets can be handed in all the same."""
    due_day: int = Field(default=5, ge=1, le=28)
    """Of the following month."""
    remind_days_before: tuple[int, ...] = (3, 1)


class Knowledge(Frozen):
    """Monthly items of the policy officers: “每月报送涉企业务知识”."""

    minimum: int = Field(default=1, ge=0, le=100)
    """Entries a month and unit that has a policy officer."""
    remind_days_before: tuple[int, ...] = (7, 2)
    """When units are reminded, in days before the last of the month."""
    categories: tuple[Choice, ...] = (
        Choice(code="procedure", label="办事流程"),
        Choice(code="policy", label="惠企政策"),
        Choice(code="licence", label="证照许可"),
        Choice(code="tax", label="税费社保"),
        Choice(code="other", label="其他"),
    )


class Training(Frozen):
    """“企业家自行开展的培训经备案审批后，按照培训费的50%给予企业补贴”."""

    unit: str = ""
    """Who approves and pays (区工商联); empty: the lead bureau."""
    share: Decimal = Field(default=Decimal("0.5"), gt=0, le=1)
    most: int = Field(default=0, ge=0)
    """元 at most for one training; 0: no limit."""


RECEPTION = RotaKind(
    code="reception",
    label="“办不成事”反映窗口领导接待日",
    weekdays=(2,),
    begins=time(9, 0),
    ends=time(11, 30),
    place="政务服务大厅“办不成事”反映窗口",
    who="进驻单位负责人",
    minimum=4,
    announced_days=3,
)
WEEKEND = RotaKind(
    code="weekend",
    label="周末延时服务",
    weekdays=(5,),
    begins=time(9, 0),
    ends=time(12, 0),
    place="政务服务大厅综合窗口",
    who="窗口工作人员",
    announced_days=3,
)
APPOINTMENT = RotaKind(
    code="appointment",
    label="周末预约服务",
    weekdays=(6,),
    begins=time(9, 0),
    ends=time(12, 0),
    place="政务服务大厅预约服务窗口",
    who="窗口工作人员",
    announced_days=3,
)


class Rotas(Frozen):
    kinds: tuple[RotaKind, ...] = (RECEPTION, WEEKEND, APPOINTMENT)
    windows: tuple[Choice, ...] = Field(
        default=(
            Choice(code="service", label="为企服务窗口"),
            Choice(code="stuck", label="“办不成事”反映窗口"),
        ),
        min_length=1,
    )
    """The counters whose ledger is kept (为企服务窗口台账)."""
    hall: str = ""
    """The unit that runs the service hall, plans its rotas and announces sittings; empty: the lead bureau."""
    sittings: Sittings = Sittings()
    visit_sheets: VisitSheets = VisitSheets()
    knowledge: Knowledge = Knowledge()
    training: Training = Training()
