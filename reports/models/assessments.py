"""The yearly assessment (年度考核): a line a unit, a score an item, each with what it was computed from."""

from decimal import Decimal
from functools import cached_property

from django.db import models

from accounts.models import Unit, User
from appeals.querysets import UNIT_ROLES
from districts.models import DistrictProfile, Region
from districts.querysets import scope
from districts.reporting import Assessment as AssessmentRules
from reports.models.bulletins import BUREAU, OVERSEERS


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AssessmentQuerySet":
        """The bureau sees drafts; everybody else an assessment that was given to the units."""
        if user.unit_id is None:
            return self.none()
        if user.has_role(*BUREAU):
            return self.filter(scope(user.unit.widest_region, "district"))
        given = self.exclude(state=Assessment.State.DRAFT)
        if user.has_role(*OVERSEERS):
            return given.filter(scope(user.unit.widest_region, "district"))
        if user.has_role(*UNIT_ROLES):
            lines = AssessmentLine.objects.filter(unit=user.unit_id)
            return given.filter(pk__in=lines.values("assessment"))
        return self.none()


class Assessment(models.Model):
    """One year of a district. ``weights`` are its items and rules as they were when it was last counted."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SHOWN = "shown", "单位核对中"
        CONFIRMED = "confirmed", "已审定"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    profile = models.ForeignKey(DistrictProfile, models.PROTECT, related_name="+", verbose_name="适用规则")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    weights = models.JSONField("项目和权重")
    counted_at = models.DateTimeField("计算时间")
    counted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="计算人")
    objections_until = models.DateField("异议截止日期", null=True)
    confirmed_at = models.DateTimeField("审定时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审定人")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度考核"
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="assessment_once_a_year")]

    def __str__(self) -> str:
        return f"{self.year}年度考核"

    @cached_property
    def rules(self) -> AssessmentRules:
        return AssessmentRules.model_validate(self.weights)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED


class LineQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LineQuerySet":
        """Who watches the district sees every unit's line; a unit its own."""
        lines = self.filter(assessment__in=Assessment.objects.visible_to(user).values("pk"))
        return lines if user.has_role(*BUREAU, *OVERSEERS) else lines.filter(unit=user.unit_id)


class OfALine(models.QuerySet):
    def visible_to(self, user) -> "OfALine":
        return self.filter(line__in=AssessmentLine.objects.visible_to(user).values("pk"))


class AssessmentLine(models.Model):
    """A unit's year. Without a total nothing of it could be scored; without a rank it had too few cases."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="lines", verbose_name="考核")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    name = models.CharField("单位名称", max_length=80)
    place = models.PositiveSmallIntegerField("排序")
    total = models.DecimalField("总分", max_digits=6, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField("名次", null=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位考核"
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["assessment", "unit"], name="assessment_line_once")]

    def __str__(self) -> str:
        return self.name


class AssessmentScore(models.Model):
    """The points of one item, and everything they follow from."""

    line = models.ForeignKey(AssessmentLine, models.CASCADE, related_name="scores", verbose_name="单位")
    item = models.CharField("项目", max_length=40)
    weight = models.DecimalField(
        "本单位权重", max_digits=6, decimal_places=2, null=True, help_text="为空即不计分"
    )
    value = models.DecimalField("数值", max_digits=9, decimal_places=2, null=True)
    numerator = models.DecimalField("分子", max_digits=14, decimal_places=2)
    denominator = models.DecimalField("分母", max_digits=14, decimal_places=2)
    computed = models.DecimalField("计算得分", max_digits=6, decimal_places=2, null=True)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True)
    basis = models.TextField("计算过程")
    months = models.JSONField("各月通报", default=list)
    evidence = models.JSONField("依据编号", default=dict)

    objects = OfALine.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单项得分"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["line", "item"], name="assessment_score_once")]

    def __str__(self) -> str:
        return f"{self.item} {self.points}"

    @property
    def is_adjusted(self) -> bool:
        return self.points != self.computed

    @property
    def lost(self) -> Decimal | None:
        return None if self.weight is None or self.points is None else self.weight - self.points


class AssessmentAdjustment(models.Model):
    """Points set by hand, with the reason; the latest counts, all are kept beside what was computed."""

    score = models.ForeignKey(
        AssessmentScore, models.CASCADE, related_name="adjustments", verbose_name="单项得分"
    )
    points = models.DecimalField(
        "调整为", max_digits=6, decimal_places=2, null=True, help_text="为空表示恢复计算得分"
    )
    computed = models.DecimalField("当时计算得分", max_digits=6, decimal_places=2, null=True)
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="调整人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "考核调整"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.points}"


class AssessmentObjection(models.Model):
    """A unit objects to its line; the bureau answers."""

    line = models.ForeignKey(AssessmentLine, models.CASCADE, related_name="objections", verbose_name="单位")
    reason = models.TextField("异议")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    at = models.DateTimeField("提出时间")
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间", null=True)

    objects = OfALine.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核异议"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=models.Q(answered_at__isnull=True),
                name="assessment_objection_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.reason[:30]
