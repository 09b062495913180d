"""What a district's monthly bulletin (通报) and yearly assessment (年度考核) consist of. A part of its rules.

The names of figures are those of the indicators and rates of the reports, which check them where a profile is
loaded and where it is used; this room does not know them.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from .schema import Code, Frozen, Text

WORDS = ("district", "action", "year", "month", "previous_month")
"""Placeholders that are no figures."""
PARTS = ("", "part", "whole", "full", "change", "behind")
"""What can be asked of a figure: its value; a rate's numerator, denominator, all three; how it changed since the
month before; by which units what is missing to 100 % was left undone."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def placeholders(template: str) -> list[tuple[str, str, str, str]]:
    """The text as pieces: (words before, name, part, measure word); name is empty at the end."""
    pieces = []
    for before, name, measure, conversion in Formatter().parse(template):
        if name is None:
            pieces.append((before, "", "", ""))
            continue
        figure, _, part = name.partition(".")
        if not _NAME.fullmatch(figure) or part not in PARTS or conversion:
            raise ValueError(f"{{{name}}} 不是有效的占位：应为 {{指标}}、{{指标.change:件}} 或 {{比率.full}}")
        pieces.append((before, figure, part, measure or ""))
    return pieces


class BulletinSection(Frozen):
    code: Code
    heading: str = ""
    """Without one it is not counted: the opening words."""
    kind: Literal["text", "table", "cases"] = "text"
    text: str = ""
    """Of a text: empty where people write it. Of a table or cases: what stands before them."""
    columns: tuple[Code, ...] = ()
    """Of a table: figures by unit; a rate brings its numerator and denominator."""
    ranked_by: str = ""
    """The rate, one of the columns, by which units with enough cases are ranked."""
    optional: bool = False
    """May be left empty: then it is left out."""

    @field_validator("text")
    @classmethod
    def placeholders_are_well_formed(cls, text: str) -> str:
        try:
            placeholders(text)
        except ValueError as error:
            known = str(error)
            raise ValueError(known if "占位" in known else "占位的大括号不成对") from None
        return text

    @model_validator(mode="after")
    def tables_have_columns(self) -> BulletinSection:
        if (self.kind == "table") != bool(self.columns):
            raise ValueError("表格（table）须写明各列（columns），其他部分不得写")
        if self.ranked_by and self.ranked_by not in self.columns:
            raise ValueError("排名依据（ranked_by）须是其中一列")
        return self

    @property
    def name(self) -> str:
        return self.heading or "导语"

    @property
    def by_hand(self) -> bool:
        return self.kind == "text" and not self.text


MONTHLY = (
    BulletinSection(
        code="opening",
        text="为推进{action}，现将{year}年{month}月份企业诉求办理、走访联系和工作情况表报送情况通报如下。",
    ),
    BulletinSection(
        code="overview",
        heading="总体情况",
        text="{month}月份，全区共收到企业诉求{received}件，{received.change:件}；其中当场解决{solved_on_spot}件。"
        "当月经二次回访办结{closed}件，{closed.change:件}；平均办理{mean_days}个工作日。\n"
        "当月应办结{on_time_rate.whole}件次，按时办结{on_time_rate.part}件次，按时办结率{on_time_rate}，"
        "{on_time_rate.change}。受理及时率{accept_rate.full}，签收及时率{sign_rate.full}。"
        "截至月末，在办{open}件，其中超期{open_overdue}件。",
    ),
    BulletinSection(
        code="units",
        heading="各单位办理进度",
        kind="table",
        text="当月有办理任务的单位情况如下。应办结不足10件次的，一两件即可改变先后，只列数字，不排名。",
        columns=("on_time_rate", "satisfied_rate", "redo_rate", "open", "open_overdue"),
        ranked_by="on_time_rate",
    ),
    BulletinSection(
        code="visits",
        heading="走访和包保联系",
        text="当月开展走访联系{visits}次，{visits.change:次}，联系企业{firms_visited}家。截至月末，联企干部牵头联系企业和"
        "项目{visit_rate.whole}家（个），在本走访周期内已走访{visit_rate.part}家（个），走访完成率{visit_rate}。",
    ),
    BulletinSection(
        code="tables",
        heading="工作情况表报送",
        text="当月应报工作情况表{tables_rate.whole}份，按时报送{tables_rate.part}份，按时报送率{tables_rate}。"
        "未按时报送的单位：{tables_rate.behind:次}。",
    ),
    BulletinSection(
        code="refusals",
        heading="说“不”和重办",
        text="当月交办的诉求中，拟说“不”{refusal_rate.part}件，说“不”率{refusal_rate.full}。答复后重办或企业再次反映的"
        "{redo_rate.part}件次，重办率{redo_rate.full}；经同意退回{return_rate.part}件次、延期{extension_rate.part}件次。",
    ),
    BulletinSection(
        code="satisfaction",
        heading="企业评价",
        text="当月答复的诉求收到企业有效评价{satisfied_rate.whole}件次，基本满意及以上{satisfied_rate.part}件次，"
        "满意率{satisfied_rate}，{satisfied_rate.change}；企业认为已经解决的{solved_rate.part}件次，解决率{solved_rate.full}。"
        "回访三个不同日期均未接通的{not_reached}件次，单独列出，不计入满意率。",
    ),
    BulletinSection(
        code="supervision",
        heading="督办情况",
        text="当月发出督办单{supervised}件，{supervised.change:件}。",
    ),
    BulletinSection(
        code="kinds",
        heading="共性问题和政策改进",
        text="当月由相似诉求新归集共性问题{kinds_found}类，各单位认领改进{kinds_taken_on}类，确认完成改进{kinds_improved}类，"
        "形成调研分析报告{research_reports}份。截至月末，超过时限还没有完成的政策改进{improvements_overdue}项。",
    ),
    BulletinSection(code="cases", heading="正反典型案例", kind="cases", optional=True),
    BulletinSection(code="problems", heading="存在问题"),
    BulletinSection(code="next", heading="下步工作"),
)
CASES = (
    BulletinSection(
        code="opening",
        text="为推进{action}，以案为鉴、互学互鉴，现将{year}年{month}月份企业诉求办理中的正反典型案例通报如下。",
    ),
    BulletinSection(code="cases", heading="典型案例", kind="cases"),
    BulletinSection(code="demands", heading="有关要求"),
)


def _code_of(section: Any) -> str:
    return section.get("code", "") if isinstance(section, dict) else section.code


def _codes_are_unique(sections: tuple[BulletinSection, ...]) -> tuple[BulletinSection, ...]:
    codes = [section.code for section in sections]
    for code in codes:
        if codes.count(code) > 1:
            raise ValueError(f"各部分的代码 {code} 重复")
    return sections


class Bulletins(Frozen):
    """What a bulletin says, in which order and in which words.

    A profile may write ``also`` instead of the whole ``monthly``: sections with ``after``, the code of the one they
    follow. They are put there as the profile is read, so that the rules hold the sections alone.
    """

    head: Text = "{issuer}文件"
    """The red head, as it is printed."""
    number_mark: Text = "企业诉求办理情况通报"
    """Stands before 〔2026〕12号."""
    addressees: Text = "各有关单位"
    """As it stands under the title; to whom it was sent is listed at the end."""
    monthly_title: Text = "关于{year}年{month}月份企业诉求办理和走访联系情况的通报"
    cases_title: Text = "关于{year}年{month}月份企业诉求办理正反典型案例的通报"
    monthly: tuple[BulletinSection, ...] = Field(default=MONTHLY, min_length=1)
    cases: tuple[BulletinSection, ...] = Field(default=CASES, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def more_sections_find_their_places(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "also" not in data:
            return data
        data = dict(data)
        sections = list(data.get("monthly", MONTHLY))
        for more in data.pop("also"):
            section = dict(more)
            after = section.pop("after", "")
            places = [place for place, known in enumerate(sections) if _code_of(known) == after]
            if not places:
                raise ValueError(f"also 中 after 指的“{after}”不在月度通报各部分中")
            sections.insert(places[-1] + 1, section)
        return data | {"monthly": sections}

    @field_validator("head")
    @classmethod
    def head_names_the_issuer_alone(cls, head: str) -> str:
        try:
            head.format(issuer="")
        except (KeyError, IndexError, ValueError, AttributeError):
            raise ValueError("红头只能用 {issuer}（牵头局名称）作占位") from None
        return head

    @field_validator("monthly_title", "cases_title")
    @classmethod
    def titles_use_words_alone(cls, title: str) -> str:
        try:
            title.format(**dict.fromkeys(WORDS, ""))
        except (KeyError, IndexError, ValueError, AttributeError):
            raise ValueError("标题只能用 " + " ".join(f"{{{word}}}" for word in WORDS) + " 作占位") from None
        return title

    @field_validator("monthly", "cases")
    @classmethod
    def codes_are_unique(cls, sections: tuple[BulletinSection, ...]) -> tuple[BulletinSection, ...]:
        return _codes_are_unique(sections)


class LinearRule(Frozen):
    """No points at ``floor`` and beyond, all of them at ``target`` and beyond, in between by proportion."""

    kind: Literal["linear"] = "linear"
    floor: float
    target: float

    @model_validator(mode="after")
    def has_a_slope(self) -> LinearRule:
        if self.floor == self.target:
            raise ValueError("起分值（floor）与满分值（target）不能相同")
        return self


class DeductionRule(Frozen):
    """So many points off for each case that went wrong, down to nothing."""

    kind: Literal["deduction"]
    per_case: float = Field(gt=0)


class AssessmentItem(Frozen):
    code: Code
    label: Text
    weight: float = Field(gt=0, le=100)
    source: Literal["bulletins", "satisfaction", "survey", "platform", "rate"]
    rate: Code = "on_time_rate"
    """Which rate: of each month's bulletin, of what the provincial platform lists, or of the year."""
    rule: LinearRule | DeductionRule = Field(discriminator="kind")
    min_cases: int = Field(default=10, ge=1)
    """With fewer the item is not scored, and its weight is shared out among the others."""

    @property
    def rate_name(self) -> str:
        own = {"satisfaction": "satisfied_rate", "survey": "survey_satisfied_rate"}
        return own.get(self.source, self.rate)

    @model_validator(mode="after")
    def months_are_averaged(self) -> AssessmentItem:
        if self.source == "bulletins" and self.rule.kind != "linear":
            raise ValueError("来自月通报的项目按平均值计分，只能用 linear")
        return self


class Assessment(Frozen):
    """以月通报结果、企业满意度和省平台问题办理情况为基础，满分 100。"""

    items: tuple[AssessmentItem, ...] = Field(
        default=(
            AssessmentItem(
                code="bulletins", label="月通报结果", weight=40, source="bulletins",
                rule=LinearRule(floor=60, target=95),
            ),
            AssessmentItem(
                code="satisfaction", label="企业满意度", weight=30, source="satisfaction",
                rule=LinearRule(floor=60, target=95),
            ),
            AssessmentItem(
                code="platform", label="省平台问题办理", weight=30, source="platform", min_cases=5,
                rule=LinearRule(floor=60, target=95),
            ),
        ),
        min_length=1,
    )  # fmt: skip
    ranked_from: float = Field(default=60, ge=0, le=100)
    """Ranked is a unit whose scored items weigh at least so much."""
    final_month: int = Field(default=12, ge=1, le=12)
    """Before this month of the year itself its assessment cannot be confirmed."""
    objection_days: int = Field(default=5, ge=1)
    """Working days within which a unit may object to its sheet."""

    @model_validator(mode="after")
    def weights_add_up(self) -> Assessment:
        total = sum(item.weight for item in self.items)
        if abs(total - 100) > 0.001:
            raise ValueError(f"各项权重之和应为 100，现为 {total:g}")
        codes = [item.code for item in self.items]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"items 中代码 {code} 重复")
        return self
