"""The weekly situation tables (工作情况表): periods, tables, their steps, hand entries and frozen figures."""

from functools import cached_property, reduce
from operator import or_

from django.db import models
from django.db.models import Q

from accounts.models import Role, Unit, User
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE


class ReportingPeriodQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReportingPeriodQuerySet":
        """Whoever reports, or reads reports, knows the weeks of the district."""
        if user.unit_id is None or not user.has_role(*DISTRICT_WIDE, Role.LIAISON, Role.UNIT_LEADER):
            return self.none()
        return self.filter(scope(user.unit.widest_region, "district"))


class ReportingPeriod(models.Model):
    """One reporting week of a district: ``start`` <= moment < ``end``; handing in is due at ``due_at``."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    profile = models.ForeignKey(DistrictProfile, models.PROTECT, related_name="+", verbose_name="适用规则")
    ending = models.DateField("截止日")
    start = models.DateTimeField("开始")
    end = models.DateTimeField("截止")
    due_at = models.DateTimeField("报送时限")

    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送周期"
        ordering = ["-end"]
        constraints = [models.UniqueConstraint(fields=["district", "ending"], name="period_once")]

    def __str__(self) -> str:
        return f"{self.district} {self.ending:%Y-%m-%d}"

    @property
    def rules(self) -> Rules:
        """The rules this week is reported under."""
        return self.profile.rules

    @property
    def word(self) -> str:
        """周 or 月, as people say 本周 or 本月."""
        return self.rules.week.word

    @cached_property
    def has_merged_units(self) -> bool:
        """Some unit of the district was merged into another one: who counts what has to be looked up."""
        return Unit.objects.of_district(self.district_id).filter(merged_into__isnull=False).exists()


class SituationTableQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SituationTableQuerySet":
        """District-wide roles see every unit's table; liaisons and leaders their own unit's.

        Who takes over a unit takes over its tables.
        """
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(scope(user.unit.widest_region, "period__district"))
        if user.has_role(Role.LIAISON, Role.UNIT_LEADER):
            return self.of_unit(user.unit_id)
        return self.none()

    def of_unit(self, unit: int) -> "SituationTableQuerySet":
        """The unit's own, and those of units that were merged into it, over up to three mergers."""
        paths = ("unit", "unit__merged_into", "unit__merged_into__merged_into")
        mine = (Q(**{path: unit}) for path in (*paths, f"{paths[-1]}__merged_into"))
        return self.filter(reduce(or_, mine))

    def missing(self) -> "SituationTableQuerySet":
        """Never handed in, or sent back and not handed in again."""
        return self.in_force().filter(state__in=SituationTable.OPEN_STATES, version=1)

    def in_force(self) -> "SituationTableQuerySet":
        return self.filter(superseded=False)


class OfATable(models.QuerySet):
    def visible_to(self, user) -> "OfATable":
        """Entries, steps and figures are visible with their table."""
        return self.filter(table__in=SituationTable.objects.visible_to(user).values("pk"))


class SituationTable(models.Model):
    """One unit's table of one week. A correction after acceptance is a new version; both are kept."""

    class State(models.TextChoices):
        OPEN = "open", "填报中"
        SUBMITTED = "submitted", "已报送"
        SENT_BACK = "sent_back", "已退回"
        ACCEPTED = "accepted", "已审核"

    OPEN_STATES = (State.OPEN, State.SENT_BACK)
    """In these its figures still move."""

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="tables", verbose_name="周期")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="situation_tables", verbose_name="填报单位")
    version = models.PositiveSmallIntegerField("版本", default=1)
    superseded = models.BooleanField("已有新版本", default=False)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    submitted_at = models.DateTimeField("报送时间", null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报送人")
    frozen_at = models.DateTimeField(
        "数字固定时间", null=True, help_text="此后登记的计入下一张表；退回后清空，更正版沿用原来的时间"
    )
    late = models.BooleanField("迟报", default=False)

    objects = SituationTableQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作情况表"
        ordering = ["-period__end", "unit__order", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "unit", "version"], name="table_version_once"),
            models.UniqueConstraint(
                fields=["period", "unit"], condition=Q(superseded=False), name="table_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.period.ending:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_correction(self) -> bool:
        """A later version, which its unit is still correcting."""
        return self.is_open and self.version > 1

    @property
    def is_missing(self) -> bool:
        """Never handed in, or sent back and not handed in again."""
        return self.is_open and self.version == 1

    @property
    def state_label(self) -> str:
        return "更正中" if self.is_correction else self.get_state_display()


class TableStep(models.Model):
    """What was done with a table, by whom, when and why. Rows are only added."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "报送"
        ACCEPTED = "accepted", "审核通过"
        SENT_BACK = "sent_back", "退回"
        CORRECTED = "corrected", "发起更正"

    table = models.ForeignKey(SituationTable, models.CASCADE, related_name="steps", verbose_name="表")
    kind = models.CharField("动作", max_length=12, choices=Kind.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")
    reason = models.CharField("理由", max_length=300, blank=True)

    objects = OfATable.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class HandEntry(models.Model):
    """A figure entered or corrected by hand, with its reason. The latest counts; all are kept and shown."""

    table = models.ForeignKey(SituationTable, models.CASCADE, related_name="hand_entries", verbose_name="表")
    row = models.PositiveSmallIntegerField("行")
    value = models.DecimalField(
        "数值", max_digits=14, decimal_places=2, null=True, help_text="为空表示恢复系统取数"
    )
    counted = models.DecimalField("系统数值", max_digits=14, decimal_places=2, null=True)
    reason = models.CharField("依据或理由", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间")

    objects = OfATable.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "手工填写"
        ordering = ["id"]
        indexes = [models.Index(fields=["table", "row", "id"], name="hand_entry_latest")]

    def __str__(self) -> str:
        return f"第{self.row}行 {'恢复系统取数' if self.value is None else self.value}"


class FrozenFigure(models.Model):
    """A figure of a submitted table, with the ids of the records behind it."""

    table = models.ForeignKey(SituationTable, models.CASCADE, related_name="figures", verbose_name="表")
    row = models.PositiveSmallIntegerField("行")
    week = models.DecimalField("本周", max_digits=14, decimal_places=2)
    cumulative = models.DecimalField("累计", max_digits=14, decimal_places=2)
    counted = models.DecimalField("系统数值", max_digits=14, decimal_places=2, null=True)
    carried = models.PositiveIntegerField("补登", default=0, help_text="其中以前各周发生、补登的记录数")
    evidence = models.JSONField("依据编号", default=list)

    objects = OfATable.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "固定数字"
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["table", "row"], name="figure_once")]

    def __str__(self) -> str:
        return f"第{self.row}行 {self.week}"


class SummaryFigure(models.Model):
    """A row of the district's summary, kept once every table of the week is accepted: it moves no more.

    Firms are merged and assignments corrected later; what the district reported stays what it was.
    """

    period = models.ForeignKey(ReportingPeriod, models.CASCADE, related_name="summary", verbose_name="周期")
    row = models.PositiveSmallIntegerField("行")
    week = models.DecimalField("本周", max_digits=14, decimal_places=2)
    cumulative = models.DecimalField("累计", max_digits=14, decimal_places=2)
    counted = models.DecimalField("系统数值", max_digits=14, decimal_places=2, null=True)
    carried = models.PositiveIntegerField("补登", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "全区汇总数字"
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["period", "row"], name="summary_figure_once")]

    def __str__(self) -> str:
        return f"第{self.row}行 {self.week}"
