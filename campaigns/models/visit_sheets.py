"""走访联系表: what the cadres of a unit heard at their visits of a month, handed to the lead bureau by the liaison."""

from datetime import date, timedelta

from django.db import models

from accounts.models import Unit, User
from campaigns.models.visibility import OfAUnit
from districts.models import Region
from liaisons.models import Visit


class VisitSheetQuerySet(OfAUnit):
    def handed_in(self) -> "VisitSheetQuerySet":
        return self.filter(state=VisitSheet.State.HANDED_IN)


class VisitSheet(models.Model):
    """One unit's sheet of one month. It exists from the day it is handed in; what stands on it never changes.

    Until then the page gathers it anew from the visits. A sheet the bureau gave back is handed in again, with the
    visits of that day. (千名干部联万企 三（一）: “走访联系表由各单位联络员汇总，按时报送至区营商办”.)
    """

    class State(models.TextChoices):
        HANDED_IN = "handed_in", "已报送"
        GIVEN_BACK = "given_back", "已退回"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visit_sheets", verbose_name="单位")
    month = models.DateField("月份", help_text="当月第一天")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.HANDED_IN)
    note = models.TextField("说明", blank=True)
    owed = models.PositiveIntegerField("应走访企业", default=0)
    visited = models.PositiveIntegerField("已走访企业", default=0)
    due_on = models.DateField("报送时限")
    first_handed_in_at = models.DateTimeField("首次报送时间")
    handed_in_at = models.DateTimeField("报送时间")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报送人")
    given_back_reason = models.CharField("退回原因", max_length=200, blank=True)
    given_back_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退回人"
    )
    given_back_at = models.DateTimeField("退回时间", null=True, blank=True)
    late = models.BooleanField("逾期", default=False, help_text="首次报送晚于时限")

    objects = VisitSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访联系表"
        ordering = ["-month", "unit__order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="visit_sheet_once_a_month"),
        ]
        indexes = [models.Index(fields=["district", "month"], name="visit_sheet_month")]

    def __str__(self) -> str:
        return f"{self.unit}{self.month.year}年{self.month.month}月走访联系表"


class VisitSheetLine(models.Model):
    """A visit as it was handed in: its number is kept, and its words as they stood on that day."""

    sheet = models.ForeignKey(VisitSheet, models.CASCADE, related_name="lines", verbose_name="走访联系表")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, related_name="+", verbose_name="走访")
    number = models.PositiveBigIntegerField("走访编号")
    day = models.DateField("走访日期")
    firm = models.CharField("企业名称", max_length=200)
    place = models.CharField("所在地", max_length=60, blank=True)
    cadres = models.CharField("走访干部", max_length=400)
    kind = models.CharField("联系方式", max_length=40)
    findings = models.TextField("了解的情况", blank=True)
    asked = models.TextField("反映的问题诉求", blank=True)
    result = models.TextField("办理情况", blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访联系表明细"
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="visit_sheet_line_once")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.firm}"


def following_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)
