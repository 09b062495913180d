"""包保联系: who looks after which firm, and what one person handed over to another."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Official, Unit, User
from core.wording import speak, spoken
from districts.models import Region
from districts.rotas import MAIN
from enterprises.models import HasSubject
from imports.models import SheetImport
from liaisons.querysets import AssignmentQuerySet, HandoverQuerySet


class Handover(models.Model):
    """What somebody who moves on leaves to others: one action, so that the past and the plaques stay right."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="移交单位")
    official = models.ForeignKey(Official, models.PROTECT, related_name="handovers", verbose_name="移交干部")
    day = models.DateField("移交日期", help_text="从这一天起由接手的干部联系")
    reason = models.CharField("移交原因", max_length=200)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = spoken("包保移交")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.official}的{speak('包保')}移交"


class MainAssignments(models.Manager.from_queryset(AssignmentQuerySet)):  # type: ignore[misc]
    """包保联系 alone: what coverage, duties, plaques, handovers and the weekly table are about."""

    def get_queryset(self) -> AssignmentQuerySet:
        return super().get_queryset().filter(kind=MAIN)


class Assignment(HasSubject):
    """Somebody looks after an enterprise or project, from a day up to (not including) another.

    Nearly everything asks for 包保联系, and must not find 警企包保 or another kind of the profile by mistake:
    ``objects``, and with it ``enterprise.assignments``, is that kind alone. Who means the others says so by
    ``every_kind``. A query that joins assignments from another table names the kind itself.
    """

    class Part(models.TextChoices):
        LEAD = "lead", "牵头"
        SUPPORT = "support", "协助"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    official = models.ForeignKey(
        Official, models.PROTECT, related_name="assignments", verbose_name=spoken("联企干部")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="干部所在单位")
    kind = models.CharField(
        "类别", max_length=30, default=MAIN, help_text=spoken("包保联系，或区县配置中的其他类别")
    )
    part = models.CharField("分工", max_length=10, choices=Part.choices, default=Part.LEAD)
    started = models.DateField("开始日期")
    ended = models.DateField("结束日期", null=True, blank=True)
    handover = models.ForeignKey(
        Handover, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name="接自移交"
    )
    ended_by_handover = models.ForeignKey(
        Handover, models.PROTECT, null=True, blank=True, related_name="ended", verbose_name="因移交结束"
    )
    sheet_import = models.ForeignKey(
        SheetImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = MainAssignments()
    every_kind = AssignmentQuerySet.as_manager()

    # What is owed to the firm; set by ``selectors.my_assignments``.
    duty: Any
    plan: Any = None
    last_visit: datetime | None = None
    requests: int = 0
    is_visited: bool
    is_behind: bool
    # The firm's own page, for whoever may open it; set by the lists.
    page: str

    class Meta:
        verbose_name = verbose_name_plural = spoken("包保联系")
        ordering = ["id"]
        constraints = [
            HasSubject.subject_constraint("assignment_subject"),
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__gt=F("started")), name="assignment_ends_later"
            ),
            models.UniqueConstraint(
                fields=["enterprise", "official", "kind"],
                condition=Q(ended__isnull=True, enterprise__isnull=False),
                name="assignment_open_once_per_enterprise",
            ),
            models.UniqueConstraint(
                fields=["project", "official", "kind"],
                condition=Q(ended__isnull=True, project__isnull=False),
                name="assignment_open_once_per_project",
            ),
            # One lead a kind; that of 包保联系 stands on the plaque.
            models.UniqueConstraint(
                fields=["enterprise", "kind"],
                condition=Q(ended__isnull=True, enterprise__isnull=False, part="lead"),
                name="assignment_one_lead_per_enterprise",
            ),
            models.UniqueConstraint(
                fields=["project", "kind"],
                condition=Q(ended__isnull=True, project__isnull=False, part="lead"),
                name="assignment_one_lead_per_project",
            ),
        ]
        indexes = [models.Index(fields=["unit", "started"], name="assignment_unit")]

    def __str__(self) -> str:
        return f"{self.official} → {self.subject_name}"
