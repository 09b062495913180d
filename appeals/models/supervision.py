"""Supervision (督办): the letter to a unit that is slow, and the case listed until it is done (挂牌督办)."""

from django.db import models
from django.db.models import Q

from accounts.models import Official, Unit, User
from appeals.models.appeal import Appeal
from appeals.models.clocks import Deadline
from appeals.querysets import LetterQuerySet, ListedQuerySet
from core import clock
from districts.models import Region


class SupervisionLetter(models.Model):
    """督办单: drafted by a rung of the reminder ladder or by hand, sent, answered by the unit.

    About an appeal, or, where there is none, about the visits a unit owes.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "待发出"
        SENT = "sent", "待回复"
        ANSWERED = "answered", "已回复"
        ENDED = "ended", "随件办结"
        SET_ASIDE = "set_aside", "不予发出"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    number = models.CharField("文号", max_length=40, blank=True)
    appeal = models.ForeignKey(
        Appeal, models.CASCADE, null=True, blank=True, related_name="letters", verbose_name="诉求"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="letters", verbose_name="被督办单位")
    deadline = models.ForeignKey(
        Deadline, models.SET_NULL, null=True, blank=True, related_name="letters", verbose_name="超期时限"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices)
    text = models.TextField("督办事项")
    answer_by = models.DateField("要求回复日期", null=True)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    sent_at = models.DateTimeField("发出时间", null=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    sender = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="发文单位")
    answer = models.TextField("回复", blank=True)
    answered_at = models.DateTimeField("回复时间", null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="回复人")

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办单"
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(deadline__isnull=False), name="letter_once_a_deadline"
            ),
            models.UniqueConstraint(
                fields=["district", "number"], condition=~Q(number=""), name="letter_number_once"
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(appeal__isnull=True, state="sent"),
                name="letter_about_visits_waits_once",
            ),
        ]
        indexes = [models.Index(fields=["district", "state", "-drafted_at"], name="letter_district_state")]

    def __str__(self) -> str:
        return self.number or self.get_state_display()

    @property
    def subject(self) -> str:
        """What it is about, in a line of a list."""
        return f"{self.appeal.number} {self.appeal.title}" if self.appeal else "走访欠账"

    @property
    def colour(self) -> str:
        """Like a deadline's, while an answer is waited for."""
        if self.state != self.State.SENT or self.answer_by is None:
            return "none"
        today = clock.today()
        return "red" if self.answer_by < today else "blue" if self.answer_by == today else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        return {"red": "逾期未回复", "blue": "今日应回复", "green": "待回复"}.get(
            self.colour, self.get_state_display()
        )


class ListedSupervision(models.Model):
    """挂牌督办: a leader answers for the case until the condition is met by the target date."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="listings", verbose_name="诉求")
    leader = models.ForeignKey(Official, models.PROTECT, related_name="+", verbose_name="挂牌领导")
    target_date = models.DateField("目标日期")
    condition = models.TextField("摘牌条件")
    listed_at = models.DateTimeField("挂牌时间")
    listed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="挂牌人")
    delisted_at = models.DateTimeField("摘牌时间", null=True)
    delisted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="摘牌人")
    result = models.TextField("摘牌情况", blank=True)

    objects = ListedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "挂牌督办"
        ordering = ["target_date", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(delisted_at__isnull=True), name="listed_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.target_date}"

    @property
    def days_left(self) -> int:
        """Until the target date, counted in calendar days; negative once it has passed."""
        return (self.target_date - clock.today()).days

    @property
    def colour(self) -> str:
        if self.delisted_at:
            return "none"
        return "red" if self.days_left < 0 else "blue" if self.days_left == 0 else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if self.delisted_at:
            return "已摘牌"
        if self.days_left < 0:
            return f"已超期{-self.days_left}天"
        return f"还剩{self.days_left}天" if self.days_left else "今日到期"
