"""Rotas: who sits where on which day (领导接待日、周末延时服务、预约服务), and what came of it.

Rotas are about people at a counter. What the public is invited to (周六助企服务日、恳谈会) is an event, see
``liaisons.models.ServiceEvent``: it has its own duty list, attendance and minutes.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Official, Unit, User
from appeals.models import Appeal
from campaigns.models.visibility import OfTheDistrict
from core import clock
from districts.models import Region


class Rota(models.Model):
    """One kind of rota in one month; published, it is on the public page."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    kind = models.CharField("类别", max_length=30)
    month = models.DateField("月份", help_text="当月第一天")
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公布人"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="编排人")
    recorded_at = models.DateTimeField("编排时间")

    objects = OfTheDistrict.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排班表"
        ordering = ["-month", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "month"], name="rota_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind}"


class DutyQuerySet(models.QuerySet):
    def visible_to(self, user) -> "DutyQuerySet":
        return self.filter(rota__in=Rota.objects.visible_to(user).order_by().values("pk"))

    def of(self, official_id: int) -> "DutyQuerySet":
        """Whose turn it is: the substitute's where there is one."""
        own = Q(official=official_id, substitute__isnull=True)
        return self.filter(own | Q(substitute=official_id))

    def unrecorded(self) -> "DutyQuerySet":
        return self.filter(came__isnull=True, day__lt=clock.today(), rota__published_at__isnull=False)


class Duty(models.Model):
    """Somebody's turn on a day; where nobody is named the unit sends somebody."""

    rota = models.ForeignKey(Rota, models.CASCADE, related_name="duties", verbose_name="排班表")
    day = models.DateField("日期")
    begins = models.TimeField("开始")
    ends = models.TimeField("结束")
    place = models.CharField("地点", max_length=120, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rota_duties", verbose_name="单位")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="rota_duties", verbose_name="值班人"
    )
    title = models.CharField("职务", max_length=60, blank=True)
    substitute = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代班人"
    )
    substitute_reason = models.CharField("代班原因", max_length=200, blank=True)

    came = models.BooleanField("到岗", null=True)
    received = models.PositiveSmallIntegerField("接待（人次）", default=0)
    solved = models.PositiveSmallIntegerField("当场解决（件）", default=0)
    notes = models.TextField("接待情况", blank=True)
    appeals = models.ManyToManyField(Appeal, related_name="+", blank=True, verbose_name="登记的诉求")
    held_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录人"
    )
    held_at = models.DateTimeField("记录时间", null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "值班"
        ordering = ["day", "begins", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="rota_duty_ends_later"),
            models.UniqueConstraint(
                fields=["rota", "day", "unit", "official"],
                condition=Q(official__isnull=False),
                name="rota_duty_person_once",
            ),
            models.UniqueConstraint(
                fields=["rota", "day", "unit"],
                condition=Q(official__isnull=True),
                name="rota_duty_unit_once",
            ),
            models.CheckConstraint(
                condition=Q(came__isnull=True) | Q(held_at__isnull=False), name="rota_duty_record_is_dated"
            ),
        ]
        indexes = [models.Index(fields=["official", "day"], name="rota_duty_official")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.unit}"

    @property
    def person(self) -> Official | None:
        """Whoever sits there."""
        return self.substitute or self.official

    @property
    def starts_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, self.begins))

    @property
    def ends_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, self.ends))


class DutySwap(models.Model):
    """A change of turns, with its reason; what stood there before is kept."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="swaps", verbose_name="值班")
    before = models.CharField("原来", max_length=120)
    after = models.CharField("改为", max_length=120)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "调班记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
