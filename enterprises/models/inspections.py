"""涉企检查: who goes to which firm, when and on what basis, what was found and when it has to be put right."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from districts.models import Region
from enterprises.grade_querysets import InspectionQuerySet
from enterprises.models.roster import Enterprise


class Inspection(models.Model):
    """One inspection of one firm by a unit, alone or together with others (联合检查)."""

    class Result(models.TextChoices):
        CLEAN = "clean", "未发现问题"
        RECTIFY = "rectify", "责令整改"
        CASE = "case", "立案查处"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="inspections", verbose_name="企业"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="inspections", verbose_name="牵头检查单位")
    partners = models.ManyToManyField(
        Unit, related_name="joint_inspections", blank=True, verbose_name="联合检查单位"
    )
    joint = models.BooleanField("联合检查", default=False)
    basis = models.CharField("检查依据", max_length=40)
    on_site = models.BooleanField("现场检查", default=True)
    planned_on = models.DateField("计划日期")
    matter = models.CharField("检查事项", max_length=200)
    ground = models.CharField("线索或文号", max_length=200, blank=True)
    warned = models.TextField("计划时的提醒", blank=True)
    despite = models.CharField("仍需检查的理由", max_length=300, blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="计划人")
    planned_at = models.DateTimeField("计划时间")
    suggested_on = models.DateField("属地建议日期", null=True, blank=True)
    suggested_note = models.CharField("建议的理由", max_length=200, blank=True)
    suggested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建议人"
    )
    held_at = models.DateTimeField("检查日期", null=True, blank=True)
    result = models.CharField("结果", max_length=10, choices=Result.choices, blank=True)
    findings = models.TextField("检查情况", blank=True)
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    rectified_on = models.DateField("整改完成", null=True, blank=True)
    rectified_note = models.CharField("整改情况", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "涉企检查"
        ordering = ["-planned_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, result="", recorded_at__isnull=True)
                | Q(held_at__isnull=False, recorded_at__isnull=False) & ~Q(result=""),
                name="inspection_held_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(held_at__isnull=True),
                name="inspection_held_or_cancelled",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "planned_on"], name="inspection_of_a_firm"),
            models.Index(fields=["district", "planned_on"], name="inspection_plan"),
            models.Index(fields=["unit", "held_at"], name="inspection_of_a_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.planned_on:%Y-%m-%d} {self.enterprise}"

    @property
    def is_open(self) -> bool:
        return self.held_at is None and self.cancelled_at is None
