"""解决一类问题: what a department takes upon itself about one kind of problem, and every step of the way."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from appeals.clusters.querysets import ImprovementQuerySet, ImprovementStepQuerySet
from appeals.models.backlog import SOON_DAYS
from appeals.models.clusters import Cluster
from core import clock
from districts.models import Region
from policies.models import Policy


class Improvement(models.Model):
    """A policy improvement (政策完善) as a task: taken on, worked on, reported done, confirmed; or given up.

    Changed by ``appeals.clusters.improving`` alone, which writes a step for every change.
    """

    class Kind(models.TextChoices):
        NEW_POLICY = "new_policy", "出台新政策"
        CHANGED_POLICY = "changed_policy", "修订完善政策"
        PROCEDURE = "procedure", "简化办事程序"
        GUIDANCE = "guidance", "编印指南、宣传解读"
        FACILITY = "facility", "补齐设施、要素保障"
        COORDINATION = "coordination", "建立协调机制"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        ADOPTED = "adopted", "已认领"
        UNDER_WAY = "under_way", "推进中"
        REPORTED = "reported", "待确认"
        DONE = "done", "已完成"
        GIVEN_UP = "given_up", "不再推进"

    LIVE = (State.ADOPTED, State.UNDER_WAY, State.REPORTED)
    WITH_UNIT = (State.ADOPTED, State.UNDER_WAY)

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="improvements", verbose_name="共性问题")
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="improvements", verbose_name="牵头责任单位")
    assisting = models.ManyToManyField(
        Unit, blank=True, related_name="assisted_improvements", verbose_name="协同责任单位"
    )
    kind = models.CharField("改进方式", max_length=20, choices=Kind.choices)
    goal = models.TextField("要改进什么")
    due_on = models.DateField("完成时限")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ADOPTED)
    result = models.TextField("完成情况", blank=True)
    effective_on = models.DateField(
        "改进措施实施日期", null=True, blank=True, help_text="成效从这一天起前后对比"
    )
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, blank=True, related_name="improvements", verbose_name="形成的政策"
    )
    document = models.CharField("形成的文件", max_length=120, blank=True, help_text="名称和文号")
    adopted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="认领（交办）人")
    adopted_at = models.DateTimeField("认领时间")
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    reported_at = models.DateTimeField("报送时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=0, help_text="经过的步骤数")

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策改进"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster"],
                condition=Q(state__in=["adopted", "under_way", "reported"]),
                name="improvement_once_while_live",
                violation_error_message="这类问题已有单位认领，正在推进。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "given_up"], ended_at__isnull=False)
                | (~Q(state__in=["done", "given_up"]) & Q(ended_at__isnull=True)),
                name="improvement_end_is_dated",
            ),
        ]
        indexes = [models.Index(fields=["unit", "state", "due_on"], name="improvement_unit_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.goal[:30]}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_with_unit(self) -> bool:
        return self.state in self.WITH_UNIT

    @property
    def is_overdue(self) -> bool:
        return self.is_with_unit and self.due_on < clock.today()

    @property
    def ended_on(self) -> date | None:
        return clock.local_date(self.ended_at) if self.ended_at else None

    @property
    def colour(self) -> str:
        """Like a deadline's; none once the unit owes nothing any more."""
        if not self.is_with_unit:
            return "none"
        days = (self.due_on - clock.today()).days
        return "red" if days < 0 else "blue" if days <= SOON_DAYS else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if not self.is_with_unit:
            return self.get_state_display()
        return {"red": "已逾期", "blue": "临期", "green": "未到期"}[self.colour]

    @property
    def colour_date(self) -> date:
        """The day that goes with the word: when it ended or was reported, else when it is due."""
        if self.reported_at and self.state == self.State.REPORTED:
            return clock.local_date(self.reported_at)
        return self.ended_on or self.due_on


class ImprovementStep(models.Model):
    """Something that happened to an improvement; written once."""

    class Kind(models.TextChoices):
        ADOPTED = "adopted", "认领"
        ASSIGNED = "assigned", "交办"
        CHANGED = "changed", "调整"
        PROGRESS = "progress", "工作进展"
        REPORTED = "reported", "报送已完成"
        SENT_BACK = "sent_back", "退回继续推进"
        CONFIRMED = "confirmed", "确认完成"
        GIVEN_UP = "given_up", "不再推进"

    improvement = models.ForeignKey(
        Improvement, models.PROTECT, related_name="steps", verbose_name="政策改进"
    )
    seq = models.PositiveIntegerField("序号")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    text = models.TextField("说明", blank=True)

    objects = ImprovementStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策改进记录"
        ordering = ["improvement_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["improvement", "seq"], name="improvement_step_once")]

    def __str__(self) -> str:
        return f"{self.improvement_id}#{self.seq} {self.kind}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise TypeError("Steps are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Steps are append-only.")
