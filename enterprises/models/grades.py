"""企业分类监管: which firms are graded, by which criteria, with which grade and why, and what a firm says against it.

Nothing is ever overwritten: a change within the year is a record of its own with its own reason, and the record
with the latest ``effective_from`` holds. Nothing of this is public.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from core.wording import spoken
from districts.models import Region
from enterprises.grade_querysets import (
    GradeCriteriaQuerySet,
    GradeDutyQuerySet,
    GradeObjectionQuerySet,
    GradeRecordQuerySet,
    SamplePointQuerySet,
)
from enterprises.models.roster import Enterprise
from imports.models import SheetImport

YEARS = [MinValueValidator(2000), MaxValueValidator(2100)]


class SamplePoint(models.Model):
    """样本点企业: graded although it is no 四上企业. One running row a firm; what was, stays."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="sample_points", verbose_name="企业"
    )
    reason = models.CharField("列入理由", max_length=200)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="列入人")
    added_at = models.DateTimeField("列入时间")
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移出人"
    )
    ended_at = models.DateTimeField("移出时间", null=True, blank=True)

    objects = SamplePointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "样本点企业"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(ended_at__isnull=True), name="sample_point_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.enterprise)


class GradeCriteria(models.Model):
    """How an organ scores firms in its field in a year; internal. A correction is a new version."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    field = models.CharField("领域", max_length=40)
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    version = models.PositiveSmallIntegerField("版本", default=1)
    text = models.TextField("分级分类标准")
    items = models.JSONField("评分项", default=list)
    """[{"code", "label", "points", "hint"}]: what is scored, and the most it can bring."""
    thresholds = models.JSONField("分数线", default=dict)
    """Grade -> the least score of the sum, for all but the strictest one."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="制定单位")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    recorded_at = models.DateTimeField("填写时间")

    objects = GradeCriteriaQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分级分类标准"
        ordering = ["-year", "field", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "field", "year", "version"], name="grade_criteria_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.field}第{self.version}版"

    @property
    def most(self) -> int:
        return sum(item["points"] for item in self.items)


class GradeRecord(models.Model):
    """One grade given to a firm in one field: the annual one, an adjustment, or what an objection led to."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", "年度评定"
        ADJUSTMENT = "adjustment", "动态调整"
        OBJECTION = "objection", "异议变更"

    class State(models.TextChoices):
        PENDING = "pending", "待审定"
        IN_FORCE = "in_force", "已生效"
        REFUSED = "refused", "未同意"
        SET_ASIDE = "set_aside", "合并企业时停用"

    class Told(models.TextChoices):
        PAPER = "paper", "送达告知书"
        VISIT = "visit", "上门告知"
        PHONE = "phone", "电话告知"
        WECHAT = "wechat", "微信告知"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="grade_records", verbose_name="企业"
    )
    field = models.CharField("领域", max_length=40)
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    grade = models.CharField("等级", max_length=40)
    before = models.CharField("原等级", max_length=40, blank=True)
    reason = models.TextField("理由")
    scores = models.JSONField("评分", default=list)
    """[{"code", "label", "points", "most"}], as entered."""
    score = models.PositiveSmallIntegerField("得分", null=True, blank=True)
    criteria = models.ForeignKey(
        GradeCriteria, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评分标准"
    )
    basis = models.CharField("依据文号", max_length=100, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grade_records", verbose_name="评定单位")
    graded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="评定人")
    recorded_at = models.DateTimeField("评定时间")
    effective_from = models.DateField("生效日期")
    state = models.CharField("状态", max_length=10, choices=State.choices)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    confirmed_at = models.DateTimeField("审定时间", null=True, blank=True)
    confirm_note = models.CharField("审定意见", max_length=300, blank=True)
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    told_how = models.CharField("告知方式", max_length=10, choices=Told.choices, blank=True)
    told_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="告知人"
    )
    sheet_import = models.ForeignKey(
        SheetImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入"
    )

    objects = GradeRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业分级"
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "field", "year"],
                condition=Q(kind="annual", state="in_force"),
                name="grade_once_a_year",
            ),
            models.UniqueConstraint(
                fields=["enterprise", "field"], condition=Q(state="pending"), name="grade_one_pending"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grade_has_a_reason"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("graded_by")),
                name="grade_confirmed_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "field", "effective_from"], name="grade_of_a_firm"),
            models.Index(fields=["district", "state", "effective_from"], name="grade_of_a_district"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise}{self.year}年{self.field}"

    @property
    def is_in_force(self) -> bool:
        return self.state == self.State.IN_FORCE


class GradeDuty(models.Model):
    """A firm that an organ is to grade in a year: a line of the list that it opens for the season."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="grade_duties", verbose_name="企业"
    )
    field = models.CharField("领域", max_length=40)
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grade_duties", verbose_name="评定单位")
    due_on = models.DateField("评定期限")
    opened_at = models.DateTimeField("列入时间")
    record = models.OneToOneField(
        GradeRecord, models.PROTECT, null=True, blank=True, related_name="duty", verbose_name="评定"
    )
    """The annual grade, once it is in force."""

    objects = GradeDutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应评企业"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "field", "year"], name="grade_duty_once")
        ]
        indexes = [models.Index(fields=["district", "field", "year"], name="grade_duty_season")]

    def __str__(self) -> str:
        return f"{self.enterprise}{self.year}年{self.field}"


class GradeObjection(models.Model):
    """What a firm says against its grade, registered on its behalf; ruled on by somebody other than the grader."""

    class How(models.TextChoices):
        LETTER = "letter", "书面来函"
        VISIT = "visit", "上门提出"
        PHONE = "phone", "电话提出"
        CADRE = "cadre", spoken("联企干部转达")

    class Result(models.TextChoices):
        UPHELD = "upheld", "维持等级"
        CHANGED = "changed", "变更等级"
        REJECTED = "rejected", "不予受理"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    record = models.ForeignKey(
        GradeRecord, models.PROTECT, related_name="objections", verbose_name="异议的分级"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="裁定单位")
    received_on = models.DateField("提出日期")
    how = models.CharField("提出方式", max_length=10, choices=How.choices)
    content = models.TextField("异议内容")
    is_late = models.BooleanField("逾期提出", default=False)
    due_on = models.DateField("裁定期限")
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间")
    result = models.CharField("结果", max_length=10, choices=Result.choices, blank=True)
    ruling = models.TextField("裁定意见", blank=True)
    ruled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="裁定人"
    )
    ruled_at = models.DateTimeField("裁定时间", null=True, blank=True)
    changed_to = models.OneToOneField(
        GradeRecord, models.PROTECT, null=True, blank=True, related_name="because_of", verbose_name="变更为"
    )

    objects = GradeObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分级异议"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(ruled_at__isnull=True), name="grade_objection_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ruled_at__isnull=True, result="")
                | Q(ruled_at__isnull=False) & ~Q(result="") & ~Q(ruling=""),
                name="grade_objection_ruled",
            ),
        ]
        indexes = [models.Index(fields=["unit", "ruled_at", "due_on"], name="grade_objection_due")]

    def __str__(self) -> str:
        return f"{self.record.enterprise}的异议"
