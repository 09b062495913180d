"""意见建议: heard by a unit, passed on to the competent department, answered."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject
from liaisons.models.events import ServiceEvent
from liaisons.models.visits import Visit
from liaisons.querysets import OpinionQuerySet


class Opinion(HasSubject, Searchable):
    """An opinion or suggestion about policies, services or the business environment (rows 21–23).

    Who said it may stay unnamed. What was passed on is answered by the department it was passed to; what a
    unit heard for itself, by that unit.

    ``handling`` is what the unit did with it when it was recorded, and what rows 22 and 23 count; it never
    changes. Where the opinion lies today is told by ``passed_to`` and ``answered_at``.
    """

    class Handling(models.TextChoices):
        HEARD = "heard", "本单位自行听取"
        PASSED_ON = "passed_on", "提请区级主管部门协调"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    visit = models.ForeignKey(
        Visit, models.CASCADE, null=True, blank=True, related_name="opinions", verbose_name="走访"
    )
    event = models.ForeignKey(
        ServiceEvent, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="活动"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="opinions", verbose_name="听取单位")
    content = models.TextField("意见建议")
    handling = models.CharField("处理方式", max_length=20, choices=Handling.choices)
    passed_to = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主管部门"
    )
    passed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提请人"
    )
    passed_at = models.DateTimeField("提请时间", null=True, blank=True)
    answer = models.TextField("办理答复", blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    occurred_at = models.DateTimeField("听取时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise__isnull=True) | Q(project__isnull=True), name="opinion_one_subject"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | ~Q(answer=""), name="opinion_answer_has_text"
            ),
            models.CheckConstraint(
                condition=Q(passed_to__isnull=True, passed_at__isnull=True)
                | Q(passed_to__isnull=False, passed_at__isnull=False),
                name="opinion_passing_on_is_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "occurred_at"], name="opinion_unit_week"),
            models.Index(fields=["passed_to", "answered_at"], name="opinion_to_answer"),
        ]

    def __str__(self) -> str:
        return self.content[:30]

    def search_words(self) -> list[str]:
        return [self.content, self.subject_name, self.answer]

    @property
    def holder(self) -> Unit:
        """The unit that answers it: the department it was passed to, else the one that heard it."""
        return self.passed_to or self.unit
