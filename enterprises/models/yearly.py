"""包联企业信息库: what a cadre is to know about a firm, year by year.

The items are those of 叶集区's plan, “熟悉企业情况”: 主营业务, 生产状况（产能、核心技术、产品市场份额）,
经营状况（销售额、纳税额）, 年度发展目标和具体举措, 行业影响力和竞争力.
"""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models import User
from enterprises.models.roster import Enterprise
from enterprises.querysets import YearlyFactsQuerySet

AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "null": True, "blank": True}
NOT_NEGATIVE = [MinValueValidator(Decimal(0))]


class YearlyFacts(models.Model):
    """One firm's production, sales and aims of one year. Amounts are in 万元."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="yearly_facts", verbose_name="企业"
    )
    year = models.PositiveSmallIntegerField(
        "年份", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    products = models.CharField("主要产品或服务", max_length=200, blank=True)
    capacity = models.CharField("产能", max_length=200, blank=True)
    technology = models.CharField("核心技术", max_length=300, blank=True)
    market_share = models.CharField("产品市场份额", max_length=100, blank=True)
    standing = models.CharField("行业影响力和竞争力", max_length=300, blank=True)
    sales = models.DecimalField("销售额（万元）", validators=NOT_NEGATIVE, **AMOUNT)
    tax = models.DecimalField("纳税额（万元）", validators=NOT_NEGATIVE, **AMOUNT)
    research = models.DecimalField("研发投入（万元）", validators=NOT_NEGATIVE, **AMOUNT)
    employees = models.PositiveIntegerField("从业人数", null=True, blank=True)
    target = models.TextField("年度发展目标", max_length=1000, blank=True)
    measures = models.TextField("具体举措", max_length=1000, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = YearlyFactsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业年度信息"
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "year"], name="yearly_facts_once")]

    def __str__(self) -> str:
        return f"{self.enterprise}{self.year}年"
