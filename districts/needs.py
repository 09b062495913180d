"""Needs lists (需求清单) of a district: openings, seekers, financing rounds. A part of its rules.

The numbers come from the plan of 叶集: townships report their seekers on the 28th and both lists are published at the
beginning of the month, by the 10th (助企招人 二（一）, task 1); financing needs are collected in rounds, at least once every
two months (金融助企, task 2). Retention and the minimum group are ours, after the personal information law.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from .handling import Choice
from .schema import Code, Frozen, Text

TRADES = (
    Choice(code="operator", label="生产操作工"),
    Choice(code="welder", label="焊工"),
    Choice(code="electrician", label="电工"),
    Choice(code="fitter", label="钳工、机修工"),
    Choice(code="machinist", label="数控、车床工"),
    Choice(code="woodworker", label="木工、家具制作"),
    Choice(code="forklift", label="叉车、装卸工"),
    Choice(code="inspector", label="质检员"),
    Choice(code="driver", label="驾驶员"),
    Choice(code="sewing", label="缝纫工"),
    Choice(code="warehouse", label="仓管员"),
    Choice(code="technician", label="技术员、工程师"),
    Choice(code="sales", label="销售、电商"),
    Choice(code="clerk", label="文员、财务"),
    Choice(code="service", label="餐饮、保洁、保安"),
)
AGE_BANDS = (
    Choice(code="under_25", label="25岁以下"),
    Choice(code="from_25", label="25～34岁"),
    Choice(code="from_35", label="35～44岁"),
    Choice(code="from_45", label="45～54岁"),
    Choice(code="from_55", label="55岁以上"),
)
GUARANTEES = (
    Choice(code="mortgage", label="房产、土地抵押"),
    Choice(code="pledge", label="设备、存货、应收账款质押"),
    Choice(code="surety", label="担保公司担保"),
    Choice(code="personal", label="股东、第三方保证"),
    Choice(code="credit", label="纯信用"),
)
PURPOSE = (
    "登记求职信息只用于在本区介绍工作：由人社部门和乡镇（街道）工作人员联系您、向用工企业推荐；"
    "公布的清单不含姓名和电话。您可以随时要求删除。"
)


class Needs(Frozen):
    jobs_unit: str = ""
    """Code of the unit that leads both lists of 用工; empty: the lead bureau."""
    finance_unit: str = ""
    """Code of the unit that leads the financing rounds; empty: the lead bureau."""
    list_kinds: tuple[Code, ...] = ("park", "township")
    """Units of these kinds owe both lists every month."""
    report_day: int = Field(default=28, ge=1, le=28)
    """By this day of the month they have looked through their lists and confirmed them for the next month."""
    publish_day: int = Field(default=10, ge=1, le=27)
    """By this day of the month the lists are published; who confirms later counts for the following month."""
    trades: tuple[Choice, ...] = Field(default=TRADES, min_length=1)
    age_bands: tuple[Choice, ...] = Field(default=AGE_BANDS, min_length=2)
    minimum_group: int = Field(default=3, ge=2)
    """So many seekers at least stand behind each public line."""
    purpose: Text = PURPOSE
    """What a seeker is told, and agrees to."""
    retention_days: int = Field(default=180, ge=30, le=730)
    """So long after the consent a seeker's data is kept, unless they agree anew."""
    fulfilled_days: int = Field(default=30, ge=0, le=180)
    """So long it is kept once they have taken up work or look no longer: what it was given for is over."""
    round_months: Literal[1, 2, 3, 4, 6, 12] = 2
    """How many months a financing round lasts."""
    answer_days: int = Field(default=10, ge=1, le=60)
    """In working days: how soon a bank answers a need that was handed to it."""
    bank_kinds: tuple[Code, ...] = ()
    """Kinds of units that are banks or guarantee firms and may have accounts."""
    banks: tuple[Text, ...] = ()
    """Banks and guarantee firms without accounts, offered by name; others can be typed."""
    guarantees: tuple[Choice, ...] = Field(default=GUARANTEES, min_length=1)
    job_events: tuple[Code, ...] = ()
    """Kinds of events (``events.kinds``) that are 招聘会, counted with the openings."""
    finance_events: tuple[Code, ...] = ()
    """Kinds of events that are 银企对接会, counted with the financing rounds."""

    @field_validator("trades", "age_bands", "guarantees")
    @classmethod
    def codes_are_unique(cls, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        codes = [choice.code for choice in choices]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"代码 {code} 重复")
        return choices
