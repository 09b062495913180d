"""履约践诺: who leads and confirms, which appeals are debts, and what happens by itself when a day has passed.

S1 “履约践诺”: 区政府办公室牵头，区司法局…跟踪督办; S0 “政府承诺+社会监督+失信问责”. Neither plan gives days: the
ladder below is a default, to be changed by a district.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from .schema import Code, Frozen, Text

Told = Literal["unit", "confirming", "bureau", "supervisor"]


class Rung(Frozen):
    """So many days after its day, these are told of a commitment that is not kept."""

    after: int = Field(ge=1, le=365)
    label: Text
    tell: tuple[Told, ...] = Field(min_length=1)


LADDER = (
    Rung(after=1, label="提醒责任单位", tell=("unit",)),
    Rung(after=5, label="通报确认单位和牵头局", tell=("unit", "confirming", "bureau")),
    Rung(after=15, label="提请督查", tell=("unit", "bureau", "supervisor")),
)


class CommitmentRules(Frozen):
    title: Text = "履约践诺"
    lead: Code | None = None
    """Keeps the list beside the lead bureau, e.g. the government office; none: the lead bureau alone."""
    confirming: tuple[Code, ...] = ()
    """Units that confirm that something was kept, e.g. the judicial bureau; none: the lead bureau."""
    days: Literal["working", "calendar"] = "working"
    """What the ladder counts in."""
    remind_days_before: tuple[int, ...] = (7, 1)
    """When the unit is reminded, in calendar days before the day."""
    ladder: tuple[Rung, ...] = LADDER
    debt_categories: tuple[Code, ...] = ("arrears",)
    """An appeal of these may be followed as a debt: it is tagged and referred, not closed as an ordinary one."""
    public_title: Text = "政府承诺公开"
    public_note: str = "承诺了就要兑现。没有按时兑现的，可以在这里反映。"

    @property
    def days_word(self) -> str:
        return "个工作日" if self.days == "working" else "天"

    @property
    def keepers(self) -> tuple[str, ...]:
        """Units besides the lead bureau that keep the list or confirm."""
        return tuple(dict.fromkeys((*((self.lead,) if self.lead else ()), *self.confirming)))

    @field_validator("remind_days_before")
    @classmethod
    def reminders_are_near(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 < day <= 90 for day in days):
            raise ValueError("提醒时间须在时限前 1 至 90 天之间")
        return days

    @model_validator(mode="after")
    def the_ladder_climbs(self) -> CommitmentRules:
        steps = [rung.after for rung in self.ladder]
        if steps != sorted(set(steps)):
            raise ValueError("ladder 各级的天数须由少到多，不能重复")
        return self
