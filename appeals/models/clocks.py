"""The clocks of an appeal: their pauses, and the reminders they caused."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit
from appeals.models.appeal import Appeal
from appeals.querysets import DeadlineQuerySet
from core import clock


class Deadline(models.Model):
    """A clock: one row per round, kind and owner unit. The verdict is frozen when the stage ends."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", "受理"
        DISPATCH = "dispatch", "交办"
        SIGN = "sign", "签收"
        HANDLE = "handle", "办理"
        ASSIST = "assist", "协办"
        REVISIT = "revisit", "回访"
        SECOND_REVISIT = "second_revisit", "二次回访"
        RULE = "rule", "裁定"
        OBJECTION = "objection", "复核"
        WITHDRAWAL = "withdrawal", "撤回确认"
        INSTRUCTION = "instruction", "签批"
        OWN_HANDLING = "own_handling", "自办"
        RETURN_RULING = "return_ruling", "退回裁定"
        EXTENSION_RULING = "extension_ruling", "延期裁定"
        ASSIST_RULING = "assist_ruling", "退出协办裁定"
        ON_FILE_RULING = "on_file_ruling", "挂账审核"
        REFUSAL_LEVEL = "refusal_level", "说“不”签字"
        CONSULT = "consult", "会商"
        EXPLAIN = "explain", "解释"
        FOLLOW_UP = "follow_up", "跟进"
        WAITING = "waiting", "企业补充"
        SUPERVISION = "supervision", "督办回复"

    class Verdict(models.TextChoices):
        ON_TIME = "on_time", "按时"
        LATE = "late", "超期"
        VOID = "void", "终止"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="deadlines", verbose_name="诉求")
    round = models.PositiveSmallIntegerField("轮次")
    kind = models.CharField("环节", max_length=20, choices=Kind.choices)
    owner = models.ForeignKey(Unit, models.PROTECT, related_name="deadlines", verbose_name="责任单位")
    started_at = models.DateTimeField("开始")
    workdays = models.PositiveSmallIntegerField("工作日数")
    fixed = models.BooleanField("指定日期", default=False, help_text="期限为指定的日期，不随日历重算")
    blue_at = models.DateTimeField("临期时间")
    due_at = models.DateTimeField("到期时间")
    behind_since = models.DateTimeField("滞后起", null=True, blank=True)
    paused_at = models.DateTimeField("暂停自", null=True, blank=True)
    provisional = models.BooleanField("暂按平日计", default=False)
    met_at = models.DateTimeField("完成时间", null=True, blank=True)
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices, blank=True)
    remind_at = models.DateTimeField("下次提醒", null=True, blank=True)
    next_rung = models.PositiveSmallIntegerField("下一级提醒", default=0)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "round", "kind", "owner"],
                condition=Q(verdict=""),
                name="deadline_runs_once",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "due_at"], name="deadline_owner_due", condition=Q(verdict="")),
            models.Index(fields=["remind_at"], name="deadline_to_remind", condition=Q(verdict="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def colour(self) -> str:
        """green, blue, yellow or red while the clock runs; none when it stands or has ended."""
        now = clock.now()
        if self.verdict or self.paused_at:
            return "none"
        if now > self.due_at:
            return "red"
        if self.behind_since:
            return "yellow"
        return "blue" if now >= self.blue_at else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if self.verdict:
            return self.get_verdict_display()
        if self.paused_at:
            return "暂停计时"
        return {"red": "已超期", "yellow": "滞后", "blue": "临期", "green": "正常"}[self.colour]


class DeadlinePause(models.Model):
    """A stretch of time in which a clock stood still."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="pauses", verbose_name="时限")
    started_at = models.DateTimeField("暂停")
    ended_at = models.DateTimeField("恢复", null=True)
    transition = models.CharField("因何", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "时限暂停"

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}"


class DeadlineReminder(models.Model):
    """A rung of the reminder ladder that was climbed; the unique key makes it happen once."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="reminders", verbose_name="时限")
    rung = models.PositiveSmallIntegerField("级别")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "时限提醒"
        constraints = [models.UniqueConstraint(fields=["deadline", "rung"], name="rung_climbed_once")]

    def __str__(self) -> str:
        return f"{self.deadline_id} #{self.rung}"
