"""走流程、坐窗口、优服务: leaders of the units with a window go through a procedure, and sit at the window."""

from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from campaigns.models.visibility import OfTheDistrict
from core import clock
from districts.models import Region


class SittingQuerySet(OfTheDistrict):
    def held(self) -> "SittingQuerySet":
        return self.filter(state=Sitting.State.HELD)

    def unrecorded(self) -> "SittingQuerySet":
        """Its day is over, and no record sheet has been handed in."""
        return self.filter(state=Sitting.State.PLANNED, day__lt=clock.today())


class Sitting(models.Model):
    """One half-day of one unit's leader: planned, announced, then recorded with the 工作记录表 (审批助企 二（六）).

    Who takes part is announced to the public anyway, so everybody in the district reads it.
    """

    class Half(models.TextChoices):
        MORNING = "morning", "上午"
        AFTERNOON = "afternoon", "下午"

    class State(models.TextChoices):
        PLANNED = "planned", "已安排"
        HELD = "held", "已开展"
        DROPPED = "dropped", "已取消"

    class Part(models.TextChoices):
        FIRM = "firm", "企业办事人"
        CITIZEN = "citizen", "群众办事人"
        AGENT = "agent", "代办人"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sittings", verbose_name="单位")
    official = models.ForeignKey(Official, models.PROTECT, related_name="+", verbose_name="分管领导")
    title = models.CharField("职务", max_length=60, help_text="当天的职务，公示只列职务")
    day = models.DateField("日期")
    half = models.CharField("时段", max_length=10, choices=Half.choices, default=Half.AFTERNOON)
    place = models.CharField("地点（窗口）", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PLANNED)
    drop_reason = models.CharField("取消原因", max_length=200, blank=True)
    announced_at = models.DateTimeField("公示时间", null=True, blank=True)

    item = models.CharField("走流程的事项", max_length=120, blank=True)
    part = models.CharField("以什么身份", max_length=10, choices=Part.choices, blank=True)
    received = models.PositiveSmallIntegerField("接待企业群众（人次）", default=0)
    summary = models.TextField("走流程、坐窗口情况", blank=True)
    held_at = models.DateTimeField("记录时间", null=True, blank=True)
    held_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录人"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="安排人")
    recorded_at = models.DateTimeField("安排时间")

    objects = SittingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走流程坐窗口"
        ordering = ["-day", "unit__order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "day", "half"],
                condition=~Q(state="dropped"),
                name="sitting_once_a_half_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_at__isnull=False) & ~Q(item="")),
                name="sitting_held_is_recorded",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(drop_reason=""), name="sitting_dropped_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["district", "day"], name="sitting_district_day")]

    def __str__(self) -> str:
        return f"{self.unit} {self.day:%Y-%m-%d}{self.get_half_display()}"

    @property
    def when(self) -> str:
        return f"{self.day:%Y-%m-%d}{self.get_half_display()}"


class FoundQuerySet(models.QuerySet):
    def visible_to(self, user) -> "FoundQuerySet":
        return self.filter(sitting__in=Sitting.objects.visible_to(user).order_by().values("pk"))

    def open(self) -> "FoundQuerySet":
        return self.filter(done_on__isnull=True)

    def overdue(self) -> "FoundQuerySet":
        return self.open().filter(due__lt=clock.today())


class SittingProblem(models.Model):
    """What was found: solved on the spot, or to be improved by a day."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="problems", verbose_name="走流程坐窗口")
    content = models.CharField("发现的问题", max_length=300)
    measure = models.CharField("解决或整改措施", max_length=300)
    on_spot = models.BooleanField("当场解决", default=False)
    due = models.DateField("整改时限", null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    result = models.CharField("整改结果", max_length=300, blank=True)

    objects = FoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走流程发现的问题"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(on_spot=True, due__isnull=True, done_on__isnull=False)
                | Q(on_spot=False, due__isnull=False),
                name="sitting_problem_on_spot_or_due",
            ),
        ]

    def __str__(self) -> str:
        return self.content[:30]

    @property
    def is_late(self) -> bool:
        return self.done_on is None and self.due is not None and self.due < clock.today()

    @property
    def days_left(self) -> int:
        return (self.due - clock.today()).days if self.due else 0
