"""What a firm thinks of a visit, a cadre, an event, a window or a payment; and what a low rating set going."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from appeals.models import Rating
from campaigns.models.surveys import SurveyAnswer
from campaigns.satisfaction.querysets import (
    LowRatingEvidenceQuerySet,
    LowRatingQuerySet,
    ServiceRatingQuerySet,
)
from core import clock
from core.models import StoredFile
from core.wording import spoken
from districts.models import Region
from enterprises.models import Enterprise, Project
from liaisons.models import ServiceEvent, Visit
from policies.models import Payment


class ServiceRating(models.Model):
    """One judgement in five levels, given without an account; appeals have their own (``appeals.models.Rating``).

    ``once`` holds what must not be rated twice: a visit, a payment, a cadre by a firm in a quarter.
    """

    class Kind(models.TextChoices):
        VISIT = "visit", "走访"
        CADRE = "cadre", spoken("包保服务")
        EVENT = "event", "助企活动"
        WINDOW = "window", "窗口服务"
        PAYMENT = "payment", "政策兑现"

    class Channel(models.TextChoices):
        PLAQUE = "plaque", spoken("公示牌扫码")
        LINK = "link", "评价链接"
        CODE = "code", "现场扫码"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    kind = models.CharField("评价对象", max_length=10, choices=Kind.choices)
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="ratings", verbose_name="走访"
    )
    event = models.ForeignKey(
        ServiceEvent, models.PROTECT, null=True, blank=True, related_name="ratings", verbose_name="活动"
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="ratings", verbose_name="政策兑现"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="service_ratings", verbose_name="企业"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="service_ratings", verbose_name="项目"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="service_ratings", verbose_name="被评价单位")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="service_ratings", verbose_name="被评价干部"
    )  # fmt: skip
    level = models.CharField("满意度", max_length=20)
    comment = models.TextField("评价", blank=True)
    unnamed = models.BooleanField("不告诉被评价单位是谁", default=True)
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    at = models.DateTimeField("评价时间", db_index=True)
    # NULL where a thing may be rated by many (an event, a window): only NULLs may repeat.
    once = models.CharField("只评一次", max_length=80, null=True, unique=True)  # noqa: DJ001

    objects = ServiceRatingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务评价"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise__isnull=True) | Q(project__isnull=True),
                name="service_rating_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(kind="visit", visit__isnull=False) | (~Q(kind="visit") & Q(visit__isnull=True)),
                name="service_rating_names_its_visit",
            ),
            models.CheckConstraint(
                condition=Q(kind="event", event__isnull=False) | (~Q(kind="event") & Q(event__isnull=True)),
                name="service_rating_names_its_event",
            ),
            models.CheckConstraint(
                condition=Q(kind="payment", payment__isnull=False)
                | (~Q(kind="payment") & Q(payment__isnull=True)),
                name="service_rating_names_its_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-at"], name="service_rating_recent"),
            models.Index(fields=["unit", "at"], name="service_rating_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}评价 {clock.local_date(self.at):%Y-%m-%d}"

    @property
    def subject(self) -> Enterprise | Project | None:
        return self.enterprise or self.project


class LowRating(models.Model):
    """A low rating and what the unit made of it: put right, or appealed as mistaken and ruled on.

    Domain notes: put right within a limit (德州: 5 working days), can be appealed if mistaken. ``words`` is what
    the unit reads; of a survey it is scrubbed and says nothing of who spoke.
    """

    class State(models.TextChoices):
        OPEN = "open", "待整改答复"
        DISPUTED = "disputed", "误评申诉中"
        ANSWERED = "answered", "已答复"
        UPHELD = "upheld", "误评成立，不计入"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="low_ratings", verbose_name="被评价单位")
    official = models.ForeignKey(
        Official, models.PROTECT, null=True, blank=True, related_name="low_ratings", verbose_name="被评价干部"
    )
    service_rating = models.OneToOneField(
        ServiceRating, models.PROTECT, null=True, blank=True, related_name="low", verbose_name="服务评价"
    )
    appeal_rating = models.OneToOneField(
        Rating, models.PROTECT, null=True, blank=True, related_name="low", verbose_name="诉求评价"
    )
    survey_answer = models.OneToOneField(
        SurveyAnswer, models.PROTECT, null=True, blank=True, related_name="low", verbose_name="调查答卷"
    )
    about = models.CharField("评价的是", max_length=120)
    level = models.CharField("满意度", max_length=20)
    words = models.TextField("评价内容", blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("发现时间")
    due_at = models.DateTimeField("答复时限")
    answer = models.TextField("整改情况", blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    late = models.BooleanField("超期答复", default=False)
    reason = models.TextField("误评理由", blank=True)
    evidence = models.TextField("依据", blank=True)
    disputed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申诉人"
    )
    disputed_at = models.DateTimeField("申诉时间", null=True, blank=True)
    ruling_due_at = models.DateTimeField("裁定时限", null=True, blank=True)
    ruling = models.TextField("裁定理由", blank=True)
    ruled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="裁定人"
    )
    ruled_at = models.DateTimeField("裁定时间", null=True, blank=True)

    objects = LowRatingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "低分评价"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    service_rating__isnull=False, appeal_rating__isnull=True, survey_answer__isnull=True
                )
                | Q(service_rating__isnull=True, appeal_rating__isnull=False, survey_answer__isnull=True)
                | Q(service_rating__isnull=True, appeal_rating__isnull=True, survey_answer__isnull=False),
                name="low_rating_one_source",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="low_rating_answer_has_text",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="low_rating_due"),
            models.Index(fields=["unit", "state"], name="low_rating_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.about}的低分评价"

    @property
    def source_label(self) -> str:
        if self.survey_answer_id:
            return "满意度调查"
        return "诉求评价" if self.appeal_rating_id else "服务评价"

    @property
    def was_refused(self) -> bool:
        """It was appealed as mistaken, and stands."""
        return self.ruled_at is not None and self.state != self.State.UPHELD

    @property
    def is_overdue(self) -> bool:
        return self.state == self.State.OPEN and self.due_at < clock.now()

    @property
    def runs_until(self) -> datetime | None:
        """The end of what it waits for now: the ruling, or the answer."""
        return self.ruling_due_at if self.state == self.State.DISPUTED else self.due_at

    @property
    def colour(self) -> str:
        if self.state == self.State.ANSWERED:
            return "red" if self.late else "none"
        if self.state == self.State.UPHELD:
            return "none"
        due = self.runs_until
        if due is None or due < clock.now():
            return "red"
        return "blue" if clock.local_date(due) <= clock.today() else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if self.state == self.State.ANSWERED:
            return "超期答复" if self.late else "按时答复"
        if self.state == self.State.UPHELD:
            return "不计入"
        what = "裁定" if self.state == self.State.DISPUTED else "答复"
        return {"red": f"{what}已超期", "blue": f"今日到期{what}", "green": f"待{what}"}[self.colour]


class LowRatingEvidence(StoredFile):
    """A file that goes with 误评申诉: a photo of the visit, the slip that was handed out."""

    case = models.ForeignKey(LowRating, models.PROTECT, related_name="files", verbose_name="低分评价")

    objects = LowRatingEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "误评依据"
        ordering = ["id"]
