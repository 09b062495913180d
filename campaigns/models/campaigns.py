"""专项行动: campaigns with their working groups and task lists, what units report, what is counted and linked."""

from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.querysets import CampaignQuerySet, DraftQuerySet, OfATask, TaskQuerySet
from campaigns.task_lists import deadlines
from districts.models import Region
from liaisons.models import ServiceEvent

YEARS = [MinValueValidator(2000), MaxValueValidator(2100)]
SAID_DONE = frozenset({"已完成", "完成", "已办结", "已全部完成"})
"""What a plan prints under 完成情况 and means nothing but that; every longer text is left to people."""


class Campaign(models.Model):
    """One of a year's campaigns, as its plan describes it. Leaders stand here as posts, never by name."""

    class Source(models.TextChoices):
        PROFILE = "profile", "配置载入"
        IMPORTED = "imported", "清单导入"
        BY_HAND = "by_hand", "手工新建"
        COPIED = "copied", "从上一年度复制"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    no = models.PositiveSmallIntegerField("序号", default=0)
    name = models.CharField("行动名称", max_length=60)
    list_title = models.CharField("清单标题", max_length=150, blank=True)
    goal = models.TextField("工作目标", blank=True)
    content = models.TextField("工作内容", blank=True)
    leader = models.CharField("牵头领导", max_length=200, blank=True, help_text="写职务，不写姓名")
    lead_text = models.CharField("牵头单位", max_length=200, blank=True)
    assisting_text = models.CharField("配合单位", max_length=500, blank=True)
    force_head = models.CharField("专班组长", max_length=200, blank=True, help_text="写职务，不写姓名")
    force_members = models.TextField("专班成员", blank=True)
    force_office = models.CharField("专班办公室设在", max_length=200, blank=True)
    force_text = models.TextField("专班（原文）", blank=True)
    document = models.CharField("文件", max_length=200, blank=True)
    issued = models.DateField("印发日期", null=True, blank=True)
    notes = models.TextField("清单注", blank=True)
    lead_units = models.ManyToManyField(
        Unit, related_name="led_campaigns", blank=True, verbose_name="牵头单位"
    )
    assisting_units = models.ManyToManyField(
        Unit, related_name="assisted_campaigns", blank=True, verbose_name="配合单位"
    )
    source = models.CharField("来源", max_length=10, choices=Source.choices, default=Source.BY_HAND)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="copies", verbose_name="复制自"
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项行动"
        ordering = ["-year", "no", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "year", "name"],
                name="campaign_once_a_year",
                violation_error_message="这个年度已有同名的专项行动。",
            )
        ]

    def __str__(self) -> str:
        return f"“{self.name}”专项行动"


class Work(models.Model):
    """What has a deadline: its text as the plan has it, how it is understood, and whether it is done."""

    deadline_text = models.TextField("完成时限", blank=True)
    kind = models.CharField(
        "时限类别", max_length=10, choices=list(deadlines.KINDS.items()), default="unclear"
    )
    start = models.DateField("开始日期", null=True, blank=True)
    due = models.DateField("截止日期", null=True, blank=True)
    recurs = models.CharField("频次", max_length=10, blank=True, choices=list(deadlines.EVERY_LABELS.items()))
    day = models.PositiveSmallIntegerField("每月几日前", null=True, blank=True)
    continues = models.BooleanField("之后长期坚持", default=False)
    due_by_hand = models.DateField("人工确定的日期", null=True, blank=True)
    status_text = models.TextField("完成情况（原文）", blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    last_report = models.DateField("最近填报月份", null=True, blank=True)

    class Meta:
        abstract = True

    def understand(self, year: int, *, alone: bool = False) -> None:
        """Read the text again; a day set by hand stays beside it."""
        found = (deadlines.understand_one if alone else deadlines.understand)(self.deadline_text, year)
        self.kind, self.start, self.due = found.kind, found.start, found.due
        self.recurs, self.day, self.continues = found.recurs, found.day, found.continues

    @property
    def deadline(self) -> date | None:
        """The day it is due: by hand, else as understood; of what recurs, the last time."""
        return self.due_by_hand or self.due

    @property
    def comes_again(self) -> str:
        """How often it recurs; not any more once somebody has set a day by hand."""
        return "" if self.due_by_hand else self.recurs

    @property
    def is_said_done(self) -> bool:
        return self.status_text.strip("。 ") in SAID_DONE

    @property
    def needs_a_day(self) -> bool:
        return self.kind == "unclear" and self.due_by_hand is None

    @property
    def understood(self) -> str:
        if self.due_by_hand:
            return f"{self.due_by_hand:%Y-%m-%d}前（人工确定）"
        return deadlines.in_words(self.kind, self.start, self.due, self.recurs, self.day, self.continues)


class Task(Work):
    """A row of a task list: the eight columns as they stand in the plan."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks", verbose_name="专项行动")
    order = models.PositiveSmallIntegerField("次序")
    number = models.CharField("序号", max_length=20, blank=True)
    section = models.CharField("分项标题", max_length=200, blank=True)
    title = models.CharField("工作任务", max_length=200)
    measure = models.TextField("具体举措", blank=True)
    leader = models.CharField("牵头领导", max_length=200, blank=True)
    lead_text = models.CharField("牵头责任单位", max_length=500, blank=True)
    assisting_text = models.TextField("协同责任单位", blank=True)
    units = models.ManyToManyField(
        Unit, through="TaskUnit", related_name="campaign_tasks", verbose_name="责任单位"
    )
    withdrawn = models.BooleanField("已不在清单中", default=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行动任务"
        ordering = ["campaign", "order", "id"]
        indexes = [models.Index(fields=["campaign", "withdrawn", "order"], name="campaign_task_in_list")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class TaskItem(Work):
    """A sub-item of a task with a deadline of its own: a numbered measure, or a numbered clause of the deadline."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="items", verbose_name="任务")
    order = models.PositiveSmallIntegerField("次序")
    text = models.TextField("内容")
    assisting_text = models.TextField("协同责任单位", blank=True)
    withdrawn = models.BooleanField("已不在清单中", default=False)

    objects = OfATask.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务分项"
        ordering = ["task", "order", "id"]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_told_by_its_deadline(self) -> bool:
        """It is a clause of the deadline's cell: the one text says both."""
        return self.text == self.deadline_text


class TaskUnit(models.Model):
    """A unit of the district that a task names, by its own name or as one of a group (各乡镇街)."""

    class Part(models.TextChoices):
        LEAD = "lead", "牵头"
        ASSIST = "assist", "协同"

    task = models.ForeignKey(Task, models.CASCADE, related_name="named_units", verbose_name="任务")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    part = models.CharField("职责", max_length=6, choices=Part.choices)

    objects = OfATask.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务责任单位"
        ordering = ["part", "unit__order", "id"]
        constraints = [models.UniqueConstraint(fields=["task", "unit"], name="campaign_task_unit_once")]
        indexes = [models.Index(fields=["unit", "part"], name="campaign_task_unit_part")]

    def __str__(self) -> str:
        return f"{self.unit}{self.get_part_display()}"


class ProgressReport(models.Model):
    """What a unit reports about a task, or one item of it, for a month: one report a month, corrected in place."""

    class State(models.TextChoices):
        NOT_STARTED = "not_started", "尚未开展"
        UNDER_WAY = "under_way", "正在推进"
        DONE = "done", "已经完成"

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports", verbose_name="任务")
    item = models.ForeignKey(
        TaskItem, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="分项"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="填报单位")
    month = models.DateField("月份", help_text="该月1日")
    state = models.CharField("进展", max_length=12, choices=State.choices)
    text = models.TextField("进展情况")
    done_on = models.DateField("完成日期", null=True, blank=True)
    leads = models.BooleanField("牵头单位填报", default=True)
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    reported_at = models.DateTimeField("填报时间")
    changed_at = models.DateTimeField("更正时间", null=True, blank=True)

    objects = OfATask.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展填报"
        ordering = ["-month", "-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit", "month"],
                condition=Q(item__isnull=True),
                name="campaign_report_once_of_task",
            ),
            models.UniqueConstraint(
                fields=["item", "unit", "month"],
                condition=Q(item__isnull=False),
                name="campaign_report_once_of_item",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_on__isnull=False), name="campaign_report_done_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.unit} {self.get_state_display()}"


class Target(models.Model):
    """A figure that a task promises: “不少于30场次”. Recognised ones are suggestions until somebody confirms them."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DROPPED = "dropped", "不计数"

    class Counts(models.TextChoices):
        REPORTS = "reports", "各单位填报的数字相加"
        EVENTS = "events", "关联活动中已举办的场次"
        APPEALS = "appeals", "关联诉求中已办结的件数"

    task = models.ForeignKey(Task, models.CASCADE, related_name="targets", verbose_name="任务")
    text = models.CharField("原文", max_length=80)
    number = models.DecimalField("目标", max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    measure = models.CharField("计量单位", max_length=10)
    counts = models.CharField("怎样计数", max_length=8, choices=Counts.choices, default=Counts.REPORTS)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.SUGGESTED)

    objects = OfATask.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "量化目标"
        ordering = ["task", "id"]
        constraints = [models.UniqueConstraint(fields=["task", "text"], name="campaign_target_text_once")]

    def __str__(self) -> str:
        return self.text


class ReportFigure(models.Model):
    """What a report adds to a target, in that month."""

    report = models.ForeignKey(
        ProgressReport, models.CASCADE, related_name="figures", verbose_name="进展填报"
    )
    target = models.ForeignKey(Target, models.PROTECT, related_name="figures", verbose_name="量化目标")
    value = models.DecimalField(
        "本月新增", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        verbose_name = verbose_name_plural = "填报数字"
        constraints = [models.UniqueConstraint(fields=["report", "target"], name="campaign_figure_once")]

    def __str__(self) -> str:
        return f"{self.value:f}"


class TaskLink(models.Model):
    """An appeal, an event or a figure that a task has to do with."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="links", verbose_name="任务")
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="campaign_links", verbose_name="诉求"
    )
    event = models.ForeignKey(
        ServiceEvent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaign_links",
        verbose_name="活动",
    )
    figure = models.CharField("指标", max_length=40, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="关联人")
    added_at = models.DateTimeField("关联时间")

    objects = OfATask.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务关联"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "appeal"], condition=Q(appeal__isnull=False), name="campaign_task_appeal_once"
            ),
            models.UniqueConstraint(
                fields=["task", "event"], condition=Q(event__isnull=False), name="campaign_task_event_once"
            ),
            models.UniqueConstraint(
                fields=["task", "figure"], condition=~Q(figure=""), name="campaign_task_figure_once"
            ),
            models.CheckConstraint(
                condition=Q(appeal__isnull=False, event__isnull=True, figure="")
                | Q(appeal__isnull=True, event__isnull=False, figure="")
                | Q(appeal__isnull=True, event__isnull=True) & ~Q(figure=""),
                name="campaign_link_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.appeal or self.event or self.figure)


class ListDraft(models.Model):
    """A task list that was read and waits for its reader's yes; then what it changed, until that is taken back."""

    district = models.ForeignKey(Region, models.CASCADE, related_name="+", verbose_name="所属区县")
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="并入的专项行动"
    )
    heading = models.JSONField("行动情况", default=dict)
    """Of a new campaign: year, no, name, leader, lead_text."""
    reading = models.JSONField("读出的清单", default=dict)
    source_name = models.CharField("来源", max_length=200)
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="导入人")
    made_at = models.DateTimeField("时间")
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    imported_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认导入人"
    )
    before = models.JSONField("导入前", null=True, blank=True)
    """What the campaign held before it was imported; none where the import made the campaign."""
    after = models.JSONField("导入后", null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待确认的清单"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.source_name
