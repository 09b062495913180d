"""The weekly situation table as data: which rows, in which words, from which indicator (附件3)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from .schema import Frozen, Text


class FormRow(Frozen):
    no: int = Field(ge=1)
    group: str = ""
    """What the rows of a group share a cell for; a row without one has that cell for its own words."""
    item: Text
    mark: Literal["", "A", "B", "A+B"] = ""
    source: Literal["indicator", "formula", "hand"]
    indicator: str = ""
    params: dict[str, str | int | bool] = {}
    formula: tuple[int, ...] = ()
    kind: Literal["flow", "state"] = "flow"
    """A flow adds up over weeks; a state holds at the cut-off and never adds up."""
    whole_number: bool = True

    @model_validator(mode="after")
    def source_is_complete(self) -> FormRow:
        if (self.source == "indicator") != bool(self.indicator):
            raise ValueError("来源为 indicator 的行须写明指标（indicator），其他行不得写")
        if (self.source == "formula") != bool(self.formula):
            raise ValueError("来源为 formula 的行须写明由哪几行相加（formula），其他行不得写")
        return self


class WeeklyForm(Frozen):
    title: Text
    """As printed, a line break where the form has one."""
    unit_label: Text = "填报单位"
    note: str = ""
    contact: str = ""
    headers: tuple[Text, ...] = Field(
        default=("序号", "项目", "工作内容", "具体情况"), min_length=4, max_length=5
    )
    """Number, group, item, figure; a fifth column holds the cumulative figure."""
    rows: tuple[FormRow, ...] = Field(min_length=1)

    @property
    def title_lines(self) -> list[str]:
        return self.title.splitlines()

    @property
    def shows_cumulative(self) -> bool:
        return len(self.headers) == 5

    @property
    def full_note(self) -> str:
        """The note under the title, with the contact where one is configured."""
        parts = [part for part in (self.note, self.contact) if part]
        return "，".join(parts) + "。" if parts else ""

    @property
    def groups(self) -> list[tuple[str, list[FormRow]]]:
        """Neighbouring rows of one group, whose cells the sheet merges."""
        groups: list[tuple[str, list[FormRow]]] = []
        for row in self.rows:
            if groups and row.group and groups[-1][0] == row.group:
                groups[-1][1].append(row)
            else:
                groups.append((row.group, [row]))
        return groups

    def row(self, no: int) -> FormRow:
        return self.rows[no - 1]

    @model_validator(mode="after")
    def rows_are_numbered_and_formulas_point_to_rows(self) -> WeeklyForm:
        if [row.no for row in self.rows] != list(range(1, len(self.rows) + 1)):
            raise ValueError("序号须从 1 起连续")
        for row in self.rows:
            for no in row.formula:
                if not 1 <= no <= len(self.rows) or self.row(no).source == "formula":
                    raise ValueError(f"第 {row.no} 行的合计引用了第 {no} 行，该行不存在或本身也是合计")
        return self
