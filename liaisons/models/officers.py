"""联络员 (附件2): whom to call in a unit about the action."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Official, Unit, User
from core.phones import validate_phone
from districts.models import Region
from imports.models import SheetImport
from liaisons.querysets import OfficerQuerySet


class LiaisonOfficer(models.Model):
    """One line of 附件2 (单位、姓名、职务、办公号码、手机号、备注), from a day up to (not including) another.

    A line that ends on the day it began never held: a mistake, taken back the same day.
    """

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="liaison_officers", verbose_name="单位")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="liaison_officers", verbose_name="干部"
    )
    name = models.CharField("姓名", max_length=50)
    title = models.CharField("职务", max_length=60)
    office_phone = models.CharField("办公号码", max_length=30, blank=True, validators=[validate_phone])
    mobile = models.CharField("手机号", max_length=30, blank=True, validators=[validate_phone])
    note = models.CharField("备注", max_length=100, blank=True)
    started = models.DateField("开始日期")
    ended = models.DateField("结束日期", null=True, blank=True)
    sheet_import = models.ForeignKey(
        SheetImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联络员"
        ordering = ["unit__order", "unit_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gte=F("started")), name="officer_ends_later"
            ),
            models.CheckConstraint(
                condition=~Q(office_phone="") | ~Q(mobile=""), name="officer_can_be_reached"
            ),
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(ended__isnull=True), name="officer_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}{self.name}"
