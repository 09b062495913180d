"""满意度: how soon a low rating is put right, and the quarterly survey rounds. A part of a district's rules.

The plan of 叶集 (S1) wants a list of satisfaction (满意度清单) kept from a quarterly survey by a third party, by
phone, on the web and on site; it leaves sizes and limits open. The limits here are those that other districts
published: a low rating is put right within 5 working days, and one that is mistaken can be appealed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from .handling import Choice
from .schema import Code, Frozen, Text

Scope = Literal["appeals", "visits", "roster"]
SCOPES: dict[str, str] = {
    "appeals": "本季度办结诉求的企业",
    "visits": "本季度走访过的企业",
    "roster": "在册全部企业和项目",
}
STRATA: dict[str, str] = {"tier": "企业类别", "township": "乡镇（园区）", "unit": "被评价单位"}


class Ratings(Frozen):
    """Ratings of visits, cadres, events and windows, and what a low one sets going."""

    answer_days: int = Field(default=5, ge=1, le=60)
    """Working days within which the unit says what was put right, or appeals the rating as mistaken."""
    ruling_days: int = Field(default=3, ge=1, le=60)
    """Working days within which the lead bureau rules on such an appeal."""
    remind_days_before: tuple[int, ...] = (1,)
    """When the unit is reminded, in working days before the answer is due."""
    visit_days: int = Field(default=90, ge=1, le=366)
    """So long after a visit it can be rated."""
    link_days: int = Field(default=14, ge=1, le=90)
    """So long a link to rate a visit opens."""
    event_days: int = Field(default=30, ge=1, le=366)
    """So long after an event it can be rated."""
    window_kinds: tuple[Code, ...] = ("window",)
    """Kinds of units that are rated at their counter."""
    ranked_from: int = Field(default=10, ge=1)
    """With fewer ratings a unit is not ranked."""


class SurveyQuestion(Frozen):
    code: Code
    text: Text
    kind: Literal["level", "choice", "text"] = "level"
    """A level of satisfaction, one of some answers, or words."""
    options: tuple[Choice, ...] = ()
    required: bool = True

    @model_validator(mode="after")
    def only_a_choice_has_options(self) -> SurveyQuestion:
        if (self.kind == "choice") != (len(self.options) >= 2):
            raise ValueError("选择题（choice）至少要有两个选项（options），其他题型不得写选项")
        codes = [option.code for option in self.options]
        if len(set(codes)) < len(codes):
            raise ValueError(f"{self.code} 的选项代码重复")
        return self


QUESTIONS = (
    SurveyQuestion(code="service", text="您对包联单位和干部的服务总体是否满意？"),
    SurveyQuestion(code="solving", text="您对诉求办理的结果和速度是否满意？", required=False),
    SurveyQuestion(code="attitude", text="您对干部的服务态度和作风是否满意？"),
    SurveyQuestion(
        code="visited",
        text="本季度包联干部有没有上门走访或与您联系？",
        kind="choice",
        options=(
            Choice(code="visited", label="上门走访过"),
            Choice(code="contacted", label="电话、微信联系过"),
            Choice(code="neither", label="没有联系过"),
        ),
    ),
    SurveyQuestion(code="wishes", text="您对优化营商环境还有什么意见建议？", kind="text", required=False),
)


class Surveys(Frozen):
    """区营商办每季度委托第三方公司通过电话调查、网络投票、现场调研等方式 (S1, 健全企业满意度清单)."""

    questions: tuple[SurveyQuestion, ...] = Field(default=QUESTIONS, min_length=1)
    """The first one that asks for a level is the one that satisfied rates are counted from."""
    scope: Scope = "roster"
    size: int = Field(default=200, ge=1, le=20_000)
    """How many firms are drawn."""
    strata: tuple[Literal["tier", "township", "unit"], ...] = ("tier", "township")
    """Each group gets its share of the sample."""
    tries: int = Field(default=3, ge=1, le=10)
    """On so many different days nobody answered: not reached, counted apart."""
    minimum: int = Field(default=10, ge=3)
    """Figures that rest on fewer answers are not shown: nobody can be told by them."""

    @field_validator("questions")
    @classmethod
    def one_is_about_satisfaction(cls, questions: tuple[SurveyQuestion, ...]) -> tuple[SurveyQuestion, ...]:
        codes = [question.code for question in questions]
        if len(set(codes)) < len(codes):
            raise ValueError("调查题目的代码重复")
        first = next((question for question in questions if question.kind == "level"), None)
        if first is None or not first.required:
            raise ValueError("调查题目中要有评价满意度的题（level），第一道这样的题必须回答")
        return questions
