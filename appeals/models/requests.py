"""What somebody asked and somebody else must rule on; the appeal's state stays as it is meanwhile."""

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from appeals.models.appeal import Appeal
from appeals.querysets import OfVisibleAppeals


class PendingRequest(models.Model):
    """Something asked that another officer rules on; not a state of the appeal."""

    class Kind(models.TextChoices):
        DECLINE = "decline", "拟不予受理"
        CONFIRM = "confirm", "当场答复待企业确认"
        OBJECTION = "objection", "申请复核"
        WITHDRAWAL = "withdrawal", "申请撤回"
        INSTRUCTION = "instruction", "呈请签批"
        RETURN = "return", "申请退回"
        EXTENSION = "extension", "申请延期"
        ASSIST_WITHDRAWAL = "assist_withdrawal", "申请退出协办"
        ON_FILE = "on_file", "申请挂账"
        FEEDBACK = "feedback", "答复送签"

    class Ruling(models.TextChoices):
        AGREED = "agreed", "同意"
        REFUSED = "refused", "不同意"
        LAPSED = "lapsed", "失效"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="requests", verbose_name="诉求")
    kind = models.CharField("事项", max_length=20, choices=Kind.choices)
    round = models.PositiveSmallIntegerField("轮次")
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="提出人", help_text="空：企业"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="提出单位")
    event_seq = models.PositiveIntegerField("事件序号", default=0)
    asked_at = models.DateTimeField("提出时间")
    until = models.DateField("申请至", null=True, help_text="延期、挂账：申请的日期")
    data = models.JSONField("内容", default=dict)
    ruling = models.CharField("裁定", max_length=10, choices=Ruling.choices, blank=True)
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="裁定人")
    ruled_at = models.DateTimeField("裁定时间", null=True)

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待裁定事项"
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "kind"], condition=Q(ruling=""), name="request_pending_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
