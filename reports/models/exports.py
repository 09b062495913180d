"""Files that take longer to make than somebody waits: asked for, made by a tick, fetched, forgotten again."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from districts.models import Region


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ExportQuerySet":
        """An export holds what its owner may see, and is nobody else's; who moves to another district leaves it behind."""
        if not user.unit_id:
            return self.none()
        return self.filter(asked_by=user.pk, district=user.unit.district_id)


class Export(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "等待生成"
        MAKING = "making", "生成中"
        READY = "ready", "已生成"
        FAILED = "failed", "未能生成"
        EXPIRED = "expired", "已过期"

    kind = models.CharField("内容", max_length=30)
    title = models.CharField("名称", max_length=120)
    params = models.JSONField("条件", default=dict)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="exports", verbose_name="申请人")
    key = models.CharField("防重标识", max_length=80)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=300, blank=True)
    file = models.FileField("文件", upload_to="exports/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    size = models.PositiveBigIntegerField("字节数", default=0)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    claim = models.CharField("处理标识", max_length=32, blank=True, editable=False)
    claimed_at = models.DateTimeField("最近处理", null=True, help_text="处理者不断更新")
    created_at = models.DateTimeField("申请时间")
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["asked_by", "key"], name="export_once")]
        indexes = [
            models.Index(fields=["id"], name="export_to_make", condition=Q(state__in=["waiting", "making"])),
            models.Index(fields=["finished_at"], name="export_to_expire", condition=Q(state="ready")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_busy(self) -> bool:
        """The page waits and asks again."""
        return self.state in {self.State.WAITING, self.State.MAKING}
