"""The outbox: one row a notice, written in the transaction that causes it, delivered by a tick."""

from django.db import models
from django.db.models import Q

from accounts.models import User


class Channel(models.TextChoices):
    INBOX = "inbox", "站内消息"
    EMAIL = "email", "电子邮件"


class NoticeState(models.TextChoices):
    QUEUED = "queued", "待发送"
    CLAIMED = "claimed", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "不确定"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoticeQuerySet":
        """A notice is its recipient's alone."""
        return self.filter(recipient=user)

    def inbox(self) -> "NoticeQuerySet":
        return self.filter(channel=Channel.INBOX)

    def unread(self) -> "NoticeQuerySet":
        return self.inbox().filter(read_at__isnull=True)


class Notice(models.Model):
    """One message to one recipient over one channel; ``key`` is why it can exist only once.

    An inbox notice is delivered by being there. One for outside is claimed before it is sent; if the
    process dies in between, its outcome is unknown, is shown as such, and is not sent again by itself.
    """

    key = models.CharField("唯一键", max_length=160, unique=True)
    recipient = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name="收件人")
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    tone = models.CharField("颜色", max_length=10, blank=True)
    state = models.CharField("状态", max_length=10, choices=NoticeState.choices)
    created_at = models.DateTimeField("生成时间")
    claimed_at = models.DateTimeField("领取时间", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
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
            models.Index(
                fields=["created_at"], name="notice_queued", condition=Q(state__in=["queued", "claimed"])
            ),
        ]

    def __str__(self) -> str:
        return self.title
