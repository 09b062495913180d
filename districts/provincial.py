"""The provincial platform (省为企服务平台) as data: which columns its sheet has, in which order, in which words."""

from __future__ import annotations

import re
import unicodedata

from pydantic import Field, field_validator, model_validator

from .schema import Frozen, Text

FIELDS = {
    "number": "诉求编号",
    "title": "标题",
    "content": "诉求内容",
    "category": "类别",
    "urgency": "紧急程度",
    "channel": "来源渠道",
    "firm": "企业名称",
    "credit_code": "统一社会信用代码",
    "region": "所在地区",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "submitted_on": "提交日期",
    "collecting_unit": "收集单位",
    "lead_unit": "主办单位",
    "status": "办理状态",
    "answer": "办理结果",
    "answered_on": "答复日期",
    "solved": "是否解决",
    "satisfaction": "满意度",
    "ended_on": "办结日期",
    "provincial_number": "省平台编号",
    "provincial_recorded_on": "省平台录入日期",
    "provincial_status": "省平台状态",
    "provincial_result": "省平台办理结果",
    "provincial_result_on": "省平台结果日期",
}
"""What a column can hold, and what it is called unless the profile says otherwise."""
FIXED = "fixed"
"""A column with the same words in every row, as the platform wants them: 所属市、所属区县."""
READ = ("number", "provincial_number", "provincial_status", "provincial_result", "provincial_result_on")
"""What is read when the sheet comes back."""


def plain(words: str) -> str:
    """As compared: half-width, lower case, without blanks and the signs that people decorate heads with."""
    return re.sub(r"[\s\0*:]", "", unicodedata.normalize("NFKC", words)).casefold()


class ProvincialColumn(Frozen):
    field: str
    header: str = ""
    aliases: tuple[Text, ...] = ()
    """What else the column may be called in a sheet that comes back."""
    text: str = ""
    """The words of a fixed column."""

    @model_validator(mode="after")
    def is_known_and_complete(self) -> ProvincialColumn:
        if self.field not in FIELDS and self.field != FIXED:
            raise ValueError(f"没有“{self.field}”这一项；可用的有 {'、'.join([*FIELDS, FIXED])}")
        if self.field == FIXED and not self.header:
            raise ValueError("固定内容的栏（fixed）须写明表头（header）")
        if self.field != FIXED and self.text:
            raise ValueError("只有固定内容的栏（fixed）才写内容（text）")
        if self.aliases and self.field not in READ:
            raise ValueError("导回时不读这一栏，不用写别名（aliases）")
        return self

    @property
    def title(self) -> str:
        return self.header.strip() or FIELDS[self.field]


class ProvincialStatus(Frozen):
    """A state on the platform: what we call it, and the platform's own words for it."""

    label: Text
    words: tuple[Text, ...] = ()


_USUAL = (
    "number", "firm", "credit_code", "contact_name", "contact_phone", "region", "category", "title", "content",
    "submitted_on", "collecting_unit", "lead_unit", "status", "answer", "solved", "satisfaction",
    "provincial_number", "provincial_status", "provincial_result", "provincial_result_on",
)  # fmt: skip


class Provincial(Frozen):
    name: Text = "省为企服务平台"
    columns: tuple[ProvincialColumn, ...] = Field(
        default=tuple(ProvincialColumn(field=field) for field in _USUAL), min_length=1
    )
    number_pattern: Text = "[A-Z0-9][A-Z0-9-]{2,39}"
    """A whole number as the platform gives it out, letters in capitals."""
    number_hint: Text = "由字母、数字组成，可带短横线"
    statuses: tuple[ProvincialStatus, ...] = (
        ProvincialStatus(label="省平台已受理", words=("已受理", "受理")),
        ProvincialStatus(label="省平台办理中", words=("办理中", "处理中", "转办中", "已转办")),
        ProvincialStatus(label="省平台已办结", words=("已办结", "办结", "已完成", "已答复")),
        ProvincialStatus(label="省平台已退回", words=("已退回", "退回", "不予受理")),
    )

    def status_of(self, words: str) -> str:
        """Our label for the platform's words; "" if they are not known. Without a list, all words do."""
        if not self.statuses:
            return words
        wanted = plain(words)
        for status in self.statuses:
            if wanted in {plain(word) for word in (status.label, *status.words)}:
                return status.label
        return ""

    def column(self, field: str) -> ProvincialColumn:
        """The column a field stands in, or how it is called where the sheet has none."""
        found = next((column for column in self.columns if column.field == field), None)
        return found or ProvincialColumn(field=field)

    @field_validator("number_pattern")
    @classmethod
    def pattern_can_be_read(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error:
            raise ValueError("不是有效的正则表达式") from None
        return pattern

    @model_validator(mode="after")
    def fields_and_heads_are_unique(self) -> Provincial:
        fields = [column.field for column in self.columns if column.field != FIXED]
        for field in fields:
            if fields.count(field) > 1:
                raise ValueError(f"columns 中 {field} 重复")
        for needed in ("number", "provincial_number"):
            if needed not in fields:
                raise ValueError(f"columns 中须有 {needed}（{FIELDS[needed]}），否则导回时认不出是哪件诉求")
        _refuse_doubles("columns", "表头", [
            *(words for column in self.columns for words in {plain(word) for word in (column.title, *column.aliases)}),
            *(plain(FIELDS[field]) for field in READ if field not in fields),
        ])  # fmt: skip
        _refuse_doubles("statuses", "状态", [
            words for status in self.statuses for words in {plain(word) for word in (status.label, *status.words)}
        ])  # fmt: skip
        return self


def _refuse_doubles(where: str, what: str, words: list[str]) -> None:
    for word in words:
        if words.count(word) > 1:
            raise ValueError(f"{where} 中{what}“{word}”重复")
