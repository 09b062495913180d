"""Visits: planned, asked for, paid; who took part, and the pictures taken there."""

from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from core.phones import validate_phone
from core.search import Searchable
from core.wording import spoken
from districts.models import Region
from enterprises.models import HasSubject, OnRoster
from liaisons.querysets import (
    OfAVisit,
    ParticipantQuerySet,
    VisitPlanQuerySet,
    VisitQuerySet,
    VisitRequestQuerySet,
)
from policies.models import HandOut


class Visit(HasSubject, Searchable):
    """A contact with a firm, counted for one reporting unit. Kinds (走访、电话 …) are profile data."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    reporting_unit = models.ForeignKey(Unit, models.PROTECT, related_name="visits", verbose_name="填报单位")
    kind = models.CharField("联系方式", max_length=20)
    findings = models.TextField("走访了解的情况", blank=True)
    hand_outs = models.ManyToManyField(
        HandOut, related_name="visits", blank=True, verbose_name="发放政策清单"
    )
    occurred_at = models.DateTimeField("走访时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering = ["-occurred_at", "-id"]
        constraints = [HasSubject.subject_constraint("visit_subject")]
        indexes = [
            models.Index(fields=["reporting_unit", "occurred_at"], name="visit_unit_week"),
            models.Index(fields=["district", "-occurred_at"], name="visit_district_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_at:%Y-%m-%d} {self.subject_name}"

    def search_words(self) -> list[str]:
        return [self.subject_name, self.findings]


class VisitParticipant(models.Model):
    """Someone who took part in a visit, with the leadership group of the day of the visit.

    Guests from outside the district (市有关单位) are recorded by the accompanying unit by name and post.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="participants", verbose_name="走访")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="participations", verbose_name="干部"
    )
    guest_name = models.CharField("姓名", max_length=50, blank=True)
    unit_name = models.CharField("单位", max_length=80)
    title = models.CharField("职务", max_length=60, blank=True)
    rank_group = models.CharField("领导班子类别", max_length=30)
    person_key = models.CharField("本人标识", max_length=160, help_text="同一人只计一次")

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参与人员"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "person_key"], name="participant_once"),
            models.CheckConstraint(
                condition=Q(official__isnull=False) | ~Q(guest_name=""), name="participant_official_or_guest"
            ),
        ]
        indexes = [models.Index(fields=["rank_group", "visit"], name="participant_rank_group")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.person_key = (
            f"official:{self.official_id}"
            if self.official_id
            else f"guest:{self.unit_name}:{self.guest_name}"
        )
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return self.official.name if self.official else self.guest_name


class VisitPhoto(models.Model):
    """A picture taken at a visit: resized, and without the place and device it was taken with."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos", verbose_name="走访")
    file = models.ImageField("照片", upload_to="visits/%Y/%m/", width_field="width", height_field="height")
    width = models.PositiveSmallIntegerField("宽（像素）", default=0)
    height = models.PositiveSmallIntegerField("高（像素）", default=0)
    recorded_at = models.DateTimeField("上传时间")

    objects = OfAVisit.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.visit}的照片"


class VisitPlan(OnRoster):
    """A day on which a cadre means to go; kept when a visit was paid, or dropped with a reason."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    official = models.ForeignKey(
        Official, models.PROTECT, related_name="visit_plans", verbose_name=spoken("联企干部")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="干部所在单位")
    day = models.DateField("计划日期")
    note = models.CharField("准备了解的事项", max_length=200, blank=True)
    visit = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name="走访"
    )
    dropped_at = models.DateTimeField("取消时间", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = VisitPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访计划"
        ordering = ["day", "id"]
        constraints = [OnRoster.entry_constraint("visit_plan_entry")]
        indexes = [models.Index(fields=["official", "day"], name="visit_plan_official_day")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.entry}"


class VisitRequest(OnRoster):
    """“请联企干部来一趟”: asked for by the firm on the page behind its plaque."""

    class State(models.TextChoices):
        OPEN = "open", "待联系"
        DONE = "done", "已走访"
        DROPPED = "dropped", "已了结"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    contact_name = models.CharField("联系人", max_length=50)
    contact_phone = models.CharField("联系电话", max_length=30, validators=[validate_phone])
    wish = models.TextField("希望了解或反映的事", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    visit = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, related_name="requests", verbose_name="走访"
    )
    outcome = models.CharField("办理情况", max_length=300, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    settled_at = models.DateTimeField("办理时间", null=True, blank=True)
    recorded_at = models.DateTimeField("提出时间")

    objects = VisitRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业约访"
        ordering = ["-id"]
        constraints = [OnRoster.entry_constraint("visit_request_entry")]
        indexes = [models.Index(fields=["district", "state"], name="visit_request_open")]

    def __str__(self) -> str:
        return f"{self.entry}的约访"
