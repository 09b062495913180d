"""企业分类监管: which fields grade which firms, what a grade means for a firm, and the days of the procedure.

After 叶集区's “企业分类监管”专项行动方案: four fields, each graded by its own law-enforcement organ once a year, in
the first quarter, on the data of the year before; changed in between as inspections and their follow-up show. What
the plan leaves open (days to object and to rule, how often is “常规”) is a default here. Without fields a district
does not grade.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from .handling import Choice
from .schema import Code, Frozen, Text

DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class GradeField(Choice):
    """A field of law enforcement, and the unit that grades in it."""

    unit: Code


class Grade(Choice):
    """What a grade brings with it; ``order`` 1 is the best."""

    order: int = Field(ge=1)
    shape: Literal["circle", "triangle", "square"] = "circle"
    """Drawn beside the word: grades are told apart without colour, which belongs to deadlines."""
    inspection: Text
    """Share and frequency of inspections, in the words of the plan."""
    per_year: int | None = Field(default=None, ge=0)
    """More on-site inspections of one organ in a year are warned of; none: no limit."""
    needs_ground: bool = False
    """On-site inspections without a ground (complaint, referred case …) are warned of."""
    eligibility: Text
    honours: bool = True
    """May be proposed for 评先评优."""
    confirmed: bool = False
    """In force only after a leader of the organ, not the grader, has confirmed it."""


class InspectionBasis(Choice):
    ground: bool = False
    """Reason enough to go to a firm that is otherwise left in peace."""


GRADES = (
    Grade(
        code="green",
        label="绿标",
        order=1,
        shape="circle",
        inspection="降低抽查比例和频次；除投诉举报、转办交办案件线索、大数据监测发现问题及法律法规另有规定外，一般不主动实施现场检查",
        per_year=1,
        needs_ground=True,
        eligibility="鼓励激励，优先推荐评先评优等荣誉",
    ),
    Grade(
        code="yellow",
        label="黄标",
        order=2,
        shape="triangle",
        inspection="按常规比例和频次抽查；有投诉举报和确有必要的，可适当提高抽查比例和频次",
        per_year=2,
        eligibility="可以参加评先评优；督促整改行政处罚指出的问题，完善内部管理",
    ),
    Grade(
        code="red",
        label="红标",
        order=3,
        shape="square",
        inspection="列为重点监管对象，定向和随机抽查相结合，提高抽查比例和频次",
        eligibility="限制参加评先评优；依法依规实施失信惩戒和限制措施",
        honours=False,
        confirmed=True,
    ),
)

BASES = (
    InspectionBasis(code="random", label="双随机抽查"),
    InspectionBasis(code="plan", label="年度计划、专项检查"),
    InspectionBasis(code="complaint", label="投诉举报", ground=True),
    InspectionBasis(code="referred", label="转办交办案件线索", ground=True),
    InspectionBasis(code="data", label="大数据监测发现问题", ground=True),
    InspectionBasis(code="law", label="法律法规另有规定", ground=True),
    InspectionBasis(code="follow_up", label="整改复查", ground=True),
)


class Grades(Frozen):
    fields: tuple[GradeField, ...] = ()
    grades: tuple[Grade, ...] = Field(default=GRADES, min_length=2)
    bases: tuple[InspectionBasis, ...] = Field(default=BASES, min_length=1)
    tiers: tuple[Literal["above_scale", "small"], ...] = ("above_scale",)
    """Whose firms are all graded; others are graded where the gathering unit names them as 样本点企业."""
    gathering_unit: Code | None = None
    """Guides the organs and gathers what they do."""
    season_from: str = Field(default="01-01", pattern=DAY_OF_YEAR)
    season_to: str = Field(default="03-31", pattern=DAY_OF_YEAR)
    object_within_days: int = Field(default=10, ge=1)
    """Working days a firm has to object, from the day it was told. A default: the plan names none."""
    objection_days: int = Field(default=5, ge=1)
    """Working days the organ has to rule on it. A default too."""
    joint_within_days: int = Field(default=30, ge=0)
    """Two organs that plan the same firm within so many days are told to go together."""
    plan: str = ""
    """The plan that the grades rest on, for the notice to the firm."""

    @property
    def enabled(self) -> bool:
        return bool(self.fields)

    def field(self, code: str) -> GradeField | None:
        return next((field for field in self.fields if field.code == code), None)

    def grade(self, code: str) -> Grade | None:
        return next((grade for grade in self.grades if grade.code == code), None)

    def basis(self, code: str) -> InspectionBasis | None:
        return next((basis for basis in self.bases if basis.code == code), None)

    def field_label(self, code: str) -> str:
        found = self.field(code)
        return found.label if found else code

    def grade_label(self, code: str) -> str:
        found = self.grade(code)
        return found.label if found else code

    def basis_label(self, code: str) -> str:
        found = self.basis(code)
        return found.label if found else code

    def fields_of(self, unit_code: str) -> tuple[GradeField, ...]:
        return tuple(field for field in self.fields if field.unit == unit_code)

    @property
    def ordered(self) -> list[Grade]:
        """The best first."""
        return sorted(self.grades, key=lambda grade: grade.order)

    def order_of(self, code: str) -> int:
        """How strict; a grade the profile no longer knows counts as the mildest."""
        found = self.grade(code)
        return found.order if found else 0

    def season(self, year: int) -> tuple[date, date]:
        """First and last day of the annual grading of a year."""
        first, last = (
            _day(year, self.season_from),
            _day(year, self.season_to),
        )
        return first, last

    @model_validator(mode="after")
    def codes_are_unique(self) -> Grades:
        for kind in ("fields", "grades", "bases"):
            codes = [item.code for item in getattr(self, kind)]
            for code in codes:
                if codes.count(code) > 1:
                    raise ValueError(f"grades.{kind} 中代码 {code} 重复")
        orders = [grade.order for grade in self.grades]
        if len(set(orders)) < len(orders):
            raise ValueError("grades.grades 中的 order 不能重复")
        return self

    @model_validator(mode="after")
    def season_is_one(self) -> Grades:
        for day in (self.season_from, self.season_to):
            try:
                _day(2001, day)
            except ValueError:
                raise ValueError(f"评定期 {day} 不是每年都有的日期") from None
        if self.season_to < self.season_from:
            raise ValueError("评定期的结束日期早于开始日期")
        return self

    @model_validator(mode="after")
    def somebody_gathers(self) -> Grades:
        if self.fields and not self.gathering_unit:
            raise ValueError("分了领域的，须写明汇总单位 gathering_unit")
        return self


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[3:]))
