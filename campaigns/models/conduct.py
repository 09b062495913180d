"""对干部作风的意见: confidential, for 督查 alone.

S1: “区营商办会同区委督查办听取企业对包联干部作风等方面的意见建议”. Whoever writes one wants it to reach nobody the
remark is about; so it is kept apart from the rating or answer it came with, without a time of day, is no part of any
search, export, log or notice, and is registered with no administration page.
"""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from campaigns.satisfaction.querysets import ConductRemarkQuerySet
from districts.models import Region


class ConductRemark(models.Model):
    class State(models.TextChoices):
        RECEIVED = "received", "待处理"
        PASSED = "passed", "已移送纪检"
        CLOSED = "closed", "已了结"

    class Source(models.TextChoices):
        RATING = "rating", "服务评价"
        SURVEY = "survey", "满意度调查"

    id = models.UUIDField("编号", primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    supervisor = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="督查单位")
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及单位"
    )
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及干部"
    )
    text = models.TextField("内容")
    received_on = models.DateField("收到日期")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RECEIVED)
    note = models.TextField("处理情况", blank=True)
    handled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects = ConductRemarkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "作风意见"
        ordering = ["-received_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="received") | (Q(handled_at__isnull=False) & ~Q(note="")),
                name="conduct_remark_handled_with_note",
            )
        ]
        indexes = [models.Index(fields=["supervisor", "state"], name="conduct_remark_open")]

    def __str__(self) -> str:
        return "作风意见"
