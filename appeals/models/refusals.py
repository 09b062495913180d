"""Saying “no” (说“不”提级): who proposed it, which levels signed, where it stopped.

The words stand in the statements of the events that the rows point to.
"""

from django.db import models

from accounts.models import Unit, User
from appeals.models.appeal import Appeal
from appeals.querysets import OfVisibleAppeals


class Refusal(models.Model):
    """One proposal of “no” by a unit: at most one a round."""

    class Outcome(models.TextChoices):
        TURNED_BACK = "turned_back", "转为“办”"
        UNREASONABLE = "unreasonable", "会商认定诉求不合理"
        REASONABLE = "reasonable", "会商认定诉求合理"
        REPORTED_UP = "reported_up", "上报市级"
        LAPSED = "lapsed", "中止"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="refusals", verbose_name="诉求")
    round = models.PositiveSmallIntegerField("轮次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="refusals", verbose_name="提出单位")
    event_seq = models.PositiveIntegerField("事件序号")
    at = models.DateTimeField("提出时间")
    levels = models.PositiveSmallIntegerField("应签级数")
    level = models.PositiveSmallIntegerField("已签级数", default=0)
    outcome = models.CharField("结果", max_length=20, choices=Outcome.choices, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拟说“不”"
        ordering = ["appeal_id", "round"]
        constraints = [models.UniqueConstraint(fields=["appeal", "round"], name="refusal_once_a_round")]
        indexes = [
            models.Index(fields=["unit", "at"], name="refusal_unit_time"),
            models.Index(fields=["at"], name="refusal_time"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.level}/{self.levels}"


class RefusalSignature(models.Model):
    """One level's signature: on to the next level, or back to “办”. One person signs one level."""

    refusal = models.ForeignKey(Refusal, models.CASCADE, related_name="signatures", verbose_name="拟说“不”")
    level = models.PositiveSmallIntegerField("级别")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签字人")
    event_seq = models.PositiveIntegerField("事件序号")
    at = models.DateTimeField("时间")
    agrees = models.BooleanField("同意上报")

    class Meta:
        verbose_name = verbose_name_plural = "说“不”签字"
        ordering = ["refusal_id", "level"]
        constraints = [
            models.UniqueConstraint(fields=["refusal", "level"], name="refusal_level_signed_once"),
            models.UniqueConstraint(fields=["refusal", "by"], name="refusal_signer_signs_once"),
        ]

    def __str__(self) -> str:
        return f"{self.refusal_id} {self.level}"
