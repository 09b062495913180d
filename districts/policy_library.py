"""The policy library of a district: which titles of firms (资质称号) its policies ask for."""

from __future__ import annotations

from pydantic import Field, model_validator

from .handling import Choice
from .schema import Frozen

TITLES = (
    Choice(code="high_tech", label="高新技术企业"),
    Choice(code="tech_sme", label="科技型中小企业"),
    Choice(code="innovative_sme", label="创新型中小企业"),
    Choice(code="specialised", label="专精特新中小企业"),
    Choice(code="little_giant", label="专精特新“小巨人”企业"),
    Choice(code="green_factory", label="绿色工厂"),
    Choice(code="farm_leader", label="农业产业化龙头企业"),
    Choice(code="exporter", label="有进出口实绩"),
)


class PolicyLibrary(Frozen):
    titles: tuple[Choice, ...] = Field(default=TITLES, min_length=1)
    figures_back: int = Field(default=2, ge=1, le=5)
    """A figure of the yearly information base says something as long as it is not older than so many years."""

    @model_validator(mode="after")
    def codes_are_unique(self) -> PolicyLibrary:
        codes = [title.code for title in self.titles]
        if len(codes) != len(set(codes)):
            raise ValueError("titles 中代码重复")
        return self
