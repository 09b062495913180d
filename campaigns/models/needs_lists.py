"""The monthly lists: which units have looked through theirs, and what became public."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from campaigns.needs.querysets import ConfirmationQuerySet, PublishedNeedsQuerySet
from districts.models import Region


class NeedsConfirmation(models.Model):
    """每月动态更新: a unit has looked through its list for the month it is published in. Else the list is stale."""

    class Kind(models.TextChoices):
        OPENINGS = "openings", "企业岗位需求清单"
        SEEKERS = "seekers", "求职人员清单"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="needs_confirmations", verbose_name="单位")
    kind = models.CharField("清单", max_length=10, choices=Kind.choices)
    month = models.DateField("清单月份", help_text="当月第一天")
    entries = models.PositiveIntegerField("条数")
    """How many were on it; none is an answer too."""
    confirmed_at = models.DateTimeField("确认时间")
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="确认人")

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "清单确认"
        ordering = ["-month", "unit__order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "month"], name="needs_list_confirmed_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m} {self.get_kind_display()}"


class PublishedNeeds(models.Model):
    """Both lists of a month as they were published: frozen rows, no phone of a firm, nobody's name."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    month = models.DateField("清单月份", help_text="当月第一天")
    openings = models.JSONField("岗位")
    """[{"opening" (its key), "firm", "work", "wanted", "wage", "place", "requirements", "until"}, …]"""
    seekers = models.JSONField("求职")
    """[{"work", "count", "age", "region", "wage"}, …], each of at least ``minimum`` persons."""
    left_out = models.JSONField("未公布", default=dict)
    """Why rows were left out -> how many, for officials alone."""
    contact = models.JSONField("应聘方式", default=dict)
    """{"unit", "phone"}"""
    minimum = models.PositiveSmallIntegerField("最小公布人数")
    published_at = models.DateTimeField("发布时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤下人"
    )
    withdraw_reason = models.CharField("撤下原因", max_length=200, blank=True)

    objects = PublishedNeedsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已发布的需求清单"
        ordering = ["-month", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month"],
                condition=Q(withdrawn_at__isnull=True),
                name="needs_published_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdraw_reason=""),
                name="needs_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.label}"

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"

    @property
    def persons(self) -> int:
        return sum(row["wanted"] for row in self.openings)
