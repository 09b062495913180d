"""Campaigns of a profile folder: profiles/<code>/campaigns/*.toml, one file a campaign with its task list.

Texts are the plan's own. Leaders stand there as posts: a name has no place in a profile. Also the part of the rules
that says how campaigns are led (``Campaigns``).
"""

from __future__ import annotations

from datetime import date

from pydantic import Field, field_validator, model_validator

from .schema import Code, Frozen, Text


class UnitGroup(Frozen):
    """Words of a plan that mean several units: 各乡镇街."""

    words: tuple[Text, ...] = Field(min_length=1)
    unit_kinds: tuple[Code, ...] = ()
    units: tuple[Code, ...] = ()


class UnitAlias(Frozen):
    """Another name that plans use for a unit."""

    name: Text
    unit: Code


class Campaigns(Frozen):
    """How the district leads its campaigns. A part of its rules."""

    groups: tuple[UnitGroup, ...] = (
        UnitGroup(
            words=(
                "各乡镇办",
                "各乡镇街",
                "各乡镇",
                "各镇街",
                "各乡镇街道",
                "各乡镇（街道）",
                "各街道",
                "各镇",
            ),
            unit_kinds=("township",),
        ),
    )
    aliases: tuple[UnitAlias, ...] = ()
    report_by_day: int = Field(default=28, ge=1, le=31)
    """Of the month: when the leading units are reminded of the progress they owe."""


class ItemSpec(Frozen):
    text: Text
    deadline: str = ""
    status: str = ""
    assisting: str = ""


class TaskSpec(Frozen):
    number: str = Field(default="", max_length=20)
    section: str = Field(default="", max_length=200)
    title: Text = Field(max_length=200)
    measure: str = Field(default="", max_length=3000)
    leader: str = Field(default="", max_length=200)
    lead: str = Field(default="", max_length=500)
    assisting: str = Field(default="", max_length=1000)
    deadline: str = Field(default="", max_length=1000)
    status: str = Field(default="", max_length=2000)
    items: tuple[ItemSpec, ...] = ()


class ForceSpec(Frozen):
    """工作专班."""

    head: str = ""
    members: str = ""
    office: str = ""
    text: str = ""


class CampaignSpec(Frozen):
    year: int = Field(ge=2000, le=2100)
    no: int = Field(ge=1, le=99)
    name: Text = Field(max_length=60)
    list_title: str = Field(default="", max_length=150)
    document: str = Field(default="", max_length=200)
    issued: date | None = None
    leader: str = Field(default="", max_length=200)
    lead: str = Field(default="", max_length=200)
    assisting: str = Field(default="", max_length=500)
    goal: str = ""
    content: tuple[Text, ...] = ()
    force: ForceSpec = ForceSpec()
    notes: tuple[Text, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()

    @field_validator("content")
    @classmethod
    def paragraphs_are_no_novel(cls, content: tuple[str, ...]) -> tuple[str, ...]:
        if sum(map(len, content)) > 20_000:
            raise ValueError("工作内容过长")
        return content

    @model_validator(mode="after")
    def numbers_are_unique(self) -> CampaignSpec:
        seen: set[str] = set()
        for task in self.tasks:
            if task.number and task.number in seen:
                raise ValueError(f"“{self.name}”任务清单中序号 {task.number} 重复")
            seen.add(task.number)
        return self
