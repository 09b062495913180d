"""What the provincial platform says about an appeal."""

from django.db import models

from accounts.models import User
from appeals.models.appeal import Appeal
from appeals.querysets import OfVisibleAppeals
from imports.models import SheetImport


class ProvincialResult(models.Model):
    """The platform's state and answer as of a day; the last one counts, the earlier ones stay to be read."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="provincial_results", verbose_name="诉求")
    status = models.CharField("省平台状态", max_length=40)
    text = models.TextField("省平台办理结果", blank=True)
    on = models.DateField("日期")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    sheet_import = models.ForeignKey(
        SheetImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="来自导入"
    )

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "省平台结果"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["appeal", "-on", "-id"], name="provincial_result_last")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.status}"
