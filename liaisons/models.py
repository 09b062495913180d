"""包保联系: who looks after which firm, the visits paid, and what was heard there."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import Official, Unit, User
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject
from liaisons.querysets import AssignmentQuerySet, OpinionQuerySet, ParticipantQuerySet, VisitQuerySet
from policies.models import HandOut


class Assignment(HasSubject):
    """A cadre looks after an enterprise or project, from a day up to (not including) another."""

    class Part(models.TextChoices):
        LEAD = "lead", "牵头"
        SUPPORT = "support", "协助"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    official = models.ForeignKey(
        Official, models.PROTECT, related_name="assignments", verbose_name="联企干部"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="干部所在单位")
    part = models.CharField("分工", max_length=10, choices=Part.choices, default=Part.LEAD)
    started = models.DateField("开始日期")
    ended = models.DateField("结束日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = AssignmentQuerySet.as_manager()

    # When the cadre was last there; set by ``selectors.my_assignments``.
    last_visit: datetime | None = None

    class Meta:
        verbose_name = verbose_name_plural = "包保联系"
        ordering = ["id"]
        constraints = [
            HasSubject.subject_constraint("assignment_subject"),
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gt=F("started")), name="assignment_ends_later"
            ),
            models.UniqueConstraint(
                fields=["enterprise", "official"],
                condition=Q(ended__isnull=True, enterprise__isnull=False),
                name="assignment_open_once_per_enterprise",
            ),
            models.UniqueConstraint(
                fields=["project", "official"],
                condition=Q(ended__isnull=True, project__isnull=False),
                name="assignment_open_once_per_project",
            ),
        ]
        indexes = [models.Index(fields=["unit", "started"], name="assignment_unit")]

    def __str__(self) -> str:
        return f"{self.official} → {self.subject_name}"


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


class Opinion(models.Model):
    """An opinion or suggestion about policies, services or the business environment (rows 21–23)."""

    class Handling(models.TextChoices):
        HEARD = "heard", "本单位自行听取"
        PASSED_ON = "passed_on", "提请区级主管部门协调"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    visit = models.ForeignKey(
        Visit, models.CASCADE, null=True, blank=True, related_name="opinions", verbose_name="走访"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="opinions", verbose_name="听取单位")
    content = models.TextField("意见建议")
    handling = models.CharField("处理方式", max_length=20, choices=Handling.choices)
    passed_to = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主管部门"
    )
    occurred_at = models.DateTimeField("听取时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"
        ordering = ["-occurred_at", "-id"]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="opinion_unit_week")]

    def __str__(self) -> str:
        return self.content[:30]
