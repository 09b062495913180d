"""The outbox: one row a notice, written in the transaction that causes it, delivered by a tick."""

from datetime import time

from django.db import models
from django.db.models import Q

from accounts.models import Role, Unit, User
from districts.querysets import scope


class Channel(models.TextChoices):
    INBOX = "inbox", "站内消息"
    EMAIL = "email", "电子邮件"
    ROBOT = "robot", "群机器人"
    SMS = "sms", "短信"


class Kind(models.TextChoices):
    """What a notice is about. What follows from it (channels, what cannot be switched off) is in ``kinds``."""

    DISPATCH = "dispatch", "交办签收"
    DEADLINE = "deadline", "时限提醒"
    SUPERVISION = "supervision", "督办"
    REVISIT = "revisit", "回访"
    APPROVAL = "approval", "审批签字"
    VISIT = "visit", "走访"
    EVENT = "event", "活动"
    REPORT = "report", "工作情况表"
    GENERAL = "general", "一般通知"


class NoticeState(models.TextChoices):
    QUEUED = "queued", "待发送"
    CLAIMED = "claimed", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "不确定"
    SET_ASIDE = "set_aside", "已搁置"


# What did not arrive, as far as we know: shown to the administrator until it is sent again or set aside.
UNDELIVERED = (NoticeState.FAILED, NoticeState.UNKNOWN)


class RobotQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RobotQuerySet":
        """Robots are the administrator's, in the own district: who knows a key can write into the group."""
        if user.unit_id is None or not user.has_role(Role.ADMIN):
            return self.none()
        return self.filter(scope(user.unit.widest_region, "unit__region"))

    def active(self) -> "RobotQuerySet":
        return self.filter(active=True)


class Robot(models.Model):
    """A robot in a unit's group chat. What the unit is told, the group is told once."""

    class Maker(models.TextChoices):
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"
        FEISHU = "feishu", "飞书"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="robots", verbose_name="单位")
    name = models.CharField("群名称", max_length=40)
    maker = models.CharField("平台", max_length=10, choices=Maker.choices)
    key = models.CharField("密钥", max_length=100)
    secret = models.CharField("加签密钥", max_length=100, blank=True)
    active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("添加时间")

    objects = RobotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "群机器人"
        ordering = ["unit__order", "unit_id", "id"]
        constraints = [models.UniqueConstraint(fields=["maker", "key"], name="robot_once")]

    def __str__(self) -> str:
        return f"{self.get_maker_display()}群“{self.name}”"

    @property
    def masked_key(self) -> str:
        return f"****{self.key[-4:]}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoticeQuerySet":
        """A notice is its recipient's alone."""
        return self.filter(recipient=user)

    def inbox(self) -> "NoticeQuerySet":
        return self.filter(channel=Channel.INBOX)

    def unread(self) -> "NoticeQuerySet":
        return self.inbox().filter(read_at__isnull=True)

    def due(self, now) -> "NoticeQuerySet":
        """What a tick may send now; the longest due first. Nothing of a rehearsal leaves the house."""
        rehearsal = Q(recipient__unit__district__is_rehearsal=True) | Q(
            robot__unit__district__is_rehearsal=True
        )
        waiting = self.filter(state=NoticeState.QUEUED, next_try_at__lte=now).exclude(rehearsal)
        return waiting.order_by("next_try_at", "pk")

    def undelivered_for(self, user) -> "NoticeQuerySet":
        """What an administrator looks after: what did not reach people and groups of the own district."""
        if user.unit_id is None or not user.has_role(Role.ADMIN):
            return self.none()
        region = user.unit.widest_region
        return self.filter(
            scope(region, "recipient__unit__region") | scope(region, "robot__unit__region"),
            state__in=UNDELIVERED,
        )


class Notice(models.Model):
    """One message to one recipient, or to one group's robot, over one channel; once for each ``key``.

    An inbox notice is delivered by being there. One for outside is claimed before it is sent; if the
    process dies in between, its outcome is unknown, is shown as such, and is not sent again by itself.
    """

    key = models.CharField("唯一键", max_length=160, unique=True)
    recipient = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="notices", verbose_name="收件人"
    )
    robot = models.ForeignKey(
        Robot, models.PROTECT, null=True, db_index=False, related_name="notices", verbose_name="群机器人"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    # Defaults of the database, too: processes of the version before this one go on writing during an update.
    kind = models.CharField(
        "类别", max_length=12, choices=Kind.choices, default=Kind.GENERAL, db_default=Kind.GENERAL
    )
    urgent = models.BooleanField("紧急", default=False, db_default=False)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    tone = models.CharField("颜色", max_length=10, blank=True)
    state = models.CharField("状态", max_length=10, choices=NoticeState.choices)
    created_at = models.DateTimeField("生成时间")
    next_try_at = models.DateTimeField("最早发送时间", null=True)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0, db_default=0)
    claimed_at = models.DateTimeField("领取时间", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    reason = models.CharField("未送达原因", max_length=200, blank=True, default="", db_default="")
    # A number and no foreign key: nothing points at notices, so that old ones can be dropped by the month.
    digest_of = models.BigIntegerField("并入的通知", null=True)
    read_at = models.DateTimeField("已读时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["recipient"], name="notice_unread", condition=Q(channel="inbox", read_at__isnull=True)
            ),
            models.Index(fields=["channel", "next_try_at"], name="notice_due", condition=Q(state="queued")),
            models.Index(fields=["claimed_at"], name="notice_claimed", condition=Q(state="claimed")),
            models.Index(
                fields=["-claimed_at"],
                name="notice_undelivered",
                condition=Q(state__in=["failed", "unknown"]),
            ),
            models.Index(
                fields=["robot", "claimed_at"], name="notice_robot", condition=Q(robot__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=True, robot__isnull=False, channel="robot")
                | Q(recipient__isnull=False, robot__isnull=True) & ~Q(channel="robot"),
                name="notice_to_one",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def to(self) -> str:
        """Whom it is for, in words."""
        return f"{self.robot.unit} · {self.robot}" if self.robot else str(self.recipient)


class PreferenceQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PreferenceQuerySet":
        return self.filter(user=user)


class Preference(models.Model):
    """How one person wants to be told; without a row the defaults hold."""

    QUIET_FROM = time(21, 0)
    QUIET_TO = time(7, 30)

    user = models.OneToOneField(
        User, models.CASCADE, related_name="notice_preference", verbose_name="账号", primary_key=True
    )
    switched_off = models.JSONField("已关闭", default=list, help_text="类别:渠道")
    quiet_from = models.TimeField("免打扰开始", null=True, default=QUIET_FROM)
    quiet_to = models.TimeField("免打扰结束", null=True, default=QUIET_TO)
    quiet_days_off = models.BooleanField("非工作日免打扰", default=False)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知设置"

    def __str__(self) -> str:
        return str(self.user)


class SmsTemplate(models.Model):
    """What the operator approved: only in these words a notice may go out by SMS."""

    kind = models.CharField("类别", max_length=12, choices=Kind.choices, unique=True)
    code = models.CharField("模板编号", max_length=60, help_text="运营商审核通过后给出的编号")
    text = models.CharField(
        "模板内容", max_length=300, help_text="标题处写 {title}，如：您有新的提醒：{title}，请登录查看。"
    )
    longest_title = models.PositiveSmallIntegerField("标题最多字数", default=35)

    class Meta:
        verbose_name = verbose_name_plural = "短信模板"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"
