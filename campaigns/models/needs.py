"""用工: what firms look for, who looks for work, who was put forward, and how many took up work."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from campaigns.needs.querysets import (
    OfAnOpening,
    OpeningQuerySet,
    RecommendationQuerySet,
    SeekerQuerySet,
)
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject


class JobOpening(HasSubject, Searchable):
    """缺工人数、工种、工资待遇 (助企招人 二（一）): one kind of work that a firm wants people for.

    Reported by a township, the park or the unit that leads the list; or by the firm itself behind its plaque,
    and then checked by an official before it counts.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待核实"
        OPEN = "open", "招聘中"
        PARTLY = "partly", "部分招到"
        FILLED = "filled", "已招满"
        WITHDRAWN = "withdrawn", "已撤回"
        EXPIRED = "expired", "已到期"

    CURRENT = (State.OPEN, State.PARTLY)

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在乡镇、园区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="job_openings", verbose_name="填报单位")
    by_firm = models.BooleanField("企业自行填报", default=False)
    trade = models.CharField("工种", max_length=40, blank=True, help_text="代码见区县配置的 needs.trades")
    post = models.CharField("岗位名称", max_length=60, blank=True)
    wanted = models.PositiveIntegerField("招聘人数")
    placed = models.PositiveIntegerField("已上岗", default=0, help_text="上岗记录之和")
    wage_from = models.PositiveIntegerField("月薪下限（元）", null=True, blank=True)
    wage_to = models.PositiveIntegerField("月薪上限（元）", null=True, blank=True)
    requirements = models.CharField("要求和待遇", max_length=500, blank=True)
    place = models.CharField("工作地点", max_length=120, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    valid_until = models.DateField("有效期至")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    closing = models.CharField("撤回原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    checked_at = models.DateTimeField("核实时间", null=True, blank=True)
    updated_at = models.DateTimeField("最近更新")

    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用工需求"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("job_opening_one_subject"),
            models.CheckConstraint(condition=~Q(trade="", post=""), name="job_opening_names_its_work"),
            models.CheckConstraint(condition=Q(wanted__gte=1), name="job_opening_wants_somebody"),
            models.CheckConstraint(
                condition=Q(wage_from__isnull=True)
                | Q(wage_to__isnull=True)
                | Q(wage_from__lte=F("wage_to")),
                name="job_opening_wage_range",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "valid_until"], name="job_opening_current"),
            models.Index(fields=["unit", "state"], name="job_opening_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.post or self.trade}"

    def search_words(self) -> list[str]:
        return [self.subject_name, self.post, self.requirements, self.place]

    @property
    def still_wanted(self) -> int:
        return max(0, self.wanted - self.placed)

    @property
    def is_current(self) -> bool:
        return self.state in self.CURRENT


class JobSeeker(Searchable):
    """求职人员: no more than it takes to offer somebody work, with what they were told and when they agreed.

    Only a 称呼 (王先生), never a full name or an identity number. The personal half is erased on request, and by
    itself when the time it may be kept is over; what is left counts in figures and names nobody.
    """

    class State(models.TextChoices):
        LOOKING = "looking", "求职中"
        PLACED = "placed", "已上岗"
        LEFT = "left", "不再求职"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在乡镇")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="job_seekers", verbose_name="登记单位")
    called = models.CharField("称呼", max_length=10, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    skills = models.CharField("技能和经历", max_length=200, blank=True)
    age_band = models.CharField("年龄段", max_length=40, help_text="代码见区县配置的 needs.age_bands")
    trade = models.CharField("意向工种", max_length=40, blank=True)
    post = models.CharField("意向岗位", max_length=60, blank=True)
    wage_hoped = models.PositiveIntegerField("期望月薪（元）", null=True, blank=True)
    consent_on = models.DateField("同意日期")
    purpose = models.TextField("告知内容")
    keep_until = models.DateField("保存至")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LOOKING)
    erased_at = models.DateTimeField("个人信息删除时间", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = SeekerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "求职人员"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(called="", phone="", skills="", post=""),
                name="job_seeker_erased_is_nobody",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "trade"], name="job_seeker_looking"),
            models.Index(fields=["unit", "state"], name="job_seeker_of_unit"),
            models.Index(fields=["erased_at", "keep_until"], name="job_seeker_to_erase"),
        ]

    def __str__(self) -> str:
        return f"求职人员 {self.pk}"

    def search_words(self) -> list[str]:
        """Not the phone and not the 称呼: a person is looked for by work."""
        return [self.post, self.skills]

    @property
    def name(self) -> str:
        return self.called or f"编号{self.pk}（已匿名）"


class Recommendation(models.Model):
    """点对点对接: a seeker put forward for an opening, and how it went."""

    class State(models.TextChoices):
        RECOMMENDED = "recommended", "已推荐"
        INTERVIEW = "interview", "面试"
        PLACED = "placed", "已上岗"
        FAILED = "failed", "未成"

    RUNNING = (State.RECOMMENDED, State.INTERVIEW)

    opening = models.ForeignKey(
        JobOpening, models.PROTECT, related_name="recommendations", verbose_name="用工需求"
    )
    seeker = models.ForeignKey(
        JobSeeker, models.PROTECT, related_name="recommendations", verbose_name="求职人员"
    )
    state = models.CharField("进展", max_length=12, choices=State.choices, default=State.RECOMMENDED)
    reasons = models.JSONField("匹配理由", default=list)
    """As they were when the seeker was put forward, in words."""
    result = models.CharField("未成原因", max_length=200, blank=True)
    recommended_at = models.DateTimeField("推荐时间")
    recommended_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="推荐人")
    changed_at = models.DateTimeField("最近进展")
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推荐"
        ordering = ["-recommended_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opening", "seeker"],
                condition=~Q(state="failed"),
                name="recommended_once_to_an_opening",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(result=""), name="recommendation_failed_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seeker} → {self.opening}"


class JobPlacement(models.Model):
    """送工进企: so many took up work at a firm on a day. A batch, or the one somebody was put forward as.

    What was recorded by mistake is cancelled and stays, with the reason.
    """

    opening = models.ForeignKey(
        JobOpening, models.PROTECT, related_name="placements", verbose_name="用工需求"
    )
    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="placement", verbose_name="推荐"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="送工单位")
    persons = models.PositiveIntegerField("上岗人数")
    note = models.CharField("说明", max_length=200, blank=True)
    occurred_at = models.DateTimeField("上岗时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    cancelled_at = models.DateTimeField("作废时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人"
    )
    cancel_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = OfAnOpening.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上岗记录"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(persons__gte=1), name="job_placement_of_somebody"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancel_reason=""),
                name="job_placement_cancelled_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="job_placement_of_unit")]

    def __str__(self) -> str:
        return f"{self.opening} {self.persons}人"
