"""督查调度: the list of a month, what is due, done and behind, with what the bureau found; frozen when it is closed."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from campaigns.models.campaigns import Campaign, Task, TaskItem
from campaigns.querysets import InspectionLineQuerySet, InspectionQuerySet
from districts.models import Region


class Inspection(models.Model):
    """“区营商办将按月对各专项行动开展情况进行督查调度，每月通报结果” (实施方案 三、工作保障)."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    month = models.DateField("月份", help_text="该月1日")
    refreshed_at = models.DateTimeField("更新时间")
    summary = models.TextField("总体情况", blank=True)
    closed_at = models.DateTimeField("定稿时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="定稿人"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月度督查"
        ordering = ["-month", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["district", "month"], name="campaign_inspection_monthly")
        ]

    def __str__(self) -> str:
        return f"{self.month.year}年{self.month.month}月督查调度"


class InspectionLine(models.Model):
    """One piece of work in a month's list, under one of its leading units."""

    class State(models.TextChoices):
        DONE = "done", "已完成"
        LATE = "late", "逾期完成"
        OVERDUE = "overdue", "逾期未完成"
        UNDER_WAY = "under_way", "正在推进"
        SILENT = "silent", "没有进展填报"

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="lines", verbose_name="月度督查")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name="专项行动")
    task = models.ForeignKey(Task, models.PROTECT, related_name="inspected", verbose_name="任务")
    item = models.ForeignKey(
        TaskItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分项"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="牵头责任单位")
    due = models.DateField("本月时限", null=True, blank=True)
    is_due = models.BooleanField("本月到期", default=False)
    owes_report = models.BooleanField("应报进展", default=True)
    reported = models.BooleanField("已报进展", default=False)
    progress = models.TextField("本月进展", blank=True)
    state = models.CharField("情况", max_length=10, choices=State.choices)
    finding = models.CharField("督查意见", max_length=500, blank=True)
    found_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填写人"
    )
    found_at = models.DateTimeField("填写时间", null=True, blank=True)

    objects = InspectionLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督查事项"
        ordering = ["campaign__no", "campaign", "task__order", "item__order", "unit__order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "task", "unit"],
                condition=Q(item__isnull=True),
                name="campaign_line_once_of_task",
            ),
            models.UniqueConstraint(
                fields=["inspection", "item", "unit"],
                condition=Q(item__isnull=False),
                name="campaign_line_once_of_item",
            ),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="campaign_line_unit_state")]

    def __str__(self) -> str:
        return f"{self.inspection} {self.task}"

    @property
    def calls_for_a_finding(self) -> bool:
        """It is behind, or nobody has said how it goes."""
        return self.state in {self.State.OVERDUE, self.State.LATE} or (self.owes_report and not self.reported)
